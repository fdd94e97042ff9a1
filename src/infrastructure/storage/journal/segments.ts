import { gunzipSync } from "node:zlib";
import type { FileSeam } from "../../../application/engine/ports.ts";
import { COLUMNS } from "./row_codec.ts";
import { chainHash, JOURNAL_SCHEMA } from "./record_codec.ts";
import { parseObject } from "../../../common/json.ts";

/** What stands outside the chained bytes (F-11.7): two builds with the same decisions write the same chain. */
export type BuildFacts = {
  readonly version: string;
  readonly commit: string;
  readonly coreHash: string;
  /** Former cores whose journals this program decides alike (F-11.7); in no header. */
  readonly equalCores?: readonly string[];
  readonly buildDate: string;
};
/** What a segment is about; part of the chain. */
export type SegmentFacts = {
  readonly accountUid: string;
  readonly symbol: string;
  /** The whole effective configuration; replay uses it, never the files on disk. */
  readonly config: unknown;
};
/** Why a segment begins: the process started, the UTC day changed, or the disk came back without the old file. */
export type SegmentStart = "boot" | "rotation" | "disk";

export type Header = {
  readonly start: SegmentStart;
  /** seq of the first record that may follow. */
  readonly firstSeq: number;
  /** Hash of the last line of the segment before, GENESIS for the first. */
  readonly prev: string;
  readonly facts: SegmentFacts;
  readonly build: BuildFacts;
  /** SHA-256 of the state the segment opens with (its snapshot carries that state). */
  readonly stateHash: string;
  /** Hash of this line, the `prev` of the first record. */
  readonly hash: string;
};

/** Makes a header's line. The chained part holds no build and no state. */
export function encodeHeader(header: Omit<Header, "hash">): { readonly line: string; readonly hash: string } {
  const body = `{"header":` + JSON.stringify({
    schema: JOURNAL_SCHEMA,
    start: header.start,
    first_seq: header.firstSeq,
    prev: header.prev,
    account_uid: header.facts.accountUid,
    symbol: header.facts.symbol,
    config: header.facts.config,
    columns: COLUMNS,
  });
  const hash = chainHash(header.prev, body);
  const build = JSON.stringify({
    version: header.build.version,
    commit: header.build.commit,
    core_hash: header.build.coreHash,
    build_date: header.build.buildDate,
    state: header.stateHash,
  });
  return { line: `${body},"hash":"${hash}","build":${build},"seal":"${chainHash(hash, build)}"}\n`, hash };
}

