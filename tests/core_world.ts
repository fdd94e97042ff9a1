import { isProtective } from "../src/domain/intent.ts";
import type { Event, RefusalCause } from "../src/domain/events.ts";
import type { Intent } from "../src/domain/intent.ts";
import type { OrderRow } from "../src/domain/orders.ts";
import { nextDeadline, tickPeriodMs } from "../src/application/transition/mod.ts";
import { at, market, newRig, type Rig, send, tick } from "./core_rig.ts";
import { answerRead, change, create, fill, isOpenRow, move, OK, refused, UNKNOWN } from "./core_venue.ts";

/** Shares of 1: how often each thing goes wrong. */
export type Trouble = {
  readonly lostAnswer: number;
  readonly lostRequest: number;
  readonly refuse: number;
  readonly lostPush: number;
  readonly duplicate: number;
  readonly foreign: number;
  readonly cancelRace: number;
};
export const CALM: Trouble = {
  lostAnswer: 0,
  lostRequest: 0,
  refuse: 0,
  lostPush: 0,
  duplicate: 0,
  foreign: 0,
  cancelRace: 0,
};

/** Everything goes wrong now and then, on our own account: no foreign hand. */
export const ROUGH: Trouble = {
  lostAnswer: 0.1,
  lostRequest: 0.1,
  refuse: 0.15,
  lostPush: 0.1,
  duplicate: 0.3,
  foreign: 0,
  cancelRace: 0.5,
};

/** A market, a venue that matches, a wire that loses, and the bot: everything drawn from one number. */
export type World = {
  readonly rig: Rig;
  trouble: Trouble;
  readonly draw: () => number;
  queue: { readonly due: number; readonly order: number; readonly run: () => void }[];
  serial: number;
  tickAt: number;
  /** Since when the venue holds more than its own stops cover. */
  nakedSince: number | null;
  /** Longest time of that, with nothing being done about it. */
  longestNaked: number;
  readonly log: string[];
};

