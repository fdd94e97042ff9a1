import { remember } from "../../src/bot/memory.ts";
import { simulatedSigner } from "../../src/infrastructure/platform/virtual/signer.ts";
import type { Guarded } from "../../src/application/guardian/guardian.ts";
import type { FileSeam } from "../../src/application/engine/ports.ts";
import { publicWord } from "../../src/application/transition/mod.ts";
import { SIMULATED_BUILD } from "../../src/build_info.ts";
import { type BotProcess, startBot } from "../../src/bot/bot_process.ts";
import type { JournalLine } from "../../src/observer/types.ts";
import type { IntentOf } from "../../src/domain/intent.ts";
import type { Config } from "../../src/domain/limits.ts";
import { loadConfig } from "../../src/infrastructure/config/load.ts";
import { readRecording } from "../../src/infrastructure/market_data/recording.ts";
import { createMarketFeed } from "../../src/infrastructure/exchange/fake_exchange/market/market_feed.ts";
import { createVenue, type Venue, type VenueLogEntry } from "../../src/infrastructure/exchange/fake_exchange/mod.ts";
import { createVirtualPlatform, type VirtualPlatform } from "../../src/infrastructure/platform/virtual/mod.ts";

const DATA = "config/recordings/black-thursday.csv.gz";
const SEED = 3;
const KEY = "sim-key";
const SECRET = "sim-secret";
const WALLET_BTC = "0.0165";
import { type DiskTrouble, troubledFiles } from "./troubled_files.ts";

export const START = Date.parse("2020-03-20T20:00Z");
const HOURS = 6;

export type WholeBotOptions = {
  /** Changes to the scenario profile; a denser grid and wider loss caps unless given. */
  readonly tune?: (config: Config) => Config;
  readonly hours?: number;
  /** Account behind the key. */
  readonly uid?: string;
  /** Changes an answer on its way. */
  readonly reply?: (request: { readonly path: string; readonly query: string }, body: string) => string;
  /** Changes a frame on its way; null = it is lost. */
  readonly frame?: (text: string) => string | null;
};

/** A twentieth of the standard spacing: a position is soon open, and open again. */
export function denseGrid(config: Config): Config {
  return { ...config, strategy: { ...config.strategy, grid_atr_multiple: 0.1 } };
}
/** Losses must not end the trading of a test that lasts for hours. */
function patient(config: Config): Config {
  const safety = {
    ...config.safety,
    daily_loss_cap_pct: 50,
    weekly_loss_cap_pct: 50,
    loss_streak_day: 90,
    loss_streak_cooldown: 99,
  };
  return { ...denseGrid(config), safety };
}

/** The whole bot in virtual time before the fake venue, with the machine in the test's hands. */
export class WholeBot {
  readonly platform: VirtualPlatform;
  readonly venue: Venue;
  readonly alerts: IntentOf<"Alert">[] = [];
  readonly journaled: JournalLine[] = [];
  readonly requests: VenueLogEntry[] = [];
  readonly refusals: string[] = [];
  /** What the first start of this process's memory said. */
  remembered: readonly string[] = [];
  /** What is wrong with the disk now. */
  trouble: DiskTrouble | null = null;
  state: Guarded | null = null;
  readonly #config;
  #bot: BotProcess | null = null;
  #ended = 0;

