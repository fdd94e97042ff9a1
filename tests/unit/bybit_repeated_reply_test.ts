import assert from "node:assert/strict";
import fc from "fast-check";
import { parseEnvelope, parsePositions, parseWalletReply } from "../../src/infrastructure/exchange/bybit/parse_rest.ts";
import { parseReply } from "../../src/infrastructure/exchange/bybit/repeated_reply.ts";
import { ENDPOINTS } from "../../src/infrastructure/exchange/bybit/venue_words.ts";
import { textOf } from "./bybit_samples.ts";

const body = (result: unknown, time: number | string): string =>
  `{"retCode":0,"retMsg":"OK","result":${JSON.stringify(result)},"retExtInfo":{},"time":${time}}`;

Deno.test("[F-4.8] a reply reads the same whatever the endpoint said before, with its own time", () => {
  const result = fc.constantFrom({ list: [] }, { list: [{ orderId: "1" }] }, { list: [], time: 1612232070894 }, null);
  const time = fc.constantFrom<number | string>(1612232070894, 1612232070895, 7, "0123456789012", '"1612232070894"');
  fc.assert(fc.property(fc.array(fc.tuple(result, time), { minLength: 2, maxLength: 12 }), (replies) => {
    for (const [said, at] of replies) {
      const text = body(said, at);
      assert.deepEqual(parseReply(text, ENDPOINTS.realtime), parseEnvelope(text));
    }
  }));
});

Deno.test("[F-4.8] a repeated reply gives the very result of before; another endpoint's, or a changed one, its own", () => {
  const first = parseReply(body({ list: [1] }, 1612232070894), ENDPOINTS.realtime);
  const again = parseReply(body({ list: [1] }, 1612232099999), ENDPOINTS.realtime);
  const other = parseReply(body({ list: [1] }, 1612232070894), ENDPOINTS.position);
  const changed = parseReply(body({ list: [2] }, 1612232070894), ENDPOINTS.realtime);
  assert.equal(again?.result, first?.result);
  assert.equal(again?.time, 1612232099999);
  assert.notEqual(other?.result, first?.result);
  assert.deepEqual(changed?.result, { list: [2] });
});

const POSITION = textOf("rest_position-list_inverse-btcusd-2026.json");
const WALLET = textOf("rest_wallet-balance_unified-2026.json");
const WALLETS = textOf("rest_wallet-balance_unified-btc-collateral-real.json");
type Field = readonly [string, string];
const MOVED: readonly Field[] = [
  ["markPrice", "28225.10"],
  ["positionValue", "0.01"],
  ["unrealisedPnl", "-0.1"],
  ["breakEvenPrice", "7"],
  ["totalEquity", "4.1"],
  ["usdValue", "70000.5"],
  ["equity", "1.2"],
];
const READ: readonly Field[] = [["size", "200"], ["liqPrice", "1.5"], ["leverage", "7"], ["walletBalance", "1.5"]];
function moved(text: string, [name, value]: Field): string {
  return text.replace(new RegExp(`"${name}":"[^"]*"`), `"${name}":"${value}"`);
}
type Read = ReturnType<typeof parseEnvelope>;
/** The row of a reply, or why there is none. */
function rowOf(envelope: Read, parse: (result: unknown) => unknown): unknown {
  try {
    return envelope === null ? null : parse(envelope.result);
  } catch (error) {
    return String(error);
  }
}

Deno.test("[F-4.8] a position whose mark price moved is the same row, any other change is read anew", () => {
  const first = parseReply(POSITION, ENDPOINTS.position);
  const again = parseReply(MOVED.reduce(moved, POSITION), ENDPOINTS.position);
  assert.equal(again?.result, first?.result);
  assert.equal(parsePositions(again?.result), parsePositions(first?.result));
  const other = parseReply(moved(POSITION, ["size", "200"]), ENDPOINTS.position);
  assert.equal(parsePositions(other?.result).size, 200);
});

