import { deepEqual, equal, ok } from "node:assert/strict";
import { FAULT_NAMES } from "../../src/infrastructure/exchange/fake_exchange/faults.ts";
import { drawFaults } from "../../src/bot/simulated/fault_presets.ts";
import { PLATFORM_FAULT_NAMES } from "../../src/infrastructure/platform/virtual/faults.ts";

const WINDOW = { fromMs: 1_600_000_000_000, untilMs: 1_600_000_000_000 + 23 * 3_600_000 };

Deno.test("[faults] every fault that has a name is drawn by heavy or by halting, and none by none", () => {
  const none = drawFaults({ preset: "none", seed: 1, ...WINDOW });
  deepEqual([none.venue.rates, none.platform.rates, none.staged], [{}, {}, []]);
  const heavy = drawFaults({ preset: "heavy", seed: 1, ...WINDOW });
  const seen = new Set<string>([...Object.keys(heavy.venue.rates), ...Object.keys(heavy.platform.rates)]);
  for (let seed = 1; seed <= 400; seed++) {
    for (const fault of drawFaults({ preset: "halting", seed, ...WINDOW }).staged) seen.add(fault.name);
  }
  // Only the bursts of the second world bring it.
  seen.add("slow_reply");
  deepEqual([...FAULT_NAMES, ...PLATFORM_FAULT_NAMES].filter((name) => !seen.has(name)), []);
});

Deno.test("[faults] heavy holds nothing that flow halts for at once", () => {
  const { venue, platform, staged } = drawFaults({ preset: "heavy", seed: 1, ...WINDOW });
  const names = [...Object.keys(venue.rates), ...Object.keys(platform.rates)];
  const halting = [
    "adl",
    "liquidation",
    "person_trades",
    "person_flips",
    "second_bot",
    "core_throw",
    "disk_full",
    "http_403",
  ];
  deepEqual(names.filter((name) => halting.includes(name)), []);
  equal(staged.length, 0);
});

Deno.test("[faults] halting stages one to three kinds of fault inside its window, each five times or more, the same for the same seed", () => {
  for (let seed = 1; seed <= 200; seed++) {
    const { staged } = drawFaults({ preset: "halting", seed, ...WINDOW });
    const names = [...new Set(staged.map((fault) => fault.name))];
    ok(names.length >= 1 && names.length <= 3);
    ok(names.every((name) => staged.filter((fault) => fault.name === name).length >= 5));
    ok(staged.every((fault) => fault.atMs >= WINDOW.fromMs && fault.atMs < WINDOW.untilMs && fault.count >= 1));
    deepEqual(drawFaults({ preset: "halting", seed, ...WINDOW }).staged, staged);
  }
});

Deno.test("[faults] light is a fifth of heavy", () => {
  const heavy = drawFaults({ preset: "heavy", seed: 1, ...WINDOW });
  const light = drawFaults({ preset: "light", seed: 1, ...WINDOW });
  deepEqual(Object.keys(light.venue.rates), Object.keys(heavy.venue.rates));
  for (const [name, rate] of Object.entries(heavy.platform.rates)) {
    const lighter = Object.entries(light.platform.rates).find(([other]) => other === name)?.[1] ?? 0;
    ok(Math.abs(lighter - rate / 5) < 1e-12, name);
  }
});
