import type { Event, Outcome, Vitals } from "../src/domain/events.ts";
import type { Intent, IntentKind, IntentOf } from "../src/domain/intent.ts";
import type { Config } from "../src/domain/limits.ts";
import type { MarketObservation } from "../src/domain/market.ts";
import type { OrderRow } from "../src/domain/orders.ts";
import type { Bot, Position } from "../src/domain/state.ts";
import { durationMs, type EpochMs, epochMs, priceCents, usdContracts } from "../src/domain/units.ts";
import { checkInvariants } from "../src/application/transition/invariants.ts";
import { initialBot, transition } from "../src/application/transition/mod.ts";
import { defaultTestConfig } from "./config_fixture.ts";
import { answerRead, change, create, fill, newVenue, OK, positionRow, type Venue } from "./core_venue.ts";

/** Monday, half past midnight UTC. */
export const START = epochMs(Date.UTC(2026, 0, 5, 0, 30));
export const PRICE = 5_000_000;
/** A price below the grid line of a 2 % spacing under PRICE: a buy signal. */
export const DIP = 4_890_000;

/** A bot and a venue under one clock; every step is kept, every invariant checked. */
export type Rig = {
  bot: Bot;
  venue: Venue;
  now: number;
  price: number;
  /** Intents of the newest call, and of all calls. */
  last: Intent[];
  all: Intent[];
  vitals: Partial<Vitals>;
  /** Reads wait here while `deaf`. */
  deaf: boolean;
  /** Called after every step, for runs that are printed. */
  watch: (event: Event, before: Bot, intents: readonly Intent[]) => void;
};

export function newRig(config: Config = defaultTestConfig()): Rig {
  return {
    bot: initialBot({ config, accountUid: "7" }),
    venue: newVenue(),
    now: START,
    price: PRICE,
    last: [],
    all: [],
    vitals: {},
    deaf: false,
    watch: () => undefined,
  };
}

export function at(rig: Rig): EpochMs {
  return epochMs(rig.now);
}

/** One event, one step; reads are answered at once by the venue unless the rig is deaf. */
export function send(rig: Rig, event: Event): readonly Intent[] {
  const before = rig.bot;
  const result = transition(before, event);
  rig.bot = result.bot;
  rig.watch(event, before, result.intents);
  const broken = checkInvariants(rig.bot);
  if (broken.length > 0) {
    throw new Error(`${event.kind}: ${broken.map((one) => `${one.name} ${one.detail}`).join("; ")}`);
  }
  const own = [...result.intents];
  rig.all.push(...own);
  const seen = [...own];
  if (!rig.deaf) {
    for (const intent of own) {
      const answers = answerRead(rig.venue, intent, { at: at(rig), askedAt: at(rig), price: rig.price });
      for (const answer of answers ?? []) seen.push(...send(rig, answer));
    }
  }
  rig.last = seen;
  return seen;
}

export function vitalsAt(rig: Rig): Vitals {
  return {
    privateFrameAt: at(rig),
    publicFrameAt: at(rig),
    marketFrameAt: at(rig),
    drops60s: 0,
    restP95: durationMs(80),
    restTimeoutsInRow: 0,
    restCalls60s: 10,
    restProtectiveCalls60s: 0,
    clockSkewMs: 5,
    journalLagMs: 0,
    ...rig.vitals,
  };
}

export function observation(price: number, to: Partial<MarketObservation> = {}): MarketObservation {
  return {
    last: priceCents(price),
    lastMin: priceCents(price),
    lastMax: priceCents(price),
    mark: priceCents(price),
    markMin: priceCents(price),
    markMax: priceCents(price),
    index: priceCents(price),
    bid: priceCents(price - 50),
    bidSize: usdContracts(100_000),
    ask: priceCents(price + 50),
    askSize: usdContracts(100_000),
    fundingRate: null,
    nextFundingAt: null,
    ...to,
  };
}

export function market(rig: Rig, price: number, to: Partial<MarketObservation> = {}): readonly Intent[] {
  rig.price = price;
  return send(rig, { kind: "Market", at: at(rig), seen: observation(price, to) });
}

export function tick(rig: Rig): readonly Intent[] {
  return send(rig, { kind: "Tick", at: at(rig), vitals: vitalsAt(rig) });
}

/** Lets time pass in steps of a second with the market standing still; returns all intents. */
export function wait(rig: Rig, ms: number): readonly Intent[] {
  const seen: Intent[] = [];
  const until = rig.now + ms;
  while (rig.now < until) {
    rig.now = Math.min(until, rig.now + 1000);
    seen.push(...market(rig, rig.price), ...tick(rig));
  }
  rig.last = seen;
  return seen;
}

/** Moves the clock without a step. */
export function skip(rig: Rig, ms: number): void {
  rig.now += ms;
}

/** Boots against the venue as it is; both links come up, the start ends. */
export function boot(rig: Rig, restart = false): Rig {
  send(rig, { kind: "Boot", at: at(rig), accountUid: "7", restart, upgraded: false });
  for (const stream of ["private", "public"] as const) {
    send(rig, { kind: "Link", at: at(rig), stream, status: "ready", cause: "" });
  }
  market(rig, rig.price);
  tick(rig);
  wait(rig, 3000);
  return rig;
}

