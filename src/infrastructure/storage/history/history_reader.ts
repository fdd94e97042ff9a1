import type { FileSeam } from "../../../application/engine/ports.ts";
import { gunzipSync } from "node:zlib";
import { historyDays, historyDir, historyFile, historyStartFile } from "./history_files.ts";
import { type HistoryLine, type HistoryStart, parseHistoryLine, parseHistoryStart } from "./history_schema.ts";

type Place = { readonly files: Pick<FileSeam, "exists" | "list" | "readText" | "readBytes">; readonly dataDir: string };

/** Where the curves begin; null when no bot wrote a history here. */
export function historyStart({ files, dataDir }: Place): HistoryStart | null {
  const path = historyStartFile(dataDir);
  return files.exists(path) ? parseHistoryStart(files.readText(path)) : null;
}

/** The lines of `from` ≤ time < `to` (UTC ms), oldest first; what is no line of this version is passed over. */
export function* readHistory(
  place: Place,
  range: { readonly from: number; readonly to: number },
): Generator<HistoryLine> {
  const { files, dataDir } = place;
  const directory = historyDir(dataDir);
  if (!files.exists(directory)) return;
  for (const day of historyDays(files.list(directory))) {
    const at = Date.parse(day.day);
    if (at + 86_400_000 <= range.from || at >= range.to) continue;
    const path = `${directory}/${historyFile(day)}`;
    const text = day.packed ? new TextDecoder().decode(gunzipSync(files.readBytes(path))) : files.readText(path);
    for (const raw of text.split("\n")) {
      const line = raw === "" ? null : parseHistoryLine(raw);
      if (line !== null && line !== "version" && line.at_ms >= range.from && line.at_ms < range.to) yield line;
    }
  }
}
