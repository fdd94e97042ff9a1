import assert from "node:assert/strict";
import { liveClock, liveHttp, livePlatform, liveSockets } from "../../src/infrastructure/platform/live/mod.ts";
import { leaseFile, liveFiles } from "../../src/infrastructure/platform/live/files.ts";
import type { HttpOutcome } from "../../src/application/engine/ports.ts";

const encoder = new TextEncoder();

function inDirectory(use: (directory: string) => void | Promise<void>): () => Promise<void> {
  return async () => {
    const directory = Deno.makeTempDirSync();
    try {
      await use(`${directory}/data`);
    } finally {
      Deno.removeSync(directory, { recursive: true });
    }
  };
}
function modeOf(path: string): number {
  return (Deno.statSync(path).mode ?? 0) & 0o777;
}
function ask(url: string): Promise<HttpOutcome> {
  return new Promise((done) =>
    liveHttp.request({ method: "GET", url, headers: {}, body: null, timeoutMs: 2000 }, done)
  );
}

Deno.test(
  "[P-14] files are the owner's alone; appending, atomic replacing, truncating and listing do what they say",
  inDirectory(async (directory) => {
    liveFiles.makeDirectory(directory);
    assert.equal(modeOf(directory), 0o700);
    const path = `${directory}/journal`;
    assert.equal(liveFiles.exists(path), false);
    const file = liveFiles.openAppend(path);
    file.write("one\n");
    file.write("zwei ü\n");
    assert.equal(await new Promise((done) => file.sync(done)), null);
    file.syncNow();
    assert.equal(file.size(), 12);
    file.close();
    assert.equal(modeOf(path), 0o600);
    const again = liveFiles.openAppend(path);
    again.write("three\n");
    again.close();
    assert.equal(liveFiles.readText(path), "one\nzwei ü\nthree\n");
    liveFiles.truncate(path, 4);
    assert.deepEqual([...liveFiles.readBytes(path)], [...new TextEncoder().encode("one\n")]);
    liveFiles.writeAtomic(path, "new");
    liveFiles.writeAtomic(`${directory}/bytes`, new Uint8Array([1, 2]));
    assert.equal(liveFiles.readText(path), "new");
    assert.equal(modeOf(path), 0o600);
    liveFiles.rename(path, `${directory}/old`);
    assert.deepEqual(liveFiles.list(directory), ["bytes", "old"]);
    liveFiles.remove(`${directory}/old`);
    assert.throws(() => liveFiles.readText(`${directory}/old`), Deno.errors.NotFound);
  }),
);

Deno.test(
  "[P-14] an append that cannot be synced says so",
  inDirectory(async (directory) => {
    liveFiles.makeDirectory(directory);
    const file = liveFiles.openAppend(`${directory}/f`);
    file.close();
    const error = await new Promise<Error | null>((done) => file.sync(done));
    assert.ok(error instanceof Error);
    assert.throws(() => file.write("x"));
  }),
);

Deno.test(
  "[F-11.4] the lock is held against a second holder, names the first, and is free after release",
  inDirectory((directory) => {
    liveFiles.makeDirectory(directory);
    const path = `${directory}/lock`;
    const first = liveFiles.lock(path, "pid 1 since now");
    assert.equal(first.kind, "locked");
    assert.deepEqual(liveFiles.lock(path, "pid 2"), { kind: "held", holder: "pid 1 since now" });
    if (first.kind === "locked") first.release();
    const second = liveFiles.lock(path, "p3");
    assert.equal(second.kind, "locked");
    assert.deepEqual(liveFiles.lock(path, "pid 4"), { kind: "held", holder: "p3" });
    if (second.kind === "locked") second.release();
  }),
);

Deno.test(
  "[F-11.4] the lease of older runtimes: held while fresh, taken over when abandoned",
  inDirectory((directory) => {
    liveFiles.makeDirectory(directory);
    const path = `${directory}/lease`;
    const first = leaseFile(path, "pid 1");
    assert.equal(first.kind, "locked");
    assert.deepEqual(leaseFile(path, "pid 2"), { kind: "held", holder: "pid 1" });
    const longAgo = new Date(Date.now() - 60_000);
    Deno.utimeSync(path, longAgo, longAgo);
    const third = leaseFile(path, "pid 3");
    assert.equal(third.kind, "locked");
    if (third.kind === "locked") third.release();
    if (first.kind === "locked") {
      // The file is gone with the third holder; only the timer is left to stop.
      assert.throws(() => first.release(), Deno.errors.NotFound);
    }
    assert.equal(liveFiles.exists(path), false);
  }),
);

Deno.test("[F-12.1] a host without permission: HTTP is certainly not sent, the socket closes by itself", async () => {
  const outcome = await ask("http://198.51.100.7/");
  assert.ok(outcome.kind === "failed" && outcome.cause === "refused", JSON.stringify(outcome));
  const reason = await new Promise<string>((done) => {
    liveSockets.open("ws://198.51.100.7/", { onOpen() {}, onText() {}, onClose: done });
  });
  assert.match(reason, /net access/);
  let called = false;
  const note = () => void (called = true);
  const dropped = liveSockets.open("ws://198.51.100.7/", { onOpen: note, onText: note, onClose: note });
  dropped.send("x");
  dropped.abandon();
  await new Promise((done) => setTimeout(done, 5));
  assert.equal(called, false);
});

Deno.test("[F-7.7] a refused connection is told once with its reason", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  const reasons: string[] = [];
  await new Promise<void>((done) => {
    liveSockets.open(`ws://127.0.0.1:${port}/`, {
      onOpen() {},
      onText() {},
      onClose(reason) {
        reasons.push(reason);
        done();
      },
    });
  });
  assert.equal(reasons.length, 1);
  assert.match(reasons[0] ?? "", /closed with code/);
});

