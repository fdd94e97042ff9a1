/**
 * An alert in plain words, for outbox, page and phone alike. Each message answers in this order: what happened, is the
 * money protected, what happens next, what you can do (N-4.1). No rule numbers, no raw field names.
 */
import { type AlertFamily, familyOf } from "../domain/alert_codes.ts";
import type { CheckName } from "../domain/events.ts";
import type { BlockReason, HaltReason } from "../domain/halts_and_blocks.ts";
import type { ExitReason } from "../domain/words.ts";
import { ageText, dollarText } from "../common/text.ts";

export type AlertMatter = {
  readonly severity: "info" | "warning" | "critical";
  readonly code: string;
  /** The program's own words, with figures. */
  readonly reason: string;
  readonly context: Readonly<Record<string, unknown>>;
};
type Context = AlertMatter["context"];

/** The figures a trade's or a day's alert is about. */
function aboutIn(context: Context): Context {
  const about = context["about"];
  return typeof about === "object" && about !== null ? { ...about } : {};
}

type HaltClass =
  | Exclude<HaltReason, `${string}:${string}`>
  | "persistent_rejection"
  | "startup_check"
  | "invariant_violation";

function numberIn(context: Context, key: string): number | null {
  const value = context[key];
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}
function textIn(context: Context, key: string): string | null {
  const value = context[key];
  return typeof value === "string" ? value : null;
}

/** `$61,200` or `$61,200.5`: a price of BTC. */
export function priceText(usd: number | null): string {
  return usd === null ? "an unknown price" : `$${usd.toLocaleString("en-US", { maximumFractionDigits: 1 })}`;
}
/** `1.24 R`, `-0.98 R`: a result in units of what was risked. */
export function rText(r: number | null): string {
  return r === null ? "R unknown" : `${r < 0 ? "-" : "+"}${Math.abs(r).toFixed(2)} R`;
}
/** `+$1.20`, `-$0.24`: a result. */
export function resultText(usd: number | null): string {
  return usd === null ? "an unknown result" : `${usd > 0 ? "+" : ""}${dollarText(usd)}`;
}
/** The program's own words without the ids of rules, which mean nothing to a reader of alerts. */
function plain(reason: string): string {
  return reason.replace(/\s*\((?:[FPLMN]-\d[^)]*)\)/g, "").trim();
}
function contractsText(context: Context): string {
  const contracts = numberIn(context, "contracts") ?? 0;
  return `${textIn(context, "direction") ?? "position"} ${contracts} contract${contracts === 1 ? "" : "s"}`;
}

