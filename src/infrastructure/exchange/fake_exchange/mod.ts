/**
 * The fake venue: Bybit V5 for BTCUSD inverse as text in, text out (REST and WebSocket), for one account, in whatever
 * time its clock tells. Same seed, feed and requests: same answers.
 *
 * What it does NOT do, or does by a stated fiction:
 * - One symbol, one account, one-way mode; no linear, spot, option, sub-accounts, transfers, no demo hosts, no RSA keys.
 * - No take-profit/stop-loss on orders, no trading-stop, trailing stops, batch orders, pre-check, slippage tolerance,
 *   bbo orders, SMP, RPI, hedge mode, portfolio margin, add-margin, DCP, /v5/order/pre-check.
 * - The book is the best bid and ask of the feed plus four levels behind each, every one three times the one before, at
 *   most 0.1 % apart; own orders are not in it. What a taker ate is there again after 200 – 550 ms. A resting order fills at its own price: in full when the market goes
 *   through it, a seeded share at a touch, sometimes in two parts.
 * - Matching looks only at the points of the feed; between two points nothing happens but that the book fills up
 *   again. At one point triggers come first, then resting orders, then liquidation.
 * - Liquidation takes the whole position at its bankruptcy price at once, no ladder, no insurance fund; ADL trades at
 *   mark. Margin tiers beyond the first are refused, not modelled; isolated margin cannot be added.
 * - Price moves of faults (gap, flash crash, spike, set price) are not in the candles, which stay those of the feed.
 *   Candles of W and M are 7 and 30 days from the epoch. Unconfirmed candles are pushed only every ten minutes.
 * - The 30-s premium average of the price band is the premium of the moment. Tickers leave at most one per 5 s unless
 *   price moves 0.1 %, the book at most every 5 s; open interest is a constant.
 * - Latency, loss, duplication and reordering belong to the network around it, not to the venue.
 * - `position.curRealisedPnl` restarts with every new position; breakEvenPrice is the entry.
 */
import { settleFunding } from "./trading/account.ts";
import { Control, viewOf } from "./control.ts";
import { FAULT_NAMES, FaultDealer, type FaultName, isFaultName } from "./faults.ts";
import { advance } from "./trading/forced.ts";
import { refillBook } from "./trading/matching.ts";
import { History } from "./trading/history.ts";
import { type Connection, Hub, type HubHost } from "./wire/hub.ts";
import { BTCUSD } from "./instrument.ts";
import type { MarketPoint } from "./market/market_point.ts";
import { rateE8Of, satOf } from "./money.ts";
import { priceBand } from "./trading/order_checks.ts";
import { Overlay } from "./market/overlay.ts";
import { LogEffects, PrivateFrames } from "./wire/private_frames.ts";
import { nextFundingAfter, PublicStreams } from "./wire/public_streams.ts";
import { RateLimits } from "./wire/rate_limits.ts";
import { type Core, type CoreConfig, initialState, RowTexts, type VenueState } from "./state.ts";
import { drawSwitches, SAMPLE_SWITCHES } from "./switches.ts";
import type { Switches, Venue, VenueFork, VenueLogEntry, VenueOptions } from "./types.ts";
import { RestServer } from "./wire/wire_rest.ts";

export type * from "./types.ts";
export type * from "./venue_log.ts";
export { BTCUSD, FAULT_NAMES, isFaultName, SAMPLE_SWITCHES };

const MINUTE = 60_000;
const KEEP_ALIVE_MS = 10_000;

/** Builds a venue; nothing moves before `start`. Throws on a wallet or fee that is no decimal. */
export function createVenue(options: VenueOptions): Venue {
  return new FakeVenue(options);
}

class FakeVenue implements Venue {
  readonly switchesDrawn: Switches;
  readonly log: VenueLogEntry[] = [];
  readonly control: Control;
  readonly #options: VenueOptions;
  readonly #core: Core;
  readonly #dealer: FaultDealer;
  readonly #hub: Hub;
  readonly #frames: PrivateFrames;
  readonly #streams: PublicStreams;
  readonly #rest: RestServer;
  readonly #overlay: Overlay;
  readonly #write: (entry: VenueLogEntry) => void;
  readonly #step = () => this.#onPoint();
  readonly #keepAlive = () => this.#onQuiet();
  #next: MarketPoint | null = null;
  #recorded: MarketPoint | null = null;
  #refillAt = 0;

