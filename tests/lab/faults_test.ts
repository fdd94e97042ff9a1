/** A configuration among faults (L-4.6). */
import { strict as assert } from "node:assert";
import { labCandles, labConfig } from "../../src/programs/lab/load.ts";
import { realIo } from "../../src/programs/lab/io.ts";
import { earliestStart } from "../../src/programs/lab/driver/candles.ts";
import { faultsJson, faultsSentence, readFaults } from "../../src/programs/lab/judging/faults.ts";
import { runWire } from "../../src/programs/lab/parity/fidelity_wire.ts";

const run = (
  seed: number,
  to: { readonly calmR?: number; readonly faultyR?: number; readonly violations?: number } = {},
) => ({
  seed,
  calmR: 1,
  faultyR: 0.5,
  calmTrades: 4,
  faultyTrades: 3,
  violations: 0,
  finalState: "FLAT",
  ...to,
});

Deno.test("[L-4.6] what faults cost is the mean difference of the same seeds; one broken rule is enough to fail", () => {
  const fine = readFaults("heavy", [run(1), run(2, { faultyR: 0 })]);
  assert.deepEqual([fine.price, fine.violations], [-0.75, 0]);
  assert.equal(
    faultsSentence(fine),
    "No rule was broken in 2 runs; heavy faults cost 0.75 R a run (standard error 0.25).",
  );
  assert.equal(faultsJson(fine)["holds"], true);
  const broken = readFaults("heavy", [run(1, { violations: 1 })]);
  assert.match(faultsSentence(broken), /^1 rule broken in 1 run; heavy faults cost 0\.50 R a run\.$/);
  assert.equal(faultsJson(broken)["holds"], false);
});

Deno.test("[L-4.6] six hours among heavy faults: the independent judge finds nothing broken", () => {
  const io = realIo();
  const { config } = labConfig(io, "config/testnet.yaml");
  const candles = labCandles(io, "config/recordings/winter-2021.csv.gz");
  const from = earliestStart(candles);
  const candidate = {
    config,
    candles,
    from,
    to: from + 6 * 3_600_000,
    path: "seeded" as const,
    seed: 3,
    options: {
      skipQuiet: true,
      halts: "stop" as const,
      fill: "touch" as const,
      walletUsd: 100,
      slippageBps: 0,
      keepIntents: false,
    },
  };
  const faulty = runWire(candidate, "heavy");
  assert.equal(faulty.violations, 0);
  assert.ok(typeof faulty.finalState === "string" && faulty.finalState !== "DOWN");
});
