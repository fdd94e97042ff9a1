/** The rehearsals on the live testnet: same permissions, hosts and parts as the bot; never a fake venue. */
import { programBuild } from "../../build_info.ts";
import { runDryRun } from "./dry_run.ts";
import { EXIT } from "../../common/exit_codes.ts";
import type { LiveWorld } from "../../bot/live/world.ts";
import { runScenarioProgram } from "./program.ts";
import { runScenarios } from "./run.ts";
import { packGzip } from "../../infrastructure/platform/live/gzip.ts";
import { complain, endWith, say, terminalColumns } from "../../infrastructure/platform/live/terminal.ts";
import { livePlatform } from "../../infrastructure/platform/live/mod.ts";
import { onTermination } from "../../infrastructure/platform/live/signals.ts";
import { denoWorld } from "../../infrastructure/safety/deno_permissions.ts";

const { build, args } = programBuild(Deno.args);
const platform = livePlatform();
const live: LiveWorld = {
  files: platform.files,
  now: () => Date.now(),
  wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  columns: terminalColumns,
  out: say,
  error: complain,
  platform,
  audit: denoWorld,
  build,
  processId: Deno.pid,
  terminal: Deno.stdout.isTerminal(),
  pack: packGzip,
  onSignal: onTermination,
};

if (import.meta.main) {
  const command = `rehearsal ${args.join(" ")}`;
  try {
    endWith(
      await runScenarioProgram(args, {
        handlers: {
          testnet: (options) => runScenarios(live, { ...options, command }),
          dryRun: (options) => runDryRun(live, { ...options, command }),
        },
        out: (text) => say(text.trimEnd()),
        error: (text) => complain(text.trimEnd()),
      }),
    );
  } catch (error) {
    complain(error instanceof Error ? error.stack ?? error.message : String(error));
    endWith(EXIT.internal);
  }
}
