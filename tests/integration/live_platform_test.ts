import assert from "node:assert/strict";
import { liveClock, liveHttp, livePlatform, liveSockets } from "../../src/infrastructure/platform/live/mod.ts";
import { leaseFile, liveFiles } from "../../src/infrastructure/platform/live/files.ts";
import type { HttpOutcome } from "../../src/application/engine/ports.ts";

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
