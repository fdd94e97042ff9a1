/** The budget of calls in words of the rule (F-7.10, P-8). */
import { strict as assert } from "node:assert";
import { RateLimiter } from "../../src/infrastructure/exchange/bybit/rate_limiter.ts";
import { ENDPOINTS } from "../../src/infrastructure/exchange/bybit/venue_words.ts";
import { configOf } from "./bybit_kit.ts";

const NOW = Date.UTC(2026, 0, 5);
/** So many look-ups of own orders, 300 ms apart, and then reads that protect nothing, up to the end of the minute. */
function spent(of: { readonly lookUps: number; readonly reads: number }): string {
  const limiter = new RateLimiter(configOf().runtime);
  const call = (at: number, of: { readonly lane: "protective" | "other"; readonly ofOrder: boolean }) =>
    limiter.left(ENDPOINTS.realtime, { ...of, now: NOW + at });
  for (let i = 0; i < of.lookUps; i++) call(i * 300, { lane: "protective", ofOrder: true });
  for (let i = 0; i < of.reads; i++) call(i * 300 + 100, { lane: "other", ofOrder: false });
  return limiter.ask(ENDPOINTS.realtime, { lane: "other", now: NOW + 55_000 }).kind;
}

Deno.test("[F-7.10 P-8] look-ups of orders count in the budget: with them ninety calls a minute hold back what protects nothing", () => {
  assert.equal(spent({ lookUps: 40, reads: 49 }), "now");
  assert.equal(spent({ lookUps: 40, reads: 50 }), "refused");
  assert.equal(spent({ lookUps: 90, reads: 0 }), "refused");
});

Deno.test("[F-7.10 P-8] look-ups do not count among the seventy that protect nothing", () => {
  assert.equal(spent({ lookUps: 20, reads: 69 }), "now");
  assert.equal(spent({ lookUps: 0, reads: 70 }), "refused");
});
