import type { AppendFile, ClockSeam, FileSeam, TimerId } from "../../application/engine/ports.ts";

export type Health = { readonly state: "ok" | "failed"; readonly detail: string };

/** fsync rules of P-14, in one place. */
export type SyncPolicy = {
  readonly everyLines: number;
  readonly everyMs: number;
  /** A sync that takes longer than this is a failing disk (F-11.9). */
  readonly stallMs: number;
  readonly retryMs: number;
  /** Lines kept in memory while the disk is away. */
  readonly backlogLines: number;
};
export const SYNC_POLICY: SyncPolicy = {
  everyLines: 10,
  everyMs: 1_000,
  stallMs: 5_000,
  retryMs: 1_000,
  backlogLines: 20_000,
};
/** P-14: a line durable later than this is counted. */
const SLOW_SYNC_MS = 250;

export type LineWriterOptions = {
  readonly files: FileSeam;
  readonly clock: ClockSeam;
  readonly policy: SyncPolicy;
  readonly onHealth: (health: Health) => void;
  /**
   * There is no file, or it cannot be continued (gone, or shorter than what was durable): attach another one. What is
   * queued is written there, but for what the owner lets `forget` drop. `dropped` = the backlog was full: lines are lost.
   */
  readonly onLost: (dropped: boolean) => void;
};

/** Counters for the metrics of P-14. */
export type SyncCounters = { readonly lines: number; readonly syncs: number; readonly slow: number };

type Waiter = { readonly token: number; readonly act: (durable: boolean) => void; timer: TimerId | null };

/**
 * The line writer of journal, trade log, audit log and alerts (P-14): one write call per line, handle kept open, group
 * fsync off the main thread. Lines are counted by tokens 1, 2, 3 …; a line is kept in memory until it is durable, so
 * that after a failure the file is cut back to its durable part and everything since is written again: a failed fsync
 * says nothing about which pages reached the disk. Never throws from `write`.
 */
export class LineWriter {
  readonly #options: LineWriterOptions;
  #file: AppendFile | null = null;
  #path = "";
  #mode: "ok" | "stalled" | "failed" = "ok";
  #queue: string[] = [];
  /** Token of the last durable line; `#queue[0]` is the next one. */
  #durable = 0;
  /** How many lines of the queue are in the file already. */
  #written = 0;
  #durableSize = 0;
  #overflowed = false;
  #syncing = false;
  #syncAgain = false;
  #generation = 0;
  #oldestAt = 0;
  #afterSyncAt = 0;
  #timer: TimerId | null = null;
  #retry: TimerId | null = null;
  #waiters: Waiter[] = [];
  #syncs = 0;
  #slow = 0;

  constructor(options: LineWriterOptions) {
    this.#options = options;
  }

  /** Lets go of the file: lines are kept until another one is attached. What is queued must be durable. */
  detach(): void {
    this.#generation += 1;
    this.#syncing = false;
    this.#syncAgain = false;
    this.#closeFile();
    this.#path = "";
  }

  /** Goes on in another file, already open and durable up to its present size. */
  attach(file: AppendFile, path: string): void {
    this.#closeFile();
    this.#generation += 1;
    this.#syncing = false;
    this.#syncAgain = false;
    this.#file = file;
    this.#path = path;
    this.#durableSize = file.size();
  }

