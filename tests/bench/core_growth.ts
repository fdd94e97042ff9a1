/**
 * Size of the state over a million events of a bot that trades (issue "core": it does not grow).
 *
 *   deno run tests/bench/core_growth.ts [events]
 */
import { initialBot } from "../../src/application/transition/mod.ts";
import { defaultTestConfig } from "../config_fixture.ts";
import { CALM, newWorld, run, start } from "../core_world.ts";

const wanted = Number(Deno.args[0] ?? "1000000");
const world = newWorld(7, CALM);
const { rig } = world;
// A whole wallet, no goal in reach and no limit of trades: it trades all the time.
const config = defaultTestConfig((change) => {
  change.goal.capital_usd = null;
  change.goal.goal_usd = 1e9;
  change.stages.stage_3.max_trades_per_day = 10_000;
  change.stages.stage_3.atr_pct_24h_min = 0;
  change.safety.max_orders_per_hour = 10_000;
  // A smaller ring of keys is full sooner.
  change.runtime.dedup_keys_min = 200;
  change.performance.winrate_halt_pct = 0;
});
rig.bot = initialBot({ config, accountUid: "7" });
// The journal of all intents belongs to the tests, not to the state.
rig.all = { push: () => 0 } as unknown as typeof rig.all;
let events = 0;
rig.watch = () => events += 1;
start(world);
console.log("events      characters of state  trades  phase");
for (let next = wanted / 10; events < wanted;) {
  run(world, { ms: 60_000, walk: 0.006 });
  world.log.length = 0;
  // Lids are lifted at once: what is measured is size, not result.
  if (rig.bot.halt !== null || rig.bot.blocks.length > 0) rig.bot = { ...rig.bot, halt: null, blocks: [] };
  if (events < next) continue;
  next += wanted / 10;
  const size = JSON.stringify(rig.bot).length;
  console.log(
    [String(events).padEnd(11), String(size).padEnd(20), String(rig.bot.tradesTotal).padEnd(7), rig.bot.phase.kind]
      .join(" "),
  );
}
