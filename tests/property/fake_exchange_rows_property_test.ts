import assert from "node:assert/strict";
import fc from "fast-check";
import { BTCUSD, SAMPLE_SWITCHES } from "../../src/infrastructure/exchange/fake_exchange/mod.ts";
import {
  orderListRow,
  positionFrameRow,
  positionListRow,
} from "../../src/infrastructure/exchange/fake_exchange/wire/rows.ts";
import {
  type Core,
  initialState,
  type OrderState,
  RowTexts,
} from "../../src/infrastructure/exchange/fake_exchange/state.ts";

const AT = 1_609_459_200_000;
const NO_EFFECTS = { order() {}, execution() {}, position() {}, wallet() {}, echo() {} };

function coreOf(): Core {
  const start = { seed: 1, walletSat: 1e8, leverageE2: 1000, marginMode: "ISOLATED_MARGIN", autoAddMargin: 0 } as const;
  const switches = { ...SAMPLE_SWITCHES, closeAllShownAs: "position" } as const;
  const fees = { maker: "0.0002", taker: "0.00055", makerE8: 20_000, takerE8: 55_000 };
  const state = initialState(start, { instrument: BTCUSD, at: AT });
  return {
    config: { instrument: BTCUSD, fees, switches },
    state,
    effects: NO_EFFECTS,
    faults: null,
    faultFired() {},
    texts: new RowTexts(),
  };
}

function orderOf(closesAll: boolean): OrderState {
  return {
    orderId: "id",
    linkId: "link",
    owner: "bot",
    side: "Sell",
    type: "Market",
    tif: "IOC",
    qty: 100,
    price: 0,
    cumQty: 0,
    cumE16: 0n,
    cumFeeSat: 0,
    closedPnlSat: 0,
    closedSize: 0,
    closedEntryE16: 0n,
    closedExitE16: 0n,
    openFeeSat: 0,
    closeFeeSat: 0,
    fills: 0,
    status: "Untriggered",
    triggerPrice: 2_900_000,
    triggerDirection: 2,
    triggerBy: "MarkPrice",
    reduceOnly: true,
    closeOnTrigger: true,
    closesAll,
    createType: "CreateByUser",
    smpType: "None",
    cancelType: "UNKNOWN",
    rejectReason: "EC_NoError",
    lastOnCreated: 3_000_000,
    createdAt: AT,
    updatedAt: AT,
  };
}

const small = fc.integer({ min: 1, max: 300 });
const cents = fc.integer({ min: 1_000_000, max: 9_000_000 });
/** Also values so close to each other that only the average entry tells them apart. */
const value = fc.oneof(
  fc.bigInt({ min: 1n, max: 10n ** 17n }),
  fc.bigInt({ min: 0n, max: 9n }).map((step) => 10n ** 15n + step * 10_000_000n),
);
const word = fc.constantFrom("A", "B");
/** One change of one field, as the venue may make it. */
const orderChange = fc.oneof(
  fc.record({ orderId: word }),
  fc.record({ qty: small }),
  fc.record({ price: cents }),
  fc.record({ cumQty: small }),
  fc.record({ cumE16: value }),
  fc.record({ cumFeeSat: small }),
  fc.record({ status: fc.constantFrom("New" as const, "Untriggered" as const, "Filled" as const) }),
  fc.record({ triggerPrice: cents }),
  fc.record({ triggerBy: fc.constantFrom("LastPrice" as const, "MarkPrice" as const) }),
  fc.record({ cancelType: word }),
  fc.record({ rejectReason: word }),
  fc.record({ updatedAt: small }),
);
const positionChange = fc.oneof(
  fc.record({ side: fc.constantFrom("Buy" as const, "Sell" as const) }),
  fc.record({ size: small }),
  fc.record({ entryE16: value }),
  fc.record({ leverageE2: fc.integer({ min: 100, max: 5000 }) }),
  fc.record({ autoAddMargin: fc.constantFrom(0 as const, 1 as const) }),
  fc.record({ status: fc.constantFrom("Normal" as const, "Liq" as const) }),
  fc.record({ liqCents: cents }),
  fc.record({ bustCents: cents }),
  fc.record({ curRealisedSat: small }),
  fc.record({ cumRealisedSat: small }),
  fc.record({ seq: small }),
  fc.record({ createdAt: small }),
  fc.record({ updatedAt: small }),
);
const step = fc.oneof(
  fc.record({ order: orderChange }),
  fc.record({ position: positionChange }),
  fc.record({ mark: cents }),
);

Deno.test("[PROTOCOL-2.3] venue: a row that is kept shows every change of its order, its position and the mark price", () => {
  fc.assert(fc.property(fc.boolean(), fc.array(step, { minLength: 20, maxLength: 60 }), (closesAll, steps) => {
    const core = coreOf();
    const order = orderOf(closesAll);
    core.state.market.mark = 3_000_000;
    Object.assign(core.state.position, { side: "Buy", size: 100, entryE16: 10n ** 15n });
    for (const change of [{ mark: 3_000_000 }, ...steps]) {
      if ("order" in change) Object.assign(order, change.order);
      else if ("position" in change) Object.assign(core.state.position, change.position);
      else core.state.market.mark = change.mark;
      // Nothing is kept for objects that were not seen before.
      const fresh = { ...core };
      const { position } = core.state;
      assert.equal(orderListRow(order, core), orderListRow({ ...order }, core));
      assert.equal(positionListRow(position, core), positionListRow(position, fresh));
      assert.equal(positionFrameRow(core), positionFrameRow(fresh));
    }
  }));
});
