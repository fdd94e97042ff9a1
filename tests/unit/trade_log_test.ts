import assert from "node:assert/strict";
import type { AdjustmentRecord } from "../../src/domain/records.ts";
import { epochMs } from "../../src/domain/units.ts";
import { checkLedger, ledgerText } from "../../src/infrastructure/storage/trades/wallet_identity.ts";
import { TradeLog, type TradeLogOptions } from "../../src/infrastructure/storage/trades/trade_log.ts";
import { readTradeLog, tradeLogCsv, verifyTradeLog } from "../../src/infrastructure/storage/trades/trade_reader.ts";
import {
  adjustmentLine,
  type LedgerLine,
  parseLedgerLine,
  recordFault,
  tradeLine,
} from "../../src/infrastructure/storage/trades/trade_schema.ts";
import { FaultFiles } from "../support/fault_files.ts";
import { DAY, DIR } from "../support/journal_rig.ts";
import { trade } from "../support/trade_sample.ts";
import { ManualClock } from "../support/manual_clock.ts";

const DAY_MS = 86_400_000;
const FIRST = "data/trades/trades-2026-01-05.jsonl";

const adjustment = (at: number): AdjustmentRecord => ({
  type: "adjustment",
  at: epochMs(at),
  trade_id: "t1",
  exec_id: "f1",
  fees_sats: 0,
  funding_sats: 12.5,
  gross_pnl_sats: 0,
});

function open(files: FaultFiles, change: Partial<TradeLogOptions> = {}) {
  const defects: string[] = [];
  const clock = new ManualClock(DAY);
  const log = new TradeLog({
    files,
    clock,
    dataDir: DIR,
    configHash: "c".repeat(64),
    gitCommit: "dev",
    appVersion: "0.1.0",
    serverOffsetMs: () => -12,
    onDefect: (message) => defects.push(message),
    onHealth: () => {},
    ...change,
  });
  return { log, defects, clock };
}

function linesOf(files: FaultFiles): LedgerLine[] {
  return [...readTradeLog(files, DIR)].flatMap((item) => item.kind === "line" ? [item.line] : []);
}

Deno.test("[P-13] a closed trade is one line with exactly the fields of schema v1.0, in their order", () => {
  const files = new FaultFiles();
  const { log, defects } = open(files);
  log.write(trade(1), 17);
  assert.deepEqual(defects, []);
  const text = files.readText(FIRST);
  assert.equal(text.split("\n").length, 2);
  const fields = JSON.parse(text);
  assert.deepEqual(Object.keys(fields), [
    ...["trade_id", "signal_id", "order_ids", "order_link_ids"],
    ...["direction", "contracts", "entry_price_avg", "exit_price_avg", "opened_at_ms", "closed_at_ms", "exit_reason"],
    ...["entry_stage", "policy_version", "stop_distance_pct", "stop_price", "max_loss_sats", "r_multiple", "fills"],
    ...["slippage_usd", "latency_ms", "naked_ms", "uncovered_ms", "mark_price", "index_price", "funding_rate"],
    ...["best_bid", "best_ask", "spread", "market_regime", "gross_pnl_sats", "fees_sats", "funding_sats"],
    ...["net_pnl_sats", "net_pnl_usd", "equity_before_sats", "equity_after_sats", "fee_ratio", "gate_results"],
    ...["schema_version", "config_hash", "git_commit", "app_version", "exchange_server_time_offset_ms"],
    ...["journal_seq", "prev_hash", "hash"],
  ]);
  assert.deepEqual([fields.schema_version, fields.journal_seq, fields.exchange_server_time_offset_ms], [
    "1.0",
    17,
    -12,
  ]);
});

