/**
 * A demonstration that the monitor can watch: what a live bot writes goes to a real folder, and after a quick first day
 * the simulated clock runs at a pace a person can follow. The run itself is the same as without it.
 */
import type { ClockSeam, FileSeam, Sinks } from "../../application/engine/ports.ts";
import type { Guarded } from "../../application/guardian/guardian.ts";
import { type History, keepHistory } from "../../bot/live/history_log.ts";
import { createLiveSinks, type LiveSinks } from "../../bot/live/sinks.ts";
import type { Remembered } from "../../bot/memory.ts";
import type { Outlets } from "../../bot/simulated/world.ts";
import { SIMULATED_BUILD } from "../../build_info.ts";
import type { Bot } from "../../domain/state.ts";
import { silentLog } from "../../infrastructure/logging/log.ts";
import { createRedactor } from "../../infrastructure/logging/redactor.ts";
import type { Journal } from "../../infrastructure/storage/journal/journal.ts";
import { alertWords } from "../../views/alert_words.ts";
import { statusFile, statusOf } from "../../views/status.ts";

export type DemoPagePlace = {
  /** Emptied first. */
  readonly dataDir: string;
  readonly files: FileSeam;
  readonly empty: (path: string) => void;
  /** Simulated seconds in a real one. */
  readonly speed: number;
  /** Holds the program still; ms. */
  readonly sleep: (ms: number) => void;
  /** Real time, monotonic ms. */
  readonly stopwatch: () => number;
};

/** So much is played at once, so that the charts have something to show. */
const FIRST_MS = 24 * 3_600_000;
const STATUS_EVERY_MS = 500;
/** Longest the program holds still at once. */
const MOST_SLEEP_MS = 100;

/** Timers never fire: the files are written at once, and nobody waits for the disk of a demonstration. */
function clockOf(now: () => number, stopwatch: () => number): ClockSeam {
  return { wallNow: now, monotonicNow: stopwatch, after: () => 0, cancel: () => undefined };
}

export class DemoPage implements Outlets {
  readonly #place: DemoPagePlace;
  readonly #configHash: string;
  readonly #clock: ClockSeam;
  readonly #history: History;
  #sinks: LiveSinks | null = null;
  #journal: Journal | null = null;
  #bot: Bot | null = null;
  #simulatedFrom = -1;
  #realFrom = 0;
  #writtenAt = -Infinity;

  constructor(place: DemoPagePlace, of: { readonly configHash: string; readonly onTrouble: (line: string) => void }) {
    this.#place = place;
    this.#configHash = of.configHash;
    const { files, dataDir } = place;
    place.empty(dataDir);
    files.makeDirectory(dataDir);
    this.#clock = clockOf(() => this.#bot?.now ?? 0, place.stopwatch);
    this.#history = keepHistory({
      platform: { clock: this.#clock, files },
      dataDir,
      keepDays: 400,
      pack: null,
      onTrouble: of.onTrouble,
    });
  }

  remembered(records: Remembered["records"]): void {
    this.#open().remembered(records);
  }
  sinks(journal: Journal): Sinks {
    this.#journal = journal;
    return this.#open().sinks(journal);
  }
  step(state: Guarded): void {
    this.#bot = state.bot;
    this.#sinks?.step(state.bot);
    this.#history.step(state.bot);
    this.#pace(state.bot.now);
    this.#writeStatus(state);
  }
  down(): void {
    this.#sinks?.close();
    this.#sinks = null;
  }
  close(): void {
    this.down();
    this.#history.close();
  }

  #open(): LiveSinks {
    const { files, dataDir } = this.#place;
    this.#sinks ??= createLiveSinks({
      platform: { clock: this.#clock, files },
      dataDir,
      redactor: createRedactor([]),
      log: silentLog(),
      configHash: this.#configHash,
      version: SIMULATED_BUILD.version,
      commit: SIMULATED_BUILD.commit,
      bot: () => this.#bot,
      alertsKeepMonths: Infinity,
      alertWords,
      onRefused: () => undefined,
      onAnswer: () => undefined,
      say: () => undefined,
      stderr: () => undefined,
    });
    return this.#sinks;
  }

  /** Waits until real time has caught up with the simulated one. */
  #pace(now: number): void {
    const { speed, stopwatch, sleep } = this.#place;
    if (this.#simulatedFrom < 0) this.#simulatedFrom = now + FIRST_MS;
    if (now < this.#simulatedFrom) return void (this.#realFrom = stopwatch());
    const due = this.#realFrom + (now - this.#simulatedFrom) / speed;
    for (let left = due - stopwatch(); left > 0; left = due - stopwatch()) sleep(Math.min(left, MOST_SLEEP_MS));
  }

  #writeStatus(state: Guarded): void {
    const { files, dataDir, stopwatch } = this.#place;
    const { vitals, now } = state.bot;
    if (vitals === null || stopwatch() - this.#writtenAt < STATUS_EVERY_MS) return;
    this.#writtenAt = stopwatch();
    const status = statusOf(state, {
      writtenAt: now,
      version: SIMULATED_BUILD.version,
      commit: SIMULATED_BUILD.commit,
      configHash: this.#configHash,
      journalSeq: this.#journal?.lastSeq() ?? 0,
      journalHead: this.#journal?.head() ?? "",
      start: this.#history.start(),
      observe: false,
      vitals,
    });
    files.writeAtomic(statusFile(dataDir), `${JSON.stringify(status)}\n`, { durable: false });
  }
}
