import assert from "node:assert/strict";
import { entry, stop } from "../unit/bybit_kit.ts";
import { textOf } from "../unit/bybit_samples.ts";
import { type Act, LinkRig, LoopbackVenue, okBody, timeNow } from "./link_kit.ts";

const ENTRY = "grid_a3f8d2e1c4_l_Buy";
const STOP = "grid_a3f8d2e1c4_l_stop_Sell";

/** Sends one stop while the venue acts so, and returns how it ended. */
async function outcomeOf(act: Act, runtime = {}): Promise<string> {
  const rig = await new LinkRig(runtime).ready();
  rig.venue.on = (seen) => seen.path === "/v5/order/create" ? act : timeNow();
  rig.adapter.send(stop());
  await rig.until(() => rig.of("PlaceAnswer").length === 1);
  await rig.close();
  assert.deepEqual(rig.venue.badSignatures, []);
  const [answer] = rig.of("PlaceAnswer");
  const outcome = answer?.outcome;
  return outcome?.kind === "unknown" ? `unknown ${outcome.cause}` : String(outcome?.kind);
}

/** Bodies of the creates that arrived. */
function creates(rig: LinkRig): { orderLinkId: string }[] {
  return rig.venue.seen.filter((seen) => seen.path === "/v5/order/create").map((seen) => JSON.parse(seen.body));
}

Deno.test("[F-10.4] over a real connection: reply, drop, silence, HTML, 502, redirect, garbage", async () => {
  assert.equal(await outcomeOf(okBody({ orderId: "o", orderLinkId: STOP })), "ok");
  assert.equal(await outcomeOf({ kind: "drop" }), "unknown lost");
  assert.equal(await outcomeOf({ kind: "silence" }, { rest_timeout_s: 0.3 }), "unknown timeout");
  assert.equal(await outcomeOf({ kind: "reply", body: "<html>hello</html>" }), "unknown unreadable");
  assert.equal(await outcomeOf({ kind: "reply", status: 502, body: "<html>" }), "unknown server");
  assert.equal(await outcomeOf({ kind: "reply", status: 429, body: "" }), "unknown rate_limit");
  assert.equal(await outcomeOf({ kind: "reply", body: '{"retCode":110093}' }), "refused");
});

Deno.test("[F-12.7] a redirect is an error and its target is never asked", async () => {
  const target = new LoopbackVenue();
  const headers = { location: `http://127.0.0.1:${target.port}/v5/order/create` };
  for (const status of [301, 302, 307, 308]) {
    assert.equal(await outcomeOf({ kind: "reply", status, body: "", headers }), "unknown unreadable");
  }
  await target.close();
  assert.deepEqual(target.seen, []);
});

Deno.test("[F-10.4] nobody listens: certainly not sent", async () => {
  const gone = new LoopbackVenue();
  const { port } = gone;
  await gone.close();
  const rig = new LinkRig({}, port);
  rig.adapter.connect();
  rig.adapter.send(stop());
  await rig.until(() => rig.of("PlaceAnswer").length === 1);
  await rig.close();
  assert.deepEqual(rig.of("PlaceAnswer")[0]?.outcome, { kind: "notSent", reason: "connection_refused" });
});

Deno.test("[F-10.4] an order that was applied although its reply was lost is found by its id", async () => {
  const rig = await new LinkRig().ready();
  const row = { ...JSON.parse(textOf("synthetic/ws_order_inverse-new.json")).data[0], orderLinkId: ENTRY };
  let applied = false;
  rig.venue.on = (seen) => {
    if (seen.path === "/v5/order/create") {
      applied = true;
      return { kind: "drop" };
    }
    return okBody({ list: applied ? [row] : [], category: "inverse", nextPageCursor: "" });
  };
  rig.adapter.send(entry());
  await rig.until(() => rig.of("PlaceAnswer").length === 1);
  rig.adapter.send({ kind: "LookUpOrder", orderLinkId: ENTRY });
  await rig.until(() => rig.of("OrderLookup").length === 1);
  await rig.close();
  assert.deepEqual(rig.of("PlaceAnswer")[0]?.outcome, { kind: "unknown", cause: "lost", code: null });
  assert.equal(rig.of("OrderLookup")[0]?.result.kind, "found");
  assert.equal(creates(rig).length, 1);
});

