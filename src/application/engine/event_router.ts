import type { Event } from "../../domain/events.ts";
import { type EpochMs, epochMs } from "../../domain/units.ts";

export type EventRouter = {
  /** Puts one event in the inbox and, unless a step is running, drains it. Events never overtake each other. */
  submit(event: Event): void;
  /** Time of the newest event handled. */
  lastAt(): EpochMs;
};

/**
 * The one way in. Stamps time so that it never decreases (F-3.5) and keeps steps from nesting: an event that arrives
 * while another is handled waits its turn. Events are private or already conflated, so none is dropped here (F-4.6);
 * a length beyond `queueMax` is reported once per overflow, because the loop is then slower than the venue.
 */
export function createEventRouter(
  options: { readonly startAt: EpochMs; readonly queueMax: number; readonly handle: (event: Event) => void },
): EventRouter {
  const inbox: Event[] = [];
  let lastAt = options.startAt;
  let draining = false;
  let overflowed = false;

  function drain(): void {
    draining = true;
    try {
      for (let next = inbox.shift(); next !== undefined; next = inbox.shift()) {
        const at = next.at > lastAt ? next.at : lastAt;
        lastAt = at;
        options.handle(at === next.at ? next : { ...next, at });
      }
      overflowed = false;
    } finally {
      draining = false;
    }
  }

  return {
    submit(event) {
      inbox.push(event);
      if (inbox.length > options.queueMax && !overflowed) {
        overflowed = true;
        inbox.push({ kind: "Dropped", at: lastAt, channel: "private", count: 0 });
      }
      if (!draining) drain();
    },
    lastAt: () => epochMs(lastAt),
  };
}
