/** At least once, in order, marked when repeated, whatever services, disk and process do (N-3, N-6). */
import assert from "node:assert/strict";
import { type AlertFacts } from "../../src/infrastructure/logging/alert_line.ts";
import { stateOf } from "../../src/programs/notifier/commands.ts";
import { cursorPath } from "../../src/programs/notifier/cursor.ts";
import { CHANNELS, CONFIG, DATA, type Name, Rig, SECRETS, START } from "../support/channels/rig.ts";
import { DISCORD_PATH } from "../support/channels/others.ts";
import { MemoryDisk } from "../support/channels/memory_disk.ts";
import { json } from "../support/channels/services.ts";

const CRITICAL = { severity: "critical" } as const;
/** A critical alert of its own kind, so that nothing folds it. */
const halt = (n: number): Partial<AlertFacts> & { readonly code: string } => ({
  ...CRITICAL,
  code: `halt:persistent_rejection:${n}`,
  sentence: `HALTED: case ${n}.`,
});
const stateIn = (rig: Rig, name: Name) =>
  stateOf({ world: rig.world, dataDir: DATA, out: () => undefined, error: () => undefined }, { name, kind: "x" });

Deno.test("[N-3.1] each channel gets each alert once, in order, and none waits for another", async () => {
  const rig = new Rig();
  const workers = CHANNELS.map((name) => rig.worker(name));
  for (const n of [1, 2, 3]) rig.alert(halt(n));
  rig.services.slack.gone = true;
  for (const worker of workers) await rig.drain(worker);
  for (const name of CHANNELS) {
    const expected = name === "team" ? [] : [1, 2, 3].map((n) => `🔴 HALTED: case ${n}.`);
    assert.deepEqual(rig.heads(name), expected, name);
  }
  assert.deepEqual(rig.misdeeds(), []);
});

Deno.test("[N-3.1] a channel that is new begins with the alerts from now on", async () => {
  const rig = new Rig();
  rig.alert(halt(1));
  const worker = rig.worker("hook");
  rig.alert(halt(2));
  await rig.drain(worker);
  assert.deepEqual(rig.heads("hook"), ["🔴 HALTED: case 2."]);
});

Deno.test("[N-3.1 N-6] ended at every write and every send: nothing lost, in order, repeats marked", async () => {
  const TOTAL = 12;
  for (const name of CHANNELS) {
    // The moments of one undisturbed run.
    const moments = new Rig();
    let count = 0;
    moments.disk.before = () => void (count += 1);
    moments.disk.after = () => void (count += 1);
    moments.onAnswered = () => void (count += 1);
    const undisturbed = moments.worker(name);
    for (let n = 0; n < TOTAL; n += 1) moments.alert(halt(n));
    await moments.drain(undisturbed);
    assert.ok(count > 3 * TOTAL, `${name}: ${count} moments`);
    let repeats = 0;
    for (let moment = 1; moment <= count; moment += 1) {
      const rig = new Rig();
      let left = moment;
      const end = () => {
        left -= 1;
        if (left === 0) throw new Error("killed");
      };
      [rig.disk.before, rig.disk.after, rig.onAnswered] = [end, end, end];
      let worker = null;
      try {
        worker = rig.worker(name);
      } catch {
        // Ended before its first cursor was kept: the alerts below come after the start of the next one.
      }
      const calm = () => [rig.disk.before, rig.disk.after, rig.onAnswered] = [null, null, null];
      if (worker === null) {
        calm();
        worker = rig.worker(name);
      }
      for (let n = 0; n < TOTAL; n += 1) rig.alert(halt(n));
      try {
        await rig.drain(worker);
      } catch {
        // As kill -9: the next process has what is on disk, and nothing else.
      }
      calm();
      await rig.drain(rig.worker(name));
      const seen = rig.heads(name).map((head) => Number(/case (\d+)/.exec(head)?.[1]));
      const marked = rig.heads(name).map((head) => head.endsWith("(again)"));
      assert.deepEqual([...new Set(seen)], Array.from({ length: TOTAL }, (_, n) => n), `${name} at moment ${moment}`);
      seen.forEach((n, index) => {
        const repeated = seen.indexOf(n) < index;
        if (repeated) repeats += 1;
        assert.ok(!repeated || marked[index], `${name} at moment ${moment}: a repeat without a mark`);
        assert.ok(index === 0 || n >= (seen[index - 1] ?? 0), `${name} at moment ${moment}: out of order`);
      });
      assert.ok(seen.length <= TOTAL + 1, `${name} at moment ${moment}: more than one repeat`);
      assert.deepEqual(rig.misdeeds(), []);
    }
    assert.ok(repeats > 0, `${name}: no moment between a request and its answer was hit`);
  }
});