const HALTS: Readonly<Record<HaltClass, (context: Context, rest: string) => string>> = {
  liquidation: () => "the venue liquidated the position, or warned that it will",
  adl: () => "the venue reduced the position to cover another trader's loss (auto-deleveraging)",
  unexpected_fill: () => "a fill came for an order the bot does not know",
  second_instance: () => "another abot seems to trade on this account",
  invalid_fill_quantity: () => "the venue reported a fill with an impossible quantity",
  foreign_activity: () => "somebody else traded on this account",
  unprotected: () => "the position was without a stop for too long and is being closed at market",
  position_disagreement: () => "venue and bot disagree about the position and nothing explains it",
  stop_loss_unrecoverable: () => "the stop could not be placed and the position is being closed at market",
  stop_side_disagreement: () => "the venue says the price is past the stop, the bot's own prices say it is not",
  exit_unrecoverable: () => "the exit failed three times; the bot keeps trying",
  entry_unrecoverable: () => "the fate of an entry order could not be found out",
  balance_anomaly: () => "the wallet is empty, unreadable, or changed by more than trades explain",
  equity_below_floor: (context) => {
    const [floor, equity] = [numberIn(context, "floor_usd"), numberIn(context, "equity_usd")];
    const under = floor === null ? "its floor" : dollarText(floor);
    return `the account fell under ${under}${equity === null ? "" : ` (now ${dollarText(equity)})`}`;
  },
  degraded_mode_timeout: () => "the connection to the venue was unhealthy for too long",
  network_failure: () => "the venue cannot be reached; nothing was open",
  network_failure_with_position: () => "the venue cannot be reached while a position is open",
  hedge_mode_detected: () => "the account is in hedge mode; the bot needs one-way mode",
  liquidation_too_close: () => "the liquidation price came too near and the position is being closed",
  ip_banned: () => "the venue refuses this machine's address while the position is not protected",
  credentials: () => "the venue refuses the API key",
  instrument: () => "BTCUSD is not trading, or its rules changed, with a position open",
  venue_maintenance: () => "the venue is under maintenance",
  journal_behind_venue: () => "the venue knows orders newer than the bot's journal: was an old copy restored?",
  unknown_position: () => "a position was open at the start that the journal does not know; it was given a stop",
  upgraded_mid_position: () => "the program was changed while something was open that it cannot explain",
  core_fault: () => "the program made an error inside; the guardian keeps the stop",
  journal_unavailable: () => "the journal cannot be written",
  kill_switch: () => "a person stopped the bot",
  order_rate_runaway: () => "too many orders within an hour: a loop, not a market",
  winrate_hard: () => "too few of the last trades won",
  goal_reached: () => "the goal is reached. Well done",
  goal_missed: () => "the goal was not reached in time",
  persistent_rejection: (_, rest) => `the venue refused three entries in a row (${rest})`,
  startup_check: (_, rest) => `a start check failed while a position is open (${rest.replaceAll("_", " ")})`,
  invariant_violation: () => "the program contradicts itself; protection goes on",
};

const COOLDOWNS: Readonly<Record<BlockReason, string>> = {
  price_drop_1m: "the price fell fast within a minute",
  price_drop_5m: "the price fell fast within five minutes",
  price_surge_1m: "the price rose fast within a minute",
  price_surge_5m: "the price rose fast within five minutes",
  daily_loss: "today's loss limit is reached",
  weekly_loss: "this week's loss limit is reached",
  loss_streak_day: "several trades in a row lost",
  loss_streak: "many trades in a row lost",
  fee_spike: "fees were higher than expected",
  slippage: "fills were worse than expected",
  reconnect_loop: "the connection broke again and again",
  starting: "the bot is starting",
  rejections: "the venue refused several entries in a row",
  order_cleanup: "old orders are being cleared away",
  latency: "the venue answers slowly",
  degraded: "a connection to the venue is unhealthy",
  market_data_stale: "no fresh prices arrive",
  ip_banned: "the venue refuses this machine's address",
  instrument: "BTCUSD is not trading normally",
  ws_recovery: "the connection has just come back",
  taker_failed: "an entry at market failed",
  stage_flap: "the account keeps crossing a stage's bound",
  reconcile: "venue and bot do not agree yet",
  journal_lag: "the disk is slow",
  key_expiry: "the API key is about to expire",
  shutdown: "the bot is stopping",
};

const CHECKS: Readonly<Record<CheckName, string>> = {
  clock: "this machine's clock",
  key: "the API key",
  account_mode: "the account's mode",
  margin_mode: "the margin mode",
  one_way: "one-way mode",
  instrument: "the instrument's rules",
  price_adjust: "the venue's price adjustment",
  wallet: "the wallet",
  history: "the account's history",
};

const EXITS: Readonly<Record<ExitReason, string>> = {
  stop_loss: "the stop was hit",
  stop_loss_local: "the price was past the stop and the bot closed it",
  profit_target: "the target was reached",
  manual: "a person closed it",
  kill_switch: "a person stopped the bot",
  unprotected: "it had no stop for too long",
  liquidation_too_close: "the liquidation price came too near",
  foreign: "somebody else closed it",
  liquidation: "the venue liquidated it",
  adl: "the venue reduced it (auto-deleveraging)",
  other_side: "the position changed its side",
};

