import type { ClockSeam, FileSeam, JournalPort } from "../../../application/engine/ports.ts";
import type { Event } from "../../../domain/events.ts";
import type { Intent } from "../../../domain/intent.ts";
import { isCritical, ordersSomething } from "./critical.ts";
import { type Health, LineWriter, SYNC_POLICY, type SyncCounters, type SyncPolicy } from "../log_storage.ts";
import { chainHash, encodeBody, encodeLine, GENESIS } from "./record_codec.ts";
import { sha256 } from "../../../common/sha256.ts";
import { type Packer, packOldSegments, pruneJournal } from "./retention.ts";
import {
  type BuildFacts,
  encodeHeader,
  journalDir,
  listSegments,
  type SegmentFacts,
  segmentFile,
  segmentId,
  type SegmentName,
  type SegmentStart,
} from "./segments.ts";
import { StateTexts } from "./state_text.ts";
import { snapshotDir, snapshotFile, STATE_SCHEMA, writeSnapshot } from "./snapshots.ts";

/** A state hash is recorded at least this often (issue "Memory", replay). */
export const STATE_HASH_EVERY = 1_000;
const SNAPSHOT_EVERY = 5_000;
const DAY_MS = 86_400_000;
/** While the disk is this late nothing large is written on the main thread. */
const CALM_LAG_MS = 250;

export type JournalOptions = {
  readonly files: FileSeam;
  readonly clock: ClockSeam;
  readonly dataDir: string;
  readonly facts: SegmentFacts;
  readonly build: BuildFacts;
  /** The state before the first step of this process: fresh, or what `recover` gave. */
  readonly state: unknown;
  /** Where the chain goes on: `recover(…).resume`, or null in an empty directory. */
  readonly resume: { readonly seq: number; readonly head: string } | null;
  /** Called inside `append` or from a timer; submit `JournalHealth` with it (F-11.9). */
  readonly onHealth: (health: Health) => void;
  /** `journal_retention_days`; null keeps everything. */
  readonly retentionDays: number | null;
  /** Packs old days; null leaves them as they are (simulation). */
  readonly pack: Packer | null;
  readonly snapshotEvery?: number;
  readonly policy?: SyncPolicy;
};

/** A segment whose header is decided but not yet in a file; `seq` is the last record before it. */
type Opening = {
  readonly day: string;
  /** null until the directory could be read. */
  readonly name: SegmentName | null;
  readonly header: { readonly line: string; readonly hash: string };
  readonly seq: number;
  readonly stateText: string;
  readonly stateHash: string;
};

/** What `append` learns beside event and intents: the state after the step, for state hashes and snapshots. */
export type AppendOptions = { readonly state: unknown };

/**
 * Opens the journal for writing (F-11.1). The first segment begins with the first record, because only an event knows its
 * UTC day; a disk that cannot be written is told then, by `onHealth`, and does not keep the bot from its position (F-11.9).
 */
export function openJournal(options: JournalOptions): Journal {
  const { files, dataDir } = options;
  try {
    for (const dir of [dataDir, journalDir(dataDir), snapshotDir(dataDir)]) files.makeDirectory(dir);
  } catch {
    // The first record finds the same trouble, and tries again until there is room.
  }
  return new Journal(options);
}

/** The append-only, hash-chained record of every event and every decision (F-11.1 … F-11.3, F-11.7, P-14). */
export class Journal implements JournalPort {
  readonly #options: JournalOptions;
  readonly #writer: LineWriter;
  readonly #firstToken: number;
  readonly #snapshotEvery: number;
  #seq: number;
  #head: string;
  #state: unknown;
  readonly #texts = new StateTexts();
  #segment: SegmentName | null = null;
  #opening: Opening | null = null;
  #dayEndsAt = 0;
  #snapshotDue = false;
  #closed = false;

