import type { BlockReason } from "../../domain/halts_and_blocks.ts";
import type { IntentOf } from "../../domain/intent.ts";
import type { ChangeRecord, EvaluationRecord, JournalRecord, PublicWord, TradeRecord } from "../../domain/records.ts";
import type { JournalLine, Violation } from "../types.ts";
import { recordFault } from "../../infrastructure/storage/trades/trade_schema.ts";

/** F-1.2. `flat>position` is adoption, judged apart (F-1.26, F-11.5). */
const EDGES = new Set([
  "flat>entry",
  "entry>position",
  "entry>flat",
  "position>exit",
  "position>flat",
  "exit>flat",
  "exit>position",
]);
/** Blocks under which no entry may leave although the word is unchanged (F-1.6). */
const SILENT_BLOCKS: ReadonlySet<string> = new Set(
  [
    "reconnect_loop",
    "order_cleanup",
    "latency",
    "degraded",
    "market_data_stale",
    "ip_banned",
    "instrument",
    "ws_recovery",
    "taker_failed",
    "stage_flap",
    "reconcile",
    "journal_lag",
    "key_expiry",
    "shutdown",
  ] satisfies readonly BlockReason[],
);

/** Words that name a halt as well as a block; under HALT they name the halt. */
const ALSO_HALTS: ReadonlySet<string> = new Set(["ip_banned", "instrument"]);

export type LidEntry = { readonly reason: string; readonly at: number };

/** What the journal says about words, lids, entries, and the quantity its executions add up to. */
export class JournalWatch {
  word: PublicWord = "FLAT";
  phase = "flat";
  /** Journal time of the last change of phase. */
  phaseSince = 0;
  haltReason: string | null = null;
  /** Σ signed contracts of the executions the journal holds. */
  net = 0;
  lastAt = 0;
  lastEvaluationAt = 0;
  readonly blocks = new Map<string, number>();
  readonly halts: LidEntry[] = [];
  readonly cooldowns: LidEntry[] = [];
  recordedSat = 0;
  externalPico = 0;
  readonly #say: (violation: Violation) => void;
  readonly #onTrade: (trade: TradeRecord) => void;
  readonly #seen = new Set<string>();
  #fresh = true;
  #resuming = false;
  readonly #dying: JournalLine[] = [];
  readonly #lies = new Set<string>();
  /** The entry that left last. */
  #lastEntry: string | null = null;
  #booked: { readonly seq: number; readonly sat: number; readonly pico: number }[] = [];

  constructor(say: (violation: Violation) => void, onTrade: (trade: TradeRecord) => void) {
    this.#say = say;
    this.#onTrade = onTrade;
  }

  /** A line of a process that died in the same task; whether it is in the file shows when the next one begins. */
  onDying(line: JournalLine): void {
    this.#dying.push(line);
  }

  /** An execution that the wire made up: no quantity (F-4.3). */
  lie(execId: string): void {
    this.#lies.add(execId);
  }

  on(line: JournalLine): void {
    if (this.#resuming) this.#resume(line.seq);
    this.#take(line);
  }

  /** The first record after a restart tells what the file kept: everything before it, nothing from it on (F-11.1). */
  #resume(seq: number): void {
    this.#resuming = false;
    for (const line of this.#dying.splice(0)) if (line.seq < seq) this.#take(line);
    for (const lost of this.#booked.filter((booked) => booked.seq >= seq)) {
      this.recordedSat -= lost.sat;
      this.externalPico -= lost.pico;
    }
    this.#booked = this.#booked.filter((booked) => booked.seq < seq);
  }

  #book(seq: number, of: { readonly sat: number; readonly pico: number }): void {
    this.recordedSat += of.sat;
    this.externalPico += of.pico;
    this.#booked.push({ seq, ...of });
    if (this.#booked.length > 200) this.#booked.splice(0, 100);
  }

  #take(line: JournalLine): void {
    const { event } = line;
    this.lastAt = event.at;
    if (event.kind === "Executed") this.#executed(event.execution);
    if (!line.intents.some((intent) => intent.kind === "Record" || intent.kind === "PlaceEntry")) return;
    const records = line.intents.flatMap((intent) => (intent.kind === "Record" ? [intent.record] : []));
    const phaseBefore = this.phase;
    for (const record of records) this.#record(record, line);
    for (const intent of line.intents) {
      if (intent.kind === "PlaceEntry") this.#entry(intent, { line, records, phaseBefore });
    }
  }

  #executed(execution: Extract<JournalLine["event"], { kind: "Executed" }>["execution"]): void {
    if (execution.execType === "Funding" || this.#seen.has(execution.execId)) return;
    if (this.#lies.has(execution.execId)) return;
    // Of an unknown kind and of no named order: cash or quantity, nobody knows (F-4.8).
    if (typeof execution.execType !== "string" && execution.orderLinkId === null) return;
    this.#seen.add(execution.execId);
    if (this.#seen.size > 5_000) this.#forget();
    this.net += execution.side === "Buy" ? execution.contracts : -execution.contracts;
  }
  #forget(): void {
    let left = 1_000;
    for (const id of this.#seen) {
      this.#seen.delete(id);
      if (--left === 0) return;
    }
  }

  #record(record: JournalRecord, line: JournalLine): void {
    switch (record.type) {
      case "change":
        return this.#change(record, line);
      case "snapshot": {
        const list = record.lid === "HALT" ? this.halts : this.cooldowns;
        list.push({ reason: record.reason, at: record.at });
        if (record.lid === "HALT") this.haltReason = record.reason;
        return;
      }
      case "evaluation":
        this.lastEvaluationAt = record.at;
        return;
      case "cash_flow":
        return this.#book(line.seq, { sat: 0, pico: record.amountPico });
      case "adjustment":
        this.#fits(record);
        return this.#book(line.seq, { sat: record.gross_pnl_sats - record.fees_sats - record.funding_sats, pico: 0 });
      case "trade":
        this.#fits(record);
        this.#book(line.seq, { sat: record.net_pnl_sats, pico: 0 });
        return this.#onTrade(record);
      default: {
        const never: never = record;
        return never;
      }
    }
  }

