import type { Platform } from "../../application/engine/ports.ts";
import { messageOf } from "../../common/text.ts";
import { AppendLog } from "../../infrastructure/logging/append_log.ts";
import {
  historyDayOf,
  historyDir,
  historyFile,
  historyStartFile,
  tidyHistory,
} from "../../infrastructure/storage/history/history_files.ts";
import { parseHistoryStart } from "../../infrastructure/storage/history/history_schema.ts";
import type { Packer } from "../../infrastructure/storage/journal/retention.ts";
import { HistoryKeeper, type HistoryOutlet } from "../../views/history_keeper.ts";
import type { HistoryStart } from "../../infrastructure/storage/history/history_schema.ts";
import type { Bot } from "../../domain/state.ts";

/** A minute may be lost with the power; a day of lines is all that is kept while the disk is away. */
const POLICY = { everyLines: 60, everyMs: 60_000, stallMs: 5_000, retryMs: 10_000, backlogLines: 1_440 };

export type HistoryLogOptions = {
  readonly platform: Pick<Platform, "clock" | "files">;
  readonly dataDir: string;
  readonly keepDays: number;
  readonly pack: Packer | null;
  readonly onTrouble: (line: string) => void;
};

/** The history on disk: a file a day, packed the day after. A full disk costs lines, never a step (M-1.1). */
export function openHistoryLog(options: HistoryLogOptions): HistoryOutlet & { readonly close: () => void } {
  const { dataDir, onTrouble } = options;
  const { files, clock } = options.platform;
  const directory = historyDir(dataDir);
  let day = "";
  const log = new AppendLog({
    files,
    clock,
    directory,
    policy: POLICY,
    onHealth: (health) => {
      if (health.state === "failed") onTrouble(`Cannot write the history: ${health.detail}`);
    },
  });
  const guarded = (act: () => void, what: string): void => {
    try {
      act();
    } catch (error) {
      onTrouble(`Cannot ${what}: ${messageOf(error)}`);
    }
  };
  return {
    start() {
      const path = historyStartFile(dataDir);
      try {
        return files.exists(path) ? parseHistoryStart(files.readText(path)) : null;
      } catch {
        // Without it the curves begin anew; nothing else hangs on it.
        return null;
      }
    },
    keepStart(start) {
      guarded(() => {
        files.makeDirectory(directory);
        files.writeAtomic(historyStartFile(dataDir), `${JSON.stringify(start)}\n`);
      }, "keep the start of the history");
    },
    write(line) {
      guarded(() => {
        const today = historyDayOf(line.at_ms);
        log.write(JSON.stringify(line), { file: historyFile({ day: today, packed: false }), critical: false });
        if (today === day) return;
        day = today;
        tidyHistory({ files, dataDir, today, keepDays: options.keepDays, pack: options.pack });
      }, "keep the history");
    },
    close: () => void log.close(),
  };
}

export type History = {
  readonly step: (bot: Bot) => void;
  /** Start of the curves, once known. */
  readonly start: () => HistoryStart | null;
  readonly close: () => void;
};

/** The history of a live bot. No call of it throws. */
export function keepHistory(options: HistoryLogOptions): History {
  const log = openHistoryLog(options);
  const keeper = new HistoryKeeper(log);
  return { step: (bot) => keeper.step(bot), start: () => keeper.start(), close: log.close };
}
