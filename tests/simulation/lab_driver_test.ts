/** The lab's driver over real recordings: the same core, what may be passed over, paths, windows (L-1, L-2). */
import { strict as assert } from "node:assert";
import type { Config } from "../../src/domain/limits.ts";
import { CandlePoints } from "../../src/programs/lab/driver/candle_points.ts";
import { checkWindow, earliestStart, endOf, LabWindowError } from "../../src/programs/lab/driver/candles.ts";
import { runCandidate } from "../../src/programs/lab/driver/run_candidate.ts";
import type {
  Candidate,
  CandidateResult,
  LabCandles,
  PathKind,
  RunOptions,
} from "../../src/programs/lab/driver/types.ts";
import { realIo } from "../../src/programs/lab/io.ts";
import { labCandles, labConfig } from "../../src/programs/lab/load.ts";

const DAY_MS = 86_400_000;
function optionsOf(skip: boolean): RunOptions {
  return { skipQuiet: skip, halts: "lift", fill: "through", walletUsd: 100, slippageBps: 0, keepIntents: true };
}

function loaded(name: string): LabCandles {
  return labCandles(realIo(), `config/recordings/${name}.csv.gz`);
}
function shipped(): Config {
  return labConfig(realIo(), "config/testnet.yaml").config;
}
/** A narrow grid, so that a few days hold many trades. */
function restless(config: Config): Config {
  return {
    ...config,
    goal: { ...config.goal, goal_usd: 1e9, equity_floor_usd: 1 },
    strategy: { ...config.strategy, grid_atr_multiple: 1 },
  };
}

type Asked = { readonly candles: LabCandles; readonly config: Config; readonly days: number; readonly from?: number };
function candidateOf(
  asked: Asked,
  to: Partial<Omit<Candidate, "options">> & { readonly options?: Partial<RunOptions> } = {},
) {
  const from = asked.from ?? earliestStart(asked.candles);
  const { options, ...other } = to;
  const candidate: Candidate = {
    config: asked.config,
    candles: asked.candles,
    from,
    to: from + asked.days * DAY_MS,
    path: "seeded",
    seed: 1,
    ...other,
    options: { ...optionsOf(true), ...options },
  };
  return candidate;
}
function same(a: CandidateResult, b: CandidateResult): void {
  assert.deepEqual(a.intents, b.intents);
  assert.equal(a.fingerprint, b.fingerprint);
  assert.deepEqual(a.trades, b.trades);
}

Deno.test("[L-1.2 L-2.1] orders and trade records are byte-equal with and without passing over, on every path", () => {
  const cases = [{ name: "winter-2021", days: 5 }, { name: "black-thursday", days: 4 }] as const;
  for (const { name, days } of cases) {
    const asked = { candles: loaded(name), config: restless(shipped()), days };
    for (const path of ["seeded", "ohlc", "worst"] as const) {
      const quick = runCandidate(candidateOf(asked, { path }));
      same(quick, runCandidate(candidateOf(asked, { path, options: optionsOf(false) })));
      assert.ok(quick.trades.length >= 3, `${name} ${path}: ${quick.trades.length} trades`);
      assert.ok(quick.skipped > quick.candles / 2, `${name} ${path}: only ${quick.skipped} passed over`);
    }
  }
});

Deno.test("[L-1.7] cutting the data after any moment changes no decision before it", () => {
  const asked = { candles: loaded("winter-2021"), config: restless(shipped()), days: 5 };
  const whole = runCandidate(candidateOf(asked));
  const from = earliestStart(asked.candles);
  for (const share of [0.11, 0.37, 0.5, 0.83, 0.99]) {
    const at = from + Math.floor(asked.days * 1440 * share) * 60_000;
    const count = (at - asked.candles.firstAt) / 60_000;
    const candles = { ...asked.candles, count };
    const cut = runCandidate(candidateOf({ ...asked, candles }, { to: at }));
    const before = whole.intents.filter((line) => Number(line.split(" ")[0]) < at);
    assert.deepEqual(cut.intents.filter((line) => Number(line.split(" ")[0]) < at), before);
    assert.ok(share < 0.3 || before.length > 0, `nothing happens before ${share}`);
  }
});

