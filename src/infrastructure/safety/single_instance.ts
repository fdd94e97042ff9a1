import type { ClockSeam, FileSeam } from "../../application/engine/ports.ts";

/** One writer per data directory (F-11.4). `release` lets go; the operating system does when the process ends. */
export type SingleInstance =
  | { readonly kind: "alone"; release(): void }
  | { readonly kind: "taken"; readonly line: string };

export type LockOptions = {
  readonly files: FileSeam;
  readonly clock: ClockSeam;
  readonly dataDir: string;
  readonly processId: number;
  /** What runs here, for the other one's message: `abot 0.1.0`. */
  readonly program: string;
};

/** A reader that looks who holds the lock has it shared for a moment: a start waits that out. */
const READER_MS = 1_000;
const AGAIN_MS = 50;

/** Who uses a data directory now, in its own words; null = nobody. Throws what the file seam throws. */
export function dataDirectoryUser(files: FileSeam, dataDir: string): string | null {
  const holder = files.lockHolder(lockFile(dataDir));
  return holder === null ? null : nameOf(holder);
}

function lockFile(dataDir: string): string {
  return `${dataDir}/lock`;
}
function nameOf(holder: string): string {
  return holder.trim() === "" ? "an unnamed process" : holder.trim();
}

/** As `takeDataDirectory`, once it is taken for longer than a reader looks. */
export async function awaitDataDirectory(
  options: LockOptions,
  wait: (ms: number) => Promise<void>,
): Promise<SingleInstance> {
  for (let waited = 0; waited < READER_MS; waited += AGAIN_MS) {
    const lock = takeDataDirectory(options);
    if (lock.kind === "alone") return lock;
    await wait(AGAIN_MS);
  }
  return takeDataDirectory(options);
}

/** Takes the lock of a data directory, or says who holds it. Throws what the file seam throws. */
export function takeDataDirectory(options: LockOptions): SingleInstance {
  const { files, clock, dataDir, processId, program } = options;
  files.makeDirectory(dataDir);
  const since = new Date(clock.wallNow()).toISOString();
  const result = files.lock(lockFile(dataDir), `${program}, process ${processId}, since ${since}`);
  if (result.kind === "locked") return { kind: "alone", release: () => result.release() };
  return {
    kind: "taken",
    line: `Cannot use ${dataDir} as one data directory has one writer (F-11.4): it is held by ${nameOf(result.holder)}`,
  };
}
