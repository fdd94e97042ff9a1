import type { Guarded } from "../../application/guardian/guardian.ts";
import type { Platform } from "../../application/engine/ports.ts";
import type { TimerId } from "../../application/engine/ports.ts";
import type { EpochMs } from "../../domain/units.ts";
import { type Status, type StatusFacts, statusFile, statusOf } from "../../views/status.ts";

/** A watcher takes three times this for "no news". */
const EVERY_MS = 700;
/** A change is written at once, but never more often than this. */
const LEAST_MS = 100;

export type StatusWriterOptions = {
  readonly platform: Pick<Platform, "clock" | "files">;
  readonly dataDir: string;
  readonly facts: () => Omit<StatusFacts, "writtenAt">;
  readonly state: () => Guarded | null;
  readonly now: () => EpochMs;
  readonly onTrouble: (line: string) => void;
};
export type StatusWriter = {
  /** Looks whether something a person cares about changed. */
  step(): void;
  latest(): Status | null;
  /** Writes the last word and stops. */
  stop(): void;
};

/** What makes a status worth writing before its time. */
function keyOf(state: Guarded): string {
  const { halt, blocks, phase } = state.bot;
  const position = phase.kind === "position" || phase.kind === "exit" ? phase.position : null;
  const anchored = state.bot.signal.anchor === null ? "" : "anchored";
  const parts = [phase.kind, halt?.reason ?? "", position?.contracts ?? 0, position?.stopStatus ?? "", anchored];
  return [...parts, ...blocks.map((block) => `${block.reason}@${block.until ?? ""}`)].join("|");
}

const LIDS: readonly string[] = ["HALT", "COOLDOWN"];

/** A word that was hidden by HALT or COOLDOWN is shown since that was lifted, not since its phase began. */
function shownSince(now: Status, before: Status | null): number {
  if (before === null || LIDS.includes(now.word)) return now.since_ms;
  if (LIDS.includes(before.word)) return Math.max(now.since_ms, now.written_at_ms);
  return now.word === before.word ? Math.max(now.since_ms, before.since_ms) : now.since_ms;
}

/** Keeps `status.json` fresh; it is the liveness file too (F-13.3). */
export function startStatusWriter(options: StatusWriterOptions): StatusWriter {
  const { platform, dataDir } = options;
  const { clock, files } = platform;
  let writtenKey = "";
  let writtenAt = -Infinity;
  let latest: Status | null = null;
  let timer: TimerId | null = null;
  let troubled = false;

  function write(): void {
    const state = options.state();
    if (state === null) return;
    writtenKey = keyOf(state);
    writtenAt = clock.monotonicNow();
    const now = statusOf(state, { ...options.facts(), writtenAt: options.now() });
    latest = { ...now, since_ms: shownSince(now, latest) };
    try {
      files.writeAtomic(statusFile(dataDir), `${JSON.stringify(latest)}\n`, { durable: false });
      troubled = false;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      if (!troubled) options.onTrouble(`Cannot write ${statusFile(dataDir)}: ${why}`);
      troubled = true;
    }
  }

  function beat(): void {
    write();
    timer = clock.after(EVERY_MS, beat);
  }

  beat();
  return {
    step() {
      const state = options.state();
      if (state === null || clock.monotonicNow() - writtenAt < LEAST_MS || keyOf(state) === writtenKey) return;
      write();
    },
    latest: () => latest,
    stop() {
      if (timer !== null) clock.cancel(timer);
      timer = null;
      write();
    },
  };
}
