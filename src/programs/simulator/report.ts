import type { Progress, WorldResult } from "../../bot/simulated/world.ts";
import { dollarText, timeText } from "../../common/text.ts";
import { blockClause } from "../../views/block_words.ts";
import { haltSentence } from "../../views/halt_words.ts";
import { row, wrap } from "../../views/layout.ts";
import { countText, percentText, resultText, roundPriceText, rText, satText, sentenceOf } from "../../views/numbers.ts";
import { whySentence } from "../../views/refusal_words.ts";
import { exitsText } from "../../views/report_lines.ts";
import { holdingSentence, verdictSentence } from "../../views/verdict.ts";
import { refusalOf } from "../../views/why.ts";
import type { RunJson } from "./result.ts";

/** What a run was made of, as its report names it. */
export type RunNames = {
  readonly profile: string;
  readonly config: string;
  readonly columns: number;
};

const BAR = 24;

/** `[####....]  2021-01-11  BTC $35,404  account $104.12  in a trade`, cut to the terminal's width. */
export function progressLine(progress: Progress, columns: number): string {
  const share = (progress.at - progress.startAt) / Math.max(1, progress.endAt - progress.startAt);
  const width = Math.max(0, Math.min(BAR, columns - 60));
  const full = Math.round(share * width);
  const bar = width < 8 ? `${Math.round(share * 100)} %` : `[${"#".repeat(full)}${".".repeat(width - full)}]`;
  const day = new Date(progress.at).toISOString().slice(0, 10);
  const account = dollarText(progress.equityUsd).padStart(7);
  const line = `${bar}  ${day}  BTC ${roundPriceText(progress.price)}  account ${account}  ${WORDS[progress.word]}`;
  // The last column stays free: a full line would scroll.
  return line.slice(0, Math.max(1, columns - 1)).trimEnd();
}

const WORDS: Readonly<Record<Progress["word"], string>> = {
  FLAT: "flat",
  ENTRY_PENDING: "entering",
  IN_POSITION: "in a trade",
  EXIT_PENDING: "closing",
  COOLDOWN: "pausing",
  HALT: "HALTED",
};

function samplesOf(result: WorldResult) {
  return { first: result.samples.find((sample) => sample.price > 0), last: result.samples.at(-1) };
}

/** Mean R of the trades that have one; null without any. */
function meanR(trades: WorldResult["trades"]): number | null {
  const known = trades.flatMap((trade) => (trade.r_multiple === null ? [] : [trade.r_multiple]));
  return known.length === 0 ? null : known.reduce((sum, r) => sum + r, 0) / known.length;
}

/** An inverse account is long BTC even when flat, so its dollars move with the price: trading is told apart from it. */
export function verdictOf(result: WorldResult, json: RunJson): readonly string[] {
  const { first, last } = samplesOf(result);
  if (first === undefined || last === undefined) return ["The run ended before a price was seen."];
  const sats = last.equitySat - first.equitySat;
  const facts = {
    from: result.startAt,
    to: result.endAt,
    trades: json.trades,
    wins: json.wins,
    r_mean: meanR(result.trades),
    trading_sats: sats,
    trading_usd: (sats / 1e8) * last.price,
    start_usd: first.equityUsd,
    end_usd: last.equityUsd,
    held_usd: (first.equitySat / 1e8) * last.price,
  };
  return [verdictSentence(facts), holdingSentence(facts) ?? ""];
}

