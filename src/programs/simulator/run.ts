import type { Config } from "../../domain/limits.ts";
import { loadConfig } from "../../infrastructure/config/load.ts";
import { DataFileError, readRecording, type Recording } from "../../infrastructure/market_data/recording.ts";
import { nextInt, randomStream } from "../../common/random.ts";
import { messageOf } from "../../common/text.ts";
import { EXIT } from "../../common/exit_codes.ts";
import { tradeCsv, tradeTable } from "../../views/trade_table.ts";
import { row } from "../../views/layout.ts";
import { pictureOf } from "./picture.ts";
import { progressLine, reportLines, type RunNames, verdictOf } from "./report.ts";
import { type RunJson, runJson } from "./result.ts";
import { DemoPage } from "./demo_page.ts";
import { SideFiles } from "./side_files.ts";
import { wireFiles } from "./wire_files.ts";
import type { Fixed, SimFlags } from "./flags.ts";
import { drawPlace, withCapital } from "./wide_draw.ts";
import { type Progress, runWorld, type WorldResult } from "../../bot/simulated/world.ts";

export type { SimFlags };
/** What `demo` and `sim` touch outside themselves. */
export type SimIo = {
  readonly readBytes: (path: string) => Uint8Array;
  readonly readText: (path: string) => string;
  /** Creates the folders a file needs. */
  readonly writeFile: (path: string, content: string | Uint8Array) => void;
  readonly out: (line: string) => void;
  /** Progress; may be overwritten by the next. */
  readonly progress: (line: string) => void;
  /** Width of the terminal. */
  readonly columns: () => number;
  /** Real time, ms, for the wall clock figure alone. */
  readonly stopwatch: () => number;
};

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
/** Width of the report as text inside the page. */
const PAGE_COLUMNS = 100;
const HISTORY_DAYS = 17;
const START_USD = 100;

/** A mistake in what was given; the message is for the person who gave it. */
export class SimInputError extends Error {}

export type Prepared = { readonly recording: Recording; readonly config: Config; readonly configHash: string };

/** Reads what the flags name; throws `SimInputError`. */
export function prepare(io: SimIo, flags: SimFlags): Prepared {
  const loaded = loadConfig({ readText: io.readText, path: flags.config });
  if (loaded.kind === "errors") throw new SimInputError(loaded.errors.join("\n"));
  let bytes: Uint8Array;
  try {
    bytes = io.readBytes(flags.data);
  } catch (error) {
    throw new SimInputError(`Cannot read market data ${flags.data}: ${messageOf(error)}`);
  }
  try {
    const { config, configHash } = loaded;
    return { recording: readRecording(flags.data, bytes), config, configHash };
  } catch (error) {
    throw error instanceof DataFileError ? new SimInputError(error.message) : error;
  }
}

/** `prepare` that keeps what it read: the seeds of a sweep share few files. */
export function preparer(io: SimIo): (flags: SimFlags) => Prepared {
  const known = new Map<string, Prepared>();
  return (flags) => {
    const key = `${flags.data} ${flags.config}`;
    const prepared = known.get(key) ?? prepare(io, flags);
    known.set(key, prepared);
    return prepared;
  };
}

/** Plays one recording from its 18th day (or `--from`) to its end. Exit code 0 only with 0 violations. */
export async function runDemo(io: SimIo, flags: SimFlags & { readonly seed: number }): Promise<number> {
  const prepared = prepare(io, flags);
  const window = windowOf(prepared.recording, flags);
  const market = flags.market ?? "normal";
  const { configHash } = prepared;
  const page = flags.page === undefined ? null : new DemoPage(flags.page, { configHash, onTrouble: io.out });
  const place = { market, window, page, equityUsd: START_USD };
  const { result, json } = runOne(io, { ...prepared, ...place, flags, seed: flags.seed, watch: true });
  for (const line of reportLines(result, json, namesOf(io, prepared, flags))) io.out(line);
  for (const line of listed(result, flags)) io.out(line);
  for (const line of await showPictures(io, { result, json, prepared, flags })) io.out(line);
  if (flags.json) io.out(JSON.stringify(json));
  return json.violations === 0 ? EXIT.ok : EXIT.no;
}

type Shown = {
  readonly result: WorldResult;
  readonly json: RunJson;
  readonly prepared: Prepared;
  readonly flags: SimFlags & { readonly seed: number };
};

