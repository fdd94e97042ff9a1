import assert from "node:assert/strict";
import { type Status, statusOf } from "../../src/views/status.ts";
import { isProtectiveCall } from "../../src/observer/venue/requests.ts";
import { NO_VITALS } from "../core_values.ts";
import { WholeBot } from "../support/whole_bot.ts";

const MINUTE_MS = 60_000;
/** P-8: others stop at 70 of 90. */
const OTHERS_PER_MIN = 70;

/** Calls that the budget may refuse, within the busiest minute. */
function busiestMinute(bot: WholeBot): number {
  const times: number[] = [];
  let most = 0;
  for (const entry of bot.requests) {
    if (entry.kind !== "request" || isProtectiveCall(entry, true)) continue;
    times.push(entry.at);
    while ((times[0] ?? Infinity) <= entry.at - MINUTE_MS) times.shift();
    most = Math.max(most, times.length);
  }
  return most;
}

/** Position of the status file, as it would be written now. */
function statusNow(bot: WholeBot): Status["position"] | undefined {
  if (bot.state === null) return undefined;
  const writtenAt = bot.state.bot.now;
  const vitals = bot.state.bot.vitals ?? NO_VITALS;
  const facts = {
    writtenAt,
    version: "v",
    commit: "c",
    configHash: "h",
    journalSeq: 1,
    journalHead: "ab",
    start: null,
    observe: false,
    vitals,
  };
  return statusOf(bot.state, facts).position;
}

Deno.test("[F-7.10] a bot that is killed again and again keeps within the budget of a minute, and comes up afterwards", () => {
  const bot = new WholeBot();
  for (let start = 0; start < 12; start += 1) {
    bot.run(8_000);
    bot.platform.kill();
    bot.boot();
  }
  const most = busiestMinute(bot);
  assert.ok(most > OTHERS_PER_MIN / 2 && most <= OTHERS_PER_MIN, `${most} calls in a minute`);
  bot.run(3 * MINUTE_MS);
  assert.notEqual(bot.word, "COOLDOWN", "starting is over");
  assert.equal(bot.halt, null);
});

Deno.test("[F-2.1] a status right after a start calls nothing protected that the venue has not shown since", () => {
  const bot = new WholeBot();
  bot.until("a covered position", () => statusNow(bot)?.protected_without_us === true);
  bot.platform.kill();
  bot.venue.control.injectFault("stop_cancelled");
  bot.state = null;
  bot.boot();
  const said: (boolean | undefined)[] = [];
  for (let moment = 0; moment < 100 && bot.uncovered() > 0; moment += 1) {
    bot.run(20);
    if (bot.uncovered() > 0) said.push(statusNow(bot)?.protected_without_us);
  }
  assert.ok(said.includes(false), "it was asked while nothing protected");
  assert.ok(!said.includes(true));
});

Deno.test("[F-7.14] a start within a ban of the address sends nothing before its end", () => {
  const bot = new WholeBot();
  bot.run(MINUTE_MS);
  bot.venue.control.injectFault("http_403");
  bot.until("the ban", () => bot.state?.bot.blocks.some((block) => block.reason === "ip_banned") === true);
  bot.platform.kill();
  const from = bot.requests.length;
  bot.boot();
  bot.run(8 * MINUTE_MS);
  const sent = () => bot.requests.slice(from).filter((entry) => entry.kind === "request").length;
  assert.equal(sent(), 0);
  bot.run(5 * MINUTE_MS);
  assert.ok(sent() > 10, "afterwards it speaks again");
});
