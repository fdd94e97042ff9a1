import { simulatedSigner } from "../../infrastructure/platform/virtual/signer.ts";
import type { Guarded } from "../../application/guardian/guardian.ts";
import type { Sinks } from "../../application/engine/ports.ts";
import { publicWord } from "../../application/transition/mod.ts";
import { SIMULATED_BUILD } from "../../build_info.ts";
import type { Config } from "../../domain/limits.ts";
import type { JournalRecord, PublicWord } from "../../domain/records.ts";
import type { Recording } from "../../infrastructure/market_data/recording.ts";
import { createMarketFeed } from "../../infrastructure/exchange/fake_exchange/market/market_feed.ts";
import {
  createVenue,
  type MarketFeed,
  type Venue,
  type VenueLogEntry,
} from "../../infrastructure/exchange/fake_exchange/mod.ts";
import type { MatchingRule } from "../../infrastructure/exchange/fake_exchange/matching_rule.ts";
import type { Switches } from "../../infrastructure/exchange/fake_exchange/switches.ts";
import { drawFaults, type FaultPreset, type FaultSet } from "./fault_presets.ts";
import type { FiredFault } from "../../infrastructure/platform/virtual/faults.ts";
import {
  createVirtualPlatform,
  type ProcessEnd,
  type VirtualPlatform,
  type VirtualProcess,
} from "../../infrastructure/platform/virtual/mod.ts";
import { type BotProcess, startBot } from "../bot_process.ts";
import type { Journal } from "../../infrastructure/storage/journal/journal.ts";
import { remember, type Remembered } from "../memory.ts";
import { Observer } from "../../observer/mod.ts";
import type { JournalLine } from "../../observer/types.ts";
import { SimFigures, type SimTotals } from "./figures.ts";
import { isMoment, type WideOptions, WideRun, type WorldNumber } from "./wide_world.ts";

export type WorldOptions = {
  readonly recording: Recording;
  readonly seed: number;
  readonly market: "normal" | "thin";
  readonly faults: FaultPreset;
  readonly config: Config;
  /** What the account holds at the start, USD at the first price. */
  readonly walletUsd: number;
  /** 1 unless given: what is drawn of a seed stays what it was. */
  readonly world?: WorldNumber;
  readonly from?: number;
  readonly to?: number;
  /** Receives every file the bot wrote, once it is complete; without it old days are dropped. */
  readonly keepFile?: (path: string, bytes: Uint8Array) => void;
  /** The first process dies right before its n-th write or send (crash tests). */
  readonly dieAtEffect?: number;
  /** Receives every frame and reply, as `abot --wire-log DIR` writes them. */
  readonly wireLog?: (line: string) => void;
  /** What a live bot writes beside its journal, beside the simulated machine: what is done there changes no run. */
  readonly outlets?: Outlets;
  /** What the venue does where it would draw, and draws by (seed, order, point): for a run that another can repeat. */
  readonly venue?: { readonly switches: Partial<Switches>; readonly matching: MatchingRule };
  /** Called with every record as the bot hands it out. */
  readonly onRecord?: (record: JournalRecord) => void;
  /** Called once a simulated hour. */
  readonly onProgress?: (progress: Progress) => void;
};
/** Takes what a live bot's sinks take, from one process after another. */
export type Outlets = {
  /** What a crash kept from the files beside the journal; before `sinks`. */
  readonly remembered: (records: Remembered["records"]) => void;
  readonly sinks: (journal: Journal) => Sinks;
  readonly step: (state: Guarded) => void;
  readonly down: () => void;
};
export type Progress = {
  readonly at: number;
  readonly startAt: number;
  readonly endAt: number;
  /** USD. */
  readonly price: number;
  readonly equityUsd: number;
  readonly word: PublicWord;
};
export type WorldResult = SimTotals & {
  readonly startAt: number;
  readonly endAt: number;
  readonly faults: Readonly<Record<string, number>>;
  readonly switches: Readonly<Record<string, string | number | boolean>>;
  readonly finalWord: PublicWord | "REFUSED" | "DOWN";
  readonly crashes: readonly string[];
  readonly refusals: readonly string[];
  readonly journalHead: string;
  /** Writes and sends of the last process. */
  readonly effects: number;
  readonly observer: Observer;
};

