import type { FileSeam } from "../../../application/engine/ports.ts";
import type { Event } from "../../../domain/events.ts";
import type { Intent } from "../../../domain/intent.ts";
import type { JournalRecord } from "../../../domain/records.ts";
import { ordersSomething } from "./critical.ts";
import { type JournalItem, placeText, type ReadFrom, readJournal, type RecordItem } from "./journal_reader.ts";
import { knownDamage, mendNewest, noteDamage, setAside, trustedSnapshots } from "./mend.ts";
import { migrate, type Migration } from "./migrations.ts";
import { sha256 } from "../../../common/sha256.ts";
import { listSegments, segmentId, type SegmentName } from "./segments.ts";
import { type Snapshot, STATE_SCHEMA } from "./snapshots.ts";
import { StateTexts } from "./state_text.ts";

export type Step<S> = (state: S, event: Event) => { readonly state: S; readonly intents: readonly Intent[] };

export type RecoverOptions<S> = {
  readonly files: FileSeam;
  readonly dataDir: string;
  /** `guardedStep`. */
  readonly step: Step<S>;
  /** This program's; another one in the snapshot or a segment means F-11.7. */
  readonly coreHash: string;
  /** Former cores that decide alike (F-11.7). */
  readonly equalCores?: readonly string[];
  /** Plain JSON data of the current schema → state; throws when it is none. */
  readonly parseState: (value: unknown) => S;
  readonly migrations: readonly Migration[];
  /** Registers recorded order intents in the state: they are facts, whatever was re-decided (F-11.7). */
  readonly register: (state: S, recorded: { readonly event: Event; readonly intents: readonly Intent[] }) => S;
};

/** True when a journal of that core is decided alike by this one (F-11.7). */
export function knowsCore(
  cores: { readonly coreHash: string; readonly equalCores?: readonly string[] },
  recorded: string,
): boolean {
  return recorded === cores.coreHash || (cores.equalCores ?? []).includes(recorded);
}

export type Recovered<S> = {
  readonly kind: "recovered";
  readonly state: S;
  /** For `openJournal`. */
  readonly resume: { readonly seq: number; readonly head: string };
  /** Records after the snapshot. */
  readonly tail: number;
  /** True when the journal was written by another core. */
  readonly foreign: boolean;
  /** Steps of the tail that were decided otherwise than recorded; with the same core always 0. */
  readonly differences: number;
  /**
   * First broken record of the tail; what followed was set aside in `.damaged` files and is not in the state. Said again
   * by every start until `forgetDamage`, which follows the durable record of a start that told of it.
   */
  readonly damaged: string | null;
  /** What the core asked to keep in the tail, for logs that may have missed it (`TradeLog.catchUp`). */
  readonly records: readonly { readonly seq: number; readonly record: JournalRecord }[];
  /** What happened, one line each, for people. */
  readonly lines: readonly string[];
};
export type Recovery<S> =
  | { readonly kind: "fresh" }
  | Recovered<S>
  /** There is a journal, but no state can be had from it. */
  | { readonly kind: "unreadable"; readonly lines: readonly string[] };

/**
 * Newest trusted snapshot + tail → state (F-11.1). Cuts a torn last line, skips snapshots that do not chain to the journal,
 * sets damaged records aside. Throws what the file seam throws.
 */
export function recover<S>(options: RecoverOptions<S>): Recovery<S> {
  const { files, dataDir } = options;
  const lines: string[] = [];
  const mended = mendNewest(files, dataDir);
  lines.push(...mended.lines);
  if (mended.empty) return { kind: "fresh" };
  for (const candidate of trustedSnapshots(files, dataDir)) {
    if (typeof candidate === "string") {
      lines.push(candidate);
      continue;
    }
    const loaded = load(candidate, options);
    if (loaded.kind === "loaded") return runTail(options, { state: loaded.state, snapshot: candidate, lines });
    lines.push(loaded.reason);
  }
  return { kind: "unreadable", lines: [...lines, "No trusted snapshot is left"] };
}

type Loaded<S> = { readonly kind: "loaded"; readonly state: S } | { readonly kind: "no"; readonly reason: string };

function load<S>(snapshot: Snapshot, options: RecoverOptions<S>): Loaded<S> {
  const { meta } = snapshot;
  const name = `Snapshot after record ${meta.seq}`;
  try {
    const value: unknown = JSON.parse(snapshot.stateText);
    const moved = migrate(value, { from: meta.stateSchema, to: STATE_SCHEMA, steps: options.migrations });
    if (moved.kind === "stuck") return { kind: "no", reason: `${name} skipped: ${moved.reason}` };
    return { kind: "loaded", state: options.parseState(moved.state) };
  } catch (error) {
    return { kind: "no", reason: `${name} skipped: ${error instanceof Error ? error.message : String(error)}` };
  }
}

