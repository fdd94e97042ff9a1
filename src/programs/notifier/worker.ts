/**
 * Brings one channel its alerts, each at least once, in order (N-3). Invariants:
 * 1. A request leaves only after `sending` is on disk; the place moves only after its answer.
 * 2. What is critical is tried for ever, and leaves even when the disk is full.
 * 3. An address that is gone is not asked again; what waits for it stays.
 * It does not promise that a receiver sees an alert once: a repeat it can know of is marked "(again)".
 */
import type { Bucket } from "./bucket.ts";
import type { Channel, Message, Part, Verdict } from "./channels/types.ts";
import { deadPath, letterLine } from "./dead_letters.ts";
import type { Keeper } from "./keeper.ts";
import type { Item, Queue } from "./queue.ts";
import type { NotifyWorld } from "./world.ts";

export type WorkerOptions = {
  readonly world: NotifyWorld;
  readonly dataDir: string;
  readonly channel: Channel;
  readonly bucket: Bucket;
  readonly keeper: Keeper;
  readonly queue: Queue;
};

const POLL_MS = 200;
const TROUBLE_MS = 5_000;
export const SEND_TIMEOUT_MS = 15_000;
const BACKOFF_MIN_MS = 1_000;
const BACKOFF_MAX_MS = 900_000;
/** What is not critical is given up after a day of trying. */
const GIVE_UP_MS = 86_400_000;

type Attempt = {
  readonly item: Item;
  readonly message: Message;
  readonly piece: Part;
  readonly index: number;
  readonly firstAt: number;
  readonly failures: number;
};
/** `again` = it may have arrived; `retry` = it has not. */
type Outcome = "sent" | "again" | "retry" | "dead" | "gone";

export class Worker {
  readonly #options: WorkerOptions;
  /** A process before this one ended between a request and its answer. */
  #recovering: boolean;

  constructor(options: WorkerOptions) {
    this.#options = options;
    this.#recovering = options.keeper.now().sending !== null;
  }

  /** Until the program is asked to stop. */
  async run(): Promise<void> {
    const { world, channel } = this.#options;
    while (!world.stopping()) {
      try {
        if (!await this.turn()) await world.wait(POLL_MS);
      } catch (error) {
        // The disk, most likely: what was not taken is still there.
        world.log("error", `${channel.name}: ${error instanceof Error ? error.message : String(error)}`);
        await world.wait(TROUBLE_MS);
      }
    }
    if (this.#options.keeper.isDirty()) this.#options.keeper.save();
  }

  /** One message at most; false when there was nothing to do. */
  async turn(): Promise<boolean> {
    const { channel, keeper, queue } = this.#options;
    const { gone } = keeper.now();
    if (gone !== null) {
      if (gone.fingerprint === channel.fingerprint) return false;
      keeper.change({ gone: null, trouble: null });
    }
    const item = queue.next();
    if (item === null) {
      if (keeper.isDirty()) keeper.save();
      return false;
    }
    await this.#deliver(item);
    return true;
  }

  async #deliver(item: Item): Promise<void> {
    const { channel, world, keeper } = this.#options;
    const begun = this.#recovering ? keeper.now().sending : null;
    this.#recovering = false;
    const resumed = begun?.id === item.id ? begun : null;
    const firstAt = resumed?.firstAt ?? world.now();
    let again = resumed !== null;
    if (again) {
      keeper.change({ again: keeper.now().again + 1 });
      world.log("info", `${channel.name}: sending again what was under way when the program ended`);
    }
    const { kind, id, codes, severity } = item;
    let index = resumed?.part ?? 0;
    for (let failures = 0;;) {
      const message = item.message(again);
      const piece = channel.parts(message)[index];
      if (piece === undefined) break;
      keeper.change({ sending: { kind, id, codes: [...codes], part: index, firstAt } });
      // A full disk must not keep the worst news back: then a repeat may go unmarked.
      if (!keeper.save() && severity !== "critical") return await world.wait(TROUBLE_MS);
      const outcome = await this.#attempt({ item, message, piece, index, firstAt, failures });
      if (outcome === "gone") return;
      if (outcome === "dead") break;
      if (outcome === "sent") {
        index += 1;
        failures = 0;
        continue;
      }
      failures += 1;
      if (outcome === "again" && !again) {
        again = true;
        keeper.change({ again: keeper.now().again + 1 });
      }
      if (world.stopping()) return;
    }
    item.done();
    keeper.change({ sending: null });
    keeper.save();
  }

