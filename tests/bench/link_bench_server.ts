/** A venue that answers everything at once, in a thread of its own; tells its port first. */
const body = JSON.stringify({
  retCode: 0,
  retMsg: "OK",
  result: { orderId: "1321003749386327552", orderLinkId: "grid_a3f8d2e1c4_l_Buy" },
  retExtInfo: {},
  time: 1790369126000,
});
const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
  await request.text();
  return new Response(body, { headers: { "content-type": "application/json" } });
});
Object.assign(globalThis, { onmessage: () => server.shutdown() });
Reflect.apply(Reflect.get(globalThis, "postMessage"), globalThis, [server.addr.port]);