type Tail<S> = {
  state: S;
  seq: number;
  head: string;
  count: number;
  differences: number;
  foreign: boolean;
  readonly texts: StateTexts;
  damaged: string | null;
  readonly records: { readonly seq: number; readonly record: JournalRecord }[];
  readonly lines: string[];
};

function runTail<S>(
  options: RecoverOptions<S>,
  start: { readonly state: S; readonly snapshot: Snapshot; readonly lines: string[] },
): Recovered<S> {
  const { files, dataDir } = options;
  const { meta } = start.snapshot;
  const from: ReadFrom = { segment: meta.segment, offset: meta.offset, hash: meta.hash, seq: meta.seq };
  const tail: Tail<S> = {
    state: start.state,
    seq: meta.seq,
    head: meta.hash,
    count: 0,
    differences: 0,
    texts: new StateTexts(),
    foreign: !knowsCore(options, meta.coreHash),
    damaged: knownDamage(files, dataDir),
    records: [],
    lines: start.lines,
  };
  for (const item of readJournal(files, { dataDir, from })) {
    if (item.kind === "segment" && !knowsCore(options, item.header.build.coreHash)) tail.foreign = true;
    if (item.kind === "segment") tail.head = item.header.hash;
    if (item.kind === "record") takeRecord(tail, { item, options });
    if (item.kind === "fault" || item.kind === "torn") {
      const reason = item.kind === "torn" ? "torn" : item.reason;
      const where = placeText(item.place);
      if (!isCrash(item, listSegments(files, dataDir).at(-1))) {
        tail.damaged ??= `${where}: ${reason}`;
        noteDamage(files, dataDir, { damage: tail.damaged });
      }
      setAside(files, dataDir, { name: item.name, byte: item.place.byte });
      tail.lines.push(`Cut at ${where}: ${reason}`);
      break;
    }
  }
  const source = `Recovered from the snapshot after record ${meta.seq} and ${tail.count} records behind it`;
  const lines = [...tail.lines, `${source}; head ${tail.head}`];
  if (tail.foreign) lines.push("The journal was written by another core");
  if (tail.differences > 0) lines.push(`${tail.differences} steps were decided otherwise than recorded`);
  return {
    kind: "recovered",
    state: tail.state,
    resume: { seq: tail.seq, head: tail.head },
    tail: tail.count,
    foreign: tail.foreign,
    differences: tail.differences,
    damaged: tail.damaged,
    records: tail.records,
    lines,
  };
}

/** The end of the newest segment may be broken by a crash; anything before it was whole once. */
function isCrash(
  item: Extract<JournalItem, { readonly kind: "fault" | "torn" }>,
  newest: SegmentName | undefined,
): boolean {
  if (item.kind === "fault") return item.last;
  return newest !== undefined && segmentId(newest) === segmentId(item.name);
}

function takeRecord<S>(tail: Tail<S>, at: { readonly item: RecordItem; readonly options: RecoverOptions<S> }): void {
  const { item, options } = at;
  const { event } = item;
  tail.seq = item.seq;
  tail.head = item.hash;
  tail.count += 1;
  note(tail, item);
  let same = false;
  try {
    const step = options.step(tail.state, event);
    tail.state = step.state;
    same = sameIntents(step.intents, item.intentsText);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    tail.lines.push(`Record ${item.seq} (${event.kind}) could not be folded: ${message}`);
  }
  if (!same) {
    tail.differences += 1;
    const { intents } = item;
    if (intents.some(ordersSomething)) tail.state = options.register(tail.state, { event, intents });
  } else if (!tail.foreign && item.stateHash !== null && item.stateHash !== sha256(tail.texts.textOf(tail.state))) {
    tail.differences += 1;
    tail.lines.push(`Record ${item.seq}: the state differs from the recorded one`);
  }
}

/** Bit for bit, as they would be written (F-3.3). */
export function sameIntents(actual: readonly Intent[], recorded: string | null): boolean {
  return actual.length === 0 ? recorded === null : recorded !== null && JSON.stringify(actual) === recorded;
}

function note<S>(tail: Tail<S>, item: RecordItem): void {
  for (const intent of item.intents) {
    if (intent.kind === "Record") tail.records.push({ seq: item.seq, record: intent.record });
  }
}
