import type { FileSeam } from "../../application/engine/ports.ts";
import { JOURNAL_SCHEMA } from "../../infrastructure/storage/journal/record_codec.ts";
import {
  decodeHeader,
  listSegments,
  readSegment,
  type SegmentName,
} from "../../infrastructure/storage/journal/segments.ts";

/** First line of a segment when it is complete; null when the file ends before its line does. */
function firstLine(files: FileSeam, dataDir: string, { name }: { readonly name: SegmentName }): string | null {
  const { bytes } = readSegment(files, dataDir, name);
  const end = bytes.indexOf(10);
  return end < 0 ? null : new TextDecoder().decode(bytes.subarray(0, end));
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}
function schemaOf(line: string): number | null {
  try {
    const schema = field(field(JSON.parse(line), "header"), "schema");
    return typeof schema === "number" ? schema : null;
  } catch {
    return null;
  }
}

/**
 * Why this journal must not be opened, or null. Recovery mends what a crash leaves; a journal of a newer version, or one
 * in which no segment can be read, is no crash: it must stay as it is. Throws what the file seam throws.
 */
export function journalRefusal(files: FileSeam, dataDir: string): string | null {
  let readable = 0;
  let strange = 0;
  for (const name of listSegments(files, dataDir)) {
    const line = firstLine(files, dataDir, { name });
    if (line === null) continue;
    const schema = schemaOf(line);
    if (schema !== null && schema > JOURNAL_SCHEMA) {
      return `Cannot use ${dataDir} as its journal is of a newer version: schema is ${schema}, this program knows ` +
        `${JOURNAL_SCHEMA}; use the abot that wrote it. Nothing was changed`;
    }
    if (typeof decodeHeader(line) === "string") strange += 1;
    else readable += 1;
  }
  if (strange === 0 || readable > 0) return null;
  return `Cannot use ${dataDir} as no segment of its journal can be read: ${strange} in ${dataDir}/journal. ` +
    "Look with `abot verify`, restore a backup, or start in an empty folder with a flat account. Nothing was changed";
}
