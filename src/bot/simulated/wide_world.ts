/** What the second world draws beside the first: latency, bursts of faults, storms. From streams of its own. */
import { chance, nextInt, pick, type RandomState, randomStream } from "../../common/random.ts";
import type { FaultName } from "../../infrastructure/exchange/fake_exchange/faults.ts";
import type { Venue, VenueLogEntry } from "../../infrastructure/exchange/fake_exchange/mod.ts";
import type { PlatformFaultName } from "../../infrastructure/platform/virtual/faults.ts";
import type { Latency, TrueClock, VirtualPlatform, WireVenue } from "../../infrastructure/platform/virtual/mod.ts";
import { WildWire } from "./wild_wire.ts";
import type { FaultPreset } from "./fault_presets.ts";

/** 1 = as every seed has been since the first sweep; 2 = the wider one. */
export type WorldNumber = 1 | 2;

const LATENCIES = {
  near: null,
  far: { restMs: { from: 120, to: 500 }, streamMs: { from: 60, to: 400 } },
  slow: { restMs: { from: 200, to: 2_000 }, streamMs: { from: 100, to: 2_000 } },
} as const;
export type LatencyName = keyof typeof LATENCIES;

export type WideWorld = {
  readonly latencyName: LatencyName;
  /** null = the usual one. */
  readonly latency: Latency | null;
  /** What a frame or request may take longer than in the first world, ms. */
  readonly lagMs: number;
  /** Of the wild wire's rates. */
  readonly wildShare: number;
  /** Probability that a moment that matters brings a burst. */
  readonly burstRate: number;
  readonly storms: readonly { readonly atMs: number }[];
  /** Moments of frames of executions that never were. */
  readonly falseFrames: readonly number[];
  /** A maintenance that is announced, then moved; null = none. */
  readonly maintenance: { readonly announcedAt: number; readonly movedAt: number } | null;
};

const MINUTE_MS = 60_000;
const SHARES: Readonly<Record<FaultPreset, number>> = { none: 0, light: 0.2, heavy: 1, halting: 0.2 };

export function drawWideWorld(of: Window & { readonly seed: number; readonly preset: FaultPreset }): WideWorld {
  const random = randomStream(of.seed, "wide world");
  const latencyName = pick(random, ["near", "near", "far", "slow"] as const);
  const latency = LATENCIES[latencyName];
  const share = SHARES[of.preset];
  const storms = chance(random, 0.4) && share > 0 ? storm(random, of) : [];
  const at = nextInt(random, { from: of.fromMs, to: Math.max(of.fromMs, of.untilMs - 120 * MINUTE_MS) });
  const lies = chance(random, 0.4) && of.preset === "halting";
  const moments = Array.from({ length: 4 }, () => nextInt(random, { from: of.fromMs, to: of.untilMs }));
  const moved = chance(random, 0.5) && of.preset === "halting";
  return {
    latencyName,
    latency,
    lagMs: latency === null ? 0 : latency.restMs.to - 250 + latency.streamMs.to - 200,
    wildShare: share,
    burstRate: 0.15 * share,
    storms,
    falseFrames: lies ? moments : [],
    maintenance: moved ? { announcedAt: at, movedAt: at + 7 * MINUTE_MS } : null,
  };
}

/** Six to ten lost connections, two to nine seconds apart. */
function storm(random: RandomState, of: Window): { readonly atMs: number }[] {
  let atMs = nextInt(random, { from: of.fromMs, to: Math.max(of.fromMs, of.untilMs - 10 * MINUTE_MS) });
  return Array.from({ length: nextInt(random, { from: 6, to: 10 }) }, () => {
    atMs += nextInt(random, { from: 2_000, to: 9_000 });
    return { atMs };
  });
}

type BurstFault =
  | { readonly where: "venue"; readonly name: FaultName }
  | { readonly where: "platform"; readonly name: PlatformFaultName };
const BURST: readonly [BurstFault, ...BurstFault[]] = [
  { where: "platform", name: "request_lost" },
  { where: "platform", name: "reply_lost" },
  { where: "platform", name: "rest_delay" },
  { where: "platform", name: "slow_reply" },
  { where: "platform", name: "frame_dropped" },
  { where: "platform", name: "frame_reordered" },
  { where: "platform", name: "frame_duplicated" },
  { where: "platform", name: "disconnect" },
  { where: "platform", name: "process_kill" },
  { where: "venue", name: "http_5xx" },
  { where: "venue", name: "ret_10016" },
  { where: "venue", name: "ret_10006" },
  { where: "venue", name: "ret_110079" },
  { where: "venue", name: "stop_refused" },
  { where: "venue", name: "broken_json" },
  { where: "venue", name: "unknown_enum" },
];
/** One round trip. */
const TRIP_MS = { from: 0, to: 400 };
const BURST_APART_MS = 5 * MINUTE_MS;
const FUNDING_MS = 8 * 60 * MINUTE_MS;
const MAINTENANCE_MS = 10 * MINUTE_MS;

type Told = { readonly at: number; readonly name: string; readonly detail: string; readonly untilMs: number | null };
type Window = { readonly fromMs: number; readonly untilMs: number };
export type WideOptions = Window & {
  readonly seed: number;
  readonly preset: FaultPreset;
  /** What this world did, for the observer; `cutsOff` = no request can reach the venue meanwhile. */
  readonly onFault: (fault: Told, cutsOff: boolean) => void;
};

