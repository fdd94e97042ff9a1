import type { NotifyFiles } from "../../../src/programs/notifier/world.ts";

type Stored = { readonly inode: string; bytes: Uint8Array };
const encoder = new TextEncoder();

/** A disk in memory with names and inodes, that fails on demand and can stop a process at any of its calls. */
export class MemoryDisk implements NotifyFiles {
  readonly files = new Map<string, Stored>();
  /** Throws to make a call fail, or to end the process in the middle of it. */
  before: ((call: string, path: string) => void) | null = null;
  after: ((call: string, path: string) => void) | null = null;
  #inodes = 0;

  #must(path: string): Stored {
    const found = this.files.get(path);
    if (found === undefined) throw new Error(`No such file: ${path}`);
    return found;
  }
  #put(path: string, bytes: Uint8Array): void {
    this.#inodes += 1;
    this.files.set(path, { inode: String(this.#inodes), bytes });
  }
  list(folder: string): readonly string[] {
    const names = [...this.files.keys()].filter((path) => path.startsWith(`${folder}/`));
    return names.map((path) => path.slice(folder.length + 1)).filter((name) => !name.includes("/"));
  }
  stat(path: string) {
    const found = this.files.get(path);
    return found === undefined ? null : { size: found.bytes.length, inode: found.inode };
  }
  read(path: string, { from, to }: { readonly from: number; readonly to: number }): Uint8Array {
    return this.#must(path).bytes.slice(from, to);
  }
  exists(path: string): boolean {
    return this.files.has(path);
  }
  readText(path: string): string {
    return new TextDecoder().decode(this.#must(path).bytes);
  }
  writeAtomic(path: string, content: string): void {
    this.before?.("writeAtomic", path);
    this.#put(path, encoder.encode(content));
    this.after?.("writeAtomic", path);
  }
  append(path: string, line: string): void {
    this.before?.("append", path);
    const old = this.files.get(path)?.bytes ?? new Uint8Array();
    const torn = old.length > 0 && old.at(-1) !== 10;
    this.appendRaw(path, `${torn ? "\n" : ""}${line}\n`);
    this.after?.("append", path);
  }
  appendRaw(path: string, text: string): void {
    if (!this.files.has(path)) this.#put(path, new Uint8Array());
    const stored = this.#must(path);
    const added = encoder.encode(text);
    const bytes = new Uint8Array(stored.bytes.length + added.length);
    bytes.set(stored.bytes);
    bytes.set(added, stored.bytes.length);
    stored.bytes = bytes;
  }
  rename(from: string, to: string): void {
    this.before?.("rename", from);
    this.files.set(to, this.#must(from));
    this.files.delete(from);
    this.after?.("rename", from);
  }
  remove(path: string): void {
    this.before?.("remove", path);
    this.#must(path);
    this.files.delete(path);
    this.after?.("remove", path);
  }
  cut(path: string, size: number): void {
    const stored = this.#must(path);
    stored.bytes = stored.bytes.slice(0, size);
  }
  makeDirectory(): void {}
}
