/** The notifier's own alerts, beside the outbox of the trader, which has one writer (N-3.6). */
import { type AlertLine, alertText, readAlertLine } from "../../infrastructure/logging/alert_line.ts";
import type { AlertCode } from "../../domain/alert_codes.ts";
import { alertWords } from "../../views/alert_words.ts";
import { NOTIFY_FOLDER } from "./cursor.ts";
import type { Source } from "./outbox.ts";
import type { NotifyFiles, NotifyWorld } from "./world.ts";

export const OWN_FILE = "own.jsonl";

export function ownSource(files: NotifyFiles, dataDir: string): Source {
  return { files, folder: `${dataDir}/${NOTIFY_FOLDER}`, isFile: (name) => name === OWN_FILE };
}

export type OwnAlert = {
  readonly severity: AlertLine["severity"];
  readonly code: AlertCode;
  readonly reason: string;
  readonly context: AlertLine["context"];
};

/** Appends one alert. Throws when the disk does. */
export function raiseOwn(
  { world, dataDir }: { readonly world: NotifyWorld; readonly dataDir: string },
  alert: OwnAlert,
): void {
  const facts = { at: world.now(), ...alert, ...alertWords(alert), journal_head: "" };
  world.files.append(`${dataDir}/${NOTIFY_FOLDER}/${OWN_FILE}`, alertText(facts, (text) => text));
}

/** The newest own alert of which `wanted` holds; null = there is none. */
export function lastOwn(
  { files, dataDir }: { readonly files: NotifyFiles; readonly dataDir: string },
  wanted: (line: AlertLine) => boolean,
): AlertLine | null {
  const path = `${dataDir}/${NOTIFY_FOLDER}/${OWN_FILE}`;
  if (!files.exists(path)) return null;
  for (const text of files.readText(path).split("\n").toReversed()) {
    const read = readAlertLine(text);
    if (read.kind === "alert" && wanted(read.line)) return read.line;
  }
  return null;
}
