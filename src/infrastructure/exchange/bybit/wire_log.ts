import type { HttpOutcome } from "../../../application/engine/ports.ts";
import type { StreamName } from "../../../domain/events.ts";
import type { Endpoint } from "./venue_words.ts";

/** Every frame and reply both ways, one JSON line each, without secrets (F-12.5). */
export type WireLog = {
  request(endpoint: Endpoint, payload: string): void;
  reply(endpoint: Endpoint, seen: { readonly reply: HttpOutcome; readonly code: number | null }): void;
  frame(stream: StreamName, way: { readonly direction: "in" | "out"; readonly text: string }): void;
};

const SILENT: WireLog = { request() {}, reply() {}, frame() {} };
/** Headers worth keeping; the signed ones are never logged at all. */
const KEPT = ["x-bapi-limit", "x-bapi-limit-status", "x-bapi-limit-reset-timestamp", "retry-after"];

/** `now` stamps the lines. Replies to credential errors echo what was signed (TRAPS 48): only their code is kept. */
export function createWireLog(
  options: {
    readonly write: ((line: string) => void) | undefined;
    readonly now: () => number;
    readonly key: string;
    readonly secret: string;
  },
): WireLog {
  const { write } = options;
  if (write === undefined) return SILENT;
  const hidden = [options.key, options.secret].filter((text) => text !== "");

  function redact(text: string): string {
    let clean = text;
    for (const secret of hidden) clean = clean.replaceAll(secret, "[redacted]");
    // Signatures are 64 hex digits; nothing else of the venue's has that form.
    return clean.replaceAll(/\b[0-9a-f]{64}\b/gi, "[signature]");
  }
  function line(entry: Readonly<Record<string, unknown>>): void {
    write?.(JSON.stringify({ at: options.now(), ...entry }));
  }
  return {
    request(endpoint, payload) {
      line({ way: "out", rest: `${endpoint.method} ${endpoint.path}`, payload: redact(payload) });
    },
    reply(endpoint, { reply, code }) {
      const rest = `${endpoint.method} ${endpoint.path}`;
      if (reply.kind === "failed") return line({ way: "in", rest, failed: reply.cause });
      const headers: Record<string, string> = {};
      for (const name of KEPT) if (reply.headers[name] !== undefined) headers[name] = reply.headers[name];
      const secret = code === 10003 || code === 10004 || code === 10005;
      const body = secret ? `[withheld: code ${code} echoes the request]` : redact(reply.body);
      line({ way: "in", rest, status: reply.status, headers, body });
    },
    frame(stream, { direction, text }) {
      line({ way: direction, stream, text: redact(text) });
    },
  };
}
