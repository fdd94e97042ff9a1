import assert from "node:assert/strict";
import fc from "fast-check";
import { FAULT_NAMES, type MarketPoint } from "../../src/infrastructure/exchange/fake_exchange/mod.ts";
import { drawSwitches } from "../../src/infrastructure/exchange/fake_exchange/switches.ts";
import { Bench, point, START, stop } from "../unit/fake_exchange_harness.ts";

type Act =
  | {
    readonly kind: "limit";
    readonly side: "Buy" | "Sell";
    readonly qty: number;
    readonly steps: number;
    readonly tif: string;
  }
  | { readonly kind: "market"; readonly side: "Buy" | "Sell"; readonly qty: number; readonly reduceOnly: boolean }
  | { readonly kind: "stop"; readonly side: "Buy" | "Sell"; readonly qty: number; readonly steps: number }
  | { readonly kind: "amend"; readonly qty: number }
  | { readonly kind: "cancel" }
  | { readonly kind: "fault"; readonly name: (typeof FAULT_NAMES)[number] }
  | { readonly kind: "pass" };

const side = fc.constantFrom<"Buy" | "Sell">("Buy", "Sell");
const qty = fc.integer({ min: 1, max: 3_000 });
const anyAct: fc.Arbitrary<Act> = fc.oneof(
  fc.record({
    kind: fc.constant("limit" as const),
    side,
    qty,
    steps: fc.integer({ min: -20, max: 20 }),
    tif: fc.constantFrom("GTC", "IOC", "FOK", "PostOnly"),
  }),
  fc.record({ kind: fc.constant("market" as const), side, qty, reduceOnly: fc.boolean() }),
  fc.record({ kind: fc.constant("stop" as const), side, qty, steps: fc.integer({ min: 1, max: 30 }) }),
  fc.record({ kind: fc.constant("amend" as const), qty }),
  fc.constant({ kind: "cancel" as const }),
  fc.record({ kind: fc.constant("fault" as const), name: fc.constantFrom(...FAULT_NAMES) }),
  fc.constant({ kind: "pass" as const }),
);

function walk(seed: number): MarketPoint[] {
  const points: MarketPoint[] = [];
  let cents = 3_000_000;
  let state = seed >>> 0;
  for (let i = 0; i < 200; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    cents += (Math.floor((state / 4_294_967_296) * 41) - 20) * 1_000;
    const size = state % 7 === 0 ? 0 : 200 + (state % 900);
    points.push(point(cents, { at: START + i * 10_000, askSize: size, bidSize: size, volumeUsd: state % 2_000 }));
  }
  return points;
}

function perform(bench: Bench, act: Act, index: number): void {
  const { last, mark } = bench.venue.control.state();
  const price = (steps: number) => ((Math.round(last / 1_000) + steps) * 10).toFixed(1);
  const link = `o${index}`;
  switch (act.kind) {
    case "limit":
      bench.post("/v5/order/create", {
        side: act.side,
        orderType: "Limit",
        qty: String(act.qty),
        price: price(act.steps),
        timeInForce: act.tif,
        orderLinkId: link,
      });
      return;
    case "market":
      bench.post("/v5/order/create", {
        side: act.side,
        orderType: "Market",
        qty: String(act.qty),
        reduceOnly: act.reduceOnly,
        orderLinkId: link,
      });
      return;
    case "stop": {
      const away = act.side === "Sell" ? -act.steps : act.steps;
      const trigger = ((Math.round(mark / 1_000) + away) * 10).toFixed(1);
      const triggerDirection = act.side === "Sell" ? 2 : 1;
      bench.post(
        "/v5/order/create",
        stop(link, { ...act, qty: String(act.qty), triggerPrice: trigger, triggerDirection }),
      );
      return;
    }
    case "amend":
    case "cancel": {
      const order = bench.venue.control.state().orders[0];
      if (order === undefined) return;
      const path = act.kind === "amend" ? "/v5/order/amend" : "/v5/order/cancel";
      bench.post(path, { orderId: order.orderId, ...(act.kind === "amend" ? { qty: String(act.qty) } : {}) });
      return;
    }
    case "fault":
      bench.venue.control.injectFault(act.name);
      return;
    case "pass":
      return;
  }
}