Deno.test("[N-3.2] a 429 is waited out exactly as long as the service says, and nothing is lost or repeated", async () => {
  const storms: Readonly<Record<Name, readonly { readonly status: number; readonly body: string }[]>> = {
    phone: [7, 40, 3].map((retry_after) =>
      json(429, { ok: false, error_code: 429, description: "Too Many Requests", parameters: { retry_after } })
    ),
    team: [1, 30, 2].map((seconds) => ({
      status: 429,
      body: "rate_limited",
      headers: { "retry-after": `${seconds}` },
    })),
    game: [0.35, 12.5, 1].map((retry_after) => json(429, { message: "limited", retry_after, global: false })),
    push: [1, 2, 3].map(() => json(429, { code: 42901, http: 429, error: "limit reached" })),
    hook: [5, 60].map((seconds) => ({ status: 429, body: "", headers: { "retry-after": `${seconds}` } })),
  };
  const waits: Readonly<Record<Name, readonly number[]>> = {
    phone: [7_000, 40_000, 3_000],
    team: [1_000, 30_000, 2_000],
    game: [350, 12_500, 1_000],
    push: [10_000, 10_000, 10_000],
    hook: [5_000, 60_000],
  };
  for (const name of CHANNELS) {
    const rig = new Rig();
    const worker = rig.worker(name);
    for (const n of [1, 2]) rig.alert(halt(n));
    const service = rig.services.of(name);
    for (const answer of storms[name]) service.faults.push({ kind: "answer", answer });
    await rig.drain(worker);
    assert.deepEqual(rig.heads(name), ["🔴 HALTED: case 1.", "🔴 HALTED: case 2."], name);
    assert.deepEqual(rig.waits.filter((ms) => waits[name].includes(ms)), waits[name], name);
    assert.deepEqual(rig.misdeeds(), [], name);
  }
});

Deno.test("[N-3.2] HTML, a 500, a redirect, a lost answer and a slow one: tried again, and said why", async () => {
  for (const name of CHANNELS) {
    const rig = new Rig();
    const worker = rig.worker(name);
    rig.alert(halt(1));
    const service = rig.services.of(name);
    service.faults.push(
      { kind: "answer", answer: { status: 502, headers: { "content-type": "text/html" }, body: "<html>Bad</html>" } },
      { kind: "lost_request" },
      { kind: "slow", ms: 20_000 },
      { kind: "lost_answer" },
      { kind: "answer", answer: { status: 500, body: "" } },
    );
    await rig.drain(worker);
    const heads = rig.heads(name);
    assert.equal(heads.at(-1), "🔴 HALTED: case 1. (again)", name);
    assert.ok(heads.slice(1).every((head) => head.endsWith("(again)")), `${name}: ${heads.join(" | ")}`);
    assert.ok(rig.logs.some((line) => line.includes(`${name}: not delivered yet: it has trouble (502)`)), name);
    assert.ok(rig.logs.some((line) => line.includes(`${name}: delivered again`)), name);
  }
});

Deno.test("[N-3.2] a 200 that is not the service's own answer counts as not delivered", async () => {
  for (const name of ["phone", "team", "game", "push"] as const) {
    const rig = new Rig();
    const worker = rig.worker(name);
    rig.alert(halt(1));
    const portal = { status: 200, headers: { "content-type": "text/html" }, body: "<html>Sign in to the hotel</html>" };
    rig.services.of(name).faults.push({ kind: "answer", answer: portal });
    await rig.drain(worker);
    assert.deepEqual(rig.heads(name), ["🔴 HALTED: case 1. (again)"], name);
  }
});

