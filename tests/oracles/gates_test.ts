import { strict as assert } from "node:assert";
import { blockClass, type BlockReason, newBlock } from "../../src/domain/halts_and_blocks.ts";
import type { Config } from "../../src/domain/limits.ts";
import { entryLinkId } from "../../src/domain/ids.ts";
import { priceCents, usdContracts } from "../../src/domain/units.ts";
import { emptyBarSeries, foldBars } from "../../src/application/policy/entry/atr.ts";
import {
  emptyEvaluations,
  type EntryInput,
  evaluateEntry,
  foldEvaluation,
  NO_SIGNAL,
} from "../../src/application/policy/entry/entry_allowed.ts";
import { plannedRoles } from "../../src/application/policy/entry/entry_gates.ts";
import { emptyMakerState, foldMakerTimeout, foldTakerSent } from "../../src/application/policy/entry/maker_timeout.ts";
import { emptyMetrics } from "../../src/application/policy/risk/metrics_tracker.ts";
import { emptyStageState } from "../../src/application/policy/entry/stage.ts";
import { defaultTestConfig } from "../config_fixture.ts";
import { dailyAtr, GOOD_ENTRY } from "../entry_input.ts";
import { after, btc, flatBars, INSTRUMENT, NOON, price, qty } from "../core_values.ts";

type Change = Parameters<typeof defaultTestConfig>[0];
const evaluate = (some: Partial<EntryInput> = {}, change?: Change) =>
  evaluateEntry({ ...GOOD_ENTRY, ...(change === undefined ? {} : { config: defaultTestConfig(change) }), ...some });
const refusal = (some: Partial<EntryInput> = {}, change?: Change) => evaluate(some, change).refusal;
const codes = (some: Partial<EntryInput>, change?: Change) => evaluate(some, change).gates.map((gate) => gate.code);
const quote = (some: Partial<EntryInput["quote"]>): Partial<EntryInput> => ({
  quote: { ...GOOD_ENTRY.quote, ...some },
});
const block = (reason: BlockReason) => newBlock(reason, { since: NOON, until: null });

Deno.test("[P-4][P-5] with every gate passed one approved PostOnly entry leaves, sized, priced and named", () => {
  const found = evaluate();
  assert.equal(found.refusal, null);
  assert.deepEqual(found.gates.map((gate) => [gate.gate, gate.code]), [1, 2, 3, 4, 5, 6, 7, 8].map((n) => [n, null]));
  const { signal, approved, sizing } = found;
  assert.deepEqual(approved?.ticket, {
    orderLinkId: entryLinkId(signal?.signalId ?? "", { side: "Buy", generation: 1 }),
    side: "Buy",
    contracts: sizing?.contracts,
    orderType: "Limit",
    price: price(77999.9),
    timeInForce: "PostOnly",
    trigger: null,
    reduceOnly: false,
    closeOnTrigger: false,
  });
  const plan = approved?.plan;
  assert.deepEqual([plan?.direction, plan?.stage, plan?.leverageE2, plan?.exitOrder], [
    "long",
    1,
    300,
    "resting_target",
  ]);
  assert.deepEqual([plan?.spacing, plan?.maxLoss, plan?.contracts], [price(1600), sizing?.maxLoss, sizing?.contracts]);
});

Deno.test("[P-4 F-7.12] gate 1 wants a last price, a mark, a bid and an ask: 0 is none, one cent is one", () => {
  for (const name of ["last", "mark", "bid", "ask"] as const) {
    const code = (cents: number | null) => codes(quote({ [name]: cents === null ? null : priceCents(cents) }))[0];
    assert.deepEqual([code(null), code(0), code(1)], ["market_data_stale", "market_data_stale", null], name);
  }
});

