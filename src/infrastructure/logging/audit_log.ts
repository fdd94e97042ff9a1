import { z } from "zod";
import type { ClockSeam, FileSeam } from "../../application/engine/ports.ts";
import type { JournalRecord } from "../../domain/records.ts";
import { AppendLog } from "./append_log.ts";
import type { Redactor } from "./redactor.ts";

/** Version of the audit lines (P-13). */
export const AUDIT_SCHEMA = "0";

const base = { audit_version: z.literal(AUDIT_SCHEMA), at: z.int().min(0), journal_seq: z.int().min(1) };
const entry = z.strictObject({
  kind: z.literal("entry"),
  ...base,
  signal_id: z.string().min(1),
  side: z.enum(["Buy", "Sell"]),
  gates: z.array(z.unknown()),
  sizing: z.record(z.string(), z.unknown()),
});
/** A signal that a gate or the size refused; `repeated` counts the same refusals since the line before. */
const refusal = z.strictObject({
  kind: z.literal("refusal"),
  ...base,
  signal_id: z.string().min(1),
  side: z.enum(["Buy", "Sell"]),
  code: z.string().min(1),
  repeated: z.int().min(0),
  /** What the refusing gate, or the sizing, judged by. */
  inputs: z.record(z.string(), z.union([z.number(), z.string(), z.boolean(), z.null()])),
});
const exit = z.strictObject({
  kind: z.literal("exit"),
  ...base,
  trade_id: z.string().min(1),
  reason: z.string().min(1),
  contracts: z.number(),
  net_pnl_sats: z.number(),
  r_multiple: z.number().nullable(),
});
const halt = z.strictObject({
  kind: z.literal("halt"),
  ...base,
  lid: z.enum(["HALT", "COOLDOWN"]),
  reason: z.string().min(1),
  context: z.record(z.string(), z.unknown()),
});
const metrics = z.strictObject({
  kind: z.literal("metrics"),
  ...base,
  closed: z.int().min(0),
  winrate_pct: z.number().nullable(),
  streak: z.int(),
  multiplier: z.number(),
});
const auditLine = z.discriminatedUnion("kind", [entry, refusal, exit, halt, metrics]);
export type AuditLine = z.infer<typeof auditLine>;
/** What a caller gives; the version is added. */
export type AuditFacts = AuditLine extends infer Line ? Line extends AuditLine ? Omit<Line, "audit_version"> : never
  : never;

/** The audit line of a record the core asked to keep: entry sent, signal refused, trade closed, HALT or COOLDOWN; null
 * for the others. */
export function auditOf(record: JournalRecord, seq: number): AuditFacts | null {
  switch (record.type) {
    case "evaluation": {
      if (record.signal === null) return null;
      const { signalId, side } = record.signal;
      const { at, gates, sizing, refusal: code, repeated } = record;
      if (code !== null) {
        const inputs = { ...(gates.find((gate) => gate.code === code)?.inputs ?? sizing) };
        return { kind: "refusal", at, journal_seq: seq, signal_id: signalId, side, code, repeated, inputs };
      }
      return {
        kind: "entry",
        at,
        journal_seq: seq,
        signal_id: signalId,
        side,
        gates: [...gates],
        sizing: { ...sizing },
      };
    }
    case "trade":
      return {
        kind: "exit",
        at: record.closed_at_ms,
        journal_seq: seq,
        trade_id: record.trade_id,
        reason: record.exit_reason,
        contracts: record.contracts,
        net_pnl_sats: record.net_pnl_sats,
        r_multiple: record.r_multiple,
      };
    case "snapshot": {
      const { at, lid, reason, context } = record;
      return { kind: "halt", at, journal_seq: seq, lid, reason, context: { ...context } };
    }
    case "change":
    case "cash_flow":
    case "adjustment":
      return null;
    default: {
      const never: never = record;
      return never;
    }
  }
}

export type AuditLog = {
  write(facts: AuditFacts): void;
  close(): boolean;
};

/**
 * Daily files of audit records (P-13). A record that does not fit its schema is a defect: `onDefect` throws in tests and
 * logs in production, where trading never waits on a log.
 */
export function openAuditLog(options: {
  readonly files: FileSeam;
  readonly clock: ClockSeam;
  readonly dataDir: string;
  readonly redactor: Redactor;
  readonly onDefect: (message: string) => void;
  readonly onTrouble: (line: string) => void;
}): AuditLog {
  const log = new AppendLog({
    files: options.files,
    clock: options.clock,
    directory: `${options.dataDir}/audit`,
    onHealth: (health) => {
      if (health.state === "failed") options.onTrouble(`Cannot write the audit log: ${health.detail}`);
    },
  });
  return {
    write(facts) {
      const found = auditLine.safeParse({ ...facts, audit_version: AUDIT_SCHEMA });
      if (!found.success) {
        const issues = found.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("; ");
        return options.onDefect(`Audit log refuses ${facts.kind}: ${issues}`);
      }
      const day = new Date(found.data.at).toISOString().slice(0, 10);
      const line = options.redactor.redact(JSON.stringify(found.data));
      log.write(line, { file: `audit-${day}.jsonl`, critical: facts.kind === "halt" });
    },
    close: () => log.close(),
  };
}
