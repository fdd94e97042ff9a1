/**
 * Follows files of alert lines, each line once, in order, whatever happens to the files: rotated, truncated, replaced, torn
 * (N-6). A place names the last line taken; a reader that starts from it goes on with the next one.
 */
import { sha256 } from "../../common/sha256.ts";
import { readAlertLine, type ReadLine } from "../../infrastructure/logging/alert_line.ts";

/** The last line taken. `mark` is the hash of its text, so that the file it was in is recognised. */
export type Place = {
  readonly file: string;
  readonly start: number;
  readonly end: number;
  readonly mark: string;
  readonly at: number;
};
export type Entry = { readonly place: Place; readonly read: ReadLine };

/** What following needs of a disk. Paths are relative or absolute as given; missing files are null. */
export type RangeFiles = {
  readonly list: (folder: string) => readonly string[];
  readonly stat: (path: string) => { readonly size: number; readonly inode: string } | null;
  readonly read: (path: string, range: { readonly from: number; readonly to: number }) => Uint8Array;
};

export type Source = {
  readonly files: RangeFiles;
  readonly folder: string;
  /** Whether a name is one of the files, in whose alphabetical order they are read. */
  readonly isFile: (name: string) => boolean;
};

const CHUNK = 262_144;
/** A line that is longer is no alert of ours. */
const LINE_MAX = 4_194_304;
const MARK = 32;

/** The place before everything that is there. */
export const BEFORE_ALL: Place = { file: "", start: 0, end: 0, mark: "", at: 0 };

export class Follower {
  readonly #source: Source;
  /** Read and not yet taken. */
  #ahead: Entry[] = [];
  /** Last line taken. */
  #place: Place;
  /** Name and inode of the file being read, and where its next line begins. */
  #file = "";
  #inode = "";
  #offset = 0;
  /** After a file was cut or replaced: what was there before this moment was taken already. */
  #since: Place | null = null;

  constructor(source: Source, place: Place) {
    this.#source = source;
    this.#place = place;
    this.#find(place);
  }

  place(): Place {
    return this.#place;
  }
  peek(index = 0): Entry | null {
    return this.#ahead[index] ?? null;
  }
  ahead(): number {
    return this.#ahead.length;
  }
  take(): void {
    const entry = this.#ahead.shift();
    if (entry !== undefined) this.#place = entry.place;
  }

