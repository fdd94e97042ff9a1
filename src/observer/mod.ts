import { nextInt, type RandomState, randomStream } from "../common/random.ts";
import type { TradeRecord } from "../domain/records.ts";
import type { VenueFork } from "../infrastructure/exchange/fake_exchange/types.ts";
import type { LogOrder, VenueLogEntry } from "../infrastructure/exchange/fake_exchange/venue_log.ts";
import { CauseWatch } from "./journal/causes.ts";
import { BlockWatch, PASSING_BLOCKS } from "./journal/blocks.ts";
import { CoverageCounter } from "./journal/coverage.ts";
import { JournalWatch, type LidEntry } from "./journal/journal.ts";
import { ResetWatch } from "./journal/resets.ts";
import type { JournalLine, ObserverFigures, Violation, WorldEntry } from "./types.ts";
import { EvidenceWatch } from "./venue/evidence.ts";
import { MoneyWatch, type VenueTrade, walletChangeOf } from "./venue/money.ts";
import { probeFork } from "./venue/probe.ts";
import { isEntry, ProtectionWatch } from "./venue/protection.ts";
import { RequestWatch } from "./venue/requests.ts";

export type ObserverOptions = {
  readonly seed: number;
  /** `capital_usd` of the run; null = the whole wallet (P-1). */
  readonly capitalUsd: number | null;
  /** What a frame and a request together may take longer than the usual 200 and 250 ms one way. */
  readonly lagMs?: number;
};

/** F-4.3, F-4.5: bot and venue agree again this long after the last fault. */
const AGREE_MS = 60_000;

/** Issue "fake venue", liveness. */
const LIVE_MS = 15 * 60_000;

/** A request already decided when a lid fell: at most one timeout (P-8 `rest_timeout_s` 5) and one tick on its way. */
const UNDERWAY_MS = 6_000;

/** P-1: a record is written after 10 s without news; a restart and one reconcile of 30 s on top. */
const RECORD_MS = 90_000;

/** F-7.16: an external flow is known within 60 s, two wallet reads of 15 s on top. */
const FLOW_MS = 90_000;

/** P-13 counts in satoshi, from venue strings of 8 decimals: exact but for the last bit of a double. */
const EXACT_SAT = 1e-6;

/** The bot counts average entries in whole cents. */
const ROUNDED_CENTS = 1.5;
/** Modelled slippage of a market order, of the value closed, in an orderly market. */
const SLIPPAGE = 0.01;

/** A step of the market, or a distance of last or book from mark, beyond this is a gap: the loss is not the bot's. */
const GAP = 0.005;

const FAR_FROM_MARK = 0.01;

/** A trade unprotected longer than a re-placement takes lost control of its price; F-2.1 is judged apart. */
const CONTROL_MS = 2_000;

/** Entry: 60 s timeout, 5 s confirmation, three recoveries (F-6.6). Exit: 60 s a time, HALT after three (F-6.5). */
const PHASE_MS = 5 * 60_000;

/** P-4: an evaluation is recorded once a minute. */
const EVALUATION_MS = 5 * 60_000;

const PROBE_EVERY_MS = { from: 5 * 60_000, to: 40 * 60_000 };

/**
 * Judges a run from the venue's own log, the bot's journal, and what the runner did to the world; never from the bot's
 * memory. Streaming: it keeps what is open, not what was. Entries come in order of time per source, and each source is
 * fed as it happens.
 */
export class Observer {
  readonly violations: Violation[] = [];
  readonly #protection: ProtectionWatch;
  readonly #requests: RequestWatch;
  readonly #money: MoneyWatch;
  readonly #journal: JournalWatch;
  readonly #evidence = new EvidenceWatch();
  readonly #causes: CauseWatch;
  readonly #coverage = new CoverageCounter();
  readonly #resets: ResetWatch;
  readonly #blocks: BlockWatch;
  readonly #random: RandomState;
  readonly #lagMs: number;
  #now = 0;
  #down = false;
  #upSince = 0;
  #lidAt: number | null = null;
  #executedAt = -Infinity;
  #disagreeSaid = false;
  #ledgerJudgedAt = -Infinity;
  #ledgerSaid = false;
  #moneyFalse = false;
  #probeAt = 0;
  #wantsProbe = false;

