/** Seeds that once failed: what was wrong stands beside each. They run as the sweeps run them, 24 h unless told. */
import { equal } from "node:assert/strict";
import type { FaultPreset } from "../../src/bot/simulated/fault_presets.ts";
import { simulate } from "./sweep_kit.ts";

type Regression = {
  readonly seed: number;
  /** 1 unless told; the second world draws its hours, unless told. */
  readonly world?: 2;
  readonly hours?: number;
  readonly faults: FaultPreset;
  readonly rules: string;
  readonly was: string;
};

/** Run with the normal tests. */
export const REGRESSIONS: readonly Regression[] = [
  { seed: 5, faults: "heavy", rules: "F-7.9", was: "an outage of four seconds read as a dead network" },
  { seed: 10, faults: "heavy", rules: "P-1 P-13", was: "a satoshi between two fills without execPnl" },
  { seed: 43, faults: "heavy", rules: "F-2.1 F-3.5", was: "a machine asleep was asked to act" },
  { seed: 51, faults: "heavy", rules: "F-7.16 F-4.1", was: "a lost funding frame became a cash flow" },
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
  { seed: 24, faults: "none", rules: "F-2.1 F-5.9", was: "a book that stayed empty for ten seconds" },
  { seed: 22, faults: "light", rules: "F-4.8 F-1.28", was: "funding of an unknown kind read as a fill" },
  {
    seed: 27,
    faults: "heavy",
    rules: "F-5.4 F-2.1",
    was: "an amend shown unchanged three times was sent a fourth time",
  },
  { seed: 32, faults: "halting", rules: "F-7.10 F-7.21", was: "the budget was gone when the link came back" },
];

