/** The minute history that the monitor draws (M-1.1). */
import { deepEqual, equal, ok } from "node:assert/strict";
import { epochMs } from "../../src/domain/units.ts";
import { historyDays, tidyHistory } from "../../src/infrastructure/storage/history/history_files.ts";
import {
  type HistoryLine,
  type HistoryStart,
  parseHistoryLine,
  parseHistoryStart,
} from "../../src/infrastructure/storage/history/history_schema.ts";
import { openHistoryLog } from "../../src/bot/live/history_log.ts";
import { HistoryKeeper } from "../../src/views/history_keeper.ts";
import {
  boot,
  DIP,
  enter,
  filled,
  market,
  newRig,
  open,
  openId,
  place,
  type Rig,
  show,
  START,
  wait,
} from "../core_rig.ts";
import { FaultFiles } from "../support/fault_files.ts";
import { ManualClock } from "../support/manual_clock.ts";

type Kept = { readonly lines: HistoryLine[]; start: HistoryStart | null };

/** A rig whose every step is looked at by a keeper. */
function kept(rig: Rig = newRig()): { readonly rig: Rig; readonly kept: Kept } {
  const kept: Kept = { lines: [], start: null };
  const keeper = new HistoryKeeper({
    start: () => kept.start,
    keepStart: (start) => void (kept.start = start),
    write: (line) => void kept.lines.push(line),
  });
  rig.watch = () => keeper.step(rig.bot);
  return { rig, kept };
}

Deno.test("[M-1.1] a still hour is one line a minute, each a valid line of its schema", () => {
  const { rig, kept: { lines } } = kept();
  boot(rig);
  lines.length = 0;
  for (let minute = 0; minute < 60; minute++) wait(rig, 60_000);
  equal(lines.length, 60);
  const minutes = lines.map((line) => Math.floor(line.at_ms / 60_000));
  deepEqual(minutes, minutes.map((_, index) => (minutes[0] ?? 0) + index));
  for (const line of lines) deepEqual(parseHistoryLine(JSON.stringify(line)), line);
});

Deno.test("[M-1.1] a trade leaves a line at every change of word, position and cover, with the prices of its orders", () => {
  const { rig, kept: { lines } } = kept();
  boot(rig);
  wait(rig, 5_000);
  lines.length = 0;
  const entry = enter(rig);
  wait(rig, 2_000);
  show(rig, entry);
  const contracts = rig.bot.orders.find((one) => one.id === entry)?.ticket.contracts ?? 0;
  filled(rig, entry, { contracts, price: DIP - 50 });
  rig.now += 1_500;
  const stop = openId(rig, "stop");
  place(rig, stop);
  show(rig, stop);
  wait(rig, 2_000);
  const told = lines.map((line) =>
    `${line.word} ${line.contracts === 0 ? 0 : line.contracts / contracts} ${line.covered}`
  );
  deepEqual(told, ["ENTRY_PENDING 0 undefined", "IN_POSITION 1 false", "IN_POSITION 1 true"]);
  const last = lines.at(-1);
  ok(
    last !== undefined && last.entry_usd !== undefined && last.stop_usd !== undefined && last.target_usd !== undefined,
  );
  ok(last.stop_usd < last.entry_usd && last.entry_usd < last.target_usd);
});

Deno.test("[M-1.1] the three curves agree at the start; a price that doubles moves total and held, not trading", () => {
  const { rig, kept: { lines } } = kept();
  boot(rig);
  wait(rig, 60_000);
  const before = lines.at(-1);
  market(rig, rig.price * 2);
  wait(rig, 60_000);
  const after = lines.at(-1);
  deepEqual([before?.equity_usd, before?.trading_usd, before?.held_usd], [100, 100, 100]);
  deepEqual([after?.equity_usd, after?.trading_usd, after?.held_usd], [200, 100, 200]);
});

Deno.test("[M-1.1] the start of the curves outlives the process, and another account has its own", () => {
  const first = kept();
  boot(first.rig);
  wait(first.rig, 60_000);
  const start = first.kept.start;
  deepEqual([start?.capital_usd, start?.btc_usd, start?.account_uid], [100, 50_000, "7"]);
  ok(start !== null);
  const lines: HistoryLine[] = [];
  const keptAgain: HistoryStart[] = [];
  const again = (stored: HistoryStart) =>
    new HistoryKeeper({
      start: () => stored,
      keepStart: (one) => void keptAgain.push(one),
      write: (line) => void lines.push(line),
    });
  again({ ...start, btc_usd: 25_000 }).step(first.rig.bot);
  deepEqual([lines.at(-1)?.trading_usd, lines.at(-1)?.equity_usd, keptAgain.length], [50, 100, 0]);
  again({ ...start, account_uid: "8", btc_usd: 25_000 }).step(first.rig.bot);
  deepEqual([lines.at(-1)?.trading_usd, keptAgain.length], [100, 1]);
});

