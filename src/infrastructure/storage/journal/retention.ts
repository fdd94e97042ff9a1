import type { FileSeam } from "../../../application/engine/ports.ts";
import { journalDir, listSegments, segmentFile, segmentId, type SegmentName } from "./segments.ts";
import { listSnapshots, snapshotDir, snapshotFile, spareSnapshots } from "./snapshots.ts";

/** Compresses bytes, now or off the main thread; `done` gets null when it could not. */
export type Packer = (bytes: Uint8Array, done: (packed: Uint8Array | null) => void) => void;

type Place = { readonly files: FileSeam; readonly dataDir: string };

/** Packs every closed segment of an earlier day than the newest one; the plain file goes when the packed one is there. */
export function packOldSegments(place: Place & { readonly pack: Packer | null }): void {
  const { files, dataDir, pack } = place;
  if (pack === null) return;
  const all = listSegments(files, dataDir);
  const newest = all.at(-1);
  for (const name of all) {
    if (name.packed || newest === undefined || name.day === newest.day) continue;
    const path = `${journalDir(dataDir)}/${segmentFile(name)}`;
    pack(files.readBytes(path), (packed) => {
      if (packed !== null) replace(place, { path, packed });
    });
  }
}

function replace(place: Place, file: { readonly path: string; readonly packed: Uint8Array }): void {
  try {
    place.files.writeAtomic(`${file.path}.gz`, file.packed);
    place.files.remove(file.path);
  } catch {
    // The plain file is still there and the one that counts; the next day packs it.
  }
}

/**
 * Deletes segments older than the retention and the snapshots nobody needs. Never touched: the segments from the second
 * newest snapshot on, because recovery may need them.
 */
export function pruneJournal(place: Place & { readonly retentionDays: number | null }): void {
  const { files, dataDir, retentionDays } = place;
  const segments = listSegments(files, dataDir);
  const snapshots = listSnapshots(files, dataDir);
  const kept = retentionDays === null
    ? segments
    : segments.filter((name) => !isOver(name, { segments, retentionDays }));
  const needed = snapshots.at(-2);
  const from = needed === undefined ? null : segmentId({ day: needed.day, part: needed.part, packed: false });
  const fromIndex = from === null ? 0 : segments.findIndex((name) => segmentId(name) === from);
  const staying = new Set<string>();
  segments.forEach((name, index) => {
    if (kept.includes(name) || fromIndex === -1 || index >= fromIndex) staying.add(segmentId(name));
    else files.remove(`${journalDir(dataDir)}/${segmentFile(name)}`);
  });
  for (const name of spareSnapshots(snapshots, staying)) files.remove(`${snapshotDir(dataDir)}/${snapshotFile(name)}`);
}

function isOver(
  name: SegmentName,
  options: { readonly segments: readonly SegmentName[]; readonly retentionDays: number },
): boolean {
  const newest = options.segments.at(-1);
  if (newest === undefined) return false;
  return (Date.parse(newest.day) - Date.parse(name.day)) / 86_400_000 > options.retentionDays;
}
