import type { FileSeam } from "../../../application/engine/ports.ts";
import {
  decodeHeader,
  journalDir,
  listSegments,
  readSegment,
  segmentFile,
  segmentId,
  type SegmentName,
  type SegmentText,
} from "./segments.ts";
import { splitLine } from "./record_codec.ts";
import { parseRecord } from "./parse_record.ts";
import { listSnapshots, readSnapshot, type Snapshot, snapshotDir, snapshotFile } from "./snapshots.ts";

/**
 * Makes the end of the journal whole (F-11.3): a partial last line is cut and reported, a segment without any record is
 * removed (a crash between opening it and its first record; nothing refers to it), unless it took a lost file's place.
 */
export function mendNewest(
  files: FileSeam,
  dataDir: string,
): { readonly empty: boolean; readonly lines: readonly string[] } {
  const report: string[] = [];
  for (let newest = listSegments(files, dataDir).at(-1); newest !== undefined;) {
    const segment = readNewest(files, dataDir, { name: newest });
    const shape = shapeOf(segment);
    if (shape.whole > 1 || opensAfterLoss(segment, shape)) {
      const path = `${journalDir(dataDir)}/${segmentId(newest)}`;
      if (shape.tornAt !== null) {
        // A place in a packed file is none in its content: what is whole of it goes on unpacked.
        if (newest.packed) files.writeAtomic(path, segment.bytes.slice(0, shape.tornAt));
        else files.truncate(path, shape.tornAt);
        if (newest.packed) files.remove(segment.path);
        const lost = segment.bytes.length - shape.tornAt;
        const unpacked = newest.packed ? ", which was packed and now is not" : "";
        report.push(`Cut a torn last line of ${lost} bytes from ${segmentFile(newest)}${unpacked}`);
      }
      makeDurable(files, shape.tornAt === null ? segment.path : path);
      return { empty: false, lines: report };
    }
    files.remove(segment.path);
    dropSnapshots(files, dataDir, newest);
    report.push(`Removed ${segmentFile(newest)}: it held no record`);
    newest = listSegments(files, dataDir).at(-1);
  }
  return { empty: true, lines: report };
}

/** Throws with the name of what cannot be read: what stands there is for a person to look at, not to be mended. */
function readNewest(files: FileSeam, dataDir: string, { name }: { readonly name: SegmentName }): SegmentText {
  try {
    return readSegment(files, dataDir, name);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`Cannot read the newest part of the journal, ${journalDir(dataDir)}/${segmentFile(name)}: ${why}`);
  }
}

/** The file before was lost: this segment's snapshot is all there is of what it held, records or not. */
function opensAfterLoss(segment: SegmentText, { whole, tornAt }: ReturnType<typeof shapeOf>): boolean {
  if (whole !== 1 || tornAt !== null) return false;
  const header = decodeHeader(new TextDecoder().decode(segment.bytes.subarray(0, -1)));
  return typeof header !== "string" && header.start === "disk";
}

/** What was read is what the next segment builds on: a loss of power must not take it afterwards (P-14). */
function makeDurable(files: FileSeam, path: string): void {
  try {
    const file = files.openAppend(path);
    try {
      file.syncNow();
    } finally {
      file.close();
    }
  } catch {
    // A disk that cannot be written: the journal will say so. What is open is protected by what was read (F-11.9).
  }
}

function shapeOf(segment: SegmentText): { readonly whole: number; readonly tornAt: number | null } {
  const { bytes } = segment;
  const end = bytes.lastIndexOf(10) + 1;
  const first = bytes.indexOf(10);
  const whole = first === -1 ? 0 : first + 1 === end ? 1 : 2;
  return { whole, tornAt: end < bytes.length ? end : null };
}

function dropSnapshots(files: FileSeam, dataDir: string, segment: SegmentName): void {
  for (const name of listSnapshots(files, dataDir)) {
    if (name.day !== segment.day || name.part !== segment.part) continue;
    files.remove(`${snapshotDir(dataDir)}/${snapshotFile(name)}`);
  }
}

