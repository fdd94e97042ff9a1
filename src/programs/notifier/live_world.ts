import { liveFiles } from "../../infrastructure/platform/live/files.ts";
import type { Redactor } from "../../infrastructure/logging/redactor.ts";
import { sendHttp } from "./http.ts";
import type { NotifyFiles, NotifyWorld } from "./world.ts";

/** The disk as the notifier uses it. */
export const notifyFiles: NotifyFiles = {
  exists: liveFiles.exists,
  readText: liveFiles.readText,
  writeAtomic: (path, content) => liveFiles.writeAtomic(path, content),
  rename: liveFiles.rename,
  remove: liveFiles.remove,
  makeDirectory: liveFiles.makeDirectory,
  list(folder) {
    try {
      return liveFiles.list(folder);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return [];
      throw error;
    }
  },
  stat(path) {
    try {
      const { size, ino, dev } = Deno.statSync(path);
      return { size, inode: `${dev}:${ino}` };
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return null;
      throw error;
    }
  },
  read(path, { from, to }) {
    const file = Deno.openSync(path, { read: true });
    try {
      file.seekSync(from, Deno.SeekMode.Start);
      const bytes = new Uint8Array(to - from);
      let filled = 0;
      while (filled < bytes.length) {
        const count = file.readSync(bytes.subarray(filled));
        if (count === null) break;
        filled += count;
      }
      return bytes.subarray(0, filled);
    } finally {
      file.close();
    }
  },
  append(path, line) {
    const file = liveFiles.openAppend(path);
    try {
      // A line that a crash tore is ended first, so that this one begins a line.
      const size = file.size();
      const torn = size > 0 && notifyFiles.read(path, { from: size - 1, to: size })[0] !== 10;
      file.write(`${torn ? "\n" : ""}${line}\n`);
      file.syncNow();
    } finally {
      file.close();
    }
  },
};

export type Stop = {
  readonly stopping: () => boolean;
  readonly stop: () => void;
  readonly wait: NotifyWorld["wait"];
  readonly signal: AbortSignal;
};

/** Waits that end early when the program is asked to stop. */
export function stopSwitch(): Stop {
  const controller = new AbortController();
  let stopped = false;
  const wakers = new Set<() => void>();
  return {
    stopping: () => stopped,
    signal: controller.signal,
    stop() {
      stopped = true;
      controller.abort();
      for (const wake of [...wakers]) wake();
    },
    wait: (ms) =>
      new Promise((resolve) => {
        if (stopped) return resolve();
        const wake = () => {
          clearTimeout(timer);
          wakers.delete(wake);
          resolve();
        };
        // Longer than a timer can be is a day all the same.
        const timer = setTimeout(wake, Math.min(ms, 86_400_000));
        wakers.add(wake);
      }),
  };
}

/** The live world; every line of the log passes the redactor. */
export function liveWorld(options: { readonly stop: Stop; readonly redactor: Redactor }): NotifyWorld {
  const { stop, redactor } = options;
  return {
    files: notifyFiles,
    now: () => Date.now(),
    wait: stop.wait,
    random: () => Math.random(),
    send: (ask, { timeoutMs, droppable }) =>
      sendHttp(ask, { timeoutMs, stop: droppable === true ? stop.signal : null }),
    stopping: stop.stopping,
    log(level, line) {
      const text = redactor.redact(`${new Date().toISOString()} ${level} ${line}`);
      if (level === "info") console.log(text);
      else console.error(text);
    },
  };
}
