import { equal, notEqual } from "node:assert/strict";
import { simulate } from "./sweep_kit.ts";

// A wanted change of decisions or events moves the head. To review it, then store it:
//   deno task sim --seed 1 --hours 24 --faults none --json | tail -1
const STORED = "tests/simulation/journal_head.txt";

Deno.test("[F-3.3] [F-11.7] seed 1 writes the journal it wrote when its head was stored; seed 2 writes another", () => {
  const head = simulate({ seed: 1, hours: 24, faults: "none" }).json.journal_head;
  equal(head, Deno.readTextFileSync(STORED).trim(), `the journal of seed 1 changed; ${STORED} says what it was`);
  notEqual(simulate({ seed: 2, hours: 24, faults: "none" }).json.journal_head, head);
});
