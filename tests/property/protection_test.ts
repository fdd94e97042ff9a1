/** The bot against a venue that loses, refuses, repeats and reorders: what must hold whatever happens (F-2.1, F-4). */
import { strict as assert } from "node:assert";
import fc from "fast-check";
import type { Bot } from "../../src/domain/state.ts";
import { agreement, CALM, newWorld, ROUGH, run, start, type Trouble, type World } from "../core_world.ts";
import { isOpenRow } from "../core_venue.ts";

function live(seed: number, trouble: Trouble, watch: (world: World) => void = () => undefined): World {
  const world = newWorld(seed, CALM);
  watch(world);
  start(world);
  world.trouble = trouble;
  for (let part = 0; part < 3; part += 1) run(world, { ms: 240_000, walk: 0.006 });
  world.trouble = CALM;
  run(world, { ms: 60_000, walk: 0.0002 });
  return world;
}

const seeds = fc.integer({ min: 1, max: 2 ** 31 });

Deno.test("[F-2.1 F-5.10] held beyond cover: within the clock there is an exit in flight or a halt with retries", () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const world = live(seed, ROUGH);
      // 10 s of the clock, and the time a lost private message stays unnoticed: one reconcile of 5 s and its look.
      assert.ok(
        world.longestNaked <= 22_000,
        `seed ${seed}: ${world.longestNaked} ms\n${world.log.slice(-80).join("\n")}`,
      );
    }),
    { numRuns: 12 },
  );
});

Deno.test("[F-4.1 F-4.2 F-4.3 F-4.9] after duplicates, losses and late messages bot and venue agree on the position", () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const world = live(seed, ROUGH);
      const found = agreement(world);
      assert.equal(found.bot, found.venue, `seed ${seed}\n${world.log.slice(-80).join("\n")}`);
      const { phase } = world.rig.bot;
      if (phase.kind !== "flat") return;
      const left = [...world.rig.venue.orders.values()].filter(isOpenRow);
      assert.deepEqual(left.map((row) => row.orderLinkId), [], `seed ${seed}: orders left in flat`);
    }),
    { numRuns: 12 },
  );
});

Deno.test("[F-2.4 F-1.28] with a foreign hand on the account no step breaks an invariant and protection goes on", () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const world = live(seed, { ...ROUGH, lostPush: 0, foreign: 0.003 });
      const { bot } = world.rig;
      assert.ok(!bot.halt?.reason.startsWith("invariant"), `seed ${seed}: ${bot.halt?.reason} ${bot.halt?.detail}`);
      assert.equal(bot.ledger.net, world.rig.venue.net, `seed ${seed}`);
      if (bot.phase.kind === "position") assert.equal(bot.phase.position.uncoveredSince, null, `seed ${seed}`);
    }),
    { numRuns: 12 },
  );
});

const ALLOWED = [
  "flat→entry",
  "entry→position",
  "entry→flat",
  "position→exit",
  "position→flat",
  "exit→flat",
  "exit→position",
];

/** A fill nobody waited for any more; with a HALT in the same step it is closed at once (F-1.26, F-11.5). */
const ADOPTED = ["flat→position", "entry→exit"];
/** What the venue said: time and market alone never open anything. */
const TOLD = ["Executed", "OrderSeen", "OrderLookup", "PositionSeen", "PositionAnswer", "OpenOrdersAnswer"];

Deno.test("[F-1.2 F-1.3] no sequence leaves the allowed edges; flat→position only by what the venue said", () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const bad: string[] = [];
      live(seed, ROUGH, (world) => {
        world.rig.watch = (event, before) => {
          const [from, to] = [before.phase.kind, world.rig.bot.phase.kind];
          const edge = `${from}→${to}`;
          const adopted = ADOPTED.includes(edge) && TOLD.includes(event.kind);
          if (from !== to && !ALLOWED.includes(edge) && !adopted) bad.push(`${edge} by ${event.kind}`);
        };
      });
      assert.deepEqual(bad, [], `seed ${seed}`);
    }),
    { numRuns: 8 },
  );
});

Deno.test("[F-3.3] the same events give the same intents, bit for bit", () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const [first, second] = [live(seed, ROUGH), live(seed, ROUGH)];
      assert.equal(JSON.stringify(first.rig.all), JSON.stringify(second.rig.all));
      assert.equal(JSON.stringify(first.rig.bot), JSON.stringify(second.rig.bot));
      assert.ok(first.rig.all.length > 50);
    }),
    { numRuns: 4 },
  );
});

/** Every quantity of a state: what is held, what each own order is for, counted and still without its execution. */
function quantities(bot: Bot): readonly number[] {
  const orders = [...bot.orders, ...bot.past].flatMap((order) => [
    order.ticket.contracts,
    order.executed,
    order.counted,
    order.aheadContracts,
    order.counted - order.executed - order.aheadContracts,
  ]);
  const books = [bot.trade, bot.closedTrade].flatMap((book) =>
    book === null ? [] : [book.openedContracts, book.closedContracts, book.openedContracts - book.closedContracts]
  );
  const held = bot.phase.kind === "position" || bot.phase.kind === "exit" ? [bot.phase.position.contracts - 1] : [];
  return [...orders, ...books, ...held];
}

Deno.test("[F-1.27 F-1] no quantity is ever negative or broken: held, ordered, counted, booked", () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const seen = new Set<number>();
      live(seed, ROUGH, (world) => {
        world.rig.watch = () => quantities(world.rig.bot).forEach((one) => seen.add(one));
      });
      const bad = [...seen].filter((one) => !Number.isSafeInteger(one) || one < 0);
      assert.deepEqual(bad, [], `seed ${seed}`);
    }),
    { numRuns: 4 },
  );
});
