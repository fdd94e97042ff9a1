/** The start checks, in words (F-12.6). */
import type { CheckName } from "../domain/events.ts";

/** In the order in which they are told; the list is complete when the compiler says so. */
export const CHECK_WORDS: Readonly<Record<CheckName, string>> = {
  clock: "clock against the venue",
  key: "rights and age of the key",
  account_mode: "unified account",
  margin_mode: "isolated margin",
  one_way: "one-way position mode",
  instrument: "BTCUSD and its rules",
  price_adjust: "silent price adjustment off",
  wallet: "wallet readable",
  history: "history against the venue",
};

/** What a check is about: `isolated margin`. */
export function checkClause(name: string): string {
  return Object.entries(CHECK_WORDS).find(([known]) => known === name)?.[1] ?? name.replaceAll("_", " ");
}

export type CheckResult = "ok" | "failed" | "not_checked";

/** One line of a list of checks: `ok      isolated margin: …`. */
export function checkLine(name: string, found: { readonly result: CheckResult; readonly line: string }): string {
  const what = checkClause(name);
  const told = plainLine(found.line);
  const text = told === what ? what : `${what}: ${told}`;
  switch (found.result) {
    case "ok":
      return `ok      ${text}`;
    case "failed":
      return `FAILED  ${text}`;
    case "not_checked":
      return `        ${what}: not checked`;
    default: {
      const never: never = found.result;
      return never;
    }
  }
}

/** A line of the program without the ids of its rules, which mean nothing to an operator. */
export function plainLine(line: string): string {
  return line.replace(/ as [FPLMN]-\d[\d.]* /g, " as abot ").replace(/\s*\((?:[FPLMN]-\d[^)]*)\)/g, "").trim();
}
