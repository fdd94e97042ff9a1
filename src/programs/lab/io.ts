/** What the lab touches outside itself; the commands get it handed in. */
import { complain, say } from "../../infrastructure/platform/live/terminal.ts";
export type LabIo = {
  readonly readBytes: (path: string) => Uint8Array;
  readonly readText: (path: string) => string;
  readonly exists: (path: string) => boolean;
  /** Names of the files in a folder, sorted; none when it is not there. */
  readonly list: (directory: string) => readonly string[];
  /** Names of the folders in a folder, sorted; none when it is not there. */
  readonly folders: (directory: string) => readonly string[];
  /** Creates the folders a file needs; the file appears whole or not at all. */
  readonly writeFile: (path: string, content: string | Uint8Array) => void;
  /** Adds to the end of a file and waits until the disk holds it. */
  readonly append: (path: string, text: string) => void;
  readonly out: (line: string) => void;
  readonly error: (line: string) => void;
  /** Progress; may be overwritten by the next. */
  readonly progress: (line: string) => void;
  /** Real time, ms: for the figures about speed alone. */
  readonly stopwatch: () => number;
  /** One of the environment's variables, or undefined; none is readable without the permission. */
  readonly env: (name: string) => string | undefined;
};

/** A mistake in what was given; the message is for the person who gave it. */
export class LabInputError extends Error {
  /** Exit code (exit_codes.ts). */
  readonly code: number;
  constructor(message: string, code: number) {
    super(message);
    this.name = "LabInputError";
    this.code = code;
  }
}

/** Exit codes of the lab (L-8). */
export const LAB_EXIT = { done: 0, no: 1, usage: 2, undecided: 3, badData: 65, files: 74 } as const;

/** The real machine: files and terminal. */
export function realIo(): LabIo {
  const terminal = Deno.stderr.isTerminal();
  const encoder = new TextEncoder();
  let shown = 0;
  return {
    readBytes: (path) => Deno.readFileSync(path),
    readText: (path) => Deno.readTextFileSync(path),
    exists: (path) => {
      try {
        Deno.statSync(path);
        return true;
      } catch (error) {
        if (error instanceof Deno.errors.NotFound) return false;
        throw error;
      }
    },
    list: (directory) => namesIn(directory, ({ isFile }) => isFile),
    folders: (directory) => namesIn(directory, ({ isDirectory }) => isDirectory),
    writeFile: (path, content) => {
      makeFolder(path);
      const bytes = typeof content === "string" ? encoder.encode(content) : content;
      const file = Deno.openSync(`${path}.part`, { write: true, create: true, truncate: true });
      writeAll(file, bytes);
      file.syncSync();
      file.close();
      Deno.renameSync(`${path}.part`, path);
    },
    append: (path, text) => {
      makeFolder(path);
      const file = Deno.openSync(path, { append: true, create: true });
      writeAll(file, encoder.encode(text));
      file.syncSync();
      file.close();
    },
    out: say,
    error: complain,
    progress(line) {
      const now = performance.now();
      if (terminal) Deno.stderr.writeSync(encoder.encode(`\r${line}\x1b[K`));
      else if (now - shown > 2_000) {
        shown = now;
        complain(line);
      }
    },
    stopwatch: () => performance.now(),
    env: (name) =>
      Deno.permissions.querySync({ name: "env", variable: name }).state === "granted" ? Deno.env.get(name) : undefined,
  };
}

function writeAll(file: Deno.FsFile, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;) done += file.writeSync(bytes.subarray(done));
}

function namesIn(directory: string, wanted: (entry: Deno.DirEntry) => boolean): readonly string[] {
  try {
    return [...Deno.readDirSync(directory)].filter(wanted).map(({ name }) => name).sort();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

function makeFolder(path: string): void {
  const cut = path.lastIndexOf("/");
  if (cut > 0) Deno.mkdirSync(path.slice(0, cut), { recursive: true });
}
