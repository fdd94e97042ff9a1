import assert from "node:assert/strict";
import { crashRun, faultsOf } from "../support/crash_run.ts";

/** Every cut of the run is tried by `deno task test:long`; here a few of them, spread over the whole run. */
const SAMPLES = 12;

Deno.test("[F-11.1] [F-10.7] a process that dies before a write or a send comes back, and bot and venue agree", () => {
  const whole = crashRun();
  assert.deepEqual(faultsOf(whole, 0), []);
  assert.ok(whole.result.trades.length >= 5, `${whole.result.trades.length} trades`);
  const faults: string[] = [];
  for (let sample = 0; sample < SAMPLES; sample += 1) {
    const cut = 1 + Math.floor(((sample + 0.5) * whole.result.effects) / SAMPLES);
    faults.push(...faultsOf(crashRun(cut), cut));
  }
  assert.deepEqual(faults, []);
});
