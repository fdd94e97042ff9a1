import type { Event } from "../../src/domain/events.ts";
import type { Intent } from "../../src/domain/intent.ts";
import { epochMs, priceCents, rateE8, usdContracts } from "../../src/domain/units.ts";

/** A core small enough to see through: counts, remembers the ids it ordered, orders a stop at every tenth tick. */
export type Counting = {
  readonly steps: number;
  readonly lastAt: number;
  readonly sum: number;
  readonly ids: string[];
};

export const COUNTING_START: Counting = { steps: 0, lastAt: 0, sum: 0, ids: [] };

export function countingStep(
  state: Counting,
  event: Event,
): { readonly state: Counting; readonly intents: readonly Intent[] } {
  const steps = state.steps + 1;
  const sum = event.kind === "Market" ? state.sum + (event.seen.last ?? 0) : state.sum;
  const base = { steps, lastAt: event.at, sum, ids: state.ids };
  if (event.kind !== "Tick") return { state: base, intents: [] };
  if (steps % 20 === 0) {
    const id = `stop_${steps}`;
    return { state: { ...base, ids: [...state.ids.slice(-9), id] }, intents: [placeStop(id)] };
  }
  return { state: base, intents: steps % 6 === 0 ? [{ kind: "QueryWallet" }] : [] };
}

export function parseCounting(value: unknown): Counting {
  const isCounting = (found: unknown): found is Counting =>
    typeof found === "object" && found !== null && "steps" in found && "ids" in found;
  if (!isCounting(value)) throw new Error("not a Counting");
  return value;
}

export function registerCounting(
  state: Counting,
  recorded: { readonly intents: readonly Intent[] },
): Counting {
  const ids = recorded.intents.flatMap((intent) => intent.kind === "PlaceStop" ? [intent.ticket.orderLinkId] : []);
  return { ...state, ids: [...state.ids, ...ids.filter((id) => !state.ids.includes(id))] };
}

export function placeStop(orderLinkId: string): Intent {
  return {
    kind: "PlaceStop",
    ticket: {
      orderLinkId,
      side: "Sell",
      contracts: usdContracts(100),
      orderType: "Market",
      price: null,
      timeInForce: "IOC",
      trigger: { price: priceCents(5_900_000), direction: 2, by: "MarkPrice" },
      reduceOnly: true,
      closeOnTrigger: true,
    },
  };
}

/** The n-th event of a quiet live market: an observation and a tick, every two seconds. */
export function quietEvent(n: number, startAt: number): Event {
  const at = epochMs(startAt + Math.floor(n / 2) * 2_000);
  if (n % 2 === 1) {
    const vitals = {
      privateFrameAt: epochMs(at - 812),
      publicFrameAt: epochMs(at - 40),
      marketFrameAt: epochMs(at - 40),
      drops60s: 0,
      restP95: null,
      restTimeoutsInRow: 0,
      restCalls60s: 6,
      restProtectiveCalls60s: 0,
      clockSkewMs: -12,
      journalLagMs: 0,
    };
    return { kind: "Tick", at, vitals };
  }
  const last = priceCents(6_000_000 + ((n * 7919) % 20_001));
  const seen = {
    last,
    lastMin: priceCents(last - 150),
    lastMax: priceCents(last + 50),
    mark: priceCents(last + 320),
    markMin: priceCents(last + 120),
    markMax: priceCents(last + 480),
    index: priceCents(last - 75),
    bid: priceCents(last - 50),
    bidSize: usdContracts(15_230),
    ask: priceCents(last + 50),
    askSize: usdContracts(980),
    fundingRate: rateE8(10_000),
    nextFundingAt: epochMs(Math.ceil((at + 1) / 28_800_000) * 28_800_000),
  };
  return { kind: "Market", at, seen };
}
