import { dollarText, timeText } from "../../common/text.ts";
import type { RunJson } from "./result.ts";
import type { Progress, WorldResult } from "../../bot/simulated/world.ts";

const BAR = 24;
/** Made once: `toLocaleString` builds a formatter at every call, a millisecond per simulated hour. */
const DOLLARS = new Intl.NumberFormat("en-US", { minimumFractionDigits: 2 });
const WHOLE = new Intl.NumberFormat("en-US");

/** `[#####.....]  2021-01-11  $35,404.00  IN_POSITION    equity $104.12` */
export function progressLine(progress: Progress): string {
  const share = (progress.at - progress.startAt) / Math.max(1, progress.endAt - progress.startAt);
  const full = Math.round(share * BAR);
  const day = new Date(progress.at).toISOString().slice(0, 10);
  const price = DOLLARS.format(progress.price);
  return `[${"#".repeat(full)}${".".repeat(BAR - full)}]  ${day}  $${price}  ${progress.word.padEnd(13)}  equity ${
    dollarText(progress.equityUsd)
  }`;
}

function sats(value: number): string {
  return `${WHOLE.format(Math.round(value))} sat`;
}
function row(name: string, value: string): string {
  return `  ${name.padEnd(26)}${value}`;
}

/** The report of one run for a person at a terminal. */
export function reportLines(result: WorldResult, json: RunJson): readonly string[] {
  const last = result.samples.at(-1);
  const first = result.samples.find((sample) => sample.price > 0);
  return [
    "",
    `${timeText(result.startAt)} to ${timeText(result.endAt)}, seed ${json.seed}, ${json.data}`,
    row("final state", json.final_state),
    ...tradeLines(result, json),
    row("fees / funding paid", `${sats(result.feesSats)} / ${sats(result.fundingSats)}`),
    row("max drawdown (USD equity)", `${json.max_drawdown_pct.toFixed(2)} %`),
    ...equityLines(first, last),
    row("longest without a stop", `${json.naked_ms_max} ms (in all ${json.naked_ms_total} ms of ${hours(json)})`),
    ...lidLines("halts", json.halts),
    ...lidLines("cooldowns", json.cooldowns),
    row("orders sent", `${json.orders_sent}, at most ${json.rest_calls_per_min_max} REST calls in a minute`),
    ...faultLines(json),
    ...result.refusals.map((line) => row("refused to start", line)),
    ...result.crashes.map((line) => row("CRASH", line)),
    row("violations", String(json.violations)),
    ...result.observer.violations.slice(0, 20).map((found) =>
      `    ${timeText(found.at)}  ${found.check} [${found.rule}] ${found.detail}`
    ),
    row("journal head", json.journal_head),
    row("steps / wall / memory", `${json.steps} / ${(json.wall_ms / 1000).toFixed(1)} s / ${json.peak_rss_mb} MB`),
  ];
}

function hours(json: RunJson): string {
  return `${(json.position_ms_total / 3_600_000).toFixed(1)} h in position`;
}

function tradeLines(result: WorldResult, json: RunJson): readonly string[] {
  const { trades } = result;
  if (trades.length === 0) return [row("trades", "none")];
  const gained = trades.reduce((sum, trade) => sum + Math.max(0, trade.net_pnl_sats), 0);
  const lost = trades.reduce((sum, trade) => sum + Math.max(0, -trade.net_pnl_sats), 0);
  const multiples = trades.flatMap((trade) => trade.r_multiple === null ? [] : [trade.r_multiple]);
  const mean = multiples.reduce((sum, value) => sum + value, 0) / Math.max(1, multiples.length);
  const reasons = new Map<string, number>();
  for (const { exit_reason } of trades) reasons.set(exit_reason, (reasons.get(exit_reason) ?? 0) + 1);
  return [
    row("trades", `${trades.length}: ${json.longs} long, ${json.shorts} short`),
    row("ended by", [...reasons].map(([reason, count]) => `${count} ${reason}`).join(", ")),
    row("win rate", `${(json.wins / trades.length * 100).toFixed(1)} % (${json.wins} won, ${json.losses} lost)`),
    row("profit factor", lost === 0 ? "no loss" : (gained / lost).toFixed(2)),
    row("net profit", sats(json.net_pnl_sats)),
    row(
      "R multiples",
      multiples.length === 0
        ? "none"
        : `mean ${mean.toFixed(2)}, best ${Math.max(...multiples).toFixed(2)}, worst ${
          Math.min(...multiples).toFixed(2)
        }`,
    ),
  ];
}

/** An inverse account is long BTC even when flat, so its dollars move with the price; both parts are shown. */
function equityLines(
  first: WorldResult["samples"][number] | undefined,
  last: WorldResult["samples"][number] | undefined,
): readonly string[] {
  if (first === undefined || last === undefined) return [];
  const trading = (last.equitySat - first.equitySat) / 1e8 * last.price;
  const total = last.equityUsd - first.equityUsd;
  return [
    row("equity", `${dollarText(first.equityUsd)} to ${dollarText(last.equityUsd)}`),
    row("  of which trading", dollarText(trading)),
    row("  of which BTC price", dollarText(total - trading)),
  ];
}

function lidLines(name: string, lids: RunJson["halts"]): readonly string[] {
  if (lids.length === 0) return [row(name, "none")];
  const shown = lids.slice(0, 30).map((lid) => `    ${timeText(lid.at_ms)}  ${lid.reason}`);
  return [row(name, String(lids.length)), ...shown, ...(lids.length > 30 ? [`    and ${lids.length - 30} more`] : [])];
}

function faultLines(json: RunJson): readonly string[] {
  const fired = Object.entries(json.faults).filter(([, count]) => count > 0);
  if (fired.length === 0) return [];
  return [row("faults", fired.map(([name, count]) => `${name} ${count}`).join(", "))];
}