/** Why a trade ended, in words. */
export function exitText(reason: string): string {
  return Object.entries(EXITS).find(([name]) => name === reason)?.[1] ?? reason.replaceAll("_", " ");
}
function haltText(reason: string, context: Context): string {
  const [word, rest] = [familyOf(reason), reason.slice(familyOf(reason).length + 1)];
  const told = Object.entries(HALTS).find(([name]) => name === word)?.[1];
  return told === undefined ? reason.replaceAll("_", " ") : told(context, rest);
}
/** Why entries wait, in words. */
export function blockText(reason: string): string {
  return Object.entries(COOLDOWNS).find(([name]) => name === reason)?.[1] ?? reason.replaceAll("_", " ");
}

function openedSentence(whole: Context): string {
  const context = aboutIn(whole);
  const risk = numberIn(context, "risk_usd");
  const target = numberIn(context, "target_usd");
  return `Trade opened: ${contractsText(context)} at ${priceText(numberIn(context, "entry_usd"))}` +
    `${target === null ? "" : `, target ${priceText(target)}`}${risk === null ? "" : `, risking ${dollarText(risk)}`}.`;
}
function closedSentence(whole: Context): string {
  const context = aboutIn(whole);
  const open = numberIn(context, "open_ms");
  return `Trade closed: ${resultText(numberIn(context, "net_usd"))} (${rText(numberIn(context, "r"))}), ` +
    `${contractsText(context)} from ${priceText(numberIn(context, "entry_usd"))} to ` +
    `${priceText(numberIn(context, "exit_usd"))}${open === null ? "" : ` in ${ageText(open)}`}: ` +
    `${exitText(textIn(context, "exit_reason") ?? "unknown")}.`;
}
function daySentence(whole: Context): string {
  const context = aboutIn(whole);
  const trades = numberIn(context, "trades") ?? 0;
  const end = numberIn(context, "equity_end_usd");
  return `Day ${textIn(context, "day") ?? ""} closed: ${trades} trade${trades === 1 ? "" : "s"}, ` +
    `${resultText(numberIn(context, "realised_usd"))}${end === null ? "" : `; the account holds ${dollarText(end)}`}.`;
}

type Telling = (context: Context, matter: AlertMatter) => string;
const untilOver: Telling = () => "The bot goes on and looks again by itself.";
const goesOn: Telling = () => "The bot goes on trading.";
const NOTHING: readonly string[] = [];
const LOOK = "Look at the venue's testnet page: is the position there the one `abot status` shows, with its stop?";

/** What happened, what happens next, and what can be done, for each family but halts. */
const TOLD: Readonly<
  Record<
    Exclude<AlertFamily, "halt">,
    { readonly what: Telling; readonly next: Telling; readonly steps: readonly string[] }
  >
