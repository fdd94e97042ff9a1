/** The monitor: one read-only page about one bot. */
import { statfsSync } from "node:fs";
import { programBuild } from "../../build_info.ts";
import { EXIT } from "../../common/exit_codes.ts";
import { onTermination } from "../../infrastructure/platform/live/signals.ts";
import { denoWorld } from "../../infrastructure/safety/deno_permissions.ts";
import { listenHere, readSeam } from "./deno_world.ts";
import { monitorProgram } from "./program.ts";

if (import.meta.main) {
  const { build, args } = programBuild(Deno.args);
  try {
    Deno.exit(
      await monitorProgram({
        audit: denoWorld,
        seam: readSeam,
        now: () => Date.now(),
        out: (line) => console.log(line),
        error: (line) => console.error(line),
        listen: listenHere,
        diskFree(path) {
          try {
            const { bavail, bsize } = statfsSync(path);
            return bavail * bsize;
          } catch {
            // No permission, or no such folder: the figure is left out.
            return null;
          }
        },
        version: build.version,
        commit: build.commit,
        stopped: () => new Promise((resolve) => void onTermination(() => resolve())),
      }, args),
    );
  } catch (error) {
    console.error(error instanceof Error ? error.stack ?? error.message : error);
    Deno.exit(EXIT.internal);
  }
}
