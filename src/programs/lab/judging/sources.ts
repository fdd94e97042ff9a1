/** Where results come from: a bot's data directory, a run of the lab, a sweep. */
import { z } from "zod";
import { readTradeLog } from "../../../infrastructure/storage/trades/trade_reader.ts";
import { isAdjustment, type LedgerLine, type TradeLine } from "../../../infrastructure/storage/trades/trade_schema.ts";
import { messageOf } from "../../../common/text.ts";
import { reportFigures } from "../../../views/report_figures.ts";
import { LAB_EXIT, LabInputError, type LabIo } from "../io.ts";
import type { AnalysedTrade, TradeSource } from "./analyse.ts";
import { ledgerPath, looksAt, readLedger, trialsOn } from "../sweep/ledger.ts";
import { readPlan } from "../sweep/plan.ts";
import type { Ledger } from "./judge.ts";
import { badData } from "./problem.ts";
import { readResults, type SweepResults } from "./sweep_results.ts";

const DAY_MS = 86_400_000;
const SATS_PER_BTC = 100_000_000;

/** A sweep's results below its directory. Throws LabInputError. */
export function sweepOf(io: LabIo, directory: string): SweepResults {
  const file = `${directory.replace(/\/+$/, "")}/results.jsonl`;
  if (!io.exists(file)) {
    throw new LabInputError(
      `Cannot judge ${directory}: ${file} is not there; finish the sweep first (deno task lab sweep, same --out)`,
      LAB_EXIT.files,
    );
  }
  return readResults(file, io.readText(file));
}

/** Trades of a data directory (trades/) or of a run of the lab (trades.jsonl). Throws LabInputError. */
export function tradesOf(io: LabIo, directory: string): TradeSource {
  const folder = directory.replace(/(?<=.)\/+$/, "");
  if (io.exists(`${folder}/trades.jsonl`)) return labTrades(io, folder);
  if (io.exists(`${folder}/trades`)) return loggedTrades(io, folder);
  if (io.exists(`${folder}/data/trades`)) return loggedTrades(io, `${folder}/data`);
  throw new LabInputError(
    `Cannot read ${directory}: expected the trades of a bot (${folder}/trades) or of a run of the lab (${folder}/trades.jsonl)`,
    LAB_EXIT.files,
  );
}

/** Every line of the trade log; the first damage is said. */
export function ledgerOf(io: LabIo, folder: string): LedgerLine[] {
  const lines: LedgerLine[] = [];
  for (const item of readTradeLog(io, folder)) {
    if (item.kind === "fault") throw badData(`Cannot read the trade log of ${folder}: ${item.where}: ${item.reason}`);
    if (item.kind === "line") lines.push(item.line);
  }
  return lines;
}

function loggedTrades(io: LabIo, folder: string): TradeSource {
  const ledger = ledgerOf(io, folder);
  const trades = ledger.filter((line): line is TradeLine => !isAdjustment(line));
  const first = trades.reduce((low, { opened_at_ms: at }) => Math.min(low, at), Infinity);
  const last = trades.reduce((high, { closed_at_ms: at }) => Math.max(high, at), 0);
  const figures = reportFigures(ledger, { from: 0, to: Number.MAX_SAFE_INTEGER });
  const later = laterFunding(ledger);
  return {
    name: folder,
    trades: trades.map((line) => tradeOf(line, later.get(line.trade_id) ?? 0)),
    from: trades.length === 0 ? 0 : Math.floor(first / DAY_MS) * DAY_MS,
    to: trades.length === 0 ? 0 : Math.ceil((last + 1) / DAY_MS) * DAY_MS,
    btcPriceUsd: figures.equity?.btc_price_usd ?? null,
    halts: [],
  };
}

/** Funding and fees that came after a trade's line, in satoshis by trade. */
function laterFunding(ledger: readonly LedgerLine[]): ReadonlyMap<string, number> {
  const later = new Map<string, number>();
  for (const line of ledger) {
    if (!isAdjustment(line)) continue;
    const cost = line.fees_sats + line.funding_sats - line.gross_pnl_sats;
    later.set(line.trade_id, (later.get(line.trade_id) ?? 0) + cost);
  }
  return later;
}

function tradeOf(line: TradeLine, laterSats: number): AnalysedTrade {
  const usd = (sats: number) => sats / SATS_PER_BTC * line.exit_price_avg;
  return {
    side: line.direction,
    openedAt: line.opened_at_ms,
    closedAt: line.closed_at_ms,
    r: line.r_multiple,
    netUsd: line.net_pnl_usd - usd(laterSats),
    feesUsd: usd(line.fees_sats),
    slippageUsd: line.slippage_usd,
    fundingUsd: usd(line.funding_sats + laterSats),
    exitReason: line.exit_reason,
    regime: line.market_regime,
    stage: line.entry_stage,
    mae: null,
    mfe: null,
    nakedMs: line.naked_ms,
    arm: line.arm ?? null,
  };
}

const labTrade = z.object({
  side: z.enum(["long", "short"]),
  openedAt: z.number(),
  closedAt: z.number(),
  r: z.number().nullable(),
  netUsd: z.number(),
  feesUsd: z.number(),
  slippageUsd: z.number(),
  fundingUsd: z.number(),
  exitReason: z.string(),
  regime: z.string(),
  stage: z.number(),
  mae: z.number(),
  mfe: z.number(),
});
const labDay = z.object({ day: z.iso.date() });

function labTrades(io: LabIo, folder: string): TradeSource {
  const trades = rowsOf(io, `${folder}/trades.jsonl`, labTrade);
  const days = rowsOf(io, `${folder}/days.jsonl`, labDay).map(({ day }) => Date.parse(`${day}T00:00:00Z`));
  const [first, last] = [days[0], days.at(-1)];
  if (first === undefined || last === undefined) throw badData(`Cannot read ${folder}/days.jsonl: it holds no day`);
  return {
    name: folder,
    trades: trades.map((trade) => ({ ...trade, nakedMs: null, arm: null })),
    from: first,
    to: last + DAY_MS,
    btcPriceUsd: null,
    halts: [],
  };
}

/** The rows of a file of JSON lines. Throws LabInputError that names the line. */
function rowsOf<T>(io: LabIo, path: string, schema: z.ZodType<T>): T[] {
  return io.readText(path).split("\n").flatMap((text, at) => {
    if (text.trim() === "") return [];
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (error) {
      throw badData(`Cannot read ${path}, line ${at + 1}: expected one JSON object (${messageOf(error)})`);
    }
    const parsed = schema.safeParse(value);
    if (parsed.success) return [parsed.data];
    const issue = parsed.error.issues[0];
    throw badData(`Cannot read ${path}, line ${at + 1}: ${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}`);
  });
}

/** What the trial ledger knows of a sweep's data: the sweep's plan names where it lies. Throws LabInputError. */
export function ledgerCounts(
  io: LabIo,
  { directory, ledger }: { readonly directory: string; readonly ledger: string | undefined },
): Ledger {
  const plan = readPlan(io, `${directory.replace(/(?<=.)\/+$/, "")}/plan.json`);
  const found = readLedger(io, ledger ?? ledgerPath(plan.data));
  return {
    trials: trialsOn(found, plan.data_hash),
    holdoutLooks: looksAt(found, { dataHash: plan.data_hash, ...plan.holdout }),
  };
}