/** What must hold of any log, whatever was asked and whatever went wrong. */
function judge(bench: Bench): void {
  const FINAL = new Set(["Filled", "Cancelled", "Rejected", "Deactivated"]);
  const ended = new Map<string, string>();
  const cum = new Map<string, number>();
  let size = 0;
  let wallet = 100_000_000;
  let booked = 100_000_000;
  const reducing = new Set(
    bench.log.flatMap((entry) => entry.kind === "order" && entry.reduceOnly ? [entry.orderId] : []),
  );
  for (const entry of bench.log) {
    if (entry.kind === "wallet") {
      wallet += entry.deltaSat;
      assert.equal(entry.balanceSat, wallet);
      if (entry.cause === "deposit" || entry.cause === "withdrawal") booked += entry.deltaSat;
    }
    if (entry.kind === "execution") {
      booked += entry.pnlSat - entry.feeSat;
      if (entry.execType === "Funding") continue;
      const before = size;
      size += entry.side === "Buy" ? entry.qty : -entry.qty;
      const closes = before !== 0 && Math.sign(before) !== (entry.side === "Buy" ? 1 : -1);
      if (reducing.has(entry.orderId)) {
        assert.equal(entry.closedSize, entry.qty, "a reduce-only order opened something");
      }
      assert.equal(entry.closedSize, closes ? Math.min(entry.qty, Math.abs(before)) : 0);
    }
    if (entry.kind === "order") {
      assert.equal(ended.get(entry.orderId), undefined, `an order moved after ${ended.get(entry.orderId)}`);
      if (FINAL.has(entry.status)) ended.set(entry.orderId, entry.status);
      assert.ok(entry.cumQty <= entry.qty || entry.closesAll, "filled more than its quantity");
      assert.ok(entry.cumQty >= (cum.get(entry.orderId) ?? 0), "cumQty fell");
      cum.set(entry.orderId, entry.cumQty);
    }
  }
  const state = bench.venue.control.state();
  assert.equal(state.walletSat, wallet);
  assert.equal(booked, wallet, "the wallet moved by something that no execution or flow explains");
  assert.equal(state.side === "Sell" ? -state.size : state.size, size);
  const links = bench.log.flatMap((entry) =>
    entry.kind === "order" && entry.owner === "bot" && entry.cause === "created" && entry.orderLinkId !== ""
      ? [`${entry.orderLinkId} ${entry.orderId}`]
      : []
  );
  const ids = new Map<string, string>();
  for (const pair of links) {
    const [link = "", id = ""] = pair.split(" ");
    assert.equal(ids.get(link) ?? id, id, `orderLinkId ${link} was taken twice`);
    ids.set(link, id);
  }
}

Deno.test("[F-8] venue: wallet, position and orders add up after any acts and faults, under any switches", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1_000_000 }), fc.array(anyAct, { maxLength: 60 }), (seed, acts) => {
      const bench = new Bench(walk(seed), { seed, switches: drawSwitches(seed) });
      bench.listen();
      acts.forEach((act, index) => {
        bench.clock.to(START + index * 4_000 + 1_000);
        perform(bench, act, index);
        bench.list("/v5/order/realtime");
        bench.list("/v5/position/list");
      });
      bench.clock.to(START + 1_900_000);
      judge(bench);
    }),
    { numRuns: 150 },
  );
});

Deno.test("[F-3.3] venue: the same seed, market and requests give the same log", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1_000 }), fc.array(anyAct, { maxLength: 25 }), (seed, acts) => {
      const runs = [0, 1].map(() => {
        const bench = new Bench(walk(seed), {
          seed,
          switches: drawSwitches(seed),
          faults: { rates: { http_5xx: 0.1 } },
        });
        acts.forEach((act, index) => {
          bench.clock.to(START + index * 4_000 + 1_000);
          perform(bench, act, index);
        });
        return bench.log;
      });
      assert.deepEqual(runs[0], runs[1]);
    }),
    { numRuns: 30 },
  );
});
