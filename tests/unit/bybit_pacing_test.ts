import assert from "node:assert/strict";
import { usdContracts } from "../../src/domain/units.ts";
import { Bench, code, configOf, entry, ok, SINCE, START, status, stop } from "./bybit_kit.ts";

const ENTRY = "grid_a3f8d2e1c4_l_Buy";
const CREATE = "/v5/order/create";
const CANCEL = "/v5/order/cancel";
const AMEND = "/v5/order/amend";
function places(bench: Bench): string[] {
  return bench.of("PlaceAnswer").map((event) =>
    event.outcome.kind === "notSent" ? `notSent ${event.outcome.reason}` : event.outcome.kind
  );
}
function queries(bench: Bench, count: number): void {
  for (let i = 0; i < count; i++) bench.adapter.send({ kind: "QueryPosition", protective: false });
}

Deno.test("[F-10.9] a cancel for a create in flight waits for its answer", () => {
  const bench = new Bench().ready();
  bench.adapter.send(entry());
  bench.adapter.send({ kind: "CancelOrder", orderLinkId: ENTRY });
  assert.deepEqual(bench.paths(), [CREATE]);
  bench.take(CREATE).answer({ kind: "failed", cause: "timeout", message: "" });
  assert.deepEqual(bench.paths(), [CANCEL]);
  bench.take(CANCEL).answer(code(110001));
  assert.deepEqual(places(bench), ["unknown"]);
  assert.equal(bench.of("CancelAnswer").length, 1);
});

Deno.test("[F-10.9] a cancel for a create that has not left removes it: both answer NotSent, nothing is sent", () => {
  const bench = new Bench().ready();
  bench.adapter.send(entry("first_l_Buy"));
  bench.adapter.send(entry());
  assert.deepEqual(bench.paths(), [CREATE]);
  bench.adapter.send({ kind: "AmendStop", orderLinkId: ENTRY, contracts: usdContracts(5), triggerPrice: null });
  bench.adapter.send({ kind: "CancelOrder", orderLinkId: ENTRY });
  bench.take(CREATE).answer(ok({ orderId: "1" }));
  bench.clock.move(5_000);
  assert.ok(!bench.paths().includes(CREATE) && !bench.paths().includes(CANCEL) && !bench.paths().includes(AMEND));
  assert.deepEqual(places(bench), ["notSent cancelled_before_sending", "ok"]);
  assert.deepEqual(bench.of("CancelAnswer").map((event) => event.outcome), [
    { kind: "notSent", reason: "create_never_left" },
  ]);
  assert.deepEqual(bench.of("AmendAnswer").map((event) => event.outcome.kind), ["notSent"]);
});

Deno.test("[F-10.9] requests of one order leave one at a time, in order; other orders are not held up", () => {
  const bench = new Bench().ready();
  const amend = (contracts: number) =>
    bench.adapter.send({
      kind: "AmendStop",
      orderLinkId: "s1",
      contracts: usdContracts(contracts),
      triggerPrice: null,
    });
  bench.adapter.send(stop("s1"));
  amend(2);
  amend(3);
  bench.adapter.send(stop("s2"));
  assert.deepEqual(bench.paths(), [CREATE, CREATE]);
  bench.take(CREATE).answer(ok({ orderId: "1" }));
  assert.deepEqual(bench.paths(), [CREATE, AMEND]);
  const first = bench.take(AMEND);
  assert.match(first.request.body ?? "", /"qty":"2"/);
  first.answer(ok({}));
  assert.match(bench.take(AMEND).request.body ?? "", /"qty":"3"/);
});

Deno.test("[F-5.5] a look-up does not wait for a create in flight, but never overtakes an unsent one", () => {
  const bench = new Bench().ready();
  bench.adapter.send(stop("s1"));
  bench.adapter.send({ kind: "LookUpOrder", orderLinkId: "s1" });
  assert.deepEqual(bench.paths(), [CREATE, "/v5/order/realtime"]);
  bench.adapter.send(entry("first_l_Buy"));
  bench.adapter.send(entry());
  bench.adapter.send({ kind: "LookUpOrder", orderLinkId: ENTRY });
  const looks = () => bench.requests.filter((sent) => sent.request.url.includes(`orderLinkId=${ENTRY}`)).length;
  assert.equal(looks(), 0);
  bench.clock.move(200);
  assert.equal(looks(), 1);
});