Deno.test("[P-13] each required field missing is refused, on write and on read", () => {
  const files = new FaultFiles();
  const { log } = open(files);
  log.write(trade(1), 17);
  log.write(adjustment(DAY + 1), 18);
  const [good, late] = linesOf(files);
  for (const [line, schema] of [[good, tradeLine], [late, adjustmentLine]] as const) {
    for (const name of Object.keys(schema.shape).filter((name) => name !== "arm")) {
      const rest: Record<string, unknown> = { ...line };
      delete rest[name];
      assert.equal(typeof parseLedgerLine(rest), "string", `${name} may not be missing`);
    }
    assert.equal(typeof parseLedgerLine({ ...line, more: 1 }), "string", "nor may one be added");
  }
  const required = Object.keys(trade(1)).filter((name) => name !== "type");
  for (const name of required) {
    const { log: other, defects } = open(new FaultFiles());
    other.write({ ...trade(1), [name]: undefined }, 17);
    assert.equal(defects.length, 1, name);
    assert.match(defects[0] ?? "", new RegExp(`Trade log refuses .*${name}`));
  }
});

Deno.test("[P-13 F-4.3] a trade whose executions the venue never told is logged without fills, and says who decided it", () => {
  const files = new FaultFiles();
  const { log, defects } = open(files);
  log.write(trade(1, { fills: [] }), 17);
  assert.deepEqual([defects, linesOf(files).length], [[], 1]);
  assert.match(recordFault(trade(1, { policy_version: "" })) ?? "", /^policy_version: /);
  assert.equal(recordFault(adjustment(DAY + 1)), null);
});

Deno.test("[P-13] a refused record leaves no line and does not break the chain", () => {
  const files = new FaultFiles();
  const { log, defects } = open(files);
  log.write(trade(1), 17);
  log.write(trade(2, { net_pnl_sats: NaN }), 18);
  log.write(trade(3), 19);
  assert.equal(defects.length, 1);
  assert.deepEqual(verifyTradeLog(files, DIR), { lines: 2, faults: [] });
});

Deno.test("[P-13] daily files in one chain; a late record goes to the newest file", () => {
  const files = new FaultFiles();
  const { log } = open(files);
  log.write(trade(1), 1);
  log.write(trade(30), 2);
  log.write(adjustment(DAY + DAY_MS - 1), 3);
  assert.deepEqual(files.list("data/trades"), ["trades-2026-01-05.jsonl", "trades-2026-01-06.jsonl"]);
  assert.equal(linesOf(files).length, 3);
  assert.deepEqual(verifyTradeLog(files, DIR), { lines: 3, faults: [] });
});

Deno.test("[P-13] any edited byte of the trade log is named by its line", () => {
  const files = new FaultFiles();
  const { log } = open(files);
  for (let n = 1; n <= 3; n += 1) log.write(trade(n), n);
  const { bytes } = files.files.get(FIRST)!;
  const second = bytes.indexOf(10) + 1;
  const third = bytes.indexOf(10, second) + 1;
  for (let at = second; at < third - 1; at += 1) {
    const edited = files.copy();
    const changed = bytes.slice();
    changed[at] = bytes[at]! ^ 1;
    edited.files.set(FIRST, { bytes: changed, synced: changed.length });
    assert.match(verifyTradeLog(edited, DIR).faults[0] ?? "", /^line 2 of/, `byte ${at}`);
  }
});

Deno.test("[P-14] the trade log cuts a torn last line and goes on; writing again what it has changes nothing", () => {
  const files = new FaultFiles();
  const { log } = open(files);
  log.write(trade(1), 5);
  log.write(trade(2), 9);
  log.write(adjustment(DAY + 7_200_000), 9);
  log.close();
  const torn = files.copy();
  torn.truncate(FIRST, torn.readBytes(FIRST).length - 30);
  const { log: again } = open(torn);
  again.catchUp([
    { seq: 5, record: trade(1) },
    { seq: 9, record: trade(2) },
    { seq: 9, record: adjustment(DAY + 7_200_000) },
    { seq: 12, record: trade(3) },
  ]);
  assert.deepEqual(linesOf(torn).map((line) => line.journal_seq), [5, 9, 9, 12]);
  assert.deepEqual(verifyTradeLog(torn, DIR), { lines: 4, faults: [] });
});

