import type { Config } from "../../domain/limits.ts";
import type { Event } from "../../domain/events.ts";
import type { Intent } from "../../domain/intent.ts";
import type { Bot } from "../../domain/state.ts";
import type { OrderTicket } from "../../domain/orders.ts";
import type { EpochMs } from "../../domain/units.ts";
import type { PublicWord } from "../../domain/records.ts";

export function transition(bot: Bot, event: Event): { readonly bot: Bot; readonly intents: readonly Intent[] } {
  return { bot: { ...bot, now: event.at }, intents: [] };
}
export function initialBot(_options: { readonly config: Config; readonly accountUid: string }): Bot {
  throw new RangeError("Cannot make a bot: not written yet");
}
export function nextDeadline(_bot: Bot): EpochMs | null {
  return null;
}
export function tickPeriodMs(bot: Bot): number {
  return bot.config.runtime.tick_s * 1000;
}
export function publicWord(_bot: Bot): PublicWord {
  return "FLAT";
}
export function entryStillValid(
  _bot: Bot,
  _entry: { readonly ticket: OrderTicket; readonly now: EpochMs },
): string | null {
  return null;
}
export function safeToStop(_bot: Bot): { readonly safe: boolean; readonly open: readonly string[] } {
  return { safe: true, open: [] };
}
export function adoptRecordedIntents(
  bot: Bot,
  _recorded: { readonly at: EpochMs; readonly intents: readonly Intent[] },
): Bot {
  return bot;
}
