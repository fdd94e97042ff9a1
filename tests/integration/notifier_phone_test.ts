/** The phone may ask and may stop the bot, nothing else; silence is told (N-3.6, N-4.2, N-5). */
import assert from "node:assert/strict";
import { takeRequests, writeAnswer } from "../../src/infrastructure/safety/control_files.ts";
import { MemoryFiles } from "../../src/infrastructure/platform/memory_files.ts";
import { createAnswers } from "../../src/programs/notifier/answers.ts";
import { Bucket } from "../../src/programs/notifier/bucket.ts";
import { Phone } from "../../src/programs/notifier/phone.ts";
import { Summaries } from "../../src/programs/notifier/summaries.ts";
import { Watch } from "../../src/programs/notifier/watch.ts";
import type { Status } from "../../src/views/status.ts";
import { DATA, Rig, SECRETS, START } from "../support/channels/rig.ts";
import { BOT_TOKEN, CHAT, USER } from "../support/channels/telegram.ts";
import { statusSample } from "../support/channels/status_sample.ts";

function phoneRig() {
  const rig = new Rig();
  const control = new MemoryFiles();
  const times = { zone: "UTC", language: "en-GB" };
  const phone = new Phone({
    world: rig.world,
    dataDir: DATA,
    name: "phone",
    base: "https://api.telegram.org",
    token: BOT_TOKEN,
    chat: CHAT,
    topic: null,
    users: [USER],
    bucket: new Bucket({ burst: 3, everyMs: 1_100 }, rig.now),
    answers: createAnswers({ world: rig.world, dataDir: DATA, times, control }),
  });
  const status = (change: Partial<Status> = {}) =>
    rig.disk.writeAtomic(`${DATA}/status.json`, JSON.stringify(statusSample({ written_at_ms: rig.now, ...change })));
  const says = async (text: string, of: Parameters<typeof rig.services.telegram.write>[1] = {}) => {
    const before = rig.services.telegram.shown.length;
    rig.services.telegram.write(text, of);
    await phone.poll();
    return rig.services.telegram.shown.slice(before).map((one) => one.text).join("\n--\n");
  };
  return { rig, control, phone, status, says };
}

Deno.test("[N-5.1] /status, /why and /report answer the configured user; anything else gets the list", async () => {
  const { rig, status, says } = phoneRig();
  assert.equal(await says("/status"), "No bot has run here yet.");
  status();
  assert.match(
    await says("/status"),
    /^PROTECTED for .*\nProtected: the stop at \$30,903\.50 is at the venue; the venue showed it/,
  );
  assert.match(await says("/status@MyBot extra words"), /^PROTECTED/);
  assert.match(await says("/why"), /^PROTECTED. In a trade: long 147 contracts/);
  assert.match(await says("/report"), /^Last 24 hours: no trade was closed\./);
  for (const text of ["hello", "/reset", "/close", "/buy 100", "/HALTED"]) {
    assert.match(
      await says(text),
      /^This is what you can ask:\n\/status: .*\n\/why: .*\n\/report: .*\n\/halt REASON: /,
    );
  }
  rig.now += 25_000;
  assert.match(await says("/status"), /^NOT RUNNING: its last word is 2\d s old\. It said:\nPROTECTED/);
  assert.deepEqual(rig.misdeeds(), []);
});

Deno.test("[N-5.1] strangers get no answer and are counted; another chat of the right user is a stranger too", async () => {
  const { rig, control, says } = phoneRig();
  for (const  of of[{ user: 666 }, { chat: 999 }, { user: 666, chat: 999 }]) assert.equal(await says("/halt", of), "");
  assert.equal(control.exists(`${DATA}/control`), false);
  assert.equal(JSON.parse(rig.disk.readText(`${DATA}/notify/phone.phone.json`)).strangers, 3);
});

