/** A trade and its end, in words (P-13). */
import type { ExitReason } from "../domain/words.ts";

const EXITS: Readonly<Record<ExitReason, string>> = {
  stop_loss: "the stop was hit",
  stop_loss_local: "the price was past the stop and the bot closed it",
  profit_target: "the target was reached",
  manual: "a person closed it",
  kill_switch: "a person stopped the bot",
  unprotected: "it had no stop for too long",
  liquidation_too_close: "liquidation came too near",
  foreign: "somebody else closed it",
  liquidation: "the venue liquidated it",
  adl: "the venue reduced it (auto-deleveraging)",
  other_side: "the position turned to the other side",
};
const SHORT_EXITS: Readonly<Record<ExitReason, string>> = {
  stop_loss: "stop",
  stop_loss_local: "stop (by the bot)",
  profit_target: "target",
  manual: "by hand",
  kill_switch: "kill switch",
  unprotected: "no stop",
  liquidation_too_close: "liquidation near",
  foreign: "by others",
  liquidation: "liquidated",
  adl: "deleveraged",
  other_side: "other side",
};

/** The same while it is still being closed. */
const CLOSING: Readonly<Record<ExitReason, string>> = {
  stop_loss: "the stop was hit",
  stop_loss_local: "the price is past the stop and the venue has not acted",
  profit_target: "the target was reached",
  manual: "a person asked for it",
  kill_switch: "a person stopped the bot",
  unprotected: "it was without a stop for too long",
  liquidation_too_close: "liquidation came too near",
  foreign: "somebody else traded on this account",
  liquidation: "the venue is liquidating it",
  adl: "the venue is reducing it (auto-deleveraging)",
  other_side: "the position turned to the other side",
};

function named(table: Readonly<Record<string, string>>, reason: string): string {
  return Object.entries(table).find(([name]) => name === reason)?.[1] ?? reason.replaceAll("_", " ");
}

/** Why a trade ended, as a clause: `the stop was hit`. */
export function exitClause(reason: string): string {
  return named(EXITS, reason);
}
/** Why a position is being closed now, as a clause: `a person asked for it`. */
export function closingClause(reason: string): string {
  return named(CLOSING, reason);
}
/** The same in a word or two, for tables: `stop`. */
export function exitWord(reason: string): string {
  return named(SHORT_EXITS, reason);
}
