import assert from "node:assert/strict";
import { bandLine } from "../../src/programs/trader/price_band.ts";
import type { Desk } from "../../src/programs/rehearsal/desk.ts";
import { bothBooks, differencesOf, readClosedPnl } from "../../src/programs/rehearsal/venue_ledger.ts";
import { epochMs, picoBtc, priceCents, usdContracts } from "../../src/domain/units.ts";
import { parseClosedPnl, parsePriceBand } from "../../src/infrastructure/exchange/bybit/parse_audit.ts";
import { textOf } from "./bybit_samples.ts";

const AT = Date.UTC(2026, 10, 20);
const DAY = 86_400_000;

/** A trade of 100 contracts opened so many minutes after midnight, closed by two fills. */
function trade(trade_id: string, minute: number, gross: number) {
  const fill = { exec_id: "e", price: 50_000, fee_sats: 5, is_maker: true, time_ms: AT };
  return {
    trade_id,
    opened_at_ms: AT + minute * 60_000,
    closed_at_ms: AT + (minute + 9) * 60_000,
    gross_pnl_sats: gross,
    fees_sats: 15.5,
    fills: [
      { ...fill, qty: 100, role: "entry" as const },
      { ...fill, qty: 40, role: "target" as const },
      { ...fill, qty: 60, role: "exit" as const },
    ],
  };
}
function closing(minute: number, size: number, sats: number) {
  return {
    orderId: `o${minute}`,
    closed: usdContracts(size),
    pnl: picoBtc(sats * 10_000),
    updatedAt: epochMs(AT + minute * 60_000),
  };
}

const TRADES = [trade("one", 10, 500), trade("two", 20, -300)];
const BEFORE = closing(5, 70, 9999);

Deno.test("[P-12] closed-pnl: closing orders belong to the trade that was open; satoshi rounding is no difference", () => {
  const rows = [closing(21, 100, -318), BEFORE, closing(12, 40, 200), closing(19, 60, 284)];
  const books = bothBooks({ trades: [...TRADES].reverse(), late: [] }, rows);
  assert.deepEqual(books.map(({ trade_id, own, venue, same }) => [trade_id, own, venue, same]), [
    ["one", 484.5, 484, true],
    ["two", -315.5, -318, true],
  ]);
  assert.deepEqual(differencesOf(books), []);
});

Deno.test("[P-12] closed-pnl: other money, missing contracts and late fees are told per trade", () => {
  const rows = [closing(12, 100, 488), closing(21, 60, -315)];
  assert.deepEqual(differencesOf(bothBooks({ trades: TRADES, late: [] }, rows)), [
    "one: net without funding is 484.50 sats in the log, 488.00 at the venue",
    "two: 100 contracts closed in the log, 60 at the venue",
  ]);
  const late = [{ trade_id: "one", gross_pnl_sats: 0, fees_sats: -3.5 }];
  assert.equal(bothBooks({ trades: TRADES, late }, rows)[0]?.same, true);
});

Deno.test("[P-12] closed-pnl: the close of a trade whose record is still to come is not the last trade's", () => {
  const rows = [closing(12, 100, 484), closing(21, 100, -315), closing(30, 147, 400)];
  assert.deepEqual(bothBooks({ trades: TRADES, late: [] }, rows).map(({ same }) => same), [true, true]);
});

Deno.test("[P-12] closed-pnl is read week by week and page by page, until a page is empty or the last", async () => {
  const asked: string[] = [];
  const page = (id: string, cursor: string) => ({
    category: "inverse",
    nextPageCursor: cursor,
    list: id === ""
      ? []
      : [{ symbol: "BTCUSD", orderId: id, closedSize: "1", closedPnl: "0.00000001", updatedTime: "1" }],
  });
  const answers = [page("a", "c%3A1"), page("b", "c%3A2"), page("", "c%3A3"), page("c", "")];
  const desk = {
    read(_endpoint: unknown, query: string, how: { readonly parse: (result: unknown) => unknown }) {
      asked.push(query);
      return Promise.resolve(how.parse(answers[asked.length - 1]));
    },
  } as unknown as Desk;
  const rows = await readClosedPnl(desk, { since: AT, until: AT + 10 * DAY });
  assert.deepEqual(rows.map(({ orderId }) => orderId), ["a", "b", "c"]);
  const week = `category=inverse&symbol=BTCUSD&startTime=${AT}&endTime=${AT + 7 * DAY - 1}&limit=100`;
  assert.deepEqual(asked, [
    week,
    `${week}&cursor=c%3A1`,
    `${week}&cursor=c%3A2`,
    `category=inverse&symbol=BTCUSD&startTime=${AT + 7 * DAY}&endTime=${AT + 10 * DAY}&limit=100`,
  ]);
});

Deno.test("[F-4.8] closed-pnl decides by closedPnl alone: average prices carry fees and are not read", () => {
  const { result } = JSON.parse(textOf("rest_closed-pnl_docs-2026.json"));
  const row = { ...result.list[0], symbol: "BTCUSD", avgEntryPrice: "", avgExitPrice: "nonsense", newKey: 1 };
  const read = (change: object) => parseClosedPnl({ category: "inverse", list: [{ ...row, ...change }] }).rows;
  assert.deepEqual(read({})[0]?.pnl, -47_406_532_300_000);
  for (
    const change of [{ closedPnl: "" }, { closedPnl: 5 }, { closedSize: "1.5" }, { orderId: "" }, { updatedTime: null }]
  ) {
    assert.throws(() => read(change), /Cannot read closed-pnl/, JSON.stringify(change));
  }
});

Deno.test("[F-5.9] price-limit: the band beside mark, and a note where exits by limit can be refused", () => {
  const band = (buyLmt: unknown, sellLmt: unknown, symbol = "BTCUSD") =>
    parsePriceBand({ symbol, buyLmt, sellLmt, ts: 1 });
  const mark = priceCents(8_000_000);
  assert.equal(
    bandLine(band("81600", "79200.10"), mark),
    "a buy up to 81600.00 (2.00 % above mark), a sell down to 79200.10 (1.00 % below)",
  );
  assert.match(
    bandLine(band("80400", "79600"), mark),
    /\(0\.50 % below\); an exit by limit .* refused here \(F-5\.9\)$/,
  );
  assert.equal(
    bandLine(band("81600", "79200"), null),
    "a buy up to 81600.00, a sell down to 79200.00; mark is unknown",
  );
  for (const [buy, sell, symbol] of [["", "1"], ["1", undefined], [1, "1"], ["1", "1", "BTCUSDT"]] as const) {
    assert.throws(() => band(buy, sell, symbol), /Cannot read price-limit/, `${buy} ${sell} ${symbol}`);
  }
});
