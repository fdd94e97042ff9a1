/** `abot check` against the fake venue in virtual time: every check answers, and a wrong account fails by its own line. */
import { simulatedSigner } from "../../src/infrastructure/platform/virtual/signer.ts";
import { deepEqual, equal, match } from "node:assert/strict";
import { checkLive } from "../../src/programs/trader/check.ts";
import { MemoryFiles } from "../../src/infrastructure/platform/memory_files.ts";
import type { LiveWorld } from "../../src/bot/live/world.ts";
import { SIMULATED_BUILD } from "../../src/build_info.ts";
import { createMarketFeed } from "../../src/infrastructure/exchange/fake_exchange/market/market_feed.ts";
import { readRecording } from "../../src/infrastructure/market_data/recording.ts";
import { createVenue, type Venue, type VenueAccount } from "../../src/infrastructure/exchange/fake_exchange/mod.ts";
import { createVirtualPlatform } from "../../src/infrastructure/platform/virtual/mod.ts";
import { ENVIRONMENT, VENUE_HOSTS } from "../../src/infrastructure/safety/permissions.ts";

const DATA = "config/recordings/black-thursday.csv.gz";
const START = Date.parse("2020-03-20T20:00Z");
const KEYS = { BYBIT_TESTNET_API_KEY: "checkkey12345", BYBIT_TESTNET_API_SECRET: "checksecret12345" };

type Case = {
  readonly account?: Partial<VenueAccount>;
  readonly before?: (venue: Venue) => void;
  /** How far this machine's clock is ahead of the venue's. */
  readonly aheadMs?: number;
};

async function check({ account, before, aheadMs = 0 }: Case = {}) {
  const feed = createMarketFeed({
    recording: readRecording(DATA, Deno.readFileSync(DATA)),
    seed: 1,
    market: "normal",
    from: START,
    to: START + 3_600_000,
  });
  const files = new MemoryFiles();
  for (const name of ["testnet.yaml", "safety_limits.yaml"]) {
    files.writeAtomic(`config/${name}`, Deno.readFileSync(`config/${name}`));
  }
  const lines: string[] = [];
  const made: Venue[] = [];
  const platform = createVirtualPlatform({
    seed: 1,
    startAt: START,
    connectVenue: (clock) => {
      const key = { key: KEYS.BYBIT_TESTNET_API_KEY, secret: KEYS.BYBIT_TESTNET_API_SECRET };
      const venue = createVenue({
        signer: simulatedSigner,
        seed: 1,
        clock,
        feed,
        account: { uid: "100000001", walletBtc: "0.0165", ...key, ...account },
        switches: { flatSide: "empty" },
        onLog: () => undefined,
      });
      made.push(venue);
      return venue;
    },
    onCrash: (error) => {
      throw error;
    },
  });
  const [venue] = made;
  venue?.start();
  platform.run(START + 2_000);
  if (venue !== undefined) before?.(venue);
  platform.run(START + 10_000);
  const { clock, http, sockets, files: disk, random, signer } = platform.newProcess();
  const ahead = {
    wallNow: () => clock.wallNow() + aheadMs,
    monotonicNow: () => clock.monotonicNow(),
    after: (delayMs: number, run: () => void) => clock.after(delayMs, run),
    cancel: (id: number) => clock.cancel(id),
  };
  const world: LiveWorld = {
    files,
    platform: { clock: ahead, http, sockets, files: disk, random, signer },
    now: () => platform.clock.now(),
    columns: () => 80,
    wait: () => Promise.resolve(),
    out: (line) => lines.push(line),
    error: (line) => lines.push(line),
    audit: {
      granted(permission) {
        if (permission.name === "net") return VENUE_HOSTS.some((host) => host === permission.host);
        if (permission.name === "env") return ENVIRONMENT.some((name) => name === permission.variable);
        if (permission.name === "read") return permission.path === "config" || permission.path === "data";
        return permission.name === "write" && permission.path === "data";
      },
      variable: (name) => new Map(Object.entries(KEYS)).get(name),
    },
    build: SIMULATED_BUILD,
    processId: 1,
    terminal: false,
    pack: () => Promise.resolve(new Uint8Array()),
    onSignal: () => () => undefined,
  };
  const ended = checkLive(world, "config/testnet.yaml");
  platform.run(START + 70_000);
  return { code: await ended, lines, files: platform.disk.paths() };
}