/** The second world around one run: it wraps the venue's wire, and strikes at moments that matter. */
export class WideRun {
  readonly drawn: WideWorld;
  readonly #options: WideOptions;
  readonly #random: RandomState;
  #wire: WildWire | null = null;
  #venue: Venue | null = null;
  #platform: VirtualPlatform | null = null;
  #nextBurstAt = 0;
  #bursts = 0;
  #fundingFills = 0;
  #lies = 0;

  constructor(options: WideOptions) {
    this.#options = options;
    this.drawn = drawWideWorld(options);
    this.#random = randomStream(options.seed, "bursts");
  }

  get counts(): Readonly<Record<string, number>> {
    const { storms } = this.drawn;
    const own = { burst: this.#bursts, funding_fill: this.#fundingFills, reconnect_storm: storms.length > 0 ? 1 : 0 };
    return { ...own, false_frame: this.#lies, ...this.#wire?.counts };
  }

  wrap(venue: Venue, clock: TrueClock): WireVenue {
    const { seed, fromMs, untilMs, onFault } = this.#options;
    const share = this.drawn.wildShare;
    if (share === 0) return venue;
    const told = (fault: Told) => onFault(fault, false);
    return this.#wire = new WildWire({ venue, clock, seed, share, fromMs, untilMs, onFault: told });
  }

  /** Sets what comes by the clock. */
  start(venue: Venue, platform: VirtualPlatform): void {
    this.#venue = venue;
    this.#platform = platform;
    const { clock } = platform;
    for (const { atMs } of this.drawn.storms) clock.at(atMs, () => platform.inject("disconnect"));
    if (this.drawn.wildShare === 0) return;
    const { fromMs, untilMs } = this.#options;
    for (let at = Math.ceil(fromMs / FUNDING_MS) * FUNDING_MS; at < untilMs; at += FUNDING_MS) {
      clock.at(at + nextInt(this.#random, { from: -1, to: 1 }), () => this.#fillAtFunding());
    }
    for (const at of this.drawn.falseFrames) clock.at(at, () => this.#lie());
    const { maintenance } = this.drawn;
    if (maintenance !== null) this.#maintain(maintenance);
  }

  /** Accidents live where several things fail within one round trip of a fill, a stop or a start. */
  moment(at: number): void {
    const { fromMs, untilMs } = this.#options;
    const platform = this.#platform;
    if (platform === null || at < Math.max(fromMs, this.#nextBurstAt) || at >= untilMs) return;
    if (!chance(this.#random, this.drawn.burstRate)) return;
    this.#nextBurstAt = at + BURST_APART_MS;
    this.#bursts++;
    for (let left = nextInt(this.#random, { from: 2, to: 4 }); left > 0; left--) {
      const fault = pick(this.#random, BURST);
      platform.clock.at(at + nextInt(this.#random, TRIP_MS), () => {
        if (fault.where === "platform") platform.inject(fault.name);
        else this.#venue?.control.injectFault(fault.name);
      });
    }
  }

  /** A fill at the moment of funding: the position the payment is for is another one before and after. */
  #fillAtFunding(): void {
    const qty = this.#venue?.control.fillResting({ link: "", qty: nextInt(this.#random, { from: 5, to: 200 }) }) ?? 0;
    if (qty === 0) return;
    this.#fundingFills++;
    const at = this.#platform?.clock.now() ?? 0;
    this.#options.onFault({ at, name: "funding_fill", detail: `${qty} contracts`, untilMs: null }, false);
  }

  #lie(): void {
    const side = pick(this.#random, ["Buy", "Sell"] as const);
    const execId = this.#wire?.falseFrame({ side, qty: nextInt(this.#random, { from: 10, to: 500 }) }) ?? null;
    if (execId === null) return;
    this.#lies++;
    const at = this.#platform?.clock.now() ?? 0;
    this.#options.onFault({ at, name: "false_frame", detail: execId, untilMs: null }, false);
  }

  #maintain(window: NonNullable<WideWorld["maintenance"]>): void {
    const { announcedAt, movedAt } = window;
    const first = announcedAt + 30 * MINUTE_MS;
    const second = announcedAt + 75 * MINUTE_MS;
    const tell = (at: number, cutsOff: boolean) => {
      const fault = { at, name: "maintenance", detail: "", untilMs: second + MAINTENANCE_MS };
      this.#options.onFault(fault, cutsOff);
    };
    const clock = this.#platform?.clock;
    clock?.at(announcedAt, () => {
      tell(announcedAt, false);
      this.#venue?.control.maintenance({ fromMs: first, toMs: first + MAINTENANCE_MS });
    });
    clock?.at(movedAt, () => this.#venue?.control.moveMaintenance({ fromMs: second, toMs: second + MAINTENANCE_MS }));
    clock?.at(second, () => tell(second, true));
  }
}

/** A moment of the venue at which a burst may come: a fill of the bot, a stop that is new or gone. */
export function isMoment(entry: VenueLogEntry): boolean {
  if (entry.kind === "execution") return entry.owner === "bot" && entry.execType === "Trade";
  return entry.kind === "order" && entry.owner === "bot" && entry.triggerPrice > 0 && entry.cause !== "amended";
}