  constructor(options: WholeBotOptions = {}) {
    const loaded = loadConfig({
      readText: (path) => Deno.readTextFileSync(path),
      path: "config/testnet_scenarios.yaml",
    });
    if (loaded.kind === "errors") throw new Error(loaded.errors.join("; "));
    this.#config = (options.tune ?? patient)(loaded.config);
    const end = START + (options.hours ?? HOURS) * 3_600_000;
    const recording = readRecording(DATA, Deno.readFileSync(DATA));
    const feed = createMarketFeed({ recording, seed: SEED, market: "normal", from: START, to: end });
    const { reply, frame } = options;
    const made: Venue[] = [];
    this.platform = createVirtualPlatform({
      seed: SEED,
      startAt: START,
      connectVenue: (clock) => {
        const account = { key: KEY, secret: SECRET, uid: options.uid ?? "100000001", walletBtc: WALLET_BTC };
        const venue = createVenue({
          signer: simulatedSigner,
          seed: SEED,
          clock,
          feed,
          account,
          onLog: (entry) => this.requests.push(entry),
        });
        made.push(venue);
        return {
          connect: (path, peer) =>
            venue.connect(path, {
              send(text, channel) {
                const sent = frame === undefined ? text : frame(text);
                if (sent !== null) peer.send(sent, channel);
              },
              close: (reason) => peer.close(reason),
            }),
          rest(request) {
            const answer = venue.rest(request);
            return reply === undefined ? answer : { ...answer, body: reply(request, answer.body) };
          },
        };
      },
      onProcessDown: () => void (this.#ended += 1),
      onCrash: (error) => {
        throw error;
      },
    });
    const [venue] = made;
    if (venue === undefined) throw new Error("The platform did not connect the venue");
    this.venue = venue;
    venue.start();
    this.boot();
  }

  get now(): number {
    return this.platform.clock.now();
  }

  boot(): void {
    const process = this.platform.newProcess();
    process.enter(() => {
      const platform = {
        clock: process.clock,
        http: process.http,
        sockets: process.sockets,
        random: process.random,
        signer: (secret: string) => process.signer(secret),
        files: troubledFiles(process.files, () => this.trouble),
      };
      const place = { platform, config: this.#config, build: SIMULATED_BUILD, dataDir: "data" };
      const remembered = remember(place);
      this.remembered = remembered.lines;
      this.#bot = startBot({
        ...place,
        remembered,
        key: KEY,
        secret: SECRET,
        observe: false,
        pack: null,
        wireLog: null,
        sinks: () => ({
          alert: (alert) => void this.alerts.push(alert),
          record: () => undefined,
          answer: () => undefined,
          check: () => undefined,
          refuseStart: (intent) => void this.refusals.push(intent.line),
          observed: () => undefined,
        }),
        onRefused: (line) => void this.refusals.push(line),
        afterStep: (_, state) => void (this.state = state),
        onJournaled: (line) => void this.journaled.push(line),
      });
    });
  }

  run(ms: number): void {
    this.platform.run(this.now + ms);
  }

  /** Runs until it holds, at most so long; says what it waited for when it does not come. */
  until(what: string, holds: () => boolean, atMostMs = 3 * 3_600_000): void {
    const end = this.now + atMostMs;
    while (!holds()) {
      if (this.now >= end) {
        const blocks = this.state?.bot.blocks.map(({ reason, until }) => `${reason} until ${until}`) ?? [];
        throw new Error(`waited in vain for ${what}: ${this.word} in ${this.phase}; ${blocks} at ${this.now}`);
      }
      this.run(1_000);
    }
  }

  get word(): string {
    return this.state === null ? "-" : publicWord(this.state.bot);
  }
  get phase(): string {
    return this.state?.bot.phase.kind ?? "-";
  }
  get halt(): string | null {
    return this.state?.bot.halt?.reason ?? null;
  }

  /** The operator's `abot reset` and `abot close`. */
  reset(): void {
    this.#operate("reset");
  }
  close(): void {
    this.#operate("close");
  }
  #operate(command: "reset" | "close"): void {
    const bot = this.#bot;
    if (bot === null) return;
    const at = bot.serverNow();
    bot.submit({ kind: "OperatorCommand", at, id: `${command}-${at}`, command, reason: "test", accept: true });
  }
  /** The process ends without a word; files and what is at the venue stay. */
  kill(): void {
    const before = this.#ended;
    this.platform.inject("process_kill");
    this.until("the end of the process", () => this.#ended > before);
    this.state = null;
  }

  /** The disk in a hand of its own, beside any process. */
  disk(): FileSeam {
    return this.platform.disk.view({ alive: () => true, later: (act) => act(), onWrite: () => undefined });
  }
  backup(): ReadonlyMap<string, Uint8Array> {
    const { disk } = this.platform;
    return new Map(disk.paths().map((path) => [path, disk.bytes(path)]));
  }
  restore(files: ReadonlyMap<string, Uint8Array>): void {
    const disk = this.disk();
    for (const path of this.platform.disk.paths()) disk.remove(path);
    for (const [path, bytes] of files) disk.writeAtomic(path, bytes);
  }

  /** Contracts the venue holds that no live reduce-only trigger order of the right side covers. */
  uncovered(): number {
    const { side, size, orders } = this.venue.control.state();
    if (size === 0) return 0;
    const stops = orders.filter((order) =>
      order.reduceOnly && order.triggerPrice > 0 && order.side !== side && order.status === "Untriggered"
    );
    const covered = stops.some((order) => order.closesAll) ? size : Math.max(0, ...stops.map((one) => one.leavesQty));
    return Math.max(0, size - covered);
  }
}