/** The report of one run for a person at a terminal: the verdict first. */
export function reportLines(result: WorldResult, json: RunJson, names: RunNames): readonly string[] {
  const { columns } = names;
  return [
    "",
    ...verdictOf(result, json).flatMap((line) => wrap(line, { columns })),
    "",
    ...row("market", `${json.data}, ${timeText(result.startAt)} to ${timeText(result.endAt)}`, names),
    ...row("ran with", `${names.config} (${names.profile} profile), seed ${json.seed}`, names),
    ...accountLines(result, json, names),
    ...tradeLines(result, json, names),
    ...whyLines(result, names),
    ...row(
      "no stop",
      `${seconds(json.naked_ms_max)} at most, ${seconds(json.naked_ms_total)} of ${
        (json.position_ms_total / 3_600_000).toFixed(0)
      } h in a trade`,
      names,
    ),
    ...lidLines("pauses", json.cooldowns, { ...names, told: blockClause }),
    ...lidLines("halts", json.halts, { ...names, told: haltSentence }),
    ...row(
      "at the end",
      json.final_state === "HALT" ? "halted" : json.final_state.toLowerCase().replaceAll("_", " "),
      names,
    ),
    ...faultLines(json, names),
    ...result.refusals.flatMap((line) => row("REFUSED", line, names)),
    ...result.crashes.flatMap((line) => row("CRASH", line, names)),
    ...row("judge", json.violations === 0 ? "no rule was broken" : `${countText(json.violations, "violation")}`, names),
    ...result.observer.violations.slice(0, 20).map((found) =>
      `    ${timeText(found.at)}  ${found.check} [${found.rule}] ${found.detail}`
    ),
    ...row("journal", `head ${json.journal_head}`, { columns: 100 }),
    ...row(
      "machine",
      `${countText(json.steps, "step")}, ${(json.wall_ms / 1000).toFixed(1)} s, ${json.peak_rss_mb} MB; ${
        countText(json.orders_sent, "order")
      }, at most ${countText(json.rest_calls_per_min_max, "call")} a minute`,
      names,
    ),
  ];
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

function accountLines(result: WorldResult, json: RunJson, names: RunNames): readonly string[] {
  const { first, last } = samplesOf(result);
  if (first === undefined || last === undefined) return [];
  const trading = ((last.equitySat - first.equitySat) / 1e8) * last.price;
  return row(
    "account",
    `${dollarText(first.equityUsd)} to ${dollarText(last.equityUsd)}: trading ${resultText(trading)}, BTC price ${
      resultText(last.equityUsd - first.equityUsd - trading)
    }; at most ${percentText(json.max_drawdown_pct)} under its peak`,
    names,
  );
}

function tradeLines(result: WorldResult, json: RunJson, names: RunNames): readonly string[] {
  const { trades } = result;
  if (trades.length === 0) return row("trades", "none closed", names);
  const gained = trades.reduce((sum, trade) => sum + Math.max(0, trade.net_pnl_sats), 0);
  const lost = trades.reduce((sum, trade) => sum + Math.max(0, -trade.net_pnl_sats), 0);
  const exits: Record<string, number> = {};
  for (const { exit_reason } of trades) exits[exit_reason] = (exits[exit_reason] ?? 0) + 1;
  const multiples = trades.flatMap((trade) => (trade.r_multiple === null ? [] : [trade.r_multiple]));
  const factor = lost === 0 ? "no loss" : (gained / lost).toFixed(2);
  const price = samplesOf(result).last?.price ?? 0;
  return [
    ...row(
      "trades",
      `${trades.length}: ${json.longs} long, ${json.shorts} short; closed by ${exitsText(exits)}`,
      names,
    ),
    ...row(
      "won",
      `${
        percentText((json.wins / trades.length) * 100)
      } (${json.wins} won, ${json.losses} lost), gains over losses ${factor}`,
      names,
    ),
    ...(multiples.length === 0 ? [] : row(
      "R",
      `average ${rText(meanR(trades))}, best ${rText(Math.max(...multiples))}, worst ${rText(Math.min(...multiples))}`,
      names,
    )),
    ...row(
      "fees",
      `${dollarText((result.feesSats / 1e8) * price)} (${satText(result.feesSats)}), funding ${
        result.fundingSats < 0 ? "received" : "paid"
      } ${satText(Math.abs(result.fundingSats))}`,
      names,
    ),
  ];
}

const TOLD = 3;
/** What is rarer than this is not told. */
const LEAST_SHARE = 0.01;

/** What kept it from trading, the most frequent first. */
function whyLines(result: WorldResult, names: RunNames): readonly string[] {
  const { entryRefusals: refusals } = result;
  const all = refusals.reduce((sum, one) => sum + one.count, 0);
  const often = refusals.filter((one) => one.count / all >= LEAST_SHARE);
  return often.slice(0, TOLD).flatMap((one, index) =>
    row(
      index === 0 ? "no entry" : "",
      `${percentText(Math.round((one.count / all) * 100))} of the looks: ${whySentence(refusalOf(one.newest))}`,
      names,
    )
  );
}

const SHOWN = 12;

function lidLines(
  name: string,
  lids: RunJson["halts"],
  view: { readonly columns: number; readonly told: (reason: string) => string },
): readonly string[] {
  if (lids.length === 0) return row(name, "none", view);
  return [
    ...lids.slice(0, SHOWN).flatMap((lid, index) =>
      row(index === 0 ? name : "", `${timeText(lid.at_ms)}  ${sentenceOf(view.told(lid.reason))}`, view)
    ),
    ...(lids.length > SHOWN ? row("", `and ${lids.length - SHOWN} more`, view) : []),
  ];
}

function faultLines(json: RunJson, names: RunNames): readonly string[] {
  const fired = Object.entries(json.faults).filter(([, count]) => count > 0);
  if (fired.length === 0) return [];
  return row("faults", fired.map(([name, count]) => `${name} ${count}`).join(", "), names);
}
