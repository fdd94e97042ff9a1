/** Everything the page knows, followed in one data directory (M-2.3, M-2.4). */
import { gunzipSync } from "node:zlib";
import { messageOf } from "../../../common/text.ts";
import { isMonthFile, readAlertLine } from "../../../infrastructure/logging/alert_line.ts";
import {
  type HistoryDay,
  historyDays,
  historyDir,
  historyFile,
} from "../../../infrastructure/storage/history/history_files.ts";
import { type HistoryLine, parseHistoryLine } from "../../../infrastructure/storage/history/history_schema.ts";
import { readStatus, type Status, STATUS_SCHEMA, statusFile } from "../../../views/status.ts";
import { type AlertRow, alertRow, type AuditRow, auditRow, type TradeRow, tradeRow } from "./rows.ts";
import { type Delivery, readDeliveries } from "./deliveries.ts";
import { HistoryStore } from "./history_store.ts";
import { type ReadSeam, TailFile, TailFolder } from "./tail.ts";

const ALERTS_KEPT = 200;
const AUDIT_KEPT = 5_000;
/** The file may be replaced by a longer one between a look and the reading: it is read to its end. */
const MOST_STATUS = 1_000_000;

/** What is in `status.json`, and when it last changed by this machine's clock. */
export type Seen =
  | { readonly kind: "status"; readonly status: Status; readonly heardAt: number }
  | { readonly kind: "none"; readonly sentence: string };

export type DataDirectoryOptions = {
  readonly seam: ReadSeam;
  readonly dataDir: string;
  /** Wall clock, UTC ms. */
  readonly now: () => number;
};

/** A data directory that is followed. `poll` never throws: what cannot be read becomes a sentence. */
export class DataDirectory {
  readonly #options: DataDirectoryOptions;
  readonly history = new HistoryStore();
  trades: readonly TradeRow[] = [];
  alerts: readonly AlertRow[] = [];
  audit: readonly AuditRow[] = [];
  deliveries: readonly Delivery[] = [];
  /** Halts since the first audit line, by reason. */
  halts: ReadonlyMap<string, number> = new Map();
  #seen: Seen;
  #status: { readonly size: number; readonly inode: number | null; readonly modifiedAt: number } | null = null;
  #account: string | null = null;
  readonly #notes = new Map<string, string>();
  readonly #trades: TailFolder;
  readonly #alerts: TailFolder;
  readonly #audit: TailFolder;
  #today: { readonly name: string; readonly tail: TailFile } | null = null;
  #older: HistoryDay[] = [];
  #polls = 0;
  /** Grows whenever something besides the status changed. */
  version = 0;

  constructor(options: DataDirectoryOptions) {
    this.#options = options;
    const { seam, dataDir } = options;
    this.#seen = { kind: "none", sentence: `No bot has run in ${dataDir} yet.` };
    this.#trades = new TailFolder(seam, `${dataDir}/trades`, (name) => /^trades-[\d-]{10}\.jsonl$/.test(name));
    this.#alerts = new TailFolder(seam, `${dataDir}/alerts`, isMonthFile);
    this.#audit = new TailFolder(seam, `${dataDir}/audit`, (name) => /^audit-[\d-]{10}\.jsonl$/.test(name));
  }

  seen(): Seen {
    return this.#seen;
  }
  /** What could not be read, one sentence each. */
  notes(): readonly string[] {
    return [...this.#notes.values()];
  }
  /** Days of history still to be read. */
  waitingDays(): number {
    return this.#older.length;
  }

  poll(): void {
    this.#guarded("status", () => this.#pollStatus());
    this.#guarded("history", () => this.#pollHistory());
    this.#guarded("trades", () => this.#pollTrades());
    this.#guarded("alerts", () => this.#pollAlerts());
    this.#guarded("audit", () => this.#pollAudit());
    if (this.#polls % 4 === 0) this.#guarded("state of the notifier", () => this.#pollDeliveries());
    this.#polls += 1;
  }

  /** Reads one older day of history; false when none is left. */
  readOlderDay(): boolean {
    const day = this.#older.pop();
    if (day === undefined) return false;
    this.#guarded(`history of ${day.day}`, () => {
      this.history.prepend(this.#linesOf(day));
      this.version += 1;
    });
    return true;
  }

  #guarded(what: string, act: () => void): void {
    try {
      act();
      if (this.#notes.delete(what)) this.version += 1;
    } catch (error) {
      const sentence = `The ${what} cannot be read: ${messageOf(error)}.`;
      if (this.#notes.get(what) !== sentence) this.version += 1;
      this.#notes.set(what, sentence);
      if (what === "status") this.#none(sentence);
    }
  }

  #none(sentence: string): void {
    this.#seen = { kind: "none", sentence };
    this.#status = null;
  }

  #pollStatus(): void {
    const { seam, dataDir, now } = this.#options;
    const path = statusFile(dataDir);
    const facts = seam.stat(path);
    if (facts === null) {
      const there = seam.stat(dataDir) !== null;
      return this.#none(there ? `No bot has run in ${dataDir} yet.` : `There is no folder ${dataDir}.`);
    }
    const old = this.#status;
    if (old !== null && old.inode === facts.inode && old.modifiedAt === facts.modifiedAt && old.size === facts.size) {
      return;
    }
    const read = readStatus(new TextDecoder().decode(seam.read(path, 0, MOST_STATUS)));
    if (read.kind === "version") {
      const versions = `this page reads version ${STATUS_SCHEMA}, the file is of version ${read.found}`;
      return this.#none(`The bot's status is of another program: ${versions}. Use the monitor that came with the bot.`);
    }
    if (read.kind === "unreadable") return this.#none(`The bot's status cannot be read: ${read.why}.`);
    const { status } = read;
    // What was there at the start may be old: its file says when it was written.
    const heardAt = old === null ? Math.min(now(), facts.modifiedAt) : now();
    this.#status = facts;
    this.#seen = { kind: "status", status, heardAt };
    if (this.#account !== null && this.#account !== status.account_uid) this.#restart();
    this.#account = status.account_uid;
  }

  /** Another bot's data: nothing of the former one is shown beside it. */
  #restart(): void {
    this.history.clear();
    this.#today = null;
    this.#older = [];
    this.version += 1;
  }