  constructor(options: JournalOptions) {
    this.#options = options;
    this.#seq = options.resume?.seq ?? 0;
    this.#head = options.resume?.head ?? GENESIS;
    this.#firstToken = this.#seq;
    this.#state = options.state;
    this.#snapshotEvery = options.snapshotEvery ?? SNAPSHOT_EVERY;
    this.#writer = new LineWriter({
      files: options.files,
      clock: options.clock,
      policy: options.policy ?? SYNC_POLICY,
      onHealth: options.onHealth,
      onLost: (dropped) => this.#onLost(dropped),
    });
  }

  /** One record, one write call. Never throws: a disk in trouble is reported by `onHealth` (F-11.9). */
  append(event: Event, intents: readonly Intent[], options: AppendOptions): { readonly seq: number } {
    if (event.at >= this.#dayEndsAt) this.#beginDay(event.at);
    else if (this.#snapshotDue) this.#trySnapshot();
    const seq = this.#seq + 1;
    const body = encodeBody(seq, event, { intents });
    const hash = chainHash(this.#head, body);
    const ordering = intents.length > 0 && intents.some(ordersSomething);
    let stateHash: string | null = null;
    this.#state = options.state;
    if (ordering || seq % STATE_HASH_EVERY === 0) stateHash = sha256(this.#texts.textOf(options.state));
    this.#seq = seq;
    this.#head = hash;
    if (seq % this.#snapshotEvery === 0) this.#snapshotDue = true;
    this.#writer.write(encodeLine(body, { hash, stateHash }), ordering || isCritical(event, intents));
    return { seq };
  }

  whenDurable(seq: number, options: { readonly atMostMs: number | null }, act: (durable: boolean) => void): void {
    this.#writer.whenDurable(seq - this.#firstToken, options, act);
  }

  /** Hash of the last record. */
  head(): string {
    return this.#head;
  }
  lastSeq(): number {
    return this.#seq;
  }
  /** Age of the oldest record that is not durable, ms (Vitals.journalLagMs; > 2 s blocks entries, P-14). */
  lagMs(): number {
    return this.#writer.lagMs();
  }
  healthy(): boolean {
    return this.#writer.healthy();
  }
  counters(): SyncCounters {
    return this.#writer.counters();
  }

  /** Writes a snapshot of the state after the last record now. Returns false when the disk would not. */
  snapshot(): boolean {
    this.#snapshotDue = true;
    return this.#trySnapshot();
  }

  /** Makes everything durable, leaves a snapshot, closes. True when all of it worked. */
  close(): boolean {
    if (this.#closed) return true;
    this.#closed = true;
    const flushed = this.#writer.flushAtLast();
    const kept = flushed && (this.#segment === null || this.snapshot());
    return this.#writer.close() && kept;
  }

  #trySnapshot(): boolean {
    const segment = this.#segment;
    if (segment === null || this.#opening !== null || !this.#writer.healthy() || this.#writer.lagMs() > CALM_LAG_MS) {
      return false;
    }
    const text = this.#texts.textOf(this.#state);
    try {
      this.#writeSnapshot(segment, {
        seq: this.#seq,
        offset: this.#writer.size(),
        hash: this.#head,
        stateText: text,
        stateHash: sha256(text),
      });
      this.#snapshotDue = false;
      pruneJournal(this.#options);
      return true;
    } catch {
      // The journal itself is what counts; its writer reports a disk in trouble. The next step tries again.
      return false;
    }
  }

  #writeSnapshot(
    segment: SegmentName,
    at: {
      readonly seq: number;
      readonly offset: number;
      readonly hash: string;
      readonly stateText: string;
      readonly stateHash: string;
    },
  ): void {
    const { files, dataDir, build } = this.#options;
    const name = snapshotFile({ day: segment.day, part: segment.part, seq: at.seq });
    writeSnapshot(files, `${snapshotDir(dataDir)}/${name}`, {
      meta: {
        stateSchema: STATE_SCHEMA,
        seq: at.seq,
        segment: segmentId(segment),
        offset: at.offset,
        hash: at.hash,
        coreHash: build.coreHash,
      },
      stateText: at.stateText,
      stateHash: at.stateHash,
    });
  }

  /** First record of a UTC day, by event time (F-3.5): flush and sync the old file, open the new one (P-14). */
  #beginDay(at: number): void {
    if (this.#opening !== null) return;
    const first = this.#segment === null;
    if (!first && (this.#writer.lagMs() > CALM_LAG_MS || !this.#writer.flushInPlace())) return;
    this.#dayEndsAt = (Math.floor(at / DAY_MS) + 1) * DAY_MS;
    this.#plan(first ? "boot" : "rotation", dayOf(at));
    try {
      this.#open();
    } catch (error) {
      this.#writer.report(error);
      return;
    }
    if (!first) this.#tidy();
  }

  #tidy(): void {
    try {
      packOldSegments(this.#options);
      pruneJournal(this.#options);
    } catch {
      // Old files wait for the next day.
    }
  }

  /**
   * Fixes what the next segment opens with: the chain goes on behind its header from here, whether the disk takes it now
   * or later. Records that come meanwhile wait in the writer, so that none of them can stand in any other file.
   */
  #plan(start: SegmentStart, day: string): void {
    const { facts, build } = this.#options;
    const text = this.#texts.textOf(this.#state);
    const stateHash = sha256(text);
    const header = encodeHeader({ start, firstSeq: this.#seq + 1, prev: this.#head, facts, build, stateHash });
    const name = this.#opening?.name ?? null;
    this.#writer.detach();
    this.#opening = { day, name, header, seq: this.#seq, stateText: text, stateHash };
    this.#head = header.hash;
  }

  /** Opens the planned segment. Snapshot first, header second: a segment never lacks the state it opens with. */
  #open(): void {
    const opening = this.#opening;
    if (opening === null) return;
    const { files, dataDir } = this.#options;
    const segment = opening.name ?? nextName(this.#options, opening.day);
    // From now on the name is taken: what a failed try left under it is written over, not passed by.
    this.#opening = { ...opening, name: segment };
    const { header, seq, stateText, stateHash } = opening;
    const offset = new TextEncoder().encode(header.line).length;
    this.#writeSnapshot(segment, { seq, offset, hash: header.hash, stateText, stateHash });
    const path = `${journalDir(dataDir)}/${segmentFile(segment)}`;
    files.writeAtomic(path, header.line);
    this.#writer.attach(files.openAppend(path), path);
    this.#segment = segment;
    this.#opening = null;
    this.#snapshotDue = false;
  }

  /**
   * The planned segment is not open yet; or the file of the day is gone, cannot be continued, or more lines came than are
   * kept: then go on in a new one, from the state as it is (F-11.9).
   */
  #onLost(dropped: boolean): void {
    const { files, dataDir, clock } = this.#options;
    if (this.#opening === null || dropped) {
      const day = this.#segment?.day ?? this.#opening?.day ?? dayOf(clock.wallNow());
      this.#plan(this.#segment === null ? "boot" : "disk", day);
      this.#writer.forget();
    }
    for (const dir of [dataDir, journalDir(dataDir), snapshotDir(dataDir)]) files.makeDirectory(dir);
    this.#open();
  }
}

function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

/** The first free part of a day. */
function nextName(at: { readonly files: FileSeam; readonly dataDir: string }, day: string): SegmentName {
  const parts = listSegments(at.files, at.dataDir).filter((name) => name.day === day).map((name) => name.part);
  return { day, part: Math.max(-1, ...parts) + 1, packed: false };
}