const KEY = "sim-key";
const SECRET = "sim-secret";
const DATA_DIR = "data";
const UID = "100000001";
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
/** Faults stay clear of the boot and of the end, so that both can be judged (liveness: 15 min after the last). */
const CALM_START_MS = 20 * MINUTE_MS;
const CALM_END_MS = 40 * MINUTE_MS;
/** The unit restarts at once (F-13.3); a machine that lost power takes longer. */
const RESTART_MS = 1_500;
const REBOOT_MS = 40_000;
const OPERATOR_RESETS_AFTER_MS = 20 * MINUTE_MS;

/** Runs the whole bot against the fake venue in virtual time, and judges it by the venue's log and the bot's journal. */
export function runWorld(options: WorldOptions): WorldResult {
  return new World(options).run();
}

class World {
  readonly #options: WorldOptions;
  readonly #config: Config;
  readonly #feed: MarketFeed;
  readonly #set: FaultSet;
  readonly #wide: WideRun | null;
  readonly #observer: Observer;
  readonly #ledger = new SimFigures();
  readonly #platform: VirtualPlatform;
  readonly #venue: Venue;
  readonly #crashes: string[] = [];
  readonly #refusals: string[] = [];
  #process: VirtualProcess | null = null;
  #bot: BotProcess | null = null;
  #head = "";
  #word: PublicWord = "COOLDOWN";
  #throwNext = false;
  #haltsSeen = 0;

