import type { Event } from "../../src/domain/events.ts";
import type { Intent } from "../../src/domain/intent.ts";
import { Journal, type JournalOptions, openJournal } from "../../src/infrastructure/storage/journal/journal.ts";
import type { Health } from "../../src/infrastructure/storage/log_storage.ts";
import { recover, type Recovery } from "../../src/infrastructure/storage/journal/recovery.ts";
import {
  type Counting,
  COUNTING_START,
  countingStep,
  parseCounting,
  quietEvent,
  registerCounting,
} from "./counting_core.ts";
import { FaultFiles } from "./fault_files.ts";
import { ManualClock } from "./manual_clock.ts";

export const DIR = "data";
export const DAY = Date.UTC(2026, 0, 5);
export const BUILD = { version: "0.1.0", commit: "dev", coreHash: "core-a", buildDate: "2026-01-05" };
export const FACTS = { accountUid: "1001", symbol: "BTCUSD", config: { symbol: "BTCUSD" } };

/** A process that runs the counting core over quiet events and journals it. */
export class Process {
  readonly files: FaultFiles;
  readonly clock: ManualClock;
  readonly journal: Journal;
  readonly health: Health[] = [];
  state: Counting;
  n = 0;

  constructor(options: {
    readonly files?: FaultFiles;
    readonly clock?: ManualClock;
    readonly state?: Counting;
    readonly resume?: JournalOptions["resume"];
    readonly change?: Partial<JournalOptions>;
  } = {}) {
    this.files = options.files ?? new FaultFiles();
    this.clock = options.clock ?? new ManualClock(DAY);
    this.state = options.state ?? COUNTING_START;
    this.journal = openJournal({
      files: this.files,
      clock: this.clock,
      dataDir: DIR,
      facts: FACTS,
      build: BUILD,
      state: this.state,
      resume: options.resume ?? null,
      onHealth: (health) => this.health.push(health),
      retentionDays: null,
      pack: null,
      ...options.change,
    });
  }
  /** One step; returns its seq. */
  step(event: Event): number {
    const { state, intents } = countingStep(this.state, event);
    const { seq } = this.journal.append(event, intents, { state });
    this.state = state;
    return seq;
  }
  /** A record with these intents, undecided by the core. */
  put(event: Event, intents: readonly Intent[]): number {
    return this.journal.append(event, intents, { state: this.state }).seq;
  }
  /** `count` quiet steps from `startAt` on. */
  run(count: number, startAt = DAY): this {
    for (let i = 0; i < count; i += 1) this.step(quietEvent(this.n++, startAt));
    return this;
  }
}

/** Recovers a data directory with the counting core. */
export function recoverCounting(files: FaultFiles, coreHash = "core-a"): Recovery<Counting> {
  return recover({
    files,
    dataDir: DIR,
    step: countingStep,
    coreHash,
    parseState: parseCounting,
    migrations: [],
    register: registerCounting,
  });
}