Deno.test("[P-14] the trade log waits out a full disk and writes what it owes", () => {
  const files = new FaultFiles();
  const { log, clock } = open(files);
  log.write(trade(1), 1);
  files.fault = (call) => {
    if (call.op === "write") throw new Error("ENOSPC");
  };
  log.write(trade(2), 2);
  log.write(trade(3), 3);
  assert.equal(log.healthy(), false);
  files.fault = null;
  clock.pass(1_000);
  assert.deepEqual(verifyTradeLog(files, DIR), { lines: 3, faults: [] });
});

Deno.test("[P-13] [F-11.9] the first file of the trade log cannot be opened: its lines wait for it, whatever call fails", () => {
  for (const refused of ["makeDirectory", "openAppend", "write", "sync"]) {
    const files = new FaultFiles();
    const { log, clock } = open(files);
    files.fault = (call) => {
      if (call.op === refused) throw new Error("ENOSPC");
    };
    log.write(trade(1), 1);
    log.write(trade(2), 2);
    clock.pass(3_000);
    files.fault = null;
    clock.pass(1_000);
    log.write(trade(3), 3);
    assert.deepEqual(verifyTradeLog(files, DIR), { lines: 3, faults: [] }, refused);
    assert.equal(log.healthy(), true);
  }
});

Deno.test("[P-13] sum of the log = wallet change", () => {
  const files = new FaultFiles();
  const { log } = open(files);
  log.write(trade(1), 1);
  log.write(trade(2), 2);
  log.write(adjustment(DAY + 8_000_000), 3);
  const ledger = { lines: linesOf(files), cashFlowsPico: [5_000_000], walletBeforePico: 1_000_000_000 };
  const walletAfterPico = 1_000_000_000 + 5_000_000 + 2 * 13_110_194 - 125_000;
  const check = checkLedger({ ...ledger, walletAfterPico });
  assert.deepEqual([check.differencePico, check.faults, check.trades, check.adjustments], [0, [], 2, 1]);
  assert.match(ledgerText(check).at(-1) ?? "", /^ledger holds: 2 trades, 1 adjustments/);
  const wrong = checkLedger({ ...ledger, walletAfterPico: walletAfterPico - 1 });
  assert.equal(wrong.differencePico, -1);
  assert.match(ledgerText(wrong).at(-1) ?? "", /^LEDGER DIFFERS by -0\.000000000001 BTC/);
});

Deno.test("[P-13] a line whose own figures do not add up is named", () => {
  const files = new FaultFiles();
  const { log } = open(files);
  log.write(trade(1, { net_pnl_sats: 1 }), 1);
  log.write(trade(2, { fees_sats: 66, net_pnl_sats: 1_311.4105 }), 2);
  const check = checkLedger({ lines: linesOf(files), cashFlowsPico: [], walletBeforePico: 0, walletAfterPico: 0 });
  assert.deepEqual(check.faults, [
    "trade t1: net_pnl_sats is not gross − fees − funding",
    "trade t2: fees_sats is not the sum of its fills",
  ]);
});

Deno.test("[P-13] CSV has one row a line and quotes what needs it", () => {
  const files = new FaultFiles();
  const { log } = open(files);
  log.write(trade(1, { signal_id: 'a "b", c' }), 1);
  log.write(adjustment(DAY + 1), 2);
  const rows = tradeLogCsv(linesOf(files)).split("\r\n");
  assert.equal(rows.length, 4);
  assert.match(rows[0] ?? "", /^type,trade_id,signal_id,.*,hash,exec_id,at$/);
  assert.match(rows[1] ?? "", /,"a ""b"", c",/);
  assert.match(rows[2] ?? "", /^adjustment,t1,/);
  const columns = rows[0]?.split(",").length;
  assert.equal(rows[2]?.split(",").length, columns);
});

Deno.test("[L-6.1] a trade's line may name the arm of an experiment, and only A or B", () => {
  const files = new FaultFiles();
  const { log } = open(files);
  log.write(trade(1, { arm: "B" }), 17);
  const [line] = linesOf(files);
  assert.ok(line !== undefined && "arm" in line && line.arm === "B");
  assert.equal(typeof parseLedgerLine(line), "object");
  assert.equal(typeof parseLedgerLine({ ...line, arm: "C" }), "string");
});
