import assert from "node:assert/strict";
import { crashRun, faultsOf } from "../support/crash_run.ts";

// As many runs of forty virtual minutes as the run has writes and sends: a quarter of an hour of one core.
Deno.test("[F-11.1] [F-10.7] a process may die before and after every single write and send of a run with five trades", () => {
  const whole = crashRun();
  assert.deepEqual(faultsOf(whole, 0), []);
  assert.ok(whole.result.trades.length >= 5, `${whole.result.trades.length} trades`);
  const faults: string[] = [];
  for (let cut = 1; cut <= whole.result.effects; cut += 1) faults.push(...faultsOf(crashRun(cut), cut));
  assert.deepEqual(faults, []);
});