/** mulberry32: small, seeded, good enough to draw faults. */
export function drawer(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export function newWorld(seed: number, trouble: Trouble): World {
  const rig = newRig();
  rig.deaf = true;
  return {
    rig,
    trouble,
    draw: drawer(seed),
    queue: [],
    serial: 0,
    tickAt: 0,
    nakedSince: null,
    longestNaked: 0,
    log: [],
  };
}

function later(world: World, ms: number, run: () => void): void {
  world.serial += 1;
  world.queue.push({ due: world.rig.now + ms, order: world.serial, run });
}

/** One event into the bot; what it wants goes out. */
export function give(world: World, event: Event): void {
  const { rig } = world;
  world.log.push(`${rig.now} ${event.kind} ${brief(event)}`);
  for (const intent of send(rig, event)) carry(world, intent);
}

function brief(event: Event): string {
  if ("orderLinkId" in event) return event.orderLinkId + ("outcome" in event ? ` ${event.outcome.kind}` : "");
  if (event.kind === "OrderSeen") {
    return `${event.order.orderLinkId} ${String(event.order.status)} ${event.order.cumExecQty}`;
  }
  if (event.kind === "Executed") {
    return `${event.execution.orderLinkId} ${event.execution.side} ${event.execution.contracts}`;
  }
  return "";
}

function carry(world: World, intent: Intent): void {
  if (intent.kind !== "Record" && intent.kind !== "Alert" && !intent.kind.startsWith("Query")) {
    world.log.push(
      `${world.rig.now}   -> ${intent.kind} ${
        "ticket" in intent ? intent.ticket.orderLinkId : "orderLinkId" in intent ? intent.orderLinkId : ""
      }`,
    );
  }
  const delay = 20 + Math.floor(world.draw() * 400);
  const asked = at(world.rig);
  switch (intent.kind) {
    case "PlaceEntry":
    case "PlaceStop":
    case "PlaceTarget":
    case "PlaceExit":
      return later(world, delay, () => onPlace(world, intent));
    case "AmendStop":
      return later(world, delay, () => onAmend(world, intent));
    case "CancelOrder":
      return later(world, delay, () => onCancel(world, intent.orderLinkId));
    default:
      return later(world, delay, () => {
        const { rig } = world;
        const lost = isProtective(intent) ? world.trouble.lostAnswer / 2 : world.trouble.lostAnswer;
        if (world.draw() < lost) return failRead(world, intent);
        const of = { at: at(rig), askedAt: asked, price: rig.price };
        const answers = answerRead(rig.venue, intent, of);
        for (const event of answers ?? []) later(world, 10, () => give(world, { ...event, at: at(rig) }));
      });
  }
}

function failRead(world: World, intent: Intent): void {
  const { rig } = world;
  const failed = { kind: "failed", outcome: UNKNOWN } as const;
  const base = { at: at(rig), askedAt: at(rig) };
  if (intent.kind === "LookUpOrder") {
    return give(world, { kind: "OrderLookup", ...base, orderLinkId: intent.orderLinkId, result: failed });
  }
  if (intent.kind === "QueryPosition") return give(world, { kind: "PositionAnswer", ...base, result: failed });
  if (intent.kind === "QueryOpenOrders") return give(world, { kind: "OpenOrdersAnswer", ...base, result: failed });
}

type Place = Extract<Intent, { kind: "PlaceEntry" | "PlaceStop" | "PlaceTarget" | "PlaceExit" }>;
const CAUSES: readonly RefusalCause[] = ["not_now", "other", "rate_limit", "margin"];

function onPlace(world: World, intent: Place): void {
  const { rig, draw, trouble } = world;
  const { ticket } = intent;
  const id = ticket.orderLinkId;
  const answer = (outcome: typeof OK) =>
    later(
      world,
      30,
      () =>
        give(world, { kind: "PlaceAnswer", at: at(rig), orderLinkId: id, askedAt: at(rig), orderId: null, outcome }),
    );
  if (draw() < trouble.lostRequest) return later(world, 3000, () => answer(UNKNOWN));
  if (rig.venue.orders.has(id)) return answer(refused("duplicate_id", 110072));
  if (draw() < trouble.refuse) return answer(refused(CAUSES[Math.floor(draw() * CAUSES.length)] ?? "other"));
  const reduces = rig.venue.net !== 0 && (rig.venue.net > 0) === (ticket.side === "Sell");
  if (ticket.trigger === null && ticket.reduceOnly && !reduces) return answer(refused("reduce_only", 110017));
  if (ticket.trigger !== null) {
    const past = ticket.trigger.direction === 2 ? rig.price <= ticket.trigger.price : rig.price >= ticket.trigger.price;
    if (past) return answer(refused("wrong_trigger_side", 110093));
  }
  const row = create(rig.venue, ticket, at(rig));
  const lost = draw() < trouble.lostAnswer;
  if (lost) later(world, 3000, () => answer(UNKNOWN));
  else answer(OK);
  push(world, row);
  if (ticket.orderType === "Market" && ticket.trigger === null) execute(world, id);
}

function onAmend(world: World, intent: Extract<Intent, { kind: "AmendStop" }>): void {
  const { rig, draw, trouble } = world;
  const id = intent.orderLinkId;
  const answer = (outcome: typeof OK) =>
    later(
      world,
      30,
      () => give(world, { kind: "AmendAnswer", at: at(rig), orderLinkId: id, askedAt: at(rig), outcome }),
    );
  if (draw() < trouble.lostRequest) return later(world, 3000, () => answer(UNKNOWN));
  const row = rig.venue.orders.get(id);
  if (row === undefined || row.status !== "Untriggered") return answer(refused("order_gone", 110001));
  if (draw() < trouble.refuse) return answer(refused("other"));
  const next = change(rig.venue, id, {
    contracts: intent.contracts ?? row.contracts,
    triggerPrice: intent.triggerPrice ?? row.triggerPrice,
    updatedAt: at(rig),
  });
  answer(OK);
  push(world, next);
}

function onCancel(world: World, id: string): void {
  const { rig, draw, trouble } = world;
  const answer = (outcome: typeof OK) =>
    later(
      world,
      30,
      () => give(world, { kind: "CancelAnswer", at: at(rig), orderLinkId: id, askedAt: at(rig), outcome }),
    );
  if (draw() < trouble.lostRequest) return later(world, 3000, () => answer(UNKNOWN));
  const row = rig.venue.orders.get(id);
  if (row === undefined || !isOpenRow(row)) return answer(refused("order_gone", 110001));
  if (row.triggerPrice === null && draw() < trouble.cancelRace) execute(world, id);
  const now = rig.venue.orders.get(id);
  if (now === undefined || !isOpenRow(now)) return answer(refused("order_gone", 110001));
  const status = row.status === "Untriggered" ? "Deactivated" : "Cancelled";
  answer(OK);
  push(world, change(rig.venue, id, { status, updatedAt: at(rig), cancelType: "CancelByUser" }));
}

/** An order row on the private stream: late, lost or doubled. */
function push(world: World, row: OrderRow): void {
  if (world.draw() < world.trouble.lostPush) return;
  const send = () => give(world, { kind: "OrderSeen", at: at(world.rig), order: row });
  later(world, 10 + Math.floor(world.draw() * 300), send);
  if (world.draw() < world.trouble.duplicate) later(world, 400 + Math.floor(world.draw() * 2000), send);
}

/** The venue executes an order at the price of now, in one or two parts, sometimes not all of it. */
function execute(world: World, id: string): void {
  const { rig, draw } = world;
  const row = rig.venue.orders.get(id);
  if (row === undefined || !isOpenRow(row)) return;
  const room = row.reduceOnly ? Math.abs(rig.venue.net) : Infinity;
  const wanted = row.contracts === 0 ? room : Math.min(row.contracts - row.cumExecQty, room);
  if (wanted <= 0) return push(world, change(rig.venue, id, { status: "Cancelled", updatedAt: at(rig) }));
  const first = draw() < 0.5 ? wanted : Math.max(1, Math.floor(wanted * draw()));
  filled(world, id, first);
  const rests = row.orderType === "Limit" && row.timeInForce !== "IOC";
  if (first < wanted && rests) return;
  if (first < wanted && draw() < 0.8) filled(world, id, wanted - first);
  const now = rig.venue.orders.get(id);
  if (now !== undefined && isOpenRow(now)) {
    const status = row.contracts === 0 && now.cumExecQty >= wanted ? "Filled" : "Cancelled";
    push(world, change(rig.venue, id, { status, updatedAt: at(rig) }));
  }
}

function filled(world: World, id: string, contracts: number): void {
  const { rig, draw } = world;
  const done = fill(rig.venue, id, { contracts, price: rig.price, at: at(rig) });
  pushExecution(
    world,
    () => give(world, { kind: "Executed", at: at(rig), execution: done.execution, source: "stream" }),
  );
  if (draw() < 0.9) push(world, done.row);
}

function pushExecution(world: World, run: () => void): void {
  if (world.draw() < world.trouble.lostPush) return;
  later(world, 10 + Math.floor(world.draw() * 300), run);
  if (world.draw() < world.trouble.duplicate) later(world, 400 + Math.floor(world.draw() * 2000), run);
}

/** Price moves: resting orders it crosses are filled, stops it passes fire. */
function match(world: World): void {
  const { rig } = world;
  for (const row of [...rig.venue.orders.values()]) {
    const id = row.orderLinkId ?? "";
    if (row.status === "Untriggered" && row.triggerPrice !== null) {
      const fires = row.triggerDirection === 2 ? rig.price <= row.triggerPrice : rig.price >= row.triggerPrice;
      if (!fires) continue;
      if (rig.venue.net === 0 || (rig.venue.net > 0) !== (row.side === "Sell")) {
        push(world, change(rig.venue, id, { status: "Cancelled", updatedAt: at(rig) }));
        continue;
      }
      change(rig.venue, id, { status: "Triggered", updatedAt: at(rig) });
      execute(world, id);
    } else if (isOpenRow(row) && row.price !== null) {
      const crosses = row.side === "Buy" ? rig.price <= row.price : rig.price >= row.price;
      if (crosses) execute(world, id);
    }
  }
}

function coverAtVenue(world: World): number {
  const { venue } = world.rig;
  let cover = 0;
  for (const row of venue.orders.values()) {
    if (row.status !== "Untriggered" || !row.reduceOnly || (row.side === "Sell") !== venue.net > 0) continue;
    cover = Math.max(cover, row.contracts === 0 ? Infinity : row.contracts);
  }
  return cover;
}

/** Time with more held than covered while no exit is in flight and no halt is on (the promise of F-2.1). */
function judgeCover(world: World): void {
  const { rig } = world;
  const size = Math.abs(rig.venue.net);
  const answered = rig.bot.halt !== null || rig.bot.orders.some((order) => order.role === "exit");
  const naked = size > 0 && coverAtVenue(world) < size / 1.2 && !answered;
  if (!naked) world.nakedSince = null;
  else {
    world.nakedSince ??= rig.now;
    world.longestNaked = Math.max(world.longestNaked, rig.now - world.nakedSince);
  }
}

/** Runs for a while in steps of 50 ms: market every second, ticks when the core or its period asks. */
export function run(world: World, options: { readonly ms: number; readonly walk: number }): void {
  const { rig, draw } = world;
  const until = rig.now + options.ms;
  while (rig.now < until) {
    rig.now += 50;
    for (let due = next(world); due !== null; due = next(world)) due();
    if (rig.now % 1000 === 0) {
      rig.price = Math.max(1_000_000, Math.round((rig.price * (1 + (draw() - 0.5) * options.walk)) / 10) * 10);
      match(world);
      for (const intent of market(rig, rig.price)) carry(world, intent);
      if (draw() < world.trouble.foreign) {
        const side = draw() < 0.5 ? "Buy" as const : "Sell" as const;
        const execution = move(rig.venue, {
          side,
          contracts: 1 + Math.floor(draw() * 60),
          price: rig.price,
          at: at(rig),
        });
        pushExecution(world, () => give(world, { kind: "Executed", at: at(rig), execution, source: "stream" }));
      }
    }
    const deadline = nextDeadline(rig.bot);
    if (rig.now >= world.tickAt || (deadline !== null && rig.now >= deadline)) {
      for (const intent of tick(rig)) carry(world, intent);
      world.tickAt = rig.now + tickPeriodMs(rig.bot);
    }
    judgeCover(world);
  }
}

function next(world: World): (() => void) | null {
  let best = -1;
  world.queue.forEach((item, index) => {
    const chosen = world.queue[best];
    if (item.due > world.rig.now) return;
    if (chosen === undefined || item.due < chosen.due || (item.due === chosen.due && item.order < chosen.order)) {
      best = index;
    }
  });
  const found = world.queue[best];
  if (found === undefined) return null;
  world.queue.splice(best, 1);
  return found.run;
}

/** Boots the bot in this world and waits for the start to end. */
export function start(world: World): void {
  give(world, { kind: "Boot", at: at(world.rig), accountUid: "7", restart: false, upgraded: false });
  for (const stream of ["private", "public"] as const) {
    give(world, { kind: "Link", at: at(world.rig), stream, status: "ready", cause: "" });
  }
  run(world, { ms: 5000, walk: 0 });
}

/** Contracts the bot believes in, and those the venue holds. */
export function agreement(world: World): { readonly bot: number; readonly venue: number } {
  return { bot: world.rig.bot.ledger.net, venue: world.rig.venue.net };
}