  constructor(options: VenueOptions) {
    this.#options = options;
    this.#write = options.onLog ?? ((entry) => this.log.push(entry));
    this.switchesDrawn = drawSwitches(options.seed, options.switches);
    this.#dealer = new FaultDealer(options.seed, options.faults);
    const config = configOf(options, this.switchesDrawn);
    this.#overlay = new Overlay(config.instrument.tickCents);
    const state = stateOf(options, config);
    const rest: { server: RestServer | null } = { server: null };
    this.#hub = new Hub(this.#host(rest));
    const parts: { frames: PrivateFrames | null } = { frames: null };
    const faultFired = (name: FaultName, detail: string) => this.#fired(name, detail);
    const effects = {
      order: (...args: Parameters<PrivateFrames["order"]>) => parts.frames?.order(...args),
      execution: (fact: Parameters<PrivateFrames["execution"]>[0]) => parts.frames?.execution(fact),
      position: () => parts.frames?.position(),
      wallet: (change: Parameters<PrivateFrames["wallet"]>[0]) => parts.frames?.wallet(change),
      echo: (order: Parameters<PrivateFrames["echo"]>[0]) => parts.frames?.echo(order),
    };
    this.#core = { config, state, effects, faults: this.#dealer, faultFired, texts: new RowTexts() };
    const history = new History(this.#core);
    const logging = new LogEffects(this.#write);
    this.#frames = new PrivateFrames({ hub: this.#hub, history, logging, faults: this.#dealer, faultFired });
    parts.frames = this.#frames;
    this.#frames.bind(this.#core);
    const limits = () => priceBand(this.#core);
    this.#streams = new PublicStreams({
      hub: this.#hub,
      state,
      feed: options.feed,
      limits,
      klineNumbers: this.switchesDrawn.klineNumbers,
    });
    this.control = this.#newControl(history);
    this.#rest = rest.server = this.#newRest(history);
  }

  start(): void {
    const { feed, clock, seed } = this.#options;
    const { state } = this.#core;
    this.#write({
      kind: "start",
      at: clock.now(),
      walletSat: state.walletSat,
      leverageE2: state.position.leverageE2,
      switches: { ...this.switchesDrawn, seed },
    });
    this.#next = feed.next();
    if (this.#next !== null && this.#next.at > clock.now()) {
      // The market has prices from the first moment on, even when its first step comes a little later.
      this.#recorded = { ...this.#next, at: clock.now(), volumeUsd: 0 };
      this.#trade(this.#recorded);
      this.#scheduleNext();
    } else this.#onPoint();
    this.#scheduleMinute((Math.floor(clock.now() / MINUTE) + 1) * MINUTE);
    this.#scheduleFunding();
    for (const { atMs, name } of this.#dealer.scheduled) clock.at(atMs, () => this.control.injectFault(name));
  }

  rest(request: Parameters<Venue["rest"]>[0]): ReturnType<Venue["rest"]> {
    this.#sync();
    const reply = this.#rest.handle(request);
    this.#frames.flush();
    this.#watchBook();
    return reply;
  }

  connect(pathAndQuery: string, peer: Parameters<Venue["connect"]>[1]): ReturnType<Venue["connect"]> {
    this.#sync();
    return this.#hub.connect(pathAndQuery, peer);
  }

  faultCounts(): Readonly<Record<string, number>> {
    return { ...this.#dealer.counts };
  }

  fork(): VenueFork {
    this.#sync();
    return forkOf(this.#core);
  }

  #newControl(history: History): Control {
    return new Control({
      core: this.#core,
      history,
      hub: this.#hub,
      overlay: this.#overlay,
      streams: this.#streams,
      dealer: this.#dealer,
      log: this.#write,
      flush: () => this.#frames.flush(),
      remark: () => this.#remark(),
      sync: () => this.#sync(),
    });
  }

  #newRest(history: History): RestServer {
    const { account, feed, signer } = this.#options;
    return new RestServer({
      core: this.#core,
      history,
      account,
      sign: signer(account.secret),
      market: { core: this.#core, feed, maintenanceRows: () => this.control.maintenanceRows() },
      limits: new RateLimits(),
      faults: this.#dealer,
      log: this.#write,
      down: () => this.control.down(),
    });
  }

  #host(rest: { readonly server: RestServer | null }): HubHost {
    const { clock, account } = this.#options;
    return {
      now: () => clock.now(),
      key: account.key,
      sign: this.#options.signer(account.secret),
      loginFault: () => {
        if (this.#dealer.draw("auth", clock.now()) === null) return "";
        this.#fired("auth_refused", "");
        return "Request expired, please try again";
      },
      onSubscribed: (connection: Connection, topic: string) => {
        this.#sync();
        this.#streams.onSubscribed(connection, topic);
      },
      session: (entry) => this.#write({ kind: "session", at: clock.now(), ...entry }),
      closedNow: () => this.control.down(),
      trade: (op, args) => {
        this.#sync();
        const answer = rest.server?.trade(op, args) ?? { body: "{}", headers: {} };
        this.#frames.flush();
        this.#watchBook();
        return answer;
      },
    };
  }

  #sync(): void {
    const now = this.#options.clock.now();
    if (now > this.#core.state.now) this.#core.state.now = now;
  }

  #fired(name: FaultName, detail: string): void {
    this.#dealer.count(name);
    this.#write({ kind: "fault", at: this.#core.state.now, name, detail, untilMs: null });
  }

