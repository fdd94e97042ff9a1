import { configureSync, getJsonLinesFormatter, getLogger, type Logger, resetSync } from "@logtape/logtape";
import type { LogRecord } from "@logtape/logtape";
import type { ClockSeam, FileSeam } from "../../application/engine/ports.ts";
import { AppendLog } from "./append_log.ts";
import type { Redactor } from "./redactor.ts";

export type LogLevel = "debug" | "info" | "warning" | "error";

export type LogOptions = {
  readonly files: FileSeam;
  readonly clock: ClockSeam;
  readonly dataDir: string;
  readonly level: LogLevel;
  readonly redactor: Redactor;
  /** Where a line goes besides the file; null = nowhere. */
  readonly stdout: ((line: string) => void) | null;
  /** The log cannot be written; a line for stderr. */
  readonly onTrouble: (line: string) => void;
  /** Size at which the file is rotated, bytes, and how many rotated files are kept. */
  readonly maxBytes?: number;
  readonly maxFiles?: number;
};
export type Log = { logger(area: string): Logger; close(): void };

const MAX_BYTES = 10_000_000;
const MAX_FILES = 5;
const FILE = "abot.log";

/**
 * Structured JSON by LogTape to stdout and to a rotating file. Every line passes the redactor as text, after formatting:
 * no sink ever sees a key or a signature, whatever was logged and however deep it was (F-12.5).
 */
export function openLog(options: LogOptions): Log {
  const { redactor, stdout } = options;
  const file = new RotatingFile(options);
  const format = getJsonLinesFormatter({ properties: "flatten" });
  const sink = (record: LogRecord): void => {
    const line = redactor.redact(format(record).trimEnd());
    stdout?.(line);
    file.write(line, record.level === "error" || record.level === "fatal");
  };
  configureSync({
    reset: true,
    sinks: { all: sink },
    loggers: [
      { category: ["logtape", "meta"], lowestLevel: "error", sinks: ["all"] },
      { category: "abot", lowestLevel: options.level, sinks: ["all"] },
    ],
  });
  return {
    logger: (area) => getLogger(["abot", area]),
    close() {
      resetSync();
      file.close();
    },
  };
}

/** A log that keeps nothing, for a bot whose files are written elsewhere. */
export function silentLog(): Log {
  return { logger: (area) => getLogger(["abot", "silent", area]), close: () => undefined };
}

/** `abot.log`, then `abot.log.1` … `abot.log.<n>`, oldest last. */
class RotatingFile {
  readonly #options: LogOptions;
  readonly #log: AppendLog;
  readonly #directory: string;
  #lines = 0;

  constructor(options: LogOptions) {
    this.#options = options;
    this.#directory = `${options.dataDir}/logs`;
    this.#log = new AppendLog({
      files: options.files,
      clock: options.clock,
      directory: this.#directory,
      onHealth: (health) => {
        if (health.state === "failed") options.onTrouble(`Cannot write the log: ${health.detail}`);
      },
    });
  }

  write(line: string, critical: boolean): void {
    this.#log.write(line, { file: FILE, critical });
    this.#lines += 1;
    // Asking the size is a system call; a log line is far below a kilobyte.
    if (this.#lines % 100 === 0 && this.#log.size() > (this.#options.maxBytes ?? MAX_BYTES)) this.#rotate();
  }

  close(): void {
    this.#log.close();
  }

  #rotate(): void {
    const { files } = this.#options;
    if (!this.#log.release()) return;
    const name = (index: number): string => `${this.#directory}/${FILE}${index === 0 ? "" : `.${index}`}`;
    try {
      for (let index = (this.#options.maxFiles ?? MAX_FILES) - 1; index >= 0; index -= 1) {
        if (files.exists(name(index))) files.rename(name(index), name(index + 1));
      }
      const over = name((this.#options.maxFiles ?? MAX_FILES) + 1);
      if (files.exists(over)) files.remove(over);
    } catch (error) {
      this.#options.onTrouble(`Cannot rotate the log: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}