/** Writes the picture, light and dark, and the page of a run; says where they are. */
async function showPictures(io: SimIo, shown: Shown): Promise<readonly string[]> {
  const { result, json, prepared, flags } = shown;
  const { goal } = prepared.config;
  const [verdict = "", holding = ""] = verdictOf(result, json);
  const base = `${flags.out ?? "out"}/${nameOf(flags.data)}-seed-${flags.seed}`;
  const picture = pictureOf(result, {
    title: verdict,
    subtitle: holding,
    floorUsd: goal.equity_floor_usd,
    goalUsd: goal.goal_usd,
  });
  // The charting library takes 20 MB, and no run needs it before its end.
  const { chartSvg, pictureOption } = await import("./chart.ts");
  const { pageOf } = await import("./page.ts");
  io.writeFile(`${base}.svg`, chartSvg(picture, "light"));
  io.writeFile(`${base}-dark.svg`, chartSvg(picture, "dark"));
  const report = reportLines(result, json, { ...namesOf(io, prepared, flags), columns: PAGE_COLUMNS });
  const options = { light: pictureOption(picture, "light"), dark: pictureOption(picture, "dark") };
  io.writeFile(`${base}.html`, pageOf(picture, { report, options, command: reproduceLine(flags, flags.seed) }));
  const layout = { columns: io.columns() };
  return [...row("picture", `${base}.svg`, layout), ...row("page", `${base}.html (open it in a browser)`, layout)];
}

function namesOf(io: SimIo, prepared: Prepared, flags: SimFlags): RunNames {
  return { profile: prepared.config.profile, config: flags.config, columns: io.columns() };
}

/** The trades, when they were asked for. */
function listed(result: WorldResult, flags: SimFlags): readonly string[] {
  const { trades: form = "none" } = flags;
  switch (form) {
    case "none":
      return [];
    case "text":
      return ["", ...tradeTable(result.trades)];
    case "csv":
      return ["", ...tradeCsv(result.trades)];
    default: {
      const never: never = form;
      return never;
    }
  }
}

/** One seed in a window the seed draws, unless `--from` names one. */
export function runSeed(io: SimIo, flags: SimFlags & { readonly seed: number }): number {
  const place = placed(flags, { seed: flags.seed, prepare: preparer(io) });
  const run = runOne(io, { ...place, seed: flags.seed, watch: true });
  for (const line of reportLines(run.result, run.json, namesOf(io, place, place.flags))) io.out(line);
  for (const line of listed(run.result, flags)) io.out(line);
  if (run.json.violations > 0) io.out(`reproduce: ${reproduceLine(flags, flags.seed)}`);
  if (flags.json) io.out(JSON.stringify(run.json));
  return run.json.violations === 0 ? EXIT.ok : EXIT.no;
}

/** What a sweep keeps of one seed: plain data, so that it can come from a worker. */
export type SeedRun = {
  readonly json: RunJson;
  readonly reached: Readonly<Record<string, number>>;
  readonly resets: Readonly<Record<string, number>>;
  /** What is printed about it: how it halted, what failed, and how to see it again. */
  readonly lines: readonly string[];
};

/** One seed of a sweep. */
export function sweepSeed(
  io: SimIo,
  of: { readonly flags: SimFlags; readonly seed: number; readonly prepare: (flags: SimFlags) => Prepared },
): SeedRun {
  const { flags, seed } = of;
  const { result, json } = runOne(io, { ...placed(flags, of), seed, watch: false });
  const lines: string[] = [];
  if (json.final_state === "HALT") lines.push(`seed ${seed}: halted at the end by ${haltWords(json)}`);
  if (json.violations > 0) {
    for (const found of result.observer.violations.slice(0, 3)) {
      lines.push(`seed ${seed}: ${found.check} [${found.rule}] at ${found.at}: ${found.detail}`);
    }
    for (const line of [...result.crashes, ...result.refusals].slice(0, 2)) lines.push(`seed ${seed}: ${line}`);
    lines.push(`reproduce: ${reproduceLine(flags, seed)}`);
  }
  return { json, reached: result.observer.coverage, resets: result.observer.resets, lines };
}

/** The HALTs of a run with their moments. */
function haltWords(json: RunJson): string {
  return json.halts.map(({ reason, at_ms }) => `${reason} (${new Date(at_ms).toISOString().slice(0, 19)}Z)`).join(", ");
}

type OneRun = Prepared & {
  readonly flags: SimFlags;
  readonly seed: number;
  readonly market: "normal" | "thin";
  readonly window: { readonly from?: number; readonly to?: number };
  readonly equityUsd: number;
  readonly watch: boolean;
  /** Watches instead of the files below `out`. */
  readonly page?: DemoPage | null;
};

/** Files, market, window and start of one seed: drawn, but for what was given. */
function placed(
  flags: SimFlags,
  of: { readonly seed: number; readonly prepare: (flags: SimFlags) => Prepared },
): Omit<OneRun, "watch" | "seed"> {
  const { seed } = of;
  const place = flags.world === 2 ? drawPlace(flags, seed) : { ...flags, equityUsd: START_USD };
  const { config, ...prepared } = of.prepare(place);
  const { recording } = prepared;
  const { equityUsd } = place;
  return {
    ...prepared,
    flags: place,
    config: flags.world === 2 ? withCapital(config, equityUsd) : config,
    equityUsd,
    ...drawn(recording, { ...place, seed }),
  };
}