  /** P-13: a record that the trade log refuses is a trade nobody ever sees. */
  #fits(record: Extract<JournalRecord, { type: "trade" | "adjustment" }>): void {
    const fault = recordFault(record);
    if (fault === null) return;
    const detail = `the trade log refuses ${record.type} ${record.trade_id}: ${fault}`;
    this.#say({ check: "trade_record", rule: "P-13", at: this.lastAt, detail });
  }

  #change(change: ChangeRecord, line: JournalLine): void {
    for (const word of change.cause.split(/[,;|]\s*/)) {
      const over = word.endsWith(" over");
      const reason = over ? word.slice(0, -" over".length) : word;
      if (over) this.blocks.delete(reason);
      else if (change.wordAfter === "HALT" && ALSO_HALTS.has(reason)) continue;
      else if (SILENT_BLOCKS.has(reason) || reason === "starting") this.blocks.set(reason, change.at);
    }
    if (change.wordBefore === "HALT" && change.wordAfter !== "HALT") this.#left(change, line);
    if (change.phaseBefore !== this.phase) this.#jumped(change);
    if (change.phaseBefore !== change.phaseAfter) this.#edge(change, line);
    this.word = change.wordAfter;
    this.#fresh = false;
  }

  /** A process began: its first change of record tells where it stands. */
  restarted(): void {
    this.#fresh = true;
    this.#resuming = true;
  }

  #left(change: ChangeRecord, line: JournalLine): void {
    this.haltReason = null;
    if (line.event.kind === "OperatorCommand" && line.event.command === "reset") return;
    const detail = `HALT became ${change.wordAfter} on ${line.event.kind}, without a reset`;
    this.#say({ check: "halt_left", rule: "F-1.2", at: change.at, detail });
  }

  /** After a restart the phase is what recovery made of the file; else it moves by records only (F-1.5). */
  #jumped(change: ChangeRecord): void {
    if (!this.#fresh) {
      const detail = `${change.phaseBefore} although the journal stood at ${this.phase}`;
      this.#say({ check: "edge", rule: "F-1.5", at: change.at, detail });
    }
    this.phase = change.phaseBefore;
    this.phaseSince = change.at;
  }

  #edge(change: ChangeRecord, line: JournalLine): void {
    const edge = `${change.phaseBefore}>${change.phaseAfter}`;
    const adopted = edge === "flat>position" && (change.wordAfter === "HALT" || this.#isLateFill(line));
    if (!EDGES.has(edge) && !adopted) {
      const detail = `${edge} (${change.wordAfter}) for ${change.cause}`;
      this.#say({ check: "edge", rule: "F-1.2", at: change.at, detail });
    }
    this.phase = change.phaseAfter;
    this.phaseSince = change.at;
  }

  /** F-1.26: a fill of the last own entry that comes when its trade is over already opens the next one. */
  #isLateFill({ event }: JournalLine): boolean {
    if (event.kind === "Executed") return event.execution.orderLinkId === this.#lastEntry;
    return event.kind === "OrderSeen" && event.order.orderLinkId === this.#lastEntry && event.order.cumExecQty > 0;
  }

  /** An entry leaves only from flat, without lid or block, through all gates with a record (F-2, P-4). */
  #entry(
    entry: IntentOf<"PlaceEntry">,
    step: { readonly line: JournalLine; readonly records: readonly JournalRecord[]; readonly phaseBefore: string },
  ): void {
    const { at } = step.line.event;
    const id = entry.ticket.orderLinkId;
    this.#lastEntry = id;
    const forbid = (why: string) =>
      this.#say({ check: "forbidden_entry", rule: "F-2", at, detail: `${id} left ${why}` });
    if (this.word !== "ENTRY_PENDING") forbid(`under ${this.word}`);
    if (step.phaseBefore !== "flat") forbid(`in phase ${step.phaseBefore}`);
    for (const reason of this.blocks.keys()) forbid(`under the block ${reason}`);
    const passed = step.records.find((record): record is EvaluationRecord =>
      record.type === "evaluation" && record.refusal === null
    );
    if (passed === undefined || passed.signal === null || passed.gates.length < 8) {
      this.#say({ check: "ungated_entry", rule: "P-4", at, detail: `${id} without a full evaluation` });
    } else if (passed.gates.some((gate) => gate.code !== null)) {
      const codes = passed.gates.flatMap((gate) => (gate.code === null ? [] : [gate.code])).join(", ");
      this.#say({ check: "ungated_entry", rule: "P-4", at, detail: `${id} although refused by ${codes}` });
    }
  }
}
