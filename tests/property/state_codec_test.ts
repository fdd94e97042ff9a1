/** A state that a snapshot took in comes out of it as it was, whatever the world said before (issue "memory"). */
import { strict as assert } from "node:assert";
import fc from "fast-check";
import { type Guarded, guardedStep } from "../../src/application/guardian/guardian.ts";
import { parseGuarded } from "../../src/bot/parse_state.ts";
import { epochMs } from "../../src/domain/units.ts";
import { StateTexts } from "../../src/infrastructure/storage/journal/state_text.ts";
import { at, newRig, open } from "../core_rig.ts";
import { anyEvent } from "./arbitraries.ts";

Deno.test("[F-11.2 F-11.7] parse(serialise(x)) = x for every state", () => {
  fc.assert(
    fc.property(fc.array(anyEvent, { minLength: 1, maxLength: 20 }), (events) => {
      const rig = newRig();
      open(rig);
      let state: Guarded = { bot: rig.bot, guardian: null };
      events.forEach((event, index) => {
        state = guardedStep(state, { ...event, at: epochMs(at(rig) + index * 700) }).state;
        assert.deepEqual(parseGuarded(JSON.parse(new StateTexts().textOf(state))), state);
      });
    }),
    { numRuns: 60 },
  );
});
