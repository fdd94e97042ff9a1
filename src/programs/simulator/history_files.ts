import {
  historyDayOf,
  historyDir,
  historyFile,
  historyStartFile,
} from "../../infrastructure/storage/history/history_files.ts";
import type { HistoryOutlet } from "../../views/history_keeper.ts";

/** A simulated run's minute history below `dataDir`, a file a day as the live bot's; `close` writes the last day. */
export function historyFiles(
  dataDir: string,
  writeFile: (path: string, content: string) => void,
): HistoryOutlet & { readonly close: () => void } {
  let day = "";
  let lines: string[] = [];
  const close = (): void => {
    if (lines.length === 0) return;
    writeFile(`${historyDir(dataDir)}/${historyFile({ day, packed: false })}`, `${lines.join("\n")}\n`);
    lines = [];
  };
  return {
    start: () => null,
    keepStart: (start) => writeFile(historyStartFile(dataDir), `${JSON.stringify(start)}\n`),
    write(line) {
      const today = historyDayOf(line.at_ms);
      if (today !== day) close();
      day = today;
      lines.push(JSON.stringify(line));
    },
    close,
  };
}
