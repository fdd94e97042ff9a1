/** An alert as a message for a person: what happened, is the money protected, what happens next, what you can do. */
import { aboutOf, type AlertLine } from "../../infrastructure/logging/alert_line.ts";
import { alertLabel, nextSentence, protectionSentence } from "../../views/alert_words.ts";
import type { Message, Severity } from "./channels/types.ts";

/** How times are written for the reader of a channel. */
export class Times {
  readonly #moment: Intl.DateTimeFormat;
  readonly #clock: Intl.DateTimeFormat;

  constructor({ zone: timeZone, language }: { readonly zone: string; readonly language: string }) {
    // Made once: each formatter holds memory that the garbage collector does not see.
    this.#moment = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "long", timeZone });
    this.#clock = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", timeZone });
  }

  /** `1 Dec 2026, 04:12:10 CET` in the reader's words. */
  moment(at: number): string {
    return this.#moment.format(at);
  }
  /** `04:12`. */
  clock(at: number): string {
    return this.#clock.format(at);
  }
}

/** Signs before the first word: whatever follows cannot begin a line. */
const SIGN: Readonly<Record<Severity, string>> = { critical: "🔴", warning: "🟠", info: "⚪" };
const AGAIN = " (again)";
/** Codes that tell of no position. */
const BARE: ReadonlySet<string> = new Set(["test_message", "daily_line", "weekly_summary"]);

/** Data on one line: its line ends are shown, so that it cannot pose as a line of ours. */
export function oneLine(text: string): string {
  return text.toWellFormed().replace(/\r\n|[\n\r\v\f\u0085\u2028\u2029]/g, "↵");
}

function footOf(line: Pick<AlertLine, "at" | "journal_head">, times: Times): string {
  // Whoever keeps these messages can prove that the journal before them was not changed.
  const proof = /^[0-9a-f]{16,}$/.test(line.journal_head) ? ` · journal ${line.journal_head.slice(0, 12)}` : "";
  return `${times.moment(line.at)}${proof}`;
}

/** One alert. */
export function messageOf(line: AlertLine, of: { readonly times: Times; readonly again: boolean }): Message {
  const body: string[] = [];
  const extra = aboutOf(line)["lines"];
  if (Array.isArray(extra)) body.push(...extra.map(String));
  if (!BARE.has(line.code)) {
    body.push(protectionSentence(line.context), nextSentence(line));
    body.push(line.steps.length === 0 ? "Nothing needs doing." : "What you can do:");
  }
  body.push(...line.steps.map((step, index) => `${index + 1}. ${step}`));
  return {
    id: line.id,
    at: line.at,
    severity: line.severity,
    code: line.code,
    head: `${SIGN[line.severity]} ${oneLine(line.sentence)}${of.again ? AGAIN : ""}`,
    body: [...body.map(oneLine).filter((text) => text !== ""), footOf(line, of.times)],
  };
}

/** Alerts that are told together: how many of each, from when to when. */
export type Tally = {
  readonly code: string;
  readonly severity: Severity;
  readonly count: number;
  readonly firstAt: number;
  readonly lastAt: number;
  /** The newest one's sentence. */
  readonly sentence: string;
};

function tallyLine(tally: Tally, times: Times): string {
  const [first, last] = [times.clock(tally.firstAt), times.clock(tally.lastAt)];
  const when = first === last ? first : `${first}–${last}`;
  if (tally.count === 1) return `${when} ${oneLine(tally.sentence)}`;
  return `${tally.count} × ${oneLine(alertLabel(tally.code))} ${when}, last: ${oneLine(tally.sentence)}`;
}

/** What was held back, repeated or missed, counted: "17 × connection unhealthy 10:02–10:41" (N-3.3). */
export function digestOf(
  tallies: readonly Tally[],
  of: { readonly id: string; readonly times: Times; readonly again: boolean },
): Message {
  const count = tallies.reduce((sum, tally) => sum + tally.count, 0);
  const severity =
    (["critical", "warning", "info"] as const).find((one) => tallies.some((tally) => tally.severity === one)) ?? "info";
  const lastAt = Math.max(...tallies.map((tally) => tally.lastAt));
  const [only] = tallies;
  const single = tallies.length === 1 && only !== undefined;
  const head = single ? tallyLine(only, of.times) : `${count} alerts together`;
  return {
    id: of.id,
    at: lastAt,
    severity,
    code: single ? only.code : "digest",
    head: `${SIGN[severity]} ${head}${of.again ? AGAIN : ""}`,
    body: [...(single ? [] : tallies.map((tally) => tallyLine(tally, of.times))), of.times.moment(lastAt)],
  };
}
