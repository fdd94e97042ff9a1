import type { Event, EventOf, Vitals } from "../../../domain/events.ts";
import type { Intent } from "../../../domain/intent.ts";
import type { Bot } from "../../../domain/state.ts";
import type { TradeRecord } from "../../../domain/records.ts";
import { epochMs } from "../../../domain/units.ts";
import {
  decisionDeadline,
  foldQuiet,
  initialBot,
  tickPeriodMs,
  transition,
} from "../../../application/transition/mod.ts";
import type { MarketPoint } from "../../../infrastructure/exchange/fake_exchange/market/market_point.ts";
import { setMarket } from "../../../infrastructure/exchange/fake_exchange/state.ts";
import { MINUTE_MS } from "../../../infrastructure/market_data/recording.ts";
import { CandlePoints, EIGHT_HOURS_MS, type Held, observationOf } from "./candle_points.ts";
import { barAt, DAY_MS, HOUR_MS } from "./candles.ts";
import { PaperVenue, walletSatOf } from "./paper_venue.ts";
import { answerRead, LAB_UID, positionAnswer } from "./reads.ts";
import type { Candidate, HaltSeen } from "./types.ts";

/** Frames never grow old here: the links do not fail. */
const FAR = epochMs(8_000_000_000_000_000);
const VITALS: Vitals = {
  privateFrameAt: FAR,
  publicFrameAt: FAR,
  marketFrameAt: FAR,
  drops60s: 0,
  restP95: null,
  restTimeoutsInRow: 0,
  restCalls60s: 0,
  restProtectiveCalls60s: 0,
  clockSkewMs: 0,
  journalLagMs: 0,
};

/** The price ring remembers 420 s (P-1): so many minutes before a candle are seen again. */
const REPLAYED_MINUTES = 8;

/** Lowest and highest price while a trade was open, 0.01 USD. */
export type Extremes = { readonly low: number; readonly high: number };
export type DriverSinks = {
  readonly trade: (record: TradeRecord, extremes: Extremes) => void;
  readonly intent: (at: number, intent: Intent) => void;
};

/**
 * Drives the core through candles in domain words (L-1.2): venue, then market, then private events, then a tick a
 * millisecond later; intents and answers go through one queue at the same moment.
 */
export class Driver {
  bot: Bot;
  readonly venue: PaperVenue;
  readonly halts: HaltSeen[] = [];
  readonly #points: CandlePoints;
  readonly #of: Candidate;
  readonly #sinks: DriverSinks;
  readonly #queue: Event[] = [];
  #now: number;
  #tickedAt = 0;
  /** Something private was told since the last tick. */
  #news = false;
  /** The newest candle that was played, and whether later ones were passed over. */
  #played = -1;
  #asleep = false;
  #low = 0;
  #high = 0;
  #closed: Extremes = { low: 0, high: 0 };

  constructor(of: Candidate, sinks: DriverSinks) {
    const { candles, config, options } = of;
    this.#of = of;
    this.#sinks = sinks;
    this.#now = of.from;
    const minute = (of.from - candles.firstAt) / MINUTE_MS;
    this.#points = new CandlePoints({ candles, seed: of.seed, path: of.path });
    this.venue = new PaperVenue({
      seed: of.seed,
      at: of.from,
      walletSat: walletSatOf(options.walletUsd, candles.open[minute] ?? 0),
      rule: { fill: options.fill, keyedSeed: of.seed, slippageBps: options.slippageBps },
    });
    this.bot = initialBot({ config, accountUid: LAB_UID });
  }