  #onPoint(): void {
    const point = this.#next;
    if (point === null) return;
    this.#recorded = point;
    this.#trade(point);
    this.#next = this.#options.feed.next();
    this.#scheduleNext();
  }

  #scheduleNext(): void {
    const next = this.#next;
    if (next === null) return;
    const { clock } = this.#options;
    const quiet = clock.now() + KEEP_ALIVE_MS;
    if (this.#recorded !== null && next.at > quiet) clock.at(quiet, this.#keepAlive);
    else clock.at(next.at, this.#step);
  }

  /** Between two far points: nothing trades, but the ticker is not silent. */
  #onQuiet(): void {
    this.#sync();
    this.#streams.onMarket(0);
    this.#scheduleNext();
  }

  #remark(): void {
    const point = this.#recorded;
    if (point !== null) this.#trade({ ...point, at: Math.max(point.at, this.#core.state.now), volumeUsd: 0 });
  }

  #trade(recorded: MarketPoint): void {
    const point = this.#overlay.idle ? recorded : this.#overlay.apply(recorded);
    const { at, last, mark, index, bid, ask } = point;
    this.#write({ kind: "price", at, last, mark, index, bid, ask });
    if (advance(this.#core, point)) this.#frames.flush();
    this.#watchBook();
    this.#streams.onMarket(point.volumeUsd);
  }

  /** A taker ate of the book: it is full again in a moment. */
  #watchBook(): void {
    const at = this.#core.state.market.refillAt;
    if (at === this.#refillAt) return;
    this.#refillAt = at;
    if (at > 0) this.#options.clock.at(at, () => this.#onRefill(at));
  }
  #onRefill(at: number): void {
    if (this.#core.state.market.refillAt !== at) return;
    this.#sync();
    if (refillBook(this.#core)) this.#frames.flush();
    this.#watchBook();
  }

  #scheduleMinute(at: number): void {
    this.#options.clock.at(at, () => this.#onMinute(at));
  }

  #onMinute(at: number): void {
    this.#sync();
    this.#streams.onMinute(at);
    this.control.onMinute(at);
    for (const name of this.#dealer.drawMinute(at)) this.control.fire(name);
    if (this.#core.state.orders.some((order) => order.status === "Untriggered")) {
      if (this.#dealer.draw("stop_minute", at) !== null) this.control.fire("stop_cancelled");
    }
    if (this.#next !== null || at < this.#options.feed.endAt) this.#scheduleMinute(at + MINUTE);
  }

  #scheduleFunding(): void {
    const at = nextFundingAfter(this.#options.clock.now());
    this.#options.clock.at(at, () => {
      this.#sync();
      settleFunding(this.#core, this.#options.feed.fundingRateE8(at));
      this.#frames.flush();
      if (this.#next !== null || at < this.#options.feed.endAt) this.#scheduleFunding();
    });
  }
}

function configOf(options: VenueOptions, switches: Switches): CoreConfig {
  const fees = options.fees ?? { maker: "0.0002", taker: "0.00055" };
  return {
    instrument: { ...BTCUSD, tickCents: switches.tickCents, ...options.instrument },
    fees: { ...fees, makerE8: rateE8Of(fees.maker), takerE8: rateE8Of(fees.taker) },
    switches,
    ...(options.matching === undefined ? {} : { matching: options.matching }),
  };
}

function stateOf(options: VenueOptions, config: CoreConfig): VenueState {
  const { account, seed, clock } = options;
  return initialState({
    seed,
    walletSat: satOf(account.walletBtc),
    leverageE2: account.leverageE2 ?? 1000,
    marginMode: account.marginMode ?? "ISOLATED_MARGIN",
    autoAddMargin: account.autoAddMargin ?? 0,
  }, { instrument: config.instrument, at: clock.now() });
}

/** A copy that only prices move; it shares nothing with the venue it came from. */
function forkOf(core: Core): VenueFork {
  const log: VenueLogEntry[] = [];
  const effects = new LogEffects((entry) => log.push(entry));
  const copy: Core = {
    config: core.config,
    state: structuredClone(core.state),
    effects,
    faults: null,
    faultFired: () => {},
    texts: new RowTexts(),
  };
  effects.bind(copy);
  return {
    drive: (point) => void advance(copy, point),
    state: () => viewOf(copy),
    get size() {
      return copy.state.position.size;
    },
    get liquidated() {
      return log.some((entry) => entry.kind === "execution" && entry.execType === "BustTrade");
    },
    log,
  };
}
