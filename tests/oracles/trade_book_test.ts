/** The book of one trade: what a fill adds, what role it has, and what the record says of it (P-1, P-13). */
import { POLICY_VERSION } from "../../src/domain/limits.ts";
import { strict as assert } from "node:assert";
import { newOrder } from "../../src/application/transition/orders/order_table.ts";
import {
  adjustment,
  bookFill,
  bookQuantity,
  closedByFill,
  fillRole,
  grossPnl,
  isLiquidation,
  netPnl,
  openBook,
  tradeRecord,
} from "../../src/application/policy/money/trade_book.ts";
import type { Execution, OrderTicket } from "../../src/domain/orders.ts";
import type { OwnOrder, TradeBook } from "../../src/domain/state.ts";
import type { Plan } from "../../src/domain/plan.ts";
import { epochMs, picoBtc, priceCents, rateE8, usdContracts } from "../../src/domain/units.ts";
import { DIP, filled, market, newRig, open, wait } from "../core_rig.ts";
import { NOON } from "../core_values.ts";
import { move, newVenue } from "../core_venue.ts";

const rig = newRig();
open(rig);
const PLAN = rig.bot.trade?.plan ?? null;
if (PLAN === null) throw new Error("no plan");
const EMPTY = openBook({ tradeId: "t", plan: null, direction: "long", at: NOON });
const EXECUTION = move(newVenue(), { side: "Sell", contracts: 100, price: 5_000_000, at: NOON });
const LATER = epochMs(NOON + 1_000);

function order(of: {
  readonly role?: OwnOrder["role"];
  readonly price?: number | null;
  readonly trigger?: number;
  readonly reference?: number | null;
}): OwnOrder {
  const cents = (value: number | null | undefined) => value === null || value === undefined ? null : priceCents(value);
  const trigger = cents(of.trigger);
  const ticket: OrderTicket = {
    orderLinkId: `t_${of.role ?? "exit"}_Sell`,
    side: "Sell",
    contracts: usdContracts(100),
    orderType: "Market",
    price: cents(of.price),
    timeInForce: "IOC",
    trigger: trigger === null ? null : { price: trigger, direction: 2, by: "MarkPrice" },
    reduceOnly: true,
    closeOnTrigger: false,
  };
  const reference = cents(of.reference);
  return newOrder({ ticket, role: of.role ?? "exit", trade: "t", generation: 1, at: NOON, reference });
}
function booked(
  book: TradeBook,
  of: { readonly order?: OwnOrder | null; readonly execution?: Partial<Execution>; readonly rate?: number },
): TradeBook {
  const execution = { ...EXECUTION, ...of.execution };
  const value = picoBtc(2_000_000_000);
  const by = of.order === undefined ? order({}) : of.order;
  return bookFill(book, { execution, order: by, value, rate: rateE8(of.rate ?? 55_000), at: LATER });
}

Deno.test("[P-13] a new book is empty: every sum and clock starts at 0, news is its opening", () => {
  const { openedAt, lastNewsAt, closedAt, fills, linkIds, orderIds, latency, plan, ...sums } = EMPTY;
  assert.deepEqual([openedAt, lastNewsAt, closedAt, fills, linkIds, plan], [NOON, NOON, null, [], [], null]);
  assert.deepEqual([orderIds, latency], [{ entry: null, stop: null, exit: null }, { ackMs: null, fillMs: null }]);
  const zero = Object.entries(sums).filter(([, value]) => value !== 0).map(([key]) => key);
  assert.deepEqual(zero, ["tradeId", "signalId", "direction", "exitReason", "stopPrice"]);
  assert.equal(openBook({ tradeId: "t", plan: PLAN, direction: "long", at: NOON }).signalId, PLAN.signalId);
  assert.equal(EMPTY.signalId, "t");
});

