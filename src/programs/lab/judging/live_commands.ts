/** What is read from a running bot's files: its experiment and its quarter. */
import { parseObject } from "../../../common/json.ts";
import type { ExperimentConfig } from "../../../domain/experiment.ts";
import { isAdjustment } from "../../../infrastructure/storage/trades/trade_schema.ts";
import { readStatus } from "../../../views/status.ts";
import { LAB_EXIT, type LabIo } from "../io.ts";
import { labConfig } from "../load.ts";
import {
  experimentJson,
  type ExperimentReading,
  experimentReport,
  experimentSentence,
  readExperiment,
} from "./experiment.ts";
import { badData } from "./problem.ts";
import { review, type ReviewInput, reviewJson, reviewReport } from "./review.ts";
import { show, type ShowFlags } from "./show.ts";
import { ledgerOf, tradesOf } from "./sources.ts";

export type LiveFlags = ShowFlags & { readonly seed: number; readonly config: string };
type Given = { readonly io: LabIo; readonly dir: string; readonly flags: LiveFlags; readonly command: string };

/** `lab experiment`: the arms of a running experiment. */
export async function experimentCommand(given: Given): Promise<number> {
  const { io, flags, command } = given;
  const { config } = labConfig(io, flags.config);
  if (config.experiment === undefined) {
    throw badData(`Cannot read an experiment: ${flags.config} names none; give the configuration that runs (--config)`);
  }
  const reading = readingOf(given, config.experiment);
  await show(
    io,
    { report: experimentReport(reading, command), json: experimentJson(reading), name: "experiment" },
    flags,
  );
  return reading.verdict === "not decidable" ? LAB_EXIT.undecided : LAB_EXIT.done;
}

/** The bot's own file says when it began; without it the first trade that has an arm does. */
function readingOf({ io, dir, flags }: Given, of: ExperimentConfig): ExperimentReading {
  const source = tradesOf(io, dir);
  const file = `${source.name}/status.json`;
  const read = io.exists(file) ? readStatus(io.readText(file)) : null;
  const status = read?.kind === "status" ? read.status : null;
  if (read !== null && read.kind !== "status") {
    const why = read.kind === "version" ? `it is of another version (${read.found})` : read.why;
    io.error(`Cannot read ${file}: ${why}. Begin and end are taken from the trades.`);
  }
  const own = status?.experiment;
  if (own !== undefined && own.name !== of.name) {
    throw badData(
      `Cannot read the experiment ${of.name}: the bot of ${dir} runs ${own.name}; give its configuration (--config)`,
    );
  }
  const first = source.trades.find(({ arm }) => arm !== null);
  const since = own?.since_ms ?? first?.openedAt;
  if (since === undefined) {
    throw badData(
      `Cannot read the experiment ${of.name}: no trade of ${dir} has an arm and the bot's status names none`,
    );
  }
  const ended = own?.ended ?? null;
  const until = Math.max(source.to, status?.written_at_ms ?? 0);
  return readExperiment({ of, trades: source.trades, since, until, ended, seed: flags.seed });
}

/** `lab review`: the page of one quarter. */
export async function reviewCommand(given: Given & { readonly quarter: string }): Promise<number> {
  const { io, dir, flags, command, quarter } = given;
  const { config } = labConfig(io, flags.config);
  const source = tradesOf(io, dir);
  const input: ReviewInput = {
    quarter,
    source,
    config,
    equity: equityOf(io, source.name),
    alerts: alertsOf(io, source.name),
    proposals: io.folders("config/proposals"),
    experiment: config.experiment === undefined ? null : experimentSentence(readingOf(given, config.experiment)),
    seed: flags.seed,
  };
  const found = review(input);
  await show(io, {
    report: reviewReport(found, { input, command }),
    json: reviewJson(found),
    name: `review_${quarter}`,
  }, flags);
  return LAB_EXIT.done;
}

function equityOf(io: LabIo, folder: string): ReviewInput["equity"] {
  return ledgerOf(io, folder).flatMap((line) =>
    isAdjustment(line) ? [] : [{ at: line.closed_at_ms, usd: line.equity_after_sats / 1e8 * line.exit_price_avg }]
  );
}

/** Alerts of all months; lines that are none are left out, the bot's own `verify` judges them. */
function alertsOf(io: LabIo, folder: string): ReviewInput["alerts"] {
  return io.list(`${folder}/alerts`).filter((name) => /^\d{4}-\d{2}\.jsonl$/.test(name)).flatMap((name) =>
    io.readText(`${folder}/alerts/${name}`).split("\n").flatMap((line) => {
      const fields = parseObject(line);
      const { at, code, sentence } = fields ?? {};
      return typeof at === "number" && typeof code === "string"
        ? [{ at, code, sentence: typeof sentence === "string" ? sentence : code }]
        : [];
    })
  );
}
