import { MONITOR_ADDRESS } from "../../infrastructure/safety/monitor_permissions.ts";
import type { ReadSeam } from "./follow/tail.ts";
import type { Connection } from "./http/front.ts";

/** The disk, to look at. */
export const readSeam: ReadSeam = {
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

/** Connections on 127.0.0.1; port 0 = any free one. Throws when it is taken or not permitted. */
export function listenHere(port: number): AsyncIterable<Connection> & { readonly port: number; close(): void } {
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
