/** Whatever the world says, `transition` answers: no exception, no NaN, no Infinity in the state (issue "bad input"). */
import { strict as assert } from "node:assert";
import fc from "fast-check";
import { transition } from "../../src/application/transition/mod.ts";
import { epochMs } from "../../src/domain/units.ts";
import { at, enter, newRig, open, type Rig, show } from "../core_rig.ts";
import { anyEvent } from "./arbitraries.ts";

function assertFinite(value: unknown, path: string): void {
  if (typeof value === "number") assert.ok(Number.isFinite(value), `${path} is ${value}`);
  else if (value !== null && typeof value === "object") {
    for (const [key, inner] of Object.entries(value)) assertFinite(inner, `${path}.${key}`);
  } else assert.notEqual(value, undefined, `${path} is undefined`);
}

const STARTS: readonly [name: string, make: () => Rig][] = [
  ["fresh", () => newRig()],
  ["entry", () => {
    const rig = newRig();
    show(rig, enter(rig));
    return rig;
  }],
  ["position", () => {
    const rig = newRig();
    open(rig);
    return rig;
  }],
];

for (const [name, make] of STARTS) {
  Deno.test(`[F-4.8 F-1.1] junk from ${name}: no exception leaves transition and no number stops being one`, () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { minLength: 1, maxLength: 30 }), (events) => {
        const rig = make();
        let bot = rig.bot;
        events.forEach((event, index) => {
          const next = transition(bot, { ...event, at: epochMs(at(rig) + index * 700) });
          bot = next.bot;
          assertFinite(next.intents, "intents");
        });
        assertFinite({ ...bot, config: null }, "bot");
        assert.equal(JSON.stringify(JSON.parse(JSON.stringify(bot))), JSON.stringify(bot));
      }),
      { numRuns: 250 },
    );
  });
}
