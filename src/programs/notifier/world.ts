/** What the notifier has of the outside: time, disk, network. One seam, so that tests hold all of it. */
import type { Ask, Reply } from "./channels/types.ts";
import type { RangeFiles } from "./outbox.ts";

export type NotifyFiles = RangeFiles & {
  readonly exists: (path: string) => boolean;
  readonly readText: (path: string) => string;
  /** Temp, fsync, rename. */
  readonly writeAtomic: (path: string, content: string) => void;
  /** One line, durable when it returns. */
  readonly append: (path: string, line: string) => void;
  readonly rename: (from: string, to: string) => void;
  readonly remove: (path: string) => void;
  readonly makeDirectory: (path: string) => void;
};

export type SendOptions = {
  readonly timeoutMs: number;
  /** A question that may be dropped when the program is asked to stop. A message is not: it may have been taken. */
  readonly droppable?: boolean;
};

export type NotifyWorld = {
  readonly files: NotifyFiles;
  readonly now: () => number;
  /** Returns early when the program is asked to stop. */
  readonly wait: (ms: number) => Promise<void>;
  readonly random: () => number;
  /** Sends one request. Never throws, never follows a redirect, never shows an address. */
  readonly send: (ask: Ask, options: SendOptions) => Promise<Reply>;
  /** One line for the log; secrets are taken out. */
  readonly log: (level: "info" | "warning" | "error", line: string) => void;
  readonly stopping: () => boolean;
};