Deno.test("[P-4] gate 1 refuses each of its codes once", () => {
  assert.equal(refusal({ halt: "adl" }), "state_halt");
  assert.equal(refusal({ killSwitch: true }), "state_halt");
  assert.equal(refusal({ blocks: [block("starting")] }), "state_cooldown");
  assert.equal(refusal({ emergencyBlock: true }), "emergency_block");
  assert.equal(refusal({ blocks: [block("latency")] }), "emergency_block");
  assert.equal(refusal({ degraded: true }), "degraded_mode");
  assert.equal(refusal({ blocks: [block("degraded")] }), "degraded_mode");
  assert.equal(refusal({ phaseFlat: false }), "state_not_flat");
  assert.equal(refusal({ ordersClean: false }), "orders_not_clean");
  assert.equal(refusal({ blocks: [block("order_cleanup")] }), "orders_not_clean");
  assert.equal(refusal({ marketStale: true }), "market_data_stale");
  assert.equal(refusal({ blocks: [block("market_data_stale")] }), "market_data_stale");
  for (const side of ["last", "mark", "bid", "ask"] as const) {
    assert.equal(refusal(quote({ [side]: null })), "market_data_stale", side);
    assert.equal(refusal(quote({ [side]: priceCents(0) })), "market_data_stale", side);
  }
  assert.equal(refusal({ equityBtc: null }), "market_data_stale");
  assert.equal(refusal({ equityUsd: null }), "market_data_stale");
  assert.equal(refusal({ confirmedLeverageE2: 299 }), "leverage_unconfirmed");
  assert.equal(refusal({ confirmedLeverageE2: null }), "leverage_unconfirmed");
});

Deno.test("[F-12.8] the wanted leverage is told whether or not the entry is refused", () => {
  assert.equal(evaluate({ confirmedLeverageE2: 1000 }).wantedLeverageE2, 300);
  assert.equal(evaluate({ confirmedLeverageE2: 150 }, (own) => own.stages.leverage = 1.5).wantedLeverageE2, 150);
});

Deno.test("[GATE-1][GATE-2] in HALT and COOLDOWN a signal sends nothing", () => {
  const halted = evaluate({ halt: "kill_switch" });
  assert.deepEqual([halted.approved, halted.refusal, halted.signal?.side], [null, "state_halt", "Buy"]);
  const cooling = evaluate({ blocks: [newBlock("rejections", { since: NOON, until: after(NOON, 3) })] });
  assert.deepEqual([cooling.approved, cooling.refusal], [null, "state_cooldown"]);
});

Deno.test("[P-4][F-8] gate 2 refuses each of its codes once", () => {
  const general: BlockReason[] = ["ws_recovery", "taker_failed", "ip_banned", "instrument", "reconcile", "journal_lag"];
  for (const reason of [...general, "key_expiry", "shutdown"] as const) {
    assert.equal(refusal({ blocks: [block(reason)] }), "cooldown_active", reason);
  }
  assert.equal(refusal({ reconnectLoop: true }), "session_risk:reconnect_loop");
  assert.equal(refusal({ blocks: [block("reconnect_loop")] }), "session_risk:reconnect_loop");
  assert.equal(refusal({ tradesTotal: 50 }, (own) => own.dry_run.dry_run = true), "dry_run_limit");
  assert.equal(refusal({ tradesTotal: 50 }), null);
});

Deno.test("[P-4][F-1.6] a session block of class COOLDOWN refuses as the state and is named by its rule in gate 2", () => {
  const reasons: BlockReason[] = [
    "daily_loss",
    "weekly_loss",
    "loss_streak_day",
    "loss_streak",
    "fee_spike",
    "slippage",
  ];
  for (const reason of reasons) {
    assert.equal(blockClass(reason), "COOLDOWN");
    assert.deepEqual(codes({ blocks: [block(reason)] }).slice(0, 2), ["state_cooldown", `session_risk:${reason}`]);
  }
  assert.deepEqual(codes({ blocks: [block("price_drop_1m")] }).slice(0, 2), ["state_cooldown", "cooldown_active"]);
  assert.deepEqual(codes({ blocks: [block("latency"), block("stage_flap")] })[1], null);
});

