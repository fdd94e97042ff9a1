import { strict as assert } from "node:assert";
import { guardedStep } from "../../src/application/guardian/guardian.ts";
import type { Event } from "../../src/domain/events.ts";
import { at, boot, newRig, wait } from "../core_rig.ts";

Deno.test("[F-11.8] [F-13.2] the guardian's watch, which lets no entry leave, ends with the reset that lifts its HALT", () => {
  const rig = boot(newRig());
  wait(rig, 60_000);
  const fault: Event = { kind: "CoreFault", at: at(rig), during: "Tick", message: "injected" };
  const faulted = guardedStep({ bot: rig.bot, guardian: null }, fault);
  assert.equal(faulted.state.bot.halt?.reason, "core_fault");
  assert.notEqual(faulted.state.guardian, null);
  rig.bot = faulted.state.bot;
  wait(rig, 60_000);
  const { guardian } = faulted.state;
  const reset = (accept: boolean): Event => ({
    kind: "OperatorCommand",
    at: at(rig),
    id: `r${accept}`,
    command: "reset",
    reason: "looked at it",
    accept,
  });
  const still = guardedStep({ bot: rig.bot, guardian }, {
    kind: "OperatorCommand",
    at: at(rig),
    id: "h",
    command: "halt",
    reason: "no",
    accept: false,
  });
  assert.notEqual(still.state.guardian, null, "any other command keeps the watch");
  const lifted = guardedStep({ bot: rig.bot, guardian }, reset(true));
  assert.deepEqual([lifted.state.bot.halt, lifted.state.guardian], [null, null]);
});