> = {
  cooldown: {
    what: (_, { code }) => `Entries pause: ${blockText(code.slice("cooldown:".length))}.`,
    next: (_, { reason }) => {
      const until = /\d{4}-\d\d-\d\dT\d\d:\d\d/.exec(reason)?.[0];
      return until === undefined
        ? "Entries resume by themselves when it is over."
        : `Entries resume by themselves at ${until.replace("T", " ")} UTC.`;
    },
    steps: NOTHING,
  },
  check: {
    what: (_, { code, reason }) => {
      const name = code.slice("check:".length);
      const words = Object.entries(CHECKS).find(([known]) => known === name)?.[1] ?? name.replaceAll("_", " ");
      return `A start check failed (${words}): ${plain(reason)}.`;
    },
    next: () => "With nothing open the bot does not start; with a position open it only protects it.",
    steps: ["`abot check` prints what is wrong and how to put it right."],
  },
  clock_skew: {
    what: (_, { reason }) => `This machine's clock is off: ${plain(reason)}.`,
    next: goesOn,
    steps: ["Turn on time synchronisation (`timedatectl set-ntp true`)."],
  },
  closed_while_down: {
    what: () => "The position was closed at the venue while the bot was not running.",
    next: () => "The bot books the trade and goes on.",
    steps: ["Read `abot report`: how did it end?"],
  },
  core_fault: {
    what: () => "The program made an error inside.",
    next: () => "The bot halts; its guardian keeps the stop at the venue.",
    steps: [LOOK, "Keep the data directory and report it with the output of `abot why --last 20`."],
  },
  degraded_mode: {
    what: () => "A connection to the venue is unhealthy.",
    next: () => "Entries wait. If it does not recover within a minute the bot halts.",
    steps: ["If it stays: check the machine's network and the venue's status page."],
  },
  long_block: {
    what: (_, { code, reason }) => {
      const waits = /still waiting for (.*?)\.$/.exec(plain(reason))?.[1];
      const said = `Entries are still paused: ${blockText(code.slice("long_block:".length))}`;
      return `${said}${waits === undefined ? "" : `; the bot waits for ${waits}`}.`;
    },
    next: () => "The stop and its repair go on; entries resume by themselves when it is over.",
    steps: [LOOK],
  },
  experiment: {
    what: (_, { reason }) => `${plain(reason)}.`,
    next: () => "Entries follow arm A from now on. Open positions keep their stop and their target.",
    steps: ["Read `abot-lab experiment DATA` and decide; take the experiment out of the configuration."],
  },
  order_back: {
    what: (_, { reason }) => plain(reason),
    next: goesOn,
    steps: NOTHING,
  },
  unknown_status: {
    what: (_, { reason }) => plain(reason),
    next: () => "Entries wait until both connections work again and everything was read anew.",
    steps: [LOOK, "Report the word: the venue may have renamed a status."],
  },
  operator_commands: {
    what: (_, { reason }) => plain(reason),
    next: goesOn,
    steps: ["Give commands as the bot's own user or as root, with `abot` alone; leave the folder control to it."],
  },
  unreadable: {
    what: (_, { reason }) => plain(reason),
    next: goesOn,
    steps: [LOOK, "Report the row: the venue may have changed what it sends."],
  },
  external_cash_flow: {
    what: () => "Money came into or went out of the wallet that no trade explains.",
    next: () => "It is counted as a deposit or withdrawal, not as a result. The bot goes on.",
    steps: ["If it was not you: change the account's password and delete the API key."],
  },
  guardian: {
    what: (_, { reason }) => `The guardian acts after an error inside the program: ${plain(reason)}.`,
    next: () => "It keeps trying to protect the position; entries stay off.",
    steps: [LOOK],
  },
  instrument: {
    what: () => "The venue changed the rules of BTCUSD.",
    next: untilOver,
    steps: ["Read the venue's announcements."],
  },
  key_expiry: {
    what: (_, { reason }) => `${plain(reason).replace(/^the/, "The")}.`,
    next: () => "With less than two days left no trade is opened.",
    steps: ["Make a new key (no withdraw, no transfer rights), stop the program, set the key, start it."],
  },
  leverage: {
    what: (_, { reason }) =>
      `The venue did not take the leverage: ${plain(reason).replace(/^leverage refused: /, "")}.`,
    next: untilOver,
    steps: NOTHING,
  },
  liquidation_too_close: {
    what: (_, { reason }) => `The liquidation price is too near: ${plain(reason)}.`,
    next: () => "The bot puts the leverage back, or closes the position.",
    steps: [LOOK],
  },
  risk_tier: {
    what: (_, { reason }) => `The venue's risk tier is not the expected one: ${plain(reason)}.`,
    next: goesOn,
    steps: NOTHING,
  },
  strategy_review_required: {
    what: () => "The strategy is due for a review: the account is behind its plan.",
    next: goesOn,
    steps: ["Read `abot report` and decide whether the experiment goes on."],
  },
  unjournaled_protection: {
    what: () => "A protective order was sent although the journal could not be written first.",
    next: () => "Protection goes on; entries wait for the disk.",
    steps: ["Is the disk full or read-only? `df -h`."],
  },
  unprotected: {
    what: () => "The position has no stop that covers it.",
    next: () => "The bot tries, in turn, to place a stop and to close at market, until one succeeds.",
    steps: [LOOK, "Until it is flat, set a stop by hand at the venue if none is there."],
  },
  trade_opened: {
    what: openedSentence,
    next: (context) =>
      numberIn(context, "target_usd") === null
        ? "It ends at its stop or target."
        : "It ends at the stop or the target.",
    steps: NOTHING,
  },
  trade_closed: { what: closedSentence, next: () => "The bot waits for the next signal.", steps: NOTHING },
  day_closed: { what: daySentence, next: () => "A new day begins, with its limits full.", steps: NOTHING },
  bot_silent: {
    what: (context) => {
      const silent = numberIn(aboutIn(context), "silent_ms");
      return `No news from the bot${silent === null ? "" : ` for ${ageText(silent)}`}: it is not running, or it hangs.`;
    },
    next: () => "Nothing is decided until it runs again. A stop at the venue stays there.",
    steps: ["Look at the machine: `systemctl status abot`, `journalctl -u abot -n 50`.", LOOK],
  },
  bot_back: { what: () => "The bot writes again.", next: goesOn, steps: NOTHING },
  daily_line: { what: (_, { reason }) => reason, next: () => "", steps: NOTHING },
  weekly_summary: { what: (_, { reason }) => reason, next: () => "", steps: NOTHING },
  test_message: {
    what: () => "This is a test from abot: this channel works.",
    next: () => "",
    steps: NOTHING,
  },
};