Deno.test("[N-3.2] waits grow with full jitter from 1 s to 15 min, and a critical alert is never given up", async () => {
  const rig = new Rig();
  rig.random = 1;
  const worker = rig.worker("hook");
  rig.alert(halt(1));
  const answer = { status: 503, body: "" };
  const times: number[] = [];
  for (let n = 0; n < 200; n += 1) rig.services.hook.faults.push({ kind: "answer", answer });
  rig.onAnswered = () => void times.push(rig.now);
  await rig.drain(worker);
  const gaps = times.slice(1).map((at, index) => Math.round((at - (times[index] ?? 0)) / 1000));
  assert.deepEqual(gaps.slice(0, 11), [2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]);
  assert.ok(rig.now - START > 86_400_000, "longer than a day");
  assert.equal(rig.heads("hook").length, 1);
});

Deno.test("[N-3.2] what is not critical is given up after a day, kept as a dead letter, and may be sent again", async () => {
  const rig = new Rig();
  rig.random = 1;
  const worker = rig.worker("hook");
  rig.alert({ code: "clock_skew", severity: "warning", sentence: "The clock is off." });
  for (let n = 0; n < 120; n += 1) rig.services.hook.faults.push({ kind: "answer", answer: { status: 503, body: "" } });
  await rig.drain(worker);
  assert.deepEqual(rig.heads("hook"), []);
  const { dead } = stateIn(rig, "hook");
  assert.equal(dead.length, 1);
  assert.match(dead[0]?.why ?? "", /given up after a day: it has trouble \(503\)/);
});

Deno.test("[N-3.2] a refusal is a dead letter with words, and the next alert goes on", async () => {
  const cases: readonly [Name, { readonly status: number; readonly body: string }, RegExp][] = [
    [
      "phone",
      json(401, { ok: false, error_code: 401, description: "Unauthorized" }),
      /does not know this token \(401\)/,
    ],
    [
      "phone",
      json(403, { ok: false, error_code: 403, description: "Forbidden: bot was blocked by the user" }),
      /blocked/,
    ],
    ["phone", json(400, { ok: false, error_code: 400, description: "Bad Request: chat not found" }), /chat not found/],
    ["phone", json(404, { ok: false, error_code: 404, description: "Not Found" }), /finds no bot/],
    ["team", { status: 403, body: "action_prohibited" }, /action_prohibited/],
    ["team", { status: 400, body: "invalid_payload" }, /invalid_payload/],
    ["game", json(401, { message: "Invalid Webhook Token", code: 50027 }), /Invalid Webhook Token/],
    ["push", json(403, { code: 40301, http: 403, error: "forbidden" }), /\(403\)/],
    ["hook", { status: 401, body: "" }, /\(401\)/],
    ["hook", { status: 302, body: "" }, /redirect \(302\)/],
  ];
  for (const [name, answer, why] of cases) {
    const rig = new Rig();
    const worker = rig.worker(name);
    rig.alert(halt(1));
    rig.alert(halt(2));
    rig.services.of(name).faults.push({ kind: "answer", answer });
    await rig.drain(worker);
    assert.deepEqual(rig.heads(name), ["🔴 HALTED: case 2."], `${name} ${answer.status}`);
    const { dead } = stateIn(rig, name);
    assert.match(dead[0]?.why ?? "", why);
    assert.notEqual(dead[0]?.advice, "", `${name} ${answer.status} says what to do`);
    assert.match(dead[0]?.message.head ?? "", /case 1/);
  }
});