Deno.test("[P-13 F-1.24 F-1.25] the role of a fill: ADL and liquidation before all, then the own order, else foreign", () => {
  const role = (execution: Partial<Execution>, by: OwnOrder | null = order({ role: "stop" })) =>
    fillRole({ ...EXECUTION, ...execution }, by);
  assert.deepEqual([role({}), role({}, null)], ["stop", "foreign"]);
  assert.deepEqual([role({ execType: "AdlTrade" }), role({ createType: "CreateByAdl_PassThrough" })], ["adl", "adl"]);
  assert.equal(role({ execType: "BustTrade" }), "liquidation");
  for (const createType of ["CreateByLiq", "CreateByTakeOver_PassThrough"] as const) {
    assert.equal(role({ createType }), "liquidation");
    assert.ok(isLiquidation({ ...EXECUTION, createType }));
  }
  assert.ok(isLiquidation({ ...EXECUTION, execType: "BustTrade" }));
  assert.ok(!isLiquidation(EXECUTION));
});

Deno.test("[P-13] quantity opens or closes; either is news", () => {
  const of = (opens: boolean) => {
    const book = bookQuantity(EMPTY, { opens, contracts: 5, value: 7, at: LATER });
    return [book.openedContracts, book.openedValue, book.closedContracts, book.closedValue, book.lastNewsAt];
  };
  assert.deepEqual([of(true), of(false)], [[5, 7, 0, 0, LATER], [0, 0, 5, 7, LATER]]);
});

Deno.test("[P-13 P-10] a fill adds its fee, the fee expected for its role, its ids and its slippage", () => {
  const book = booked(EMPTY, { order: order({ role: "stop", trigger: 5_000_000 }) });
  const [fill] = book.fills;
  assert.deepEqual([fill?.price, fill?.qty, fill?.role, fill?.is_maker], [50_000, 100, "stop", false]);
  assert.deepEqual([book.fees, book.expectedFees], [EXECUTION.fee, 1_100_000]);
  assert.equal(booked(EMPTY, { rate: 0 }).expectedFees, 0);
  assert.equal(booked(EMPTY, { rate: 1 }).expectedFees, 20);
  assert.deepEqual(book.orderIds, { entry: null, stop: EXECUTION.orderId, exit: null });
  assert.equal(booked(EMPTY, { order: order({ role: "target" }) }).orderIds.exit, EXECUTION.orderId);
  assert.deepEqual(booked(EMPTY, { order: null }).orderIds, EMPTY.orderIds);
  const ids = (linkId: string | null) =>
    booked({ ...EMPTY, linkIds: ["a"] }, { execution: { orderLinkId: linkId } }).linkIds;
  assert.deepEqual([ids("a"), ids("b"), ids(null)], [["a"], ["a", "b"], ["a"]]);
  assert.equal(book.lastNewsAt, LATER);
});

Deno.test("[P-1] a closing fill without the venue's PnL is reckoned from the entry's fills, once all of them are known", () => {
  const reckoned = (of: { entered: number; opened: number; value?: number; side?: "Buy" | "Sell" }) => {
    const entry = { ...EXECUTION, side: "Buy", contracts: usdContracts(of.entered), execId: "e" } as const;
    const entered = of.entered === 0 ? EMPTY : booked(EMPTY, { order: order({ role: "entry" }), execution: entry });
    const book = { ...entered, openedContracts: of.opened, openedValue: of.value ?? 2_100_000_000 };
    const after = booked(book, { execution: { pnl: null, side: of.side ?? "Sell" } });
    return [after.bookedPnl, after.bookedContracts];
  };
  assert.deepEqual(reckoned({ entered: 100, opened: 100 }), [100_000_000, 100]);
  assert.deepEqual(reckoned({ entered: 60, opened: 100 }), [0, 0]);
  assert.deepEqual(reckoned({ entered: 0, opened: 0 }), [0, 0]);
  assert.deepEqual(reckoned({ entered: 100, opened: 100, value: 2 ** 53 }), [0, 0]);
  assert.deepEqual(reckoned({ entered: 100, opened: 100, side: "Buy" }), [0, 0]);
  const told = booked(EMPTY, { execution: { pnl: picoBtc(70_000) } });
  assert.deepEqual([told.bookedPnl, told.bookedContracts], [70_000, 100]);
  const entry = booked(EMPTY, { order: order({ role: "entry" }), execution: { side: "Buy", pnl: picoBtc(70_000) } });
  assert.deepEqual([entry.bookedPnl, entry.bookedContracts], [0, 0]);
});

