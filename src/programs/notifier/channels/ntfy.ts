/** ntfy (docs.ntfy.sh/publish): the JSON form, plain text. The topic is a password. */
import type { Channel, Message, Part, Reply, Severity, Verdict } from "./types.ts";
import { commonVerdict, jsonOf } from "./types.ts";
import { byteLength, partsOf } from "../split.ts";

/** Longer messages become an attachment. Bytes. */
const LIMIT = 4096;
const PRIORITY: Readonly<Record<Severity, number>> = { info: 3, warning: 4, critical: 5 };

function judgeNtfy(reply: Reply): Verdict {
  if (reply.kind === "reply" && reply.status >= 400 && reply.status < 500) {
    const { error } = jsonOf(reply.body);
    const said = typeof error === "string" ? error.slice(0, 120) : "no reason given";
    if (reply.status === 429) {
      // The server refills one request in five seconds; a quota of a day is worth a longer wait.
      const daily = /quota|daily/i.test(said);
      const common = commonVerdict(reply);
      if (common?.kind === "wait" && reply.headers["retry-after"] !== undefined) return common;
      return { kind: "wait", ms: daily ? 900_000 : 10_000, why: `ntfy asks to slow down (429): ${said}` };
    }
    if (reply.status === 401 || reply.status === 403) {
      return {
        kind: "refused",
        why: `ntfy does not let us write to this topic (${reply.status})`,
        advice: "The topic is reserved: set an access token of an account that may write to it.",
      };
    }
    if (reply.status !== 408) {
      return {
        kind: "refused",
        why: `ntfy refuses it (${reply.status}): ${said}`,
        advice: "Check the topic in the address: https://ntfy.sh/ and the topic, nothing else.",
      };
    }
  }
  const common = commonVerdict(reply);
  if (common !== null || reply.kind !== "reply") return common ?? { kind: "later", why: "no answer", perhaps: true };
  return jsonOf(reply.body)["event"] === "message"
    ? { kind: "sent" }
    : { kind: "later", why: "it answered with something else than ntfy does", perhaps: true };
}

export function ntfy(
  options: { readonly name: string; readonly url: string; readonly token: string | null; readonly fingerprint: string },
): Channel {
  const { origin, pathname } = new URL(options.url);
  return {
    name: options.name,
    kind: "ntfy",
    fingerprint: options.fingerprint,
    // Sixty at once, then one every five seconds.
    pace: { burst: 20, everyMs: 5_500 },
    parts: (message) => partsOf(message, { limit: LIMIT, measure: byteLength }),
    ask: (part: Part, { message }: { readonly message: Message }) => ({
      method: "POST",
      url: `${origin}/`,
      headers: {
        "content-type": "application/json",
        ...(options.token === null ? {} : { authorization: `Bearer ${options.token}` }),
      },
      body: JSON.stringify({
        topic: pathname.slice(1),
        title: message.severity === "info" ? "abot" : `abot: ${message.severity}`,
        message: part.text,
        priority: PRIORITY[message.severity],
        markdown: false,
      }),
    }),
    judge: judgeNtfy,
  };
}
