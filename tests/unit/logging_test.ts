import assert from "node:assert/strict";
import fc from "fast-check";
import { epochMs } from "../../src/domain/units.ts";
import { sha256 } from "../../src/common/sha256.ts";
import { alertText, readAlertLine } from "../../src/infrastructure/logging/alert_line.ts";
import { openAlerts } from "../../src/infrastructure/logging/alerts.ts";
import { type AuditFacts, auditOf, openAuditLog } from "../../src/infrastructure/logging/audit_log.ts";
import { type LogLevel, openLog } from "../../src/infrastructure/logging/log.ts";
import { createRedactor } from "../../src/infrastructure/logging/redactor.ts";
import { takeDataDirectory } from "../../src/infrastructure/safety/single_instance.ts";
import { FaultFiles } from "../support/fault_files.ts";
import { DAY } from "../support/journal_rig.ts";
import { ManualClock } from "../support/manual_clock.ts";

const KEY = "XoKeyOfTheAccount1";
const SECRET = 'se"cret/+with\\odd=signs';
const AT = epochMs(DAY + 1);

function logRig(level: LogLevel = "info", maxBytes = 10_000_000) {
  const files = new FaultFiles();
  const clock = new ManualClock(DAY);
  const lines: string[] = [];
  const trouble: string[] = [];
  const log = openLog({
    files,
    clock,
    dataDir: "data",
    level,
    redactor: createRedactor([KEY, SECRET]),
    stdout: (line) => lines.push(line),
    onTrouble: (line) => trouble.push(line),
    maxBytes,
    maxFiles: 2,
  });
  return { files, clock, lines, trouble, log };
}

Deno.test("[P-14] the log is one JSON object a line, with level and area, on stdout and in the file", () => {
  const { files, lines, log } = logRig();
  log.logger("storage").info("recovered {tail} records", { tail: 12 });
  log.logger("storage").debug("not at this level");
  log.close();
  assert.equal(lines.length, 1);
  const line = JSON.parse(lines[0] ?? "");
  assert.deepEqual([line.level, line.logger, line.message, line.tail], [
    "INFO",
    "abot.storage",
    "recovered 12 records",
    12,
  ]);
  assert.equal(files.readText("data/logs/abot.log"), `${lines[0]}\n`);
});

Deno.test("[F-12.5] key and secret never reach a sink, whatever was logged and however deep", () => {
  const anything = fc.oneof(fc.constant(KEY), fc.constant(SECRET), fc.string());
  const deep = fc.letrec((tie) => ({
    node: fc.oneof(anything, fc.array(tie("node"), { maxLength: 3 }), fc.dictionary(fc.string(), tie("node"))),
  })).node;
  const { lines, log, files } = logRig("debug");
  fc.assert(fc.property(fc.string(), deep, (before, value) => {
    log.logger("any").warn("{before} " + KEY + " {value}", { before, value, [`k${SECRET}`]: 1 });
    log.logger("any").error(new Error(`failed with ${SECRET}`).message);
  }));
  log.close();
  const all = lines.join("\n") + files.readText("data/logs/abot.log");
  assert.ok(all.includes("[redacted]"));
  for (const form of [KEY, SECRET, JSON.stringify(SECRET).slice(1, -1), encodeURIComponent(SECRET)]) {
    assert.equal(all.includes(form), false, form);
  }
});

Deno.test("[F-12.5] signatures are redacted by their shape, also the string that 10004 echoes", () => {
  const { redact } = createRedactor([]);
  const signature = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
  const shapes = [
    `X-BAPI-SIGN: ${signature}`,
    JSON.stringify({ "X-BAPI-SIGN": signature, "X-BAPI-API-KEY": "abcd" }),
    JSON.stringify(JSON.stringify({ "X-BAPI-SIGN": signature })),
    `error sign! origin_string[1760000000000${signature}5000category=inverse]`,
    JSON.stringify({ op: "auth", args: ["abcd", 1760000000000, signature] }),
    `https://x/y?a=1&sign=${signature}&b=2`,
  ];
  for (const shape of shapes) {
    const clean = redact(shape);
    assert.equal(clean.includes(signature), false, clean);
    assert.equal(clean.includes("abcd"), false, clean);
    assert.ok(clean.includes("[redacted]"));
  }
  const innocent = '{"signal_id":"grid_a3f8d2e1c4_l","hash":"' + signature + '"}';
  assert.equal(redact(innocent), innocent);
  assert.throws(() => createRedactor(["abc"]), /fewer than 4/);
});