  /** Reads until `wanted` entries are ahead or the end is reached. Throws when the disk does. */
  poll(wanted: number): void {
    while (this.#ahead.length < wanted) {
      const names = this.#names();
      if (this.#file === "") {
        const first = names[0];
        if (first === undefined) return;
        this.#open(first, 0);
      }
      if (this.#readOn(wanted)) continue;
      if (this.#ahead.length >= wanted) return;
      const next = this.#nextOf(names);
      if (next === null) return;
      this.#open(next, 0);
    }
  }

  /** Lines that are not taken yet, the ones that are ahead included. */
  waiting(): number {
    this.poll(Number.MAX_SAFE_INTEGER);
    return this.#ahead.length;
  }

  #names(): readonly string[] {
    return this.#source.files.list(this.#source.folder).filter(this.#source.isFile).toSorted();
  }
  #path(name: string): string {
    return `${this.#source.folder}/${name}`;
  }
  #open(name: string, offset: number): void {
    this.#file = name;
    this.#offset = offset;
    this.#inode = this.#source.files.stat(this.#path(name))?.inode ?? "";
  }

  /** Where the line of a place stands now: its file may have been renamed, cut or replaced while nobody looked. */
  #find(place: Place): void {
    if (place.file === "") return;
    const { files, folder } = this.#source;
    const holds = (name: string): boolean => {
      const size = files.stat(this.#path(name))?.size ?? -1;
      if (size < place.end) return false;
      const bytes = files.read(this.#path(name), { from: place.start, to: place.end });
      return markOf(decode(bytes)) === place.mark;
    };
    const same = files.list(folder).filter((name) => name === place.file || name.startsWith(`${place.file}.`));
    const found = same.toSorted((a, b) => a.length - b.length).find(holds);
    if (found !== undefined) return this.#open(found, place.end);
    this.#since = place;
    if (same.includes(place.file)) this.#open(place.file, 0);
    else this.#skipTo(place.file);
  }

  /** The file of the place is gone: the first one after it. */
  #skipTo(file: string): void {
    const next = this.#names().find((name) => name > file);
    if (next !== undefined) this.#open(next, 0);
  }

  /** One chunk of the running file; true when there may be more. */
  #readOn(wanted: number): boolean {
    const { files } = this.#source;
    const seen = files.stat(this.#path(this.#file));
    if (seen === null || seen.inode !== this.#inode) return this.#moved();
    if (seen.size < this.#offset) {
      this.#since = this.#place;
      this.#offset = 0;
    }
    for (let size = CHUNK;; size = Math.min(size * 4, LINE_MAX)) {
      const to = Math.min(seen.size, this.#offset + size);
      if (to <= this.#offset) return false;
      const bytes = files.read(this.#path(this.#file), { from: this.#offset, to });
      const end = bytes.lastIndexOf(10) + 1;
      if (end > 0) {
        this.#parse(bytes.subarray(0, end));
        return this.#ahead.length < wanted;
      }
      // What is too long is passed over; its end is then a line that cannot be read. A torn last line waits for its end.
      if (size === LINE_MAX && to - this.#offset === LINE_MAX) this.#offset = to;
      else if (to === seen.size) return false;
    }
  }

  /** The file was renamed, replaced or deleted: what was not read of it comes first. True when there is something to read. */
  #moved(): boolean {
    const { files, folder } = this.#source;
    const renamed = files.list(folder).find((name) => files.stat(this.#path(name))?.inode === this.#inode);
    if (renamed !== undefined && renamed !== this.#file) {
      this.#file = renamed;
      return true;
    }
    return false;
  }

  /** The file to read after the running one was read to its end; null = stay. */
  #nextOf(names: readonly string[]): string | null {
    const month = names.find((name) => this.#file === name || this.#file.startsWith(`${name}.`));
    if (month !== undefined && month !== this.#file) return month;
    if (month !== undefined) {
      // The same name, another file: the old one is gone.
      if (this.#source.files.stat(this.#path(month))?.inode !== this.#inode) return month;
      return names.find((name) => name > month) ?? null;
    }
    const base = this.#file.replace(/(\.jsonl)\..*$/, "$1");
    return names.find((name) => name > base) ?? null;
  }

  #parse(bytes: Uint8Array): void {
    let start = 0;
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
      const text = decode(bytes.subarray(start, end));
      const from = this.#offset + start;
      start = end + 1;
      if (text.trim() === "") continue;
      const read = readAlertLine(text);
      const at = read.kind === "alert" ? read.line.at : (this.#ahead.at(-1)?.place ?? this.#place).at;
      const place = { file: this.#file, start: from, end: this.#offset + start, mark: markOf(`${text}\n`), at };
      if (this.#isOld(place, read)) continue;
      this.#ahead.push({ place, read });
    }
    this.#offset += start;
  }

  /** A file that was cut or replaced may still hold lines that were taken. */
  #isOld(place: Place, read: ReadLine): boolean {
    const since = this.#since;
    if (since === null) return false;
    if (place.mark === since.mark) {
      this.#since = null;
      return true;
    }
    // Told twice is better than lost: a line of the same moment counts as new.
    if (read.kind === "alert" && place.at >= since.at) this.#since = null;
    return this.#since !== null;
  }
}

const decoder = new TextDecoder();
function decode(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}
function markOf(text: string): string {
  return sha256(text).slice(0, MARK);
}

/** The place after everything that is there: a channel that is new does not tell the past. */
export function endOf(source: Source): Place {
  const follower = new Follower(source, BEFORE_ALL);
  let last: Place = BEFORE_ALL;
  for (;;) {
    follower.poll(500);
    if (follower.ahead() === 0) return last;
    while (follower.ahead() > 0) follower.take();
    last = follower.place();
  }
}
