import { type Cursor, cursorPath, NOTIFY_FOLDER, writeCursor } from "./cursor.ts";
import type { NotifyWorld } from "./world.ts";

/** A channel's cursor in memory and on disk: changed here, written whole. */
export class Keeper {
  readonly #world: NotifyWorld;
  readonly #place: { readonly dataDir: string; readonly name: string };
  #cursor: Cursor;
  #dirty = false;
  #troubled = false;

  constructor(world: NotifyWorld, of: { readonly dataDir: string; readonly name: string; readonly cursor: Cursor }) {
    this.#world = world;
    this.#place = { dataDir: of.dataDir, name: of.name };
    this.#cursor = of.cursor;
  }

  now(): Cursor {
    return this.#cursor;
  }
  change(change: Partial<Cursor>): void {
    this.#cursor = { ...this.#cursor, ...change };
    this.#dirty = true;
  }
  /** Something changed that is not on disk. */
  isDirty(): boolean {
    return this.#dirty;
  }

  /** Durable when true; false when the disk does not take it, which is said once. */
  save(): boolean {
    const { dataDir, name } = this.#place;
    try {
      writeCursor(this.#world.files, cursorPath(dataDir, name), this.#cursor);
      if (this.#troubled) this.#world.log("info", `${name}: the place is kept again`);
      this.#troubled = false;
      this.#dirty = false;
      return true;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      const folder = `${dataDir}/${NOTIFY_FOLDER}`;
      if (!this.#troubled) {
        this.#world.log("error", `${name}: cannot keep the place as ${folder} must be writable: ${why}`);
      }
      this.#troubled = true;
      return false;
    }
  }
}
