/**
 * An alert in plain words, for outbox, page and phone alike. Each message answers in this order: what happened, is the
 * money protected, what happens next, what you can do (N-4.1). No rule numbers, no raw field names.
 */
import { ageText, dollarText } from "../common/text.ts";
import { type AlertFamily, type AlertSeverity, familyOf } from "../domain/alert_codes.ts";
import { blockClause } from "./block_words.ts";
import { checkClause, plainLine } from "./check_words.ts";
import { haltSentence, rollbackProtocol } from "./halt_words.ts";
import { countText, priceText, resultText, rText, sentenceOf } from "./numbers.ts";
import { exitClause } from "./trade_words.ts";

export type AlertMatter = {
  readonly severity: AlertSeverity;
  readonly code: string;
  /** The program's own words, with figures. */
  readonly reason: string;
  readonly context: Readonly<Record<string, unknown>>;
};
type Context = AlertMatter["context"];

function numberIn(context: Context, key: string): number | null {
  const value = context[key];
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}
function textIn(context: Context, key: string): string | null {
  const value = context[key];
  return typeof value === "string" ? value : null;
}
/** The figures a trade's or a day's alert is about. */
function aboutIn(context: Context): Context {
  const about = context["about"];
  return typeof about === "object" && about !== null ? { ...about } : {};
}
function caseOf(code: string): string {
  return code.slice(familyOf(code).length + 1);
}
/** What is held, as an alert carries it: `long 147 contracts`. */
function heldText(context: Context): string {
  return `${textIn(context, "direction") ?? "position"} ${countText(numberIn(context, "contracts") ?? 0, "contract")}`;
}

function openedSentence(whole: Context): string {
  const context = aboutIn(whole);
  const [risk, target] = [numberIn(context, "risk_usd"), numberIn(context, "target_usd")];
  return `Trade opened: ${heldText(context)} at ${priceText(numberIn(context, "entry_usd"))}` +
    `${target === null ? "" : `, target ${priceText(target)}`}${risk === null ? "" : `, risking ${dollarText(risk)}`}.`;
}
function closedSentence(whole: Context): string {
  const context = aboutIn(whole);
  const [open, r] = [numberIn(context, "open_ms"), numberIn(context, "r")];
  return `Trade closed: ${resultText(numberIn(context, "net_usd"))}${r === null ? "" : ` (${rText(r)})`}, ` +
    `${heldText(context)} from ${priceText(numberIn(context, "entry_usd"))} to ` +
    `${priceText(numberIn(context, "exit_usd"))}${open === null ? "" : ` in ${ageText(open)}`}: ` +
    `${exitClause(textIn(context, "exit_reason") ?? "unknown")}.`;
}
function daySentence(whole: Context): string {
  const context = aboutIn(whole);
  const end = numberIn(context, "equity_end_usd");
  return `Day ${textIn(context, "day") ?? ""} closed: ${countText(numberIn(context, "trades") ?? 0, "trade")}, ` +
    `${resultText(numberIn(context, "realised_usd"))}${end === null ? "" : `; the account holds ${dollarText(end)}`}.`;
}
function silentSentence(whole: Context): string {
  const about = aboutIn(whole);
  const silent = numberIn(about, "silent_ms");
  if (about["stopped_in_order"] === true) return "The bot was stopped in order and is not running.";
  return `No news from the bot${silent === null ? "" : ` for ${ageText(silent)}`}: it is not running, or it hangs.`;
}
function cooldownEnd(reason: string): string {
  const until = /\d{4}-\d\d-\d\dT\d\d:\d\d/.exec(reason)?.[0];
  const when = until === undefined ? "when it is over" : `at ${until.replace("T", " ")} UTC`;
  return `Entries resume by themselves ${when}.`;
}

type Telling = (matter: AlertMatter) => string;
type Told = { readonly what: Telling; readonly next: string | Telling; readonly steps: readonly string[] };
const said: Telling = ({ reason }) => sentenceOf(plainLine(reason));
const GOES_ON = "The bot goes on trading.";
const LOOKS_AGAIN = "The bot goes on and looks again by itself.";
const NOTHING: readonly string[] = [];
const LOOK = "Open the venue's testnet page: is the position there the one `abot status` shows, with its stop?";
const DISK = "Is the disk full or read-only? `df -h`, permissions of the data directory.";
const LINK = "If it stays: check the machine's network and the venue's status page.";

