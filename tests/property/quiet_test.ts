/** quietBand and decisionDeadline are judged by the transition itself (L-2.4). */
import { strict as assert } from "node:assert";
import fc from "fast-check";
import type { EventOf } from "../../src/domain/events.ts";
import type { Intent } from "../../src/domain/intent.ts";
import type { Bot } from "../../src/domain/state.ts";
import { decisionDeadline, foldQuiet, nextDeadline, quietBand } from "../../src/application/transition/mod.ts";
import { transition } from "../../src/application/transition/mod.ts";
import { at, boot, DIP, market, newRig, observation, open, PRICE, type Rig, tick, wait } from "../core_rig.ts";

const ORDERS = ["PlaceEntry", "PlaceStop", "PlaceTarget", "PlaceExit", "AmendStop", "CancelOrder", "SetLeverage"];
/** Price blocks react from 10 % on; a reference is up to seven minutes old. */
const CALM = 0.04;

type Start = "flat" | "position";
function started(start: Start): Rig {
  const rig = boot(newRig());
  wait(rig, 20_000);
  if (start === "position") {
    open(rig);
    market(rig, DIP - 20);
    wait(rig, 20_000);
  }
  return rig;
}

/** What a decision would have changed. */
function decided(bot: Bot, intents: readonly Intent[]): string {
  return JSON.stringify({
    orders: intents.filter(({ kind }) => ORDERS.includes(kind)),
    trades: intents.filter((one) => one.kind === "Record" && one.record.type === "trade"),
    halt: bot.halt,
    phase: bot.phase.kind,
    blocks: bot.blocks.map(({ reason }) => reason),
    open: bot.orders.map(({ id }) => id),
    anchor: bot.signal.anchor,
    stage: bot.stage,
  });
}

const move = fc.record({
  share: fc.double({ min: 0.001, max: 0.999, noNaN: true }),
  markShare: fc.double({ min: 0.001, max: 0.999, noNaN: true }),
  waitMs: fc.integer({ min: 1, max: 45_000 }),
  ticks: fc.boolean(),
});

Deno.test("[L-2.4] inside quietBand and before its end no market and no tick decides anything", () => {
  let quiet = 0;
  fc.assert(
    fc.property(
      fc.constantFrom<Start>("flat", "position"),
      fc.array(move, { minLength: 1, maxLength: 25 }),
      (start, moves) => {
        const rig = started(start);
        const before = decided(rig.bot, []);
        const band = quietBand(rig.bot);
        assert.ok(band !== null, `${start} is quiet`);
        const low = Math.max(band.low, rig.price * (1 - CALM));
        const high = Math.min(band.high, rig.price * (1 + CALM));
        for (const { share, markShare, waitMs, ticks } of moves) {
          if (rig.now + waitMs >= band.until) return;
          rig.now += waitMs;
          const inside = (part: number) => Math.min(high - 1, Math.max(low + 1, Math.round(low + part * (high - low))));
          const mark = inside(markShare);
          const price = inside(share);
          const seen = market(rig, price, { mark: observation(mark).mark, markMin: null, markMax: null });
          assert.equal(decided(rig.bot, seen), before, `market ${price}, mark ${mark} in ${band.low} to ${band.high}`);
          if (ticks) {
            assert.equal(
              decided(rig.bot, tick(rig)),
              before,
              `tick at ${price} in ${band.low} to ${band.high}`,
            );
          }
          quiet++;
        }
      },
    ),
    { numRuns: 60 },
  );
  assert.ok(quiet > 300, `only ${quiet} steps were judged`);
});

Deno.test("[L-2.4] at the edges of quietBand something is decided: the band is as wide as it may be", () => {
  for (const start of ["flat", "position"] as const) {
    for (const edge of ["low", "high"] as const) {
      const rig = started(start);
      const band = quietBand(rig.bot);
      assert.ok(band !== null);
      const before = decided(rig.bot, []);
      const seen = [];
      for (let step = 0; step < 12; step++) {
        rig.now += 1_000;
        seen.push(...market(rig, band[edge] + (edge === "low" ? -20 : 20)), ...tick(rig));
      }
      assert.notEqual(decided(rig.bot, seen), before, `${start} beyond ${edge}`);
    }
  }
});

Deno.test("[L-2.4] foldQuiet sees markets as transition does: prices, market and time", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: 1, max: 20_000 }), fc.integer({ min: -900, max: 900 })), {
        minLength: 1,
        maxLength: 80,
      }),
      (steps) => {
        const rig = started("flat");
        let bot = rig.bot;
        const events: EventOf<"Market">[] = [];
        for (const [waitMs, cents] of steps) {
          rig.now += waitMs;
          const event = { kind: "Market" as const, at: at(rig), seen: observation(PRICE + cents * 10) };
          events.push(event);
          bot = transition(bot, event).bot;
        }
        const folded = foldQuiet(rig.bot, events);
        assert.deepEqual(folded.prices, bot.prices);
        assert.deepEqual(folded.market, bot.market);
        assert.equal(folded.now, bot.now);
      },
    ),
    { numRuns: 40 },
  );
});

Deno.test("[L-2.4] decisionDeadline is nextDeadline without reads and silence, so never before it", () => {
  const rig = started("position");
  const due = decisionDeadline(rig.bot);
  const next = nextDeadline(rig.bot);
  assert.ok(next !== null && (due === null || due >= next));
  rig.now += 1_000;
  market(rig, DIP - 200_000);
  const beyond = decisionDeadline(rig.bot);
  assert.ok(
    beyond !== null && beyond <= rig.now + rig.bot.config.stop.local_stop_grace_s * 1000,
    "the local stop is a decision",
  );
});

Deno.test("[L-2.4] quietBand waits for the day's first tick and for blocks that time has ended", () => {
  const rig = started("flat");
  const midnight = Math.ceil(rig.now / 86_400_000) * 86_400_000;
  assert.ok((quietBand(rig.bot)?.until ?? Infinity) <= midnight);
  rig.now = midnight;
  market(rig, rig.price);
  assert.equal(quietBand(rig.bot), null);
  tick(rig);
  market(rig, rig.price);
  // The day was jumped to: the price's references are old until the market has been seen for minutes.
  wait(rig, 480_000);
  assert.notEqual(quietBand(rig.bot), null);
});
