import type { AppendFile, FileSeam } from "../../src/application/engine/ports.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

type Stored = { bytes: Uint8Array; synced: number };
type Done = (error: Error | null) => void;

/** One call of the code under test, in order. */
export type Call = { readonly op: string; readonly path: string; readonly size: number };

/**
 * Files in memory that record every call, fail on demand, and know what a loss of power would leave. `syncs` says what
 * fsync does: `at_once`, `hold` (answers wait for `answerSyncs`).
 */
export class FaultFiles implements FileSeam {
  files = new Map<string, Stored>();
  folders = new Set<string>();
  calls: Call[] = [];
  syncs: "at_once" | "hold" = "at_once";
  /** Throws to make an operation fail. */
  fault: ((call: Call) => void) | null = null;
  /** Bytes of a failing write that reach the file all the same (a full disk writes what fits). */
  partial = 0;
  #held: { readonly done: Done; readonly stored: Stored; readonly size: number }[] = [];

  #call(op: string, path: string, size = 0): void {
    const call = { op, path, size };
    this.calls.push(call);
    this.fault?.(call);
  }
  #must(path: string): Stored {
    const stored = this.files.get(path);
    if (stored === undefined) throw new Error(`ENOENT ${path}`);
    return stored;
  }
  makeDirectory(path: string): void {
    this.#call("makeDirectory", path);
    this.folders.add(path);
  }
  list(path: string): readonly string[] {
    const prefix = `${path}/`;
    const names = [...this.files.keys()].filter((file) => file.startsWith(prefix)).map((file) =>
      file.slice(prefix.length)
    );
    return names.filter((name) => !name.includes("/")).sort();
  }
  exists(path: string): boolean {
    const below = `${path}/`;
    return this.files.has(path) || this.folders.has(path) || this.files.keys().some((file) => file.startsWith(below));
  }
  readText(path: string): string {
    return decoder.decode(this.#must(path).bytes);
  }
  readBytes(path: string): Uint8Array {
    return this.#must(path).bytes.slice();
  }
  writeAtomic(path: string, content: string | Uint8Array): void {
    this.#call("writeAtomic", path);
    const bytes = typeof content === "string" ? encoder.encode(content) : content.slice();
    this.files.set(path, { bytes, synced: bytes.length });
  }
  truncate(path: string, size: number): void {
    this.#call("truncate", path, size);
    const stored = this.#must(path);
    stored.bytes = stored.bytes.slice(0, size);
    stored.synced = Math.min(stored.synced, size);
  }
  rename(from: string, to: string): void {
    this.#call("rename", from);
    this.files.set(to, this.#must(from));
    this.files.delete(from);
  }
  remove(path: string): void {
    this.#call("remove", path);
    if (!this.files.delete(path)) throw new Error(`ENOENT ${path}`);
  }
  lock(_path?: string, _holder?: string): ReturnType<FileSeam["lock"]> {
    return { kind: "locked", release() {} };
  }
  lockHolder(): string | null {
    return null;
  }
  owner(): number | null {
    return null;
  }
  shareOwner(): void {}
  openAppend(path: string): AppendFile {
    this.#call("openAppend", path);
    const stored = this.files.get(path) ?? { bytes: new Uint8Array(0), synced: 0 };
    this.files.set(path, stored);
    const put = (bytes: Uint8Array): void => {
      const next = new Uint8Array(stored.bytes.length + bytes.length);
      next.set(stored.bytes);
      next.set(bytes, stored.bytes.length);
      stored.bytes = next;
    };
    return {
      write: (text) => {
        const bytes = encoder.encode(text);
        try {
          this.#call("write", path, bytes.length);
        } catch (error) {
          put(bytes.subarray(0, this.partial));
          throw error;
        }
        put(bytes);
      },
      sync: (done) => {
        this.#call("sync", path, stored.bytes.length);
        const size = stored.bytes.length;
        if (this.syncs === "hold") this.#held.push({ done, stored, size });
        else {
          stored.synced = size;
          done(null);
        }
      },
      syncNow: () => {
        this.#call("syncNow", path, stored.bytes.length);
        stored.synced = stored.bytes.length;
      },
      close: () => this.#call("close", path),
      size: () => stored.bytes.length,
      isAtItsPath: () => this.files.get(path) === stored,
    };
  }
  /** Answers every fsync that waits. */
  answerSyncs(error: Error | null = null): number {
    const held = this.#held;
    this.#held = [];
    for (const one of held) {
      if (error === null) one.stored.synced = Math.max(one.stored.synced, Math.min(one.size, one.stored.bytes.length));
      one.done(error);
    }
    return held.length;
  }
  /** A copy as another process would find it; after a loss of power only what was synced, and `keep` bytes more. */
  copy(options: { readonly powerLoss: boolean; readonly keep?: number } = { powerLoss: false }): FaultFiles {
    const other = new FaultFiles();
    other.folders = new Set(this.folders);
    for (const [path, stored] of this.files) {
      const end = options.powerLoss ? Math.min(stored.bytes.length, stored.synced + (options.keep ?? 0)) : undefined;
      const bytes = stored.bytes.slice(0, end);
      other.files.set(path, { bytes, synced: bytes.length });
    }
    return other;
  }
  count(op: string): number {
    return this.calls.filter((call) => call.op === op).length;
  }
}
