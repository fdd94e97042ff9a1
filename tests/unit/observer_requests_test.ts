import assert from "node:assert/strict";
import { RequestWatch } from "../../src/observer/venue/requests.ts";
import type { LogRequest } from "../../src/infrastructure/exchange/fake_exchange/venue_log.ts";

const READ: Omit<LogRequest, "at"> = {
  kind: "request",
  method: "GET",
  path: "/v5/account/wallet-balance",
  query: "",
  httpStatus: 200,
  retCode: 0,
  applied: true,
  fault: null,
  order: null,
};

/** Checks said when two processes make so many reads each, a tenth of a second apart. */
function said(first: number, second: number, restart: boolean): readonly string[] {
  const found: string[] = [];
  const watch = new RequestWatch((violation) => found.push(violation.check));
  for (let call = 0; call < first + second; call += 1) {
    if (call === first && restart) watch.processEnded();
    watch.onRequest({ ...READ, at: call * 100 }, false);
  }
  return found;
}

Deno.test("observer (F-7.10) the pace of calls is kept by the process: a restart counts anew", () => {
  assert.deepEqual(said(50, 30, false), ["rest_calls"]);
  assert.deepEqual(said(50, 30, true), []);
  assert.deepEqual(said(10, 71, true), ["rest_calls"]);
});

Deno.test("observer (F-11.8 F-7.10) reads after a core fault protect until the venue answers one, not longer", () => {
  const found = (answered: number) => {
    const said: string[] = [];
    const watch = new RequestWatch((violation) => said.push(violation.check));
    watch.coreFault();
    for (let call = 0; call < 90; call += 1) {
      const httpStatus = call === answered ? 200 : 503;
      watch.onRequest({ ...READ, path: "/v5/position/list", httpStatus, at: call * 100 }, false);
    }
    return said;
  };
  assert.deepEqual(found(50), []);
  assert.deepEqual(found(10), ["rest_calls"]);
});
