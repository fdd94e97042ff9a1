import type { Event } from "../../../domain/events.ts";
import type { Intent } from "../../../domain/intent.ts";

/** True for an intent that changes something at the venue: durable before it leaves (F-10.7). */
export function ordersSomething(intent: Intent): boolean {
  switch (intent.kind) {
    case "PlaceEntry":
    case "PlaceStop":
    case "PlaceTarget":
    case "PlaceExit":
    case "AmendStop":
    case "CancelOrder":
    case "SetLeverage":
    case "TurnOffPriceAdjust":
      return true;
    default:
      return false;
  }
}

/**
 * The lines P-14 syncs at once besides order intents: HALT, liquidation, ADL, changes of word, blocks or counters, closes,
 * operator commands. Halts, changes and closes arrive as `Record` or as a critical `Alert`; an evaluation may wait.
 */
export function isCritical(event: Event, intents: readonly Intent[]): boolean {
  switch (event.kind) {
    case "Executed":
    case "InvalidFill":
    case "OperatorCommand":
    case "KillSwitch":
    case "CoreFault":
    case "Boot":
    case "Shutdown":
      return true;
    default:
      return intents.length > 0 && intents.some(matters);
  }
}

function matters(intent: Intent): boolean {
  if (intent.kind === "Record") return intent.record.type !== "evaluation";
  return intent.kind === "Alert" && intent.severity === "critical";
}
