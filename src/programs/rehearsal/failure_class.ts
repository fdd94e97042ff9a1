import type { Outcome, RefusalCause } from "../../domain/events.ts";
import type { HaltReason } from "../../domain/halts_and_blocks.ts";

/**
 * Why a rehearsal failed. `schema` is also every behaviour, the venue's or the bot's, other than the documents say.
 */
export type FailClass = "network" | "permission" | "schema" | "rate_limit" | "market";

/** A rehearsal's way to fail: the class and one line for people. */
export class ScenarioFailure extends Error {
  readonly failClass: FailClass;
  constructor(failClass: FailClass, message: string) {
    super(message);
    this.name = "ScenarioFailure";
    this.failClass = failClass;
  }
}

/** Network and rate limit pass by themselves; everything else would be the same a second later. */
export function isTransient(failClass: FailClass): boolean {
  return failClass === "network" || failClass === "rate_limit";
}

function classOfRefusal(cause: RefusalCause): FailClass {
  switch (cause) {
    case "credentials":
    case "permission":
    case "margin_mode":
    case "margin":
      return "permission";
    case "rate_limit":
      return "rate_limit";
    case "clock":
      return "network";
    case "symbol_state":
    case "not_now":
    case "price":
    case "wrong_trigger_side":
    case "order_gone":
      return "market";
    case "not_modified":
    case "duplicate_id":
    case "reduce_only":
    case "quantity":
    case "too_many_conditional":
    case "parameter":
    case "risk_tier":
    case "other":
      return "schema";
    default: {
      const never: never = cause;
      return never;
    }
  }
}

/** Class of a request that did not end well (PROTOCOL §5); an `ok` whose content surprised is `schema`. */
export function classOfOutcome(outcome: Outcome): FailClass {
  switch (outcome.kind) {
    case "ok":
      return "schema";
    case "refused":
      return classOfRefusal(outcome.refusal.cause);
    case "notSent":
      return outcome.reason === "rest_budget_exhausted" || outcome.reason === "ip_banned" ? "rate_limit" : "network";
    case "unknown":
      if (outcome.cause === "rate_limit") return "rate_limit";
      return outcome.cause === "unreadable" ? "schema" : "network";
    default: {
      const never: never = outcome;
      return never;
    }
  }
}

const NETWORK_HALTS: readonly string[] = ["network_failure", "network_failure_with_position", "degraded_mode_timeout"];
const PERMISSION_CHECKS: readonly string[] = ["key", "account_mode", "margin_mode", "one_way", "wallet"];

/** Class of a HALT nobody asked for. */
export function classOfHalt(reason: HaltReason): FailClass {
  if (NETWORK_HALTS.includes(reason)) return "network";
  if (reason === "credentials") return "permission";
  if (reason === "ip_banned") return "rate_limit";
  if (reason === "instrument" || reason === "venue_maintenance" || reason === "liquidation" || reason === "adl") {
    return "market";
  }
  const check = /^startup_check:(.*)$/.exec(reason)?.[1];
  if (check === undefined) return "schema";
  return PERMISSION_CHECKS.includes(check) ? "permission" : check === "clock" ? "network" : "schema";
}