Deno.test("[N-3.2] a hook that is gone is never asked again, also after a restart; a new one gets what waited", async () => {
  const gone: readonly [Name, (rig: Rig) => void, Readonly<Record<string, string>>][] = [
    ["team", (rig) => void (rig.services.slack.gone = true), {}],
    ["game", (rig) => void (rig.services.discord.gone = true), {}],
    ["hook", (rig) => void (rig.services.hook.gone = true), {}],
  ];
  for (const [name, vanish] of gone) {
    const rig = new Rig();
    const worker = rig.worker(name);
    rig.alert(halt(1));
    vanish(rig);
    await rig.drain(worker);
    rig.alert(halt(2));
    await rig.drain(worker);
    await rig.drain(rig.worker(name));
    assert.equal(rig.services.of(name).requests.length, 1, `${name} was asked once`);
    const state = stateIn(rig, name);
    assert.equal(state.waiting, 2);
    assert.match(state.trouble?.why ?? "", /anew/);
  }
  const rig = new Rig();
  const worker = rig.worker("game");
  rig.alert(halt(1));
  rig.services.discord.gone = true;
  await rig.drain(worker);
  rig.services.discord.gone = false;
  const secrets = { ...SECRETS, ABOT_NOTIFY_GAME_URL: `https://discord.com${DISCORD_PATH}?thread_id=7` };
  await rig.drain(rig.worker("game", CONFIG, secrets));
  assert.deepEqual(rig.heads("game"), ["🔴 HALTED: case 1."]);
});

Deno.test("[N-3.3] after an outage critical alerts come singly, in order, and the rest is counted", async () => {
  const rig = new Rig();
  const worker = rig.worker("phone");
  const minute = 60_000;
  for (let n = 0; n < 17; n += 1) {
    rig.alert({ code: "degraded_mode", severity: "warning", sentence: "A connection is unhealthy." });
    if (n === 8) rig.alert(halt(1));
    rig.now += 2 * minute;
  }
  rig.alert({ code: "trade_closed", sentence: "Trade closed: +$1.00." });
  rig.alert(halt(2));
  await rig.drain(worker);
  assert.deepEqual(rig.heads("phone"), [
    "🟠 9 × connection unhealthy 10:00–10:16, last: A connection is unhealthy.",
    "🔴 HALTED: case 1.",
    "🟠 9 alerts together",
    "🔴 HALTED: case 2.",
  ]);
  const digest = rig.services.telegram.shown[2]?.text.split("\n") ?? [];
  assert.equal(digest[1], "8 × connection unhealthy 10:18–10:32, last: A connection is unhealthy.");
  assert.equal(digest[2], "10:34 Trade closed: +$1.00.");
  assert.deepEqual(rig.misdeeds(), []);
});

Deno.test("[N-3.3] repeats within a window are folded and told at its end; a higher severity breaks the fold", async () => {
  const rig = new Rig();
  const worker = rig.worker("phone");
  const skew = (severity: AlertFacts["severity"]) =>
    rig.alert({ code: "clock_skew", severity, sentence: "Clock off." });
  for (let n = 0; n < 4; n += 1) {
    skew("warning");
    await rig.drain(worker);
    rig.now += 30_000;
  }
  assert.deepEqual(rig.heads("phone"), ["🟠 Clock off."]);
  skew("critical");
  await rig.drain(worker);
  assert.deepEqual(rig.heads("phone"), ["🟠 Clock off.", "🔴 Clock off."]);
  rig.now = START + 601_000;
  await rig.drain(worker);
  assert.equal(rig.heads("phone").at(-1), "🟠 3 × clock off 10:00–10:01, last: Clock off.");
});

Deno.test("[N-3.3] a thousand different codes are few lines of a digest, and a small cursor", async () => {
  const rig = new Rig();
  const worker = rig.worker("phone");
  for (let n = 0; n < 1_000; n += 1) {
    rig.alert({ code: `check:case_${n}`, severity: "warning", sentence: `Case ${n}.` });
  }
  rig.services.telegram.faults.push({ kind: "answer", answer: { status: 500, body: "" } });
  await rig.drain(worker);
  assert.deepEqual(rig.heads("phone"), ["🟠 1000 alerts together (again)"]);
  assert.match(rig.services.telegram.shown[0]?.text ?? "", /960 × start check failed 10:00, last: Case 999\./);
});

Deno.test("[N-3.3] a fold outlives the process", async () => {
  const rig = new Rig();
  let worker = rig.worker("phone");
  for (let n = 0; n < 3; n += 1) {
    rig.alert({ code: "clock_skew", severity: "warning", sentence: "Clock off." });
    await rig.drain(worker);
    worker = rig.worker("phone");
  }
  rig.now = START + 601_000;
  await rig.drain(worker);
  assert.equal(rig.heads("phone").length, 2);
  assert.match(rig.heads("phone")[1] ?? "", /2 × clock off/);
});

