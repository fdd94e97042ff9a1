/** The command line: what it understands, what it answers, and that it needs neither keys nor network for it. */
import assert from "node:assert/strict";
import type { CliWorld } from "../../src/bot/live/cli_world.ts";
import { worstCase } from "../../src/programs/trader/commands/config_explain.ts";
import { readCredentials } from "../../src/bot/live/credentials.ts";
import { EXIT_CODES } from "../../src/common/exit_codes.ts";
import { journalRefusal } from "../../src/programs/trader/journal_guard.ts";
import { MemoryFiles } from "../../src/infrastructure/platform/memory_files.ts";
import { operate } from "../../src/programs/trader/commands/operate.ts";
import { type Handlers, runProgram } from "../../src/programs/trader/program.ts";
import { replayData } from "../../src/programs/trader/commands/replay.ts";
import { showReport } from "../../src/programs/trader/commands/report.ts";
import { showStatus } from "../../src/programs/trader/commands/status.ts";
import { statusOf } from "../../src/views/status.ts";
import { verifyData } from "../../src/programs/trader/commands/verify.ts";
import { showWhy } from "../../src/programs/trader/commands/why.ts";
import { initialBot } from "../../src/application/transition/mod.ts";
import { epochMs } from "../../src/domain/units.ts";
import { makeControlFolder, takeRequests, writeAnswer } from "../../src/infrastructure/safety/control_files.ts";
import { defaultTestConfig } from "../config_fixture.ts";
import { NO_VITALS } from "../core_values.ts";

const NOW = Date.UTC(2026, 10, 21, 1, 0, 0);

function rig() {
  const files = new MemoryFiles();
  const lines: string[] = [];
  const errors: string[] = [];
  let now = NOW;
  let onWait: () => void = () => undefined;
  const world: CliWorld = {
    files,
    now: () => now,
    wait(ms) {
      now += ms;
      onWait();
      return Promise.resolve();
    },
    columns: () => 80,
    out: (line) => lines.push(line),
    error: (line) => errors.push(line),
  };
  const answering = (run: () => void) => (onWait = run);
  return { world, files, lines, errors, answering };
}

async function parse(line: readonly string[]) {
  const calls: unknown[] = [];
  const errors: string[] = [];
  const out: string[] = [];
  const call = (name: string) => (options: unknown) => {
    calls.push([name, options]);
    return 0;
  };
  const handlers: Handlers = {
    run: call("run"),
    check: call("check"),
    status: call("status"),
    why: call("why"),
    halt: call("halt"),
    reset: call("reset"),
    close: call("close"),
    report: call("report"),
    replay: call("replay"),
    verify: call("verify"),
    explain: call("explain"),
  };
  const code = await runProgram(line, {
    handlers,
    version: "abot 1.2.3",
    out: (text) => out.push(text),
    error: (text) => errors.push(text),
  });
  return { code, calls, out: out.join(""), errors: errors.join("").trimEnd() };
}

Deno.test("the command line hands each command its options", async () => {
  const rows: readonly (readonly [string, unknown])[] = [
    ["--config c.yaml", ["run", { config: "c.yaml", observe: false, wireLog: false }]],
    ["--config c.yaml --observe --wire-log data/w", ["run", { config: "c.yaml", observe: true, wireLog: "data/w" }]],
    ["check", ["check", { config: "config/testnet.yaml" }]],
    ["status --json --data d", ["status", { dataDir: "d", json: true, verbose: false }]],
    ["why --last 3", ["why", { dataDir: "data", last: 3, verbose: false }]],
    ["halt", ["halt", { dataDir: "data", reason: "abot halt", accept: false }]],
    ["reset --reason seen --accept", ["reset", { dataDir: "data", reason: "seen", accept: true }]],
    ["close --confirm", ["close", { dataDir: "data", reason: "abot close", accept: false }]],
    ["replay --compare", ["replay", { dataDir: "data", compare: true }]],
    ["verify", ["verify", { dataDir: "data" }]],
    ["config explain --config x.yaml", ["explain", { config: "x.yaml", diff: null }]],
    ["config explain --diff p.yaml", ["explain", { config: "config/testnet.yaml", diff: "p.yaml" }]],
    [
      "report --from 2026-11-01 --to 2026-11-21T08:00Z --csv",
      ["report", {
        dataDir: "data",
        from: Date.UTC(2026, 10, 1),
        to: Date.UTC(2026, 10, 21, 8),
        form: "csv",
        trades: false,
      }],
    ],
  ];
  for (const [line, expected] of rows) {
    const { code, calls, errors } = await parse(line.split(" "));
    assert.deepEqual([code, calls, errors], [0, [expected], ""], line);
  }
});

