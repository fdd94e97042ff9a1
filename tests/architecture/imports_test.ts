/** Which floor may know which (architecture.md, Rooms), and that nothing under src is dead. */
import { strict as assert } from "node:assert";
import { filesUnder, importsOf, none } from "./source.ts";

const FAKE = "src/infrastructure/exchange/fake_exchange/";
const BYBIT = "src/infrastructure/exchange/bybit/";
/** The simulated world: every platform file but the live ones. */
const VIRTUAL = /^src\/infrastructure\/platform\/(?!live)/;

type Floor =
  | "domain"
  | "ports"
  | "engine"
  | "application"
  | "fake_exchange"
  | "infrastructure"
  | "cli"
  | "main"
  | "build_info"
  | "nowhere";

/** The floor a file stands on. */
export function floorOf(path: string): Floor {
  if (path === "src/application/engine/ports.ts") return "ports";
  if (path === "src/build_info.ts") return "build_info";
  if (path.startsWith("src/domain/")) return "domain";
  if (path.startsWith("src/application/engine/")) return "engine";
  if (path.startsWith("src/application/")) return "application";
  if (path.startsWith(FAKE)) return "fake_exchange";
  if (path.startsWith("src/infrastructure/")) return "infrastructure";
  if (path.startsWith("src/cli/")) return "cli";
  if (/^src\/[a-z_]*main\.ts$/.test(path)) return "main";
  return "nowhere";
}

const MAY: Readonly<Record<Floor, readonly Floor[]>> = {
  domain: ["domain"],
  ports: ["domain"],
  engine: ["engine", "ports", "application", "domain"],
  application: ["application", "domain"],
  // The venue shares no word with the bot, so that it cannot share a misunderstanding; the seams carry text only.
  fake_exchange: ["fake_exchange", "ports"],
  infrastructure: ["infrastructure", "fake_exchange", "ports", "domain"],
  cli: ["cli", "build_info", "infrastructure", "fake_exchange", "engine", "ports", "application", "domain"],
  main: ["cli", "build_info", "infrastructure", "fake_exchange", "engine", "ports", "application", "domain"],
  build_info: [],
  nowhere: [],
};

/** Whether one file may import another. */
export function mayImport(from: string, to: string): boolean {
  // Only a main chooses a venue: of everything beside it, only the simulated world knows the fake one.
  if (floorOf(from) === "infrastructure" && floorOf(to) === "fake_exchange") return VIRTUAL.test(from);
  return MAY[floorOf(from)].includes(floorOf(to));
}

function reached(from: readonly string[]): Set<string> {
  const seen = new Set<string>(from);
  for (const path of seen) for (const target of importsOf(path)) seen.add(target);
  return seen;
}

Deno.test("mayImport() tells an inward import from one that climbs a floor", () => {
  assert.equal(mayImport("src/application/policy/entry/sizing.ts", "src/domain/units.ts"), true);
  assert.equal(mayImport("src/domain/units.ts", "src/application/policy/entry/sizing.ts"), false);
  assert.equal(mayImport("src/application/policy/entry/sizing.ts", "src/application/engine/ports.ts"), false);
  assert.equal(mayImport("src/infrastructure/storage/journal/replay.ts", "src/application/transition/mod.ts"), false);
  assert.equal(mayImport("src/infrastructure/storage/journal/replay.ts", "src/application/engine/ports.ts"), true);
  assert.equal(mayImport(`${FAKE}mod.ts`, "src/domain/orders.ts"), false);
  assert.equal(mayImport(`${FAKE}mod.ts`, `${BYBIT}render.ts`), false);
  assert.equal(mayImport(`${BYBIT}render.ts`, `${FAKE}mod.ts`), false);
  assert.equal(mayImport("src/infrastructure/platform/virtual/mod.ts", `${FAKE}random.ts`), true);
  assert.equal(mayImport("src/infrastructure/platform/live/mod.ts", `${FAKE}random.ts`), false);
  assert.equal(mayImport("src/programs/trader/run.ts", "src/programs/trader/main.ts"), false);
});

Deno.test("imports point inward only", () => {
  const faults: string[] = [];
  for (const path of filesUnder("src")) {
    for (const target of importsOf(path)) if (!mayImport(path, target)) faults.push(`${path} -> ${target}`);
  }
  none(faults, "Imports point inward");
});

Deno.test("every source file stands on a floor", () => {
  none(filesUnder("src").filter((path) => floorOf(path) === "nowhere"), "Source files stand on a floor");
});

Deno.test("every source file is reached from a main", () => {
  const mains = filesUnder("src").filter((path) => floorOf(path) === "main");
  const seen = reached(mains);
  none(filesUnder("src").filter((path) => !seen.has(path)), "Source files are reached from a main");
});

Deno.test("the live mains never reach the fake exchange or the virtual platform", () => {
  for (const main of ["src/programs/trader/main.ts", "src/programs/rehearsal/main.ts"]) {
    const seen = [...reached([main])];
    assert.ok(seen.length > 20, `${main} reaches only ${seen.length} files`);
    none(seen.filter((path) => path.startsWith(FAKE) || VIRTUAL.test(path)), `Live files of ${main} stay real`);
  }
});

Deno.test("every relative import names a file that exists", () => {
  const known = new Set(filesUnder("src"));
  const faults = filesUnder("src").flatMap((path) =>
    importsOf(path).filter((target) => !known.has(target)).map((target) => `${path} -> ${target}`)
  );
  none(faults, "Imports name files");
});
