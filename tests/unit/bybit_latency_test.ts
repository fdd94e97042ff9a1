import assert from "node:assert/strict";
import fc from "fast-check";
import { createLatency } from "../../src/infrastructure/exchange/bybit/latency.ts";

Deno.test("[P-1] [F-7.5] p95 is the value of the sorted minute, or of the last five when fewer", () => {
  let full = 0;
  fc.assert(fc.property(
    fc.array(fc.record({ gap: fc.integer({ min: 0, max: 2_000 }), ms: fc.integer({ min: 0, max: 5_000 }) }), {
      minLength: 1,
      maxLength: 150,
      // By default arrays stay so short that no minute ever holds the twenty samples that need more than the largest.
      size: "max",
    }),
    fc.oneof(fc.integer({ min: 0, max: 1_000 }), fc.integer({ min: 0, max: 90_000 })),
    (calls, later) => {
      const latency = createLatency();
      const all: { at: number; ms: number }[] = [];
      let now = 0;
      for (const { gap, ms } of calls) {
        now += gap;
        all.push({ at: now, ms });
        latency.add({ at: now, ms });
        if (ms % 3 === 0) latency.p95(now);
      }
      now += later;
      const minute = all.filter((each) => each.at > now - 60_000);
      const judged = (minute.length >= 5 ? minute : all.slice(-5)).map((each) => each.ms).sort((a, b) => a - b);
      if (judged.length > 40) full++;
      assert.equal(latency.p95(now), judged[Math.ceil(judged.length * 0.95) - 1]);
      assert.equal(latency.p95(now), latency.p95(now));
    },
  ));
  assert.ok(full > 5, `${full} minutes of more than forty samples`);
  assert.equal(createLatency().p95(0), null);
});