Deno.test("the command line names what it does not understand, and the nearest word", async () => {
  const whole = "is invalid. must be a whole number from 1 to 999999.";
  const day = "is invalid. must be a UTC day or time such as 2026-11-21 or 2026-11-21T08:00Z.";
  const folder = "is invalid. must be a folder, as data/wire.";
  const why = "is invalid. must say why, in 1 to 500 characters.";
  const rows: readonly (readonly [string, string])[] = [
    ["", "error: nothing to do: `abot --config FILE` runs the bot, `abot --help` lists the rest"],
    ["--config", "error: option '--config <file>' argument missing"],
    ["--confg x", "error: unknown option '--confg'\n(Did you mean --config?)"],
    ["--observ --config x", "error: unknown option '--observ'\n(Did you mean --observe?)"],
    ["stats", "error: unknown command 'stats'\n(Did you mean status?)"],
    ["xyzzy", "error: unknown command 'xyzzy'"],
    ["status --jsn", "error: unknown option '--jsn'\n(Did you mean --json?)"],
    ["status extra", "error: too many arguments for 'status'. Expected 0 arguments but got 1: extra."],
    ["why --last 0", `error: option '--last <n>' argument '0' ${whole}`],
    ["why --last 1.5", `error: option '--last <n>' argument '1.5' ${whole}`],
    ["why --last -3", `error: option '--last <n>' argument '-3' ${whole}`],
    ["reset", "error: required option '--reason <text>' not specified"],
    ["reset --reason ", `error: option '--reason <text>' argument '' ${why}`],
    ["close", "error: required option '--confirm' not specified"],
    ["report --json --csv", "error: option '--json' cannot be used with option '--csv'"],
    ["report --from yesterday", `error: option '--from <time>' argument 'yesterday' ${day}`],
    ["report --to 2026-13-01", `error: option '--to <time>' argument '2026-13-01' ${day}`],
    ["--config c.yaml --wire-log", "error: option '--wire-log <dir>' argument missing"],
    ["--wire-log --observe", `error: option '--wire-log <dir>' argument '--observe' ${folder}`],
    ["check --observe", "error: unknown option '--observe'"],
    ["config explan", "error: unknown command 'explan'\n(Did you mean explain?)"],
  ];
  for (const [line, expected] of rows) {
    const { code, calls, errors } = await parse(line === "" ? [] : line.split(" "));
    assert.deepEqual([code, calls, errors], [64, [], expected], line);
  }
});

Deno.test("[F-13.3] --help shows every exit code, and --version the build", async () => {
  const help = await parse(["--help"]);
  assert.equal(help.code, 0);
  for (const [code, meaning] of EXIT_CODES) assert.ok(help.out.includes(`${code}  ${meaning}`), meaning);
  assert.deepEqual(await parse(["--version"]), { code: 0, calls: [], out: "abot 1.2.3\n", errors: "" });
});

