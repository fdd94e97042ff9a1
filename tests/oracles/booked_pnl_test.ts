import { strict as assert } from "node:assert";
import { newOrder } from "../../src/application/transition/orders/order_table.ts";
import { worth } from "../../src/application/policy/risk/plausible.ts";
import { bookFill, bookQuantity, grossPnl, openBook } from "../../src/application/policy/money/trade_book.ts";
import type { Side } from "../../src/domain/orders.ts";
import type { OwnOrder, TradeBook } from "../../src/domain/state.ts";
import { picoBtc, priceCents, usdContracts } from "../../src/domain/units.ts";
import { move, newVenue } from "../core_venue.ts";
import { NOON, RATES } from "../core_values.ts";
import { at, DIP, newRig, open, send, wait } from "../core_rig.ts";

const venue = newVenue();

function fill(
  book: TradeBook,
  of: {
    /** null = an order that is not ours. */
    readonly role: OwnOrder["role"] | null;
    readonly side: Side;
    readonly contracts: number;
    readonly price: number;
    readonly pnl?: number;
  },
): TradeBook {
  const { contracts, price, side, role } = of;
  const pnl = of.pnl === undefined ? null : picoBtc(of.pnl * 10_000);
  const execution = move(venue, { side, contracts, price, at: NOON, change: { pnl } });
  const ticket = {
    orderLinkId: `grid_0123456789_l_${side}`,
    side,
    contracts: usdContracts(contracts),
    orderType: "Market",
    price: null,
    timeInForce: "IOC",
    trigger: null,
    reduceOnly: role !== "entry",
    closeOnTrigger: false,
  } as const;
  const order = role === null ? null : newOrder({ ticket, role, trade: "t", generation: 1, at: NOON });
  const value = worth(usdContracts(contracts), priceCents(price));
  const moved = bookQuantity(book, {
    opens: (side === "Buy") === (book.direction === "long"),
    contracts,
    value,
    at: NOON,
  });
  return bookFill(moved, { execution, order, value, rate: RATES.taker, at: NOON });
}

/** 101 contracts at 39,500, closed at 39,058.50 in 40 and 61: −1145 and −1746 satoshi, −2890 if rounded once. */
const entry = { role: "entry", side: "Buy", contracts: 101, price: 3_950_000 } as const;
const first = { role: "stop", side: "Sell", contracts: 40, price: 3_905_850 } as const;
const second = { role: "exit", side: "Sell", contracts: 61, price: 3_905_850 } as const;
const empty = openBook({ tradeId: "t", plan: null, direction: "long", at: NOON });
const sats = (book: TradeBook) => grossPnl(book) / 10_000;

Deno.test("[P-1] [P-13] closing fills read back without execPnl are rounded one by one, as the venue books them", () => {
  assert.equal(sats([entry, first, second].reduce(fill, empty)), -2891);
});

Deno.test("[P-1] [P-13] a fill that the venue booked keeps its figure beside one that was read back without", () => {
  assert.equal(sats([entry, { ...second, pnl: -1746 }, first].reduce(fill, empty)), -2891);
  assert.equal(sats([entry, { ...first, pnl: -1144 }, second].reduce(fill, empty)), -2890);
});

Deno.test("[P-1] [P-13] while fills of the entry are missing nothing is reckoned from a provisional average", () => {
  const provisional = bookQuantity(empty, {
    opens: true,
    contracts: 101,
    value: worth(usdContracts(101), priceCents(3_950_000)),
    at: NOON,
  });
  const closed = [first, second].reduce(fill, provisional);
  assert.equal(closed.bookedContracts, 0);
  assert.equal(sats(closed), -2890);
});

Deno.test("[F-1.28] [P-1] an opening by another hand books no close, although the venue says a PnL of 0", () => {
  const foreign = { role: null, side: "Buy", contracts: 101, price: 3_950_000, pnl: 0 } as const;
  const opened = fill(empty, foreign);
  assert.equal(opened.bookedContracts, 0);
  const closed = bookQuantity(opened, {
    opens: false,
    contracts: 101,
    value: worth(usdContracts(101), priceCents(3_905_850)),
    at: NOON,
  });
  assert.equal(sats(closed), -2890);
});

Deno.test("[F-1.27 F-7.16] an execution that turns the position counts its PnL once, and every trade it ends is recorded", () => {
  const rig = newRig();
  const { contracts } = open(rig);
  wait(rig, 15_000);
  const before = rig.bot.capital.realised;
  let owed = 0;
  for (const [side, pnl] of [["Sell", -7_550_000], ["Buy", 10_000]] as const) {
    const turn = { side, contracts: 2 * contracts, price: DIP - 20_000, at: at(rig), change: { pnl: picoBtc(pnl) } };
    const execution = move(rig.venue, turn);
    owed += pnl - execution.fee;
    send(rig, { kind: "Executed", at: at(rig), execution, source: "stream" });
  }
  const records = rig.all.filter((one) => one.kind === "Record" && one.record.type === "trade").length;
  wait(rig, 15_000);
  const trades = rig.all.filter((one) => one.kind === "Record" && one.record.type === "trade").length;
  assert.equal(rig.bot.capital.realised - before, owed);
  assert.equal(records, 1);
  assert.equal(trades, 2);
});
