import type { ClockSeam, FileSeam } from "../../application/engine/ports.ts";
import { type AlertFacts, alertText, isMonthFile, monthFile, oldestKept, readAlertLine } from "./alert_line.ts";
import { AppendLog } from "./append_log.ts";
import type { Redactor } from "./redactor.ts";

export type AlertOutbox = {
  raise(alert: Omit<AlertFacts, "journal_head">): void;
  close(): boolean;
};

/** Folder of the outbox below the data directory. */
export const ALERTS_FOLDER = "alerts";
/** The one file that held every alert before there was one a month. */
const OLD_FILE = "alerts.jsonl";

/**
 * The append-only outbox of alerts, one file a month (N-1.1). Nobody is waited for. A file that was renamed or deleted is
 * opened anew. A critical alert also goes to stderr at once, and every alert does while the disk is away (F-11.9).
 */
export function openAlerts(options: {
  readonly files: FileSeam;
  readonly clock: ClockSeam;
  readonly dataDir: string;
  readonly redactor: Redactor;
  readonly journalHead: () => string;
  /** Months kept besides the running one. */
  readonly keepMonths: number;
  readonly stderr: (line: string) => void;
}): AlertOutbox {
  const { files, dataDir, redactor, stderr } = options;
  const folder = `${dataDir}/${ALERTS_FOLDER}`;
  const log = new AppendLog({
    files,
    clock: options.clock,
    directory: folder,
    onHealth: (health) => {
      if (health.state === "failed") stderr(`Cannot write the alerts in ${folder}: ${health.detail}`);
    },
  });
  let month = "";
  return {
    raise(alert) {
      const line = alertText({ ...alert, journal_head: options.journalHead() }, (text) => redactor.redact(text));
      // A person reads a sentence; the whole line goes there only while no file can hold it (F-11.9).
      if (!log.healthy()) stderr(line);
      else if (alert.severity === "critical") stderr(redactor.redact(`${alert.severity}: ${alert.sentence}`));
      // A reader that has gone on to a month does not look back: neither does the writer.
      const file = monthFile(alert.at) > month ? monthFile(alert.at) : month;
      log.write(line, { file, critical: alert.severity === "critical" });
      if (file === month) return;
      month = file;
      try {
        pruneAlerts(files, { folder, oldest: oldestKept(alert.at, options.keepMonths) });
        tellOldReaders(files, { dataDir, at: alert.at });
      } catch (error) {
        stderr(`Cannot tidy the alerts in ${folder}: ${error instanceof Error ? error.message : String(error)}`);
      }
    },
    close: () => log.close(),
  };
}

function pruneAlerts(files: FileSeam, { folder, oldest }: { readonly folder: string; readonly oldest: string }): void {
  if (!files.exists(folder)) return;
  for (const name of files.list(folder)) if (isMonthFile(name) && name < oldest) files.remove(`${folder}/${name}`);
}

/** The last line of the file that used to hold every alert says where they are now (N-1.2). */
function tellOldReaders(files: FileSeam, { dataDir, at }: { readonly dataDir: string; readonly at: number }): void {
  const path = `${dataDir}/${OLD_FILE}`;
  if (!files.exists(path)) return;
  const text = files.readText(path);
  if (text.includes('"code":"outbox_moved"')) return;
  const reason = `Alerts are in ${dataDir}/${ALERTS_FOLDER} from here on, one file a month: ${
    monthFile(at)
  } is the first.`;
  const line = JSON.stringify({ at, severity: "info", code: "outbox_moved", reason, context: {}, journal_head: "" });
  const file = files.openAppend(path);
  try {
    file.write(`${text === "" || text.endsWith("\n") ? "" : "\n"}${line}\n`);
    file.syncNow();
  } finally {
    file.close();
  }
}

/** Codes and contexts of the newest alerts, this month's and the one before; what cannot be read is left out. */
export function recentAlerts(
  files: FileSeam,
  { dataDir, now }: { readonly dataDir: string; readonly now: number },
): readonly AlertFacts[] {
  const found: AlertFacts[] = [];
  for (const name of [oldestKept(now, 1), monthFile(now)]) {
    const path = `${dataDir}/${ALERTS_FOLDER}/${name}`;
    if (!files.exists(path)) continue;
    for (const text of files.readText(path).split("\n")) {
      const read = readAlertLine(text);
      if (read.kind === "alert") found.push(read.line);
    }
  }
  return found;
}