Deno.test("[F-12.4 F-12.5] readCredentials() refuses without both keys, names what the journal knows, and shows no value", () => {
  const none = () => {
    throw new Error("no such file");
  };
  const from = (variables: Readonly<Record<string, string>>, readText: (path: string) => string = none) =>
    readCredentials({ variable: (name) => variables[name], readText }, "A position is open.");
  const need = (name: string) =>
    `Cannot start without ${name} (F-12.4): set it in the environment, or as systemd credential ${name.toLowerCase()}`;
  assert.deepEqual(from({}), {
    kind: "missing",
    lines: [
      need("BYBIT_TESTNET_API_KEY"),
      need("BYBIT_TESTNET_API_SECRET"),
      "A position is open. Without a running bot nobody repairs it.",
    ],
  });
  const odd = from({ BYBIT_TESTNET_API_KEY: "abc def ghi", BYBIT_TESTNET_API_SECRET: "secret12345" });
  assert.ok(odd.kind === "missing");
  assert.equal(
    odd.lines[0],
    "Cannot start as BYBIT_TESTNET_API_KEY is not a key: it holds 11 characters, or others than letters and digits",
  );
  assert.ok(!odd.lines.join().includes("abc") && !odd.lines.join().includes("secret12345"));
  const both = { BYBIT_TESTNET_API_KEY: "abcdefgh", BYBIT_TESTNET_API_SECRET: "secret12345" };
  assert.deepEqual(from(both), { kind: "keys", key: "abcdefgh", secret: "secret12345" });
  const asked: string[] = [];
  const files = from({ CREDENTIALS_DIRECTORY: "/run/c" }, (path) => {
    asked.push(path);
    return "fromfile1\n";
  });
  assert.deepEqual(files, { kind: "keys", key: "fromfile1", secret: "fromfile1" });
  assert.deepEqual(asked, ["/run/c/bybit_testnet_api_key", "/run/c/bybit_testnet_api_secret"]);
});

Deno.test("[F-13.6] operate() prints the bot's answer and ends with 0 only when it was done", async () => {
  for (const ok of [true, false]) {
    const { world, files, lines, errors, answering } = rig();
    files.writeAtomic("data/status.json", "{}");
    files.lock("data/lock", "abot 0.1.0, process 7");
    makeControlFolder({ files, dataDir: "data" });
    answering(() => {
      for (const request of takeRequests({ files, dataDir: "data" }, { wallMs: world.now() }).requests) {
        assert.deepEqual([request.command, request.reason, request.accept], ["reset", "seen", true]);
        writeAnswer({ files, dataDir: "data" }, { id: request.id, ok, text: "equity 79 is below 80" });
      }
    });
    const code = await operate(world, { command: "reset", reason: "seen", accept: true, dataDir: "data" });
    assert.equal(code, ok ? 0 : 1);
    assert.deepEqual(ok ? lines : errors, ["equity 79 is below 80"]);
  }
});

Deno.test("[F-13.6] without a bot halt leaves KILL, the others change nothing and say so", async () => {
  const { world, files, lines, errors } = rig();
  files.writeAtomic("data/lock", "");
  assert.equal(await operate(world, { command: "halt", reason: "night", accept: false, dataDir: "data" }), 0);
  assert.equal(files.readText("data/KILL"), "2026-11-21 01:00:00Z night\n");
  assert.deepEqual(lines, [
    "No bot is running in data: left the file data/KILL; a bot that runs or starts here halts (kill_switch).",
  ]);
  assert.equal(await operate(world, { command: "close", reason: "x", accept: false, dataDir: "data" }), 1);
  assert.deepEqual(errors, [
    "No bot is running in data: nothing was done. `abot close` works while it runs.",
    "Whether a position is open is not known here: look at the venue's page.",
  ]);
  assert.ok(!files.exists("data/control"), "only a bot makes it");
  assert.equal(await operate(world, { command: "close", reason: "x", accept: false, dataDir: "nowhere" }), 1);
  assert.equal(errors.at(-1), "There is no folder nowhere here: run this in the bot's folder.");
});

function writeStatus(files: MemoryFiles, change: (bot: ReturnType<typeof initialBot>) => object = () => ({})) {
  const bot = initialBot({ config: defaultTestConfig(), accountUid: "1" });
  const status = statusOf({ bot: { ...bot, ...change(bot) }, guardian: null }, {
    writtenAt: epochMs(NOW),
    version: "0.1.0",
    commit: "abc",
    configHash: "00",
    journalSeq: 7,
    journalHead: "ab",
    start: null,
    observe: false,
    vitals: { ...NO_VITALS, privateFrameAt: epochMs(NOW - 3000) },
  });
  files.writeAtomic("data/status.json", JSON.stringify(status));
}

