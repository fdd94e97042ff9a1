/** Reading a backlog of 10,000 alerts: what a notifier that was off does at its start (N-3.5). */
import { notifyFiles } from "../../src/programs/notifier/live_world.ts";
import { BEFORE_ALL, Follower } from "../../src/programs/notifier/outbox.ts";
import { backlog } from "../support/channels/backlog.ts";
import { outboxSource } from "../../src/programs/notifier/summaries.ts";

const LINES = 10_000;

const folder = backlog(LINES);
globalThis.addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));

Deno.bench(`follow a backlog of ${LINES} alerts`, () => {
  const follower = new Follower(outboxSource(notifyFiles, folder), BEFORE_ALL);
  let count = 0;
  for (;;) {
    follower.poll(500);
    if (follower.ahead() === 0) break;
    while (follower.ahead() > 0) {
      follower.take();
      count += 1;
    }
  }
  if (count !== LINES) throw new Error(`${count} lines`);
});
