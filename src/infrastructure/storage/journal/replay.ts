import type { FileSeam } from "../../../application/engine/ports.ts";
import type { Intent } from "../../../domain/intent.ts";
import { type JournalItem, placeText, readJournal, type RecordItem } from "./journal_reader.ts";
import { migrate, type Migration } from "./migrations.ts";
import { sha256 } from "../../../common/sha256.ts";
import { knowsCore, sameIntents, type Step } from "./recovery.ts";
import { type Header, segmentFile, segmentId } from "./segments.ts";
import { StateTexts } from "./state_text.ts";
import { listSnapshots, readSnapshot, snapshotDir, snapshotFile, STATE_SCHEMA } from "./snapshots.ts";

const FRESH_TEXT_EVERY = 1_000;

export type ReplayOptions<S> = {
  readonly files: FileSeam;
  readonly dataDir: string;
  /** `guardedStep`: recorded `CoreFault` events make it skip what the live process skipped (F-11.8). */
  readonly step: Step<S>;
  readonly coreHash: string;
  /** Former cores that decide alike; their segments are replayed like this one's own. */
  readonly equalCores?: readonly string[];
  readonly parseState: (value: unknown) => S;
  readonly migrations: readonly Migration[];
  /** True: also runs segments of another core and lists every step it would decide otherwise (F-11.7). */
  readonly compare: boolean;
};

/** One step decided otherwise than recorded, with both sides. */
export type Divergence = {
  readonly seq: number;
  readonly place: string;
  readonly event: string;
  readonly what: "intents" | "state" | "throw" | "journal";
  readonly recorded: string;
  readonly actual: string;
};

export type ReplayReport = {
  readonly steps: number;
  readonly head: string;
  readonly differences: number;
  /** The first one, or with `compare` the first hundred. */
  readonly found: readonly Divergence[];
  /** Segments of another core, by name and core hash. */
  readonly foreign: readonly string[];
  readonly notes: readonly string[];
  /** 0 same, 1 different, 3 foreign core. */
  readonly exitCode: 0 | 1 | 3;
};

const LISTED = 100;

/**
 * Re-runs `step` over the recorded events and compares every intent and every recorded state hash (F-11.2). Streams: one
 * segment is in memory at a time. Stops at the first divergence unless `compare`.
 */
export function replay<S>(options: ReplayOptions<S>): ReplayReport {
  const run = new Run(options);
  for (const item of readJournal(options.files, { dataDir: options.dataDir, from: null })) {
    run.take(item);
    if (run.differences > 0 && !options.compare) break;
  }
  return run.report();
}

/** Closing line and, if there is one, the first divergence with both sides; for the command line. */
export function replayText(report: ReplayReport): readonly string[] {
  const sides = report.found.flatMap((found) => [
    `record ${found.seq} (${found.event}, ${found.place}): ${found.what} differ`,
    `  recorded ${found.recorded}`,
    `  actual   ${found.actual}`,
  ]);
  const closing = `replayed ${report.steps} steps, head ${report.head}, ${report.differences} differences`;
  return [...report.notes, ...report.foreign, ...sides, closing];
}

class Run<S> {
  readonly #options: ReplayOptions<S>;
  readonly #openings: ReadonlyMap<string, string>;
  #state: { readonly value: S } | null = null;
  readonly #texts = new StateTexts();
  #steps = 0;
  #head = "";
  #found: Divergence[] = [];
  #foreign: string[] = [];
  #notes: string[] = [];
  /** True inside a segment of another core: there a difference is news, not a fault. */
  #inForeign = false;
  #ownDifferences = 0;
  differences = 0;

  constructor(options: ReplayOptions<S>) {
    this.#options = options;
    const openings = new Map<string, string>();
    for (const name of listSnapshots(options.files, options.dataDir)) {
      const segment = segmentId({ day: name.day, part: name.part, packed: false });
      if (!openings.has(segment)) openings.set(segment, `${snapshotDir(options.dataDir)}/${snapshotFile(name)}`);
    }
    this.#openings = openings;
  }