Deno.test("[F-13.5] status prints cause, what stopped by itself, and the steps while halted", () => {
  const { world, files, lines } = rig();
  files.lock("data/lock", "abot 0.1.0, process 7");
  const halt = { reason: "equity_below_floor", since: epochMs(NOW - 60_000), detail: "equity 79.10 < 80" } as const;
  writeStatus(files, () => ({ halt }));
  assert.equal(showStatus(world, { dataDir: "data", json: false, verbose: false }), 0);
  assert.equal(lines[0], "HALTED for 60 s. The account fell under its floor of $80. Nothing is open.");
  const text = lines.join("\n");
  assert.ok(text.includes("heard       orders 3 s ago, prices never"));
  assert.ok(text.includes("next        Nothing new is traded until a person resets the halt."));
  assert.ok(text.includes("Halted since 2026-11-21 00:59:00Z. The account fell under its floor of $80."));
  assert.ok(text.includes("Stopped: every entry; a working entry was cancelled."));
  assert.match(lines.slice(-2).join("\n"), /^ {2}4\. The cause still holds/);
});

Deno.test("[F-13.5] status says that no bot runs, and never fails on what it cannot read", () => {
  const { world, files, lines, errors } = rig();
  assert.equal(showStatus(world, { dataDir: "data", json: false, verbose: false }), 1);
  assert.deepEqual(errors, ["No bot has run in data yet: there is no data/status.json."]);
  writeStatus(files);
  const later = { ...world, now: () => NOW + 3_600_000 };
  assert.equal(showStatus(later, { dataDir: "data", json: false, verbose: false }), 1);
  assert.deepEqual(lines.slice(0, 2), [
    "NOT RUNNING. Its last word is 60 min old (2026-11-21 01:00:00Z).",
    "It said then:",
  ]);
  files.writeAtomic("data/status.json", "{");
  assert.equal(showStatus(world, { dataDir: "data", json: false, verbose: false }), 74);
  files.writeAtomic("data/status.json", '{"schema":1}');
  assert.equal(showStatus(world, { dataDir: "data", json: false, verbose: false }), 1);
  assert.match(errors.at(-1) ?? "", /this program knows version 2: it is of version 1\./);
});

Deno.test("readers of an empty directory say that no bot has run and change nothing", () => {
  const { world, files, errors } = rig();
  assert.equal(showWhy(world, { dataDir: "data", last: 1, verbose: false }), 1);
  assert.equal(verifyData(world, "data"), 1);
  assert.equal(replayData(world, { dataDir: "data", compare: false, cores: ["dev"] }), 1);
  assert.deepEqual(errors, Array(3).fill("There is no journal in data: no bot has run here yet."));
  assert.equal(showReport(world, { dataDir: "data", from: 0, to: NOW, form: "text", trades: false }), 0);
  assert.equal(files.exists("data"), false);
});

Deno.test("[P-3 P-11] worstCase() is the trade's budget, the cap and one more trade, and never more than the trades of a day", () => {
  const config = defaultTestConfig();
  assert.deepEqual(worstCase(config, 100), { trade: 3, day: 8, week: 15.5 });
  assert.deepEqual(worstCase(config, 300), { trade: 20, day: 35, week: 57.5 });
  assert.deepEqual(worstCase(config, 700), { trade: 30, day: 65, week: 117.5 });
  const one = defaultTestConfig((change) => {
    change.stages.stage_1.max_trades_per_day = 1;
  });
  assert.deepEqual(worstCase(one, 100), { trade: 3, day: 3, week: 15.5 });
});

Deno.test("[F-11.7] journalRefusal() leaves a newer or unreadable journal alone, and lets a mended or foreign file pass", () => {
  const files = new MemoryFiles();
  assert.equal(journalRefusal(files, "data"), null);
  files.writeAtomic("data/journal/readme.txt", "a foreign file\n");
  files.writeAtomic("data/journal/2026-11-20.0001.jsonl", '{"header":{"schema":2,"torn');
  assert.equal(journalRefusal(files, "data"), null);
  files.writeAtomic("data/journal/2026-11-20.0001.jsonl", "garbage\n");
  assert.match(journalRefusal(files, "data") ?? "", /no segment of its journal can be read: 1 in data\/journal/);
  files.writeAtomic("data/journal/2026-11-21.0001.jsonl", '{"header":{"schema":2},"hash":""}\n');
  assert.match(journalRefusal(files, "data") ?? "", /of a newer version: schema is 2, this program knows 1/);
});
