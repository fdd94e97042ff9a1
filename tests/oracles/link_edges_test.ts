/** The streams by their edges: a loss of what was established, a silent socket told once. */
import { strict as assert } from "node:assert";
import type { EventOf } from "../../src/domain/events.ts";
import { at, boot, newRig, type Rig, send, skip, tick } from "../core_rig.ts";

function link(rig: Rig, status: EventOf<"Link">["status"]): void {
  send(rig, { kind: "Link", at: at(rig), stream: "private", status, cause: "test" });
}

Deno.test("[F-8.7] only the loss of an established session counts for the reconnect loop", () => {
  const rig = boot(newRig());
  const losses = () => rig.bot.risk.linkLosses.length;
  link(rig, "lost");
  assert.equal(losses(), 1);
  for (const status of ["connecting", "lost", "lost"] as const) {
    skip(rig, 6_000);
    link(rig, status);
  }
  assert.equal(losses(), 1);
  link(rig, "ready");
  skip(rig, 6_000);
  link(rig, "lost");
  assert.equal(losses(), 2);
});

Deno.test("[F-7.7] a silent socket is told to reopen, and not again while that was lately", () => {
  const rig = boot(newRig());
  rig.vitals = { privateFrameAt: at(rig) };
  const told = (ms: number) => {
    skip(rig, ms);
    return tick(rig).flatMap((one) => one.kind === "ReopenStream" ? [one.stream] : []);
  };
  assert.deepEqual([told(10_000), told(1), told(14_999), told(1)], [[], ["private"], [], ["private"]]);
});