Deno.test("[F-10.9] [F-3.1] an entry is re-checked at the moment of sending; a stop never waits for the entry gap", () => {
  const bench = new Bench().ready();
  let asked = 0;
  bench.recheck = () => (asked++, asked > 1 ? "block:cooldown" : null);
  bench.adapter.send(entry("a_l_Buy"));
  bench.adapter.send(entry("b_l_Buy"));
  bench.adapter.send(stop());
  assert.equal(asked, 1);
  assert.equal(bench.paths().filter((path) => path === CREATE).length, 2);
  bench.clock.move(199);
  assert.equal(asked, 1);
  bench.clock.move(1);
  assert.equal(asked, 2);
  assert.deepEqual(places(bench), ["notSent block:cooldown"]);
  assert.equal(bench.paths().filter((path) => path === CREATE).length, 2);
});

Deno.test("[F-10.9] the re-check comes after the signature, which the live platform makes elsewhere", () => {
  const bench = new Bench().ready();
  bench.slowSigner = true;
  let halted = false;
  bench.recheck = () => halted ? "state_halt" : null;
  bench.adapter.send(entry());
  halted = true;
  for (const sign of bench.signatures.splice(0)) sign();
  assert.deepEqual(bench.paths(), []);
  assert.deepEqual(places(bench), ["notSent state_halt"]);
  bench.adapter.send({ kind: "CancelOrder", orderLinkId: ENTRY });
  for (const sign of bench.signatures.splice(0)) sign();
  assert.deepEqual(bench.paths(), [CANCEL]);
});

Deno.test("[F-10.9] an entry two seconds old at the moment of sending is not sent", () => {
  const bench = new Bench().ready();
  const wait = (ms: number) => {
    bench.adapter.send(stop(`x${ms}`));
    const headers = { "x-bapi-limit-reset-timestamp": String(bench.adapter.serverNow() + ms) };
    bench.take(CREATE).answer(code(10006, headers));
    bench.adapter.send(entry());
    bench.clock.move(ms);
  };
  wait(1_999);
  bench.take(CREATE).answer(ok({ orderId: "1" }));
  wait(2_000);
  assert.deepEqual(bench.paths(), []);
  assert.deepEqual(places(bench), ["unknown", "ok", "unknown", "notSent entry_too_old"]);
});

Deno.test("[F-7.10] every request of an order look-up is a protective call of the minute, and uses the whole budget up", () => {
  const runtime = { rate_limits_per_s: {}, rest_budget_per_min: 30, rest_budget_other_per_min: 20 };
  const bench = new Bench({ config: configOf("1h", runtime) }).ready();
  const before = bench.adapter.vitals();
  const empty = ok({ list: [], nextPageCursor: "", category: "inverse" });
  for (let look = 0; look < 7; look += 1) {
    bench.adapter.send({ kind: "LookUpOrder", orderLinkId: `${ENTRY}_${look + 2}` });
    for (const path of ["order/realtime", "order/realtime", "order/history", "execution/list"]) {
      bench.take(`/v5/${path}`).answer(empty);
    }
  }
  const after = bench.adapter.vitals();
  assert.deepEqual(
    [after.restCalls60s - before.restCalls60s, after.restProtectiveCalls60s - before.restProtectiveCalls60s],
    [28, 28],
  );
  // Not among the others' own number: with 20 of those left and 29 of 30 used, one more of the others may go.
  bench.adapter.send({ kind: "QueryWallet" });
  bench.take("/v5/account/wallet-balance");
  bench.adapter.send({ kind: "QueryWallet" });
  assert.deepEqual(bench.paths(), []);
  assert.deepEqual(bench.of("WalletAnswer").map((event) => event.result.kind), ["failed"]);
});

Deno.test("[F-7.10] [GATE-5] others stop at 70 a minute, protective calls never", () => {
  const bench = new Bench({ config: configOf("1h", { rate_limits_per_s: {} }) }).ready();
  queries(bench, 80);
  bench.clock.move(3_000);
  const answered = bench.of("PositionAnswer");
  // One call of the minute was the clock.
  assert.equal(answered.length, 11);
  assert.deepEqual(answered[0]?.result, {
    kind: "failed",
    outcome: { kind: "notSent", reason: "rest_budget_exhausted" },
  });
  bench.adapter.send(entry());
  assert.deepEqual(places(bench), ["notSent rest_budget_exhausted"]);
  const before = bench.requests.length;
  for (let i = 0; i < 20; i++) bench.adapter.send({ kind: "QueryPosition", protective: true });
  assert.equal(bench.requests.length, before + 20);
  assert.deepEqual(
    [bench.adapter.vitals().restCalls60s, bench.adapter.vitals().restProtectiveCalls60s],
    [90, 21],
  );
  // Beyond 90 they are paced, never refused.
  for (let i = 0; i < 5; i++) bench.adapter.send(stop(`s${i}`));
  assert.equal(bench.paths().filter((path) => path === CREATE).length, 0);
  bench.clock.move(200);
  assert.equal(bench.paths().filter((path) => path === CREATE).length, 1);
  bench.clock.move(800);
  assert.equal(bench.paths().filter((path) => path === CREATE).length, 5);
  bench.clock.move(60_000);
  queries(bench, 1);
  assert.equal(bench.of("PositionAnswer").length, 11);
});