Deno.test("[F-4.8] a wallet whose value in USD moved is the same row, one whose PnL moved has the new PnL", () => {
  const first = parseReply(WALLET, ENDPOINTS.wallet);
  const again = parseReply(moved(WALLET, ["totalEquity", "4.5"]), ENDPOINTS.wallet);
  assert.equal(parseWalletReply(again?.result), parseWalletReply(first?.result));
  const other = parseReply(moved(WALLET, ["unrealisedPnl", "-0.00000211"]), ENDPOINTS.wallet);
  assert.deepEqual(parseWalletReply(other?.result), {
    ...parseWalletReply(first?.result),
    unrealisedPnl: -2_110_000,
  });
  assert.equal(parseWalletReply(parseReply(WALLET, ENDPOINTS.wallet)?.result).unrealisedPnl, 0);
});

Deno.test("[F-4.8] a PnL that may not be the coin's is read anew each time", () => {
  const odd: readonly ((pnl: string) => string)[] = [
    (pnl) => `{"coin":[{"coin":"USDT","unrealisedPnl":"${pnl}"},{"coin":"BTC","walletBalance":"1"}]}`,
    (pnl) => `{"unrealisedPnl":"${pnl}","coin":[{"coin":"BTC","unrealisedPnl":"7"}]}`,
    (pnl) => `{"unrealisedPnl":"${pnl}","coin":[{"coin":"BTC","unrealisedPnl":7}]}`,
    (pnl) => `{"totalEquity":"${pnl}","coin":[{"coin":"BTC","unrealised\\u0050nl":"7"}]}`,
    (pnl) => `{"coin":[{"coin":"BTC","unrealisedPnl":"${pnl}"}]},{"coin":[]}`,
  ];
  for (const account of odd) {
    for (const pnl of ["1", "2", "", "-3.5"]) {
      const text = `{"retCode":0,"retMsg":"OK","result":{"list":[${account(pnl)}]},"time":1612232070894}`;
      const [repeated, plain] = [parseReply(text, ENDPOINTS.wallet), parseEnvelope(text)];
      assert.deepEqual(rowOf(repeated, parseWalletReply), rowOf(plain, parseWalletReply), text);
    }
  }
});

for (
  const [name, endpoint, texts, parse] of [
    ["position", ENDPOINTS.position, [POSITION], parsePositions],
    ["wallet", ENDPOINTS.wallet, [WALLET, WALLET, WALLETS], parseWalletReply],
  ] as const
) {
  Deno.test(`[F-4.8] a ${name} reads the same whatever the reply before was, and whatever character was changed`, () => {
    const text = fc.constantFrom(...texts);
    const fields = fc.array(fc.constantFrom(...MOVED, ...MOVED, ...READ), { minLength: 1, maxLength: 4 });
    const other = fc.tuple(text, fields).map(([said, changes]) => changes.reduce(moved, said));
    const damaged = fc.tuple(text, fc.nat(), fc.nat(1), fc.constantFrom("", ...'0159.-e"\\{}],: x')).map(
      ([said, where, taken, put]) => {
        const at = where % said.length;
        return said.slice(0, at) + put + said.slice(at + taken);
      },
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(text, other, damaged), { minLength: 2, maxLength: 8 }), (replies) => {
        for (const reply of replies) {
          const [repeated, plain] = [parseReply(reply, endpoint), parseEnvelope(reply)];
          assert.deepEqual({ ...repeated, result: null }, { ...plain, result: null });
          assert.deepEqual(rowOf(repeated, parse), rowOf(plain, parse));
        }
      }),
      { numRuns: 1_000 },
    );
  });

  Deno.test(`[F-4.8] what a ${name} leaves open is read by nobody: the row is the same without it`, () => {
    const open = endpoint.moving?.figures ?? /$^/g;
    for (const text of texts) {
      const followed = (figure: string) => endpoint === ENDPOINTS.wallet && figure.includes("unrealisedPnl");
      const without = text.replaceAll(open, (figure) => followed(figure) ? figure : '"nobody":"');
      assert.notEqual(without, text);
      assert.deepEqual(rowOf(parseEnvelope(without), parse), rowOf(parseEnvelope(text), parse));
    }
  });
}
