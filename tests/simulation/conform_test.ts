import { deepEqual, ok } from "node:assert/strict";
import { compareWith, fakeVenueFacts } from "../../src/programs/simulator/conformance/mod.ts";
import { readRecordings } from "../../src/programs/simulator/conformance/recordings.ts";
import { runWorld } from "../../src/bot/simulated/world.ts";
import { loadConfig } from "../../src/infrastructure/config/load.ts";
import { readRecording } from "../../src/infrastructure/market_data/recording.ts";

const RECORDING = "config/recordings/winter-2021.csv.gz";

/** The wire log of a bot that trades through the crash of a morning. */
function wireLog(seed: number): readonly string[] {
  const read = (path: string) => Deno.readTextFileSync(path);
  const loaded = loadConfig({ readText: read, path: "config/testnet_scenarios.yaml" });
  if (loaded.kind === "errors") throw new Error(loaded.errors.join("\n"));
  const lines: string[] = [];
  runWorld({
    recording: readRecording(RECORDING, Deno.readFileSync(RECORDING)),
    seed,
    market: "normal",
    faults: "none",
    config: loaded.config,
    walletUsd: 100,
    from: Date.parse("2021-01-11T00:00Z"),
    to: Date.parse("2021-01-11T02:00Z"),
    wireLog: (line) => lines.push(line),
  });
  return lines;
}

Deno.test("[F-4.8] the fake venue's own wire log shows nothing that it does not say or the parser cannot read", () => {
  const known = fakeVenueFacts();
  for (const seed of [1, 2]) {
    const lines = wireLog(seed);
    const text = lines.join("\n");
    for (const word of ["/v5/order/create", '\\"topic\\":\\"execution', '\\"topic\\":\\"order']) {
      ok(text.includes(word), `${word}: the run must trade to prove anything`);
    }
    const recordings = readRecordings([{ path: "wire.jsonl", text }], []);
    const { findings, messages } = compareWith(known, recordings);
    ok(messages > 1_000, `${messages} messages`);
    deepEqual(findings.map((finding) => finding.text), []);
  }
});
