/** The monitor follows a data directory and survives every state of it (M-2.3, M-2.4, M-3.1). */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { DataDirectory } from "../../src/programs/monitor/follow/data_directory.ts";
import { TailFile } from "../../src/programs/monitor/follow/tail.ts";
import { documentOf } from "../../src/programs/monitor/view/document.ts";
import { headlineOf } from "../../src/programs/monitor/view/headline.ts";
import { healthOf } from "../../src/programs/monitor/view/health.ts";
import type { HistoryLine } from "../../src/infrastructure/storage/history/history_schema.ts";
import { alertText } from "../../src/infrastructure/logging/alert_line.ts";
import type { Status } from "../../src/views/status.ts";
import { boot, newRig, open, openNaked, type Rig, wait } from "../core_rig.ts";
import { MemoryData, statusIn } from "../support/monitor_data.ts";
import { trade } from "../support/trade_sample.ts";

function following() {
  const data = new MemoryData();
  const directory = new DataDirectory({ seam: data, dataDir: "data", now: () => data.now });
  const write = (rig: Rig, change?: (status: Status) => Status) =>
    data.put("data/status.json", JSON.stringify(statusIn(rig, change)));
  const headline = () => headlineOf(directory.seen(), data.now);
  const page = () => documentOf({ directory, now: data.now }, "1d");
  return { data, directory, write, headline, page };
}
function flat(): Rig {
  const rig = boot(newRig());
  wait(rig, 5_000);
  return rig;
}

Deno.test("[M-2.4] absent, empty, half-written, other version, unreadable: each is a sentence on the page", () => {
  const { data, directory, headline, page } = following();
  const told = () => {
    directory.poll();
    ok(page().includes(headline().sentence.replaceAll("'", "&#39;")), "the page says it");
    return `${headline().word}: ${headline().sentence}`;
  };
  data.folders.clear();
  equal(told(), "NO NEWS: There is no folder data.");
  data.folders.add("data");
  equal(told(), "NO NEWS: No bot has run in data yet.");
  data.put("data/status.json", "");
  equal(told(), "NO NEWS: The bot's status cannot be read: it is empty.");
  data.put("data/status.json", JSON.stringify(statusIn(flat())).slice(0, 500));
  equal(told(), "NO NEWS: The bot's status cannot be read: it is not whole.");
  data.put("data/status.json", '{"schema":1,"word":"FLAT"}');
  match(
    told(),
    /^NO NEWS: The bot's status is of another program: this page reads version 2, the file is of version 1\./,
  );
  data.fault = (path) => {
    if (path.endsWith("status.json")) throw new Error("Permission denied (os error 13)");
  };
  equal(told(), "NO NEWS: The status cannot be read: Permission denied (os error 13).");
  data.fault = null;
  data.put("data/status.json", JSON.stringify(statusIn(flat())));
  equal(told(), "FLAT: Nothing is open: only the BTC price moves the account.");
});

Deno.test("[M-3.1] the first line: FLAT, UNPROTECTED, PROTECTED, HALTED, STARTING, and NO NEWS after three missed words", () => {
  const { data, directory, write, headline } = following();
  const word = () => {
    directory.poll();
    return headline().word;
  };
  write(flat());
  equal(word(), "FLAT");
  const naked = newRig();
  openNaked(naked);
  write(naked);
  equal(word(), "UNPROTECTED");
  const covered = newRig();
  open(covered);
  write(covered);
  equal(word(), "PROTECTED");
  const halt = { reason: "kill_switch", since_ms: covered.now, detail: "" };
  write(covered, (status) => ({ ...status, halt }));
  equal(word(), "HALTED");
  write(naked, (status) => ({ ...status, halt }));
  equal(word(), "UNPROTECTED", "a halt never hides an open position without a stop");
  write(boot(newRig()), (status) => ({
    ...status,
    blocks: [{ reason: "starting", class: "COOLDOWN", since_ms: 0, until_ms: null }],
  }));
  equal(word(), "STARTING");
  write(covered);
  equal(word(), "PROTECTED");
  data.now += 2_100;
  equal(word(), "PROTECTED");
  data.now += 1;
  equal(word(), "NO NEWS");
  match(
    headline().sentence,
    /long \d+ contracts from \$48,899.50 was open with its stop at the venue; a stop at the venue works without the bot/,
  );
});

