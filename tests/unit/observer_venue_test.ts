/** The observer fed by the venue's real log, so that what the hand-written logs assume is what the venue writes. */
import { strict as assert } from "node:assert";
import { Observer } from "../../src/observer/mod.ts";
import type { MarketPoint, VenueOptions } from "../../src/infrastructure/exchange/fake_exchange/mod.ts";
import { Bench, point, START, stop } from "./fake_exchange_harness.ts";

const PRICE = 3_000_000;
const ENTRY = { side: "Buy", orderType: "Limit", price: "30000.1", orderLinkId: "e1" };

/** A point a second at one price. */
function still(seconds: number, from = 0, cents = PRICE): MarketPoint[] {
  return Array.from({ length: seconds }, (_, index) => point(cents, { at: START + (from + index) * 1000 }));
}
function watched(points: readonly MarketPoint[], more: Partial<VenueOptions> = {}) {
  const observer = new Observer({ seed: 1, capitalUsd: 100 });
  const bench = new Bench(points, { onLog: (entry) => observer.onVenue(entry), ...more });
  const checks = () => observer.violations.map((violation) => violation.check);
  return { observer, bench, checks };
}

Deno.test("observer: a position with its stop passes, and the probe finds it closed by the stop within budget", () => {
  const { observer, bench, checks } = watched(still(120));
  bench.post("/v5/order/create", { ...ENTRY, qty: "100" });
  bench.post("/v5/order/create", stop("s1", { qty: "100", triggerPrice: "29400" }));
  bench.clock.to(START + 60_000);
  assert.equal(observer.wantsProbe, true);
  observer.probe(bench.venue.fork());
  assert.deepEqual(checks(), []);
  assert.equal(bench.venue.control.state().size, 100, "the fork moved the venue itself");
  assert.equal(observer.figures.nakedMsMax, 0);
  assert.equal(observer.figures.positionMsTotal, 60_000);
  assert.equal(observer.figures.ordersSent, 2);
});

Deno.test("observer: the probe finds a stop that loses more than the budget", () => {
  const { observer, bench, checks } = watched(still(120));
  bench.post("/v5/order/create", { ...ENTRY, qty: "100" });
  bench.post("/v5/order/create", stop("s1", { qty: "100", triggerPrice: "28500" }));
  bench.clock.to(START + 60_000);
  observer.probe(bench.venue.fork());
  assert.deepEqual(checks(), ["probe"]);
  assert.match(observer.violations[0]?.detail ?? "", /budget/);
});

Deno.test("observer: two stops during a replacement close the position once", () => {
  const { observer, bench, checks } = watched(still(120));
  bench.post("/v5/order/create", { ...ENTRY, qty: "100" });
  bench.post("/v5/order/create", stop("s1", { qty: "100", triggerPrice: "29400" }));
  bench.post("/v5/order/create", stop("s2", { qty: "0", triggerPrice: "29300" }));
  bench.clock.to(START + 60_000);
  observer.probe(bench.venue.fork());
  assert.deepEqual(checks(), []);
});

Deno.test("observer: a position whose stop is cancelled is unprotected after 10 s", () => {
  const { bench, checks } = watched(still(120));
  bench.post("/v5/order/create", { ...ENTRY, qty: "100" });
  bench.post("/v5/order/create", stop("s1", { qty: "100" }));
  bench.clock.to(START + 20_000);
  bench.post("/v5/order/cancel", { orderLinkId: "s1" });
  assert.deepEqual(checks(), ["bare_cancel"]);
  bench.clock.to(START + 30_000);
  assert.deepEqual(checks(), ["bare_cancel"]);
  bench.clock.to(START + 40_000);
  assert.deepEqual(checks(), ["bare_cancel", "unprotected"]);
});

Deno.test("[F-2.1] observer: a stop that triggered under a new id covers nothing of the next position", () => {
  const prices = [...still(20), ...still(20, 20, 2_930_000), ...still(120, 40)];
  const { bench, checks } = watched(prices, { switches: { orderIdAfterTrigger: "new" } });
  bench.post("/v5/order/create", { ...ENTRY, qty: "100" });
  bench.post("/v5/order/create", stop("s1", { qty: "100", triggerPrice: "29400" }));
  bench.clock.to(START + 60_000);
  assert.equal(bench.venue.control.state().size, 0);
  bench.post("/v5/order/create", { ...ENTRY, qty: "100", orderLinkId: "e2" });
  bench.clock.to(START + 80_000);
  assert.deepEqual(checks(), ["unprotected"]);
});

Deno.test("observer: the wallet the venue writes tells external flows from what trades made", () => {
  const { observer, bench, checks } = watched([...still(20), ...still(300, 20, 2_900_000)]);
  bench.post("/v5/order/create", { ...ENTRY, qty: "100" });
  bench.post("/v5/order/create", stop("s1", { qty: "100", triggerPrice: "29400" }));
  bench.clock.to(START + 10_000);
  bench.venue.control.deposit(1_234);
  bench.clock.to(START + 300_000);
  assert.equal(bench.venue.control.state().size, 0);
  // Nobody journaled the deposit, and the trade has no record: the observer says what it misses first.
  assert.deepEqual(checks(), ["ledger_identity"]);
  assert.match(observer.violations[0]?.detail ?? "", /journaled external flows of 0 sat, the venue had 1234$/);
});

Deno.test("observer: two entries, and an entry beside a position, as the venue logs them", () => {
  const { bench, checks } = watched(still(60));
  bench.post("/v5/order/create", { ...ENTRY, qty: "10", price: "29000", orderLinkId: "a" });
  bench.post("/v5/order/create", { ...ENTRY, qty: "10", price: "29001", orderLinkId: "b" });
  assert.deepEqual(checks(), ["two_entries"]);
  bench.post("/v5/order/cancel", { orderLinkId: "a" });
  bench.post("/v5/order/cancel", { orderLinkId: "b" });
  bench.post("/v5/order/create", { ...ENTRY, qty: "10", orderLinkId: "c" });
  bench.post("/v5/order/create", stop("s1", { qty: "10" }));
  bench.clock.to(START + 5_000);
  bench.post("/v5/order/create", { ...ENTRY, qty: "10", price: "29000", orderLinkId: "d" });
  assert.deepEqual(checks(), ["two_entries", "entry_on_position"]);
});