function text(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

/** Reads a header line (without newline); a string is the reason why it is none. */
export function decodeHeader(line: string): Header | string {
  const whole = parseObject(line);
  if (whole === null) return "the header is not JSON";
  const raw = JSON.stringify(whole["header"]);
  const head = raw === undefined ? null : parseObject(raw);
  const buildText = JSON.stringify(whole["build"]);
  const build = buildText === undefined ? null : parseObject(buildText);
  if (head === null || build === null) return "the header has no header or build object";
  if (head["schema"] !== JOURNAL_SCHEMA) return `the header is of schema ${String(head["schema"])}`;
  const [start, prev, uid, symbol] = [
    head["start"],
    text(head["prev"]),
    text(head["account_uid"]),
    text(head["symbol"]),
  ];
  const firstSeq = head["first_seq"];
  const [version, commit, coreHash] = [text(build["version"]), text(build["commit"]), text(build["core_hash"])];
  const [buildDate, stateHash] = [text(build["build_date"]), text(build["state"])];
  if (start !== "boot" && start !== "rotation" && start !== "disk") return "the header does not say why it starts";
  if (typeof firstSeq !== "number" || prev === null || uid === null || symbol === null) {
    return "the header lacks a field";
  }
  if (version === null || commit === null || coreHash === null || buildDate === null || stateHash === null) {
    return "the build facts lack a field";
  }
  const facts = { accountUid: uid, symbol, config: head["config"] };
  const built = { version, commit, coreHash, buildDate };
  const header: Omit<Header, "hash"> = { start, firstSeq, prev, facts, build: built, stateHash };
  const again = encodeHeader(header);
  if (again.line.slice(0, -1) !== line) return "the header does not match its own hash";
  return { ...header, hash: again.hash };
}

/** Place of one segment. `day` is the UTC day of its first event. */
export type SegmentName = { readonly day: string; readonly part: number; readonly packed: boolean };

const NAME = /^(\d{4}-\d{2}-\d{2})\.(\d{4,})\.jsonl(\.gz)?$/;

/** Directory of the segments below the data directory. */
export function journalDir(dataDir: string): string {
  return `${dataDir}/journal`;
}
/** `2026-11-21.0003.jsonl`, `.gz` once packed. */
export function segmentFile(name: SegmentName): string {
  return `${name.day}.${String(name.part).padStart(4, "0")}.jsonl${name.packed ? ".gz" : ""}`;
}
/** Same day and part, packed or not. */
export function segmentId(name: SegmentName): string {
  return segmentFile({ ...name, packed: false });
}

/** All segments, oldest first. Of one that is there packed and unpacked (a crash while packing) the unpacked counts. */
export function listSegments(files: FileSeam, dataDir: string): readonly SegmentName[] {
  const dir = journalDir(dataDir);
  if (!files.exists(dir)) return [];
  const found = new Map<string, SegmentName>();
  for (const file of files.list(dir)) {
    const match = NAME.exec(file);
    if (match === null) continue;
    const [, day = "", part = "", gz] = match;
    const name = { day, part: Number(part), packed: gz !== undefined };
    if (!name.packed || !found.has(segmentId(name))) found.set(segmentId(name), name);
  }
  return [...found.values()].sort((a, b) => a.day < b.day ? -1 : a.day > b.day ? 1 : a.part - b.part);
}

/** One segment in memory: a day of at most some 20 MB. */
export type SegmentText = { readonly name: SegmentName; readonly path: string; readonly bytes: Uint8Array };

/** Reads one segment, unpacked. Throws what the file seam throws, or on a packed file that does not unpack. */
export function readSegment(files: FileSeam, dataDir: string, name: SegmentName): SegmentText {
  const path = `${journalDir(dataDir)}/${segmentFile(name)}`;
  const raw = files.readBytes(path);
  return { name, path, bytes: name.packed ? unpacked(raw) : raw };
}

function unpacked(packed: Uint8Array): Uint8Array {
  const { buffer, byteOffset, byteLength } = gunzipSync(packed);
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** One line with its place in bytes; `end` is after the newline. */
export type Line = {
  readonly line: string;
  readonly start: number;
  readonly end: number;
  /** False for a last line without newline: torn. */
  readonly whole: boolean;
  /** True when its bytes are no UTF-8. */
  readonly damaged: boolean;
};

const NEWLINE = 10;
/** Text is decoded a window at a time: a day as one string would be held whole by every piece of it. */
const WINDOW = 262_144;

/** The lines from a byte offset on. Offsets are bytes. */
export function* linesOf(segment: SegmentText, from = 0): Generator<Line> {
  const { bytes } = segment;
  for (let start = from; start < bytes.length;) {
    const end = windowEnd(bytes, start);
    const window = bytes.subarray(start, end);
    const text = DECODER.decode(window);
    if (text.length === window.length && !text.includes("\uFFFD")) yield* asciiLines(text, start);
    else yield* otherLines(window, start);
    start = end;
  }
}

const DECODER = new TextDecoder("utf-8", { ignoreBOM: true });

/** After the last newline of the window, or of the first line when that is longer. */
function windowEnd(bytes: Uint8Array, start: number): number {
  if (start + WINDOW >= bytes.length) return bytes.length;
  const last = bytes.lastIndexOf(NEWLINE, start + WINDOW - 1);
  if (last >= start) return last + 1;
  const next = bytes.indexOf(NEWLINE, start + WINDOW);
  return next === -1 ? bytes.length : next + 1;
}

function* asciiLines(text: string, offset: number): Generator<Line> {
  for (let at = 0; at < text.length;) {
    const newline = text.indexOf("\n", at);
    const stop = newline === -1 ? text.length : newline;
    const end = newline === -1 ? stop : stop + 1;
    yield { line: text.slice(at, stop), start: offset + at, end: offset + end, whole: newline !== -1, damaged: false };
    at = end;
  }
}

function* otherLines(bytes: Uint8Array, offset: number): Generator<Line> {
  for (let at = 0; at < bytes.length;) {
    const newline = bytes.indexOf(NEWLINE, at);
    const stop = newline === -1 ? bytes.length : newline;
    const end = newline === -1 ? stop : stop + 1;
    const line = DECODER.decode(bytes.subarray(at, stop));
    const damaged = !sameBytes(line, bytes.subarray(at, stop));
    yield { line, start: offset + at, end: offset + end, whole: newline !== -1, damaged };
    at = end;
  }
}

/** Decoding replaces what is no UTF-8; encoding again shows it. */
function sameBytes(line: string, bytes: Uint8Array): boolean {
  const again = new TextEncoder().encode(line);
  return again.length === bytes.length && again.every((byte, index) => byte === bytes[index]);
}
