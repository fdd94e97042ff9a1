/**
 * What a live bot writes beside its journal, for a simulated one: trade log, audit log, alerts, history, status. It goes to
 * a disk of its own that knows no faults: the run is the same with it and without it.
 */
import type { ClockSeam, FileSeam, Sinks } from "../../application/engine/ports.ts";
import type { Guarded } from "../../application/guardian/guardian.ts";
import { createLiveSinks, type LiveSinks } from "../../bot/live/sinks.ts";
import type { Outlets } from "../../bot/simulated/world.ts";
import type { Remembered } from "../../bot/memory.ts";
import { SIMULATED_BUILD } from "../../build_info.ts";
import type { Bot } from "../../domain/state.ts";
import { epochMs } from "../../domain/units.ts";
import { silentLog } from "../../infrastructure/logging/log.ts";
import { createRedactor } from "../../infrastructure/logging/redactor.ts";
import { VirtualDisk } from "../../infrastructure/platform/virtual/files.ts";
import type { Journal } from "../../infrastructure/storage/journal/journal.ts";
import { alertWords } from "../../views/alert_words.ts";
import { HistoryKeeper } from "../../views/history_keeper.ts";
import { statusFile, statusOf } from "../../views/status.ts";
import { historyFiles } from "./history_files.ts";

export const SIM_DATA_DIR = "data";

export type SideOptions = {
  readonly configHash: string;
  readonly writeFile: (path: string, content: string | Uint8Array) => void;
};

/** Files and a clock without timers: what waits for one is written when the process ends. */
function sidePlatform(
  now: () => number,
): { readonly files: FileSeam; readonly clock: ClockSeam; readonly disk: VirtualDisk } {
  const disk = new VirtualDisk();
  const files = disk.view({ alive: () => true, later: (act) => act(), onWrite: () => undefined });
  const clock: ClockSeam = { wallNow: now, monotonicNow: now, after: () => 0, cancel: () => undefined };
  return { files, clock, disk };
}

/** Writes a run's side files; `close` hands them all over. */
export class SideFiles implements Outlets {
  readonly #options: SideOptions;
  readonly #platform: ReturnType<typeof sidePlatform>;
  readonly #history: ReturnType<typeof historyFiles>;
  readonly #keeper: HistoryKeeper;
  #state: Guarded | null = null;
  #now = 0;
  #live: LiveSinks | null = null;
  #journal: Journal | null = null;

  constructor(options: SideOptions) {
    this.#options = options;
    this.#platform = sidePlatform(() => this.#now);
    this.#history = historyFiles(SIM_DATA_DIR, options.writeFile);
    this.#keeper = new HistoryKeeper(this.#history);
  }

  remembered(records: Remembered["records"]): void {
    this.#open().remembered(records);
  }
  sinks(journal: Journal): Sinks {
    this.#journal = journal;
    return this.#open().sinks(journal);
  }
  step(state: Guarded): void {
    this.#state = state;
    this.#now = state.bot.now;
    this.#keeper.step(state.bot);
    this.#live?.step(state.bot);
  }
  down(): void {
    this.#live?.close();
    this.#live = null;
  }

  /** Hands every file over; nothing is kept after it. */
  close(): void {
    this.down();
    this.#history.close();
    this.#writeStatus();
    const { disk } = this.#platform;
    for (const path of disk.paths()) this.#options.writeFile(path, disk.bytes(path));
  }

  #open(): LiveSinks {
    const bot = (): Bot | null => this.#state?.bot ?? null;
    this.#live ??= createLiveSinks({
      platform: this.#platform,
      dataDir: SIM_DATA_DIR,
      redactor: createRedactor([]),
      log: silentLog(),
      configHash: this.#options.configHash,
      version: SIMULATED_BUILD.version,
      commit: SIMULATED_BUILD.commit,
      bot,
      alertsKeepMonths: Infinity,
      alertWords,
      onRefused: () => undefined,
      onAnswer: () => undefined,
      say: () => undefined,
      stderr: () => undefined,
    });
    return this.#live;
  }

  #writeStatus(): void {
    const state = this.#state;
    const vitals = state?.bot.vitals ?? null;
    if (state === null || vitals === null) return;
    const status = statusOf(state, {
      writtenAt: epochMs(this.#now),
      version: SIMULATED_BUILD.version,
      commit: SIMULATED_BUILD.commit,
      configHash: this.#options.configHash,
      journalSeq: this.#journal?.lastSeq() ?? 0,
      journalHead: this.#journal?.head() ?? "",
      start: this.#keeper.start(),
      observe: false,
      vitals,
    });
    this.#options.writeFile(statusFile(SIM_DATA_DIR), `${JSON.stringify(status)}\n`);
  }
}
