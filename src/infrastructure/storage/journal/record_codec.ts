import { createHash } from "node:crypto";
import type { Event } from "../../../domain/events.ts";
import type { Intent } from "../../../domain/intent.ts";
import { encodeRow } from "./row_codec.ts";

/** Schema of journal lines. A change of meaning needs a new number and a migration (F-11.7). */
export const JOURNAL_SCHEMA = 1;

/** The chained part of one record's line, without its closing (F-11.3): `{"seq":…,…`. */
export function encodeBody(seq: number, event: Event, options: { readonly intents: readonly Intent[] }): string {
  const row = encodeRow(event);
  const body = row === null ? `{"seq":${seq},"event":${JSON.stringify(event)}` : `{"seq":${seq},${row}`;
  return options.intents.length === 0 ? body : `${body},"intents":${JSON.stringify(options.intents)}`;
}

/** SHA-256 of the previous hash followed by the text, lower-case hex: one link of the chain. */
export function chainHash(previous: string, text: string): string {
  return createHash("sha256").update(previous + text).digest("hex");
}

/** Start of every chain: 64 zeros. */
export const GENESIS = "0".repeat(64);

/**
 * A whole line. The state hash stands outside the chained bytes (F-11.7), sealed by a hash of its own so that an edit
 * of it is named all the same.
 */
export function encodeLine(body: string, link: { readonly hash: string; readonly stateHash: string | null }): string {
  if (link.stateHash === null) return `${body},"hash":"${link.hash}"}\n`;
  const seal = chainHash(link.hash, link.stateHash);
  return `${body},"hash":"${link.hash}","state":"${link.stateHash}","seal":"${seal}"}\n`;
}

/** A line taken apart by position, before any trust in it. */
export type RawLine = { readonly body: string; readonly hash: string; readonly stateHash: string | null };

const HEX = 64;

/** `,"hash":"` and `,"seal":"` are 9 characters, `,"state":"` is 10. */
const CLOSE = 9 + HEX + 2;

const SEALED = (9 + HEX + 1) + (10 + HEX + 1) + CLOSE;

/** Takes a line (without its newline) apart; null when it does not have the form of a record or its seal is broken. */
export function splitLine(line: string): RawLine | null {
  if (!line.endsWith('"}')) return null;
  const end = line.length - 2;
  if (line.startsWith(',"hash":"', line.length - CLOSE)) {
    return { body: line.slice(0, line.length - CLOSE), hash: line.slice(end - HEX, end), stateHash: null };
  }
  const start = line.length - SEALED;
  if (start < 0 || !line.startsWith(',"hash":"', start) || !line.startsWith(',"seal":"', line.length - CLOSE)) {
    return null;
  }
  const hash = line.slice(start + 9, start + 9 + HEX);
  const stateAt = start + 9 + HEX + 1;
  if (!line.startsWith(',"state":"', stateAt) || line[start + 9 + HEX] !== '"') return null;
  const stateHash = line.slice(stateAt + 10, stateAt + 10 + HEX);
  if (line[stateAt + 10 + HEX] !== '"' || line.slice(end - HEX, end) !== chainHash(hash, stateHash)) return null;
  return { body: line.slice(0, start), hash, stateHash };
}
