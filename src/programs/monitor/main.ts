/** The monitor: one read-only page about one bot. */
import { statfsSync } from "node:fs";
import { programBuild } from "../../build_info.ts";
import { EXIT } from "../../common/exit_codes.ts";
import { onTermination } from "../../infrastructure/platform/live/signals.ts";
import { denoWorld } from "../../infrastructure/safety/deno_permissions.ts";
import { MONITOR_ADDRESS } from "../../infrastructure/safety/monitor_permissions.ts";
import type { ReadSeam } from "./follow/tail.ts";
import type { Connection } from "./http/front.ts";
import { monitorProgram } from "./program.ts";

const seam: ReadSeam = {
  stat(path) {
    try {
      const { size, ino, mtime } = Deno.statSync(path);
      return { size, inode: ino, modifiedAt: mtime?.getTime() ?? 0 };
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return null;
      throw error;
    }
  },
  read(path, from, most) {
    const file = Deno.openSync(path, { read: true });
    try {
      file.seekSync(from, Deno.SeekMode.Start);
      const bytes = new Uint8Array(Math.min(most, Math.max(0, file.statSync().size - from)));
      let count = 0;
      while (count < bytes.length) {
        const got = file.readSync(bytes.subarray(count));
        if (got === null) break;
        count += got;
      }
      return bytes.subarray(0, count);
    } finally {
      file.close();
    }
  },
  list: (path) => [...Deno.readDirSync(path)].map(({ name }) => name),
};

function listen(port: number): AsyncIterable<Connection> & { readonly port: number; close(): void } {
  const listener = Deno.listen({ hostname: MONITOR_ADDRESS, port });
  return {
    port: listener.addr.port,
    close: () => listener.close(),
    async *[Symbol.asyncIterator]() {
      while (true) {
        try {
          yield await listener.accept();
        } catch (error) {
          if (error instanceof Deno.errors.BadResource || error instanceof Deno.errors.Interrupted) return;
          // Too many open files, or a caller that went away: the next one may be served.
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
      }
    },
  };
}

if (import.meta.main) {
  const { build, args } = programBuild(Deno.args);
  try {
    Deno.exit(
      await monitorProgram({
        audit: denoWorld,
        seam,
        now: () => Date.now(),
        out: (line) => console.log(line),
        error: (line) => console.error(line),
        listen,
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
