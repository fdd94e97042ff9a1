import assert from "node:assert/strict";
import { LinkRig } from "./link_kit.ts";
import type { LoopbackSocket } from "./link_kit.ts";

const QUICK = { ws_ping_s: 0.1, ws_heartbeat_timeout_s: 0.4, ws_reconnect_backoff_min_s: 0.05 };
function last(rig: LinkRig, isPrivate: boolean): LoopbackSocket {
  const found = rig.venue.sockets.findLast((socket) => socket.isPrivate === isPrivate);
  assert.ok(found);
  return found;
}
function readyTwice(rig: LinkRig, stream: "private" | "public"): () => boolean {
  return () => rig.links(stream).filter((status) => status === "ready").length === 2;
}

Deno.test("[F-7.7] a connection that ends inside a frame is lost, and the next one is ready", async () => {
  const rig = await new LinkRig(QUICK).ready();
  await last(rig, false).breakInFrame();
  await rig.until(readyTwice(rig, "public"));
  await rig.close();
  assert.deepEqual(rig.links("public"), ["connecting", "ready", "lost", "connecting", "ready"]);
  assert.equal(rig.of("ParseFault").length, 0);
});

Deno.test("[F-7.22] a half-open connection is abandoned by our own deadline, without a close", async () => {
  const rig = await new LinkRig(QUICK).ready();
  last(rig, true).onText = () => {};
  await rig.until(readyTwice(rig, "private"));
  await rig.close();
  const lost = rig.of("Link").find((event) => event.status === "lost");
  assert.deepEqual([lost?.stream, lost?.cause], ["private", "silent for 0.4 s"]);
});

Deno.test("[F-7.15] [F-4.7] a refused auth and a refused subscription end in a new attempt that works", async () => {
  const rig = new LinkRig(QUICK);
  rig.venue.onSocket = (socket) => {
    socket.behave();
    const good = socket.onText;
    const attempt = rig.venue.sockets.filter((each) => each.isPrivate === socket.isPrivate).length;
    if (attempt > 1) return;
    socket.onText = (text) => {
      const { op, req_id } = JSON.parse(text);
      if (op === "auth") socket.send('{"success":false,"ret_msg":"no","op":"auth"}');
      else if (op === "subscribe") socket.send(JSON.stringify({ success: false, ret_msg: "no", op, req_id }));
      else good(text);
    };
  };
  await rig.ready();
  await rig.close();
  assert.deepEqual(rig.links("private"), ["connecting", "auth_refused", "connecting", "ready"]);
  assert.deepEqual(rig.links("public"), ["connecting", "connecting", "ready"]);
});

Deno.test("[F-4.6] a flood of 200,000 tickers: memory stays flat and no execution is lost", async () => {
  const script = new URL("./flood_venue.ts", import.meta.url).pathname;
  const venue = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--no-check", "--allow-net=127.0.0.1", script],
    stdout: "piped",
  }).spawn();
  const lines = venue.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const port = Number((await lines.read()).value);
  const rig = new LinkRig({}, port);
  rig.adapter.connect();
  await rig.until(() => rig.links("public").includes("ready"));
  // Compiled code and the young heap come with the first frames, whatever follows.
  await rig.until(() => rig.of("Executed").length >= 20);
  const before = Deno.memoryUsage().rss;
  await rig.until(() => rig.of("Executed").length === 220 && rig.of("ParseFault").length === 1);
  const grown = Deno.memoryUsage().rss - before;
  const seen = rig.adapter.takeMarket();
  await rig.close();
  venue.kill();
  await Promise.all([lines.cancel(), venue.status]);
  assert.equal(seen?.last, 8_400_010);
  assert.deepEqual(
    rig.of("Executed").map((event) => event.execution.execId),
    Array.from({ length: 220 }, (_, batch) => `exec-${batch}`),
  );
  assert.ok(grown < 30e6, `grew by ${(grown / 1e6).toFixed(1)} MB`);
});
