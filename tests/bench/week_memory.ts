/**
 * Memory over a week in virtual time: the whole bot and the fake venue in one process, rubbish collected before each
 * look. What the venue, the observer and the ledger of the run keep is in the figures too, so the bot's share is smaller.
 *
 *   deno run -A --v8-flags=--expose-gc tests/bench/week_memory.ts [hours]
 */
import { runWorld } from "../../src/bot/simulated/world.ts";
import { loadConfig } from "../../src/infrastructure/config/load.ts";
import { readRecording } from "../../src/infrastructure/market_data/recording.ts";

const DATA = "config/recordings/winter-2021.csv.gz";
const START = Date.parse("2021-01-04T00:00Z");
const hours = Number(Deno.args[0] ?? 168);
const loaded = loadConfig({ path: "config/testnet.yaml", readText: (path) => Deno.readTextFileSync(path) });
if (loaded.kind === "errors") throw new Error(loaded.errors.join("; "));

const collect: unknown = Reflect.get(globalThis, "gc");
if (typeof collect !== "function") throw new Error("Cannot measure without --v8-flags=--expose-gc");
const recording = readRecording(DATA, Deno.readFileSync(DATA));
let seen = 0;
runWorld({
  recording,
  seed: 1,
  market: "normal",
  faults: "none",
  config: loaded.config,
  walletUsd: 100,
  from: START,
  to: START + hours * 3_600_000,
  onProgress({ at, word }) {
    if (at < START + seen * 24 * 3_600_000) return;
    collect();
    const { heapUsed, rss, external } = Deno.memoryUsage();
    const mb = (bytes: number) => (bytes / 1e6).toFixed(1).padStart(6);
    console.log(`day ${seen}  heap ${mb(heapUsed)} MB  external ${mb(external)} MB  RSS ${mb(rss)} MB  ${word}`);
    seen += 1;
  },
});