function toldBy(code: string): (typeof TOLD)[keyof typeof TOLD] | null {
  return Object.entries(TOLD).find(([family]) => family === familyOf(code))?.[1] ?? null;
}

/** What happened, in one sentence. */
export function alertSentence(matter: AlertMatter): string {
  const { code, context, reason } = matter;
  if (familyOf(code) === "halt") return `HALTED: ${haltText(code.slice("halt:".length), context)}.`;
  return toldBy(code)?.what(context, matter) ?? `${code.replaceAll("_", " ")}: ${plain(reason)}`;
}

/** Is the money protected, in one sentence, from the state an alert carries. */
export function protectionSentence(context: Context): string {
  const contracts = numberIn(context, "contracts");
  if (contracts === null) return "What is open is not known.";
  if (contracts === 0) return textIn(context, "phase") === "entry" ? "An entry is under way." : "Nothing is open.";
  const what = `${contractsText(context)}`;
  if (numberIn(context, "uncovered_since_ms") !== null || textIn(context, "stop") === "MISSING") {
    return `NOT PROTECTED: ${what} without a stop that covers them.`;
  }
  if (textIn(context, "stop") !== "ACTIVE") {
    return `The stop for ${what} is on its way; the venue has not shown it yet.`;
  }
  return `Protected: ${what}, stop ${priceText(numberIn(context, "stop_usd"))} at the venue.`;
}

/** What happens next without a person, in one sentence; empty when nothing is to be said. */
export function nextSentence(matter: AlertMatter): string {
  if (familyOf(matter.code) === "halt") return "Nothing will be traded until you reset. The stop and its repair go on.";
  return toldBy(matter.code)?.next(matter.context, matter) ?? "";
}

/** What a person can do, in order; empty = nothing needs doing. `haltSteps` are those of a HALT's reason. */
export function alertSteps(
  matter: AlertMatter,
  haltSteps: (reason: string) => readonly string[],
): readonly string[] {
  if (familyOf(matter.code) === "halt") return haltSteps(matter.code.slice("halt:".length)).map(plain);
  return toldBy(matter.code)?.steps ?? NOTHING;
}

/** The words that go into the outbox. `haltSteps` are the steps of a HALT's reason. */
export function alertWords(
  matter: AlertMatter,
  haltSteps: (reason: string) => readonly string[],
): { readonly sentence: string; readonly steps: readonly string[] } {
  return { sentence: alertSentence(matter), steps: alertSteps(matter, haltSteps) };
}