Deno.test("[P-13] the list of fills ends at 400, the sums do not", () => {
  let book = EMPTY;
  for (let count = 0; count < 401; count += 1) book = booked(book, {});
  assert.deepEqual([book.fills.length, book.fees], [400, 401 * EXECUTION.fee]);
  assert.equal(booked({ ...book, fills: book.fills.slice(1) }, {}).fills.length, 400);
});

Deno.test("[P-1] slippage in cents: trigger of a stop, best opposite of a taker entry, limit of a maker, else the quote", () => {
  const cents = (by: OwnOrder | null, plan: Plan | null = null) =>
    booked({ ...EMPTY, plan }, { order: by }).slippageCents;
  // 100 contracts, executed at 50,000: 1 % from 49,505 is 1 USD.
  assert.equal(cents(order({ role: "stop", trigger: 4_950_495, price: 1 })), 100);
  assert.equal(cents(order({ price: 4_950_495, reference: 1 })), 100);
  assert.equal(cents(order({ reference: 5_050_505 })), 100);
  assert.deepEqual([cents(null), cents(order({})), cents(order({ reference: 0 }))], [0, 0, 0]);
  const taker = { ...PLAN, taker: true, bestOpposite: priceCents(4_950_495) };
  const entry = order({ role: "entry", price: 5_000_000 });
  assert.deepEqual([cents(entry, taker), cents(entry, { ...taker, taker: false }), cents(entry)], [100, 0, 0]);
  assert.equal(cents(order({ role: "exit", price: 5_000_000 }), taker), 0);
});

Deno.test("[P-1] gross is what the venue booked when it booked every closing contract, else the share of what was opened", () => {
  const of = (change: Partial<TradeBook>) =>
    grossPnl({
      ...EMPTY,
      openedContracts: 100,
      openedValue: 2_000_000_000,
      closedContracts: 50,
      closedValue: 900_000_000,
      bookedPnl: 70_000,
      ...change,
    });
  assert.equal(of({ bookedContracts: 50 }), 70_000);
  assert.equal(of({ bookedContracts: 49 }), 100_000_000);
  assert.equal(of({ bookedContracts: 49, direction: "short" }), -100_000_000);
  assert.equal(of({ bookedContracts: 0, closedContracts: 0, closedValue: 0 }), 0);
  assert.equal(of({ openedContracts: 0, openedValue: 0 }), -900_000_000);
  assert.equal(netPnl({ ...EMPTY, fees: 3, funding: 4 }), -7);
});

