/** The walls hold (walls.ts), nothing under src is dead, and no file waits for a file that waits for it. */
import { strict as assert } from "node:assert";
import { filesUnder, importsIn, importsOf, none } from "./source.ts";
import { mayImport, wallOf, WALLS } from "./walls.ts";

const FAKE = "src/infrastructure/exchange/fake_exchange/";
const VIRTUAL = "src/infrastructure/platform/virtual/";
const MAINS = /^src\/programs\/[a-z_]+\/main\.ts$/;
const mains = () => filesUnder("src").filter((path) => MAINS.test(path));

function reached(from: readonly string[]): Set<string> {
  const seen = new Set<string>(from);
  for (const path of seen) for (const target of importsOf(path)) seen.add(target);
  return seen;
}

/** Circles of imports, types included: each as its files in order, the first again at the end. */
export function circles(files: readonly string[], targets: (path: string) => readonly string[]): string[] {
  const done = new Set<string>();
  const way: string[] = [];
  const found: string[] = [];
  const walk = (path: string): void => {
    const at = way.indexOf(path);
    if (at >= 0) return void found.push([...way.slice(at), path].join(" -> "));
    if (done.has(path)) return;
    way.push(path);
    for (const target of targets(path)) walk(target);
    way.pop();
    done.add(path);
  };
  for (const path of files) walk(path);
  return found;
}

/** One forbidden import a wall: each was written into the tree once and seen to fail. */
const FORBIDDEN: readonly (readonly [from: string, to: string])[] = [
  ["src/common/text.ts", "src/domain/units.ts"],
  ["src/domain/units.ts", "src/common/text.ts"],
  ["src/application/policy/entry/sizing.ts", "src/application/transition/step.ts"],
  ["src/application/transition/mod.ts", "src/application/engine/ports.ts"],
  ["src/application/guardian/guardian.ts", "src/application/policy/entry/sizing.ts"],
  ["src/application/engine/tick_engine.ts", "src/application/policy/entry/sizing.ts"],
  ["src/application/engine/ports.ts", "src/application/transition/mod.ts"],
  ["src/infrastructure/market_data/recording.ts", "src/domain/units.ts"],
  [`${FAKE}mod.ts`, "src/domain/orders.ts"],
  [`${FAKE}trading/matching.ts`, "src/application/engine/ports.ts"],
  ["src/infrastructure/exchange/bybit/render.ts", `${FAKE}mod.ts`],
  ["src/infrastructure/exchange/bybit/render.ts", "src/infrastructure/storage/log_storage.ts"],
  ["src/infrastructure/platform/live/mod.ts", `${FAKE}types.ts`],
  [`${VIRTUAL}mod.ts`, `${FAKE}trading/matching.ts`],
  ["src/infrastructure/storage/journal/replay.ts", "src/application/transition/mod.ts"],
  ["src/infrastructure/storage/journal/replay.ts", "src/infrastructure/storage/trades/trade_log.ts"],
  ["src/infrastructure/storage/trades/trade_log.ts", "src/infrastructure/logging/log.ts"],
  ["src/infrastructure/storage/history/history_files.ts", "src/infrastructure/storage/journal/journal.ts"],
  ["src/infrastructure/logging/log.ts", "src/infrastructure/storage/journal/journal.ts"],
  ["src/infrastructure/safety/kill_switch.ts", "src/infrastructure/logging/log.ts"],
  ["src/infrastructure/config/load.ts", "src/infrastructure/storage/log_storage.ts"],
  ["src/observer/mod.ts", "src/application/transition/mod.ts"],
  ["src/observer/mod.ts", "src/infrastructure/exchange/bybit/render.ts"],
  ["src/observer/mod.ts", `${FAKE}trading/matching.ts`],
  ["src/views/status.ts", "src/application/engine/ports.ts"],
  ["src/bot/bot_process.ts", `${FAKE}mod.ts`],
  ["src/bot/bot_process.ts", "src/bot/simulated/world.ts"],
  ["src/bot/live/sinks.ts", `${VIRTUAL}mod.ts`],
  ["src/bot/simulated/world.ts", "src/bot/live/sinks.ts"],
  ["src/programs/trader/run.ts", "src/bot/simulated/world.ts"],
  ["src/programs/trader/run.ts", "src/programs/rehearsal/run.ts"],
  ["src/programs/rehearsal/run.ts", "src/programs/trader/run.ts"],
  ["src/programs/simulator/run.ts", "src/programs/trader/run.ts"],
  ["src/programs/monitor/program.ts", "src/bot/bot_process.ts"],
  ["src/programs/notifier/run.ts", "src/infrastructure/exchange/bybit/render.ts"],
  ["src/programs/lab/parity/fidelity_wire.ts", "src/infrastructure/exchange/bybit/render.ts"],
  ["src/programs/lab/main.ts", "src/infrastructure/exchange/bybit/render.ts"],
  ["src/build_info.ts", "src/common/text.ts"],
];

