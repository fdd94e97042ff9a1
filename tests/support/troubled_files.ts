import type { AppendFile, FileSeam } from "../../src/application/engine/ports.ts";

/** Calls of the disk that change something, by name; `sync` is the one off the main thread. */
export type DiskCall =
  | "makeDirectory"
  | "openAppend"
  | "write"
  | "sync"
  | "syncNow"
  | "writeAtomic"
  | "truncate"
  | "rename"
  | "remove";
export type DiskTrouble = {
  readonly calls: readonly DiskCall[];
  /** What the calls fail with; null = they succeed, but `sync` answers only when `later` runs what it was given. */
  readonly error: string | null;
  readonly later?: (run: () => void) => void;
};

/** Files that fail, or keep waiting, while there is trouble. */
export function troubledFiles(files: FileSeam, trouble: () => DiskTrouble | null): FileSeam {
  const check = (call: DiskCall): void => {
    const now = trouble();
    if (now !== null && now.error !== null && now.calls.includes(call)) throw new Error(now.error);
  };
  const append = (file: AppendFile): AppendFile => ({
    write: (text) => {
      check("write");
      file.write(text);
    },
    sync: (done) => {
      const now = trouble();
      if (now === null || !now.calls.includes("sync")) return file.sync(done);
      const { error, later } = now;
      if (error !== null) return file.sync(() => done(new Error(error)));
      later?.(() => file.sync(done));
    },
    syncNow: () => {
      check("syncNow");
      file.syncNow();
    },
    close: () => file.close(),
    size: () => file.size(),
    isAtItsPath: () => file.isAtItsPath(),
  });
  return {
    ...files,
    makeDirectory: (path) => {
      check("makeDirectory");
      files.makeDirectory(path);
    },
    openAppend: (path) => {
      check("openAppend");
      return append(files.openAppend(path));
    },
    writeAtomic: (path, content) => {
      // A full disk still takes a file without content.
      if (content.length > 0) check("writeAtomic");
      files.writeAtomic(path, content);
    },
    truncate: (path, size) => {
      check("truncate");
      files.truncate(path, size);
    },
    rename: (from, to) => {
      check("rename");
      files.rename(from, to);
    },
    remove: (path) => {
      check("remove");
      files.remove(path);
    },
  };
}