Deno.test("[P-3 max_trades_per_day] the stage's trades of the day", () => {
  assert.equal(refusal({ tradesToday: 4 }), null);
  assert.equal(refusal({ tradesToday: 5 }), "max_trades_per_day");
  assert.equal(
    refusal({ tradesToday: 5 }, (own) => own.stages.stage_1 = { ...own.stages.stage_1, max_trades_per_day: 6 }),
    null,
  );
});

Deno.test("[P-4][P-3] gate 3: leverage above the stage, stage flapping", () => {
  const levered = (leverage: number) =>
    refusal({ confirmedLeverageE2: leverage * 100 }, (own) => own.stages.leverage = leverage);
  assert.equal(levered(3), null);
  assert.equal(levered(2), null);
  assert.equal(levered(3.01), "leverage_above_stage");
  assert.equal(refusal({ blocks: [block("stage_flap")] }), "stage_flap");
  const changes = [after(NOON, -20), after(NOON, -10)];
  const flapping = evaluate({ stage: { candidate: 2, signalled: 2, changes } });
  assert.deepEqual([flapping.refusal, flapping.stageBlock?.reason, flapping.stageBlock?.until], [
    "stage_flap",
    "stage_flap",
    after(NOON, 3600),
  ]);
  assert.deepEqual(flapping.stage, { candidate: 1, signalled: 1, changes: [] });
});

Deno.test("[P-4][P-3 atr_pct_24h_min] gate 4: volatility", () => {
  assert.equal(refusal({ days: dailyAtr(3) }), null);
  assert.equal(refusal({ days: dailyAtr(2.99) }), "atr_too_low");
  const lower: Change = (own) => own.stages.stage_1 = { ...own.stages.stage_1, atr_pct_24h_min: 2.98 };
  assert.equal(refusal({ days: dailyAtr(2.99) }, lower), null);
  assert.equal(refusal({ days: emptyBarSeries }), "atr_unavailable");
  assert.equal(codes({ hours: emptyBarSeries })[3], "atr_unavailable");
});

Deno.test("[P-4 max_price_divergence_pct] gate 4: last and mark may differ by 1 %", () => {
  assert.equal(refusal(quote({ last: price(78000), mark: price(77227.73) })), null);
  assert.equal(refusal(quote({ last: price(78000), mark: price(77227.72) })), "price_divergence");
  assert.equal(refusal(quote({ last: price(78000), mark: price(78787.9) })), "price_divergence");
  const wider: Change = (own) => own.entry.max_price_divergence_pct = 1.1;
  assert.equal(refusal(quote({ last: price(78000), mark: price(78787.9) }), wider), null);
});

Deno.test("[P-4 max_spread_ratio] gate 4: the spread may be 0.25 × d", () => {
  // spacing 1600/78000 × 1.5 gives d = 3.0769 %, a quarter of it is 0.769 % of the middle
  assert.equal(refusal(quote({ bid: price(77400), ask: price(77997) })), null);
  assert.equal(refusal(quote({ bid: price(77400), ask: price(77998) })), "spread_too_wide");
  assert.equal(
    refusal(quote({ bid: price(77400), ask: price(77998) }), (own) => own.entry.max_spread_ratio = 0.26),
    null,
  );
});

Deno.test("[P-4 book_min_ratio] gate 4: the exit side holds at least half of our contracts", () => {
  const contracts = evaluate().sizing?.contracts ?? 0;
  const half = Math.ceil(contracts / 2);
  assert.equal(refusal(quote({ bidSize: qty(half), askSize: qty(0) })), null);
  assert.equal(refusal(quote({ bidSize: qty(half - 1) })), "book_too_thin");
  assert.equal(refusal(quote({ bidSize: null })), "book_too_thin");
  assert.equal(refusal(quote({ bidSize: qty(half - 1) }), (own) => own.entry.book_min_ratio = 0.4), null);
  const short = { last: price(82000), mark: price(82000), bid: price(81999.9), ask: price(82000) };
  assert.equal(refusal(quote({ ...short, bidSize: qty(0) })), null);
  assert.equal(refusal(quote({ ...short, askSize: qty(0) })), "book_too_thin");
});