Deno.test("[M-3.1] a stop that the venue has not shown for half a minute is no news, also while the bot writes", () => {
  const { directory, write, headline } = following();
  const rig = newRig();
  open(rig);
  const old = (age: number) => (status: Status): Status => ({
    ...status,
    position: status.position === null ? null : { ...status.position, stop_shown_at_ms: rig.now - age },
  });
  write(rig, old(30_000));
  directory.poll();
  equal(headline().word, "PROTECTED");
  write(rig, old(31_000));
  directory.poll();
  deepEqual([headline().word, /has not shown the stop/.test(headline().sentence)], ["NO NEWS", true]);
});

Deno.test("[M-3.1] an old status that was there at the start is as old as its file", () => {
  const { data, directory, write, headline, page } = following();
  write(flat());
  data.now += 3_600_000;
  directory.poll();
  equal(headline().sentence, "The bot has not written for 60 min. When it last wrote, nothing was open.");
  ok(page().includes("STALE"), "the age says it in words");
});

Deno.test("[M-4.3] health is good only while the bot writes and what is open is covered", () => {
  const { data, directory, write } = following();
  const health = () => {
    directory.poll();
    return healthOf({ directory, now: data.now }).ok;
  };
  equal(health(), false);
  write(flat());
  equal(health(), true);
  const naked = newRig();
  openNaked(naked);
  write(naked);
  equal(health(), false);
  const covered = newRig();
  open(covered);
  write(covered);
  equal(health(), true);
  data.now += 5_000;
  equal(health(), false);
});

const MINUTE: HistoryLine = {
  schema: 1,
  at_ms: Date.parse("2026-01-05T10:00:00Z"),
  last_usd: 50_000,
  mark_usd: 50_000,
  equity_btc: 0.002,
  equity_usd: 100,
  trading_usd: 100,
  held_usd: 100,
  word: "FLAT",
  phase: "flat",
  contracts: 0,
  left: { trades: 5, day_usd: 5, week_usd: 12, losses: 3 },
};
function dayText(day: string, minutes = 3): string {
  const from = Date.parse(`${day}T10:00:00Z`);
  return Array.from(
    { length: minutes },
    (_, index) => `${JSON.stringify({ ...MINUTE, at_ms: from + index * 60_000 })}\n`,
  )
    .join("");
}

Deno.test("[M-2.3] history: packed days and today are read once, then only what is added", () => {
  const { data, directory } = following();
  data.put("data/history/2026-01-03.jsonl.gz", new Uint8Array(gzipSync(dayText("2026-01-03"))));
  data.put("data/history/2026-01-04.jsonl.gz", new Uint8Array(gzipSync(dayText("2026-01-04"))));
  data.put("data/history/2026-01-05.jsonl", dayText("2026-01-05") + '{"schema":1,"at_ms":17');
  directory.poll();
  while (directory.readOlderDay());
  equal(directory.history.since(0, 60_000).length, 9);
  const reads: string[] = [];
  const { read } = data;
  Object.assign(data, {
    read: (path: string, from: number, most: number) => (reads.push(`${path}@${from}`), read(path, from, most)),
  });
  for (let poll = 0; poll < 8; poll++) directory.poll();
  deepEqual(reads, []);
  const half = JSON.stringify({ ...MINUTE, at_ms: MINUTE.at_ms + 600_000 });
  data.put("data/history/2026-01-05.jsonl", dayText("2026-01-05"));
  data.add("data/history/2026-01-05.jsonl", `${half}\n`);
  for (let poll = 0; poll < 8; poll++) directory.poll();
  while (directory.readOlderDay());
  equal(directory.history.since(0, 60_000).length, 10, "replaced: read anew, nothing twice");
  data.put("data/history/2026-01-06.jsonl", dayText("2026-01-06", 2));
  for (let poll = 0; poll < 8; poll++) directory.poll();
  equal(directory.history.since(0, 60_000).length, 12, "the next day is followed");
});