Deno.test("[F-7.10] calls about orders leave the others their 70, until both together are 90; reads do not", () => {
  const refused = (protect: (bench: Bench) => void) => {
    const bench = new Bench({ config: configOf("1h", { rate_limits_per_s: { "order/cancel": 100 } }) }).ready();
    protect(bench);
    bench.clock.move(1_000);
    queries(bench, 70);
    bench.clock.move(3_000);
    return bench.of("PositionAnswer").length;
  };
  // One call of the minute was the clock.
  const cancels = (count: number) => (bench: Bench) => {
    for (let i = 0; i < count; i++) bench.adapter.send({ kind: "CancelOrder", orderLinkId: `c${i}` });
  };
  assert.equal(refused(cancels(10)), 1);
  assert.equal(refused(cancels(30)), 70 - (90 - 31));
  const reads = (bench: Bench) => {
    for (let i = 0; i < 10; i++) bench.adapter.send({ kind: "QueryPosition", protective: true });
  };
  assert.equal(refused(reads), 11);
});

Deno.test("[F-10.3 F-10.9] a stop sent again under its id does not wait for the first to be given up, a cancel does", () => {
  const bench = new Bench().ready();
  bench.adapter.send(stop("a"));
  bench.clock.move(3_000);
  bench.adapter.send(stop("a"));
  bench.clock.move(300);
  assert.equal(bench.paths().filter((path) => path === CREATE).length, 2);
  bench.adapter.send({ kind: "CancelOrder", orderLinkId: "a" });
  bench.clock.move(300);
  assert.equal(bench.paths().filter((path) => path.endsWith("/order/cancel")).length, 0);
});

Deno.test("[F-7.10] protective requests go before others that wait", () => {
  const bench = new Bench();
  bench.adapter.connect();
  queries(bench, 3);
  bench.adapter.send(stop());
  assert.deepEqual(bench.paths(), ["/v5/market/time"]);
  bench.answerTime();
  assert.deepEqual(bench.paths(), [CREATE, "/v5/position/list", "/v5/position/list", "/v5/position/list"]);
});

Deno.test("[F-7.10] one endpoint sends at most its limit in any second; the headers lower it", () => {
  const bench = new Bench({ config: configOf("1h", { rate_limits_per_s: { "/v5/order/create": 4 } }) }).ready();
  for (let i = 0; i < 10; i++) bench.adapter.send(stop(`s${i}`));
  const sentAt = () => bench.requests.map((sent) => sent.at);
  assert.equal(sentAt().length, 4);
  bench.clock.move(1_000);
  assert.equal(sentAt().length, 8);
  const headers = { "x-bapi-limit": "2", "x-bapi-limit-status": "1" };
  for (const sent of bench.requests.splice(0)) sent.answer(ok({ orderId: "1" }, { headers }));
  bench.clock.move(1_000);
  assert.equal(bench.requests.length, 2);
});

Deno.test("[F-7.10] an exhausted allowance waits for the venue's reset time", () => {
  const bench = new Bench().ready();
  bench.adapter.send(stop("a"));
  const reset = String(bench.adapter.serverNow() + 700);
  const headers = { "x-bapi-limit": "10", "x-bapi-limit-status": "0", "x-bapi-limit-reset-timestamp": reset };
  bench.take(CREATE).answer(ok({ orderId: "1" }, { headers }));
  bench.adapter.send(stop("b"));
  bench.clock.move(699);
  assert.deepEqual(bench.paths(), []);
  bench.clock.move(1);
  assert.deepEqual(bench.paths(), [CREATE]);
});

