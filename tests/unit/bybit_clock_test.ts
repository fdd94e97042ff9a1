import assert from "node:assert/strict";
import { Bench, code, entry, ok, START, stop } from "./bybit_kit.ts";

const CREATE = "/v5/order/create";
function stampOf(bench: Bench): number {
  return Number(bench.take(CREATE).request.headers["X-BAPI-TIMESTAMP"]);
}
/** How far ahead of the venue's clock the signature is; positive is what the venue refuses from 1,000 on. */
function ahead(bench: Bench): number {
  return stampOf(bench) - (START + bench.skew + bench.clock.mono);
}

Deno.test("[F-3.5] server time: round trip halved, carried on by the monotonic clock", () => {
  const bench = new Bench();
  bench.skew = 4_000;
  bench.adapter.connect();
  bench.answerTime(300);
  assert.equal(bench.adapter.serverNow(), START + 4_000 + 300);
  assert.equal(bench.adapter.vitals().clockSkewMs, -4_000);
  assert.equal(bench.adapter.clockUncertaintyMs(), 150);
  bench.clock.move(5_000);
  assert.equal(bench.adapter.serverNow(), START + 4_000 + 5_300);
});

Deno.test("[F-3.5] a signature is never ahead of the server, whatever the skew and the round trip", () => {
  for (const skew of [-90_000, -1_500, 0, 1_500, 90_000]) {
    for (const trip of [0, 20, 600, 1_000]) {
      const bench = new Bench();
      bench.skew = skew;
      bench.adapter.connect();
      bench.answerTime(trip);
      bench.adapter.send(stop());
      const lead = ahead(bench);
      assert.ok(lead <= 0 && lead >= -1_001, `skew ${skew} trip ${trip}: ${lead}`);
    }
  }
});

Deno.test("[F-3.5] even a reply that took the whole way back stays less than a second ahead", () => {
  const bench = new Bench();
  bench.adapter.connect();
  const sent = bench.take("/v5/market/time");
  const server = START + bench.clock.mono;
  // All of the trip was the way to the venue: the estimate is ahead by half of it.
  bench.clock.move(2_800);
  sent.answer(ok({ timeSecond: "", timeNano: `${server + 2_800}000000` }));
  bench.adapter.send(stop());
  const lead = ahead(bench);
  assert.ok(lead < 1_000, `${lead}`);
});

Deno.test("[F-3.5] signed calls wait for the first measurement, but not for ever", () => {
  const bench = new Bench();
  bench.adapter.connect();
  bench.adapter.send(stop());
  bench.adapter.send({ kind: "QueryInstrument" });
  assert.deepEqual(bench.paths(), ["/v5/market/time", "/v5/market/instruments-info"]);
  bench.take("/v5/market/time").answer({ kind: "failed", cause: "timeout", message: "" });
  assert.ok(bench.paths().includes(CREATE));
  assert.equal(bench.sockets.length, 2);
  assert.equal(bench.adapter.vitals().clockSkewMs, null);
  bench.clock.move(1_000);
  bench.answerTime();
  assert.equal(bench.adapter.vitals().clockSkewMs, 0);
});

Deno.test("[F-3.5] [F-2.1] signed calls wait a second at most for a measurement that hangs", () => {
  const bench = new Bench().ready();
  bench.clock.wall += 3_000;
  bench.adapter.send(stop());
  assert.deepEqual(bench.paths(), ["/v5/market/time"]);
  bench.clock.move(999);
  assert.deepEqual(bench.paths(), ["/v5/market/time"]);
  bench.clock.move(1);
  assert.deepEqual(bench.paths(), ["/v5/market/time", CREATE]);
  bench.adapter.send(stop("s2"));
  assert.equal(bench.paths().length, 3);
  bench.answerTime();
  bench.clock.wall += 3_000;
  bench.adapter.send(stop("s3"));
  assert.deepEqual(bench.paths(), [CREATE, CREATE, "/v5/market/time"]);
});

Deno.test("[F-3.5] a jump of local time moves nothing and is measured before the next signed call", () => {
  const bench = new Bench().ready();
  const before = bench.adapter.serverNow();
  bench.clock.wall += 3_000;
  assert.equal(bench.adapter.serverNow(), before);
  bench.adapter.send(stop());
  assert.deepEqual(bench.paths(), ["/v5/market/time"]);
  bench.answerTime();
  assert.deepEqual(bench.paths(), [CREATE]);
  assert.equal(bench.adapter.vitals().clockSkewMs, 3_000);
  assert.equal(bench.adapter.serverNow(), before);
});

Deno.test("[F-3.5] half a second of local drift is not a jump", () => {
  const bench = new Bench().ready();
  bench.clock.wall += 900;
  bench.adapter.send(stop());
  assert.deepEqual(bench.paths(), [CREATE]);
});

Deno.test("[F-3.5] 10002 is measured again at once; the request is told as refused, not repeated", () => {
  const bench = new Bench().ready();
  bench.adapter.send(entry());
  bench.take(CREATE).answer(code(10002));
  const [answer] = bench.of("PlaceAnswer");
  assert.ok(answer?.outcome.kind === "refused" && answer.outcome.refusal.cause === "clock");
  assert.deepEqual(bench.paths(), ["/v5/market/time"]);
  bench.adapter.send(stop());
  assert.deepEqual(bench.paths(), ["/v5/market/time"]);
  bench.skew = -2_000;
  bench.answerTime();
  assert.ok(ahead(bench) <= 0);
});

Deno.test("[F-3.5] a reply whose own time lies outside its round trip starts a new measurement", () => {
  const bench = new Bench().ready();
  const now = bench.adapter.serverNow();
  bench.adapter.send({ kind: "QueryWallet" });
  bench.take("/v5/account/wallet-balance").answer(ok({ list: [{ coin: [] }] }, { time: now + 900 }));
  assert.deepEqual(bench.paths(), []);
  bench.adapter.send({ kind: "QueryWallet" });
  bench.take("/v5/account/wallet-balance").answer(ok({ list: [{ coin: [] }] }, { time: now + 1_500 }));
  assert.deepEqual(bench.paths(), ["/v5/market/time"]);
});

Deno.test("[F-3.5] the offset is measured again every ten minutes", () => {
  const bench = new Bench().ready();
  bench.alive(599_000);
  bench.clock.move(999);
  assert.deepEqual(bench.paths(), []);
  bench.clock.move(1);
  assert.deepEqual(bench.paths(), ["/v5/market/time"]);
});

Deno.test("[F-3.5] after a suspend with a standing monotonic clock: noticed by the ping, measured, told as TimeGap", () => {
  const bench = new Bench().ready();
  const before = bench.adapter.serverNow();
  bench.clock.wall += 600_000;
  bench.skew += 600_000;
  bench.alive(5_000);
  bench.answerTime();
  assert.deepEqual(bench.of("TimeGap").map((event) => event.gap), [600_000]);
  assert.ok(bench.adapter.serverNow() - before >= 605_000);
});

Deno.test("[F-3.5] unreadable server times are no measurement", () => {
  const bench = new Bench();
  bench.adapter.connect();
  bench.take("/v5/market/time").answer(ok({ timeNano: 17 }));
  assert.equal(bench.adapter.vitals().clockSkewMs, null);
  bench.clock.move(1_000);
  bench.take("/v5/market/time").answer(ok({ timeSecond: String(START / 1000 + 1), timeNano: "" }));
  assert.equal(bench.adapter.vitals().clockSkewMs, 0);
});
