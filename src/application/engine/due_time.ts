import type { Vitals } from "../../domain/events.ts";
import type { Bot } from "../../domain/state.ts";
import { nextDeadline } from "../transition/mod.ts";
import { type Guarded, guardianDeadline } from "../guardian/guardian.ts";

/** Knows when the core or the guardian wants a tick by itself (F-3.2). */
export class DueTime {
  /** The state asked last and its answer, UTC ms: a state never changes, and most looks find the same one. */
  #asked: Bot | null = null;
  #answer = Infinity;

  /** UTC ms; Infinity = never. With `vitals` as if the core had heard of them. */
  of({ bot, guardian }: Guarded, vitals?: Vitals): number {
    const fromCore = vitals === undefined ? this.#fromCore(bot) : nextDeadline({ ...bot, vitals }) ?? Infinity;
    return Math.min(fromCore, guardianDeadline(guardian) ?? Infinity);
  }

  #fromCore(bot: Bot): number {
    if (bot === this.#asked) return this.#answer;
    this.#asked = bot;
    return this.#answer = nextDeadline(bot) ?? Infinity;
  }
}
