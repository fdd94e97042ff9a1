/** Seeds that once failed: what was wrong stands beside each. They run as the sweeps run them. */
import { equal } from "node:assert/strict";
import type { FaultPreset } from "../../src/infrastructure/platform/fault_presets.ts";
import { simulate } from "./sweep_kit.ts";

type Regression = {
  readonly seed: number;
  readonly hours: number;
  readonly faults: FaultPreset;
  readonly rules: string;
  readonly was: string;
};
const REGRESSIONS: readonly Regression[] = [
  { seed: 5, hours: 24, faults: "heavy", rules: "F-7.9", was: "an outage of four seconds read as a dead network" },
  { seed: 10, hours: 24, faults: "heavy", rules: "P-1 P-13", was: "a satoshi between two fills without execPnl" },
  { seed: 43, hours: 24, faults: "heavy", rules: "F-2.1 F-3.5", was: "a machine asleep was asked to act" },
  { seed: 51, hours: 24, faults: "heavy", rules: "F-7.16 F-4.1", was: "a lost funding frame became a cash flow" },
  { seed: 9, hours: 12, faults: "halting", rules: "P-1 P-13", was: "a satoshi between two fills without execPnl" },
  { seed: 10, hours: 12, faults: "halting", rules: "F-7.10", was: "71 calls arrived within a minute" },
  {
    seed: 13,
    hours: 12,
    faults: "halting",
    rules: "F-11.8 F-13.2",
    was: "after a reset the guardian let no entry leave",
  },
  { seed: 28, hours: 12, faults: "halting", rules: "P-7", was: "the probe charged the stop with an earlier gap" },
];

for (const { seed, hours, faults, rules, was } of REGRESSIONS) {
  const ids = rules.split(" ").map((rule) => `[${rule}]`).join(" ");
  Deno.test(`${ids} seed ${seed}, ${hours} h, ${faults}: ${was}`, () => {
    const { json, lines } = simulate({ seed, hours, faults });
    equal(json.violations, 0, lines.join("\n"));
  });
}