  /** Appends one line (with its newline). A critical one is synced at once (P-14). */
  write(line: string, critical: boolean): void {
    if (this.#queue.length === 0) this.#oldestAt = this.#options.clock.monotonicNow();
    else if (this.#syncing && this.#afterSyncAt === 0) this.#afterSyncAt = this.#options.clock.monotonicNow();
    this.#queue.push(line);
    if (this.#mode !== "ok" || this.#file === null) return this.#keep();
    try {
      this.#file.write(line);
      this.#written = this.#queue.length;
    } catch (error) {
      return this.#fail("failed", error);
    }
    if (critical || this.#queue.length >= this.#options.policy.everyLines) this.#requestSync();
    if (this.#timer === null && this.#queue.length > 0) this.#armTimer(this.#options.policy.everyMs);
  }

  /** See JournalPort.whenDurable. While the disk is away the answer is `false` at once (F-11.9). */
  whenDurable(token: number, options: { readonly atMostMs: number | null }, act: (durable: boolean) => void): void {
    if (token <= this.#durable) return act(true);
    if (this.#mode !== "ok") return act(false);
    const waiter: Waiter = { token, act, timer: null };
    this.#waiters.push(waiter);
    if (options.atMostMs !== null) {
      waiter.timer = this.#options.clock.after(options.atMostMs, () => {
        waiter.timer = null;
        this.#waiters = this.#waiters.filter((other) => other !== waiter);
        act(false);
      });
    }
    this.#requestSync();
  }

  /** Age of the oldest line that is not durable, ms by the monotonic clock; 0 = all durable. */
  lagMs(): number {
    return this.#queue.length === 0 ? 0 : this.#options.clock.monotonicNow() - this.#oldestAt;
  }

  healthy(): boolean {
    return this.#mode === "ok";
  }

  /** The file was renamed or deleted under its handle, where lines still go. */
  isMisplaced(): boolean {
    try {
      return this.#mode === "ok" && this.#file !== null && !this.#file.isAtItsPath();
    } catch {
      // What cannot be looked at cannot be written either, and the next line says so.
      return false;
    }
  }

  counters(): SyncCounters {
    return { lines: this.#durable + this.#queue.length, syncs: this.#syncs, slow: this.#slow };
  }

  /** Size of the file with everything written so far, bytes. */
  size(): number {
    return this.#file === null ? 0 : this.#file.size();
  }

  /** Everything written is durable when this returns true; blocks (rotation, shutdown). */
  flush(): boolean {
    if (this.#mode !== "ok" || this.#file === null) return false;
    if (this.#queue.length === 0) return true;
    try {
      this.#file.syncNow();
      this.#syncs += 1;
      this.#settle(this.#queue.length, this.#file.size());
      return true;
    } catch (error) {
      this.#fail("failed", error);
      return false;
    }
  }

  /** The owner could not open a file: report it, keep lines, try again by `onLost`. */
  report(error: unknown): void {
    this.#fail("failed", error);
  }

  /** Drops what could not be written: the next file starts after it. Called by the owner inside `onLost`. */
  forget(): void {
    this.#durable += this.#queue.length;
    this.#queue = [];
    this.#written = 0;
    this.#overflowed = false;
  }

  /** As `flush`, but what was flushed must also be found again under the file's name. */
  flushInPlace(): boolean {
    if (this.#mode === "ok" && this.#file !== null && !this.#isInPlace()) this.#fail("failed", this.#notInPlace());
    return this.flush();
  }

  /** Flushes at the end: a disk that failed gets one more chance, it may have room again. */
  flushAtLast(): boolean {
    if (this.flushInPlace()) return true;
    if (this.#mode === "failed") this.#repair();
    return this.flush();
  }

  /** Flushes, closes and stops every timer. */
  close(): boolean {
    const flushed = this.flushAtLast();
    this.#generation += 1;
    for (const timer of [this.#timer, this.#retry, ...this.#waiters.map((waiter) => waiter.timer)]) {
      if (timer !== null) this.#options.clock.cancel(timer);
    }
    this.#timer = this.#retry = null;
    this.#closeFile();
    return flushed;
  }

  #closeFile(): void {
    const file = this.#file;
    this.#file = null;
    if (file === null) return;
    try {
      file.close();
    } catch {
      // A handle that cannot be closed is of no further use either way.
    }
  }

  #keep(): void {
    if (this.#queue.length <= this.#options.policy.backlogLines) return;
    this.#overflowed = true;
    this.forget();
    this.#overflowed = true;
  }

  #armTimer(delayMs: number): void {
    this.#timer = this.#options.clock.after(delayMs, () => {
      this.#timer = null;
      if (this.#queue.length === 0 || this.#mode !== "ok") return;
      const rest = this.#options.policy.everyMs - this.lagMs();
      if (rest > 0) return this.#armTimer(rest);
      if (!this.#isInPlace()) return this.#fail("failed", this.#notInPlace());
      this.#requestSync();
      if (this.#timer === null) this.#armTimer(this.#options.policy.everyMs);
    });
  }

  /** A file removed or renamed under its handle takes writes without a word: only its name tells. */
  #isInPlace(): boolean {
    try {
      return this.#file?.isAtItsPath() ?? false;
    } catch {
      return false;
    }
  }
  #notInPlace(): Error {
    return new Error(`${this.#path} is gone, or another file is in its place`);
  }

  #requestSync(): void {
    if (this.#mode !== "ok" || this.#file === null) return;
    if (this.#syncing) {
      this.#syncAgain = true;
      return;
    }
    this.#syncing = true;
    this.#syncAgain = false;
    this.#afterSyncAt = 0;
    const { clock, policy } = this.#options;
    const count = this.#written;
    const generation = this.#generation;
    const startedAt = clock.monotonicNow();
    let answered = false;
    let watch: TimerId | null = null;
    try {
      const size = this.#file.size();
      this.#file.sync((error) => {
        answered = true;
        if (clock.monotonicNow() - startedAt > SLOW_SYNC_MS) this.#slow += 1;
        if (watch !== null) clock.cancel(watch);
        if (generation === this.#generation) this.#onSynced(error, { count, size });
      });
    } catch (error) {
      return this.#fail("failed", error);
    }
    if (answered) return;
    watch = clock.after(policy.stallMs, () => {
      watch = null;
      if (generation === this.#generation) {
        this.#fail("stalled", new Error(`no answer to fsync in ${policy.stallMs} ms`));
      }
    });
  }

  #onSynced(error: Error | null, reached: { readonly count: number; readonly size: number }): void {
    this.#syncing = false;
    if (error !== null) return this.#fail("failed", error);
    this.#syncs += 1;
    const wasStalled = this.#mode === "stalled";
    if (wasStalled && !this.#overflowed && !this.#writeRest()) return;
    if (wasStalled && this.#overflowed) return this.#fail("failed", new Error("the backlog is full"));
    this.#settle(reached.count, reached.size);
    if (wasStalled) this.#recovered();
    if (this.#syncAgain) this.#requestSync();
  }

  /** After a stall: the lines that came meanwhile. */
  #writeRest(): boolean {
    try {
      const rest = this.#queue.slice(this.#written);
      if (rest.length > 0) this.#file?.write(rest.join(""));
      this.#written = this.#queue.length;
      this.#syncAgain = rest.length > 0;
      return true;
    } catch (error) {
      this.#fail("failed", error);
      return false;
    }
  }

  /** `count` lines from the front of the queue are durable. */
  #settle(count: number, size: number): void {
    const { clock } = this.#options;
    if (count === this.#queue.length) this.#queue = [];
    else this.#queue.splice(0, count);
    this.#written -= count;
    this.#durable += count;
    this.#durableSize = size;
    if (this.#queue.length > 0 && this.#afterSyncAt !== 0) this.#oldestAt = this.#afterSyncAt;
    this.#afterSyncAt = 0;
    for (let first = this.#waiters[0]; first !== undefined && first.token <= this.#durable; first = this.#waiters[0]) {
      this.#waiters.shift();
      if (first.timer !== null) clock.cancel(first.timer);
      first.act(true);
    }
  }

  #fail(mode: "stalled" | "failed", error: unknown): void {
    const detail = error instanceof Error ? error.message : String(error);
    const before = this.#mode;
    this.#mode = mode;
    this.#syncing = mode === "stalled";
    if (mode === "failed" && this.#retry === null) {
      this.#retry = this.#options.clock.after(this.#options.policy.retryMs, () => this.#repair());
    }
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiters) {
      if (waiter.timer !== null) this.#options.clock.cancel(waiter.timer);
      waiter.act(false);
    }
    if (before === "ok") this.#options.onHealth({ state: "failed", detail });
  }

  /** Cuts the file back to what is durable and writes the rest again; or asks the owner for another file. */
  #repair(): void {
    const { files } = this.#options;
    this.#retry = null;
    this.#generation += 1;
    this.#syncing = false;
    const strange = this.#file !== null && !this.#isInPlace();
    this.#closeFile();
    try {
      const lost = strange || this.#overflowed || this.#path === "" || !files.exists(this.#path);
      if (lost || !this.#continueFile()) {
        const dropped = this.#overflowed;
        this.#overflowed = false;
        this.#options.onLost(dropped);
        this.#rewrite();
      }
      this.#settle(this.#queue.length, this.size());
    } catch (error) {
      return this.#fail("failed", error);
    }
    this.#recovered();
  }

  #continueFile(): boolean {
    const { files } = this.#options;
    const probe = files.openAppend(this.#path);
    const size = probe.size();
    probe.close();
    if (size < this.#durableSize) return false;
    if (size > this.#durableSize) files.truncate(this.#path, this.#durableSize);
    this.#file = files.openAppend(this.#path);
    this.#rewrite();
    return true;
  }

  /** Everything that is not durable, once more. */
  #rewrite(): void {
    this.#written = 0;
    if (this.#queue.length > 0) this.#file?.write(this.#queue.join(""));
    this.#file?.syncNow();
    this.#written = this.#queue.length;
  }

  #recovered(): void {
    this.#mode = "ok";
    this.#options.onHealth({ state: "ok", detail: "" });
    if (this.#queue.length > 0 && this.#timer === null) this.#armTimer(this.#options.policy.everyMs);
  }
}
