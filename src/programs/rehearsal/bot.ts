import { type LiveBot, openLiveBot } from "../../bot/live/open_live_bot.ts";
import { remember } from "../../bot/memory.ts";
import { safeToStop } from "../../application/transition/mod.ts";
import { positionOf } from "../../application/transition/step.ts";
import { isCovered } from "../../application/transition/protection/stop_manager.ts";
import type { SnapshotRecord, TradeRecord } from "../../domain/records.ts";
import type { Bot, Position } from "../../domain/state.ts";
import { type Log, openLog } from "../../infrastructure/logging/log.ts";
import { classOfHalt, ScenarioFailure } from "./failure_class.ts";
import { type ScenarioContext, until, type Wait } from "./context.ts";
import { CuttableSockets } from "./cuttable_sockets.ts";

const BOOT_WITHIN_MS = 60_000;
const CLOSE_WITHIN_MS = 90_000;
const STOP_WITHIN_MS = 30_000;
/** A trade's line is written once 10 s passed without news of it (P-1). */
const RECORD_WITHIN_MS = 30_000;

/** The whole bot inside a rehearsal: same start, same core, same link, with a data directory of its own. */
export class ScenarioBot {
  readonly trades: TradeRecord[] = [];
  /** Every HALT and COOLDOWN (F-13.4). */
  readonly lids: SnapshotRecord[] = [];
  readonly sockets: CuttableSockets;
  readonly #context: ScenarioContext;
  readonly #log: Log;
  readonly #live: LiveBot;
  #refused: string | null = null;
  #stopped = false;

  /** Starts at once; a second bot on the same `dataDir` goes on with the memory of the first. */
  constructor(context: ScenarioContext, dataDir: string) {
    const { world, platform, config, redactor } = context;
    this.#context = context;
    this.sockets = new CuttableSockets({ real: platform.sockets, clock: platform.clock });
    platform.files.makeDirectory(dataDir);
    const { files, clock } = platform;
    this.#log = openLog({ files, clock, dataDir, level: "info", redactor, stdout: null, onTrouble: world.error });
    const { key, secret, configHash, keeping, evidence } = context;
    const { build } = world;
    this.#live = openLiveBot({
      ...{ dataDir, config, configHash, keeping, build, key, secret, redactor, log: this.#log },
      platform: { ...platform, sockets: this.sockets },
      remembered: remember({ platform, dataDir, config, build }),
      observe: false,
      pack: null,
      wireLog: evidence.wire,
      onRefused: (line) => void (this.#refused ??= line),
      onAnswer: () => undefined,
      onRecord: (record) => {
        if (record.type === "trade") this.trades.push(record);
        if (record.type === "snapshot") this.lids.push(record);
      },
      say: () => undefined,
      stderr: world.error,
    });
  }

  /** null until the account is known. */
  bot(): Bot | null {
    return this.#live.process.state()?.bot ?? null;
  }

  /** Waits for a state. Throws ScenarioFailure also when the bot refuses to start or halts by itself. */
  until<Found>(wait: Wait, look: (bot: Bot) => Found | null): Promise<Found> {
    return until(this.#context, { ...wait, what: wait.what }, () => {
      if (this.#refused !== null) throw new ScenarioFailure("permission", `the bot refused to start: ${this.#refused}`);
      const bot = this.bot();
      if (bot === null) return null;
      if (bot.halt !== null) {
        const { reason, detail } = bot.halt;
        throw new ScenarioFailure(classOfHalt(reason), `the bot halted: ${reason}: ${detail}`);
      }
      return look(bot);
    });
  }

  /** Boot checks passed and both streams ready. */
  async ready(): Promise<void> {
    const wait = { what: "the end of the start checks", withinMs: BOOT_WITHIN_MS, failClass: "network" } as const;
    await this.until(wait, (bot) => {
      const streams = bot.privateStream.status === "ready" && bot.publicStream.status === "ready";
      return bot.boot.stage === "done" && streams && bot.degradedSince === null ? true : null;
    });
  }

  /** An entry filled, its stop shown by the venue, nothing of it still working. */
  async entered(withinMs: number): Promise<Position> {
    try {
      return await this.until({ what: "a filled and covered entry", withinMs, failClass: "market" }, (bot) => {
        const position = positionOf(bot);
        return position !== null && !position.entryWorking && isCovered(bot, position) ? position : null;
      });
    } catch (error) {
      const refusal = this.bot()?.evaluation.lastRefusal ?? null;
      if (!(error instanceof ScenarioFailure) || refusal === null) throw error;
      throw new ScenarioFailure(error.failClass, `${error.message}; the last evaluation was refused by ${refusal}`);
    }
  }

  /** The operator's close (F-13.6). */
  close(): void {
    const at = this.#live.process.serverNow();
    const reason = "rehearsal";
    this.#live.process.submit({
      kind: "OperatorCommand",
      at,
      id: `close-${at}`,
      command: "close",
      reason,
      accept: false,
    });
  }

  /** Flat, no own order left, and the trade's record written. Returns the record. */
  async closed(count: number, withinMs: number): Promise<TradeRecord> {
    await this.until(
      { what: "FLAT without an own order", withinMs, failClass: "market" },
      (bot) => bot.phase.kind === "flat" && bot.orders.length === 0 ? true : null,
    );
    const wait = { what: "the record of the trade", withinMs: RECORD_WITHIN_MS, failClass: "schema" } as const;
    return this.until(wait, () => this.trades[count - 1] ?? null);
  }

  /** Ends like a crash: nothing is asked of the venue, memory and stop stay. */
  crash(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#live.close();
    this.#log.close();
  }

  /** Closes what is open and ends. Returns what could not be closed, one line each. */
  async leave(): Promise<readonly string[]> {
    if (this.#stopped) return [];
    const { platform, world } = this.#context;
    const { clock } = platform;
    const end = clock.monotonicNow() + CLOSE_WITHIN_MS;
    const settled = (bot: Bot) => bot.phase.kind === "flat" && bot.orders.length === 0;
    this.#live.process.submit({ kind: "Shutdown", at: this.#live.process.serverNow() });
    const stopEnd = clock.monotonicNow() + STOP_WITHIN_MS;
    let bot = this.bot();
    while (bot !== null && !safeToStop(bot).safe && clock.monotonicNow() < stopEnd) {
      await world.wait(50);
      bot = this.bot();
    }
    if (bot !== null && positionOf(bot) !== null) this.close();
    while (bot !== null && !settled(bot) && clock.monotonicNow() < end) {
      await world.wait(50);
      bot = this.bot();
    }
    const open = bot === null || settled(bot) ? [] : [`phase ${bot.phase.kind}`, ...safeToStop(bot).open];
    this.crash();
    return open;
  }
}