  #linesOf(day: HistoryDay): readonly HistoryLine[] {
    const { seam, dataDir } = this.#options;
    const path = `${historyDir(dataDir)}/${historyFile(day)}`;
    const bytes = seam.read(path, 0, seam.stat(path)?.size ?? 0);
    const text = new TextDecoder().decode(day.packed ? gunzipSync(bytes) : bytes);
    return this.#parsed(text.split("\n").slice(0, -1));
  }

  #parsed(lines: readonly string[]): readonly HistoryLine[] {
    const found: HistoryLine[] = [];
    let [foreign, broken] = [0, 0];
    for (const text of lines) {
      const line = parseHistoryLine(text);
      if (line === "version") foreign += 1;
      else if (line === null) broken += 1;
      else found.push(line);
    }
    if (foreign > 0) {
      this.#notes.set("history lines", "Some of the history was written by another version and is left out.");
    }
    if (broken > 0) this.#notes.set("history damage", "Some lines of the history are damaged and left out.");
    return found;
  }

  #historyDays(): readonly HistoryDay[] {
    const { seam, dataDir } = this.#options;
    const directory = historyDir(dataDir);
    return seam.stat(directory) === null ? [] : historyDays(seam.list(directory));
  }

  #followDay(day: HistoryDay): void {
    const { seam, dataDir } = this.#options;
    const name = historyFile(day);
    this.#today = { name, tail: new TailFile(seam, `${historyDir(dataDir)}/${name}`) };
  }

  #pollHistory(): void {
    if (this.#today === null) {
      const days = this.#historyDays();
      const newest = days.at(-1);
      if (newest === undefined) return;
      this.#older = days.slice(0, -1);
      this.#followDay(newest);
      this.readOlderDay();
    } else if (this.#polls % 4 === 0) this.#turnDay();
    this.#take();
  }

  /** Goes on with the next day's file once it is there; false = there is none. */
  #turnDay(): boolean {
    const newest = this.#historyDays().at(-1);
    if (newest === undefined || this.#today === null || historyFile(newest) <= this.#today.name) return false;
    this.#take();
    this.#followDay(newest);
    return true;
  }

  #take(): void {
    if (this.#today === null) return;
    const { lines, reset } = this.#today.tail.poll();
    if (reset) {
      // A day that was packed after its end has a successor; else the folder was replaced, cut or emptied, and what is
      // on disk now is what counts.
      if (lines.length > 0 || !this.#turnDay()) this.#restart();
      return;
    }
    for (const line of this.#parsed(lines)) this.history.add(line);
    if (lines.length > 0) this.version += 1;
  }

  #pollTrades(): void {
    const { lines, reset } = this.#trades.poll();
    if (lines.length === 0 && !reset) return;
    const rows = reset ? [] : [...this.trades];
    let broken = 0;
    for (const text of lines) {
      const row = tradeRow(text);
      if (row === null) broken += 1;
      else if (row !== "adjustment") rows.push(row);
    }
    if (broken > 0) this.#notes.set("trade lines", `${broken} lines of the trade log cannot be read and are left out.`);
    this.trades = rows;
    this.version += 1;
  }

  #pollDeliveries(): void {
    const { seam, dataDir } = this.#options;
    this.deliveries = readDeliveries(seam, dataDir);
  }

  #pollAlerts(): void {
    const { lines, reset } = this.#alerts.poll();
    if (lines.length === 0 && !reset) return;
    const rows = reset ? [] : [...this.alerts];
    for (const text of lines) {
      const read = readAlertLine(text);
      if (read.kind === "alert") rows.push(alertRow(read.line));
      else this.#notes.set("alert lines", "Some alerts cannot be read and are left out.");
    }
    this.alerts = rows.slice(-ALERTS_KEPT);
    this.version += 1;
  }

  #pollAudit(): void {
    const { lines, reset } = this.#audit.poll();
    if (lines.length === 0 && !reset) return;
    const rows = reset ? [] : [...this.audit];
    const halts = new Map(reset ? [] : this.halts);
    for (const text of lines) {
      const row = auditRow(text);
      if (row === null) continue;
      rows.push(row);
      if (row.kind === "halt") halts.set(row.code, (halts.get(row.code) ?? 0) + 1);
    }
    this.audit = rows.slice(-AUDIT_KEPT);
    this.halts = halts;
    this.version += 1;
  }
}
