import type { Event } from "../domain/events.ts";
import type { Intent } from "../domain/intent.ts";
import type {
  ObserverFigures,
  Violation,
  WorldEntry,
} from "../infrastructure/exchange/fake_exchange/observer_types.ts";
import type { VenueFork } from "../infrastructure/exchange/fake_exchange/types.ts";
import type { VenueLogEntry } from "../infrastructure/exchange/fake_exchange/venue_log.ts";

/** One journal record as written: what happened and what was decided. */
export type JournalLine = { readonly seq: number; readonly event: Event; readonly intents: readonly Intent[] };

/**
 * Judges a run from the venue's own log, the bot's journal, and what the runner did to the world. Streaming: it keeps
 * what is open, not what was. Entries come in order of time per source.
 */
export interface Observer {
  onVenue(entry: VenueLogEntry): void;
  onJournal(line: JournalLine): void;
  onWorld(entry: WorldEntry): void;
  /** True when the counterfactual probe wants a fork now; asked between two virtual events, answered by `probe`. */
  readonly wantsProbe: boolean;
  probe(fork: VenueFork): void;
  /** Judges what only the end shows; `atMs` is the end of the run. Called once. */
  finish(atMs: number): readonly Violation[];
  readonly violations: readonly Violation[];
  readonly figures: ObserverFigures;
}

export type ObserverOptions = {
  readonly seed: number;
  /** Journal's and venue's start may differ by the boot; nothing before this is judged by the journal. */
  readonly startAt: number;
};
