/** kill -9, again and again, while a backlog is delivered (N-6). */
import assert from "node:assert/strict";
import { Webhook } from "standardwebhooks";
import { alertText, monthFile } from "../../src/infrastructure/logging/alert_line.ts";
import { readCursor } from "../../src/programs/notifier/cursor.ts";
import { notifyFiles } from "../../src/programs/notifier/live_world.ts";
import { HOOK_PATH, HOOK_SECRET, HookService } from "../support/channels/others.ts";
import { serveOne } from "../support/channels/server.ts";

const LINES = 1_000;
const KILLS = 200;
const CHILD = new URL("../support/channels/storm_child.ts", import.meta.url).pathname;
const PROJECT = new URL("../../deno.json", import.meta.url).pathname;

Deno.test("[N-3.1] [N-6] 200 kills over a backlog of 1,000 alerts: nothing lost, in order, repeats marked and counted", async () => {
  const folder = Deno.makeTempDirSync({ prefix: "abot-storm-" });
  const verifier = new Webhook(HOOK_SECRET);
  const hook = new HookService(() => Date.now(), (body, headers) => verifier.verify(body, headers));
  const { server, base } = serveOne(hook);
  const start = () =>
    new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--no-check",
        "--cached-only",
        "--allow-all",
        "--config",
        PROJECT,
        CHILD,
        folder,
        `${base}${HOOK_PATH}`,
      ],
      stdout: "null",
      stderr: "null",
    }).spawn();
  const delivered = () => hook.shown.length;
  const reach = async (count: number) => {
    const end = performance.now() + 60_000;
    while (delivered() < count) {
      assert.ok(performance.now() < end, `${delivered()} of ${count}`);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  };
  try {
    // The cursor begins before the backlog.
    let child = start();
    const cursor = `${folder}/notify/hook.cursor.json`;
    while (!notifyFiles.exists(cursor)) await new Promise((resolve) => setTimeout(resolve, 10));
    child.kill("SIGKILL");
    await child.status;
    const at = Date.now();
    const lines = Array.from({ length: LINES }, (_, n) =>
      alertText({
        ...{
          at: at + n,
          severity: "critical",
          code: `halt:persistent_rejection:${n}`,
          sentence: `case ${n}.`,
        } as const,
        ...{ steps: [], reason: "", context: { contracts: 0 }, journal_head: "" },
      }, (text) => text));
    Deno.mkdirSync(`${folder}/alerts`);
    Deno.writeTextFileSync(`${folder}/alerts/${monthFile(at)}`, `${lines.join("\n")}\n`);
    let kills = 0;
    for (; kills < KILLS; kills += 1) {
      child = start();
      // Each process delivers a few and dies at a moment of its own.
      const wanted = delivered() + 1 + kills % 4;
      await reach(Math.min(wanted, LINES));
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 6));
      child.kill("SIGKILL");
      await child.status;
    }
    child = start();
    await reach(LINES);
    const seen = () => hook.shown.map(({ text }) => Number(/case (\d+)/.exec(text)?.[1]));
    const end = performance.now() + 60_000;
    while (!seen().includes(LINES - 1) && performance.now() < end) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
    child.kill("SIGTERM");
    await child.status;
    const order = seen();
    assert.deepEqual([...new Set(order)], Array.from({ length: LINES }, (_, n) => n), "nothing lost, in order");
    order.forEach((n, index) => assert.ok(index === 0 || n >= (order[index - 1] ?? 0), `${n} at ${index}`));
    const repeats = hook.shown.filter(({ id }, index) => hook.shown.findIndex((one) => one.id === id) < index);
    assert.ok(repeats.every(({ text }) => text.split("\n")[0]?.endsWith("(again)")), "a repeat without its mark");
    const kept = readCursor(notifyFiles, cursor);
    assert.ok((kept?.again ?? 0) >= repeats.length, "repeats are counted");
    assert.deepEqual(hook.misdeeds, []);
    console.log(`FIGURES ${kills} kills, ${order.length} received, ${repeats.length} repeats, ${kept?.again} marked`);
  } finally {
    await server.shutdown();
    Deno.removeSync(folder, { recursive: true });
  }
});