Deno.test("[P-14] the log file is rotated by size and the oldest is dropped", () => {
  const { files, log } = logRig("info", 2_000);
  for (let n = 0; n < 1_050; n += 1) log.logger("a").info("line {n}", { n });
  log.close();
  const names = files.list("data/logs");
  assert.deepEqual(names, ["abot.log", "abot.log.1", "abot.log.2"]);
  assert.ok(files.readText("data/logs/abot.log.1").includes('"n":999'));
});

Deno.test("[F-11.9] a log that cannot be written says so on stderr once and goes on", () => {
  const { files, log, trouble, lines } = logRig();
  files.fault = (call) => {
    if (call.op === "write") throw new Error("ENOSPC");
  };
  for (let n = 0; n < 5; n += 1) log.logger("a").info("line");
  log.close();
  assert.deepEqual(trouble, ["Cannot write the log: ENOSPC"]);
  assert.equal(lines.length, 5);
});

function outboxRig(keepMonths = 24) {
  const files = new FaultFiles();
  const stderr: string[] = [];
  const outbox = openAlerts({
    files,
    clock: new ManualClock(DAY),
    dataDir: "data",
    redactor: createRedactor([KEY]),
    journalHead: () => "f00d",
    keepMonths,
    stderr: (line) => stderr.push(line),
  });
  const raise = (at: number, change: Partial<Parameters<typeof outbox.raise>[0]> = {}) =>
    outbox.raise({
      at,
      severity: "warning",
      code: "clock_skew",
      sentence: "This machine's clock is off.",
      steps: ["Turn on time synchronisation."],
      reason: "skew",
      context: { ms: 1200 },
      ...change,
    });
  const linesOf = (name: string) =>
    files.readText(`data/alerts/${name}`).trimEnd().split("\n").map((text) => {
      const read = readAlertLine(text);
      return read.kind === "alert" ? read.line : read.why;
    });
  return { files, stderr, outbox, raise, linesOf };
}
const MONTH = (text: string) => Date.parse(`${text}-15T12:00:00Z`);