Deno.test("[F-12.6] check answers every check with ok, ends with 0 and writes nothing", async () => {
  const { code, lines, files } = await check();
  equal(code, 0, lines.join("\n"));
  deepEqual(lines.filter((line) => /^FAILED |not checked$/.test(line)), []);
  equal(lines.filter((line) => line.startsWith("ok ")).length, 12, lines.join("\n"));
  const order = ["clock", "rights", "unified", "isolated", "one-way", "BTCUSD", "silent", "wallet", "history"];
  deepEqual(lines.flatMap((line) => order.filter((word) => line.startsWith(`ok      ${word}`))), order);
  match(lines.join("\n"), /^note {4}price band: a buy up to [\d.]+ \(5\.0\d % above mark\), a sell down to [\d.]+ \(/m);
  equal(lines.at(-1), "All checks passed: `abot --config` can start.");
  deepEqual(files, []);
});

const WRONG: readonly [wrong: string, given: Case, line: RegExp][] = [
  [
    "withdraw rights",
    { account: { withdrawRights: true } },
    /^FAILED {2}rights and age of the key: Cannot start with a key that may do more than trade contracts: it also carries Wallet: AccountTransfer, Wallet: SubMemberTransfer, Wallet: Withdraw; create one with Contract orders and positions only$/m,
  ],
  [
    "a read-only key",
    { account: { readOnly: true } },
    /^FAILED {2}rights and age of the key: Cannot start as abot needs a key that may trade: the key is read-only; create one with Contract orders and positions$/m,
  ],
  [
    "cross margin",
    { account: { marginMode: "REGULAR_MARGIN" } },
    /^FAILED {2}isolated margin: .*needs ISOLATED_MARGIN: current value is REGULAR_MARGIN; switch it under/m,
  ],
  [
    "a classic account",
    { account: { unifiedMarginStatus: 1 } },
    /^FAILED {2}unified account: Cannot start as abot needs a unified account: current account is of an older kind; upgrade it at testnet\.bybit\.com$/m,
  ],
  [
    "a clock that is ahead",
    { aheadMs: 5_000 },
    /^FAILED {2}clock against the venue: Cannot start as abot allows a clock skew of 2500 ms: current value is \d+; switch on time synchronisation of this machine$/m,
  ],
  [
    "another key",
    { account: { key: "someoneelse1" } },
    /^FAILED {2}The venue refuses the API key \(10003\): The API key is not known on the testnet: create one at testnet\.bybit\.com/m,
  ],
  [
    "a position of somebody else",
    { before: (venue) => venue.control.personTrades({ side: "Buy", qty: 20 }) },
    /^FAILED {2}a running bot would now be halted: unknown_position: /m,
  ],
  [
    "an address that is banned",
    { before: (venue) => venue.control.injectFault("http_403") },
    /^FAILED {2}no answer within 45 s, last: The venue refuses this address for too many requests: no request for 10 min/m,
  ],
  [
    "no venue",
    { before: (venue) => venue.control.outage(START + 3_600_000) },
    /^FAILED {2}no answer within 45 s, last: no usable answer: server 503$/m,
  ],
];

for (const [wrong, given, line] of WRONG) {
  Deno.test(`[F-12.5 F-12.6] check fails with one line of its own: ${wrong}`, async () => {
    const { code, lines, files } = await check(given);
    match(lines.join("\n"), line);
    equal(code, 1);
    equal(lines.at(-1), "Not ready to start.");
    deepEqual(files, []);
  });
}
