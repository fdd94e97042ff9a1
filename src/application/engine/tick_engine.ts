import type { Event } from "../../domain/events.ts";
import type { Intent } from "../../domain/intent.ts";
import type { Guarded, GuardedStep } from "../guardian/guardian.ts";
import type { JournalPort } from "./ports.ts";

export type TickEngine = {
  /** One event, one step: decide, journal, hand the intents on (F-3, F-11.1). */
  handle(event: Event): void;
  state(): Guarded;
};

export type TickEngineOptions = {
  readonly initial: Guarded;
  readonly step: (state: Guarded, event: Event) => GuardedStep;
  readonly journal: JournalPort;
  readonly run: (seq: number, intents: readonly Intent[]) => void;
};

/**
 * Holds the one mutable reference to the bot (law 1). A throw inside the core is caught here and nowhere else: the last
 * good state stays, and the event becomes the step `CoreFault` (F-11.8), which replay reads like any other.
 */
export function createTickEngine(options: TickEngineOptions): TickEngine {
  let state = options.initial;

  function decide(event: Event): { readonly event: Event; readonly step: GuardedStep } {
    try {
      return { event, step: options.step(state, event) };
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      const fault: Event = { kind: "CoreFault", at: event.at, during: event.kind, message };
      return { event: fault, step: options.step(state, fault) };
    }
  }

  return {
    handle(event) {
      const decided = decide(event);
      const { seq } = options.journal.append(decided.event, decided.step.intents, { state: decided.step.state });
      state = decided.step.state;
      options.run(seq, decided.step.intents);
    },
    state: () => state,
  };
}
