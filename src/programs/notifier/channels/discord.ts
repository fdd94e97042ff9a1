/** Discord's webhooks (docs.discord.com, resources/webhook): every sign that Discord reads as markup is escaped. */
import type { Channel, Part, Reply, Verdict } from "./types.ts";
import { commonVerdict, jsonOf, waitMs } from "./types.ts";
import { partsOf, utf16Length } from "../split.ts";

const LIMIT = 2000;
/** SUPPRESS_EMBEDS: no previews of addresses. */
const NO_PREVIEWS = 4;

/** Signs that begin markup anywhere, or at the start of a line; a backslash shows each as itself. */
export function discordEscaped(text: string): string {
  return text.replace(/[\\*_~`|>#[\]()<@:+-]/g, (sign) => `\\${sign}`);
}

/** Without `wait` Discord answers before it has kept the message. */
function waiting(address: string): string {
  const url = new URL(address);
  url.searchParams.set("wait", "true");
  return url.href;
}

function judgeDiscord(reply: Reply): Verdict {
  if (reply.kind === "reply") {
    const { message, retry_after, id } = jsonOf(reply.body);
    const said = typeof message === "string" ? message.slice(0, 120) : "no reason given";
    if (reply.status === 200 && typeof id === "string") return { kind: "sent" };
    if (reply.status === 429) {
      const ms = waitMs(retry_after) ?? waitMs(reply.headers["retry-after"]) ?? 5_000;
      return { kind: "wait", ms, why: "Discord asks to slow down (429)" };
    }
    if (reply.status === 404) {
      return {
        kind: "gone",
        why: "this webhook does not exist any more (404)",
        advice:
          "Make a new webhook in the channel's settings and set its address anew; the old one is not tried again.",
      };
    }
    if (reply.status === 401 || reply.status === 403) {
      return {
        kind: "refused",
        why: `Discord refuses the webhook's token (${reply.status}): ${said}`,
        advice: "Copy the webhook's address whole from the channel's settings.",
      };
    }
    if (reply.status >= 400 && reply.status < 500 && reply.status !== 408) {
      return { kind: "refused", why: `Discord refuses it (${reply.status}): ${said}`, advice: "Report this message." };
    }
    if (reply.status >= 200 && reply.status < 300) {
      return { kind: "later", why: "it answered with something else than Discord does", perhaps: true };
    }
  }
  return commonVerdict(reply) ?? { kind: "later", why: "it answered with something unknown", perhaps: true };
}

export function discord(
  options: { readonly name: string; readonly url: string; readonly fingerprint: string },
): Channel {
  return {
    name: options.name,
    kind: "discord",
    fingerprint: options.fingerprint,
    // Five in two seconds, thirty a minute in a channel.
    pace: { burst: 4, everyMs: 2_200 },
    parts: (message) => partsOf(message, { limit: LIMIT, measure: utf16Length, form: discordEscaped }),
    ask: (part: Part) => ({
      method: "POST",
      url: waiting(options.url),
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ content: part.text, allowed_mentions: { parse: [] }, flags: NO_PREVIEWS }),
    }),
    judge: judgeDiscord,
  };
}
