/** Two runs of the same market, trade by trade: what differs, by how much of R, and why (L-1.6). */
import type { TradeRecord } from "../../../domain/records.ts";

/** A difference in R between lab and wire, split by cause; the parts add up to `total`. */
export type Split = {
  readonly entry: number;
  readonly exit: number;
  readonly fees: number;
  readonly funding: number;
  /** Sizes, rounding to satoshi, and BTC against USD. */
  readonly rest: number;
  readonly total: number;
};
export type Pair = {
  readonly signalId: string;
  readonly wire: TradeRecord;
  readonly lab: TradeRecord;
  readonly split: Split;
};
/** A trade of one side alone. `bar_race`: the other side took the same signal of the bar beside it. */
export type Alone = {
  readonly side: "wire" | "lab";
  readonly trade: TradeRecord;
  readonly cause: "bar_race" | "not_taken";
};
export type Comparison = {
  readonly pairs: readonly Pair[];
  readonly alone: readonly Alone[];
  /** The first trade that differs; null = none does. */
  readonly first: { readonly at: number; readonly signalId: string; readonly why: string } | null;
  /** Longest run of trades of the wire, in time, that the lab repeats. */
  readonly longestRun: number;
};

/** Differences below this count as the same trade. */
export const SAME_R = 0.01;
/** The same crossing of a grid line is seen within this on both sides, in one bar or the next. */
const RACE_MS = 120_000;

const rOf = (trade: TradeRecord) => trade.r_multiple ?? 0;

/** Pairs trades by signal id; splits what differs. Never throws. */
export function compareTrades(wire: readonly TradeRecord[], lab: readonly TradeRecord[]): Comparison {
  const ofLab = new Map(lab.map((trade) => [trade.signal_id, trade]));
  const pairs: Pair[] = [];
  const alone: Alone[] = [];
  for (const trade of wire) {
    const twin = ofLab.get(trade.signal_id);
    if (twin === undefined) alone.push({ side: "wire", trade, cause: causeOf(trade, lab) });
    else pairs.push({ signalId: trade.signal_id, wire: trade, lab: twin, split: splitOf(trade, twin) });
  }
  const known = new Set(wire.map((trade) => trade.signal_id));
  for (const trade of lab) {
    if (!known.has(trade.signal_id)) alone.push({ side: "lab", trade, cause: causeOf(trade, wire) });
  }
  return { pairs, alone, ...divergence(wire, { pairs, alone }) };
}

function causeOf(trade: TradeRecord, others: readonly TradeRecord[]): Alone["cause"] {
  const raced = others.some((other) =>
    other.direction === trade.direction && Math.abs(other.opened_at_ms - trade.opened_at_ms) <= RACE_MS
  );
  return raced ? "bar_race" : "not_taken";
}

/** What a price difference is worth in R of the wire's trade, for contracts whose money is BTC. */
function splitOf(wire: TradeRecord, lab: TradeRecord): Split {
  const total = rOf(lab) - rOf(wire);
  const perR = wire.max_loss_sats;
  if (perR <= 0) return { entry: 0, exit: 0, fees: 0, funding: 0, rest: total, total };
  const sign = wire.direction === "long" ? 1 : -1;
  const sats = (usd: number) => usd === 0 ? 0 : wire.contracts / usd * 1e8;
  const entry = sign * (sats(lab.entry_price_avg) - sats(wire.entry_price_avg)) / perR;
  const exit = sign * (sats(wire.exit_price_avg) - sats(lab.exit_price_avg)) / perR;
  const fees = -(lab.fees_sats - wire.fees_sats) / perR;
  const funding = -(lab.funding_sats - wire.funding_sats) / perR;
  return { entry, exit, fees, funding, rest: total - entry - exit - fees - funding, total };
}

function divergence(
  wire: readonly TradeRecord[],
  of: { readonly pairs: readonly Pair[]; readonly alone: readonly Alone[] },
): Pick<Comparison, "first" | "longestRun"> {
  const splits = new Map(of.pairs.map((pair) => [pair.signalId, pair.split]));
  let run = 0;
  let longestRun = 0;
  const found: { readonly at: number; readonly signalId: string; readonly why: string }[] = [];
  for (const trade of wire) {
    const split = splits.get(trade.signal_id);
    run = split !== undefined && Math.abs(split.total) <= SAME_R ? run + 1 : 0;
    longestRun = Math.max(longestRun, run);
    if (split === undefined || Math.abs(split.total) <= SAME_R) continue;
    found.push({ at: trade.opened_at_ms, signalId: trade.signal_id, why: `differs by ${split.total.toFixed(3)} R` });
  }
  for (const { side, trade, cause } of of.alone) {
    const why = `only in the ${side}${cause === "bar_race" ? ", the other took it in the bar beside" : ""}`;
    found.push({ at: trade.opened_at_ms, signalId: trade.signal_id, why });
  }
  found.sort((a, b) => a.at - b.at);
  return { first: found[0] ?? null, longestRun };
}

export type ParityFigures = {
  readonly trades_wire: number;
  readonly trades_lab: number;
  readonly paired_pct: number;
  readonly median_abs_dr: number;
  readonly sum_dr_pct: number;
  readonly causes: Readonly<Record<string, number>>;
};

/** The figures of many comparisons together. `causes` counts trades alone, and sums |ΔR| of pairs by cause. */
export function parityFigures(all: readonly Comparison[]): ParityFigures {
  const pairs = all.flatMap((one) => one.pairs);
  const alone = all.flatMap((one) => one.alone);
  const wires = [
    ...pairs.map(({ wire }) => wire),
    ...alone.filter(({ side }) => side === "wire").map(({ trade }) => trade),
  ];
  const labs = [
    ...pairs.map(({ lab }) => lab),
    ...alone.filter(({ side }) => side === "lab").map(({ trade }) => trade),
  ];
  const sum = (list: readonly TradeRecord[]) => list.reduce((total, trade) => total + rOf(trade), 0);
  const size = wires.reduce((total, trade) => total + Math.abs(rOf(trade)), 0);
  const differences = pairs.map(({ split }) => Math.abs(split.total)).sort((a, b) => a - b);
  const most = Math.max(wires.length, labs.length);
  const causes: Record<string, number> = {};
  for (const { side, cause } of alone) causes[`${cause}_${side}`] = (causes[`${cause}_${side}`] ?? 0) + 1;
  for (const part of ["entry", "exit", "fees", "funding", "rest"] as const) {
    causes[`${part}_abs_r`] = pairs.reduce((total, { split }) => total + Math.abs(split[part]), 0);
  }
  return {
    trades_wire: wires.length,
    trades_lab: labs.length,
    paired_pct: most === 0 ? 100 : pairs.length / most * 100,
    median_abs_dr: differences[Math.floor(differences.length / 2)] ?? 0,
    sum_dr_pct: size === 0 ? 0 : Math.abs(sum(labs) - sum(wires)) / size * 100,
    causes,
  };
}
