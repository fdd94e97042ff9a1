/**
 * What a channel has behind it, in one file that is replaced whole: temp, fsync, rename (N-3.1). `sending` is on disk before
 * a request leaves, `sent` after its answer; what a crash left in `sending` is sent again and marked so.
 */
import { z } from "zod";
import type { Place } from "./outbox.ts";

const place = z.strictObject({
  file: z.string(),
  start: z.int().min(0),
  end: z.int().min(0),
  mark: z.string(),
  at: z.int().min(0),
});
const severity = z.enum(["info", "warning", "critical"]);
const held = z.strictObject({
  code: z.string(),
  severity,
  count: z.int().min(1),
  firstAt: z.number(),
  lastAt: z.number(),
  sentence: z.string(),
  /** When it is told: the end of its window, or of the quiet hours. */
  dueAt: z.number(),
});
const window = z.strictObject({ severity, until: z.number() });
const cursorSchema = z.strictObject({
  schema: z.literal(1),
  since: z.number(),
  outbox: place,
  own: place,
  held: z.array(held),
  windows: z.record(z.string(), window),
  sending: z.strictObject({
    kind: z.enum(["line", "digest", "resend"]),
    id: z.string(),
    /** Codes of a digest. */
    codes: z.array(z.string()),
    part: z.int().min(0),
    firstAt: z.number(),
  }).nullable(),
  sent: z.int().min(0),
  again: z.int().min(0),
  unreadable: z.int().min(0),
  dead: z.int().min(0),
  sentAt: z.number().nullable(),
  trouble: z.strictObject({ since: z.number(), why: z.string() }).nullable(),
  gone: z.strictObject({ since: z.number(), why: z.string(), advice: z.string(), fingerprint: z.string() }).nullable(),
});
export type Cursor = z.infer<typeof cursorSchema>;
export type Held = z.infer<typeof held>;

export type CursorFiles = {
  readonly exists: (path: string) => boolean;
  readonly readText: (path: string) => string;
  readonly writeAtomic: (path: string, content: string) => void;
};

export const NOTIFY_FOLDER = "notify";

export function cursorPath(dataDir: string, name: string): string {
  return `${dataDir}/${NOTIFY_FOLDER}/${name}.cursor.json`;
}

export function freshCursor(of: { readonly now: number; readonly outbox: Place; readonly own: Place }): Cursor {
  return {
    schema: 1,
    since: of.now,
    outbox: of.outbox,
    own: of.own,
    held: [],
    windows: {},
    sending: null,
    sent: 0,
    again: 0,
    unreadable: 0,
    dead: 0,
    sentAt: null,
    trouble: null,
    gone: null,
  };
}

/** The cursor of a channel; null = it has none yet. Throws with a sentence when it cannot be understood. */
export function readCursor(files: CursorFiles, path: string): Cursor | null {
  if (!files.exists(path)) return null;
  let value: unknown;
  try {
    value = JSON.parse(files.readText(path));
  } catch {
    value = null;
  }
  const parsed = cursorSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new Error(
    `Cannot read ${path} as it is not of this version: move it away to begin with the alerts from now on`,
  );
}

export function writeCursor(files: CursorFiles, path: string, cursor: Cursor): void {
  files.writeAtomic(path, `${JSON.stringify(cursor)}\n`);
}