  async #attempt(attempt: Attempt): Promise<Outcome> {
    const { channel, world, bucket, keeper } = this.#options;
    const { item, message, piece, index, firstAt, failures } = attempt;
    for (let wait = bucket.take(world.now()); wait > 0; wait = bucket.take(world.now())) {
      await world.wait(wait);
      if (world.stopping()) return "retry";
    }
    const ask = channel.ask(piece, { message, index, now: world.now() });
    const verdict = channel.judge(await world.send(ask, { timeoutMs: SEND_TIMEOUT_MS }));
    switch (verdict.kind) {
      case "sent":
        if (keeper.now().trouble !== null) world.log("info", `${channel.name}: delivered again`);
        keeper.change({ sent: keeper.now().sent + 1, sentAt: world.now(), trouble: null });
        return "sent";
      case "refused":
        this.#bury(item, { message, why: verdict.why, advice: verdict.advice });
        // A wrong token would turn a whole backlog into dead letters within seconds.
        await this.#pause(failures);
        return "dead";
      case "gone":
        return this.#leave(verdict);
      case "wait":
        this.#trouble(verdict.why);
        await world.wait(verdict.ms);
        return "retry";
      case "later":
        this.#trouble(verdict.why);
        if (item.severity !== "critical" && world.now() - firstAt > GIVE_UP_MS) {
          this.#bury(item, { message, why: `given up after a day: ${verdict.why}`, advice: "" });
          return "dead";
        }
        await this.#pause(failures);
        return verdict.perhaps ? "again" : "retry";
      default: {
        const never: never = verdict;
        return never;
      }
    }
  }

  /** Exponential with full jitter, 1 s to 15 min; a critical alert that has come meanwhile ends it. */
  async #pause(failures: number): Promise<void> {
    const { world, queue } = this.#options;
    const most = Math.min(BACKOFF_MAX_MS, BACKOFF_MIN_MS * 2 ** Math.min(failures + 1, 20));
    let left = BACKOFF_MIN_MS + world.random() * (most - BACKOFF_MIN_MS);
    const known = queue.criticalsAhead();
    for (; left > 0 && !world.stopping(); left -= 1_000) {
      await world.wait(Math.min(left, 1_000));
      if (left > 1_000 && queue.criticalsAhead() > known) return;
    }
  }

  #trouble(why: string): void {
    const { world, channel, keeper } = this.#options;
    const known = keeper.now().trouble;
    if (known?.why !== why) world.log("warning", `${channel.name}: not delivered yet: ${why}`);
    keeper.change({ trouble: { since: known?.since ?? world.now(), why } });
  }

  #leave(verdict: Extract<Verdict, { readonly kind: "gone" }>): Outcome {
    const { world, channel, keeper } = this.#options;
    const { why, advice } = verdict;
    world.log("error", `${channel.name}: ${why}. ${advice}`);
    keeper.change({ sending: null, gone: { since: world.now(), why, advice, fingerprint: channel.fingerprint } });
    keeper.save();
    return "gone";
  }

  #bury(item: Item, of: { readonly message: Message; readonly why: string; readonly advice: string }): void {
    const { world, channel, dataDir, keeper } = this.#options;
    const { why, advice, message } = of;
    world.files.append(deadPath(dataDir, channel.name), letterLine({ at: world.now(), why, advice, message }));
    world.log("error", `${channel.name}: not delivered (${item.severity}): ${why}. ${advice}`);
    const trouble = { since: keeper.now().trouble?.since ?? world.now(), why };
    keeper.change({ dead: keeper.now().dead + 1, trouble });
  }
}
