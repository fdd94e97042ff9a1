import { strict as assert } from "node:assert";
import { Bench, ok } from "./bybit_kit.ts";

Deno.test("[F-7.9] only a call without any answer counts as a REST timeout; a refused connection neither adds nor clears", () => {
  const bench = new Bench().ready();
  const fail = (cause: "timeout" | "lost" | "refused") => {
    bench.adapter.send({ kind: "QueryWallet" });
    bench.take("/v5/account/wallet-balance").answer({ kind: "failed", cause, message: "" });
    return bench.adapter.vitals().restTimeoutsInRow;
  };
  assert.deepEqual([fail("lost"), fail("refused"), fail("timeout"), fail("lost"), fail("timeout")], [0, 0, 1, 1, 2]);
  bench.adapter.send({ kind: "QueryWallet" });
  bench.take("/v5/account/wallet-balance").answer(ok({ list: [{ coin: [] }] }));
  assert.equal(bench.adapter.vitals().restTimeoutsInRow, 0);
});
