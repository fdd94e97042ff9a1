import type { Event } from "../domain/events.ts";
import type { Intent } from "../domain/intent.ts";

/** What the observer says. Times UTC ms. */
export type Violation = {
  /** Short name of the check. */
  readonly check:
    | "unprotected"
    | "two_entries"
    | "entry_on_position"
    | "oversize"
    | "forbidden_entry"
    | "ungated_entry"
    | "link_id_twice"
    | "trade_loss"
    | "trade_record"
    | "rest_calls"
    | "disagreement"
    | "edge"
    | "halt_cause"
    | "halt_left"
    | "reset_silence"
    | "reset_refused"
    | "ledger_identity"
    | "bare_cancel"
    | "cover_unshown"
    | "unsafe_trigger"
    | "liquidation_distance"
    | "block_lost"
    | "probe"
    | "liveness";
  /** The flow id whose literal was broken. */
  readonly rule: string;
  readonly at: number;
  readonly detail: string;
};

/** What the world around the bot did; told by the runner, because neither the venue nor the journal knows it. */
export type WorldEntry =
  | {
    readonly kind: "fault";
    readonly at: number;
    readonly name: string;
    /** End of a fault that lasts; null = a moment. */
    readonly untilMs: number | null;
    /** true = no request of the bot can reach the venue meanwhile. */
    readonly cutsOff: boolean;
    /** What it hit: a URL, a topic. */
    readonly detail?: string;
  }
  | { readonly kind: "process"; readonly at: number; readonly state: "down" | "up"; readonly cause: string }
  | { readonly kind: "operator"; readonly at: number; readonly command: string };

/** Figures the observer has anyway (`--json`). */
export type ObserverFigures = {
  /** Longest and total time with qty > 0 and no own stop live. */
  readonly nakedMsMax: number;
  readonly nakedMsTotal: number;
  readonly positionMsTotal: number;
  /** Longest time by F-2.1's clock. */
  readonly uncoveredMsMax: number;
  readonly ordersSent: number;
  readonly restCallsPerMinMax: number;
};

/** One journal record as written: what happened and what was decided. */
export type JournalLine = { readonly seq: number; readonly event: Event; readonly intents: readonly Intent[] };