function runOne(io: SimIo, run: OneRun): { readonly result: WorldResult; readonly json: RunJson } {
  const { flags, seed, recording, config, market } = run;
  const startedAt = io.stopwatch();
  const keepIn = flags.out;
  if (flags.wireLog === true && keepIn === null) {
    throw new SimInputError("Cannot keep --wire-log: say where with --out");
  }
  const wire = flags.wireLog === true ? wireFiles(`${keepIn}/seed-${seed}/data/wire`, io.writeFile) : null;
  const keep = (path: string, content: string | Uint8Array): void =>
    io.writeFile(`${keepIn}/seed-${seed}/${path}`, content);
  const side = keepIn === null ? null : new SideFiles({ configHash: run.configHash, writeFile: keep });
  try {
    const result = runWorld({
      recording,
      seed,
      market,
      faults: flags.faults,
      config,
      walletUsd: run.equityUsd,
      world: flags.world ?? 1,
      ...run.window,
      ...(run.watch ? { onProgress: (progress: Progress) => io.progress(progressLine(progress, io.columns())) } : {}),
      ...(wire === null ? {} : { wireLog: wire.write }),
      ...(side === null ? {} : { outlets: side, keepFile: keep }),
      ...(run.page === undefined || run.page === null ? {} : { outlets: run.page }),
    });
    wire?.close();
    side?.close();
    run.page?.close();
    const wallMs = io.stopwatch() - startedAt;
    return { result, json: runJson(result, { seed, data: flags.data, wallMs }) };
  } catch (error) {
    throw error instanceof RangeError && error.message.startsWith("Cannot play")
      ? new SimInputError(error.message)
      : error;
  }
}

function windowOf(recording: Recording, flags: SimFlags): { readonly from?: number; readonly to?: number } {
  const firstAt = recording.bars.firstAt;
  const usual = firstAt + HISTORY_DAYS * DAY_MS;
  const lastAt = firstAt + recording.bars.count * MINUTE_MS;
  const from = flags.from ?? (usual < lastAt ? usual : firstAt);
  const to = flags.hours === null ? flags.to : Math.min(flags.to ?? Infinity, from + flags.hours * HOUR_MS);
  return to === null ? { from } : { from, to };
}

/** Market and window of one seed of a sweep: after 17 days of history, on a whole hour. */
function drawn(
  recording: Recording,
  flags: SimFlags & { readonly seed: number },
): { readonly market: "normal" | "thin"; readonly window: { readonly from?: number; readonly to?: number } } {
  const market = flags.market ?? (flags.seed % 4 === 0 ? "thin" : "normal");
  const hours = flags.hours ?? 24;
  if (flags.from !== null) return { market, window: windowOf(recording, { ...flags, hours }) };
  const firstAt = Math.ceil((recording.bars.firstAt + HISTORY_DAYS * DAY_MS) / HOUR_MS) * HOUR_MS;
  const lastAt = Math.min(flags.to ?? Infinity, recording.bars.firstAt + recording.bars.count * MINUTE_MS);
  const room = Math.floor((lastAt - firstAt) / HOUR_MS) - hours;
  if (room < 0) {
    throw new SimInputError(
      `Cannot draw ${hours} h from ${recording.file} after ${HISTORY_DAYS} days of history: it holds ${
        room + hours
      } h more`,
    );
  }
  const from = firstAt + nextInt(randomStream(flags.seed, "window"), { from: 0, to: room }) * HOUR_MS;
  return { market, window: { from, to: from + hours * HOUR_MS } };
}

function reproduceLine(flags: SimFlags, seed: number): string {
  const iso = (at: number): string => new Date(at).toISOString();
  const told = (name: Fixed): boolean => flags.world !== 2 || flags.fixed?.includes(name) === true;
  return [
    `deno task sim --seed ${seed}`,
    ...(flags.world === 2 ? ["--world 2"] : []),
    ...(told("hours") ? [`--hours ${flags.hours ?? 24}`] : []),
    `--faults ${flags.faults}`,
    ...(told("data") ? [`--data ${flags.data}`] : []),
    ...(told("config") ? [`--config ${flags.config}`] : []),
    ...(flags.market === null || !told("market") ? [] : [`--market ${flags.market}`]),
    ...(flags.from === null ? [] : [`--from ${iso(flags.from)}`]),
    ...(flags.to === null ? [] : [`--to ${iso(flags.to)}`]),
  ].join(" ");
}

function nameOf(path: string): string {
  return (path.split("/").pop() ?? path).replace(/\.csv(\.gz)?$/, "");
}
