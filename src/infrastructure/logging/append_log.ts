import type { ClockSeam, FileSeam } from "../../application/engine/ports.ts";
import { type Health, LineWriter, SYNC_POLICY, type SyncPolicy } from "../storage/log_storage.ts";

export type AppendLogOptions = {
  readonly files: FileSeam;
  readonly clock: ClockSeam;
  readonly directory: string;
  readonly onHealth: (health: Health) => void;
  readonly policy?: SyncPolicy;
};

/** Plain JSON Lines that are kept but not chained: alerts, audit records, the program's log (P-14). Never throws. */
export class AppendLog {
  readonly #options: AppendLogOptions;
  readonly #writer: LineWriter;
  #path = "";
  #wanted = "";

  constructor(options: AppendLogOptions) {
    this.#options = options;
    this.#writer = new LineWriter({
      files: options.files,
      clock: options.clock,
      policy: options.policy ?? SYNC_POLICY,
      onHealth: options.onHealth,
      onLost: () => this.#open(),
    });
  }

  /**
   * Appends one line to the named file of the directory. Another name than before, or a file that was renamed or deleted,
   * closes the old one first: a line must be where its reader looks.
   */
  write(line: string, place: { readonly file: string; readonly critical: boolean }): void {
    this.#wanted = `${this.#options.directory}/${place.file}`;
    const elsewhere = this.#wanted !== this.#path || this.#writer.isMisplaced();
    if (elsewhere && (this.#path === "" || this.#writer.flush())) {
      try {
        this.#open();
      } catch (error) {
        this.#writer.report(error);
      }
    }
    this.#writer.write(line.endsWith("\n") ? line : `${line}\n`, place.critical);
  }

  size(): number {
    return this.#writer.size();
  }
  healthy(): boolean {
    return this.#writer.healthy();
  }
  /** Flushes and lets go of the file, so that it can be renamed. */
  release(): boolean {
    if (!this.#writer.flush()) return false;
    this.#path = "";
    return true;
  }
  close(): boolean {
    return this.#writer.close();
  }

  /** A partial last line, left by a crash, is cut (P-14). */
  #open(): void {
    const { files, directory } = this.#options;
    files.makeDirectory(directory);
    if (files.exists(this.#wanted)) {
      const bytes = files.readBytes(this.#wanted);
      const end = bytes.lastIndexOf(10) + 1;
      if (end < bytes.length) files.truncate(this.#wanted, end);
    }
    this.#writer.attach(files.openAppend(this.#wanted), this.#wanted);
    this.#path = this.#wanted;
  }
}