  constructor(options: ObserverOptions) {
    const say = (violation: Violation) => {
      this.violations.push(violation);
    };
    const lagMs = options.lagMs ?? 0;
    this.#lagMs = lagMs;
    this.#causes = new CauseWatch(this.#evidence, lagMs);
    this.#protection = new ProtectionWatch(say, lagMs);
    this.#requests = new RequestWatch(say, lagMs);
    this.#money = new MoneyWatch(options.capitalUsd);
    this.#journal = new JournalWatch(say, (trade) => this.#trade(trade));
    this.#resets = new ResetWatch(say);
    this.#blocks = new BlockWatch(say);
    this.#random = randomStream(options.seed, "observer");
  }

  get halts(): readonly LidEntry[] {
    return this.#journal.halts;
  }
  get cooldowns(): readonly LidEntry[] {
    return this.#journal.cooldowns;
  }
  /** How often each row of F-1.10 … F-1.29 and each refusal code of P-4 was reached. */
  get coverage(): Readonly<Record<string, number>> {
    return this.#coverage.counts;
  }
  /** How many of the operator's resets were followed by what. */
  get resets(): Readonly<Record<string, number>> {
    return this.#resets.counts;
  }
  get figures(): ObserverFigures {
    return {
      nakedMsMax: this.#protection.nakedMsMax,
      nakedMsTotal: this.#protection.nakedMsTotal,
      positionMsTotal: this.#protection.positionMsTotal,
      uncoveredMsMax: this.#protection.uncoveredMsMax,
      ordersSent: this.#requests.ordersSent,
      restCallsPerMinMax: this.#requests.callsPerMinuteMax,
    };
  }
  /** True when the counterfactual probe wants a fork now; asked between two virtual events, answered by `probe`. */
  get wantsProbe(): boolean {
    return this.#wantsProbe;
  }

  onVenue(entry: VenueLogEntry): void {
    this.#now = Math.max(this.#now, entry.at);
    this.#protection.on(entry);
    switch (entry.kind) {
      case "start":
        return this.#money.start(entry.walletSat);
      case "price":
        this.#money.onPrice(entry);
        this.#evidence.onPrice(entry);
        return this.#quiet(entry.at);
      case "request":
        this.#evidence.onRequest(entry);
        return this.#requests.onRequest(entry, this.#protection.uncovered);
      case "order":
        return this.#order(entry);
      case "execution":
        this.#executedAt = entry.at;
        this.#evidence.onExecution(entry);
        if (entry.owner !== "bot" && entry.execType !== "Funding") this.#requests.foreignChange(entry.at);
        return this.#money.onExecution(entry);
      case "position":
        this.#evidence.onPosition(entry);
        return this.#money.onPosition(entry, this.#protection.closedUncoveredMs);
      case "wallet":
        this.#evidence.onWallet(entry);
        return this.#money.onWallet(entry);
      case "fault":
        if (entry.detail === "wallet") this.#evidence.walletLost(entry.at);
        return this.#causes.fault({ name: entry.name, at: entry.at, until: entry.untilMs ?? entry.at });
      case "session":
        return;
      default: {
        const never: never = entry;
        return never;
      }
    }
  }