Deno.test("[M-2.4] lines of another version and damaged ones are left out and said", () => {
  const { data, directory } = following();
  data.put("data/history/2026-01-05.jsonl", dayText("2026-01-05") + '{"schema":9}\nrubbish\n');
  directory.poll();
  equal(directory.history.since(0, 60_000).length, 3);
  deepEqual(directory.notes(), [
    "Some of the history was written by another version and is left out.",
    "Some lines of the history are damaged and left out.",
  ]);
});

Deno.test("[M-2.4] another bot's data replaces the former one's, nothing is mixed", () => {
  const { data, directory, write } = following();
  data.put("data/history/2026-01-04.jsonl", dayText("2026-01-04", 7));
  data.put("data/history/2026-01-05.jsonl", dayText("2026-01-05", 2));
  write(flat());
  directory.poll();
  equal(directory.history.since(0, 60_000).length, 9);
  data.files.delete("data/history/2026-01-04.jsonl");
  write(flat(), (status) => ({ ...status, account_uid: "8" }));
  for (let poll = 0; poll < 8; poll++) directory.poll();
  equal(directory.history.since(0, 60_000).length, 2);
});

Deno.test("[M-2.4] a folder that was emptied and begun anew is shown anew, also with earlier days", () => {
  const { data, directory, write } = following();
  data.put("data/history/2026-01-04.jsonl.gz", new Uint8Array(gzipSync(dayText("2026-01-04"))));
  data.put("data/history/2026-01-05.jsonl", dayText("2026-01-05", 9));
  write(flat());
  directory.poll();
  while (directory.readOlderDay());
  equal(directory.history.since(0, 60_000).length, 12);
  for (const path of [...data.files.keys()]) data.files.delete(path);
  directory.poll();
  data.put("data/history/2025-12-01.jsonl", dayText("2025-12-01", 2));
  for (let poll = 0; poll < 8; poll++) directory.poll();
  while (directory.readOlderDay());
  equal(directory.history.since(0, 60_000).length, 2);
});

Deno.test("[M-2.3] a day that is packed before its successor was seen costs no reading of everything", () => {
  const { data, directory } = following();
  data.put("data/history/2026-01-05.jsonl", dayText("2026-01-05", 9));
  directory.poll();
  directory.poll();
  data.files.delete("data/history/2026-01-05.jsonl");
  data.put("data/history/2026-01-05.jsonl.gz", new Uint8Array(gzipSync(dayText("2026-01-05", 9))));
  data.put("data/history/2026-01-06.jsonl", dayText("2026-01-06", 2));
  for (let poll = 0; poll < 8; poll++) directory.poll();
  deepEqual([directory.history.since(0, 60_000).length, directory.waitingDays()], [11, 0]);
});

Deno.test("[M-2.3] a tail gives whole lines once: halves, added, cut, replaced, gone", () => {
  const data = new MemoryData();
  const tail = new TailFile(data, "data/a.jsonl");
  const poll = () => {
    const { lines, reset } = tail.poll();
    return `${reset ? "reset " : ""}${lines.join("|")}`;
  };
  equal(poll(), "");
  data.put("data/a.jsonl", "one\ntw");
  equal(poll(), "one");
  data.add("data/a.jsonl", "o ü\nthree");
  equal(poll(), "two ü");
  data.add("data/a.jsonl", "\n");
  equal(poll(), "three");
  equal(poll(), "");
  data.put("data/a.jsonl", "new\n");
  equal(poll(), "reset new");
  data.put("data/a.jsonl", "replaced by more than was there\n");
  equal(poll(), "reset replaced by more than was there");
  data.files.get("data/a.jsonl")!.bytes = new Uint8Array();
  equal(poll(), "reset ");
  data.add("data/a.jsonl", "again\n");
  equal(poll(), "again");
  data.files.delete("data/a.jsonl");
  equal(poll(), "reset ");
  equal(poll(), "");
});

Deno.test("[M-2.3] a byte of a character that comes later is no damage", () => {
  const data = new MemoryData();
  const tail = new TailFile(data, "data/a.jsonl");
  const bytes = new TextEncoder().encode("grün\n");
  data.put("data/a.jsonl", bytes.slice(0, 3));
  tail.poll();
  data.files.get("data/a.jsonl")!.bytes = bytes;
  deepEqual(tail.poll().lines, ["grün"]);
});

