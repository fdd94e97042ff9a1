/**
 * One line of the outbox of alerts, `alerts/YYYY-MM.jsonl`: its writer and its reader share this file, so that they cannot
 * drift apart (N-1.1). A line is never changed. Its id is the SHA-256 of the line without the id, so that a reader can tell
 * a torn or edited line, and a receiver a repeat.
 */
import { z } from "zod";
import { sha256 } from "../../common/sha256.ts";

export type AlertFacts = {
  /** Server-corrected, milliseconds. */
  readonly at: number;
  readonly severity: "info" | "warning" | "critical";
  /** A code of `domain/alert_codes.ts`; a reader meets those of newer programs too. */
  readonly code: string;
  /** One plain sentence: what happened. */
  readonly sentence: string;
  /** What a person can do, in order; empty = nothing needs doing. */
  readonly steps: readonly string[];
  /** The program's own words, with figures. */
  readonly reason: string;
  readonly context: Readonly<Record<string, unknown>>;
  /** Head of the journal when the alert was raised: what it can be checked against. */
  readonly journal_head: string;
};
export type AlertLine = AlertFacts & { readonly id: string };

/** The figures an alert is about, when it is about more than the moment: a trade, a day. */
export function aboutOf(alert: Pick<AlertFacts, "context">): Readonly<Record<string, unknown>> {
  const about = alert.context["about"];
  return typeof about === "object" && about !== null ? { ...about } : {};
}

const lineSchema = z.object({
  id: z.string().regex(/^[0-9a-f]{64}$/),
  at: z.int().min(0),
  severity: z.enum(["info", "warning", "critical"]),
  code: z.string().min(1),
  sentence: z.string(),
  steps: z.array(z.string()),
  reason: z.string(),
  context: z.record(z.string(), z.unknown()),
  journal_head: z.string(),
});

const ID_FIELD = /^\{"id":"([0-9a-f]{64})",/;

/** The line without a newline; `clean` removes secrets from its text before the id is taken. */
export function alertText(facts: AlertFacts, clean: (text: string) => string): string {
  const { at, severity, code, sentence, steps, reason, context, journal_head } = facts;
  const rest = clean(JSON.stringify({ at, severity, code, sentence, steps, reason, context, journal_head }));
  return `{"id":"${sha256(rest)}",${rest.slice(1)}`;
}

export type ReadLine =
  | { readonly kind: "alert"; readonly line: AlertLine }
  | { readonly kind: "unreadable"; readonly why: "not JSON" | "not an alert" | "its id is not its hash" };

/** One line as a reader takes it. Never throws. */
export function readAlertLine(text: string): ReadLine {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { kind: "unreadable", why: "not JSON" };
  }
  const parsed = lineSchema.safeParse(value);
  if (!parsed.success) return { kind: "unreadable", why: "not an alert" };
  const field = ID_FIELD.exec(text);
  if (field === null || sha256(`{${text.slice(field[0].length)}`) !== field[1]) {
    return { kind: "unreadable", why: "its id is not its hash" };
  }
  return { kind: "alert", line: parsed.data };
}

const MONTH_FILE = /^\d{4}-\d{2}\.jsonl$/;

/** File of the outbox that a moment belongs to: its UTC month. */
export function monthFile(at: number): string {
  return `${new Date(at).toISOString().slice(0, 7)}.jsonl`;
}
export function isMonthFile(name: string): boolean {
  return MONTH_FILE.test(name);
}
/** The first month kept, as its file's name, when `months` are kept besides the running one; Infinity = all. */
export function oldestKept(at: number, months: number): string {
  if (months === Infinity) return "";
  const now = new Date(at);
  return monthFile(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - months, 1));
}
