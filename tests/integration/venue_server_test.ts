/** The venue behind a real socket: control calls and the exact bytes of signed requests. Needs --allow-net=127.0.0.1. */
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { type ServedVenue, serveVenue } from "../../src/infrastructure/exchange/fake_exchange/server/server.ts";

async function withVenue(run: (served: ServedVenue, base: string) => Promise<void>): Promise<void> {
  const served = serveVenue({ port: 0, key: "k", secret: "s" });
  try {
    await run(served, `http://127.0.0.1:${served.port}`);
  } finally {
    await served.shutdown();
  }
}

async function post(url: string, body: unknown): Promise<{ status: number; said: Record<string, unknown> }> {
  const reply = await fetch(url, { method: "POST", body: JSON.stringify(body) });
  return { status: reply.status, said: await reply.json() };
}

Deno.test("[F-12.2] venue server: prices, people and faults can be set under /_venue/, mistakes are named", async () => {
  await withVenue(async (_served, base) => {
    const moved = await post(`${base}/_venue/price`, { price: "31000.5" });
    assert.deepEqual([moved.status, moved.said["mark"]], [200, 3_100_050]);
    assert.equal((await post(`${base}/_venue/person`, { side: "Buy", qty: 50 })).said["size"], 50);
    assert.equal((await post(`${base}/_venue/leverage`, { leverage: "25" })).said["leverageE2"], 2_500);
    assert.equal((await post(`${base}/_venue/liquidate`, {})).said["size"], 0);
    const unknown = await post(`${base}/_venue/fault`, { name: "nope" });
    assert.equal(unknown.status, 400);
    assert.match(String(unknown.said["error"]), /expected one of http_5xx/);
    assert.equal((await post(`${base}/_venue/price`, { price: 31000 })).status, 400);
    assert.equal((await post(`${base}/_venue/nothing`, {})).status, 400);
    assert.equal((await post(`${base}/_venue/fault`, { name: "deposit", detail: { sat: 1000 } })).status, 200);
    const faults = await (await fetch(`${base}/_venue/faults`)).json();
    assert.equal(faults.fired.deposit, 1);
    const log = await (await fetch(`${base}/_venue/log?last=500`)).json();
    assert.ok(log.some((entry: { kind: string }) => entry.kind === "execution"));
  });
});

/** A create as the bot sends it; resolves with the reply. */
async function create(base: string, orderLinkId: string): Promise<{ status: number; said: Record<string, unknown> }> {
  const order = { category: "inverse", symbol: "BTCUSD", side: "Buy", orderType: "Limit", qty: "100", price: "20000" };
  const body = JSON.stringify({ ...order, timeInForce: "PostOnly", orderLinkId });
  const at = String(Date.now());
  const sign = createHmac("sha256", "s").update(`${at}k5000${body}`).digest("hex");
  const headers = { "X-BAPI-API-KEY": "k", "X-BAPI-TIMESTAMP": at, "X-BAPI-SIGN": sign, "X-BAPI-RECV-WINDOW": "5000" };
  const reply = await fetch(`${base}/v5/order/create`, { method: "POST", headers, body });
  const text = await reply.text();
  return { status: reply.status, said: text.startsWith("{") ? JSON.parse(text) : {} };
}

Deno.test("[F-10.4] venue server: a create can be held before or after the venue, lost, refused, and an order filled in part", async () => {
  await withVenue(async (served, base) => {
    await post(`${base}/_venue/price`, { price: "30000" });
    const orders = () => served.venue.control.state().orders.map((order) => [order.orderLinkId, order.leavesQty]);
    const held = async () => (await (await fetch(`${base}/_venue/held`)).json()).length;
    const waitHeld = async () => {
      for (let looks = 0; await held() === 0 && looks < 200; looks += 1) await new Promise((go) => setTimeout(go, 10));
    };
    const hold = { action: "create", link: "grid_", when: "before" };
    for (const deliver of [false, true]) {
      assert.equal((await post(`${base}/_venue/hold`, hold)).status, 200);
      const sent = create(base, "grid_a");
      await waitHeld();
      assert.deepEqual(orders(), [], "the venue has not seen it");
      await post(`${base}/_venue/release`, { deliver });
      assert.equal((await sent).status, deliver ? 200 : 503);
      assert.equal(orders().length, deliver ? 1 : 0);
    }
    await post(`${base}/_venue/hold`, { ...hold, when: "after", link: "grid_b" });
    const sent = create(base, "grid_b");
    await waitHeld();
    assert.equal(orders().length, 2, "it acted, and the answer waits");
    await post(`${base}/_venue/release`, { deliver: false });
    assert.equal((await sent).said["retCode"], 0);
    await post(`${base}/_venue/hold`, { ...hold, when: "refuse", retCode: 10001 });
    assert.equal((await create(base, "grid_c")).said["retCode"], 10001);
    await post(`${base}/_venue/release`, {});
    assert.equal((await post(`${base}/_venue/fill`, { link: "grid_b", qty: 30 })).said["size"], 30);
    assert.deepEqual(orders(), [["grid_a", 100], ["grid_b", 70]]);
    assert.equal((await post(`${base}/_venue/fill`, { link: "nobody", qty: 30 })).status, 400);
    const wrong = await post(`${base}/_venue/hold`, { action: "look", when: "before" });
    assert.equal(wrong.said["error"], "action: create, amend or cancel");
  });
});

Deno.test("[F-7.9] venue server: an outage answers 503 to all but system/status", async () => {
  await withVenue(async (_served, base) => {
    await post(`${base}/_venue/outage`, { seconds: 600 });
    const paths = ["/v5/market/time", "/v5/system/status"];
    const status = await Promise.all(paths.map(async (path) => {
      const reply = await fetch(base + path);
      await reply.text();
      return reply.status;
    }));
    assert.deepEqual(status, [503, 200]);
  });
});

Deno.test("[PROTOCOL-1.1] venue server: the signature covers the query as sent, encoded cursors included", async () => {
  await withVenue(async (_served, base) => {
    const ask = async (query: string, signed: string) => {
      const at = String(Date.now());
      const reply = await fetch(`${base}/v5/order/realtime?${query}`, {
        headers: {
          "X-BAPI-API-KEY": "k",
          "X-BAPI-TIMESTAMP": at,
          "X-BAPI-RECV-WINDOW": "5000",
          "X-BAPI-SIGN": createHmac("sha256", "s").update(`${at}k5000${signed}`).digest("hex"),
        },
      });
      return (await reply.json()).retCode;
    };
    for (const cursor of ["a%3A1%2Cb", "a%253A1%252Cb"]) {
      const query = `category=inverse&symbol=BTCUSD&cursor=${cursor}`;
      assert.equal(await ask(query, query), 0);
    }
    assert.equal(await ask("category=inverse&symbol=BTCUSD", "symbol=BTCUSD&category=inverse"), 10004);
  });
});