export function find<K extends IntentKind>(list: readonly Intent[], kind: K): IntentOf<K> | null {
  return list.find((one): one is IntentOf<K> => one.kind === kind) ?? null;
}
export function count(list: readonly Intent[], kind: IntentKind): number {
  return list.filter((one) => one.kind === kind).length;
}
export function need<K extends IntentKind>(list: readonly Intent[], kind: K): IntentOf<K> {
  const found = find(list, kind);
  if (found === null) throw new Error(`no ${kind} in ${list.map((one) => one.kind).join(" ") || "nothing"}`);
  return found;
}

/** The newest order of a role that is not final; throws without one. */
export function openId(rig: Rig, role: "entry" | "stop" | "target" | "exit"): string {
  const found = rig.bot.orders.filter((order) => order.role === role).at(-1);
  if (found === undefined) throw new Error(`no open ${role}: ${rig.bot.phase.kind} ${rig.bot.orders.map((o) => o.id)}`);
  return found.id;
}

export function place(rig: Rig, id: string, outcome: Outcome = OK): readonly Intent[] {
  return send(rig, { kind: "PlaceAnswer", at: at(rig), orderLinkId: id, askedAt: at(rig), orderId: null, outcome });
}
export function amendAnswer(rig: Rig, id: string, outcome: Outcome = OK): readonly Intent[] {
  return send(rig, { kind: "AmendAnswer", at: at(rig), orderLinkId: id, askedAt: at(rig), outcome });
}
/** What a person asks for by the command line, without --accept (F-13.6). */
export function command(rig: Rig, name: "halt" | "reset" | "close"): readonly Intent[] {
  return send(rig, { kind: "OperatorCommand", at: at(rig), id: "1", command: name, reason: "t", accept: false });
}
export function cancelAnswer(rig: Rig, id: string, outcome: Outcome = OK): readonly Intent[] {
  return send(rig, { kind: "CancelAnswer", at: at(rig), orderLinkId: id, askedAt: at(rig), outcome });
}

/** The venue takes and shows an order the bot sent. */
export function show(rig: Rig, id: string): readonly Intent[] {
  const order = rig.bot.orders.find((one) => one.id === id);
  if (order === undefined) throw new Error(`no open order ${id}`);
  create(rig.venue, order.ticket, at(rig));
  return seen(rig, id, {});
}

/** The venue changes an order and the stream says so. */
export function seen(rig: Rig, id: string, to: Partial<OrderRow>): readonly Intent[] {
  const row = change(rig.venue, id, { updatedAt: at(rig), ...to });
  return send(rig, { kind: "OrderSeen", at: at(rig), order: row });
}

/** A fill at the venue: the execution is streamed, then the order row. */
export function filled(
  rig: Rig,
  id: string,
  of: { readonly contracts: number; readonly price: number },
): readonly Intent[] {
  const done = fill(rig.venue, id, { ...of, at: at(rig), maker: true });
  const first = send(rig, { kind: "Executed", at: at(rig), execution: done.execution, source: "stream" });
  const second = send(rig, { kind: "OrderSeen", at: at(rig), order: done.row });
  rig.last = [...first, ...second];
  return rig.last;
}

export function position(rig: Rig): Position {
  const { phase } = rig.bot;
  if (phase.kind !== "position" && phase.kind !== "exit") throw new Error(`phase is ${phase.kind}`);
  return phase.position;
}

export function positionSeen(rig: Rig, to = {}): readonly Intent[] {
  return send(rig, { kind: "PositionSeen", at: at(rig), position: positionRow(rig.venue, at(rig), to) });
}

/** Booted, anchored at PRICE, dipped to a buy signal: the entry is sent. Returns its id. */
export function enter(rig: Rig): string {
  if (rig.bot.boot.stage === "idle") boot(rig);
  wait(rig, 2000);
  rig.now += 1000;
  market(rig, DIP);
  const sent = tick(rig);
  return need(sent, "PlaceEntry").ticket.orderLinkId;
}

/** In position with all contracts filled; the stop is sent, not yet shown. */
export function openNaked(rig: Rig): { readonly entry: string; readonly stop: string; readonly contracts: number } {
  const entry = enter(rig);
  show(rig, entry);
  const contracts = rig.bot.orders.find((one) => one.id === entry)?.ticket.contracts ?? 0;
  filled(rig, entry, { contracts, price: DIP - 50 });
  return { entry, stop: openId(rig, "stop"), contracts };
}

/** In position, complete, stop shown ACTIVE, target resting. */
export function open(rig: Rig) {
  const { entry, stop, contracts } = openNaked(rig);
  place(rig, stop);
  show(rig, stop);
  const target = openId(rig, "target");
  place(rig, target);
  show(rig, target);
  return { entry, stop, target, contracts };
}

/** Phase and halt as plain words: a value asserted on the bot itself narrows its type for the rest of a test. */
export function phaseOf(rig: Rig): string {
  return rig.bot.phase.kind;
}
export function haltOf(rig: Rig): string {
  return rig.bot.halt === null ? "-" : rig.bot.halt.reason;
}
