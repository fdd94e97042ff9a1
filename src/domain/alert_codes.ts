import type { CheckName } from "./events.ts";
import type { ExperimentEnd } from "./experiment.ts";
import type { BlockReason, HaltReason } from "./halts_and_blocks.ts";

export type AlertSeverity = "info" | "warning" | "critical";

/** Alerts whose code is one word. */
export type SoleAlertCode =
  // the bot and its venue
  | "clock_skew"
  | "closed_while_down"
  | "core_fault"
  | "degraded_mode"
  | "external_cash_flow"
  | "guardian"
  | "instrument"
  | "key_expiry"
  | "leverage"
  | "liquidation_too_close"
  | "order_back"
  | "risk_tier"
  | "strategy_review_required"
  | "unjournaled_protection"
  | "trigger_source"
  | "unknown_status"
  | "unprotected"
  | "unreadable"
  // told by the program beside the core, for people
  | "operator_commands"
  | "trade_opened"
  | "trade_closed"
  | "day_closed"
  // raised by the notifier itself
  | "bot_silent"
  | "bot_back"
  | "daily_line"
  | "weekly_summary"
  | "test_message"
  | "outbox_unreadable";

/** Every alert there is. What follows the colon names the case. */
export type AlertCode =
  | SoleAlertCode
  | `halt:${HaltReason}`
  | `cooldown:${BlockReason}`
  | `check:${CheckName}`
  | `long_block:${BlockReason}`
  | `experiment:${ExperimentEnd}`;

/** The part before the colon: what a person switches on or off. */
export type AlertFamily = SoleAlertCode | "halt" | "cooldown" | "check" | "long_block" | "experiment";

const FAMILIES: Readonly<Record<AlertFamily, true>> = {
  halt: true,
  cooldown: true,
  check: true,
  long_block: true,
  experiment: true,
  clock_skew: true,
  closed_while_down: true,
  core_fault: true,
  degraded_mode: true,
  external_cash_flow: true,
  guardian: true,
  instrument: true,
  key_expiry: true,
  leverage: true,
  liquidation_too_close: true,
  order_back: true,
  risk_tier: true,
  strategy_review_required: true,
  unjournaled_protection: true,
  trigger_source: true,
  unknown_status: true,
  unprotected: true,
  operator_commands: true,
  unreadable: true,
  trade_opened: true,
  trade_closed: true,
  day_closed: true,
  bot_silent: true,
  bot_back: true,
  daily_line: true,
  weekly_summary: true,
  test_message: true,
  outbox_unreadable: true,
};

/** Every family, in the order of reading. */
export const ALERT_FAMILIES: readonly string[] = Object.keys(FAMILIES);

/** The family of a code; a code of a newer program keeps its first word. */
export function familyOf(code: string): string {
  return code.split(":", 1)[0] ?? code;
}