Deno.test("every wall is seen: a forbidden import of each room is named", () => {
  for (const [from, to] of FORBIDDEN) assert.equal(mayImport(from, to, { type: false }), false, `${from} -> ${to}`);
  const tried = new Set(FORBIDDEN.map(([from]) => wallOf(from)?.room));
  none(WALLS.map(({ room }) => room).filter((room) => !tried.has(room)), "Each wall has an import that it refuses");
});

Deno.test("the walls let the types of a seam through, and nothing else of it", () => {
  const [from, to] = ["src/infrastructure/storage/journal/replay.ts", "src/application/engine/ports.ts"];
  assert.equal(mayImport(from, to, { type: true }), true);
  assert.equal(mayImport(from, to, { type: false }), false);
});

Deno.test("no import crosses a wall", () => {
  const faults: string[] = [];
  for (const path of filesUnder("src")) {
    for (const { target, type } of importsIn(path)) {
      if (!mayImport(path, target, { type })) faults.push(`${path} -> ${target}${type ? " (types)" : ""}`);
    }
  }
  none(faults, "Imports stay within the walls");
});

Deno.test("every source file stands in a room", () => {
  none(filesUnder("src").filter((path) => wallOf(path) === null), "Source files stand in a room");
});

Deno.test("every source file is reached from a main", () => {
  const seen = reached(mains());
  none(filesUnder("src").filter((path) => !seen.has(path)), "Source files are reached from a main");
});

Deno.test("src shows at most eight folders and no loose file but build_info.ts", () => {
  const entries = [...Deno.readDirSync("src")];
  const folders = entries.filter((entry) => entry.isDirectory).map((entry) => entry.name);
  assert.ok(folders.length <= 8, folders.join(", "));
  assert.deepEqual(entries.filter((entry) => !entry.isDirectory).map((entry) => entry.name), ["build_info.ts"]);
});

Deno.test("programs that speak to the real venue never reach the fake exchange or the virtual platform", () => {
  for (const main of ["src/programs/trader/main.ts", "src/programs/rehearsal/main.ts"]) {
    const seen = [...reached([main])];
    assert.ok(seen.length > 20, `${main} reaches only ${seen.length} files`);
    none(seen.filter((path) => path.startsWith(FAKE) || path.startsWith(VIRTUAL)), `Files of ${main} stay real`);
  }
});

Deno.test("no circle of imports, types included", () => {
  const example: Readonly<Record<string, readonly string[]>> = { a: ["b"], b: ["c"], c: ["b"], d: ["a"] };
  assert.deepEqual(circles(["a", "b", "c", "d"], (path) => example[path] ?? []), ["b -> c -> b"]);
  none(circles(filesUnder("src"), importsOf), "Files wait for no file that waits for them");
});

Deno.test("every relative import names a file that exists", () => {
  const known = new Set(filesUnder("src", ""));
  const faults = filesUnder("src").flatMap((path) =>
    importsOf(path).filter((target) => !known.has(target)).map((target) => `${path} -> ${target}`)
  );
  none(faults, "Imports name files");
});
