import type { AppendFile, FileSeam } from "../../../application/engine/ports.ts";

/** What a process needs from the world to use the disk. */
export type DiskUser = {
  /** False once the process is dead: nothing it still does reaches the disk. */
  alive(): boolean;
  /** Runs `act` after the virtual time an fsync takes. */
  later(act: () => void): void;
  /** Called before every change; a process may be killed right here. */
  onWrite(): void;
};

const CHUNK_LENGTH = 65_536;
/** Characters. */
const WAITING_MOST = 8_192;
const encoder = new TextEncoder();

/**
 * Bytes of one file; `synced` of them survive a loss of power. Whole lines come, and wait as text until it matters how
 * many bytes they are: encoding three at once costs little more than one.
 */
class MemoryFile {
  synced = 0;
  #chunks: Uint8Array[] = [];
  #size = 0;
  #filling: Uint8Array | null = null;
  #filled = 0;
  /** The end of the file, not encoded yet. */
  #waiting = "";

  append(bytes: Uint8Array): void {
    this.#seal();
    this.#chunks.push(bytes);
    this.#size += bytes.length;
  }
  appendText(text: string): void {
    this.#waiting += text;
    if (this.#waiting.length > WAITING_MOST) this.#encode();
  }
  get size(): number {
    this.#encode();
    return this.#size;
  }
  bytes(): Uint8Array {
    this.#seal();
    const all = new Uint8Array(this.#size);
    let at = 0;
    for (const chunk of this.#chunks) {
      all.set(chunk, at);
      at += chunk.length;
    }
    return all;
  }
  cut(size: number): void {
    const kept = this.bytes().slice(0, size);
    this.#chunks = [kept];
    this.#size = kept.length;
    this.synced = Math.min(this.synced, kept.length);
  }

  #encode(): void {
    const text = this.#waiting;
    if (text === "") return;
    this.#waiting = "";
    // A character takes at most three bytes of UTF-8.
    const most = text.length * 3;
    if (this.#filled + most > CHUNK_LENGTH) this.#close();
    this.#filling ??= new Uint8Array(Math.max(CHUNK_LENGTH, most));
    const { written } = encoder.encodeInto(text, this.#filling.subarray(this.#filled));
    this.#filled += written;
    this.#size += written;
  }
  #seal(): void {
    this.#encode();
    this.#close();
  }
  #close(): void {
    if (this.#filling !== null && this.#filled > 0) this.#chunks.push(this.#filling.subarray(0, this.#filled));
    this.#filling = null;
    this.#filled = 0;
  }
}

/** The disk of a simulated machine: outlives its processes, may be full, slow, or lose what was not synced. */
export class VirtualDisk {
  readonly #files = new Map<string, MemoryFile>();
  readonly #folders = new Set<string>();
  readonly #locks = new Map<string, { readonly holder: string; readonly user: DiskUser }>();
  /** While true every write fails as on a full disk. */
  full = false;
  /** Sees a file just before a process removes it; for keeping elsewhere what is not kept in memory. */
  onRemove: ((path: string, bytes: Uint8Array) => void) | null = null;

  /** The file seam of one process. */
  view(user: DiskUser): FileSeam {
    const guarded = (): void => {
      if (!user.alive()) throw new Error("The process is gone");
      user.onWrite();
      if (!user.alive()) throw new Error("The process is gone");
      if (this.full) throw new Error("No space left on device (os error 28)");
    };
    return {
      makeDirectory: (path) => {
        guarded();
        for (let at = clean(path); at !== "" && at !== "/"; at = parentOf(at)) this.#folders.add(at);
      },
      list: (path) => this.#list(clean(path)),
      exists: (path) => this.#files.has(clean(path)) || this.#folders.has(clean(path)),
      readText: (path) => new TextDecoder().decode(this.#must(path).bytes()),
      readBytes: (path) => this.#must(path).bytes(),
      openAppend: (path) => this.#openAppend(clean(path), { user, guarded }),
      writeAtomic: (path, content) => {
        guarded();
        const file = new MemoryFile();
        file.append(typeof content === "string" ? encoder.encode(content) : content);
        file.synced = file.size;
        this.#files.set(clean(path), file);
      },
      truncate: (path, size) => {
        guarded();
        this.#must(path).cut(size);
      },
      rename: (from, to) => {
        guarded();
        const file = this.#must(from);
        this.#files.delete(clean(from));
        this.#files.set(clean(to), file);
      },
      remove: (path) => {
        guarded();
        const file = this.#must(path);
        this.#files.delete(clean(path));
        this.onRemove?.(clean(path), file.bytes());
      },
      lock: (path, holder) => this.#lock(clean(path), { holder, user }),
      lockHolder: (path) => {
        const held = this.#locks.get(clean(path));
        return held !== undefined && held.user.alive() ? held.holder : null;
      },
      owner: () => null,
      shareOwner: () => undefined,
    };
  }

  /** Loss of power: of every file only what was synced is sure; the rest survives up to a drawn byte. */
  losePower(draw: () => number): number {
    let lost = 0;
    for (const file of this.#files.values()) {
      const kept = file.synced + Math.floor((file.size - file.synced) * draw());
      lost += file.size - kept;
      if (kept < file.size) file.cut(kept);
    }
    return lost;
  }
  /** Bytes held for files. */
  held(): number {
    let sum = 0;
    for (const file of this.#files.values()) sum += file.size;
    return sum;
  }
  /** Paths below a folder, for a person or a test. */
  paths(): string[] {
    return [...this.#files.keys()].sort();
  }
  bytes(path: string): Uint8Array {
    return this.#must(path).bytes();
  }
  read(path: string): string {
    return new TextDecoder().decode(this.bytes(path));
  }
  /** Puts a file from outside, e.g. an operator's request or KILL file. */
  put(path: string, text: string): void {
    const file = new MemoryFile();
    file.append(encoder.encode(text));
    file.synced = file.size;
    this.#files.set(clean(path), file);
  }
  has(path: string): boolean {
    return this.#files.has(clean(path));
  }
  drop(path: string): void {
    this.#files.delete(clean(path));
  }

  #must(path: string): MemoryFile {
    const file = this.#files.get(clean(path));
    if (file === undefined) throw new Deno.errors.NotFound(`No such file or directory (os error 2): ${path}`);
    return file;
  }
  #list(folder: string): string[] {
    const names = new Set<string>();
    const prefix = folder === "/" || folder === "" ? folder : folder + "/";
    for (const path of this.#files.keys()) if (path.startsWith(prefix)) names.add(nameAfter(path, prefix));
    for (const path of this.#folders) if (path.startsWith(prefix)) names.add(nameAfter(path, prefix));
    if (names.size === 0 && !this.#folders.has(folder)) {
      throw new Deno.errors.NotFound(`No such file or directory (os error 2): ${folder}`);
    }
    return [...names].sort();
  }
  #openAppend(path: string, options: { readonly user: DiskUser; readonly guarded: () => void }): AppendFile {
    const { user, guarded } = options;
    guarded();
    let file = this.#files.get(path);
    if (file === undefined) this.#files.set(path, file = new MemoryFile());
    const held = file;
    return {
      write: (text) => {
        guarded();
        held.appendText(text);
      },
      sync: (done) => {
        if (!user.alive()) return;
        const size = held.size;
        user.later(() => {
          if (this.full) return done(new Error("No space left on device (os error 28)"));
          held.synced = Math.max(held.synced, Math.min(size, held.size));
          done(null);
        });
      },
      syncNow: () => {
        guarded();
        held.synced = held.size;
      },
      close: () => undefined,
      size: () => held.size,
      isAtItsPath: () => this.#files.get(path) === held,
    };
  }
  #lock(path: string, asked: { readonly holder: string; readonly user: DiskUser }): ReturnType<FileSeam["lock"]> {
    const held = this.#locks.get(path);
    if (held !== undefined && held.user.alive()) return { kind: "held", holder: held.holder };
    this.#locks.set(path, asked);
    return {
      kind: "locked",
      release: () => {
        if (this.#locks.get(path) === asked) this.#locks.delete(path);
      },
    };
  }
}

const UNCLEAN = /\/\/|\/\.\/|^\.\/|\/$/;

function clean(path: string): string {
  if (!UNCLEAN.test(path)) return path;
  const plain = path.replaceAll(/\/+(\.\/)*/g, "/").replace(/^\.\//, "");
  return plain.length > 1 && plain.endsWith("/") ? plain.slice(0, -1) : plain;
}
function parentOf(path: string): string {
  const cut = path.lastIndexOf("/");
  return cut <= 0 ? "" : path.slice(0, cut);
}
function nameAfter(path: string, prefix: string): string {
  const rest = path.slice(prefix.length);
  const cut = rest.indexOf("/");
  return cut < 0 ? rest : rest.slice(0, cut);
}
