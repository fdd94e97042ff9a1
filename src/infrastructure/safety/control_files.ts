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

/** True once the bot has made its folder for requests; only the bot makes it, so that it is the bot's own. */
export function takesRequests({ files, dataDir }: ControlPlace): boolean {
  return files.exists(folder(dataDir));
}

/**
 * Makes the folder for requests, with the bot's owner. One that the bot cannot read is put aside under another name; its
 * new name is returned, null = nothing was in the way. Throws when neither helps.
 */
export function makeControlFolder({ files, dataDir }: ControlPlace): string | null {
  const path = folder(dataDir);
  if (!files.exists(path)) files.makeDirectory(path);
  try {
    files.list(path);
    return null;
  } catch {
    let number = 1;
    while (files.exists(`${path}.unreadable-${number}`)) number += 1;
    const aside = `${path}.unreadable-${number}`;
    files.rename(path, aside);
    files.makeDirectory(path);
    return aside;
  }
}

/** Leaves a request for the bot, with the owner of the folder. Throws when the folder cannot be written. */
export function writeRequest({ files, dataDir }: ControlPlace, request: ControlRequest): void {
  const path = `${folder(dataDir)}/${request.id}${REQUEST}`;
  files.writeAtomic(`${path}.new`, `${JSON.stringify(request)}\n`);
  // Before the bot can see it: root's own file could not be read by the bot's user.
  files.shareOwner(`${path}.new`, folder(dataDir));
  files.rename(`${path}.new`, path);
}

/** Leaves the file KILL, with the owner of the data directory. Throws when the directory cannot be written. */
export function writeKillFile({ files, dataDir }: ControlPlace, text: string): void {
  files.writeAtomic(killFile(dataDir), text);
  files.shareOwner(killFile(dataDir), dataDir);
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

/** What a look into the folder found. */
export type Taken = {
  readonly requests: readonly ControlRequest[];
  /** Names of files that could not be read or removed, and why. They hold back no other request. */
  readonly stuck: readonly { readonly name: string; readonly why: string }[];
};

/**
 * Takes every request that is waiting, oldest first; unreadable and outdated ones are answered here and not handed on.
 * Throws when the directory cannot be read.
 */
export function takeRequests(control: ControlPlace, now: { readonly wallMs: number }): Taken {
  const { files, dataDir } = control;
  const requests: ControlRequest[] = [];
  const stuck: { readonly name: string; readonly why: string }[] = [];
  if (!files.exists(folder(dataDir))) return { requests, stuck };
  for (const name of files.list(folder(dataDir)).filter((one) => one.endsWith(REQUEST)).toSorted()) {
    try {
      const request = takeOne(control, { name, wallMs: now.wallMs });
      if (request !== null) requests.push(request);
    } catch (error) {
      // Taken back by the person who asked, between the look and the reading.
      if (error instanceof Error && error.name === "NotFound") continue;
      stuck.push({ name, why: error instanceof Error ? error.message : String(error) });
    }
  }
  return { requests, stuck };
}

function takeOne(
  control: ControlPlace,
  at: { readonly name: string; readonly wallMs: number },
): ControlRequest | null {
  const { files, dataDir } = control;
  const path = `${folder(dataDir)}/${at.name}`;
  const id = at.name.slice(0, -REQUEST.length);
  let text: string;
  try {
    text = files.readText(path);
  } catch (error) {
    // The folder is the bot's own: what it cannot read, another user's file, it can take away all the same.
    files.remove(path);
    writeAnswer(control, { id, ok: false, text: "the bot could not read the request: run this as the bot's own user" });
    throw error;
  }
  const parsed = requestSchema.safeParse(parseJson(text));
  files.remove(path);
  if (!parsed.success || parsed.data.id !== id) {
    writeAnswer(control, { id, ok: false, text: "the request could not be read" });
    return null;
  }
  const age = at.wallMs - parsed.data.asked_at_ms;
  if (Math.abs(age) <= REQUEST_MAX_AGE_MS) return parsed.data;
  writeAnswer(control, {
    id,
    ok: false,
    text: `the request is ${Math.round(age / 1000)} s old and was not carried out`,
  });
  return null;
}
