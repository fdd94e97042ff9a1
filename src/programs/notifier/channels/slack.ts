/** Slack's incoming webhooks (docs.slack.dev): a rich text block, in which nothing is markup. */
import type { Channel, Part, Reply, Verdict } from "./types.ts";
import { commonVerdict } from "./types.ts";
import { partsOf, utf16Length } from "../split.ts";

/** Of one block; 4,000 of a whole message is what Slack recommends. */
const LIMIT = 3000;

/** Slack reads `&`, `<` and `>` in the text of its notifications. */
export function slackEscaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** Answers by which Slack says that this webhook will never work again. */
const GONE = /^(?:no_service|no_team|no_active_hooks|channel_is_archived|team_disabled)/;

function judgeSlack(reply: Reply): Verdict {
  const common = commonVerdict(reply);
  if (common !== null || reply.kind !== "reply") return common ?? { kind: "later", why: "no answer", perhaps: true };
  const word = reply.body.trim().slice(0, 60);
  if (reply.status === 200 && word === "ok") return { kind: "sent" };
  if (reply.status === 200) {
    return { kind: "later", why: "it answered with something else than Slack does", perhaps: true };
  }
  const said = /^[a-z_]+$/.test(word) ? word : "no reason given";
  if (reply.status === 410 || GONE.test(word)) {
    return {
      kind: "gone",
      why: `Slack has removed this webhook, or archived its channel (${reply.status} ${said})`,
      advice: "Make a new incoming webhook for a channel that exists and set its address anew.",
    };
  }
  const advice = word === "action_prohibited"
    ? "An administrator of the workspace forbids it: ask, or choose another channel."
    : "Check the webhook's address: it must be copied whole from the app's page.";
  return { kind: "refused", why: `Slack refuses it (${reply.status} ${said})`, advice };
}

export function slack(options: { readonly name: string; readonly url: string; readonly fingerprint: string }): Channel {
  return {
    name: options.name,
    kind: "slack",
    fingerprint: options.fingerprint,
    pace: { burst: 3, everyMs: 1_100 },
    parts: (message) => partsOf(message, { limit: LIMIT, measure: utf16Length }),
    ask: (part: Part) => {
      const [head, rest] = [part.text.slice(0, part.boldUntil), part.text.slice(part.boldUntil)];
      const elements = [
        ...(head === "" ? [] : [{ type: "text", text: head, style: { bold: true } }]),
        ...(rest === "" ? [] : [{ type: "text", text: rest }]),
      ];
      const block = { type: "rich_text", elements: [{ type: "rich_text_section", elements }] };
      return {
        method: "POST",
        url: options.url,
        headers: { "content-type": "application/json" },
        body: JSON.stringify({
          text: slackEscaped(part.text),
          mrkdwn: false,
          unfurl_links: false,
          unfurl_media: false,
          blocks: [block],
        }),
      };
    },
    judge: judgeSlack,
  };
}
