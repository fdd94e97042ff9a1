/**
 * How the command line speaks to a running bot: request files in `control/`, written by rename, answered by a file
 * (F-13.6). Both sides live here so that they cannot drift apart.
 */
import { z } from "zod";
import type { FileSeam } from "../../application/engine/ports.ts";

export type OperatorWord = "halt" | "reset" | "close";
export type ControlRequest = {
  readonly id: string;
  readonly command: OperatorWord;
  readonly reason: string;
  readonly accept: boolean;
  readonly asked_at_ms: number;
};
export type ControlAnswer = { readonly id: string; readonly ok: boolean; readonly text: string };

const requestSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]{1,40}$/),
  command: z.enum(["halt", "reset", "close"]),
  reason: z.string().max(500),
  accept: z.boolean(),
  asked_at_ms: z.int().min(0),
});
const answerSchema = z.strictObject({ id: z.string(), ok: z.boolean(), text: z.string() });

const REQUEST = ".request.json";
const ANSWER = ".answer.json";
/** A request nobody answered for so long is not carried out any more: the person who asked has gone. */
const REQUEST_MAX_AGE_MS = 60_000;

/** A data directory and how to reach it. */
export type ControlPlace = { readonly files: FileSeam; readonly dataDir: string };

function folder(dataDir: string): string {
  return `${dataDir}/control`;
}
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Kill file of F-13.1: its presence is the switch, its text is for people. */
export function killFile(dataDir: string): string {
  return `${dataDir}/KILL`;
}

/** Leaves a request for the bot. Throws when the directory cannot be written. */
export function writeRequest({ files, dataDir }: ControlPlace, request: ControlRequest): void {
  files.makeDirectory(folder(dataDir));
  files.writeAtomic(`${folder(dataDir)}/${request.id}${REQUEST}`, `${JSON.stringify(request)}\n`);
}

/** The bot's answer, once it is there; taking it removes it. */
export function takeAnswer({ files, dataDir }: ControlPlace, id: string): ControlAnswer | null {
  const path = `${folder(dataDir)}/${id}${ANSWER}`;
  if (!files.exists(path)) return null;
  const parsed = answerSchema.safeParse(parseJson(files.readText(path)));
  files.remove(path);
  return parsed.success ? parsed.data : { id, ok: false, text: "the answer could not be read" };
}

/** Takes a request back; false when the bot has already taken it. */
export function withdrawRequest({ files, dataDir }: ControlPlace, id: string): boolean {
  const path = `${folder(dataDir)}/${id}${REQUEST}`;
  if (!files.exists(path)) return false;
  files.remove(path);
  return true;
}

/** Answers a request. Throws when the directory cannot be written. */
export function writeAnswer({ files, dataDir }: ControlPlace, answer: ControlAnswer): void {
  const { id, ok, text } = answer;
  files.writeAtomic(`${folder(dataDir)}/${id}${ANSWER}`, `${JSON.stringify({ id, ok, text })}\n`);
}

/**
 * Takes every request that is waiting, oldest first; unreadable and outdated ones are answered here and not handed on.
 * Throws when the directory cannot be read.
 */
export function takeRequests(control: ControlPlace, now: { readonly wallMs: number }): readonly ControlRequest[] {
  const { files, dataDir } = control;
  if (!files.exists(folder(dataDir))) return [];
  const taken: ControlRequest[] = [];
  for (const name of files.list(folder(dataDir)).filter((one) => one.endsWith(REQUEST)).toSorted()) {
    const path = `${folder(dataDir)}/${name}`;
    const parsed = requestSchema.safeParse(parseJson(files.readText(path)));
    files.remove(path);
    const id = name.slice(0, -REQUEST.length);
    if (!parsed.success || parsed.data.id !== id) {
      writeAnswer(control, { id, ok: false, text: "the request could not be read" });
      continue;
    }
    const age = now.wallMs - parsed.data.asked_at_ms;
    if (Math.abs(age) > REQUEST_MAX_AGE_MS) {
      const text = `the request is ${Math.round(age / 1000)} s old and was not carried out`;
      writeAnswer(control, { id, ok: false, text });
      continue;
    }
    taken.push(parsed.data);
  }
  return taken;
}