Deno.test("[L-1.1] a halt is a result: lifted at midnight it is counted and its day marked, else it stays", () => {
  const candles = loaded("black-thursday");
  const from = Math.max(earliestStart(candles), Date.UTC(2020, 2, 10));
  const asked = { candles, config: shipped(), days: Math.floor((endOf(candles) - from) / DAY_MS), from };
  const lifted = runCandidate(candidateOf(asked));
  const stopped = runCandidate(candidateOf(asked, { options: { halts: "stop" } }));
  assert.equal(lifted.halts[0]?.reason, "equity_below_floor");
  assert.deepEqual(stopped.halts, lifted.halts.slice(0, 1));
  assert.equal(stopped.finalState, "HALT");
  assert.notEqual(lifted.finalState, "HALT");
  const dayOf = (at: number) => new Date(at).toISOString().slice(0, 10);
  const first = dayOf(lifted.halts[0]?.at ?? 0);
  assert.deepEqual(lifted.days.map(({ day }) => day), stopped.days.map(({ day }) => day), "the same days");
  assert.ok(lifted.days.find(({ day }) => day === first)?.blocked);
  assert.deepEqual(stopped.days.filter(({ day }) => day > first).map(({ blocked }) => blocked).includes(false), false);
  assert.ok(lifted.days.some(({ day, blocked }) => day > first && !blocked));
});

Deno.test("[L-1.4] every path begins at open, ends at close and touches low and high, in the order it is named for", () => {
  const candles = loaded("winter-2021");
  const lowFirst = (path: PathKind, of: { readonly minute: number; readonly held: -1 | 0 | 1 }) => {
    const prices = new CandlePoints({ candles, seed: 7, path }).fill(of.minute, of.held).map(({ last }) => last);
    const [low, high] = [candles.low[of.minute] ?? 0, candles.high[of.minute] ?? 0];
    assert.equal(prices[0], candles.open[of.minute]);
    assert.equal(prices.at(-1), candles.close[of.minute]);
    assert.equal(Math.min(...prices), low);
    assert.equal(Math.max(...prices), high);
    return prices.indexOf(low) < prices.indexOf(high);
  };
  let wide = 0;
  for (let minute = 30_000; minute < 30_400; minute++) {
    lowFirst("seeded", { minute, held: 0 });
    const [open, high, low, close] = [candles.open, candles.high, candles.low, candles.close].map((list) =>
      list[minute] ?? 0
    );
    // Where open or close is an extreme itself the order cannot be told.
    if (open === high || open === low || close === high || close === low) continue;
    wide++;
    assert.equal(lowFirst("ohlc", { minute, held: 0 }), false);
    assert.equal(lowFirst("olhc", { minute, held: 0 }), true);
    assert.equal(lowFirst("worst", { minute, held: 1 }), true);
    assert.equal(lowFirst("worst", { minute, held: -1 }), false);
    assert.equal(lowFirst("best", { minute, held: 1 }), false);
    assert.equal(lowFirst("best", { minute, held: -1 }), true);
  }
  assert.ok(wide > 50);
});

Deno.test("[L-1.5] without its warm-up a window is refused with what is missing, and a later start is named", () => {
  const candles = loaded("winter-2021");
  const from = earliestStart(candles) - 5 * 3_600_000;
  assert.throws(
    () => checkWindow(candles, { from, to: from + DAY_MS }),
    (error: unknown) =>
      error instanceof LabWindowError && /5 hours are missing; the earliest start is/.test(error.message),
  );
  checkWindow(candles, { from: earliestStart(candles), to: endOf(candles) });
  assert.throws(() => checkWindow(candles, { from: earliestStart(candles), to: endOf(candles) + 60_000 }), /ends at/);
});

Deno.test("[L-1.3] a limit that is only touched fills under touch, and not under through", () => {
  const asked = { candles: loaded("winter-2021"), config: restless(shipped()), days: 5 };
  const touch = runCandidate(candidateOf(asked, { options: { fill: "touch" } }));
  const through = runCandidate(candidateOf(asked));
  assert.notEqual(touch.fingerprint, through.fingerprint);
  const partial = (result: CandidateResult) =>
    result.records.flatMap(({ fills }) => fills).filter(({ role, is_maker }) => role === "entry" && is_maker).length /
    result.records.length;
  assert.equal(partial(through), 1, "through fills in full");
});

Deno.test("[L-1.3] slippage makes stops and market orders worse, never limits", () => {
  const asked = { candles: loaded("winter-2021"), config: restless(shipped()), days: 5 };
  const [plain, slipped] = [0, 20].map((slippageBps) => runCandidate(candidateOf(asked, { options: { slippageBps } })));
  assert.ok(plain !== undefined && slipped !== undefined);
  const first = plain.records.find(({ exit_reason }) => exit_reason === "stop_loss");
  const twin = slipped.records.find(({ signal_id }) => signal_id === first?.signal_id);
  assert.ok(first !== undefined && twin !== undefined);
  assert.equal(twin.entry_price_avg, first.entry_price_avg);
  const worse = (twin.exit_price_avg - first.exit_price_avg) / first.exit_price_avg *
    (first.direction === "long" ? -1 : 1);
  assert.ok(Math.abs(worse - 0.002) < 0.0002, `${worse}`);
});