Deno.test("[M-1.1] a bot that flaps from step to step all day stays below 700 kB", () => {
  const lines: HistoryLine[] = [];
  const keeper = new HistoryKeeper({
    start: () => null,
    keepStart: () => undefined,
    write: (line) => void lines.push(line),
  });
  const rig = newRig();
  open(rig);
  const { bot } = rig;
  const day = Math.ceil(START / 86_400_000) * 86_400_000;
  const halt = { reason: "unprotected", since: epochMs(day), detail: "" } as const;
  for (let at = day; at < day + 86_400_000; at += 500) {
    keeper.step({ ...bot, now: epochMs(at), halt: at % 1_000 === 0 ? halt : null });
  }
  const bytes = lines.reduce((sum, line) => sum + JSON.stringify(line).length + 1, 0);
  ok(bytes < 700_000, `${bytes} bytes`);
  ok(lines.length === 1_940, `${lines.length} lines: a line a minute and 500 changes`);
});

const ONE: HistoryLine = {
  schema: 1,
  at_ms: Date.parse("2026-03-04T12:00:00Z"),
  last_usd: 50_000,
  mark_usd: 50_001,
  equity_btc: 0.002,
  equity_usd: 100,
  trading_usd: 100,
  held_usd: 100,
  word: "FLAT",
  phase: "flat",
  contracts: 0,
  left: { trades: 5, day_usd: 5, week_usd: 12, losses: 3 },
};

function logOn(files: FaultFiles, keepDays = 400) {
  const troubles: string[] = [];
  const clock = new ManualClock();
  const log = openHistoryLog({
    platform: { clock, files },
    dataDir: "data",
    keepDays,
    pack: (bytes, done) => done(Uint8Array.of(31, 139, bytes.length % 251)),
    onTrouble: (line) => troubles.push(line),
  });
  return { log, clock, troubles };
}
const day = (text: string, minute = 0) => ({ ...ONE, at_ms: Date.parse(`${text}T00:00:00Z`) + minute * 60_000 });

Deno.test("[M-1.1] a new day packs the days before it and drops what is older than history_keep_days", () => {
  const files = new FaultFiles();
  const { log } = logOn(files, 2);
  for (const name of ["2026-03-01", "2026-03-02", "2026-03-03", "2026-03-04"]) log.write(day(name));
  log.close();
  const names = files.list("data/history");
  deepEqual(names, ["2026-03-02.jsonl.gz", "2026-03-03.jsonl.gz", "2026-03-04.jsonl"]);
  deepEqual(historyDays(names).map((one) => one.day), ["2026-03-02", "2026-03-03", "2026-03-04"]);
  equal(parseHistoryLine(files.readText("data/history/2026-03-04.jsonl").trim()) !== null, true);
});

Deno.test("[M-1.1] of a day that is there packed and plain the plain one counts, and strangers are left alone", () => {
  deepEqual(historyDays(["2026-03-01.jsonl.gz", "start.json", "2026-03-01.jsonl", "x.jsonl", "2026-03-02.jsonl.gz"]), [
    { day: "2026-03-01", packed: false },
    { day: "2026-03-02", packed: true },
  ]);
  const files = new FaultFiles();
  files.makeDirectory("data/history");
  files.writeAtomic("data/history/notes.txt", "mine");
  tidyHistory({ files, dataDir: "data", today: "2030-01-01", keepDays: 1, pack: null });
  equal(files.readText("data/history/notes.txt"), "mine");
});

Deno.test("[M-1.1] a full disk costs lines and says so once; nothing is thrown, and lines come back with the room", () => {
  const files = new FaultFiles();
  const { log, clock, troubles } = logOn(files);
  log.write(day("2026-03-04"));
  files.fault = (call) => {
    if (call.op !== "list") throw new Error("No space left on device");
  };
  for (let minute = 1; minute < 30; minute++) {
    log.write(day("2026-03-04", minute));
    clock.pass(60_000);
  }
  log.keepStart({ schema: 1, account_uid: "1", at_ms: 1, capital_usd: 100, btc_usd: 50_000 });
  log.write(day("2026-03-05"));
  files.fault = null;
  clock.pass(60_000);
  log.write(day("2026-03-05", 1));
  log.close();
  ok(
    troubles.length >= 1 && troubles.every((line) => /^Cannot .*No space left on device/.test(line)),
    troubles.join("\n"),
  );
  ok(files.readText("data/history/2026-03-05.jsonl").includes(`"at_ms":${day("2026-03-05", 1).at_ms}`));
});

Deno.test("[M-1.1] lines of another version are told from what is no line", () => {
  equal(parseHistoryLine('{"schema":2,"at":5}'), "version");
  for (const text of ["", "{", "null", "[]", '{"schema":1,"at_ms":5}', '{"schema":"1"}']) {
    equal(parseHistoryLine(text), null);
  }
  equal(parseHistoryStart("{"), null);
});