/**
 * The snapshots that chain to the journal, newest first; a string says why one was passed over. Read one by one, because
 * the first good one is enough.
 */
export function* trustedSnapshots(files: FileSeam, dataDir: string): Generator<Snapshot | string> {
  const segments = new Map(listSegments(files, dataDir).map((name) => [segmentId(name), name]));
  let open: SegmentText | null = null;
  for (const name of [...listSnapshots(files, dataDir)].reverse()) {
    const file = snapshotFile(name);
    const snapshot = readSnapshot(files, `${snapshotDir(dataDir)}/${file}`);
    if (typeof snapshot === "string") {
      yield `Snapshot ${file} skipped: it ${snapshot}`;
      continue;
    }
    const segment = segments.get(snapshot.meta.segment);
    if (segment === undefined) {
      yield `Snapshot ${file} skipped: its segment is not there`;
      continue;
    }
    if (open === null || segmentId(open.name) !== snapshot.meta.segment) open = readSegment(files, dataDir, segment);
    if (chains(snapshot, open)) yield snapshot;
    else yield `Snapshot ${file} skipped: it does not chain to the journal`;
  }
}

/** Is the line that ends where the snapshot says the one it names? */
function chains(snapshot: Snapshot, segment: SegmentText): boolean {
  const { offset, hash, seq } = snapshot.meta;
  const { bytes } = segment;
  if (offset < 2 || offset > bytes.length || bytes[offset - 1] !== 10) return false;
  const start = bytes.lastIndexOf(10, offset - 2) + 1;
  const line = new TextDecoder().decode(bytes.subarray(start, offset - 1));
  if (start === 0) {
    const header = decodeHeader(line);
    return typeof header !== "string" && header.hash === hash && header.firstSeq === seq + 1;
  }
  const raw = splitLine(line);
  const record = raw === null ? "none" : parseRecord(raw.body);
  return raw !== null && typeof record !== "string" && raw.hash === hash && record.seq === seq;
}

/** Beside the segments: what was set aside, until a record of the start has told of it (F-11.6). */
function damageNote(dataDir: string): string {
  return `${journalDir(dataDir)}/damage.txt`;
}

/** Damage that an earlier start found and did not come to record; null = none. Throws what the file seam throws. */
export function knownDamage(files: FileSeam, dataDir: string): string | null {
  const path = damageNote(dataDir);
  return files.exists(path) ? files.readText(path) : null;
}

/** Notes damage before anything is cut: a crash between the cut and the record of the start must not lose the HALT. */
export function noteDamage(files: FileSeam, dataDir: string, { damage }: { readonly damage: string }): void {
  files.writeAtomic(damageNote(dataDir), damage);
}

/** The start that tells of the damage is durable. Throws what the file seam throws. */
export function forgetDamage(files: FileSeam, dataDir: string): void {
  if (files.exists(damageNote(dataDir))) files.remove(damageNote(dataDir));
}

/** Takes everything from a byte on out of the journal, into `.damaged` files: nothing is thrown away, nothing is used. */
export function setAside(
  files: FileSeam,
  dataDir: string,
  at: { readonly name: SegmentName; readonly byte: number },
): void {
  const dir = journalDir(dataDir);
  const all = listSegments(files, dataDir);
  const index = all.findIndex((name) => segmentId(name) === segmentId(at.name));
  for (const name of all.slice(index + 1)) {
    files.rename(`${dir}/${segmentFile(name)}`, `${dir}/${segmentFile(name)}.damaged`);
  }
  const path = `${dir}/${segmentFile(at.name)}`;
  const { bytes } = readSegment(files, dataDir, at.name);
  const rest = bytes.slice(at.byte);
  if (rest.length > 0) files.writeAtomic(`${path}.${at.byte}.damaged`, rest);
  if (at.byte === 0) files.remove(path);
  else if (at.name.packed) {
    files.writeAtomic(`${dir}/${segmentId(at.name)}`, bytes.slice(0, at.byte));
    files.remove(path);
  } else files.truncate(path, at.byte);
}