/** Hourly ATR whose grid spacing is `spacing` USD. */
const withSpacing = (spacing: number) =>
  foldBars(emptyBarSeries, flatBars("hour", { count: 130, close: 80000, range: spacing / 2, end: NOON }), "hour");

Deno.test("[P-4][P-3 ev_fee_multiple_k] gate 5: gross profit at the target is K × the planned fees", () => {
  // maker + maker = 0.04 %, K = 2: spacing must be 0.08 % = 62.4 USD at 78,000
  assert.equal(codes({ hours: withSpacing(62.4) })[4], null);
  assert.equal(codes({ hours: withSpacing(62.38) })[4], "ev_insufficient");
  const k: Change = (own) => own.stages.stage_1 = { ...own.stages.stage_1, ev_fee_multiple_k: 1.9 };
  assert.equal(codes({ hours: withSpacing(62.38) }, k)[4], null);
  assert.equal(codes({ hours: emptyBarSeries })[4], "ev_insufficient");
});

Deno.test("[P-4][P-10 fee_spike_ev_multiple] gate 5: K × 1.5 while fees are tight", () => {
  const fees = { ...GOOD_ENTRY.fees, tightUntil: after(NOON, 1) };
  assert.equal(codes({ fees, hours: withSpacing(93.6) })[4], null);
  assert.equal(codes({ fees, hours: withSpacing(93.58) })[4], "ev_insufficient");
  assert.equal(codes({ fees, hours: withSpacing(93.58) }, (own) => own.fees.fee_spike_ev_multiple = 1.4)[4], null);
});

const SIGNAL = evaluate().signal?.signalId ?? "";
const TIRED = [SIGNAL, SIGNAL, SIGNAL].reduce(foldMakerTimeout, emptyMakerState);

Deno.test("[P-5 exit_order entry_order] planned roles follow the stage, the fallback and tight fees", () => {
  const { stage_1, stage_3 } = GOOD_ENTRY.config.stages;
  const roles = (stage: Config["stages"]["stage_1"], tight: boolean, fallback: boolean) => {
    const { entryRole, exitRole } = plannedRoles(stage, { tight, fallback });
    return `${entryRole} ${exitRole}`;
  };
  assert.equal(roles(stage_1, false, false), "maker maker");
  assert.equal(roles(stage_1, false, true), "taker maker");
  assert.equal(roles(stage_3, false, false), "taker taker");
  assert.equal(roles(stage_3, true, false), "maker taker");
  assert.equal(roles(stage_3, true, true), "taker taker");
});

Deno.test("[F-10.6] after three maker timeouts of a signal its next entry is an IOC limit across the book", () => {
  const found = evaluate({ maker: TIRED });
  assert.deepEqual([found.refusal, found.approved?.ticket.timeInForce, found.approved?.ticket.price], [
    null,
    "IOC",
    price(78078),
  ]);
  assert.equal(found.approved?.plan.roles.fallback, true);
  assert.ok((found.sizing?.contracts ?? 0) < (evaluate().sizing?.contracts ?? 0), "re-sized with taker fees");
});

Deno.test("[F-10.6 taker_profit_multiple] the fallback needs 5 × the taker fee", () => {
  // 5 × 0.055 % = 0.275 % = 214.5 USD at 78,000
  assert.equal(codes({ maker: TIRED, hours: withSpacing(214.5) })[4], null);
  assert.equal(codes({ maker: TIRED, hours: withSpacing(214.48) })[4], "ev_insufficient");
  assert.equal(
    codes({ maker: TIRED, hours: withSpacing(214.48) }, (own) => own.entry.taker_profit_multiple = 4)[4],
    null,
  );
  assert.equal(codes({ hours: withSpacing(214.48) })[4], null);
});