/** Every family of alerts but halts, whose words are the rollback protocol's. */
const TOLD: Readonly<Record<Exclude<AlertFamily, "halt">, Told>> = {
  cooldown: {
    what: ({ code }) => `Entries pause: ${blockClause(caseOf(code))}.`,
    next: ({ reason }) => cooldownEnd(reason),
    steps: NOTHING,
  },
  long_block: {
    what: ({ code }) => `Entries have been paused for long: ${blockClause(caseOf(code))}.`,
    next: ({ reason }) => {
      const waits = /still waiting for (.*?)\.?$/.exec(plainLine(reason))?.[1];
      return waits === undefined ? "They resume by themselves when it is over." : `The bot waits for ${waits}.`;
    },
    steps: [LOOK, LINK],
  },
  check: {
    what: ({ code, reason }) => `A start check failed, ${checkClause(caseOf(code))}: ${sentenceOf(plainLine(reason))}`,
    next: "With nothing open the bot does not start; with a position open it only protects it.",
    steps: ["`abot check` prints what is wrong and how to put it right."],
  },
  clock_skew: {
    what: ({ reason }) => `This machine's clock is off: ${sentenceOf(plainLine(reason))}`,
    next: GOES_ON,
    steps: ["Turn on time synchronisation (`timedatectl set-ntp true`)."],
  },
  closed_while_down: {
    what: () => "The position was closed at the venue while the bot was not running.",
    next: "The bot books the trade and goes on.",
    steps: ["Read `abot report`: how did it end?"],
  },
  core_fault: {
    what: () => "The program made an error inside.",
    next: "The bot halts; its guardian keeps the stop at the venue.",
    steps: [LOOK, "Keep the data directory and report it with the output of `abot why --last 20`."],
  },
  degraded_mode: {
    what: ({ reason }) => `A connection to the venue is unhealthy: ${sentenceOf(plainLine(reason))}`,
    next: "Entries wait. If it does not recover within a minute the bot halts.",
    steps: [LINK],
  },
  experiment: {
    what: said,
    next: "Entries follow arm A from now on. Open positions keep their stop and their target.",
    steps: ["Read `abot-lab experiment DATA` and decide; take the experiment out of the configuration."],
  },
  operator_commands: {
    what: said,
    next: GOES_ON,
    steps: ["Give commands as the bot's own user or as root, with `abot` alone; leave the folder control to it."],
  },
  trigger_source: {
    what: said,
    next: GOES_ON,
    steps: [LOOK],
  },
  unreadable: {
    what: said,
    next: GOES_ON,
    steps: [LOOK, "Report the row: the venue may have changed what it sends."],
  },
  external_cash_flow: {
    what: () => "Money came into or went out of the wallet that no trade explains.",
    next: "It is counted as a deposit or withdrawal, not as a result. The bot goes on.",
    steps: ["If it was not you: change the account's password and delete the API key."],
  },
  guardian: {
    what: ({ reason }) => `The guardian acts after an error inside the program: ${sentenceOf(plainLine(reason))}`,
    next: "It keeps trying to protect the position; entries stay off.",
    steps: [LOOK],
  },
  instrument: {
    what: () => "The venue changed the rules of BTCUSD.",
    next: LOOKS_AGAIN,
    steps: ["Read the venue's announcements."],
  },
  key_expiry: {
    what: said,
    next: "With less than two days left no trade is opened.",
    steps: ["Make a new key (no withdraw, no transfer rights), stop the program, set the key, start it."],
  },
  leverage: {
    what: ({ reason }) =>
      `The venue did not take the leverage: ${plainLine(reason).replace(/^leverage refused: /, "")}.`,
    next: LOOKS_AGAIN,
    steps: NOTHING,
  },
  liquidation_too_close: {
    what: ({ reason }) => `The liquidation price is too near: ${sentenceOf(plainLine(reason))}`,
    next: "The bot puts the leverage back, or closes the position.",
    steps: [LOOK],
  },
  order_back: { what: said, next: "The bot manages it as one of its own.", steps: [LOOK] },
  risk_tier: {
    what: ({ reason }) => `The venue's risk tier is not the expected one: ${sentenceOf(plainLine(reason))}`,
    next: GOES_ON,
    steps: NOTHING,
  },
  strategy_review_required: {
    what: () => "The strategy is due for a review: the account is behind its plan.",
    next: GOES_ON,
    steps: ["Read `abot report` and decide whether the experiment goes on."],
  },
  unjournaled_protection: {
    what: () => "A protective order was sent although the journal could not be written first.",
    next: "Protection goes on; entries wait for the disk.",
    steps: [DISK],
  },
  unknown_status: {
    what: said,
    next: "Entries wait until everything was read anew.",
    steps: [LOOK, "Report the word: the venue may have renamed a status."],
  },
  unprotected: {
    what: () => "The position has no stop that covers it.",
    next: "The bot tries, in turn, to place a stop and to close at market, until one succeeds.",
    steps: [LOOK, "Until it is flat, set a stop by hand at the venue if none is there."],
  },
  trade_opened: {
    what: ({ context }) => openedSentence(context),
    next: "It ends at its stop or its target.",
    steps: NOTHING,
  },
  trade_closed: {
    what: ({ context }) => closedSentence(context),
    next: "The bot waits for the next signal.",
    steps: NOTHING,
  },
  day_closed: {
    what: ({ context }) => daySentence(context),
    next: "A new day begins, with its limits full.",
    steps: NOTHING,
  },
  bot_silent: {
    what: ({ context }) => silentSentence(context),
    next: "Nothing is decided until it runs again. A stop at the venue stays there.",
    steps: ["Look at the machine: `systemctl status abot`, `journalctl -u abot -n 50`.", LOOK],
  },
  bot_back: { what: () => "The bot writes again.", next: GOES_ON, steps: NOTHING },
  outbox_unreadable: {
    what: () => "An alert could not be read: its line is torn, edited or not of this version.",
    next: "The alerts after it are delivered.",
    steps: ["Read `abot status`, and look at the newest file in data/alerts."],
  },
  daily_line: { what: ({ reason }) => reason, next: "", steps: NOTHING },
  weekly_summary: { what: ({ reason }) => reason, next: "", steps: NOTHING },
  test_message: { what: () => "This is a test from abot: this channel works.", next: "", steps: NOTHING },
};

