import type { Bot } from "../../domain/state.ts";
import { createRedactor } from "../../infrastructure/logging/redactor.ts";
import { auditPermissions } from "../../infrastructure/safety/permission_audit.ts";
import { awaitDataDirectory } from "../../infrastructure/safety/single_instance.ts";
import { readTradeLog } from "../../infrastructure/storage/trades/trade_reader.ts";
import { isAdjustment, type LedgerLine, type TradeLine } from "../../infrastructure/storage/trades/trade_schema.ts";
import { messageOf } from "../../common/text.ts";
import { readCredentials } from "../../bot/live/credentials.ts";
import { type DryRunCounters, dryRunReport } from "./dry_run_report.ts";
import { EXIT } from "../../common/exit_codes.ts";
import { DATA_DIR, type LiveWorld } from "../../bot/live/world.ts";
import { ScenarioBot } from "./bot.ts";
import { ScenarioFailure } from "./failure_class.ts";
import type { ScenarioContext } from "./context.ts";
import { atDesk, notFlat } from "./desk.ts";
import { Evidence, folderName, SCENARIO_FOLDER } from "./evidence.ts";
import { dryRunStrategyOf, type Loaded, loadScenarioConfig, runsBefore } from "./run.ts";
import { type BothBooks, readBothBooks } from "./venue_ledger.ts";

export type DryRunOptions = { readonly config: string; readonly trades: number; readonly command: string };

/** Session risk may stop a run for days (F-8.2, F-8.4); longer than this it is given up. */
const LONGEST_MS = 14 * 86_400_000;
const MICRO = 1_000_000;

/**
 * `deno task dry-run`: the bot with `dry_run: true` until so many trades are closed, then a report beside the evidence.
 * Exit 0 only when all were closed and nothing was found (P-12); refuses on an account that is not flat (F-11.4).
 */
export async function runDryRun(world: LiveWorld, options: DryRunOptions): Promise<number> {
  const audit = auditPermissions(world.audit);
  for (const line of audit.refusals) world.error(line);
  if (audit.refusals.length > 0) return EXIT.refused;
  const of = { strategy: dryRunStrategyOf(runsBefore(world)), dryRunTrades: options.trades };
  const loaded = loadScenarioConfig(world, options.config, of);
  if ("errors" in loaded) {
    for (const line of loaded.errors) world.error(line);
    return EXIT.refused;
  }
  const keys = readCredentials(
    { variable: world.audit.variable, readText: (path) => world.files.readText(path) },
    null,
  );
  if (keys.kind === "missing") {
    for (const line of keys.lines) world.error(line);
    return EXIT.refused;
  }
  const { files, clock } = world.platform;
  const { processId, build } = world;
  const program = `abot dry run ${build.version}`;
  const lock = await awaitDataDirectory({ files, clock, dataDir: DATA_DIR, processId, program }, world.wait);
  if (lock.kind === "taken") {
    world.error(lock.line);
    return EXIT.notYet;
  }
  try {
    return await withEvidence(world, { options, loaded, keys });
  } finally {
    lock.release();
  }
}

type Parts = {
  readonly options: DryRunOptions;
  readonly loaded: Loaded;
  readonly keys: { readonly key: string; readonly secret: string };
};

async function withEvidence(world: LiveWorld, { options, loaded, keys }: Parts): Promise<number> {
  const redactor = createRedactor([keys.key, keys.secret]);
  const runFolder = `${SCENARIO_FOLDER}/${folderName(world.now())}`;
  const evidence = new Evidence({ files: world.files, redactor, runFolder, name: "dry-run", long: true });
  world.files.writeAtomic(`${runFolder}/command.txt`, `${options.command}\n`);
  let stopped = false;
  const quiet = world.onSignal((name) => {
    stopped = true;
    world.out(`${name}: ending the dry run, what is open is closed`);
  });
  const { platform } = world;
  const context: ScenarioContext = {
    ...{ world, platform, ...loaded, ...keys, redactor, evidence },
    attempt: 1,
    interrupted: () => stopped,
    saw: (line) => world.out(`  ${line}`),
  };
  try {
    const open = await atDesk(context, notFlat);
    if (open.length === 0) return await trade(context, options.trades);
    world.error(`Cannot dry-run as F-11.4 needs a flat account without orders: ${open.join("; ")}`);
    return EXIT.refused;
  } catch (error) {
    if (!(error instanceof ScenarioFailure)) throw error;
    world.error(`FAIL dry-run (${error.failClass}): ${error.message}`);
    return EXIT.no;
  } finally {
    quiet();
    evidence.close();
  }
}

