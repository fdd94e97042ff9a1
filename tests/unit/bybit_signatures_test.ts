import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import vectors from "../golden/wire/signatures.json" with { type: "json" };
import { restSigningText } from "../../src/infrastructure/exchange/bybit/bybit_rest_client.ts";
import { authFrame, authSigningText } from "../../src/infrastructure/exchange/bybit/bybit_ws_client.ts";
import { liveSigner } from "../../src/infrastructure/platform/live/mod.ts";
import { Bench, entry, KEY, SECRET, stop } from "./bybit_kit.ts";

function hmac(secret: string, text: string): string {
  return createHmac("sha256", secret).update(text, "utf8").digest("hex");
}
function live(secret: string, text: string): Promise<string> {
  return new Promise((resolve) => liveSigner(secret).sign(text, resolve));
}

Deno.test("[F-12.5] every REST signing vector comes out, by Web Crypto too", async () => {
  assert.ok(vectors.rest.length >= 18);
  for (const vector of vectors.rest) {
    const payload = "queryString" in vector ? vector.queryString : vector.body;
    const text = restSigningText({
      timestamp: Number(vector.timestamp),
      key: vector.apiKey,
      window: Number(vector.recvWindow),
      payload: payload ?? "",
    });
    assert.equal(text, vector.stringToSign, vector.name);
    assert.equal(hmac(vector.secret, text), vector.signature, vector.name);
    assert.equal(await live(vector.secret, text), vector.signature, vector.name);
  }
});
Deno.test("[F-12.5] every WebSocket signing vector comes out as the auth frame", async () => {
  assert.ok(vectors.ws.length >= 3);
  for (const vector of vectors.ws) {
    const text = authSigningText(vector.expires);
    assert.equal(text, vector.stringToSign);
    const signature = await live(vector.secret, text);
    assert.equal(signature, vector.signature);
    assert.deepEqual(JSON.parse(authFrame({ key: vector.apiKey, expires: vector.expires, signature })), vector.message);
  }
});
Deno.test("[F-12.5] published strings without a known secret are built the same", () => {
  for (const vector of vectors.published_but_secret_unknown) {
    const payload = "queryString" in vector ? vector.queryString : vector.body;
    const text = restSigningText({
      timestamp: Number(vector.timestamp),
      key: vector.apiKey,
      window: Number(vector.recvWindow),
      payload: payload ?? "",
    });
    assert.equal(text, vector.stringToSign);
  }
});
Deno.test("[F-12.5] what would change a signature does", () => {
  for (const { name, mustNotEqual } of vectors.negative) assert.notEqual(mustNotEqual[0], mustNotEqual[1], name);
  const parts = { timestamp: 1700000000000, key: "test_api_key", window: 5000 };
  const plain = hmac("test_secret", restSigningText({ ...parts, payload: "category=linear&symbol=BTCUSDT" }));
  assert.equal(plain, vectors.negative[0]?.mustNotEqual[0]);
  const marked = hmac("test_secret", restSigningText({ ...parts, payload: "?category=linear&symbol=BTCUSDT" }));
  assert.notEqual(marked, plain);
});
Deno.test("[F-12.5] the bytes on the wire are the bytes that were signed, for GET and POST", () => {
  const bench = new Bench().ready();
  bench.adapter.send(entry());
  bench.adapter.send(stop());
  bench.adapter.send({ kind: "QueryWallet" });
  bench.adapter.send({ kind: "QueryAccount" });
  bench.adapter.send({ kind: "LookUpOrder", orderLinkId: "grid_a3f8d2e1c4_l_Buy" });
  const signed = bench.requests.filter((sent) => sent.request.headers["X-BAPI-SIGN"] !== undefined);
  assert.ok(signed.length >= 4);
  for (const { request } of signed) {
    const payload = request.method === "GET" ? request.url.split("?")[1] ?? "" : request.body ?? "";
    const text = request.headers["X-BAPI-TIMESTAMP"] + KEY + request.headers["X-BAPI-RECV-WINDOW"] + payload;
    assert.equal(request.headers["X-BAPI-SIGN"], hmac(SECRET, text));
    assert.equal(request.headers["X-BAPI-API-KEY"], KEY);
    assert.equal(request.body === null, request.method === "GET");
  }
});
