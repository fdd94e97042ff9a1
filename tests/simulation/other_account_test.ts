import { deepEqual, equal } from "node:assert/strict";
import { WholeBot } from "../support/whole_bot.ts";

Deno.test("[F-11.4 F-11.7] a journal of another account: one clear line, no order, not a byte of the directory changed", () => {
  const owner = new WholeBot();
  owner.until("a trade", () => owner.phase === "position");
  owner.kill();
  const left = owner.backup();
  const stranger = new WholeBot({ uid: "200000002" });
  stranger.until("its own start", () => stranger.state?.bot.boot.stage === "done");
  stranger.kill();
  stranger.restore(left);
  const asked = stranger.requests.length;
  stranger.boot();
  stranger.run(60_000);
  deepEqual(stranger.refusals, [
    "Cannot use data with this key as its journal belongs to account 100000001: the key's account is 200000002",
  ]);
  const since = stranger.requests.slice(asked).filter((entry) => entry.kind === "order");
  equal(since.length, 0);
  deepEqual(stranger.backup(), left);
});
