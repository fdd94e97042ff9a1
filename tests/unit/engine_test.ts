import assert from "node:assert/strict";
import { createEventRouter } from "../../src/application/engine/event_router.ts";
import { OrderExecutor } from "../../src/application/engine/order_executor.ts";
import type { ExchangePort, JournalPort, Sinks } from "../../src/application/engine/ports.ts";
import { createTickEngine } from "../../src/application/engine/tick_engine.ts";
import type { Guarded } from "../../src/application/guardian/guardian.ts";
import type { Event } from "../../src/domain/events.ts";
import type { Intent } from "../../src/domain/intent.ts";
import type { Approved, OrderTicket } from "../../src/domain/orders.ts";
import { epochMs, priceCents, usdContracts } from "../../src/domain/units.ts";

const ENTRY: OrderTicket = {
  orderLinkId: "grid_a3f8d2e1c4_l_Buy",
  side: "Buy",
  contracts: usdContracts(100),
  orderType: "Limit",
  price: priceCents(5_000_000),
  timeInForce: "PostOnly",
  trigger: null,
  reduceOnly: false,
  closeOnTrigger: false,
};
const STOP: OrderTicket = {
  ...ENTRY,
  orderLinkId: "grid_a3f8d2e1c4_l_stop_Sell",
  side: "Sell",
  orderType: "Market",
  price: null,
  timeInForce: "IOC",
  trigger: { price: priceCents(4_900_000), direction: 2, by: "MarkPrice" },
  reduceOnly: true,
  closeOnTrigger: true,
};
const placeEntry: Intent = { kind: "PlaceEntry", ticket: ENTRY as Approved<OrderTicket> };
const placeStop: Intent = { kind: "PlaceStop", ticket: STOP };
const cancelEntry: Intent = { kind: "CancelOrder", orderLinkId: ENTRY.orderLinkId };

/** A journal whose durability the test releases by hand, and an exchange and sinks that note what reached them. */
function bench(options: { readonly observe: boolean }) {
  const wire: string[] = [];
  const submitted: Event[] = [];
  const alerts: string[] = [];
  const observed: string[] = [];
  const waiting: { readonly atMostMs: number | null; readonly act: (durable: boolean) => void }[] = [];
  const exchange: ExchangePort = { send: (intent) => wire.push(intent.kind) };
  const journal: JournalPort = {
    append: () => ({ seq: 1 }),
    whenDurable: (_seq, { atMostMs }, act) => waiting.push({ atMostMs, act }),
  };
  const sinks: Sinks = {
    alert: (intent) => alerts.push(intent.code),
    record: () => {},
    answer: () => {},
    check: () => {},
    refuseStart: () => {},
    observed: (intent) => observed.push(intent.kind),
  };
  const executor = new OrderExecutor({
    exchange,
    journal,
    sinks,
    submit: (event) => submitted.push(event),
    now: () => epochMs(1_000),
    observe: options.observe,
  });
  return { executor, wire, submitted, alerts, observed, waiting };
}

Deno.test("[F-10.7] order_executor holds an entry until its record is durable, and drops it if it never is", () => {
  const good = bench({ observe: false });
  good.executor.run(1, [placeEntry]);
  assert.deepEqual(good.wire, []);
  assert.equal(good.waiting[0]?.atMostMs, null);
  good.waiting[0]?.act(true);
  assert.deepEqual(good.wire, ["PlaceEntry"]);

  const bad = bench({ observe: false });
  bad.executor.run(1, [placeEntry]);
  bad.waiting[0]?.act(false);
  assert.deepEqual(bad.wire, []);
  const answer = bad.submitted[0];
  assert.equal(answer?.kind === "PlaceAnswer" && answer.outcome.kind, "notSent");
});

Deno.test("[F-10.7] order_executor sends a stop after 250 ms at most, with the alert unjournaled_protection", () => {
  const b = bench({ observe: false });
  b.executor.run(1, [placeStop]);
  assert.equal(b.waiting[0]?.atMostMs, 250);
  b.waiting[0]?.act(false);
  assert.deepEqual(b.wire, ["PlaceStop"]);
  assert.deepEqual(b.alerts, ["unjournaled_protection"]);
});