function tradeLine() {
  const hash = "0".repeat(64);
  const { type: _type, ...fields } = trade(1);
  const integrity = { schema_version: "1.0", config_hash: hash, git_commit: "c", app_version: "v" };
  return {
    ...fields,
    ...integrity,
    exchange_server_time_offset_ms: 0,
    journal_seq: 1,
    prev_hash: hash,
    hash,
  };
}

Deno.test("[M-3.4] trades, alerts and refusals are followed; a rotated outbox begins anew", () => {
  const { data, directory, page } = following();
  const alert = (sentence: string) =>
    `${
      alertText({
        at: data.now,
        severity: "warning",
        code: "x",
        sentence,
        steps: [],
        reason: "",
        context: {},
        journal_head: "",
      }, (text) => text)
    }\n`;
  data.put("data/alerts/2026-01.jsonl", alert("first"));
  data.put("data/trades/trades-2026-01-05.jsonl", `${JSON.stringify(tradeLine())}\n`);
  const refusal = { audit_version: "0", kind: "refusal", at: data.now, journal_seq: 1, signal_id: "s", side: "Buy" };
  data.put(
    "data/audit/audit-2026-01-05.jsonl",
    `${
      JSON.stringify({
        ...refusal,
        code: "book_too_thin",
        repeated: 2,
        inputs: { exit_side_contracts: 3, exit_side_needed: 90 },
      })
    }\n`,
  );
  directory.poll();
  data.add("data/alerts/2026-01.jsonl", alert("second"));
  directory.poll();
  deepEqual(directory.alerts.map((one) => one.sentence), ["first", "second"]);
  equal(directory.trades.length, 1);
  const sentence = "The order book is too thin to get out again: 3 contracts at the best price, it needs 90.";
  ok(page().includes(`${sentence}</td><td class="num">3</td>`));
  data.put("data/alerts/2026-01.jsonl", alert("restored"));
  directory.poll();
  deepEqual(directory.alerts.map((one) => one.sentence), ["restored"]);
});

Deno.test("[M-5] strings of the venue or the operator with markup appear as text", () => {
  const { data, directory, write, page } = following();
  const evil = `<img src=x onerror=alert(1)>"'&<script>alert(2)</script>`;
  write(flat(), (status) => ({
    ...status,
    version: evil,
    account_uid: evil,
    halt: { reason: evil, since_ms: status.written_at_ms, detail: evil },
    blocks: [{ reason: evil, class: "BLOCK", since_ms: 0, until_ms: null }],
    entry: { refusal: evil, gate: 1, inputs: { [evil]: evil } },
  }));
  data.put(
    "data/alerts/2026-01.jsonl",
    `${
      alertText({
        at: data.now,
        severity: "info",
        code: evil,
        sentence: evil,
        steps: [evil],
        reason: evil,
        context: {},
        journal_head: "",
      }, (text) => text)
    }\n`,
  );
  directory.poll();
  const text = page();
  equal(text.includes("<img"), false);
  equal(text.includes("<script>alert"), false);
  ok(text.split("&lt;img src=x onerror=alert(1)&gt;").length > 6);
});

Deno.test("[M-3.4] each channel of the notifier is shown: delivers, waits since, given up, unreadable", () => {
  const { data, directory, page } = following();
  const cursor = { schema: 1, sent: 4, dead: 1, sentAt: data.now, trouble: null, gone: null, extra: { own: 1 } };
  const put = (name: string, change: object) =>
    data.put(`data/notify/${name}.cursor.json`, JSON.stringify({ ...cursor, ...change }));
  directory.poll();
  ok(page().includes("No notifier runs here"));
  put("phone", {});
  put("slack", { trouble: { since: data.now - 60_000, why: "it does not answer" } });
  put("discord", { gone: { since: data.now, why: "the hook is gone", advice: "make a new one" } });
  put("old", { schema: 9 });
  data.put("data/notify/phone.dead.jsonl", "");
  for (let poll = 0; poll < 4; poll++) directory.poll();
  deepEqual(directory.deliveries.map((one) => `${one.channel} ${one.state} ${one.why}`), [
    "discord given up the hook is gone: make a new one",
    "old unreadable its state is of another version",
    "phone delivers ",
    "slack waits it does not answer",
  ]);
  ok(page().includes('<strong class="bad">waits</strong>'));
});