Deno.test("[F-13.4] [N-1.1] an alert is one line of its month's file: id, words, steps, context and the journal's head", () => {
  const { files, stderr, raise, linesOf } = outboxRig();
  raise(MONTH("2026-01"), { reason: `skew ${KEY}` });
  raise(MONTH("2026-01"), { severity: "critical", code: "halt:adl", context: {} });
  const [first, second] = linesOf("2026-01.jsonl");
  assert.ok(typeof first === "object" && typeof second === "object");
  const { id, ...rest } = first;
  assert.deepEqual(rest, {
    at: MONTH("2026-01"),
    severity: "warning",
    code: "clock_skew",
    sentence: "This machine's clock is off.",
    steps: ["Turn on time synchronisation."],
    reason: "skew [redacted]",
    context: { ms: 1200 },
    journal_head: "f00d",
  });
  const text = files.readText("data/alerts/2026-01.jsonl").split("\n")[0] ?? "";
  assert.equal(id, sha256(`{${text.slice(`{"id":"${id}",`.length)}`), "the hash of the line without its id");
  assert.equal(stderr.length, 1, "only the critical one");
  assert.match(stderr[0] ?? "", /^critical: [^{]+$/, "a sentence, no JSON");
});

Deno.test("[F-11.9] while the disk is away every alert goes to stderr", () => {
  const { files, stderr, raise } = outboxRig();
  raise(DAY);
  files.fault = () => {
    throw new Error("EROFS");
  };
  raise(DAY, { severity: "info", code: "trade_opened" });
  raise(DAY, { severity: "info", code: "trade_closed" });
  assert.ok(stderr.some((line) => line.includes("Cannot write the alerts in data/alerts: EROFS")));
  assert.ok(stderr.at(-1)?.includes('"code":"trade_closed"'));
});

Deno.test("[N-1.1] a month begins a file, and the months beyond alerts_keep_months go", () => {
  const { files, raise } = outboxRig(2);
  for (const month of ["2026-01", "2026-02", "2026-03", "2026-04", "2026-05"]) raise(MONTH(month));
  files.openAppend("data/alerts/notes.txt").write("kept");
  raise(MONTH("2026-06"));
  assert.deepEqual(files.list("data/alerts"), ["2026-04.jsonl", "2026-05.jsonl", "2026-06.jsonl", "notes.txt"]);
});

Deno.test("[N-1.1] an alert of an earlier moment stays in the running file: readers do not look back", () => {
  const { files, raise, linesOf } = outboxRig();
  raise(MONTH("2026-02"));
  raise(MONTH("2026-01"), { code: "trade_closed" });
  assert.deepEqual(files.list("data/alerts"), ["2026-02.jsonl"]);
  assert.equal(linesOf("2026-02.jsonl").length, 2);
});

Deno.test("[N-1.1] a file that was renamed or deleted under the writer is opened anew", () => {
  const at = MONTH("2026-01");
  for (const act of ["rename", "remove", "replace"] as const) {
    const { files, raise, linesOf, stderr } = outboxRig();
    raise(at, { reason: "before" });
    if (act === "remove") files.remove("data/alerts/2026-01.jsonl");
    else files.rename("data/alerts/2026-01.jsonl", "data/alerts/2026-01.jsonl.1");
    if (act === "replace") files.openAppend("data/alerts/2026-01.jsonl");
    raise(at, { reason: "after", severity: "critical" });
    const reasons = linesOf("2026-01.jsonl").map((line) => (typeof line === "object" ? line.reason : line));
    assert.deepEqual(reasons, ["after"], act);
    assert.equal(stderr.length, 1, "no trouble is told, only the critical alert");
  }
});

Deno.test("[N-1.1] a line that was torn or edited is told apart from an alert", () => {
  const text = alertText({
    at: 1,
    severity: "info",
    code: "trade_opened",
    sentence: "s",
    steps: [],
    reason: "r",
    context: {},
    journal_head: "h",
  }, (line) => line);
  const why = (line: string) => {
    const read = readAlertLine(line);
    return read.kind === "alert" ? "alert" : read.why;
  };
  assert.equal(why(text), "alert");
  assert.equal(why(text.slice(0, -1)), "not JSON");
  assert.equal(why("{}"), "not an alert");
  assert.equal(why(text.replace('"reason":"r"', '"reason":"x"')), "its id is not its hash");
});

Deno.test("[N-1.2] who reads the old alerts.jsonl is told, once, where the alerts are now", () => {
  const { files, raise } = outboxRig();
  files.openAppend("data/alerts.jsonl").write('{"at":1,"code":"torn"');
  raise(MONTH("2026-01"));
  raise(MONTH("2026-02"));
  const lines = files.readText("data/alerts.jsonl").trimEnd().split("\n");
  assert.equal(lines.length, 2);
  const last: unknown = JSON.parse(lines[1] ?? "");
  assert.deepEqual(last, {
    at: MONTH("2026-01"),
    severity: "info",
    code: "outbox_moved",
    reason: "Alerts are in data/alerts from here on, one file a month: 2026-01.jsonl is the first.",
    context: {},
    journal_head: "",
  });
  const fresh = outboxRig();
  fresh.raise(MONTH("2026-01"));
  assert.equal(fresh.files.exists("data/alerts.jsonl"), false);
});

const FACTS: readonly AuditFacts[] = [
  { kind: "entry", at: AT, journal_seq: 1, signal_id: "s", side: "Buy", gates: [], sizing: {} },
  {
    kind: "exit",
    at: AT,
    journal_seq: 2,
    trade_id: "t",
    reason: "manual",
    contracts: 1,
    net_pnl_sats: -3,
    r_multiple: null,
  },
  { kind: "halt", at: AT, journal_seq: 3, lid: "HALT", reason: "adl", context: { price: 1 } },
  { kind: "metrics", at: AT, journal_seq: 4, closed: 3, winrate_pct: 33.3, streak: -2, multiplier: 1 },
];

function auditRig() {
  const files = new FaultFiles();
  const defects: string[] = [];
  const log = openAuditLog({
    files,
    clock: new ManualClock(DAY),
    dataDir: "data",
    redactor: createRedactor([KEY]),
    onDefect: (message) => defects.push(message),
    onTrouble: (line) => defects.push(line),
  });
  return { files, defects, log };
}

Deno.test("[P-13] audit records of entry, exit, halt and metrics keep their schema", () => {
  const { files, defects, log } = auditRig();
  for (const facts of FACTS) log.write(facts);
  assert.deepEqual(defects, []);
  const lines = files.readText("data/audit/audit-2026-01-05.jsonl").trimEnd().split("\n").map((line) =>
    JSON.parse(line)
  );
  assert.deepEqual(lines.map((line) => line.kind), ["entry", "exit", "halt", "metrics"]);
  assert.deepEqual(lines[2].context, { price: 1 });
});

Deno.test("[P-13] an audit record without one of its fields is a defect and leaves no line", () => {
  for (const facts of FACTS) {
    for (const name of Object.keys(facts).filter((key) => key !== "kind")) {
      const { files, defects, log } = auditRig();
      log.write({ ...facts, [name]: undefined });
      assert.equal(defects.length, 1, `${facts.kind}.${name}`);
      assert.match(defects[0] ?? "", new RegExp(`Audit log refuses ${facts.kind}: ${name}`));
      assert.equal(files.exists("data/audit/audit-2026-01-05.jsonl"), false);
    }
  }
});

Deno.test("[P-13] auditOf() takes entries that were sent or refused and lids, and leaves the rest", () => {
  const evaluation = { type: "evaluation", at: AT, repeated: 0, gates: [], sizing: {} } as const;
  const signal = { signalId: "s", side: "Sell" } as const;
  assert.equal(auditOf({ ...evaluation, refusal: null, signal }, 1)?.kind, "entry");
  assert.equal(auditOf({ ...evaluation, refusal: "state_halt", signal }, 1)?.kind, "refusal");
  assert.equal(auditOf({ ...evaluation, refusal: null, signal: null }, 1), null);
  assert.equal(auditOf({ type: "snapshot", at: AT, reason: "adl", lid: "HALT", context: {} }, 1)?.kind, "halt");
  assert.equal(auditOf({ type: "cash_flow", at: AT, amountPico: 1 }, 1), null);
});

Deno.test("[F-11.4] the second user of a data directory is told who holds it", () => {
  const files = new FaultFiles();
  let holder: string | null = null;
  files.lock = (_path?: string, name?: string) => {
    if (holder !== null) return { kind: "held", holder };
    holder = name ?? "";
    return {
      kind: "locked",
      release() {
        holder = null;
      },
    };
  };
  const ask = (processId: number) =>
    takeDataDirectory({ files, clock: new ManualClock(DAY), dataDir: "data", processId, program: "abot 0.1.0" });
  const first = ask(41);
  assert.equal(first.kind, "alone");
  const second = ask(42);
  assert.equal(second.kind, "taken");
  if (second.kind === "taken") {
    assert.match(second.line, /held by abot 0\.1\.0, process 41, since 2026-01-05T00:00:00\.000Z$/);
  }
  if (first.kind === "alone") first.release();
  assert.equal(ask(43).kind, "alone");
});
