/** Following one growing file by polling: only what was added is read (M-2.3). */

/** What the monitor may do with the data directory: look. Calls throw what the system throws. */
export type ReadSeam = {
  /** null = it does not exist. */
  readonly stat: (path: string) => FileFacts | null;
  /** Bytes from an offset, at most `most`. */
  readonly read: (path: string, from: number, most: number) => Uint8Array;
  readonly list: (path: string) => readonly string[];
};
export type FileFacts = { readonly size: number; readonly inode: number | null; readonly modifiedAt: number };

export type Tail = {
  /** Whole lines that were added since the last poll. */
  readonly lines: readonly string[];
  /** The file was replaced, cut or removed: what was read before no longer holds. */
  readonly reset: boolean;
};

const MOST_A_POLL = 8_000_000;
/** A line longer than this is no line of ours. */
const MOST_LINE = 1_000_000;
const NOTHING: Tail = { lines: [], reset: false };

export class TailFile {
  readonly #seam: ReadSeam;
  readonly #path: string;
  #inode: number | null = null;
  #offset = 0;
  #known = false;
  #decoder = new TextDecoder();
  #half = "";

  constructor(seam: ReadSeam, path: string) {
    this.#seam = seam;
    this.#path = path;
  }

  poll(): Tail {
    const facts = this.#seam.stat(this.#path);
    if (facts === null) {
      if (!this.#known) return NOTHING;
      this.#begin(null);
      this.#known = false;
      return { lines: [], reset: true };
    }
    const reset = this.#known && (facts.inode !== this.#inode || facts.size < this.#offset);
    if (reset || !this.#known) this.#begin(facts.inode);
    this.#known = true;
    return { lines: this.#added(facts.size), reset };
  }

  #begin(inode: number | null): void {
    this.#inode = inode;
    this.#offset = 0;
    this.#half = "";
    this.#decoder = new TextDecoder();
  }

  #added(size: number): readonly string[] {
    const lines: string[] = [];
    while (this.#offset < size) {
      const bytes = this.#seam.read(this.#path, this.#offset, Math.min(MOST_A_POLL, size - this.#offset));
      if (bytes.length === 0) break;
      this.#offset += bytes.length;
      const parts = (this.#half + this.#decoder.decode(bytes, { stream: true })).split("\n");
      this.#half = parts.pop() ?? "";
      if (this.#half.length > MOST_LINE) this.#half = "";
      for (const part of parts) if (part !== "") lines.push(part);
    }
    return lines;
  }
}

/** Files of one directory whose names sort by age, such as `trades-2026-11-21.jsonl`. */
export class TailFolder {
  readonly #seam: ReadSeam;
  readonly #directory: string;
  readonly #isOne: (name: string) => boolean;
  #tails = new Map<string, TailFile>();
  #names: readonly string[] = [];
  /** Older files that were not read yet. */
  #pending: readonly string[] = [];
  #polls = 0;

  constructor(seam: ReadSeam, directory: string, isOne: (name: string) => boolean) {
    this.#seam = seam;
    this.#directory = directory;
    this.#isOne = isOne;
  }

  /** As `TailFile.poll`, over all files in order. A reset means: begin anew, all lines are given again. */
  poll(): Tail {
    this.#look();
    const found = this.#read(this.#names.slice(-2));
    if (!found.reset) return found;
    this.#tails = new Map();
    return { lines: this.#read(this.#names).lines, reset: true };
  }

  #look(): void {
    const first = this.#polls === 0;
    // A listing every poll would cost more than the reading; a new day is seen within a second.
    if (this.#polls++ % 4 !== 0) return;
    const there = this.#seam.stat(this.#directory) !== null;
    const names = there ? this.#seam.list(this.#directory).filter(this.#isOne).toSorted() : [];
    const added = names.filter((name) => !this.#names.includes(name));
    this.#names = names;
    if (first || added.length > 1) this.#pending = names;
  }
  #read(newest: readonly string[]): Tail {
    const names = [...new Set([...this.#pending, ...newest])].toSorted();
    this.#pending = [];
    const lines: string[] = [];
    let reset = false;
    for (const name of names) {
      const tail = this.#tails.get(name) ?? new TailFile(this.#seam, `${this.#directory}/${name}`);
      this.#tails.set(name, tail);
      const found = tail.poll();
      for (const line of found.lines) lines.push(line);
      reset ||= found.reset;
    }
    return { lines, reset };
  }
}
