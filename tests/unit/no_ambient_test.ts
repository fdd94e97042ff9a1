/** The preload under which core tests run; a stack that names a core file stands in for a call from there. */
import { strict as assert } from "node:assert";

function callFrom(path: string, body: string): unknown {
  // A sourceURL makes V8 write this path into the stack, as it would for a real file of the core.
  return new Function(`${body}\n//# sourceURL=file:///project/${path}`)();
}

const AMBIENT = [
  "Date.now()",
  "new Date()",
  "Math.random()",
  "performance.now()",
  "crypto.randomUUID()",
  "setTimeout(() => {}, 1)",
];

for (const call of AMBIENT) {
  Deno.test(`[F-1.1] ${call} throws when core code calls it in a test`, () => {
    assert.throws(() => callFrom("src/application/policy/entry/sizing.ts", `return ${call};`), /Core may not call/);
    assert.throws(() => callFrom("src/domain/units.ts", `return ${call};`), /Core may not call/);
  });
}

Deno.test("[F-1.1] the test library and the driving side may still read a clock in a test", () => {
  assert.ok(Number(callFrom("src/application/engine/orchestrator.ts", "return Date.now();")) > 0);
  assert.ok(Date.now() > 0);
  assert.equal(new Date(5).getTime(), 5);
  assert.equal(callFrom("src/domain/units.ts", "return new Date(5).getTime();"), 5);
});