Deno.test("[P-4][P-3 maker_only_default] gate 6: a taker plan needs permission, the fallback a quota", () => {
  const takes: Change = (own) => own.stages.stage_1 = { ...own.stages.stage_1, entry_order: "ioc" };
  assert.equal(refusal({}, takes), "maker_only_violation");
  const free: Change = (own) => {
    own.stages.stage_1 = { ...own.stages.stage_1, entry_order: "ioc", maker_only_default: false };
  };
  assert.equal(refusal({}, free), null);
  assert.equal(evaluate({}, free).approved?.ticket.timeInForce, "IOC");
  assert.equal(
    refusal({ maker: TIRED, fees: { ...GOOD_ENTRY.fees, tightUntil: after(NOON, 1) } }),
    "maker_only_violation",
  );
  assert.equal(refusal({ maker: foldTakerSent(TIRED, NOON) }), "taker_quota");
  assert.equal(refusal({ maker: foldTakerSent(emptyMakerState, NOON) }), null);
  const tight = evaluate({ fees: { ...GOOD_ENTRY.fees, tightUntil: after(NOON, 1) } }, free);
  assert.deepEqual([tight.refusal, tight.approved?.ticket.timeInForce], [null, "PostOnly"]);
});

Deno.test("[P-4][P-9] gate 7: winrate and backtest", () => {
  const poor = { ...emptyMetrics, closed: 30, recent: Array.from({ length: 30 }, (_, i) => i < 13) };
  assert.equal(refusal({ metrics: poor }), "winrate_hard");
  assert.equal(refusal({ metrics: { ...poor, recent: Array.from({ length: 30 }, (_, i) => i < 14) } }), null);
  assert.equal(refusal({}, (own) => own.performance.require_backtest = true), "backtest_winrate_low");
  const half = evaluate({ metrics: { ...emptyMetrics, streakMultiplier: 0.5 } });
  assert.equal(half.sizing?.contracts, Math.floor((evaluate().sizing?.contracts ?? 0) / 2));
});

Deno.test("[P-4][GATE-4] gate 8: hedge mode", () => {
  assert.equal(refusal({ hedgeMode: true }), "hedge_mode_detected");
});

Deno.test("[P-4][P-7] sizing refuses after all gates", () => {
  const tiny = { instrument: { ...INSTRUMENT, minOrderQty: usdContracts(1000) } };
  assert.equal(refusal(tiny), "qty_below_minimum");
  assert.equal(refusal({ ...tiny, hedgeMode: true }), "hedge_mode_detected");
  assert.equal(refusal({ freeBtc: btc(0) }), "margin_insufficient");
  assert.equal(refusal({ freeBtc: null }), "margin_insufficient");
});

Deno.test("[P-12][P-4] an order of a single contract may leave, one of none never", () => {
  const one: Change = (own) => own.entry.max_contracts = 1;
  assert.equal(evaluate({}, one).approved?.ticket.contracts, 1);
  const none = evaluate({ instrument: { ...INSTRUMENT, qtyStep: qty(2) } }, one);
  assert.deepEqual([none.refusal, none.approved], ["qty_below_minimum", null]);
});

Deno.test("[P-4][P-5] a quote below one tick prices nothing, and nothing unsized leaves", () => {
  const dust = quote({ last: price(0.3), mark: price(0.3), bid: price(0.3), ask: price(0.3) });
  const found = evaluate({ ...dust, instrument: { ...INSTRUMENT, tickCents: price(0.5) } });
  assert.deepEqual([found.refusal, found.sizing, found.approved], ["market_data_stale", null, null]);
});

Deno.test("[P-7] without instrument data prices keep to a tick every BTCUSD has had", () => {
  assert.equal(evaluate({ instrument: null }).approved?.ticket.price, price(77999.5));
});

