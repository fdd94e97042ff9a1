import type { ClockSeam, FileSeam } from "../../application/engine/ports.ts";
import type { EpochMs } from "../../domain/units.ts";
import { parseObject } from "../../common/json.ts";
import { AppendLog } from "./append_log.ts";
import type { Redactor } from "./redactor.ts";

export type AlertSeverity = "info" | "warning" | "critical";
/** One line of the outbox `alerts.jsonl`, from which notifiers read. */
export type AlertLine = {
  readonly at: EpochMs;
  readonly severity: AlertSeverity;
  readonly code: string;
  readonly reason: string;
  readonly context: Readonly<Record<string, unknown>>;
  /** Head of the journal when the alert was raised: what it can be checked against. */
  readonly journal_head: string;
};

export type AlertOutbox = {
  raise(alert: Omit<AlertLine, "journal_head">): void;
  close(): boolean;
};

/**
 * The append-only outbox of alerts. A critical alert also goes to stderr at once, and every alert does while the disk is
 * away (F-11.9).
 */
export function openAlerts(options: {
  readonly files: FileSeam;
  readonly clock: ClockSeam;
  readonly dataDir: string;
  readonly redactor: Redactor;
  readonly journalHead: () => string;
  readonly stderr: (line: string) => void;
}): AlertOutbox {
  const log = new AppendLog({
    files: options.files,
    clock: options.clock,
    directory: options.dataDir,
    onHealth: (health) => {
      if (health.state === "failed") options.stderr(`Cannot write alerts.jsonl: ${health.detail}`);
    },
  });
  return {
    raise(alert) {
      const line = options.redactor.redact(JSON.stringify({ ...alert, journal_head: options.journalHead() }));
      if (alert.severity === "critical" || !log.healthy()) options.stderr(line);
      log.write(line, { file: "alerts.jsonl", critical: alert.severity === "critical" });
    },
    close: () => log.close(),
  };
}

/** The alerts of an outbox, oldest first; what is no alert is left out and counted. */
export function readAlerts(
  files: FileSeam,
  dataDir: string,
): { readonly alerts: readonly Readonly<Record<string, unknown>>[]; readonly unreadable: number } {
  const path = `${dataDir}/alerts.jsonl`;
  if (!files.exists(path)) return { alerts: [], unreadable: 0 };
  const lines = files.readText(path).split("\n").filter((line) => line !== "");
  const alerts = lines.flatMap((line) => {
    const fields = parseObject(line);
    return fields === null || typeof fields["code"] !== "string" ? [] : [fields];
  });
  return { alerts, unreadable: lines.length - alerts.length };
}
