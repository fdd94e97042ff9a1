import type { ClockSeam, FileSeam } from "../../application/engine/ports.ts";

/** One writer per data directory (F-11.4). `release` lets go; the operating system does when the process ends. */
export type SingleInstance =
  | { readonly kind: "alone"; release(): void }
  | { readonly kind: "taken"; readonly line: string };

/** Takes the lock of a data directory, or says who holds it. Throws what the file seam throws. */
export function takeDataDirectory(options: {
  readonly files: FileSeam;
  readonly clock: ClockSeam;
  readonly dataDir: string;
  readonly processId: number;
  /** What runs here, for the other one's message: `abot 0.1.0`. */
  readonly program: string;
}): SingleInstance {
  const { files, clock, dataDir, processId, program } = options;
  files.makeDirectory(dataDir);
  const since = new Date(clock.wallNow()).toISOString();
  const result = files.lock(`${dataDir}/lock`, `${program}, process ${processId}, since ${since}`);
  if (result.kind === "locked") return { kind: "alone", release: () => result.release() };
  const holder = result.holder.trim() === "" ? "an unnamed process" : result.holder.trim();
  return {
    kind: "taken",
    line: `Cannot use ${dataDir} as one data directory has one writer (F-11.4): it is held by ${holder}`,
  };
}
