import type { LidEntry } from "./journal.ts";
import type { Violation } from "../types.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** An entry decided before the block is at most one timeout and one tick on its way; server clocks differ by less. */
const UNDERWAY_MS = 6_000;

/** "Until 00:00 UTC" is never shorter than four hours (F-8). */
function midnight(at: number): number {
  return Math.max((Math.floor(at / DAY_MS) + 1) * DAY_MS, at + 4 * HOUR_MS);
}
/** F-8.1 to F-8.6: how long each block of the session's risk lasts at least. */
const UNTIL: Readonly<Record<string, (at: number) => number>> = {
  daily_loss: midnight,
  weekly_loss: (at) => at + 7 * DAY_MS,
  loss_streak_day: midnight,
  loss_streak: (at) => at + 72 * HOUR_MS,
  fee_spike: (at) => at + 30 * MINUTE_MS,
  slippage: (at) => at + 60 * MINUTE_MS,
};

/** Blocks that must lift by themselves once nothing is wrong any more. */
export const PASSING_BLOCKS = [
  "starting",
  "order_cleanup",
  "degraded",
  "market_data_stale",
  "latency",
  "reconcile",
  "journal_lag",
];

/** F-8.11: blocks of the session's risk outlive restarts and resets; until they are over no entry reaches the venue. */
export class BlockWatch {
  readonly #running = new Map<string, { readonly since: number; readonly until: number }>();
  readonly #say: (violation: Violation) => void;

  constructor(say: (violation: Violation) => void) {
    this.#say = say;
  }

  cooldown({ reason, at }: LidEntry): void {
    const until = UNTIL[reason]?.(at) ?? 0;
    if (until > (this.#running.get(reason)?.until ?? 0)) this.#running.set(reason, { since: at, until });
  }

  /** An own entry was taken by the venue. */
  entry(orderLinkId: string, at: number): void {
    for (const [reason, { since, until }] of this.#running) {
      if (at >= until - UNDERWAY_MS) this.#running.delete(reason);
      else if (at - since > UNDERWAY_MS) {
        const detail = `${orderLinkId} reached the venue ${until - at} ms before ${reason} is over`;
        this.#say({ check: "block_lost", rule: "F-8.11", at, detail });
      }
    }
  }
}
