/** Any receiver of Standard Webhooks (standardwebhooks.com): signed, with an id by which repeats are told. */
import { createHmac } from "node:crypto";
import { Buffer } from "node:buffer";
import type { Channel, Message, Part, Reply, Verdict } from "./types.ts";
import { commonVerdict } from "./types.ts";
import { byteLength, type Measure, partsOf } from "../split.ts";

/** A body stays below 20 kB: bytes of a text as it stands in it. */
const LIMIT = 16_000;
const inJson: Measure = (text) => byteLength(JSON.stringify(text)) - 2;

/** Bytes of a secret as it is handed out: `whsec_` and base64, 24 to 64 bytes; null = it is none. */
export function secretBytes(secret: string): Uint8Array | null {
  const text = secret.replace(/^whsec_/, "");
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return null;
  const bytes = Buffer.from(text, "base64");
  return bytes.length >= 24 && bytes.length <= 64 ? bytes : null;
}

/** `v1,` and the HMAC-SHA256 of `id.timestamp.body`, base64. */
export function signature(
  key: Uint8Array,
  of: { readonly id: string; readonly timestamp: number; readonly body: string },
): string {
  const text = `${of.id}.${of.timestamp}.${of.body}`;
  return `v1,${createHmac("sha256", key).update(text).digest("base64")}`;
}

function judgeWebhook(reply: Reply): Verdict {
  if (reply.kind === "reply") {
    if (reply.status >= 200 && reply.status < 300) return { kind: "sent" };
    if (reply.status === 410) {
      return {
        kind: "gone",
        why: "the receiver says that this address is gone (410)",
        advice: "Set the address of the receiver anew; the old one is not tried again.",
      };
    }
    if (reply.status >= 400 && reply.status < 500 && reply.status !== 408 && reply.status !== 429) {
      return {
        kind: "refused",
        why: `the receiver refuses it (${reply.status})`,
        advice: reply.status === 401 || reply.status === 403
          ? "Do both sides hold the same secret? Is the receiver's clock right?"
          : "Look at the receiver's own log.",
      };
    }
  }
  return commonVerdict(reply) ?? { kind: "later", why: "it answered with something unknown", perhaps: true };
}

export function webhook(
  options: { readonly name: string; readonly url: string; readonly key: Uint8Array; readonly fingerprint: string },
): Channel {
  return {
    name: options.name,
    kind: "webhook",
    fingerprint: options.fingerprint,
    pace: { burst: 20, everyMs: 100 },
    parts: (message) => partsOf(message, { limit: LIMIT, measure: inJson }),
    ask: (
      part: Part,
      { message, index, now }: { readonly message: Message; readonly index: number; readonly now: number },
    ) => {
      const id = index === 0 ? message.id : `${message.id}-${index + 1}`;
      const timestamp = Math.floor(now / 1000);
      const body = JSON.stringify({
        type: "abot.alert",
        timestamp: new Date(message.at).toISOString(),
        data: { severity: message.severity, code: message.code, text: part.text },
      });
      return {
        method: "POST",
        url: options.url,
        headers: {
          "content-type": "application/json",
          "webhook-id": id,
          "webhook-timestamp": String(timestamp),
          "webhook-signature": signature(options.key, { id, timestamp, body }),
        },
        body,
      };
    },
    judge: judgeWebhook,
  };
}
