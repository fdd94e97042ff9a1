import type { FileSeam } from "../../application/engine/ports.ts";
import type { Redactor } from "../../infrastructure/logging/redactor.ts";
import type { FailClass } from "./failure_class.ts";

/** Parent of every run's folder; below the one place the live program may write (F-12.1). */
export const SCENARIO_FOLDER = "data/scenarios";

/** How one rehearsal ended; the content of its `result.json`. */
export type ScenarioResult = {
  readonly name: string;
  readonly result: "pass" | "fail";
  readonly class: FailClass | null;
  readonly cause: string | null;
  readonly tries: number;
  readonly started_at: string;
  readonly ended_at: string;
  /** What was seen, one line each. */
  readonly seen: readonly string[];
};

/** `2026-11-21T02-04-43.123Z`: a time that every file system takes as a name. */
export function folderName(ms: number): string {
  return new Date(ms).toISOString().replaceAll(":", "-");
}

/** Folder of one rehearsal: the wire log of all its tries, and its result. Throws what the file seam throws. */
export class Evidence {
  readonly folder: string;
  readonly #files: FileSeam;
  readonly #redactor: Redactor;
  readonly #wire: ReturnType<FileSeam["openAppend"]>;
  readonly #lines: string[] = [];
  readonly #long: boolean;

  constructor(
    parts: {
      readonly files: FileSeam;
      readonly redactor: Redactor;
      readonly runFolder: string;
      readonly name: string;
      /** Days instead of minutes: market frames are not written. */
      readonly long?: boolean;
    },
  ) {
    this.folder = `${parts.runFolder}/${parts.name}`;
    this.#files = parts.files;
    this.#redactor = parts.redactor;
    this.#long = parts.long ?? false;
    parts.files.makeDirectory(this.folder);
    this.#wire = parts.files.openAppend(`${this.folder}/wire.jsonl`);
  }

  /** One line of the wire log, redacted before and here again (F-12.5). */
  readonly wire = (line: string): void => {
    const market = line.includes('"stream":"public"') && line.includes("topic");
    if (this.#long && market) return;
    const clean = this.#redactor.redact(line);
    if (!this.#long && !market) this.#lines.push(clean);
    this.#wire.write(`${clean}\n`);
  };

  /** Every line written so far but market frames; none of a long run. */
  lines(): readonly string[] {
    return this.#lines;
  }

  /** Ends the wire log. */
  close(): void {
    this.#wire.syncNow();
    this.#wire.close();
  }

  finish(result: ScenarioResult): void {
    this.close();
    const text = this.#redactor.redact(JSON.stringify(result, null, 2));
    this.#files.writeAtomic(`${this.folder}/result.json`, `${text}\n`);
  }
}
