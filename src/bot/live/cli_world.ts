import type { FileSeam } from "../../application/engine/ports.ts";

/** What a command of the command line touches. Tests give their own. */
export type CliWorld = {
  readonly files: FileSeam;
  /** Wall clock, UTC ms. */
  readonly now: () => number;
  readonly wait: (ms: number) => Promise<void>;
  /** Width of the terminal; 80 where there is none. */
  readonly columns: () => number;
  readonly out: (line: string) => void;
  readonly error: (line: string) => void;
};

/** Text of a configuration file; a file elsewhere is refused in words instead of permission flags. Throws. */
export function configText(files: FileSeam, path: string): string {
  try {
    return files.readText(path);
  } catch (error) {
    if (!(error instanceof Error) || error.name !== "NotCapable") throw error;
    throw new Error("this program reads configurations only below the folder config of where it is started");
  }
}