Deno.test("[F-10.9] a cancel takes an entry that has not left out of the queue and both are answered NotSent", () => {
  const b = bench({ observe: false });
  b.executor.run(1, [placeEntry]);
  b.executor.run(2, [cancelEntry]);
  b.waiting[0]?.act(true);
  assert.deepEqual(b.wire, []);
  assert.deepEqual(
    b.submitted.map((event) => "outcome" in event ? `${event.kind} ${event.outcome.kind}` : event.kind),
    ["PlaceAnswer notSent", "CancelAnswer notSent"],
  );
});

Deno.test("[F-13.7] observe mode lets look-ups out and keeps every order back, each shown and answered", () => {
  const b = bench({ observe: true });
  b.executor.run(1, [placeEntry, placeStop, cancelEntry, { kind: "QueryPosition", protective: false }]);
  assert.deepEqual(b.wire, ["QueryPosition"]);
  assert.deepEqual(b.observed, ["PlaceEntry", "PlaceStop", "CancelOrder"]);
  assert.equal(b.submitted.length, 3);
});

Deno.test("[F-3.5] event_router never lets time go back and never nests steps", () => {
  const seen: string[] = [];
  const router = createEventRouter({
    startAt: epochMs(100),
    queueMax: 1_000,
    handle(event) {
      seen.push(`${event.kind}@${event.at}`);
      if (event.kind === "Shutdown") {
        router.submit({ kind: "KillSwitch", at: epochMs(90), present: true });
        seen.push("still in Shutdown");
      }
    },
  });
  router.submit({ kind: "Shutdown", at: epochMs(200) });
  assert.deepEqual(seen, ["Shutdown@200", "still in Shutdown", "KillSwitch@200"]);
  assert.equal(router.lastAt(), 200);
});

Deno.test("[F-4.6] event_router reports an inbox beyond its bound once and loses nothing", () => {
  const seen: string[] = [];
  const router = createEventRouter({
    startAt: epochMs(0),
    queueMax: 3,
    handle(event) {
      seen.push(event.kind);
      if (seen.length > 1) return;
      for (let i = 0; i < 6; i++) router.submit({ kind: "KillSwitch", at: epochMs(1), present: true });
    },
  });
  router.submit({ kind: "Shutdown", at: epochMs(1) });
  assert.equal(seen.filter((kind) => kind === "KillSwitch").length, 6);
  assert.equal(seen.filter((kind) => kind === "Dropped").length, 1);
});

Deno.test("[F-11.1] [F-1.1] tick_engine journals event and intents before it runs them", () => {
  const order: string[] = [];
  const state = {} as Guarded;
  const engine = createTickEngine({
    initial: state,
    step: () => ({ state, intents: [placeStop] }),
    journal: {
      append: (event, intents) => (order.push(`journal ${event.kind} ${intents.length}`), { seq: 7 }),
      whenDurable: () => {},
    },
    run: (seq, intents) => order.push(`run ${seq} ${intents.length}`),
  });
  engine.handle({ kind: "Shutdown", at: epochMs(1) });
  assert.deepEqual(order, ["journal Shutdown 1", "run 7 1"]);
});

Deno.test("[F-11.8] a throw in the core becomes the journaled step CoreFault and the last good state stays", () => {
  const journaled: Event[] = [];
  const good = {} as Guarded;
  const engine = createTickEngine({
    initial: good,
    step(state, event) {
      if (event.kind === "Shutdown") throw new RangeError("boom");
      return { state, intents: [] };
    },
    journal: { append: (event) => (journaled.push(event), { seq: 1 }), whenDurable: () => {} },
    run: () => {},
  });
  engine.handle({ kind: "Shutdown", at: epochMs(5) });
  assert.deepEqual(journaled, [{ kind: "CoreFault", at: 5, during: "Shutdown", message: "boom" }]);
  assert.equal(engine.state(), good);
});
