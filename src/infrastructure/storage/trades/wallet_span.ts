import type { FileSeam } from "../../../application/engine/ports.ts";
import type { Event } from "../../../domain/events.ts";
import type { JournalRecord } from "../../../domain/records.ts";
import { readJournal, type RecordItem } from "../journal/journal_reader.ts";
import { checkLedger, type LedgerCheck } from "./wallet_identity.ts";
import { trustedSnapshots } from "../journal/mend.ts";
import { readTradeLog } from "./trade_reader.ts";
import type { LedgerLine } from "./trade_schema.ts";

/** A wallet is settled this long after the last fill, record or flow: a lagging read and late news are over (F-7.16). */
const SETTLED_MS = 90_000;

/** A settled wallet while nothing was open. Money in 10⁻¹² BTC. */
type Reading = { readonly seq: number; readonly walletPico: number };
type Flow = { readonly seq: number; readonly pico: number };

export type LedgerSpan =
  | { readonly kind: "checked"; readonly check: LedgerCheck }
  /** Nothing to compare yet; the reason in words. */
  | { readonly kind: "open"; readonly reason: string };

export type LedgerReport = {
  readonly span: LedgerSpan;
  /** Trades and adjustments the journal asked to keep. */
  readonly asked: number;
  /** Those that are not in the trade log, one text each. */
  readonly missing: readonly string[];
  /** Those that the next start writes: they stand behind the newest snapshot (`TradeLog.catchUp`). */
  readonly owed: readonly string[];
};

/**
 * The trade log against the journal: what is missing in it, and the ledger identity between the first and the last settled
 * wallet (P-13, F-7.16). Throws what files throw.
 */
export function ledgerOf(files: FileSeam, dataDir: string): LedgerReport {
  const walk = new Walk();
  for (const item of readJournal(files, { dataDir, from: null })) {
    if (item.kind === "segment") walk.begins(item.header.firstSeq);
    else if (item.kind === "record") walk.take(item);
    else break;
  }
  const lines: LedgerLine[] = [];
  for (const item of readTradeLog(files, dataDir)) if (item.kind === "line") lines.push(item.line);
  const kept = new Set(lines.map((line) => keyOf({ ...line, seq: line.journal_seq })));
  const snapshot = newestSnapshot(files, dataDir);
  const absent = walk.asked.filter((one) => !kept.has(keyOf(one)));
  const text = (one: Asked): string => `trade ${one.trade_id} of record ${one.seq}`;
  return {
    span: spanOf(walk, lines),
    asked: walk.asked.length,
    missing: absent.filter((one) => one.seq <= snapshot).map(text),
    owed: absent.filter((one) => one.seq > snapshot).map(text),
  };
}

type Asked = { readonly seq: number; readonly trade_id: string; readonly exec_id?: string };

function keyOf({ seq, trade_id: trade, exec_id: exec }: Asked): string {
  return `${seq}|${trade}|${exec ?? ""}`;
}

/** The record after which recovery begins; what stands behind it is written by the next start. */
function newestSnapshot(files: FileSeam, dataDir: string): number {
  for (const snapshot of trustedSnapshots(files, dataDir)) if (typeof snapshot !== "string") return snapshot.meta.seq;
  return Infinity;
}

function spanOf(walk: Walk, all: readonly LedgerLine[]): LedgerSpan {
  const { first, last } = walk;
  if (first === null || last === null || last.seq === first.seq) {
    return { kind: "open", reason: "the journal holds no two settled wallets without a position" };
  }
  const within = (seq: number): boolean => seq > first.seq && seq <= last.seq;
  const lines = all.filter((line) => within(line.journal_seq));
  const check = checkLedger({
    lines,
    cashFlowsPico: walk.flows.filter((flow) => within(flow.seq)).map((flow) => flow.pico),
    walletBeforePico: first.walletPico,
    walletAfterPico: last.walletPico,
  });
  return { kind: "checked", check };
}

class Walk {
  first: Reading | null = null;
  last: Reading | null = null;
  readonly flows: Flow[] = [];
  readonly asked: Asked[] = [];
  /** null = not known yet: the journal's older days are not kept. */
  #flat: boolean | null = null;
  #movedAt = -Infinity;
  #begun = false;

  /** An account is flat when its journal begins; a later beginning tells at the first change of phase. */
  begins(firstSeq: number): void {
    if (!this.#begun) this.#flat = firstSeq === 1 ? true : null;
    this.#begun = true;
  }

  take(item: RecordItem): void {
    const { event, seq } = item;
    if (event.kind === "Executed") this.#movedAt = event.at;
    if (item.intentsText?.includes('"Record"') === true) {
      for (const intent of item.intents) {
        if (intent.kind === "Record") this.#record(intent.record, { seq, at: event.at });
      }
    }
    const walletPico = walletOf(event);
    if (walletPico === null || this.#flat !== true || event.at - this.#movedAt < SETTLED_MS) return;
    this.last = { seq, walletPico };
    this.first ??= this.last;
  }

  #record(record: JournalRecord, from: { readonly seq: number; readonly at: number }): void {
    switch (record.type) {
      case "change":
        this.#flat = record.phaseAfter === "flat" || record.phaseAfter === "entry";
        if (record.phaseBefore !== record.phaseAfter) this.#movedAt = from.at;
        return;
      case "trade":
      case "adjustment": {
        const exec = record.type === "trade" ? {} : { exec_id: record.exec_id };
        this.asked.push({ seq: from.seq, trade_id: record.trade_id, ...exec });
        this.#movedAt = from.at;
        return;
      }
      case "cash_flow":
        this.#movedAt = from.at;
        this.flows.push({ seq: from.seq, pico: record.amountPico });
        return;
      case "evaluation":
      case "snapshot":
        return;
      default: {
        const never: never = record;
        return never;
      }
    }
  }
}

function walletOf(event: Event): number | null {
  switch (event.kind) {
    case "WalletSeen":
      return event.wallet.walletBalance;
    case "WalletAnswer":
      return event.result.kind === "wallet" ? event.result.wallet.walletBalance : null;
    default:
      return null;
  }
}
