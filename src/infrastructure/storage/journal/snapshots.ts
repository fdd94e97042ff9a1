import type { FileSeam } from "../../../application/engine/ports.ts";
import { parseObject } from "../../../common/json.ts";
import { chainHash } from "./record_codec.ts";
import { sha256 } from "../../../common/sha256.ts";
import { segmentId } from "./segments.ts";

/** Version of the state's shape. A change needs a migration and a golden snapshot (F-11.7). */
export const STATE_SCHEMA = 1;

/** What a snapshot says about itself: the line of the journal it was made after, by place and by hash. */
export type SnapshotMeta = {
  readonly stateSchema: number;
  readonly seq: number;
  /** Segment, byte offset after the line, and hash of the line. */
  readonly segment: string;
  readonly offset: number;
  readonly hash: string;
  readonly coreHash: string;
  readonly stateHash: string;
};
export type Snapshot = { readonly meta: SnapshotMeta; readonly stateText: string };

/** Directory of the snapshots below the data directory. */
export function snapshotDir(dataDir: string): string {
  return `${dataDir}/snapshots`;
}
/** Place of one snapshot: after record `seq`, made while the segment was written. */
export type SnapshotName = { readonly day: string; readonly part: number; readonly seq: number };

/** `2026-11-21.0003.000000005000.jsonl`: sorts like the journal. */
export function snapshotFile(name: SnapshotName): string {
  return `${name.day}.${String(name.part).padStart(4, "0")}.${String(name.seq).padStart(12, "0")}.jsonl`;
}

const NAME = /^(\d{4}-\d{2}-\d{2})\.(\d{4,})\.(\d{12,})\.jsonl$/;

/** Every snapshot, oldest first. The first of each segment is the state it opens with. */
export function listSnapshots(files: FileSeam, dataDir: string): readonly SnapshotName[] {
  const dir = snapshotDir(dataDir);
  if (!files.exists(dir)) return [];
  const found: SnapshotName[] = [];
  for (const file of files.list(dir)) {
    const [, day, part, seq] = NAME.exec(file) ?? [];
    if (day !== undefined) found.push({ day, part: Number(part), seq: Number(seq) });
  }
  return found.sort((a, b) => a.day < b.day ? -1 : a.day > b.day ? 1 : a.part - b.part || a.seq - b.seq);
}

/** Writes a snapshot atomically. Throws what the file seam throws. */
export function writeSnapshot(
  files: FileSeam,
  path: string,
  snapshot: { readonly meta: Omit<SnapshotMeta, "stateHash">; readonly stateText: string; readonly stateHash: string },
): void {
  const { meta, stateText, stateHash } = snapshot;
  const head = JSON.stringify({
    state_schema: meta.stateSchema,
    seq: meta.seq,
    segment: meta.segment,
    offset: meta.offset,
    hash: meta.hash,
    core_hash: meta.coreHash,
    state: stateHash,
  });
  files.writeAtomic(path, `${head}\n${stateText}\n${chainHash(stateHash, head)}\n`);
}

/** Reads a snapshot; a string is the reason why it cannot be trusted. Whether it chains is `recover`'s to see. */
export function readSnapshot(files: FileSeam, path: string): Snapshot | string {
  let text: string;
  try {
    text = files.readText(path);
  } catch (error) {
    return `cannot be read: ${error instanceof Error ? error.message : String(error)}`;
  }
  const [head = "", stateText = "", seal, rest, ...more] = text.split("\n");
  const fields = parseObject(head);
  if (fields === null || seal === undefined || rest !== "" || more.length > 0) {
    return "is not in the form of a snapshot";
  }
  const { state_schema: stateSchema, seq, segment, offset, hash, core_hash: coreHash, state: stateHash } = fields;
  if (typeof stateSchema !== "number" || typeof seq !== "number" || typeof offset !== "number") return "lacks a number";
  if (typeof segment !== "string" || typeof hash !== "string" || typeof coreHash !== "string") return "lacks a name";
  if (typeof stateHash !== "string" || stateHash !== sha256(stateText)) return "does not match its state's hash";
  if (seal !== chainHash(stateHash, head)) return "does not match its own hash";
  return { meta: { stateSchema, seq, segment, offset, hash, coreHash, stateHash }, stateText };
}

/**
 * Which snapshots may go: all but the two newest and the one each kept segment opens with (it is where a replay of that
 * segment starts).
 */
export function spareSnapshots(
  all: readonly SnapshotName[],
  keptSegments: ReadonlySet<string>,
): readonly SnapshotName[] {
  const seen = new Set<string>();
  return all.filter((name, index) => {
    const segment = segmentId({ day: name.day, part: name.part, packed: false });
    const opening = !seen.has(segment);
    seen.add(segment);
    return index < all.length - 2 && !(opening && keptSegments.has(segment));
  });
}
