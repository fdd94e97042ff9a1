import { strict as assert } from "node:assert";
import { coreDay, roughHours } from "./core_day_run.ts";
import { coreRecords } from "./core_records_run.ts";
import { coreStarts } from "./core_starts_run.ts";

// To review a wanted change: deno run tests/golden/core_day_run.ts > tests/golden/core_day.txt, then read the diff.
Deno.test("[F-3.3 F-1.5] a simulated day of the core reads as it did", () => {
  const wanted = Deno.readTextFileSync(new URL("core_day.txt", import.meta.url));
  assert.equal(coreDay(), wanted);
});

// To review a wanted change: deno run tests/golden/core_day_run.ts rough > tests/golden/core_rough.txt, then read the diff.
Deno.test("[F-3.3 F-1.5] rough hours of the core read as they did", () => {
  const wanted = Deno.readTextFileSync(new URL("core_rough.txt", import.meta.url));
  assert.equal(roughHours(), wanted);
});

// To review a wanted change: deno run tests/golden/core_records_run.ts > tests/golden/core_records.txt, then read the diff.
Deno.test("[P-4 P-13 F-13.4] evaluations, trades and snapshots are recorded with every field as they were", () => {
  const wanted = Deno.readTextFileSync(new URL("core_records.txt", import.meta.url));
  assert.equal(coreRecords(), wanted);
});

// To review a wanted change: deno run tests/golden/core_starts_run.ts > tests/golden/core_starts.txt, then read the diff.
Deno.test("[F-12.6 F-11.5 F-11.7] starts ask, check, refuse, halt and protect as they did", () => {
  const wanted = Deno.readTextFileSync(new URL("core_starts.txt", import.meta.url));
  assert.equal(coreStarts(), wanted);
});