/** Trades to the end, leaves nothing open, writes and judges the report. */
async function trade(context: ScenarioContext, wanted: number): Promise<number> {
  const { world, evidence } = context;
  const dataDir = `${evidence.folder}/bot`;
  const startedAt = world.now();
  const notes: string[] = [];
  const bot = new ScenarioBot(context, dataDir);
  let told = 0;
  try {
    await bot.ready();
    const wait = { what: `${wanted} closed trades`, withinMs: LONGEST_MS, failClass: "market" } as const;
    await bot.until(wait, () => {
      for (; told < bot.trades.length; told += 1) {
        const { exit_reason, net_pnl_usd } = bot.trades[told] ?? { exit_reason: "", net_pnl_usd: 0 };
        context.saw(`trade ${told + 1} of ${wanted}: ${exit_reason}, net ${net_pnl_usd.toFixed(4)} USD`);
      }
      return bot.trades.length >= wanted ? true : null;
    });
  } catch (error) {
    notes.push(messageOf(error));
  }
  notes.push(...(await bot.leave()).map((line) => `left open: ${line}`));
  const last = bot.bot();
  const { lines, faults } = readBack(world, dataDir);
  const { books, trouble } = await venueBooks(context, lines);
  notes.push(...trouble);
  const { text, problems } = dryRunReport({
    ...{ wanted, startedAt, endedAt: world.now(), configHash: context.configHash, lines, faults, notes, books },
    counters: countersOf(last),
    lids: bot.lids,
  });
  world.files.writeAtomic(`${evidence.folder}/dry_run.md`, text);
  for (const problem of problems) world.error(`problem: ${problem}`);
  world.out(`${problems.length === 0 ? "PASS" : "FAIL"} dry-run; report in ${evidence.folder}/dry_run.md`);
  return problems.length === 0 ? EXIT.ok : EXIT.no;
}

function readBack(
  world: LiveWorld,
  dataDir: string,
): { readonly lines: readonly LedgerLine[]; readonly faults: readonly string[] } {
  const lines: LedgerLine[] = [];
  const faults: string[] = [];
  for (const item of readTradeLog(world.files, dataDir)) {
    if (item.kind === "line") lines.push(item.line);
    else faults.push(item.kind === "fault" ? `${item.where}: ${item.reason}` : `${item.path} ends in half a line`);
  }
  return { lines, faults };
}

/** The trades in the venue's book too; what keeps it from being read is a problem of the run. */
async function venueBooks(
  context: ScenarioContext,
  lines: readonly LedgerLine[],
): Promise<{ readonly books: readonly BothBooks[]; readonly trouble: readonly string[] }> {
  const trades = lines.filter((line): line is TradeLine => !isAdjustment(line));
  if (trades.length === 0) return { books: [], trouble: [] };
  try {
    return { books: await readBothBooks(context, { trades, late: lines.filter(isAdjustment) }), trouble: [] };
  } catch (error) {
    return { books: [], trouble: [`the venue's closed profit and loss cannot be read: ${messageOf(error)}`] };
  }
}

function countersOf(bot: Bot | null): DryRunCounters {
  if (bot === null) return { tradesTotal: 0, lossStreak: 0, day: null, week: null };
  const { day, week, lossStreak } = bot.risk;
  const span = (of: typeof day) => of === null ? null : { startAt: of.startAt, realisedUsd: of.realised / MICRO };
  return { tradesTotal: bot.tradesTotal, lossStreak, day: span(day), week: span(week) };
}
