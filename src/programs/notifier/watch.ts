/**
 * Dead man's switch (N-3.6): a heartbeat leaves once a minute while the bot's word is fresh and its money is flat or
 * covered; `/fail` with the sentence otherwise. A bot that is silent for a minute becomes an alert of the notifier's own.
 */
import { protectionSentence } from "../../views/alert_words.ts";
import { ageText } from "../../common/text.ts";
import type { BotStatus } from "./bot_status.ts";
import { contextOf, isSafe, statusIn } from "./bot_status.ts";
import { lastOwn, raiseOwn } from "./own_lines.ts";
import type { NotifyWorld } from "./world.ts";

/** The bot writes at least every 10 s; twice that is no longer fresh. */
const FRESH_MS = 20_000;
const SILENT_MS = 60_000;
const BEAT_MS = 60_000;
const LOOK_MS = 1_000;
const BEAT_TIMEOUT_MS = 10_000;

export type WatchOptions = {
  readonly world: NotifyWorld;
  readonly dataDir: string;
  /** Address of the heartbeat; null = none is kept. */
  readonly heartbeat: string | null;
};

/** Why no heartbeat may leave; null = all is well. */
export function objectionTo(seen: BotStatus, now: number): string | null {
  if (seen.kind === "none") return "No bot has run here yet.";
  if (seen.kind === "unreadable") return `The bot's status cannot be read: ${seen.why}.`;
  const { status } = seen;
  const age = now - status.written_at_ms;
  if (age > FRESH_MS) return `No news from the bot for ${ageText(age)}. ${protectionSentence(contextOf(status))}`;
  return isSafe(status) ? null : protectionSentence(contextOf(status));
}

export class Watch {
  readonly #options: WatchOptions;
  #silent: boolean;
  #beatAt = 0;
  #beatTold: string | null = null;

  constructor(options: WatchOptions) {
    this.#options = options;
    const { world, dataDir } = options;
    const last = lastOwn({ files: world.files, dataDir }, ({ code }) => code === "bot_silent" || code === "bot_back");
    this.#silent = last?.code === "bot_silent";
  }

  async run(): Promise<void> {
    const { world } = this.#options;
    while (!world.stopping()) {
      try {
        await this.look();
      } catch (error) {
        world.log("error", `watch: ${error instanceof Error ? error.message : String(error)}`);
      }
      await world.wait(LOOK_MS);
    }
  }

  /** One look at the bot's word, and the heartbeat when it is due. */
  async look(): Promise<void> {
    const { world, dataDir, heartbeat } = this.#options;
    const seen = statusIn(world.files, dataDir);
    this.#tell(seen);
    if (heartbeat === null || world.now() - this.#beatAt < BEAT_MS) return;
    this.#beatAt = world.now();
    await this.#beat(heartbeat, objectionTo(seen, world.now()));
  }

  #tell(seen: BotStatus): void {
    const { world, dataDir } = this.#options;
    if (seen.kind !== "status") return;
    const { status } = seen;
    const age = world.now() - status.written_at_ms;
    const context = contextOf(status);
    if (age > SILENT_MS && !this.#silent) {
      // Stopped in order with nothing open is news, not an emergency.
      const inOrder = status.blocks.some((block) => block.reason === "shutdown") && status.position === null;
      raiseOwn({ world, dataDir }, {
        severity: inOrder ? "warning" : "critical",
        code: "bot_silent",
        reason: inOrder ? "it was stopped in order" : "",
        context: { ...context, about: { silent_ms: age, stopped_in_order: inOrder } },
      });
      this.#silent = true;
    } else if (age <= FRESH_MS && this.#silent) {
      raiseOwn({ world, dataDir }, { severity: "info", code: "bot_back", reason: "", context });
      this.#silent = false;
    }
  }

  async #beat(url: string, objection: string | null): Promise<void> {
    const { world } = this.#options;
    const reply = await world.send({
      method: "POST",
      url: objection === null ? url : `${url}/fail`,
      headers: { "content-type": "text/plain" },
      body: objection ?? "ok",
    }, { timeoutMs: BEAT_TIMEOUT_MS });
    const well = reply.kind === "reply" && reply.status === 200;
    const told = well ? null : reply.kind === "reply" ? `its answer was ${reply.status}` : reply.why;
    if (told !== null && told !== this.#beatTold) world.log("warning", `heartbeat: not kept: ${told}`);
    if (told === null && this.#beatTold !== null) world.log("info", "heartbeat: kept again");
    this.#beatTold = told;
  }
}
