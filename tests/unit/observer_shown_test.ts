/** What the venue's own log shows about HALTs whose condition is not a fault. */
import { strict as assert } from "node:assert";
import { RequestWatch } from "../../src/infrastructure/exchange/fake_exchange/observer_requests.ts";
import type { LogRequest } from "../../src/infrastructure/exchange/fake_exchange/venue_log.ts";

function create(
  at: number,
  of: { readonly reduceOnly: boolean; readonly conditional?: boolean; readonly retCode?: number },
): LogRequest {
  return {
    kind: "request",
    at,
    method: "POST",
    path: "/v5/order/create",
    query: "",
    httpStatus: 200,
    retCode: of.retCode ?? 0,
    applied: true,
    fault: null,
    order: {
      action: "create",
      orderId: null,
      orderLinkId: "a",
      side: "Buy",
      orderType: "Market",
      qty: 1,
      price: null,
      triggerPrice: null,
      reduceOnly: of.reduceOnly,
      conditional: of.conditional ?? false,
    },
  };
}
const watch = () => new RequestWatch(() => undefined);

Deno.test("[F-13.1] observer: risk-increasing orders of an hour are counted at the venue, exits and stops are not", () => {
  const requests = watch();
  for (let index = 0; index < 60; index++) requests.onRequest(create(index * 1000, { reduceOnly: false }), false);
  requests.onRequest(create(60_000, { reduceOnly: true }), false);
  requests.onRequest(create(60_000, { reduceOnly: true, conditional: true }), false);
  assert.equal(requests.entriesWithinHour(61_000), 60);
  assert.equal(requests.entriesWithinHour(3_600_000 + 500), 59);
});

Deno.test("[F-6.5 F-2.1] observer: an exit refused by the venue is a failed one, a taken exit and a refused stop are not", () => {
  const requests = watch();
  requests.onRequest(create(1_000, { reduceOnly: true }), false);
  requests.onRequest(create(2_000, { reduceOnly: true, conditional: true, retCode: 110092 }), false);
  assert.equal(requests.exitsFailed(3_000, 60_000), 0);
  requests.onRequest(create(3_000, { reduceOnly: true, retCode: 110118 }), false);
  assert.equal(requests.exitsFailed(63_000, 60_000), 1);
  assert.equal(requests.exitsFailed(63_001, 60_000), 0);
});
