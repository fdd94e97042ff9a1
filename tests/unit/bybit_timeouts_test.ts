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

Deno.test("[F-7.9] calls that were under way beside each other are one timeout: a blip of four seconds is no dead network", () => {
  const bench = new Bench().ready();
  const wallet = "/v5/account/wallet-balance";
  const position = "/v5/position/list";
  const silence = { kind: "failed", cause: "timeout", message: "" } as const;
  bench.adapter.send({ kind: "QueryWallet" });
  bench.adapter.send({ kind: "QueryPosition", protective: true });
  bench.clock.move(2_000);
  bench.adapter.send({ kind: "QueryPosition", protective: true });
  bench.clock.move(3_000);
  bench.take(wallet).answer(silence);
  bench.take(position).answer(silence);
  bench.clock.move(2_000);
  bench.take(position).answer(silence);
  assert.equal(bench.adapter.vitals().restTimeoutsInRow, 1);
  bench.adapter.send({ kind: "QueryWallet" });
  bench.clock.move(5_000);
  bench.take(wallet).answer(silence);
  assert.equal(bench.adapter.vitals().restTimeoutsInRow, 2);
});

Deno.test("[F-7.10] a venue that does not tell its time is asked again after 1, 2, then every 5 s", () => {
  const bench = new Bench();
  bench.adapter.connect();
  const waits: number[] = [];
  for (let index = 0; index < 5; index++) {
    bench.take("/v5/market/time").answer({ kind: "failed", cause: "lost", message: "" });
    let waited = 0;
    while (bench.paths().filter((path) => path.includes("/time")).length === 0 && waited < 20_000) {
      bench.clock.move(100);
      waited += 100;
    }
    waits.push(waited);
  }
  assert.deepEqual(waits, [1_000, 2_000, 5_000, 5_000, 5_000]);
});