Deno.test("[F-7.14] 10006 pauses its endpoint, with or without a reset header; 429 pauses everything, growing", () => {
  const bench = new Bench().ready();
  bench.adapter.send(stop("a"));
  bench.take(CREATE).answer(code(10006));
  bench.adapter.send(stop("b"));
  bench.adapter.send({ kind: "QueryWallet" });
  assert.deepEqual(bench.paths(), ["/v5/account/wallet-balance"]);
  bench.take("/v5/account/wallet-balance").answer(ok({ list: [{ coin: [] }] }));
  bench.clock.move(1_500);
  const second = bench.take(CREATE);
  second.answer(code(10006, { "x-bapi-limit-reset-timestamp": String(bench.adapter.serverNow() + 300) }));
  bench.adapter.send(stop("c"));
  bench.clock.move(300);
  bench.take(CREATE).answer(status(429));
  bench.adapter.send({ kind: "QueryWallet" });
  bench.clock.move(1_249);
  assert.deepEqual(bench.paths(), []);
  bench.clock.move(1);
  bench.take("/v5/account/wallet-balance").answer(status(429));
  bench.adapter.send(stop("d"));
  bench.clock.move(2_499);
  assert.deepEqual(bench.paths(), []);
  bench.clock.move(1);
  bench.take(CREATE).answer(ok({ orderId: "1" }));
  assert.deepEqual(places(bench), ["unknown", "unknown", "unknown", "ok"]);
});

Deno.test("[F-7.14] HTTP 403: one IpBanned, no REST for ten minutes, then again", () => {
  const bench = new Bench().ready();
  bench.adapter.send({ kind: "QueryWallet" });
  bench.adapter.send(stop("a"));
  bench.take("/v5/account/wallet-balance").answer(status(403, "access too frequent"));
  bench.take(CREATE).answer(status(403, "access too frequent"));
  assert.deepEqual(bench.of("IpBanned").map((event) => event.until), [START + bench.clock.mono + 600_000]);
  bench.adapter.send(stop("b"));
  bench.adapter.send({ kind: "LookUpOrder", orderLinkId: "b" });
  assert.deepEqual(places(bench), ["refused", "notSent ip_banned"]);
  assert.deepEqual(bench.requests.filter((sent) => !sent.request.url.includes("/time")), []);
  bench.alive(600_000);
  bench.adapter.send(stop("c"));
  assert.ok(bench.paths().includes(CREATE));
});

Deno.test("[F-7.5] [P-1] latency: p95 of core calls over a minute, the last five when fewer, a timeout in full", () => {
  const bench = new Bench().ready();
  assert.equal(bench.adapter.vitals().restP95, null);
  const round = (ms: number, answer = ok({ list: [{ coin: [] }] })) => {
    bench.adapter.send({ kind: "QueryWallet" });
    const sent = bench.take("/v5/account/wallet-balance");
    bench.clock.move(ms);
    sent.answer(answer);
  };
  round(40);
  assert.equal(bench.adapter.vitals().restP95, 40);
  round(80, { kind: "failed", cause: "timeout", message: "" });
  assert.deepEqual([bench.adapter.vitals().restP95, bench.adapter.vitals().restTimeoutsInRow], [5000, 1]);
  for (let i = 0; i < 5; i++) round(30);
  assert.deepEqual([bench.adapter.vitals().restP95, bench.adapter.vitals().restTimeoutsInRow], [5000, 0]);
  bench.alive(61_000);
  assert.equal(bench.adapter.vitals().restP95, 30);
  bench.adapter.send({ kind: "QueryFeeRates" });
  const slow = bench.take("/v5/account/fee-rate");
  bench.clock.move(4_000);
  slow.answer(ok({}));
  assert.equal(bench.adapter.vitals().restP95, 30);
});

Deno.test("[F-13.3] close() drops what has not been sent and answers nothing any more", () => {
  const bench = new Bench().ready();
  bench.adapter.send(entry("a_l_Buy"));
  bench.adapter.send(entry("b_l_Buy"));
  const sent = bench.take(CREATE);
  bench.adapter.close();
  const before = bench.events.length;
  sent.answer(ok({ orderId: "1" }));
  bench.clock.move(60_000);
  assert.equal(bench.events.length, before);
  assert.deepEqual(bench.requests, []);
  assert.equal(bench.clock.pending(), 0);
  assert.ok(bench.sockets.every((socket) => socket.abandoned));
});

Deno.test("[F-7.21] a backfill of many pages is paced by its endpoint, not refused half way", () => {
  const bench = new Bench().ready();
  bench.adapter.send({ kind: "QueryExecutions", since: SINCE, protective: true });
  for (let page = 0; page < 30; page++) {
    bench.take("/v5/execution/list").answer(ok({ list: [{ symbol: "ETHUSD" }], nextPageCursor: `c${page}` }));
  }
  bench.take("/v5/execution/list").answer(ok({ list: [], nextPageCursor: "" }));
  assert.equal(bench.of("ExecutionsAnswer")[0]?.result.kind, "complete");
  assert.equal(bench.adapter.ignored(), 30);
});
