import type { Bot } from "../domain/state.ts";
import { publicWord } from "../application/transition/mod.ts";
import type { HistoryLine, HistoryStart } from "../infrastructure/storage/history/history_schema.ts";
import { historyLineOf, isShownCovered, openPosition, startOf } from "./history_line.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** A change is kept at once, but no two lines are closer than this. */
const LEAST_MS = 1_000;
/** A bot that flaps all day keeps its minutes, and no more changes than this: 700 kB a day hold. */
const CHANGES_A_DAY = 500;

/** Where lines go. Neither call may throw. */
export type HistoryOutlet = {
  /** What an earlier process kept; null = nothing yet. */
  readonly start: () => HistoryStart | null;
  readonly keepStart: (start: HistoryStart) => void;
  readonly write: (line: HistoryLine) => void;
};

/** Decides which states become lines: one a minute, and every change of word, position or cover (M-1.1). */
export class HistoryKeeper {
  readonly #outlet: HistoryOutlet;
  #start: HistoryStart | null;
  #seen: Pick<Bot, "phase" | "halt" | "blocks" | "orders"> | null = null;
  #key = "";
  #pending = false;
  #writtenAt = -Infinity;
  #minute = -1;
  #day = -1;
  #changes = 0;

  constructor(outlet: HistoryOutlet) {
    this.#outlet = outlet;
    this.#start = outlet.start();
  }

  /** The start of the curves, once known. */
  start(): HistoryStart | null {
    return this.#start;
  }

  /** Looks at the state after a step. Cheap while nothing changed. */
  step(bot: Bot): void {
    const minute = Math.floor(bot.now / MINUTE_MS);
    const seen = this.#seen;
    const same = seen !== null && seen.phase === bot.phase && seen.halt === bot.halt && seen.blocks === bot.blocks &&
      seen.orders === bot.orders;
    if (same && !this.#pending && minute === this.#minute) return;
    this.#seen = bot;
    if (!same) this.#pending = keyOf(bot) !== this.#key;
    if (minute === this.#minute && !(this.#pending && this.#mayChange(bot.now))) return;
    this.#write(bot, minute);
  }

  #mayChange(now: number): boolean {
    return now - this.#writtenAt >= LEAST_MS && this.#changes < CHANGES_A_DAY;
  }

  #write(bot: Bot, minute: number): void {
    this.#keepStart(bot);
    const day = Math.floor(bot.now / DAY_MS);
    if (day !== this.#day) [this.#day, this.#changes] = [day, 0];
    if (minute === this.#minute) this.#changes += 1;
    this.#key = keyOf(bot);
    this.#pending = false;
    this.#minute = minute;
    this.#writtenAt = bot.now;
    this.#outlet.write(historyLineOf(bot, this.#start));
  }

  /** Another account is another start. */
  #keepStart(bot: Bot): void {
    if (this.#start !== null && this.#start.account_uid === bot.accountUid) return;
    this.#start = startOf(bot);
    if (this.#start !== null) this.#outlet.keepStart(this.#start);
  }
}

function keyOf(bot: Bot): string {
  const position = openPosition(bot);
  const held = position === null ? "" : `${position.direction} ${position.contracts} ${isShownCovered(bot, position)}`;
  return `${publicWord(bot)}|${bot.phase.kind}|${bot.halt?.reason ?? ""}|${held}`;
}
