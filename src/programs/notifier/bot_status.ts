/** What the bot last said of itself, as the notifier needs it. */
import { readStatus, type Status, STATUS_SCHEMA, statusFile } from "../../views/status.ts";
import type { NotifyFiles } from "./world.ts";

export type BotStatus =
  | { readonly kind: "status"; readonly status: Status }
  /** No bot has run here. */
  | { readonly kind: "none" }
  | { readonly kind: "unreadable"; readonly why: string };

/** Never throws. */
export function statusIn(files: NotifyFiles, dataDir: string): BotStatus {
  const path = statusFile(dataDir);
  try {
    if (!files.exists(path)) return { kind: "none" };
    const read = readStatus(files.readText(path));
    switch (read.kind) {
      case "status":
        return read;
      case "version":
        return { kind: "unreadable", why: `it is of version ${read.found}, this notifier reads ${STATUS_SCHEMA}` };
      case "unreadable":
        return { kind: "unreadable", why: read.why };
      default: {
        const never: never = read;
        return never;
      }
    }
  } catch {
    return { kind: "unreadable", why: "it cannot be opened" };
  }
}

/** The state of a status in the form of an alert's context. */
export function contextOf(status: Status): Readonly<Record<string, unknown>> {
  const { position } = status;
  const covered = position === null || position.protected_without_us;
  return {
    word: status.word,
    phase: status.phase,
    halt: status.halt?.reason ?? null,
    blocks: status.blocks.map((block) => block.reason),
    direction: position?.direction ?? null,
    contracts: position?.contracts ?? 0,
    entry_usd: position?.entry_usd ?? null,
    // What the venue shows counts, not what the bot believes.
    stop: position === null ? null : covered ? "ACTIVE" : position.stop_status,
    stop_usd: position?.stop_usd ?? null,
    uncovered_since_ms: covered ? null : position?.uncovered_since_ms ?? status.written_at_ms,
    last_usd: status.last_usd,
    equity_usd: status.equity_usd,
    floor_usd: status.floor_usd,
  };
}

/** Flat, or covered by a stop that the venue shows. */
export function isSafe(status: Status): boolean {
  const { position, phase } = status;
  return position === null ? phase === "flat" || phase === "entry" : position.protected_without_us;
}