Deno.test("[P-3] without a known equity the evaluation names the last stage, or the first", () => {
  const stageOf = (some: Partial<EntryInput>) => evaluate({ equityUsd: null, ...some }).gates[2]?.inputs["stage"];
  assert.equal(stageOf({}), 1);
  assert.equal(stageOf({ stage: { ...emptyStageState, candidate: 2 } }), 2);
});

Deno.test("[P-4] the first refusal in the order of the gates wins, and all gates are judged", () => {
  const all: Partial<EntryInput> = {
    halt: "adl",
    tradesToday: 99,
    blocks: [block("stage_flap")],
    days: emptyBarSeries,
    hours: withSpacing(10),
    maker: foldTakerSent(TIRED, NOON),
    hedgeMode: true,
  };
  const strict: Change = (own) => own.performance.require_backtest = true;
  const expected = [
    "state_halt",
    "max_trades_per_day",
    "stage_flap",
    "atr_unavailable",
    "ev_insufficient",
    "taker_quota",
    "backtest_winrate_low",
    "hedge_mode_detected",
  ];
  assert.deepEqual(codes(all, strict), expected);
  const lifted: Partial<EntryInput>[] = [
    { halt: null },
    { tradesToday: 0 },
    { blocks: [] },
    { days: GOOD_ENTRY.days },
    { hours: GOOD_ENTRY.hours },
    { maker: emptyMakerState },
  ];
  let now = all;
  for (const [index, lift] of lifted.entries()) {
    now = { ...now, ...lift };
    assert.equal(refusal(now, strict), expected[index + 1]);
  }
  assert.equal(refusal(now), "hedge_mode_detected");
  assert.equal(refusal({ ...now, hedgeMode: false }), null);
});

Deno.test("[P-4] each gate records what it judged", () => {
  const { gates, sizing } = evaluate();
  const inputs = gates.map((gate) => gate.inputs);
  const contracts = sizing?.contracts ?? 0;
  assert.deepEqual(inputs[0], {
    halt: null,
    kill_switch: false,
    cooldown: null,
    emergency_block: false,
    degraded: false,
    flat: true,
    orders_clean: true,
    market_stale: false,
    quote_known: true,
    equity_known: true,
    leverage_confirmed_e2: 300,
    leverage_wanted_e2: 300,
  });
  assert.deepEqual(inputs[1], {
    block: null,
    trades_today: 0,
    max_trades_per_day: 5,
    session_risk: null,
    dry_run_full: false,
  });
  assert.deepEqual(inputs[2], { stage: 1, leverage_e2: 300, stage_leverage: 3 });
  assert.deepEqual(inputs[3], {
    atr_pct_24h: 4,
    atr_pct_24h_min: 3,
    atr_grid_known: true,
    divergence_pct: 0,
    spread_pct: (10 / 7799995) * 100,
    spread_max_pct: 3.076923 / 4,
    exit_side_contracts: 5000,
    exit_side_needed: contracts / 2,
  });
  assert.deepEqual(inputs[4], {
    expected_profit_usd: (contracts * 2051282) / 1e8,
    estimated_fee_usd: (contracts * 40000) / 1e8,
    profit_e8: 2051282,
    fee_e8: 40000,
    k: 2,
  });
  assert.deepEqual(inputs[5], { entry_role: "maker", maker_only: true, fallback: false, quota_left: true });
  assert.deepEqual(inputs[6], {
    closed_trades: 0,
    winrate_pct: null,
    backtest_winrate_pct: null,
    size_multiplier: 1,
  });
  assert.deepEqual(inputs[7], { hedge_mode: false });
  const quiet = evaluate(quote({ last: price(80000), mark: price(80000), bid: price(79999.9), ask: price(80000) }));
  assert.equal(quiet.gates[3]?.inputs["exit_side_contracts"], null);
  assert.equal(quiet.gates[4]?.inputs["expected_profit_usd"], null);
});