Deno.test("[F-3.5] timers run once, and not after they were cancelled", async () => {
  const ran: string[] = [];
  const clock = liveClock();
  const cancelled = clock.after(1, () => ran.push("cancelled"));
  clock.cancel(cancelled);
  await new Promise<void>((done) => {
    const id = clock.after(1, () => {
      ran.push("ran");
      clock.cancel(id);
      done();
    });
  });
  assert.deepEqual(ran, ["ran"]);
  const { random } = livePlatform();
  assert.ok(clock.monotonicNow() <= clock.monotonicNow());
  assert.ok(clock.wallNow() > 1_700_000_000_000);
  const drawn = random.next();
  assert.ok(drawn >= 0 && drawn < 1);
});

/** A server for one raw connection; `serve` writes what it wants and may wait. */
async function rawServer(
  serve: (socket: Deno.Conn) => Promise<void>,
  use: (port: number) => Promise<void>,
): Promise<void> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const served = (async () => {
    const socket = await listener.accept();
    await socket.read(new Uint8Array(4096));
    try {
      await serve(socket);
    } catch {
      // The client went away, as it should.
    }
    socket.close();
  })();
  await use(listener.addr.port);
  listener.close();
  await served;
}
async function writeAll(socket: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let from = 0; from < bytes.length;) from += await socket.write(bytes.subarray(from));
}
const HEAD = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";

Deno.test("[F-4.8] a reply that unpacks without end is given up at 8 MB: an outcome that is not known", async () => {
  const packed = new Response(
    new Blob([new Uint8Array(200_000_000)]).stream().pipeThrough(new CompressionStream("gzip")),
  );
  const body = new Uint8Array(await packed.arrayBuffer());
  assert.ok(body.length < 400_000, "200 MB in less than half a megabyte");
  const before = Deno.memoryUsage().rss;
  await rawServer(async (socket) => {
    await socket.write(encoder.encode(`${HEAD}Content-Encoding: gzip\r\nContent-Length: ${body.length}\r\n\r\n`));
    await writeAll(socket, body);
  }, async (port) => {
    const outcome = await ask(`http://127.0.0.1:${port}/`);
    assert.deepEqual(outcome, { kind: "failed", cause: "lost", message: "the reply is longer than 8388608 bytes" });
  });
  assert.ok(Deno.memoryUsage().rss - before < 150_000_000);
});

Deno.test("[F-4.8] a reply without end is given up at 8 MB and its connection is closed", async () => {
  let sent = 0;
  await rawServer(async (socket) => {
    await socket.write(encoder.encode(`${HEAD}Transfer-Encoding: chunked\r\n\r\n`));
    const chunk = encoder.encode(`10000\r\n${"x".repeat(65_536)}\r\n`);
    for (; sent < 200_000_000; sent += 65_536) await writeAll(socket, chunk);
  }, async (port) => {
    const outcome = await ask(`http://127.0.0.1:${port}/`);
    assert.ok(outcome.kind === "failed" && outcome.cause === "lost", JSON.stringify(outcome));
  });
  assert.ok(sent < 100_000_000, `the server could send ${sent} bytes`);
});

Deno.test("[F-4.8] a reply of a byte at a time ends at the deadline of the whole reply", async () => {
  let sent = 0;
  await rawServer(async (socket) => {
    await socket.write(encoder.encode(`${HEAD}Content-Length: 1000\r\n\r\n`));
    for (; sent < 100; sent += 1) {
      await socket.write(encoder.encode("x"));
      await new Promise((done) => setTimeout(done, 100));
    }
  }, async (port) => {
    const outcome = await ask(`http://127.0.0.1:${port}/`);
    assert.deepEqual(outcome, { kind: "failed", cause: "timeout", message: "no complete reply in time" });
  });
  assert.ok(sent < 100, "the connection was closed before the reply was whole");
});

Deno.test("[F-4.8] a reply in pieces, also in the middle of a character, reads as it was written", async () => {
  const text = `{"a":"${"ü€😀".repeat(5_000)}"}`;
  const bytes = encoder.encode(text);
  await rawServer(async (socket) => {
    await socket.write(encoder.encode(`${HEAD}Content-Length: ${bytes.length}\r\n\r\n`));
    for (let from = 0; from < bytes.length; from += 997) {
      await writeAll(socket, bytes.subarray(from, from + 997));
      if (from % 4 === 0) await new Promise((done) => setTimeout(done, 1));
    }
  }, async (port) => {
    const outcome = await ask(`http://127.0.0.1:${port}/`);
    assert.ok(outcome.kind === "reply" && outcome.body === text);
  });
});

Deno.test("[F-4.8] [F-7.7] a message longer than any may be is not read: the connection is dropped and told once", async () => {
  const sizes = [1_000, 4_194_304, 4_194_305, 10];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => undefined }, (request) => {
    const { socket, response } = Deno.upgradeWebSocket(request);
    socket.onopen = () => {
      for (const size of sizes) socket.send("x".repeat(size));
    };
    return response;
  });
  const texts: number[] = [];
  const reasons: string[] = [];
  await new Promise<void>((done) => {
    liveSockets.open(`ws://127.0.0.1:${server.addr.port}/`, {
      onOpen() {},
      onText: (text) => void texts.push(text.length),
      onClose(reason) {
        reasons.push(reason);
        setTimeout(done, 300);
      },
    });
  });
  await server.shutdown();
  assert.deepEqual(texts, [1_000, 4_194_304]);
  assert.deepEqual(reasons, ["dropped: a message of 4194305 characters"]);
});
