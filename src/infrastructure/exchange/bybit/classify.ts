import type { Outcome, Refusal } from "../../../domain/events.ts";
import type { HttpOutcome } from "../../../application/engine/ports.ts";
import { adviceFor, meaningOf } from "./error_codes.ts";
import { type Envelope, parseEnvelope } from "./parse_rest.ts";
import type { Endpoint } from "./venue_words.ts";

/** What a reply means. `result` is only there for `ok`. `code` is the venue's or the HTTP status, null without one. */
export type Verdict = {
  readonly outcome: Outcome;
  readonly result: unknown;
  readonly code: number | null;
  /** Server time of the reply, null when it carried none. */
  readonly serverTime: number | null;
};

/** The one place that decides ok / refused / unknown: transport first, then HTTP status, then code (TRAPS 56). */
export function classify(reply: HttpOutcome, endpoint: Endpoint): Verdict {
  if (reply.kind === "failed") return failed(reply.cause);
  const { status } = reply;
  if (status === 403) return refused({ cause: "rate_limit", code: 403, message: ADDRESS_BANNED });
  if (status === 404) return refused({ cause: "parameter", code: 404, message: "The venue does not know this path" });
  if (status === 429) return unknown({ cause: "rate_limit", code: 429 });
  if (status >= 500) return unknown({ cause: "server", code: status });
  const envelope = parseEnvelope(reply.body);
  if (envelope === null) return unknown({ cause: "unreadable", code: status === 200 ? null : status });
  if (envelope.retCode === 0) {
    if (status !== 200) return unknown({ cause: "unreadable", code: status });
    return { outcome: OK, result: envelope.result, code: 0, serverTime: envelope.time };
  }
  return { ...byCode(envelope, endpoint), code: envelope.retCode, serverTime: envelope.time };
}

const OK: Outcome = { kind: "ok" };
export const ADDRESS_BANNED = "The venue refuses this address for too many requests: no request for 10 minutes";

function failed(cause: "timeout" | "lost" | "redirect" | "refused"): Verdict {
  switch (cause) {
    case "refused":
      return { outcome: { kind: "notSent", reason: "connection_refused" }, result: null, code: null, serverTime: null };
    case "timeout":
    case "lost":
      return unknown({ cause, code: null });
    // A redirect is never followed (F-12.7) and proves nothing about the request.
    case "redirect":
      return unknown({ cause: "unreadable", code: null });
  }
}

function byCode(envelope: Envelope, endpoint: Endpoint): Verdict {
  const code = envelope.retCode;
  const meaning = meaningOf(code);
  const order = endpoint.sort === "order";
  switch (meaning) {
    case "unknown":
      return unknown({ cause: code === 429 ? "rate_limit" : "server", code });
    case "throttled":
      if (order) return unknown({ cause: "rate_limit", code });
      return refused({ cause: "rate_limit", code, message: messageOf(envelope) });
    case null:
      // A code nobody listed may stand for anything: an order request is looked up (PROTOCOL §5, last paragraph).
      if (order) return unknown({ cause: "server", code });
      return refused({ cause: "other", code, message: messageOf(envelope) });
    default:
      return refused({ cause: meaning, code, message: messageOf(envelope) });
  }
}

/** Credential refusals echo the signed string (TRAPS 48): advice replaces the venue's text. */
function messageOf(envelope: Envelope): string {
  return adviceFor(envelope.retCode) ?? envelope.retMsg.slice(0, 160);
}
function refused(refusal: Refusal): Verdict {
  return { outcome: { kind: "refused", refusal }, result: null, code: refusal.code, serverTime: null };
}
function unknown(
  how: { cause: "timeout" | "lost" | "server" | "rate_limit" | "unreadable"; code: number | null },
): Verdict {
  return { outcome: { kind: "unknown", ...how }, result: null, code: how.code, serverTime: null };
}