Deno.test("[P-4] gate 4 never divides by what is not there", () => {
  const seen = (some: Partial<EntryInput["quote"]>) => {
    const inputs = evaluate(quote(some)).gates[3]?.inputs;
    return [inputs?.["divergence_pct"], inputs?.["spread_pct"]];
  };
  const spread = (10 / 7799995) * 100;
  assert.deepEqual(seen({ mark: priceCents(0) }), [null, spread]);
  assert.deepEqual(seen({ mark: null }), [null, spread]);
  assert.deepEqual(seen({ bid: null }), [0, null]);
  assert.deepEqual(seen({ ask: null }), [0, null]);
  assert.deepEqual(seen({ bid: priceCents(0), ask: priceCents(0) }), [0, null]);
  assert.deepEqual(seen({ bid: priceCents(0), ask: priceCents(1) }), [0, 200]);
});

Deno.test("[P-5] without a signal nothing is sized and the refusal says so", () => {
  const quiet = evaluate(quote({ last: price(80000), mark: price(80000), bid: price(79999.9), ask: price(80000) }));
  assert.deepEqual([quiet.refusal, quiet.signal, quiet.sizing, quiet.approved], [NO_SIGNAL, null, null, null]);
  assert.equal(quiet.gates.length, 8);
});

Deno.test("[P-4] an evaluation is recorded with a signal, on a new first refusal, and once a minute with a counter", () => {
  const quiet = evaluate(quote({ last: price(80000), mark: price(80000), bid: price(79999.9), ask: price(80000) }));
  const at = (second: number, some = quiet) => ({ ...some, at: after(NOON, second) });
  const first = foldEvaluation(emptyEvaluations, at(0));
  assert.deepEqual([first.record?.refusal, first.record?.repeated, first.record?.gates.length], [NO_SIGNAL, 0, 8]);
  const second = foldEvaluation(first.log, at(2));
  assert.deepEqual([second.record, second.log.repeated], [null, 1]);
  const third = foldEvaluation(second.log, at(59.999));
  assert.deepEqual([third.record, third.log.repeated], [null, 2]);
  const minute = foldEvaluation(third.log, at(60));
  assert.deepEqual([minute.record?.repeated, minute.log.repeated], [2, 0]);
  const other = foldEvaluation(third.log, at(3, { ...quiet, refusal: "degraded_mode" }));
  assert.deepEqual([other.record?.refusal, other.record?.repeated], ["degraded_mode", 2]);
  const signal = foldEvaluation(first.log, at(2, evaluate({ hedgeMode: true })));
  assert.equal(signal.record?.signal?.side, "Buy");
  assert.equal(signal.record?.sizing["contracts"], evaluate().sizing?.contracts);
});

Deno.test("[P-4] a signal that stands under the same refusal is recorded once and counted; an approved one always", () => {
  const held = evaluate({ hedgeMode: true });
  const at = (second: number, some = held) => ({ ...some, at: after(NOON, second) });
  const first = foldEvaluation(emptyEvaluations, at(0));
  assert.ok(first.record !== null && held.signal !== null);
  const again = foldEvaluation(first.log, at(2));
  assert.deepEqual([again.record, again.log.repeated], [null, 1]);
  const signal = { ...held.signal, signalId: "grid_0000000001_l" };
  const next = foldEvaluation(again.log, at(4, { ...held, signal }));
  assert.deepEqual([next.record?.signal?.signalId, next.record?.repeated], ["grid_0000000001_l", 1]);
  const approved = evaluate();
  const one = foldEvaluation(next.log, at(6, approved));
  const two = foldEvaluation(one.log, at(8, approved));
  assert.ok(approved.approved !== null && one.record !== null && two.record !== null);
});

Deno.test("[P-4] a record is plain data without NaN or Infinity", () => {
  for (
    const some of [{}, { hours: emptyBarSeries, days: emptyBarSeries }, { equityBtc: null }, quote({ mark: null })]
  ) {
    const { record } = foldEvaluation(emptyEvaluations, evaluate(some));
    assert.deepEqual(JSON.parse(JSON.stringify(record)), record);
  }
});
