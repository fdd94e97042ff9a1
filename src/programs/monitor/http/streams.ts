/** Open event streams: one rendering a beat for all of them, and no more than one unread message for each. */
import type { Snapshot } from "../view/document.ts";

const encoder = new TextEncoder();
/** More unread bytes than this and a reader gets nothing until it has caught up, then everything. */
const MOST_UNREAD = 65_536;

/** A browser that lost the stream comes back after this. */
const RETRY = "retry: 1000\n\n";

type Reader = { readonly controller: ReadableStreamDefaultController<Uint8Array>; behind: boolean };

function message(value: unknown): Uint8Array {
  return encoder.encode(`data: ${JSON.stringify(value)}\n\n`);
}

export class EventStreams {
  readonly #readers = new Set<Reader>();
  #last: Snapshot | null = null;

  count(): number {
    return this.#readers.size;
  }

  /** A new stream; its first message is the whole of `now`. */
  open(now: Snapshot): ReadableStream<Uint8Array> {
    let reader: Reader;
    return new ReadableStream<Uint8Array>({
      start: (controller) => {
        reader = { controller, behind: false };
        this.#readers.add(reader);
        controller.enqueue(encoder.encode(RETRY));
        controller.enqueue(message(now));
      },
      cancel: () => void this.#readers.delete(reader),
    }, { highWaterMark: MOST_UNREAD, size: (bytes) => bytes.length });
  }

  /** Sends what changed since the last beat; an empty message says that the monitor lives. */
  beat(now: Snapshot): void {
    const last = this.#last;
    this.#last = now;
    if (this.#readers.size === 0) return;
    const change = message(last === null ? now : changed(last, now));
    let whole: Uint8Array | null = null;
    for (const reader of this.#readers) {
      const room = reader.controller.desiredSize ?? 0;
      if (room <= 0) {
        reader.behind = true;
        continue;
      }
      if (reader.behind) whole ??= message(now);
      reader.controller.enqueue(reader.behind && whole !== null ? whole : change);
      reader.behind = false;
    }
  }

  close(): void {
    for (const { controller } of this.#readers) controller.close();
    this.#readers.clear();
  }
}

function changed(last: Snapshot, now: Snapshot): Partial<Snapshot> {
  const sections = Object.entries(now.sections).filter(([name, html]) => last.sections[name] !== html);
  const { word, slug, alarm, hero, charts } = now;
  return {
    ...(hero === last.hero ? {} : { word, slug, alarm, hero }),
    ...(sections.length === 0 ? {} : { sections: Object.fromEntries(sections) }),
    ...(charts === last.charts ? {} : { charts }),
  };
}
