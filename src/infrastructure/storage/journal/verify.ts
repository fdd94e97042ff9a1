import type { FileSeam } from "../../../application/engine/ports.ts";
import { placeText, readJournal } from "./journal_reader.ts";
import { trustedSnapshots } from "./mend.ts";
import { parseIntents } from "./parse_record.ts";
import { GENESIS } from "./record_codec.ts";
import { journalDir, listSegments, segmentFile, segmentId } from "./segments.ts";

export type VerifyReport = {
  readonly records: number;
  readonly segments: number;
  readonly head: string;
  /** Broken chain, gaps, seams, forms; each names its record. */
  readonly faults: readonly string[];
  /** No fault: a torn last line, days deleted by retention, a snapshot that recovery would skip, parts set aside. */
  readonly notes: readonly string[];
};

/** Checks chain, gaps and rotation seams of the whole journal, and every snapshot against it (F-11.3). */
export function verifyJournal(files: FileSeam, dataDir: string): VerifyReport {
  const faults: string[] = [];
  const notes: string[] = [];
  const newest = listSegments(files, dataDir).at(-1);
  let records = 0;
  let segments = 0;
  let head = GENESIS;
  for (const item of readJournal(files, { dataDir, from: null })) {
    switch (item.kind) {
      case "segment":
        if (segments === 0 && item.header.firstSeq > 1) {
          notes.push(`The journal begins with record ${item.header.firstSeq}: earlier days are not kept`);
        }
        segments += 1;
        head = item.header.hash;
        break;
      case "record":
        records += 1;
        head = item.hash;
        if (typeof parseIntents(item.intentsText) === "string") {
          faults.push(`record ${item.seq} in ${segmentFile(item.name)}: its intents are of no known kind`);
        }
        break;
      case "torn": {
        const live = newest !== undefined && segmentId(newest) === segmentId(item.name);
        (live ? notes : faults).push(`${placeText(item.place)} is torn`);
        break;
      }
      case "fault":
        faults.push(`${placeText(item.place)}: ${item.reason}`);
        break;
      default: {
        const never: never = item;
        throw new Error(String(never));
      }
    }
  }
  for (const snapshot of trustedSnapshots(files, dataDir)) if (typeof snapshot === "string") notes.push(snapshot);
  notes.push(...setAsideNotes(files, dataDir));
  return { records, segments, head, faults, notes };
}

/** What a start cut out of the journal stays beside it; a chain that is whole again must not hide that. */
function setAsideNotes(files: FileSeam, dataDir: string): readonly string[] {
  const dir = journalDir(dataDir);
  if (!files.exists(dir)) return [];
  const names = files.list(dir).filter((name) => name.endsWith(".damaged"));
  return names.map((name) => `${name} was set aside by a start: what it holds is not in the chain`);
}

/** The report in lines; the last one says whether the journal is whole. */
export function verifyText(report: VerifyReport): readonly string[] {
  const count = report.faults.length;
  const closing = count === 0
    ? `verified ${report.records} records in ${report.segments} segments, head ${report.head}, 0 faults`
    : `NOT WHOLE: ${count} faults in ${report.records} readable records, first: ${report.faults[0] ?? ""}`;
  return [...report.notes, ...report.faults, closing];
}
