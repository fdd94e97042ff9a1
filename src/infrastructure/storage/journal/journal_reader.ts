import type { FileSeam } from "../../../application/engine/ports.ts";
import type { Event } from "../../../domain/events.ts";
import type { Intent } from "../../../domain/intent.ts";
import { parseIntents, parseRecord } from "./parse_record.ts";
import { chainHash, GENESIS, splitLine } from "./record_codec.ts";
import {
  decodeHeader,
  type Header,
  type Line,
  linesOf,
  listSegments,
  readSegment,
  segmentFile,
  segmentId,
  type SegmentName,
  type SegmentText,
} from "./segments.ts";

/** A place in the journal, for people: file, byte offset of the line, and the number of the record if it has one. */
export type Place = { readonly file: string; readonly byte: number; readonly seq: number | null };

type RecordFacts = {
  readonly name: SegmentName;
  readonly seq: number;
  readonly event: Event;
  readonly intentsText: string | null;
  readonly hash: string;
  readonly stateHash: string | null;
  readonly start: number;
  readonly end: number;
};

/** One record with its place. */
export class RecordItem {
  readonly kind = "record";
  readonly name: SegmentName;
  readonly seq: number;
  readonly event: Event;
  /** As it stands in the line; null = none. */
  readonly intentsText: string | null;
  readonly hash: string;
  readonly stateHash: string | null;
  /** Bytes of the line in its segment. */
  readonly start: number;
  readonly end: number;

  constructor(facts: RecordFacts) {
    this.name = facts.name;
    this.seq = facts.seq;
    this.event = facts.event;
    this.intentsText = facts.intentsText;
    this.hash = facts.hash;
    this.stateHash = facts.stateHash;
    this.start = facts.start;
    this.end = facts.end;
  }

  /** Parsed on demand. Throws when they are none, which the hash chain rules out for what this program wrote. */
  get intents(): readonly Intent[] {
    const intents = parseIntents(this.intentsText);
    if (typeof intents === "string") throw new Error(`Cannot read record ${this.seq}: ${intents}`);
    return intents;
  }
}

export type JournalItem =
  | { readonly kind: "segment"; readonly name: SegmentName; readonly header: Header; readonly end: number }
  | RecordItem
  /** A partial last line of a segment. */
  | { readonly kind: "torn"; readonly name: SegmentName; readonly place: Place }
  /** Chain, gap, seam or form broken here. `last` = nothing but this line is behind it in the newest segment. */
  | {
    readonly kind: "fault";
    readonly name: SegmentName;
    readonly place: Place;
    readonly reason: string;
    readonly last: boolean;
  };

/** Where to begin: after the line that ends at `offset` and has this hash; null = at the oldest segment. */
export type ReadFrom = {
  readonly segment: string;
  readonly offset: number;
  readonly hash: string;
  readonly seq: number;
};

type Link = { head: string; other: string | null; seq: number | null };

/**
 * Everything in the journal in order, with the chain checked (F-11.3). One segment is in memory at a time. After a fault
 * reading goes on, so that every broken place is named; what to do about it is the caller's.
 */
export function* readJournal(
  files: FileSeam,
  options: { readonly dataDir: string; readonly from: ReadFrom | null },
): Generator<JournalItem> {
  const { dataDir, from } = options;
  const all = listSegments(files, dataDir);
  const index = from === null ? 0 : all.findIndex((name) => segmentId(name) === from.segment);
  const link: Link = { head: from?.hash ?? GENESIS, other: null, seq: from?.seq ?? null };
  let first = from === null;
  for (const name of index === -1 ? [] : all.slice(index)) {
    const begun = from !== null && segmentId(name) === from.segment;
    const newest = name === all.at(-1);
    let segment: SegmentText;
    try {
      segment = readSegment(files, dataDir, name);
    } catch (error) {
      const reason = `cannot be read: ${error instanceof Error ? error.message : String(error)}`;
      yield { kind: "fault", name, place: { file: segmentFile(name), byte: 0, seq: null }, reason, last: false };
      continue;
    }
    yield* readOne(segment, { link, offset: begun ? from.offset : 0, first, newest });
    first = false;
  }
}

type ReadOne = {
  readonly link: Link;
  readonly offset: number;
  readonly first: boolean;
  readonly newest: boolean;
};

function* readOne(segment: SegmentText, options: ReadOne): Generator<JournalItem> {
  const { link } = options;
  const { name } = segment;
  const file = segmentFile(name);
  for (const line of linesOf(segment, options.offset)) {
    const last = options.newest && line.end === segment.bytes.length;
    const place: Place = { file, byte: line.start, seq: null };
    if (!line.whole) yield { kind: "torn", name, place };
    else if (line.start === 0) yield* readHeader(line, { name, place, link, first: options.first, last });
    else yield readLine(line, { name, place, link, last });
  }
}

type At = { readonly name: SegmentName; readonly place: Place; readonly link: Link; readonly last: boolean };

function* readHeader(line: Line, at: At & { readonly first: boolean }): Generator<JournalItem> {
  const { name, place, link, last } = at;
  const header = line.damaged ? "its bytes are no UTF-8" : decodeHeader(line.line);
  if (typeof header === "string") {
    yield { kind: "fault", name, place, reason: header, last };
    link.seq = null;
    return;
  }
  const expected = link.seq === null ? header.firstSeq : link.seq + 1;
  if (!at.first && header.firstSeq !== expected) {
    const reason = `records ${expected} to ${header.firstSeq - 1} are missing (segment starts by ${header.start})`;
    yield { kind: "fault", name, place, reason, last: false };
  } else if (!at.first && header.prev !== link.head && header.prev !== link.other) {
    yield { kind: "fault", name, place, reason: "the segment does not continue the one before", last: false };
  } else if (at.first && header.firstSeq === 1 && header.prev !== GENESIS) {
    yield { kind: "fault", name, place, reason: "the first segment does not start the chain", last: false };
  }
  link.head = header.hash;
  link.other = null;
  link.seq = header.firstSeq - 1;
  yield { kind: "segment", name, header, end: line.end };
}

function readLine(line: Line, at: At): JournalItem {
  const { name, place, link, last } = at;
  const expected = link.seq === null ? null : link.seq + 1;
  const fault = (reason: string): JournalItem => {
    if (link.seq !== null) link.seq += 1;
    return { kind: "fault", name, place: { ...place, seq: expected }, reason, last };
  };
  const raw = line.damaged ? null : splitLine(line.line);
  if (raw === null) return fault(line.damaged ? "its bytes are no UTF-8" : "it is not in the form of a record");
  const hash = chainHash(link.head, raw.body);
  if (hash !== raw.hash && (link.other === null || chainHash(link.other, raw.body) !== raw.hash)) {
    link.head = raw.hash;
    link.other = hash;
    return fault("its content does not match its hash");
  }
  link.head = raw.hash;
  link.other = null;
  const record = parseRecord(raw.body);
  if (typeof record === "string") return fault(record);
  if (expected !== null && record.seq !== expected) {
    link.seq = record.seq - 1;
    return fault(`record ${record.seq} stands where ${expected} should`);
  }
  link.seq = record.seq;
  const { start, end } = line;
  return new RecordItem({ name, hash: raw.hash, stateHash: raw.stateHash, start, end, ...record });
}

/** `record 17 in 2026-11-21.0000.jsonl at byte 4711`. */
export function placeText(place: Place): string {
  const what = place.seq === null ? "line" : `record ${place.seq}`;
  return `${what} in ${place.file} at byte ${place.byte}`;
}
