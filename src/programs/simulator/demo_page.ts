/**
 * A demonstration that the monitor can watch: what a live bot writes goes to a real folder, and after a quick first day
 * the simulated clock runs at a pace a person can follow. The run itself is the same as without it.
 */
import type { ClockSeam, FileSeam, Platform } from "../../application/engine/ports.ts";
import { keepHistory } from "../../bot/live/history_log.ts";
import { createLiveSinks } from "../../bot/live/sinks.ts";
import type { Outside } from "../../bot/simulated/world.ts";
import { SIMULATED_BUILD } from "../../build_info.ts";
import type { Bot } from "../../domain/state.ts";
import type { Config } from "../../domain/limits.ts";
import { hashConfig } from "../../infrastructure/config/load.ts";
import { createRedactor } from "../../infrastructure/logging/redactor.ts";
import { rollbackProtocol } from "../../infrastructure/safety/rollback_protocol.ts";
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

type DemoPage = { readonly outside: Outside; readonly close: () => void };

/** Timers never fire: the files are written at once, and nobody waits for the disk of a demonstration. */
function clockOf(now: () => number, stopwatch: () => number): ClockSeam {
  return { wallNow: now, monotonicNow: stopwatch, after: () => 0, cancel: () => undefined };
}

export function openDemoPage(
  place: DemoPagePlace & { readonly config: Config; readonly out: (line: string) => void },
): DemoPage {
  const { dataDir, files, speed, stopwatch, sleep, config, out } = place;
  place.empty(dataDir);
  files.makeDirectory(dataDir);
  let bot: Bot | null = null;
  let [simulatedFrom, realFrom, writtenAt] = [-1, 0, -Infinity];
  const clock = clockOf(() => bot?.now ?? 0, stopwatch);
  const silent = { close: () => undefined, logger: () => ({ info: () => undefined, error: () => undefined }) };
  const sinks = demoSinks({ platform: { clock, files }, dataDir, config, bot: () => bot, log: silent });
  const history = keepHistory({ platform: { clock, files }, dataDir, keepDays: 400, pack: null, onTrouble: out });
  const pace = (now: number): void => {
    if (simulatedFrom < 0) simulatedFrom = now + FIRST_MS;
    if (now < simulatedFrom) return void (realFrom = stopwatch());
    const due = realFrom + (now - simulatedFrom) / speed;
    for (let left = due - stopwatch(); left > 0; left = due - stopwatch()) sleep(Math.min(left, MOST_SLEEP_MS));
  };
  return {
    outside: {
      sinks: (journal) => sinks.sinks(journal),
      step(state, process) {
        bot = state.bot;
        sinks.step(bot);
        history.step(bot);
        pace(bot.now);
        if (stopwatch() - writtenAt < STATUS_EVERY_MS) return;
        writtenAt = stopwatch();
        const journal = process.journal();
        const status = statusOf(state, {
          writtenAt: bot.now,
          version: SIMULATED_BUILD.version,
          commit: SIMULATED_BUILD.commit,
          configHash: hashConfig(config),
          journalSeq: journal?.lastSeq() ?? 0,
          journalHead: journal?.head() ?? "",
          start: history.start(),
          observe: false,
          vitals: process.vitals(),
        });
        files.writeAtomic(statusFile(dataDir), `${JSON.stringify(status)}\n`, { durable: false });
      },
    },
    close() {
      sinks.close();
      history.close();
    },
  };
}

type DemoSinks = {
  readonly platform: Pick<Platform, "clock" | "files">;
  readonly dataDir: string;
  readonly config: Config;
  readonly bot: () => Bot | null;
  readonly log: Parameters<typeof createLiveSinks>[0]["log"];
};

/** The sinks of the live bot. */
function demoSinks({ platform, dataDir, config, bot, log }: DemoSinks): ReturnType<typeof createLiveSinks> {
  return createLiveSinks({
    platform,
    dataDir,
    redactor: createRedactor([]),
    log,
    configHash: hashConfig(config),
    version: SIMULATED_BUILD.version,
    commit: SIMULATED_BUILD.commit,
    bot,
    alertsKeepMonths: 24,
    alertWords: (matter) => alertWords(matter, (reason) => rollbackProtocol(reason).steps),
    onRefused: () => undefined,
    onAnswer: () => undefined,
    say: () => undefined,
    stderr: () => undefined,
  });
}
