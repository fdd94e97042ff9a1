/** What the bot last said of itself, as the notifier needs it. */
import { type Status, statusFile, statusSchema } from "../../views/status.ts";
import type { NotifyFiles } from "./world.ts";

export type BotStatus =
  | { readonly kind: "status"; readonly status: Status }
  /** No bot has run here. */
  | { readonly kind: "none" }
  | { readonly kind: "unreadable"; readonly why: string };

/** Never throws. */
export function readStatus(files: NotifyFiles, dataDir: string): BotStatus {
  const path = statusFile(dataDir);
  try {
    if (!files.exists(path)) return { kind: "none" };
    const parsed = statusSchema.safeParse(JSON.parse(files.readText(path)));
    if (parsed.success) return { kind: "status", status: parsed.data };
    return { kind: "unreadable", why: "it is of another version: bot and notifier must be of one build" };
  } catch (error) {
    return { kind: "unreadable", why: error instanceof SyntaxError ? "it is damaged" : "it cannot be opened" };
  }
}

/** The state of a status in the form of an alert's context. */
export function contextOf(status: Status): Readonly<Record<string, unknown>> {
  const { position } = status;
  return {
    word: status.word,
    phase: status.phase,
    halt: status.halt?.reason ?? null,
    blocks: status.blocks.map((block) => block.reason),
    direction: position?.direction ?? null,
    contracts: position?.contracts ?? 0,
    entry_usd: position?.entry_usd ?? null,
    // Shown by the venue is what counts, not what the bot believes.
    stop: position === null ? null : position.protected_without_us ? "ACTIVE" : position.stop_status,
    stop_usd: position?.stop_usd ?? null,
    uncovered_since_ms: position === null || position.protected_without_us
      ? null
      : position.uncovered_since_ms ?? status.written_at_ms,
    last_usd: status.last_usd,
    equity_usd: status.equity_usd,
    floor_usd: status.floor_usd,
  };
}

/** Flat, or covered by a stop that the venue shows. */
export function isSafe(status: Status): boolean {
  return status.position === null
    ? status.phase === "flat" || status.phase === "entry"
    : status.position.protected_without_us;
}
