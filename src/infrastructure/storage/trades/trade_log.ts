import type { AppendFile, ClockSeam, FileSeam } from "../../../application/engine/ports.ts";
import type { AdjustmentRecord, JournalRecord, TradeRecord } from "../../../domain/records.ts";
import { type Health, LineWriter, SYNC_POLICY, type SyncPolicy } from "../log_storage.ts";
import { chainHash, encodeLine, GENESIS } from "../journal/record_codec.ts";
import { lastLedgerState, tradeDir, tradeFile, tradeFiles } from "./trade_reader.ts";
import { coreFields, parseLedgerLine, TRADE_SCHEMA } from "./trade_schema.ts";

export type TradeLogOptions = {
  readonly files: FileSeam;
  readonly clock: ClockSeam;
  readonly dataDir: string;
  /** SHA-256 of the effective configuration's JSON. */
  readonly configHash: string;
  readonly gitCommit: string;
  readonly appVersion: string;
  /** Local minus server clock, ms. */
  readonly serverOffsetMs: () => number;
  /** A record that is no valid line: loud in tests, a defect in the log in production (P-13). Never thrown at trading. */
  readonly onDefect: (message: string) => void;
  readonly onHealth: (health: Health) => void;
  readonly policy?: SyncPolicy;
};

type Kept = TradeRecord | AdjustmentRecord;

/** The trade log v1.0 (P-13): daily files, hash-chained, one line per closed trade or adjustment. */
export class TradeLog {
  readonly #options: TradeLogOptions;
  readonly #writer: LineWriter;
  #day: string;
  #head: string;
  #seq: number;
  #seen: Set<string>;
  #open = false;

  /** Cuts a torn last line. Throws what the file seam throws; a folder that cannot be made yet is no reason to. */
  constructor(options: TradeLogOptions) {
    this.#options = options;
    const { files, dataDir } = options;
    const last = lastLedgerState(files, dataDir);
    this.#day = tradeFiles(files, dataDir).at(-1)?.day ?? "";
    this.#head = last?.hash ?? GENESIS;
    this.#seq = last?.seq ?? 0;
    this.#seen = new Set(last?.keys);
    this.#writer = new LineWriter({
      files,
      clock: options.clock,
      policy: options.policy ?? SYNC_POLICY,
      onHealth: options.onHealth,
      onLost: () => this.#attach(this.#day),
    });
  }

  /** Keeps a trade or an adjustment; other records are not for this log. Writing one twice changes nothing. */
  write(record: JournalRecord, seq: number): void {
    if (record.type !== "trade" && record.type !== "adjustment") return;
    const key = keyOf(record);
    if (seq < this.#seq || (seq === this.#seq && this.#seen.has(key))) return;
    const { configHash, gitCommit, appVersion, serverOffsetMs } = this.#options;
    const fields = {
      ...coreFields(record),
      schema_version: TRADE_SCHEMA,
      config_hash: configHash,
      git_commit: gitCommit,
      app_version: appVersion,
      exchange_server_time_offset_ms: serverOffsetMs(),
      journal_seq: seq,
      prev_hash: this.#head,
    };
    const body = JSON.stringify(fields).slice(0, -1);
    const hash = chainHash(this.#head, body);
    const checked = parseLedgerLine({ ...fields, hash });
    if (typeof checked === "string") return this.#options.onDefect(`Trade log refuses ${record.trade_id}: ${checked}`);
    this.#turnTo(dayOf(record));
    this.#head = hash;
    if (seq > this.#seq) this.#seen = new Set();
    this.#seq = seq;
    this.#seen.add(key);
    this.#writer.write(encodeLine(body, { hash, stateHash: null }), true);
  }

  /** Writes what a crash kept from this log although the journal has it (`Recovered.records`). */
  catchUp(records: readonly { readonly seq: number; readonly record: JournalRecord }[]): void {
    for (const { seq, record } of records) this.write(record, seq);
  }

  healthy(): boolean {
    return this.#writer.healthy();
  }
  close(): boolean {
    return this.#writer.close();
  }

  /** Daily files by the day of the closing fill; a late record goes to the newest file, so that the chain is in order. */
  #turnTo(day: string): void {
    if (this.#open && day <= this.#day) return;
    const next = day > this.#day ? day : this.#day;
    if (this.#open && !this.#writer.flush()) return;
    // Before the first file is open there is none to go on in: the line waits for this one.
    if (!this.#open) this.#day = next;
    try {
      this.#attach(next);
      this.#day = next;
    } catch (error) {
      this.#writer.report(error);
    }
  }

  #attach(day: string): void {
    const { files, dataDir } = this.#options;
    files.makeDirectory(tradeDir(dataDir));
    const path = `${tradeDir(dataDir)}/${tradeFile(day)}`;
    const file: AppendFile = files.openAppend(path);
    this.#writer.attach(file, path);
    this.#open = true;
  }
}

function keyOf(record: Kept): string {
  return record.type === "trade" ? record.trade_id : `${record.trade_id}|${record.exec_id}`;
}

function dayOf(record: Kept): string {
  const at = record.type === "trade" ? record.closed_at_ms : record.at;
  return new Date(at).toISOString().slice(0, 10);
}