/** Run with the long tests. */
export const LONG_REGRESSIONS: readonly Regression[] = [
  { seed: 32, faults: "none", rules: "F-2.1 F-5.9", was: "a book that stayed empty for ten seconds" },
  { seed: 40, faults: "none", rules: "F-2.1 F-5.9", was: "a book that stayed empty for ten seconds" },
  { seed: 52, faults: "none", rules: "F-2.1 F-5.9", was: "a book that stayed empty for ten seconds" },
  { seed: 56, faults: "none", rules: "F-2.1 F-5.9", was: "a book that stayed empty for ten seconds" },
  { seed: 60, faults: "none", rules: "F-2.1 F-5.9", was: "a book that stayed empty for ten seconds" },
  { seed: 32, faults: "light", rules: "F-2.1 F-4.5", was: "the lost end of a stop was found after twelve seconds" },
  { seed: 3, faults: "heavy", rules: "F-2.1 F-4.5", was: "the lost end of a stop was charged to the bot" },
  { seed: 20, faults: "heavy", rules: "F-3.5 F-7.8", was: "a machine asleep halted when it woke" },
  { seed: 21, faults: "heavy", rules: "F-7.3", was: "three lost reads of the wallet within 30 s halted" },
  { seed: 37, faults: "heavy", rules: "F-1.2", was: "a cause of a HALT that the observer did not list" },
  {
    seed: 38,
    faults: "heavy",
    rules: "F-10.3 F-6.4",
    was: "one lost exit halted, and a target that held its quantity",
  },
  { seed: 42, faults: "heavy", rules: "F-1.2", was: "a cause of a HALT that the observer did not list" },
  { seed: 54, faults: "heavy", rules: "F-5.9", was: "a stop gone off on an empty book" },
  { seed: 59, faults: "heavy", rules: "F-1.2", was: "a cause of a HALT that the observer did not list" },
  { seed: 60, faults: "heavy", rules: "F-1.2", was: "a cause of a HALT that the observer did not list" },
  { seed: 145, faults: "heavy", rules: "F-6.6 F-10.9", was: "three refused cancels of an entry halted" },
  { seed: 182, faults: "heavy", rules: "F-1.27 F-7.16", was: "a fill whose row ran ahead was taken for a turn" },
  { seed: 15, faults: "halting", rules: "F-1.2", was: "a cause of a HALT that the observer did not list" },
  { seed: 20, faults: "halting", rules: "F-1.2", was: "a cause of a HALT that the observer did not list" },
  { seed: 29, faults: "halting", rules: "F-1.2", was: "a cause of a HALT that the observer did not list" },
  { seed: 39, faults: "halting", rules: "F-7.14 F-7.21", was: "a link lost in a ban was no listed cause" },
  {
    seed: 40,
    faults: "halting",
    rules: "F-13.2 F-6.7",
    was: "a HALT back in the step of its reset was told as lifted",
  },
  { seed: 45, faults: "halting", rules: "F-1.28 F-7.16", was: "an opening by another hand booked a close of 0" },
  { seed: 900237, faults: "heavy", rules: "F-2.1", was: "the time a machine was off counted as the bot's" },
  { seed: 1000007, faults: "heavy", rules: "F-2.1 F-4.8", was: "a lagging list hid what a broken frame had told" },
  { seed: 910025, faults: "halting", rules: "F-1.2 F-6.7", was: "what another hand added long ago was no cause" },
  { seed: 910101, faults: "halting", rules: "F-1.2 F-6.7", was: "what another hand added long ago was no cause" },
  { seed: 910003, faults: "halting", rules: "F-1.2 F-7.14", was: "a start within a ban was no cause of unprotected" },
  { seed: 910070, faults: "halting", rules: "P-7", was: "the gap that filled an entry was charged to the bot" },
  { seed: 910204, faults: "halting", rules: "F-7.10", was: "a request held up for five seconds was the 71st" },
  { seed: 910213, faults: "halting", rules: "F-7.10", was: "a request held up for five seconds was the 71st" },
  { seed: 1000041, faults: "heavy", rules: "F-1.26 F-5.8", was: "a fall through stop and entry was no cause" },
  { seed: 2000007, world: 2, faults: "heavy", rules: "F-1.2 F-2.1", was: "a slow start and a refusal were no cause" },
  {
    seed: 3000002,
    world: 2,
    hours: 24,
    faults: "halting",
    rules: "F-4.3 F-13.2",
    was: "a fill that never was held the bot for ever",
  },
  { seed: 2000033, world: 2, faults: "heavy", rules: "F-5.2", was: "two prices of one entry were one average" },
  { seed: 2000039, world: 2, faults: "heavy", rules: "F-7.8", was: "three lost frames and one failed read halted" },
  {
    seed: 2000054,
    world: 2,
    faults: "heavy",
    rules: "F-1.3 F-10.4",
    was: "an entry the lists left out was followed by two",
  },
  {
    seed: 3000004,
    world: 2,
    hours: 24,
    faults: "halting",
    rules: "F-4.3 F-13.2",
    was: "no reset got through where the venue takes the stop of nothing",
  },
  {
    seed: 3000003,
    world: 2,
    hours: 24,
    faults: "halting",
    rules: "F-1.2 F-7.3",
    was: "a wallet that the venue emptied was no cause",
  },
  { seed: 108, faults: "halting", rules: "F-11.3", was: "starts on a full disk counted as crashes" },
];

/** The whole command that runs it. */
function commandOf({ seed, world, hours, faults }: Regression): string {
  const drawn = world === 2 ? " --world 2" : "";
  const long = world === 2 && hours === undefined ? "" : ` --hours ${hours ?? 24}`;
  return `sim --seed ${seed}${drawn}${long} --faults ${faults}`;
}

/** Defines one test for each. */
export function runAgain(regressions: readonly Regression[]): void {
  for (const regression of regressions) {
    const { seed, world, hours, faults, rules, was } = regression;
    const ids = rules.split(" ").map((rule) => `[${rule}]`).join(" ");
    Deno.test(`${ids} ${commandOf(regression)}: ${was}`, () => {
      const lasts = hours ?? (world === 2 ? null : 24);
      const { json, lines } = simulate({ seed, hours: lasts, faults, world: world ?? 1 });
      equal(json.violations, 0, lines.join("\n"));
    });
  }
}