  take(item: JournalItem): void {
    switch (item.kind) {
      case "segment":
        return this.#begin(item);
      case "record":
        return this.#record(item);
      case "torn":
        this.#notes.push(`${placeText(item.place)} is torn and was not replayed`);
        return;
      case "fault":
        return this.#differ({
          seq: item.place.seq ?? 0,
          place: placeText(item.place),
          event: "?",
          what: "journal",
          recorded: "a whole chain",
          actual: item.reason,
        });
      default: {
        const never: never = item;
        return never;
      }
    }
  }

  report(): ReplayReport {
    const foreign = this.#foreign.length > 0;
    return {
      steps: this.#steps,
      head: this.#head,
      differences: this.differences,
      found: this.#found,
      foreign: this.#foreign,
      notes: this.#notes,
      exitCode: this.#ownDifferences > 0 ? 1 : foreign ? 3 : 0,
    };
  }

  #begin(item: Extract<JournalItem, { readonly kind: "segment" }>): void {
    const { header, name } = item;
    const file = segmentFile(name);
    const foreign = !knowsCore(this.#options, header.build.coreHash);
    this.#inForeign = foreign;
    if (foreign) {
      const cores = `core ${header.build.coreHash}, this program is core ${this.#options.coreHash}`;
      this.#foreign.push(`${file} was written by ${cores}${this.#options.compare ? "" : ": not replayed"}`);
      if (!this.#options.compare) {
        this.#state = null;
        return;
      }
    }
    const current = this.#state === null ? null : sha256(JSON.stringify(this.#state.value));
    if (current === header.stateHash) return;
    if (current !== null && header.start === "rotation" && !foreign) {
      const at = { seq: header.firstSeq, place: file, event: "rotation" };
      this.#differ({ ...at, what: "state", recorded: header.stateHash, actual: current });
    }
    if (current !== null && header.start !== "rotation") this.#notes.push(`${file} starts from the state it recorded`);
    this.#state = this.#load(header, segmentId(name));
    if (this.#state === null) {
      const at = { seq: header.firstSeq, place: file, event: header.start };
      this.#differ({ ...at, what: "state", recorded: header.stateHash, actual: "no snapshot with this state" });
    }
  }

  #load(header: Header, segment: string): { readonly value: S } | null {
    const path = this.#openings.get(segment);
    if (path === undefined) return null;
    const snapshot = readSnapshot(this.#options.files, path);
    if (typeof snapshot === "string" || snapshot.meta.stateHash !== header.stateHash) return null;
    const value: unknown = JSON.parse(snapshot.stateText);
    const moved = migrate(value, {
      from: snapshot.meta.stateSchema,
      to: STATE_SCHEMA,
      steps: this.#options.migrations,
    });
    return moved.kind === "state" ? { value: this.#options.parseState(moved.state) } : null;
  }

  #record(item: RecordItem): void {
    this.#head = item.hash;
    if (this.#state === null) return;
    this.#steps += 1;
    const { seq, event } = item;
    const at = { seq, place: segmentFile(item.name), event: event.kind };
    let intents: readonly Intent[];
    try {
      const step = this.#options.step(this.#state.value, event);
      this.#state = { value: step.state };
      intents = step.intents;
    } catch (error) {
      const actual = error instanceof Error ? error.message : String(error);
      return this.#differ({ ...at, what: "throw", recorded: item.intentsText ?? "[]", actual });
    }
    if (!sameIntents(intents, item.intentsText)) {
      const [recorded, actual] = [item.intentsText ?? "[]", JSON.stringify(intents)];
      return this.#differ({ ...at, what: "intents", recorded, actual });
    }
    if (item.stateHash === null || this.#inForeign) return;
    // Now and then without what is kept of earlier texts: a part changed in place would be missed else.
    const { value } = this.#state;
    const actual = sha256(seq % FRESH_TEXT_EVERY === 0 ? JSON.stringify(value) : this.#texts.textOf(value));
    if (actual !== item.stateHash) this.#differ({ ...at, what: "state", recorded: item.stateHash, actual });
  }

  #differ(divergence: Divergence): void {
    this.differences += 1;
    if (!this.#inForeign) this.#ownDifferences += 1;
    if (this.#found.length < (this.#options.compare ? LISTED : 1)) this.#found.push(divergence);
  }
}
