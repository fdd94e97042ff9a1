/** What a channel will never take, kept for a person: shown by `state`, sent again by `resend` (N-3.2). */
import { z } from "zod";
import type { Message } from "./channels/types.ts";
import { NOTIFY_FOLDER } from "./cursor.ts";

const letterSchema = z.strictObject({
  at: z.number(),
  why: z.string(),
  advice: z.string(),
  message: z.strictObject({
    id: z.string(),
    at: z.number(),
    severity: z.enum(["info", "warning", "critical"]),
    code: z.string(),
    head: z.string(),
    body: z.array(z.string()),
  }),
});
export type DeadLetter = {
  readonly at: number;
  readonly why: string;
  readonly advice: string;
  readonly message: Message;
};

export function deadPath(dataDir: string, name: string): string {
  return `${dataDir}/${NOTIFY_FOLDER}/${name}.dead.jsonl`;
}
/** Letters that a person wants sent again, oldest first. */
export function resendPath(dataDir: string, name: string): string {
  return `${dataDir}/${NOTIFY_FOLDER}/${name}.resend.jsonl`;
}

/** The letters of a file's text; what is none is left out. */
export function lettersOf(text: string): readonly DeadLetter[] {
  return text.split("\n").flatMap((line) => {
    try {
      const parsed = letterSchema.safeParse(JSON.parse(line));
      return parsed.success ? [parsed.data] : [];
    } catch {
      return [];
    }
  });
}
export function letterLine(letter: DeadLetter): string {
  return JSON.stringify(letter);
}
