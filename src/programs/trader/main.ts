/** The live program: flags → configuration → permission audit → live platform → orchestrator. */
import { programBuild, UNNAMED_CORE } from "../../build_info.ts";
import type { CliWorld } from "../../bot/live/cli_world.ts";
import { checkLive } from "./check.ts";
import { dataDirOf } from "./commands/data_dir.ts";
import { diffConfig } from "./commands/config_diff.ts";
import { explainConfig } from "./commands/config_explain.ts";
import { EXIT } from "../../common/exit_codes.ts";
import { operate } from "./commands/operate.ts";
import { folderTrouble } from "./commands/data_folder.ts";
import { type DataOptions, type Handlers, runProgram } from "./program.ts";
import { replayData } from "./commands/replay.ts";
import { showReport } from "./commands/report.ts";
import { runLive } from "./run.ts";
import type { LiveWorld } from "../../bot/live/world.ts";
import { showStatus } from "./commands/status.ts";
import { verifyData } from "./commands/verify.ts";
import { showWhy } from "./commands/why.ts";
import { packGzip } from "../../infrastructure/platform/live/gzip.ts";
import { terminalColumns } from "../../infrastructure/platform/live/terminal.ts";
import { livePlatform } from "../../infrastructure/platform/live/mod.ts";
import { onTermination } from "../../infrastructure/platform/live/signals.ts";
import { denoWorld } from "../../infrastructure/safety/deno_permissions.ts";

const { build, args } = programBuild(Deno.args);
const platform = livePlatform();
const world: CliWorld = {
  files: platform.files,
  now: () => Date.now(),
  wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  columns: terminalColumns,
  out: (line) => console.log(line),
  error: (line) => console.error(line),
};
const live: LiveWorld = {
  ...world,
  platform,
  audit: denoWorld,
  build,
  processId: Deno.pid,
  terminal: Deno.stdout.isTerminal(),
  pack: packGzip,
  onSignal: onTermination,
};

/** A reader of a data directory: the one that is meant, once it can be used. */
function reading<Options extends DataOptions>(show: (options: Options) => number) {
  return (options: Options): number => {
    const dataDir = dataDirOf(world, options.dataDir);
    if (dataDir === null) return EXIT.no;
    const trouble = folderTrouble(world, dataDir);
    if (trouble === null) return show({ ...options, dataDir });
    world.error(trouble.line);
    return trouble.code;
  };
}

const cores = [build.coreHash, ...build.equalCores, UNNAMED_CORE];
const handlers: Handlers = {
  run: (options) => runLive(live, options),
  check: (options) => checkLive(live, options.config),
  status: reading((options) => showStatus(world, options)),
  why: reading((options) => showWhy(world, options)),
  halt: (options) => operate(world, { ...options, command: "halt" }),
  reset: (options) => operate(world, { ...options, command: "reset" }),
  close: (options) => operate(world, { ...options, command: "close" }),
  report: reading((options) => showReport(world, options)),
  replay: reading((options) => replayData(world, { ...options, cores })),
  verify: reading((options) => verifyData(world, options.dataDir)),
  explain: ({ config, diff }) =>
    diff === null ? explainConfig(world, config) : diffConfig(world, { config, proposal: diff }),
};

if (import.meta.main) {
  const { version, commit, coreHash, buildDate } = build;
  try {
    Deno.exit(
      await runProgram(args, {
        handlers,
        version: `abot ${version} commit ${commit} core ${coreHash} built ${buildDate}`,
        out: (text) => console.log(text.trimEnd()),
        error: (text) => console.error(text.trimEnd()),
      }),
    );
  } catch (error) {
    console.error(error instanceof Error ? error.stack ?? error.message : error);
    Deno.exit(EXIT.internal);
  }
}
