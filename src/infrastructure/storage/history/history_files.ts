import type { FileSeam } from "../../../application/engine/ports.ts";
import type { Packer } from "../journal/retention.ts";

const DAY_MS = 86_400_000;
const NAME = /^(\d{4}-\d{2}-\d{2})\.jsonl(\.gz)?$/;

/** One day of the history. `packed` = gzip. */
export type HistoryDay = { readonly day: string; readonly packed: boolean };

type Place = { readonly files: FileSeam; readonly dataDir: string };

export function historyDir(dataDir: string): string {
  return `${dataDir}/history`;
}
/** Where the start of the curves is kept. */
export function historyStartFile(dataDir: string): string {
  return `${historyDir(dataDir)}/start.json`;
}
/** `2026-11-21.jsonl`, `.gz` once packed. */
export function historyFile({ day, packed }: HistoryDay): string {
  return `${day}.jsonl${packed ? ".gz" : ""}`;
}
/** UTC day of a moment. */
export function historyDayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

/** The days of a listing, oldest first. A day that is there twice (a crash while packing) counts unpacked. */
export function historyDays(names: readonly string[]): readonly HistoryDay[] {
  const found = new Map<string, HistoryDay>();
  for (const name of names) {
    const match = NAME.exec(name);
    if (match === null) continue;
    const [, day = "", gz] = match;
    if (gz === undefined || !found.has(day)) found.set(day, { day, packed: gz !== undefined });
  }
  return [...found.values()].sort((a, b) => (a.day < b.day ? -1 : 1));
}

/** Packs every day but `today`, and removes what is older than `keepDays`. Throws what the file seam throws. */
export function tidyHistory(
  place: Place & { readonly today: string; readonly keepDays: number; readonly pack: Packer | null },
): void {
  const { files, dataDir, today, keepDays, pack } = place;
  const directory = historyDir(dataDir);
  if (!files.exists(directory)) return;
  const oldest = historyDayOf(Math.max(0, Date.parse(today) - keepDays * DAY_MS));
  for (const name of historyDays(files.list(directory))) {
    const path = `${directory}/${historyFile(name)}`;
    if (name.day < oldest) {
      files.remove(path);
      continue;
    }
    if (name.packed || name.day >= today || pack === null) continue;
    pack(files.readBytes(path), (packed) => {
      if (packed !== null) replace(files, { path, packed });
    });
  }
}

function replace(files: FileSeam, file: { readonly path: string; readonly packed: Uint8Array }): void {
  try {
    files.writeAtomic(`${file.path}.gz`, file.packed);
    files.remove(file.path);
  } catch {
    // The plain file is still there and the one that counts; the next day packs it.
  }
}
