import { NOTHING_REMEMBERED } from "../../src/bot/memory.ts";
import { simulatedSigner } from "../../src/infrastructure/platform/virtual/signer.ts";
import { SIMULATED_BUILD } from "../../src/build_info.ts";
import { startBot } from "../../src/bot/bot_process.ts";
import { CoverageCounter } from "../../src/observer/journal/coverage.ts";
import type { Config } from "../../src/domain/limits.ts";
import { loadConfig } from "../../src/infrastructure/config/load.ts";
import { readRecording } from "../../src/infrastructure/market_data/recording.ts";
import { createMarketFeed } from "../../src/infrastructure/exchange/fake_exchange/market/market_feed.ts";
import { createVenue, type Venue } from "../../src/infrastructure/exchange/fake_exchange/mod.ts";
import { createVirtualPlatform } from "../../src/infrastructure/platform/virtual/mod.ts";

const DATA = "config/recordings/winter-2021.csv.gz";
const FROM = Date.parse("2021-01-04T06:00Z");
const KEY = "sim-key";
const SECRET = "sim-secret";

export type Tampering = {
  readonly tune?: (config: Config) => Config;
  readonly hours: number;
  /** Changes an answer on its way. */
  readonly reply?: (path: string, body: string) => string;
  /** Changes a frame on its way. */
  readonly frame?: (text: string) => string;
};

/** What the whole bot reached before a venue whose words are changed on the wire: rows of F-1 and codes of P-4. */
export function reachedOverTheWire(tampering: Tampering): Readonly<Record<string, number>> {
  const loaded = loadConfig({
    readText: (path) => Deno.readTextFileSync(path),
    path: "config/testnet_scenarios.yaml",
  });
  if (loaded.kind === "errors") throw new Error(loaded.errors.join("; "));
  const { reply, frame } = tampering;
  const to = FROM + tampering.hours * 3_600_000;
  const recording = readRecording(DATA, Deno.readFileSync(DATA));
  const feed = createMarketFeed({ recording, seed: 1, market: "normal", from: FROM, to });
  const counter = new CoverageCounter();
  const made: Venue[] = [];
  const platform = createVirtualPlatform({
    seed: 1,
    startAt: FROM,
    connectVenue: (clock) => {
      const account = { key: KEY, secret: SECRET, uid: "1", walletBtc: "0.00312500" };
      const venue = createVenue({ signer: simulatedSigner, seed: 1, clock, feed, account, onLog: () => undefined });
      made.push(venue);
      return {
        connect: (path, peer) =>
          venue.connect(path, {
            send: (text, channel) => peer.send(frame?.(text) ?? text, channel),
            close: (reason) => peer.close(reason),
          }),
        rest(request) {
          const answer = venue.rest(request);
          return reply === undefined ? answer : { ...answer, body: reply(request.path, answer.body) };
        },
      };
    },
    onProcessDown: () => undefined,
    onCrash: (error) => {
      throw error;
    },
  });
  made[0]?.start();
  const process = platform.newProcess();
  process.enter(() => {
    startBot({
      platform: process,
      config: tampering.tune?.(loaded.config) ?? loaded.config,
      build: SIMULATED_BUILD,
      dataDir: "data",
      remembered: NOTHING_REMEMBERED,
      key: KEY,
      secret: SECRET,
      observe: false,
      pack: null,
      wireLog: null,
      sinks: () => ({
        alert: () => undefined,
        record: () => undefined,
        answer: () => undefined,
        check: () => undefined,
        refuseStart: () => undefined,
        observed: () => undefined,
      }),
      onRefused: (line) => {
        throw new Error(line);
      },
      afterStep: () => undefined,
      onJournaled: (line) => counter.on(line),
    });
  });
  platform.run(to);
  return counter.counts;
}