  /** The start in one moment (F-12.6): everything is answered before the first candle. */
  boot(minute: number): void {
    const at = epochMs(this.#now);
    const first = this.#points.fill(minute, 0)[0];
    if (first === undefined) throw new RangeError(`Cannot start: minute ${minute} has no price`);
    this.venue.advance({ ...first, at: this.#now, volumeUsd: 0 });
    this.#give({ kind: "Boot", at, accountUid: LAB_UID, restart: false, upgraded: false });
    const seen = observationOf(first, this.#points.funding(this.#now));
    this.#give({ kind: "Market", at, seen });
    for (const stream of ["private", "public"] as const) {
      this.#give({ kind: "Link", at, stream, status: "ready", cause: "" });
    }
    this.#tick();
  }

  /** What happens on the minute itself: funding, closed bars, the operator at midnight. */
  onMinute(minute: number): void {
    const { candles, options } = this.#of;
    const at = candles.firstAt + minute * MINUTE_MS;
    if (at % HOUR_MS !== 0) return;
    const funded = at % EIGHT_HOURS_MS === 0 && this.venue.core.state.position.size > 0;
    if (funded || at % DAY_MS === 0) this.wake(minute);
    if (!this.#asleep) this.#ticksUntil(at);
    this.#moveTo(at);
    if (funded) {
      this.venue.settleFunding(at, this.#points.funding(at - 1).rateE8);
      this.#tellPrivate();
    }
    this.#tellBar("1h", { startAt: at - HOUR_MS, length: HOUR_MS });
    if (at % DAY_MS === 0) this.#tellBar("1d", { startAt: at - DAY_MS, length: DAY_MS });
    if (options.halts === "lift" && this.bot.halt !== null && at % DAY_MS === 0) this.#reset();
  }

  /** Plays one candle, point by point. */
  play(minute: number): void {
    this.wake(minute);
    this.#played = minute;
    let before: MarketPoint | null = null;
    for (const point of this.#points.fill(minute, this.#held())) {
      if (before !== null && this.#points.stopsBetween) this.#stopsBetween(before, point);
      this.#point(point);
      before = point;
    }
  }

  /** Passes over a candle in which nothing can be decided. */
  overlook(minute: number): void {
    const { low, high } = this.#of.candles;
    this.#points.note(minute, this.#held());
    this.#low = Math.min(this.#low, low[minute] ?? 0);
    this.#high = Math.max(this.#high, high[minute] ?? 0);
    this.#asleep = true;
    this.#news = false;
  }

  /** Sees the last minutes before `minute` that were passed over, as each of their points would have been seen (L-2.4). */
  wake(minute: number): void {
    if (!this.#asleep) return;
    this.#asleep = false;
    const seen: EventOf<"Market">[] = [];
    let last: MarketPoint | null = null;
    for (let past = Math.max(this.#played + 1, minute - REPLAYED_MINUTES); past < minute; past++) {
      for (const point of this.#points.fill(past, this.#held())) {
        seen.push({
          kind: "Market",
          at: epochMs(point.at),
          seen: observationOf(point, this.#points.funding(point.at)),
        });
        last = point;
      }
    }
    if (last === null) return;
    this.bot = foldQuiet(this.bot, seen);
    setMarket(this.venue.core.state, last);
    this.venue.moveTo(last.at + 1);
    this.#now = Math.max(this.#now, last.at + 1);
  }

  /** Ends what is due by time up to a moment. */
  finish(at: number): void {
    this.#ticksUntil(at);
  }

  #held(): Held {
    const { side } = this.venue.core.state.position;
    return side === "Buy" ? 1 : side === "Sell" ? -1 : 0;
  }

  /** A price that runs from one point to the next sets a stop off where it passes the trigger. */
  #stopsBetween(from: MarketPoint, to: MarketPoint): void {
    for (const order of [...this.venue.core.state.orders]) {
      const { triggerPrice: price } = order;
      if (order.status !== "Untriggered" || (from.last - price) * (to.last - price) >= 0) continue;
      const share = (price - from.last) / (to.last - from.last);
      const at = Math.min(to.at - 2, Math.max(from.at + 2, Math.round(from.at + share * (to.at - from.at))));
      this.#point(this.#points.between(at, { price, falling: to.last < from.last, like: from }));
    }
  }

  #point(point: MarketPoint): void {
    this.#ticksUntil(point.at);
    this.#now = point.at;
    this.venue.advance(point);
    const { last } = point;
    if (last < this.#low) this.#low = last;
    if (last > this.#high) this.#high = last;
    const seen = observationOf(point, this.#points.funding(point.at));
    this.#give({ kind: "Market", at: epochMs(point.at), seen });
    this.#tellPrivate();
    this.#moveTo(point.at + 1);
    this.#tick();
  }

  /** Ticks the core asks for, and those that follow news within the period of F-3.2. */
  #ticksUntil(limit: number): void {
    for (;;) {
      const wanted = decisionDeadline(this.bot) ?? Infinity;
      const news = this.#news ? this.#tickedAt + tickPeriodMs(this.bot) : Infinity;
      const due = Math.min(wanted, news);
      if (due > limit) return;
      this.#moveTo(due);
      this.#tick();
    }
  }

  #moveTo(at: number): void {
    if (at > this.#now) this.#now = at;
    this.venue.moveTo(this.#now);
  }

  #tick(): void {
    this.#tickedAt = this.#now;
    this.#news = false;
    this.#give({ kind: "Tick", at: epochMs(this.#now), vitals: VITALS });
  }

  #tellBar(interval: "1h" | "1d", span: { readonly startAt: number; readonly length: number }): void {
    const bar = barAt(this.#of.candles, span);
    if (bar === null) return;
    this.#give({ kind: "Bars", at: epochMs(this.#now), interval, bars: [bar], source: "stream" });
  }

  #tellPrivate(): void {
    if (this.venue.idle) return;
    this.venue.take(epochMs(this.#now), this.#queue);
    this.#drain();
  }

  /** The lab's operator lifts a HALT once the venue and the ledger agree (F-13.2). */
  #reset(): void {
    const at = epochMs(this.#now);
    this.#give(positionAnswer(this.venue, this.#now));
    this.#give({ kind: "OperatorCommand", at, id: `lab-${at}`, command: "reset", reason: "lab", accept: true });
  }

  #give(event: Event): void {
    this.#queue.push(event);
    this.#drain();
  }

  #drain(): void {
    for (let event = this.#queue.shift(); event !== undefined; event = this.#queue.shift()) this.#step(event);
  }

  #step(event: Event): void {
    const before = this.bot;
    const { bot, intents } = transition(before, event);
    this.bot = bot;
    if (event.kind !== "Market" && event.kind !== "Tick") this.#news = true;
    if (bot.halt !== before.halt && bot.halt !== null) {
      this.halts.push({ reason: bot.halt.reason, at: bot.now });
    }
    if (bot.trade !== before.trade) this.#followTrade(before, bot);
    for (const intent of intents) this.#act(intent);
  }

  #followTrade(before: Bot, bot: Bot): void {
    if (before.trade !== null && bot.trade === null) this.#closed = { low: this.#low, high: this.#high };
    if (before.trade === null && bot.trade !== null) {
      const price = this.venue.core.state.market.last;
      this.#low = price;
      this.#high = price;
    }
  }

  #act(intent: Intent): void {
    const at = epochMs(this.#now);
    switch (intent.kind) {
      case "PlaceEntry":
      case "PlaceStop":
      case "PlaceTarget":
      case "PlaceExit": {
        this.#sinks.intent(at, intent);
        const { orderLinkId } = intent.ticket;
        const { orderId, outcome } = this.venue.place(intent.ticket);
        this.#queue.push({ kind: "PlaceAnswer", at, orderLinkId, askedAt: at, orderId, outcome });
        return this.venue.take(at, this.#queue);
      }
      case "AmendStop": {
        this.#sinks.intent(at, intent);
        const { orderLinkId } = intent;
        const outcome = this.venue.amend(orderLinkId, intent);
        this.#queue.push({ kind: "AmendAnswer", at, orderLinkId, askedAt: at, outcome });
        return this.venue.take(at, this.#queue);
      }
      case "CancelOrder": {
        this.#sinks.intent(at, intent);
        const { orderLinkId } = intent;
        const outcome = this.venue.cancel(orderLinkId);
        this.#queue.push({ kind: "CancelAnswer", at, orderLinkId, askedAt: at, outcome });
        return this.venue.take(at, this.#queue);
      }
      case "SetLeverage": {
        this.#sinks.intent(at, intent);
        const outcome = this.venue.setLeverage(intent.leverageE2);
        this.#queue.push({ kind: "LeverageAnswer", at, leverageE2: intent.leverageE2, outcome });
        return;
      }
      case "Record":
        if (intent.record.type === "trade") this.#sinks.trade(intent.record, this.#closed);
        return;
      default:
        for (const answer of answerRead(intent, { bot: this.bot, venue: this.venue, candles: this.#of.candles, at })) {
          this.#queue.push(answer);
        }
    }
  }
}