Deno.test("[N-5.2] /halt leaves the request of `abot halt`, waits for the bot's answer and reports it", async () => {
  const { rig, control, status, says } = phoneRig();
  control.writeAtomic(`${DATA}/control/kept`, "");
  status();
  rig.onWait = () => {
    for (const request of takeRequests({ files: control, dataDir: DATA }, { wallMs: rig.now }).requests) {
      assert.deepEqual([request.command, request.reason, request.accept], [
        "halt",
        "by phone: looks wrong ↵ to me",
        false,
      ]);
      writeAnswer({ files: control, dataDir: DATA }, { id: request.id, ok: true, text: "halted (kill_switch)" });
    }
  };
  const told = await says("/halt looks wrong\u0000↵\u202E to me");
  assert.match(told, /^Halted\.\nhalted \(kill_switch\)\nProtected: long 147 contracts/);
});

Deno.test("[N-5.2] without a bot /halt says so and takes its request back; an old one is not carried out", async () => {
  const { control, says } = phoneRig();
  assert.match(await says("/halt"), /^No bot is running/, "no bot has ever run here");
  control.writeAtomic(`${DATA}/control/kept`, "");
  assert.equal(await says("/halt"), "No bot is running. If a position may be open, close it at the venue.");
  assert.deepEqual(control.list(`${DATA}/control`), ["kept"]);
  assert.match(await says("/halt", { ago: 61_000 }), /^Your \/halt is 6\d s old and was not carried out\./);
  assert.deepEqual(control.list(`${DATA}/control`), ["kept"]);
});

Deno.test("[N-5.1] each update is taken once; a revoked token, a second reader and a 429 are told once and waited out", async () => {
  const { rig, phone, says } = phoneRig();
  await says("/status");
  await phone.poll();
  assert.equal(rig.services.telegram.shown.length, 1);
  assert.equal(rig.services.telegram.unconfirmed(), 0);
  rig.services.telegram.conflict = true;
  for (let n = 0; n < 5; n += 1) await phone.poll();
  assert.deepEqual(rig.waits.filter((ms) => ms >= 5_000), [5_000, 10_000, 20_000, 40_000, 80_000]);
  assert.equal(rig.logs.filter((line) => line.includes("another program reads this bot's messages")).length, 1);
  rig.services.telegram.conflict = false;
  rig.services.telegram.token = "7654321098:another";
  await phone.poll();
  assert.ok(rig.logs.some((line) => line.includes("Telegram does not know the token")));
  assert.ok(!rig.logs.join().includes(BOT_TOKEN.slice(11)));
});

function watchRig(change: Partial<Status> = {}) {
  const rig = new Rig();
  const heartbeat = SECRETS["ABOT_NOTIFY_HEARTBEAT_URL"] ?? "";
  const write = (more: Partial<Status> = {}) =>
    rig.disk.writeAtomic(
      `${DATA}/status.json`,
      JSON.stringify(statusSample({ written_at_ms: rig.now, ...change, ...more })),
    );
  const watch = () => new Watch({ world: rig.world, dataDir: DATA, heartbeat });
  const beats = () => rig.services.beat.shown.map(({ where, text }) => `${where}: ${text}`);
  return { rig, write, watch, beats };
}

Deno.test("[N-3.6] the heartbeat is kept once a minute while the bot is fresh and flat or covered, and fails otherwise", async () => {
  const { rig, write, watch, beats } = watchRig();
  const one = watch();
  for (let second = 0; second < 150; second += 1) {
    write();
    await one.look();
    rig.now += 1_000;
  }
  assert.deepEqual(beats(), ["ok: ok", "ok: ok", "ok: ok"]);
  const { position } = statusSample({});
  assert.ok(position !== null);
  rig.now += 60_000;
  write({
    position: { ...position, protected_without_us: false, stop_status: "MISSING", uncovered_since_ms: rig.now },
  });
  await one.look();
  assert.equal(beats().at(-1), "fail: NOT PROTECTED: long 147 contracts without a stop that covers them.");
  rig.now += 60_000;
  write({ position: null, phase: "flat", word: "FLAT" });
  await one.look();
  assert.equal(beats().at(-1), "ok: ok");
  rig.now += 60_000;
  await one.look();
  assert.equal(beats().at(-1), "fail: No news from the bot for 60 s. Nothing is open.");
});

