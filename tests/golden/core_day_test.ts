import { strict as assert } from "node:assert";
import { coreDay } from "./core_day_run.ts";

// To review a wanted change: deno run tests/golden/core_day_run.ts > tests/golden/core_day.txt, then read the diff.
Deno.test("[F-3.3 F-1.5] a simulated day of the core reads as it did", () => {
  const wanted = Deno.readTextFileSync(new URL("core_day.txt", import.meta.url));
  assert.equal(coreDay(), wanted);
});