Deno.test("[P-13] the record of an adopted trade has no plan: no r_multiple, no quotes, stage 1, the policy it was kept by", () => {
  const equity = { equityAfter: picoBtc(2), equityBefore: picoBtc(1) };
  const book = { ...EMPTY, fees: 1_000_000, exitReason: "manual" as const };
  const record = tradeRecord(rig.bot, book, equity);
  const { r_multiple, entry_stage, policy_version, stop_distance_pct, max_loss_sats, market_regime } = record;
  assert.deepEqual([r_multiple, entry_stage, policy_version, stop_distance_pct, max_loss_sats, market_regime], [
    null,
    1,
    POLICY_VERSION,
    0,
    0,
    "unknown",
  ]);
  assert.deepEqual([record.mark_price, record.best_bid, record.spread, record.funding_rate, record.stop_price], [
    null,
    null,
    null,
    null,
    null,
  ]);
  assert.deepEqual([record.closed_at_ms, record.gate_results], [rig.bot.now, []]);
  assert.deepEqual([record.entry_price_avg, record.exit_price_avg], [0, 0]);
  const planned = tradeRecord(rig.bot, { ...book, plan: { ...PLAN, maxLoss: picoBtc(500_000) } }, equity);
  assert.deepEqual([planned.r_multiple, planned.max_loss_sats], [-2, 50]);
  assert.equal(tradeRecord(rig.bot, { ...book, plan: { ...PLAN, maxLoss: picoBtc(0) } }, equity).r_multiple, null);
  const bare = { ...PLAN, bid: null };
  assert.equal(tradeRecord(rig.bot, { ...book, plan: bare }, equity).spread, null);
  assert.equal(tradeRecord(rig.bot, { ...book, plan: { ...PLAN, ask: null } }, equity).spread, null);
  const funded = { ...PLAN, fundingRate: rateE8(10_000) };
  assert.equal(tradeRecord(rig.bot, { ...book, plan: funded }, equity).funding_rate, 0.0001);
  assert.equal(tradeRecord(rig.bot, { ...book, countedUsd: -1_230_000 }, equity).net_pnl_usd, -1.23);
});

Deno.test("[P-13 F-8.1] a trade's dollars are what its day was charged with, whatever the mark does until the record", () => {
  const trading = newRig();
  const { stop, contracts } = open(trading);
  const low = Math.round(DIP * 0.97);
  market(trading, low);
  filled(trading, stop, { contracts, price: low });
  trading.price = Math.round(DIP * 0.9);
  wait(trading, 30_000);
  const records = trading.all.flatMap((one) =>
    one.kind === "Record" && one.record.type === "trade" ? [one.record] : []
  );
  const [record] = records;
  assert.ok(record !== undefined && record.net_pnl_sats < 0);
  assert.equal(Math.round(record.net_pnl_usd * 1e6), trading.bot.risk.day?.realised);
});

Deno.test("[P-13] total latency is the first fill's, or the answer's when nothing was filled", () => {
  const total = (latency: TradeBook["latency"]) =>
    tradeRecord(rig.bot, { ...EMPTY, latency }, { equityAfter: picoBtc(0), equityBefore: picoBtc(0) }).latency_ms.total;
  assert.deepEqual([total({ ackMs: 5, fillMs: 9 }), total({ ackMs: 5, fillMs: null }), total(EMPTY.latency)], [
    9,
    5,
    null,
  ]);
});

Deno.test("[P-1 F-1.28] money after the record is an adjustment: funding or fees, and the venue's PnL", () => {
  const of = (execution: Partial<Execution>) => {
    const { fees_sats, funding_sats, gross_pnl_sats } = adjustment("t", {
      execution: { ...EXECUTION, ...execution },
      at: NOON,
    });
    return [fees_sats, funding_sats, gross_pnl_sats];
  };
  const fee = picoBtc(20_000);
  assert.deepEqual(of({ fee, pnl: picoBtc(70_000) }), [2, 0, 7]);
  assert.deepEqual(of({ fee, pnl: null, execType: "Funding" }), [0, 2, 0]);
});

Deno.test("[F-6.1] what closed a trade is the role of its last fill, when the venue closed by it", () => {
  const by = (execution: Partial<Execution>, own: OwnOrder | null) =>
    closedByFill(booked(EMPTY, { execution, order: own }));
  assert.deepEqual([by({}, order({ role: "stop" })), by({}, order({ role: "target" }))], [
    "stop_loss",
    "profit_target",
  ]);
  assert.deepEqual([by({}, null), by({ execType: "AdlTrade" }, null), by({ execType: "BustTrade" }, null)], [
    "foreign",
    "adl",
    "liquidation",
  ]);
  assert.deepEqual([by({}, order({ role: "exit" })), closedByFill(EMPTY), closedByFill(null)], [null, null, null]);
  const last = booked(booked(EMPTY, { order: order({ role: "stop" }) }), { order: order({ role: "target" }) });
  assert.equal(closedByFill(last), "profit_target");
});