Deno.test("[N-3.6] silence of 60 s is told once, also over restarts of the notifier, and so is the end of it", async () => {
  const { rig, write, watch } = watchRig();
  const worker = rig.worker("phone");
  write();
  rig.now += 59_000;
  await watch().look();
  await rig.drain(worker);
  assert.deepEqual(rig.heads("phone"), []);
  rig.now += 2_000;
  await watch().look();
  await watch().look();
  await rig.drain(worker);
  assert.deepEqual(rig.heads("phone"), ["🔴 No news from the bot for 61 s: it is not running, or it hangs."]);
  assert.match(rig.services.telegram.shown[0]?.text ?? "", /\nProtected: long 147 contracts, the stop at \$30,903\.50/);
  write();
  await watch().look();
  await rig.drain(worker);
  assert.equal(rig.heads("phone").at(-1), "⚪ The bot writes again.");
});

Deno.test("[N-3.6] a bot that was stopped in order with nothing open is no emergency", async () => {
  const shutdown = { reason: "shutdown", class: "BLOCK", since_ms: START, until_ms: null };
  const { rig, write, watch } = watchRig({ position: null, phase: "flat", word: "FLAT", blocks: [shutdown] });
  const worker = rig.worker("phone");
  write();
  rig.now += 61_000;
  await watch().look();
  await rig.drain(worker);
  assert.deepEqual(rig.heads("phone"), ["🟠 The bot was stopped in order and is not running."]);
});

Deno.test("[N-4.2] the daily line and the weekly summary come once, at their local hour, with the figures of their time", async () => {
  const rig = new Rig();
  const worker = rig.worker("phone");
  const daily = { at: "20:00", zone: "Europe/Berlin", weekly_on: "monday" };
  const write = (equity: number) =>
    rig.disk.writeAtomic(
      `${DATA}/status.json`,
      JSON.stringify(statusSample({ written_at_ms: rig.now, equity_usd: equity })),
    );
  const closed = (net_usd: number, r: number) =>
    rig.alert({ code: "trade_closed", context: { about: { net_usd, r, exit_reason: "stop_loss" } }, sentence: "x" });
  const look = () => new Summaries(rig.world, { dataDir: DATA, daily }).look();
  closed(1.5, 0.5);
  closed(-1, -0.33);
  write(100.2);
  look();
  rig.now = Date.UTC(2026, 10, 16, 19, 0, 5);
  look();
  look();
  await rig.drain(worker);
  const heads = rig.heads("phone");
  assert.ok(heads.includes("⚪ Today: 2 trades closed, 1 won: +$0.50, +0.17 R."), heads.join("\n"));
  assert.ok(heads.includes("⚪ This week: 2 trades closed, 1 won: +$0.50, +0.17 R."));
  const before = rig.services.telegram.shown.length;
  rig.now = Date.UTC(2026, 10, 17, 19, 0, 5);
  closed(2, 0.7);
  write(101.7);
  look();
  await rig.drain(worker);
  const told = rig.services.telegram.shown.slice(before).map(({ text }) => text).find((text) => text.includes("Today"));
  assert.match(told ?? "", /^⚪ Today: 1 trade closed, 1 won: \+\$2\.00, \+0\.70 R\./);
  assert.match(told ?? "", /It changed by \+\$1\.50: trading \+\$2\.00, the BTC price and open trades -\$0\.50\./);
  assert.match(told ?? "", /Room left to lose: today \$4\.00, this week \$9\.00\./);
  rig.now = Date.UTC(2026, 10, 18, 22, 30);
  look();
  await rig.drain(worker);
  assert.equal(rig.heads("phone").filter((head) => head.includes("Today")).length, 2, "hours late is not told");
});