function toldBy(code: string): Told | null {
  return Object.entries(TOLD).find(([family]) => family === familyOf(code))?.[1] ?? null;
}
function lowered(sentence: string): string {
  return /^[A-Z][a-z ]/.test(sentence) ? sentence.charAt(0).toLowerCase() + sentence.slice(1) : sentence;
}

/** What happened, in one sentence. */
export function alertSentence(matter: AlertMatter): string {
  const { code, context } = matter;
  if (familyOf(code) === "halt") {
    const facts = { equity_usd: numberIn(context, "equity_usd"), floor_usd: numberIn(context, "floor_usd") };
    return `HALTED: ${lowered(haltSentence(caseOf(code), facts))}`;
  }
  return toldBy(code)?.what(matter) ?? `${alertLabel(code)}: ${plainLine(matter.reason)}`;
}

/** Is the money protected, in one sentence, from the state an alert carries. */
export function protectionSentence(context: Context): string {
  const contracts = numberIn(context, "contracts");
  if (contracts === null) return "What is open is not known.";
  if (contracts === 0) return textIn(context, "phase") === "entry" ? "An entry is under way." : "Nothing is open.";
  const held = heldText(context);
  if (textIn(context, "stop") === "PENDING") {
    return `NOT PROTECTED yet: the stop for ${held} is on its way.`;
  }
  if (numberIn(context, "uncovered_since_ms") !== null || textIn(context, "stop") === "MISSING") {
    return `NOT PROTECTED: ${held} without a stop that covers them.`;
  }
  if (textIn(context, "stop") !== "ACTIVE") return `NOT PROTECTED: the stop for ${held} is not at the venue.`;
  return `Protected: ${held}, the stop at ${priceText(numberIn(context, "stop_usd"))} is at the venue.`;
}

/** What happens next without a person, in one sentence; empty when nothing is to be said. */
export function nextSentence(matter: AlertMatter): string {
  if (familyOf(matter.code) === "halt") return "Nothing will be traded until you reset. The stop and its repair go on.";
  const next = toldBy(matter.code)?.next ?? "";
  return typeof next === "string" ? next : next(matter);
}

/** The words that go into the outbox: what happened, and what a person can do, in order (empty = nothing needs doing). */
export function alertWords(matter: AlertMatter): { readonly sentence: string; readonly steps: readonly string[] } {
  const halted = familyOf(matter.code) === "halt";
  const steps = halted ? rollbackProtocol(caseOf(matter.code)).steps : toldBy(matter.code)?.steps ?? NOTHING;
  return { sentence: alertSentence(matter), steps };
}

const LABELS: Readonly<Record<Exclude<AlertFamily, "halt" | "cooldown" | "check" | "long_block">, string>> = {
  clock_skew: "clock off",
  closed_while_down: "closed while the bot was down",
  core_fault: "error inside the program",
  degraded_mode: "connection unhealthy",
  experiment: "experiment stopped",
  external_cash_flow: "deposit or withdrawal",
  guardian: "guardian at work",
  instrument: "rules of BTCUSD changed",
  key_expiry: "API key expires",
  leverage: "leverage refused",
  liquidation_too_close: "liquidation too near",
  order_back: "order is back",
  risk_tier: "other risk tier",
  strategy_review_required: "review due",
  unjournaled_protection: "protected without journal",
  unknown_status: "unknown word of the venue",
  unprotected: "NOT PROTECTED",
  trigger_source: "stop watches another price",
  unreadable: "unreadable row",
  operator_commands: "commands by others",
  trade_opened: "trade opened",
  trade_closed: "trade closed",
  day_closed: "day closed",
  bot_silent: "bot silent",
  bot_back: "bot back",
  outbox_unreadable: "unreadable alert",
  daily_line: "daily line",
  weekly_summary: "weekly summary",
  test_message: "test",
};

/** A few words that name an alert, or a family of them, in a list. */
export function alertLabel(code: string): string {
  const [family, rest] = [familyOf(code), caseOf(code)];
  const named = (what: string, which: string) => (rest === "" ? what : `${what} (${which})`);
  if (family === "halt") return named("halted", rest.replaceAll("_", " "));
  if (family === "cooldown") return named("entries paused", blockClause(rest));
  if (family === "long_block") return named("entries paused for long", blockClause(rest));
  if (family === "check") return named("start check failed", checkClause(rest));
  return Object.entries(LABELS).find(([name]) => name === family)?.[1] ?? code.replaceAll("_", " ");
}
