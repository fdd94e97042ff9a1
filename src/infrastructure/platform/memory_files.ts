import type { AppendFile, FileSeam } from "../../application/engine/ports.ts";

const encoder = new TextEncoder();

/** Files that vanish with the process: `abot check` boots on them and leaves nothing behind. */
export class MemoryFiles implements FileSeam {
  readonly #files = new Map<string, Uint8Array>();
  readonly #folders = new Set<string>();
  readonly #locks = new Map<string, string>();

  #must(path: string): Uint8Array {
    const found = this.#files.get(path);
    if (found === undefined) throw new Error(`no such file: ${path}`);
    return found;
  }
  makeDirectory(path: string): void {
    this.#folders.add(path);
  }
  list(path: string): readonly string[] {
    const names = [...this.#files.keys()].filter((file) => file.startsWith(`${path}/`));
    return names.map((file) => file.slice(path.length + 1)).filter((name) => !name.includes("/")).toSorted();
  }
  exists(path: string): boolean {
    return this.#folders.has(path) ||
      [...this.#files.keys()].some((file) => file === path || file.startsWith(`${path}/`));
  }
  readText(path: string): string {
    return new TextDecoder().decode(this.#must(path));
  }
  readBytes(path: string): Uint8Array {
    return this.#must(path).slice();
  }
  openAppend(path: string): AppendFile {
    if (!this.#files.has(path)) this.#files.set(path, new Uint8Array());
    return {
      write: (text) => {
        const [old, added] = [this.#must(path), encoder.encode(text)];
        const both = new Uint8Array(old.length + added.length);
        both.set(old);
        both.set(added, old.length);
        this.#files.set(path, both);
      },
      sync: (done) => queueMicrotask(() => done(null)),
      syncNow: () => undefined,
      close: () => undefined,
      size: () => this.#must(path).length,
      isAtItsPath: () => this.#files.has(path),
    };
  }
  writeAtomic(path: string, content: string | Uint8Array): void {
    this.#files.set(path, typeof content === "string" ? encoder.encode(content) : content.slice());
  }
  truncate(path: string, size: number): void {
    this.#files.set(path, this.#must(path).slice(0, size));
  }
  rename(from: string, to: string): void {
    this.#files.set(to, this.#must(from));
    this.#files.delete(from);
  }
  remove(path: string): void {
    this.#files.delete(path);
  }
  lock(path: string, holder: string): ReturnType<FileSeam["lock"]> {
    const held = this.#locks.get(path);
    if (held !== undefined) return { kind: "held", holder: held };
    this.#locks.set(path, holder);
    return { kind: "locked", release: () => void this.#locks.delete(path) };
  }
  lockHolder(path: string): string | null {
    return this.#locks.get(path) ?? null;
  }
  owner(): number | null {
    return null;
  }
  shareOwner(): void {}
}