Deno.test("[F-10.4] orders go over kept connections, with their length", async () => {
  const rig = await new LinkRig().ready();
  rig.venue.on = () => okBody({ orderId: "o" });
  for (let count = 1; count <= 5; count++) {
    rig.adapter.send(stop(`s${count}`));
    await rig.until(() => rig.of("PlaceAnswer").length === count);
  }
  await rig.close();
  // A body in chunks would have been read as none, and its signature would not fit.
  assert.deepEqual(rig.venue.badSignatures, []);
  assert.deepEqual(creates(rig).map((body) => body.orderLinkId), ["s1", "s2", "s3", "s4", "s5"]);
  assert.ok(rig.venue.served <= 2, `${rig.venue.served} connections`);
});

Deno.test("[F-10.4] an order that meets a connection as the venue closes it is applied once or is unknown", async () => {
  const rig = await new LinkRig().ready();
  rig.venue.on = () => ({ ...okBody({ orderId: "o" }), last: true });
  for (let count = 1; count <= 12; count++) {
    rig.adapter.send(stop(`s${count}`));
    await rig.until(() => rig.of("PlaceAnswer").length === count);
  }
  await rig.close();
  for (const { orderLinkId, outcome } of rig.of("PlaceAnswer")) {
    const arrived = creates(rig).filter((body) => body.orderLinkId === orderLinkId).length;
    assert.equal(outcome.kind, arrived === 1 ? "ok" : "unknown", `${orderLinkId} arrived ${arrived} times`);
  }
});

Deno.test("[F-10.9] replies that overtake each other on two connections find their own orders; a cancel waits", async () => {
  const rig = await new LinkRig().ready();
  let free = () => {};
  const second = new Promise<void>((resolve) => free = resolve);
  rig.venue.on = (seen) => {
    const { orderLinkId } = JSON.parse(seen.body);
    const reply = okBody({ orderId: `id of ${orderLinkId}`, orderLinkId });
    if (seen.path === "/v5/order/cancel") return reply;
    if (orderLinkId === "slow") return { kind: "wait", until: second, then: reply };
    return reply;
  };
  rig.adapter.send(stop("slow"));
  rig.adapter.send({ kind: "CancelOrder", orderLinkId: "slow" });
  rig.adapter.send(stop("quick"));
  await rig.until(() => rig.of("PlaceAnswer").length === 1);
  assert.ok(!rig.venue.seen.some((seen) => seen.path === "/v5/order/cancel"));
  free();
  await rig.until(() => rig.of("CancelAnswer").length === 1);
  await rig.close();
  assert.deepEqual(rig.of("PlaceAnswer").map((event) => [event.orderLinkId, event.orderId]), [
    ["quick", "id of quick"],
    ["slow", "id of slow"],
  ]);
  assert.deepEqual(rig.venue.seen.slice(-3).map((seen) => seen.path.slice(10)), ["create", "create", "cancel"]);
});

Deno.test("[F-12.5] GET carries no body and its signed query arrives byte for byte", async () => {
  const rig = await new LinkRig().ready();
  let page = 0;
  rig.venue.on = () => okBody({ list: [{ symbol: "X" }], nextPageCursor: page++ === 0 ? "a%3A1%2Cb%3A2" : "" });
  rig.adapter.send({ kind: "QueryOpenOrders", protective: true });
  await rig.until(() => rig.of("OpenOrdersAnswer").length === 1);
  await rig.close();
  const gets = rig.venue.seen.filter((seen) => seen.path === "/v5/order/realtime");
  assert.deepEqual(gets.map((seen) => [seen.query, seen.body]), [
    ["category=inverse&symbol=BTCUSD&openOnly=0&limit=50", ""],
    ["category=inverse&symbol=BTCUSD&openOnly=0&limit=50&cursor=a%3A1%2Cb%3A2", ""],
  ]);
  assert.deepEqual(rig.venue.badSignatures, []);
});