  onWorld(entry: WorldEntry): void {
    this.#now = Math.max(this.#now, entry.at);
    if (entry.kind === "operator") {
      if (entry.command === "reset") this.#resets.given(entry.at);
      return this.#causes.operator(entry.at);
    }
    if (entry.kind === "process") {
      this.#down = entry.state === "down";
      this.#upSince = entry.at;
      this.#protection.process(entry.state, entry.at);
      if (entry.state === "up") {
        this.#journal.restarted();
        this.#resets.heldUp(entry.at);
      } else {
        this.#requests.processEnded();
        this.#resets.processEnded();
      }
      this.#causes.fault({ name: entry.cause, at: entry.at, until: entry.at });
      return;
    }
    const until = entry.untilMs ?? entry.at;
    this.#causes.fault({ name: entry.name, at: entry.at, until });
    if (entry.detail?.includes("/wallet-balance") === true) this.#evidence.walletLost(entry.at);
    if (entry.name === "core_throw") this.#requests.coreFault();
    if (entry.name === "rest_delay") this.#requests.heldUp(entry.at);
    if (entry.name === "false_frame") this.#deceived(entry.detail ?? "");
    if (entry.name === "suspend") this.#resets.heldUp(until);
    if (entry.name === "frame_dropped" && entry.detail === "private order") this.#protection.orderMessageLost();
    if (entry.cutsOff) this.#protection.cutOff(entry.at, until);
  }