  constructor(options: WorldOptions) {
    this.#options = options;
    const { recording, seed, market, config } = options;
    // Simulated days are dropped once two newer snapshots cover them: memory stays flat in the length of the run.
    this.#config = { ...config, runtime: { ...config.runtime, journal_retention_days: 0 } };
    this.#feed = createMarketFeed({
      recording,
      seed,
      market,
      ...(options.venue === undefined ? {} : { draws: "keyed" as const }),
      ...(options.from === undefined ? {} : { from: options.from }),
      ...(options.to === undefined ? {} : { to: options.to }),
    });
    const window = { fromMs: this.#feed.startAt + CALM_START_MS, untilMs: this.#feed.endAt - CALM_END_MS };
    this.#set = drawFaults({ preset: options.faults, seed, ...window });
    this.#wide = options.world === 2 ? this.#newWide(window) : null;
    const lagMs = this.#wide?.drawn.lagMs ?? 0;
    this.#observer = new Observer({ seed, capitalUsd: config.goal.capital_usd, lagMs });
    const made: Venue[] = [];
    this.#platform = createVirtualPlatform({
      seed,
      startAt: this.#feed.startAt,
      faults: this.#set.platform,
      ...(this.#wide === null || this.#wide.drawn.latency === null ? {} : { latency: this.#wide.drawn.latency }),
      connectVenue: (clock) => {
        const venue = createVenue({
          signer: simulatedSigner,
          seed,
          clock,
          feed: this.#feed,
          account: { key: KEY, secret: SECRET, uid: UID, walletBtc: this.#walletBtc() },
          faults: this.#set.venue,
          onLog: (entry) => this.#onVenue(entry),
          ...options.venue,
        });
        made.push(venue);
        return this.#wide?.wrap(venue, clock) ?? venue;
      },
      onFault: (fault) => this.#onFault(fault),
      onProcessDown: (_, cause) => this.#onDown(cause),
      onCrash: (error) => this.#onCrash(error),
      onCoreThrow: () => this.#throwSoon(),
    });
    const [venue] = made;
    if (venue === undefined) throw new Error("The platform did not connect the venue");
    this.#venue = venue;
    this.#platform.disk.onRemove = options.keepFile ?? null;
  }

  run(): WorldResult {
    const { startAt, endAt } = this.#feed;
    this.#venue.start();
    this.#boot();
    this.#wide?.start(this.#venue, this.#platform);
    for (const staged of this.#set.staged) this.#platform.clock.at(staged.atMs, () => this.#fire(staged));
    this.#sample();
    for (let until = startAt + HOUR_MS;; until += HOUR_MS) {
      this.#advance(Math.min(until, endAt));
      this.#sample();
      if (until >= endAt) break;
    }
    this.#observer.finish(endAt);
    this.#keepFiles();
    const word = this.#refusals.length > 0 ? "REFUSED" : this.#process?.alive() === true ? this.#word : "DOWN";
    const result: WorldResult = {
      ...this.#ledger.totals(),
      startAt,
      endAt,
      faults: { ...this.#venue.faultCounts(), ...this.#platform.faultCounts, ...this.#wide?.counts },
      switches: {
        ...this.#venue.switchesDrawn,
        ...(this.#wide === null ? {} : { latency: this.#wide.drawn.latencyName }),
      },
      finalWord: word,
      crashes: this.#crashes,
      refusals: this.#refusals,
      journalHead: this.#bot?.journal()?.head() ?? this.#head,
      effects: this.#process?.effects() ?? 0,
      observer: this.#observer,
    };
    return result;
  }

  #newWide(window: { readonly fromMs: number; readonly untilMs: number }): WideRun {
    const { seed, faults } = this.#options;
    const onFault: WideOptions["onFault"] = (fault, cutsOff) =>
      this.#observer.onWorld({ kind: "fault", ...fault, cutsOff });
    return new WideRun({ seed, preset: faults, ...window, onFault });
  }

  #keepFiles(): void {
    const { keepFile } = this.#options;
    if (keepFile === undefined) return;
    const { disk } = this.#platform;
    for (const path of disk.paths()) keepFile(path, disk.bytes(path));
  }

  #advance(until: number): void {
    while (this.#platform.clock.now() < until) {
      this.#platform.run(until, () => this.#observer.wantsProbe);
      if (this.#observer.wantsProbe) this.#observer.probe(this.#venue.fork());
    }
  }

  #walletBtc(): string {
    const { bars } = this.#options.recording;
    const minute = Math.max(0, Math.round((this.#feed.startAt - bars.firstAt) / MINUTE_MS));
    const price = (bars.open[minute] ?? 0) / 100;
    return (Math.floor(this.#options.walletUsd / price * 1e8) / 1e8).toFixed(8);
  }

  /** A start that finds the disk full ends, as the program does with one line, and is tried again: not a crash (F-11.3). */
  #onCrash(error: unknown): void {
    const text = error instanceof Error ? error.stack ?? error.message : String(error);
    const running = (this.#bot?.state() ?? null) !== null;
    if (running || !text.includes("No space left on device")) this.#crashes.push(text);
  }

  #boot(): void {
    const first = this.#process === null;
    const process = this.#process = this.#platform.newProcess();
    const { dieAtEffect } = this.#options;
    if (first && dieAtEffect !== undefined) process.dieAtEffect(dieAtEffect);
    process.enter(() => {
      const place = { platform: process, dataDir: DATA_DIR, config: this.#config, build: SIMULATED_BUILD };
      const remembered = remember(place);
      this.#options.outlets?.remembered(remembered.records);
      this.#bot = startBot({
        ...place,
        remembered,
        key: KEY,
        secret: SECRET,
        observe: false,
        pack: null,
        wireLog: this.#options.wireLog ?? null,
        sinks: (journal) => this.#sinks(this.#options.outlets?.sinks(journal) ?? null),
        onRefused: (line) => this.#refuse(line),
        afterStep: (_, state) => this.#afterStep(state),
        onJournaled: (line) => this.#onJournal(line),
      });
    });
  }
  #sinks(outlet: Sinks | null): Sinks {
    // What a killed process still does in its last task reaches no file.
    const told = () => (this.#process?.alive() === true ? outlet : null);
    return {
      alert: (intent, at) => {
        this.#ledger.alert();
        told()?.alert(intent, at);
      },
      record: (record, seq) => {
        this.#ledger.record(record);
        this.#options.onRecord?.(record);
        told()?.record(record, seq);
      },
      answer: ({ ok }) => ok ? undefined : this.#resetLater(),
      check: () => undefined,
      refuseStart: (intent) => this.#refuse(`${intent.check}: ${intent.line}`),
      observed: () => undefined,
    };
  }
  #refuse(line: string): void {
    this.#refusals.push(line);
    this.#bot?.stop();
  }

  #afterStep(state: Guarded): void {
    this.#ledger.step();
    this.#word = publicWord(state.bot);
    this.#options.outlets?.step(state);
  }
  #onJournal(line: JournalLine): void {
    // A killed process runs to the end of its task; what it thinks it wrote may not be in the file.
    if (this.#process?.alive() !== true) return this.#observer.onDyingJournal(line);
    this.#observer.onJournal(line);
    const { halts } = this.#observer;
    if (halts.length === this.#haltsSeen) return;
    this.#haltsSeen = halts.length;
    if (this.#options.faults === "halting") this.#resetLater();
  }
  #onVenue(entry: VenueLogEntry): void {
    this.#observer.onVenue(entry);
    if (this.#wide !== null && isMoment(entry)) this.#wide.moment(entry.at);
  }
  #onFault(fault: FiredFault): void {
    // Neither a cut line nor a machine asleep lets the bot act.
    const cutsOff = fault.name === "network_outage" || fault.name === "suspend";
    const { at, name, untilMs, detail } = fault;
    this.#observer.onWorld({ kind: "fault", at, name, untilMs, cutsOff, detail });
  }

  #onDown(cause: ProcessEnd): void {
    const at = this.#platform.clock.now();
    this.#head = this.#bot?.journal()?.head() ?? this.#head;
    this.#bot = null;
    this.#options.outlets?.down();
    this.#observer.onWorld({ kind: "process", at, state: "down", cause });
    if (this.#refusals.length > 0 || at >= this.#feed.endAt) return;
    this.#platform.clock.at(at + (cause === "power_loss" ? REBOOT_MS : RESTART_MS), () => {
      const upAt = this.#platform.clock.now();
      this.#observer.onWorld({ kind: "process", at: upAt, state: "up", cause });
      this.#wide?.moment(upAt);
      this.#boot();
    });
  }

  /** Runs on the process's own time: a suspended process sees it when it wakes. */
  #inProcess(act: (bot: BotProcess) => void): void {
    this.#process?.clock.after(0, () => {
      if (this.#bot !== null) act(this.#bot);
    });
  }
  /** The operator comes some minutes after a HALT, and again after a refusal or when no process was there. */
  #resetLater(): void {
    this.#platform.clock.at(this.#platform.clock.now() + OPERATOR_RESETS_AFTER_MS, () => this.#reset());
  }
  #reset(): void {
    if (this.#word !== "HALT") return;
    if (this.#bot === null) return this.#resetLater();
    this.#inProcess((bot) => {
      const at = bot.serverNow();
      this.#observer.onWorld({ kind: "operator", at: this.#platform.clock.now(), command: "reset" });
      bot.submit({
        kind: "OperatorCommand",
        at,
        id: `reset-${at}`,
        command: "reset",
        reason: "simulated operator",
        accept: true,
      });
    });
  }
  /** An event whose content throws when the core looks at it (F-11.8). */
  #throwSoon(): void {
    this.#throwNext = true;
    this.#inProcess((bot) => {
      if (!this.#throwNext) return;
      this.#throwNext = false;
      bot.submit({
        kind: "Tick",
        at: bot.serverNow(),
        get vitals(): never {
          throw new Error("injected: the core throws");
        },
      });
    });
  }
  #fire(staged: FaultSet["staged"][number]): void {
    if (staged.where === "venue") {
      for (let left = staged.count; left > 0; left--) this.#venue.control.injectFault(staged.name);
      return;
    }
    const how = staged.durationMs === null ? {} : { durationMs: staged.durationMs };
    this.#platform.inject(staged.name, { ...how, count: staged.count });
  }

  #sample(): void {
    const state = this.#venue.control.state();
    const price = state.last / 100;
    const equityUsd = state.equitySat / 1e8 * state.mark / 100;
    const at = this.#platform.clock.now();
    this.#ledger.sample({ at, price, equityUsd, equitySat: state.equitySat });
    const { startAt, endAt } = this.#feed;
    this.#options.onProgress?.({ at, startAt, endAt, price, equityUsd, word: this.#word });
  }
}
