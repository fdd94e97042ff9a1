import type { Outcome } from "../domain/events.ts";

/** One line about a request that did not end well; never the venue's echo of what was signed (TRAPS 48). */
export function outcomeText(outcome: Outcome): string {
  switch (outcome.kind) {
    case "ok":
      return "answered";
    case "refused":
      return `refused with ${outcome.refusal.code} (${outcome.refusal.message})`;
    case "notSent":
      return `not sent: ${outcome.reason}`;
    case "unknown":
      return `no usable answer: ${outcome.cause}${outcome.code === null ? "" : ` ${outcome.code}`}`;
    default: {
      const never: never = outcome;
      return never;
    }
  }
}
