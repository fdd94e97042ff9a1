import type { FileSeam } from "../../../application/engine/ports.ts";

/** What a command of the command line touches. Tests give their own. */
export type CliWorld = {
  readonly files: FileSeam;
  /** Wall clock, UTC ms. */
  readonly now: () => number;
  readonly wait: (ms: number) => Promise<void>;
  readonly out: (line: string) => void;
  readonly error: (line: string) => void;
};

/** `2026-11-21 00:17:05Z`. */
export function timeText(ms: number): string {
  return new Date(ms).toISOString().replace("T", " ").replace(/\.\d+Z$/, "Z");
}

/** `3 s`, `12 min`, `5 h`, `9 d`; an age for people. */
export function ageText(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}

/** `$3.10`, `-$0.24`. */
export function dollarText(value: number | null): string {
  if (value === null) return "unknown";
  const text = Math.abs(value).toFixed(2);
  return value < 0 && Number(text) !== 0 ? `-$${text}` : `$${text}`;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Text of a configuration file; a file elsewhere is refused in words instead of permission flags. Throws. */
export function configText(files: FileSeam, path: string): string {
  try {
    return files.readText(path);
  } catch (error) {
    if (!(error instanceof Error) || error.name !== "NotCapable") throw error;
    throw new Error("this program reads configurations only below the folder config of where it is started");
  }
}
