import assert from "node:assert/strict";
import fc from "fast-check";
import { parseKey } from "../../src/infrastructure/exchange/bybit/parse_key.ts";

const TRADING = { ContractTrade: ["Order", "Position"], Derivatives: ["DerivativesTrade"] };
/** Every group the venue has, and one of tomorrow. */
const GROUPS = [
  ...["ContractTrade", "Derivatives", "Spot", "Wallet", "Options", "CopyTrading", "BlockTrade", "Exchange", "NFT"],
  ...["Affiliate", "Earn", "FiatP2P", "FiatConvertBroker", "FiatGlobalPay", "FiatBitPay", "FiatBybitPay", "BitCard"],
  ...["ByXPost", "Teleport", "constructor", "__proto__"],
];

function read(permissions: unknown) {
  return parseKey({ userID: 7, readOnly: 0, permissions, deadlineDay: 80 }, 0);
}
/** As it comes from the wire: `__proto__` is a key like any other there. */
function withGroup(group: string, words: unknown): unknown {
  return JSON.parse(`{${JSON.stringify(TRADING).slice(1, -1)},${JSON.stringify(group)}:${JSON.stringify(words)}}`);
}

Deno.test("[F-12.5] a key that trades contracts and nothing else is taken, empty groups or not", () => {
  const empty = Object.fromEntries(GROUPS.slice(2, 19).map((group, n) => [group, n % 2 === 0 ? [] : null]));
  for (const permissions of [TRADING, { ContractTrade: TRADING.ContractTrade }, { ...TRADING, ...empty }]) {
    const key = read(permissions);
    assert.deepEqual([key.canTrade, key.canWithdrawOrTransfer, key.excess], [true, false, undefined]);
  }
});

Deno.test("[F-12.5] a word in any other group, or a word not known in these two, is refused by name", () => {
  for (const group of GROUPS) {
    const words = group === "ContractTrade" ? ["Order", "Position", "New"] : ["New"];
    const key = read(withGroup(group, words));
    assert.equal(key.canWithdrawOrTransfer, true, group);
    assert.deepEqual(key.excess, [`${group}: New`]);
  }
});

Deno.test("[F-12.5] a group that is no list is refused by name, not taken for an answer that cannot be read", () => {
  for (const group of GROUPS) {
    for (const words of ["Withdraw", true, 1, { Withdraw: true }, "", 0, false, {}]) {
      const key = read(withGroup(group, words));
      assert.equal(key.canWithdrawOrTransfer, true, group);
      assert.deepEqual(key.excess, [`${group} (not a list)`]);
    }
  }
  assert.deepEqual(read({ ...TRADING, Wallet: [null, 3] }).excess, ["Wallet: null", "Wallet: 3"]);
});

Deno.test("[F-12.5] whatever the rights are: without excess only when everything filled is trading contracts", () => {
  const word = fc.constantFrom("Order", "Position", "DerivativesTrade", "SpotTrade", "Withdraw", "");
  const words = fc.oneof(fc.array(word, { maxLength: 3 }), fc.constant(null), fc.anything());
  fc.assert(fc.property(fc.dictionary(fc.constantFrom(...GROUPS), words), (permissions) => {
    const filled = Object.entries(permissions).filter(([, value]) =>
      value !== null && !(Array.isArray(value) && value.length === 0)
    );
    const known: Readonly<Record<string, readonly unknown[]>> = TRADING;
    const trading = filled.every(([group, value]) =>
      Array.isArray(value) && Object.hasOwn(known, group) && value.every((one) => known[group]?.includes(one))
    );
    assert.equal(read(permissions).canWithdrawOrTransfer, !trading);
  }));
});

Deno.test("[F-12.5] names of rights stay short, however many and long they are", () => {
  const long = read({ ...TRADING, Wallet: Array.from({ length: 5000 }, () => "x".repeat(9000)) }).excess ?? [];
  assert.equal(long.length, 13);
  assert.ok(long.every((name) => name.length <= 60));
  assert.equal(long.at(-1), "4988 more");
});