Deno.test("[N-3.3] 300 critical alerts at once stay below each service's limit", async () => {
  for (const name of CHANNELS) {
    const rig = new Rig();
    const worker = rig.worker(name);
    for (let n = 0; n < 300; n += 1) rig.alert(halt(n));
    await rig.drain(worker);
    assert.equal(rig.heads(name).length, 300, name);
    assert.equal(rig.services.of(name).requests.length, 300, `${name}: no 429 was provoked`);
  }
});

Deno.test("[N-2.2] minimum severity, codes that are off, and quiet hours, which nothing critical obeys", async () => {
  const text = CONFIG.replace(
    "    users: [77]",
    '    minimum: warning\n    off: [clock_skew, halt]\n    quiet: { from: "22:00", to: "07:00", zone: Europe/Berlin }',
  );
  const rig = new Rig();
  const worker = rig.worker("phone", text);
  rig.alert({ code: "trade_closed", sentence: "info" });
  rig.alert({ code: "clock_skew", severity: "warning", sentence: "off" });
  rig.alert({ code: "leverage", severity: "warning", sentence: "wanted" });
  rig.alert(halt(1));
  await rig.drain(worker);
  assert.deepEqual(rig.heads("phone"), ["🟠 wanted", "🔴 HALTED: case 1."]);
  rig.now = Date.UTC(2026, 10, 16, 23, 0);
  rig.alert({ code: "risk_tier", severity: "warning", sentence: "by night" });
  rig.alert(halt(2));
  await rig.drain(worker);
  assert.equal(rig.heads("phone").at(-1), "🔴 HALTED: case 2.");
  rig.now = Date.UTC(2026, 10, 17, 5, 59);
  await rig.drain(worker);
  assert.equal(rig.heads("phone").length, 3, "06:59 in Berlin");
  rig.now = Date.UTC(2026, 10, 17, 6, 0, 1);
  await rig.drain(worker);
  assert.equal(rig.heads("phone").at(-1), "🟠 23:00 by night");
});

Deno.test("[N-6] a full disk keeps no critical alert back, and says what is the matter", async () => {
  const rig = new Rig();
  const worker = rig.worker("hook");
  rig.disk.before = () => {
    throw new Error("No space left on device (os error 28)");
  };
  rig.alert(halt(1));
  rig.alert({ code: "leverage", severity: "warning", sentence: "may wait" });
  for (let n = 0; n < 5; n += 1) await worker.turn();
  assert.deepEqual(rig.heads("hook"), ["🔴 HALTED: case 1."]);
  assert.equal(rig.logs.filter((line) => line.includes("cannot keep the place")).length, 1);
  rig.disk.before = null;
  await rig.drain(worker);
  assert.deepEqual(rig.heads("hook"), ["🔴 HALTED: case 1.", "🟠 may wait"]);
});

Deno.test("[N-3.2] a critical alert that comes during a long wait ends it", async () => {
  const rig = new Rig();
  rig.random = 1;
  const worker = rig.worker("hook");
  rig.alert({ code: "leverage", severity: "warning", sentence: "first" });
  for (let n = 0; n < 9; n += 1) rig.services.hook.faults.push({ kind: "answer", answer: { status: 503, body: "" } });
  let raisedAt = 0;
  rig.onWait = () => {
    if (rig.services.hook.requests.length === 9 && raisedAt === 0) {
      raisedAt = rig.now;
      rig.alert(halt(1));
    }
  };
  await rig.drain(worker);
  assert.deepEqual(rig.heads("hook"), ["🟠 first (again)", "🔴 HALTED: case 1."]);
  const last = rig.services.hook.shown.at(-1)?.at ?? 0;
  assert.ok(raisedAt > 0 && last - raisedAt < 5_000, `${last - raisedAt} ms after it was raised`);
});

Deno.test("[N-3.1] a cursor that cannot be understood is not overwritten", () => {
  const disk = new MemoryDisk();
  const rig = new Rig(disk);
  rig.worker("hook");
  disk.writeAtomic(cursorPath(DATA, "hook"), '{"schema":9}');
  assert.throws(() => rig.worker("hook"), /not of this version/);
});
