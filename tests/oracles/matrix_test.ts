import { strict as assert } from "node:assert";
import { EVENT_KINDS } from "../core_samples.ts";
import { cell, inPhase, type Lid, LIDS, PHASES, withLid } from "./matrix_kit.ts";
import { COOLDOWN, HALT, NONE } from "./matrix_table.ts";

const TABLES: Readonly<Record<Lid, string>> = { none: NONE, halt: HALT, cooldown: COOLDOWN };

function cells(text: string): Map<string, string> {
  const [head = "", ...lines] = text.trim().split("\n");
  const names = head.split("|").map((name) => name.trim());
  const found = new Map<string, string>();
  for (const line of lines) {
    const [kind = "", ...values] = line.split("|").map((value) => value.trim());
    values.forEach((value, index) => found.set(`${kind} × ${names[index + 1]}`, value));
  }
  return found;
}

for (const lid of LIDS) {
  const table = cells(TABLES[lid]);
  Deno.test(`[F-1.1] every event of the alphabet has a cell in every phase, lid ${lid}`, () => {
    const wanted = EVENT_KINDS.flatMap((kind) => PHASES.map((phase) => `${kind} × ${phase}`));
    assert.deepEqual([...table.keys()].sort(), wanted.sort());
  });
  for (const phase of PHASES) {
    Deno.test(`[F-1.1 F-1.2 F-1.4] phase ${phase}, lid ${lid}: every event does what its cell says`, () => {
      const actual = EVENT_KINDS.map((kind) => `${kind}: ${cell(withLid(inPhase(phase), lid), kind)}`);
      const wanted = EVENT_KINDS.map((kind) => `${kind}: ${table.get(`${kind} × ${phase}`)}`);
      assert.deepEqual(actual, wanted);
    });
  }
}