  /** A line of a process that was killed within the task that wrote it. */
  onDyingJournal(line: JournalLine): void {
    this.#journal.onDying(line);
  }
  onJournal(line: JournalLine): void {
    const haltsBefore = this.#journal.halts.length;
    const cooldownsBefore = this.#journal.cooldowns.length;
    this.#journal.on(line);
    for (const lid of this.#journal.cooldowns.slice(cooldownsBefore)) this.#blocks.cooldown(lid);
    this.#coverage.on(line);
    if (this.#resets.wants(line)) {
      const { word, phase, blocks } = this.#journal;
      const calmMs = this.#now - Math.max(this.#causes.lastFaultEnd, this.#executedAt, this.#upSince);
      this.#resets.on(line, { at: this.#now, calmMs, word, phase, banned: blocks.has("ip_banned") });
    }
    const lid = this.#journal.word === "HALT" || this.#journal.word === "COOLDOWN";
    if (!lid) this.#lidAt = null;
    else this.#lidAt ??= this.#now;
    this.#protection.halted = this.#journal.word === "HALT";
    if (this.#journal.halts.length === haltsBefore) return;
    for (const halt of this.#journal.halts.slice(haltsBefore)) {
      const fault = this.#causes.judge(halt.reason, this.#now);
      if (fault === null) continue;
      this.#say({ check: "halt_cause", rule: "F-1.2", at: this.#now, detail: `HALT ${halt.reason}: ${fault}` });
    }
  }

  /** Answers `wantsProbe`. */
  probe(fork: VenueFork): void {
    this.#wantsProbe = false;
    if (!this.#protection.isCovered() || this.#protection.entryWorking()) return;
    const open = this.#money.open;
    const own = open !== null && !open.foreign && !open.turned;
    // What a gap of the market took before is not what the stop will lose (P-7; `#loss` judges the whole trade).
    const orderly = own && open.maxGap <= FAR_FROM_MARK && open.maxStep <= GAP;
    const fault = probeFork(fork, {
      budgetSat: own ? open.budgetSat : null,
      realisedSat: orderly ? open.tradedSat : 0,
    });
    if (fault !== null) this.#say({ check: "probe", rule: "P-7", at: this.#now, detail: fault });
  }

  /** Judges what only the end shows. Called once. */
  finish(atMs: number): readonly Violation[] {
    this.#now = Math.max(this.#now, atMs);
    this.#resets.finish();
    if (!this.#down) {
      this.#agreement(this.#now);
      this.#liveness(this.#now);
      this.#ledger(this.#now);
    }
    return this.violations;
  }

  /** What the bot books of an execution that never was is no figure of the venue's: money is judged no more. */
  #deceived(execId: string): void {
    this.#journal.lie(execId);
    this.#ledgerSaid = true;
    this.#moneyFalse = true;
  }

  #say(violation: Violation): void {
    this.violations.push(violation);
  }

  #order(order: LogOrder): void {
    this.#evidence.onOrder(order);
    this.#requests.onCreated(order, { live: this.#protection.live.values(), size: this.#protection.size });
    this.#money.onOrder(order);
    if (order.cause !== "created" || !isEntry(order)) return;
    this.#blocks.entry(order.orderLinkId, order.at);
    if (this.#lidAt === null) return;
    if (order.at - this.#lidAt <= UNDERWAY_MS + this.#lagMs) return;
    const detail = `${order.orderLinkId} reached the venue ${order.at - this.#lidAt} ms into ${this.#journal.word}`;
    this.#say({ check: "forbidden_entry", rule: "F-10.9", at: order.at, detail });
  }

  /** What is judged while time passes: after quiet, bot and venue agree and the books balance; now and then a probe. */
  #quiet(at: number): void {
    if (this.#protection.size > 0 && (this.#protection.justCovered || at >= this.#probeAt)) {
      this.#protection.justCovered = false;
      this.#probeAt = at + nextInt(this.#random, PROBE_EVERY_MS);
      this.#wantsProbe = true;
    }
    this.#resets.quiet(at, { down: this.#down, phase: this.#journal.phase });
    if (this.#down) return;
    this.#agreement(at);
    if (at - this.#money.movedAt >= RECORD_MS && this.#ledgerJudgedAt <= this.#money.movedAt) this.#ledger(at);
  }

  #isQuiet(at: number, ms: number): boolean {
    return at - this.#causes.lastFaultEnd >= ms && at - this.#executedAt >= ms && at - this.#upSince >= ms;
  }

  #agreement(at: number): void {
    if (!this.#isQuiet(at, AGREE_MS) || this.#journal.lastAt === 0) return;
    const { size, side } = this.#protection;
    const signed = side === "Sell" ? -size : size;
    const holds = this.#journal.phase === "position" || this.#journal.phase === "exit";
    const agree = holds === (size > 0) && this.#journal.net === signed;
    if (agree) this.#disagreeSaid = false;
    // F-4.3: what a false frame added is kept under HALT until a person looks.
    const kept = this.#moneyFalse && this.#journal.word === "HALT";
    if (agree || kept || this.#disagreeSaid) return;
    this.#disagreeSaid = true;
    const detail = `venue holds ${signed}, journal ${this.#journal.net} in phase ${this.#journal.phase}`;
    this.#say({ check: "disagreement", rule: "F-4.3", at, detail });
  }

  #trade(trade: TradeRecord): void {
    const booked = this.#money.claim(trade.fills.map((fill) => fill.exec_id));
    if (booked === null || this.#moneyFalse) return;
    this.#loss(trade, booked);
    if (booked.foreign || booked.turned) return;
    this.#cover(trade, booked);
    this.#trigger(trade, booked);
  }

  /** F-2.1: between a fill and its stop being shown lies a request; who counts none relied on what it sent. */
  #cover(trade: TradeRecord, booked: VenueTrade): void {
    if (trade.uncovered_ms > 0 || booked.uncoveredMs === 0) return;
    const detail = `${trade.trade_id} counts no uncovered time, the venue had ${booked.uncoveredMs} ms`;
    this.#say({ check: "cover_unshown", rule: "F-2.1", at: this.#now, detail });
  }

  /** F-5.2: entry × (1 ∓ d), on the tick towards the entry; average entries move while the entry fills. */
  #trigger(trade: TradeRecord, booked: VenueTrade): void {
    const { farthestTrigger, leastEntry, mostEntry } = booked;
    if (farthestTrigger === null) return;
    const share = trade.stop_distance_pct / 100;
    const long = trade.direction === "long";
    const limit = long ? leastEntry * (1 - share) : mostEntry * (1 + share);
    const beyond = long ? limit - farthestTrigger : farthestTrigger - limit;
    if (beyond <= ROUNDED_CENTS) return;
    const detail = `${trade.trade_id} had a stop ${beyond.toFixed(1)} cents beyond ${limit.toFixed(1)}`;
    this.#say({ check: "unsafe_trigger", rule: "F-5.2", at: this.#now, detail });
  }

  /** Fees in, funding out (P-7 budgets price and fees). */
  #loss(trade: TradeRecord, booked: VenueTrade): void {
    if (booked.foreign || booked.turned) return;
    if (booked.maxGap > FAR_FROM_MARK || booked.uncoveredMs > CONTROL_MS + this.#lagMs) return;
    const slippage = trade.exit_price_avg > 0 ? trade.contracts * 1e8 * SLIPPAGE / trade.exit_price_avg : 0;
    const step = booked.maxStep > GAP ? trade.contracts * 1e8 * booked.maxStep / trade.exit_price_avg : 0;
    if (-booked.tradedSat <= booked.budgetSat + slippage + step) return;
    const detail = `${trade.trade_id} lost ${-booked.tradedSat} sat against a budget of ${booked.budgetSat} + ` +
      `${Math.round(slippage + step)} slippage (${trade.exit_reason})`;
    this.#say({ check: "trade_loss", rule: "P-7", at: this.#now, detail });
  }

  /** Σ net_pnl of trades + what the open trade has realised + external flows = wallet change, exactly. */
  #ledger(at: number): void {
    const money = this.#money;
    const since = Math.max(money.movedAt, this.#upSince, this.#protection.reachableSince);
    if (at - since < RECORD_MS || this.#ledgerSaid) return;
    this.#ledgerJudgedAt = at;
    if (money.open !== null && money.open.turned) return;
    const open = money.open === null ? 0 : walletChangeOf(money.open);
    const known = at - money.externalAt >= FLOW_MS;
    const external = known ? this.#journal.externalPico / 10_000 : money.externalSat;
    const wallet = money.walletSat - money.startSat;
    if (known && Math.abs(external - money.externalSat) > EXACT_SAT) {
      this.#ledgerSaid = true;
      const detail = `journaled external flows of ${external} sat, the venue had ${money.externalSat}`;
      return this.#say({ check: "ledger_identity", rule: "F-7.16", at, detail });
    }
    const booked = this.#journal.recordedSat + open + external;
    if (Math.abs(booked - wallet) <= EXACT_SAT) return;
    this.#ledgerSaid = true;
    const waiting = money.closed.length === 0 ? "" : `; ${money.closed.length} closed trades without a record`;
    const detail = `records ${this.#journal.recordedSat} + open ${open} + external ${external} = ${booked} sat, ` +
      `wallet changed by ${wallet}${waiting}`;
    this.#say({ check: "ledger_identity", rule: "P-13", at, detail });
  }

  #liveness(at: number): void {
    if (at - this.#causes.lastFaultEnd < LIVE_MS || at - this.#upSince < LIVE_MS) return;
    const { word, phase, phaseSince, lastAt, lastEvaluationAt, blocks } = this.#journal;
    const say = (detail: string) => this.#say({ check: "liveness", rule: "F-1.6", at, detail });
    if (at - lastAt > EVALUATION_MS) return say(`no step for ${at - lastAt} ms`);
    if (word === "HALT") return;
    if ((phase === "entry" || phase === "exit") && at - phaseSince > PHASE_MS) {
      return say(`phase ${phase} for ${at - phaseSince} ms`);
    }
    const stuck = PASSING_BLOCKS.filter((reason) => at - (blocks.get(reason) ?? at) > LIVE_MS);
    if (stuck.length > 0) return say(`still under ${stuck.join(", ")}`);
    if (word === "FLAT" && at - lastEvaluationAt > EVALUATION_MS) {
      say(`flat without an evaluation for ${at - lastEvaluationAt} ms`);
    }
  }
}
