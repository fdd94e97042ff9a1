/** Telegram's Bot API (core.telegram.org/bots/api): plain text with entities, so that nothing in it is markup. */
import type { Channel, Message, Part, Reply, Verdict } from "./types.ts";
import { commonVerdict, jsonOf, waitMs } from "./types.ts";
import { partsOf, utf16Length } from "../split.ts";

/** 4,096 UTF-16 units after entities are read. */
const LIMIT = 4096;

export type TelegramOptions = {
  readonly name: string;
  readonly token: string;
  readonly fingerprint: string;
  readonly base: string;
  readonly chat: number;
  readonly topic: number | null;
};

/** The address of a method; holds the token. */
export function telegramUrl(of: { readonly base: string; readonly token: string }, method: string): string {
  return `${of.base}/bot${of.token}/${method}`;
}

const ADVICE: readonly (readonly [RegExp, string])[] = [
  [/chat not found/i, "Write /start to your bot, then set `chat` to the number of that chat."],
  [/blocked by the user|kicked|deactivated|not a member/i, "Unblock the bot, or add it to the group again."],
  [/upgraded to a supergroup/i, "The group has a new number: set `chat` to it."],
  [/topic|thread/i, "Set `topic` to one that exists in the group, or leave it out."],
];

function describe(status: number, description: string): { readonly why: string; readonly advice: string } {
  if (status === 401) {
    return {
      why: "Telegram does not know this token (401): it is wrong or was revoked",
      advice: "Ask @BotFather for the bot's token (/token) and set it anew.",
    };
  }
  if (status === 404) {
    return {
      why: "Telegram finds no bot for this token (404): it is not a whole token",
      advice: "Copy the whole token from @BotFather: digits, a colon, 35 characters.",
    };
  }
  const advice = ADVICE.find(([pattern]) => pattern.test(description))?.[1];
  return {
    why: `Telegram refuses it (${status}): ${description === "" ? "no reason given" : description}`,
    advice: advice ?? "Look at the channel's settings in notify.yaml.",
  };
}

/** What Telegram's answer means. */
export function judgeTelegram(reply: Reply): Verdict {
  if (reply.kind === "reply") {
    const { ok, description, parameters } = jsonOf(reply.body);
    if (reply.status === 200 && ok === true) return { kind: "sent" };
    if (reply.status === 429) {
      const named: unknown = typeof parameters === "object" && parameters !== null
        ? Reflect.get(parameters, "retry_after")
        : null;
      const ms = waitMs(named) ?? waitMs(reply.headers["retry-after"]) ?? 5_000;
      return { kind: "wait", ms, why: "Telegram asks to slow down (429)" };
    }
    if (reply.status === 200) {
      return { kind: "later", why: "it answered with something else than Telegram does", perhaps: true };
    }
    if (reply.status >= 400 && reply.status < 500 && reply.status !== 408) {
      return { kind: "refused", ...describe(reply.status, typeof description === "string" ? description : "") };
    }
  }
  return commonVerdict(reply) ?? { kind: "later", why: "it answered with something unknown", perhaps: true };
}

export function telegram(options: TelegramOptions): Channel {
  const { name, fingerprint, chat, topic } = options;
  return {
    name,
    kind: "telegram",
    fingerprint,
    // A message a second in a chat, 20 a minute in a group (negative numbers are groups).
    pace: chat < 0 ? { burst: 3, everyMs: 3_500 } : { burst: 3, everyMs: 1_100 },
    parts: (message) => partsOf(message, { limit: LIMIT, measure: utf16Length }),
    ask: (part: Part, { message }: { readonly message: Message }) => ({
      method: "POST",
      url: telegramUrl(options, "sendMessage"),
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        chat_id: chat,
        text: part.text,
        entities: part.boldUntil > 0 ? [{ type: "bold", offset: 0, length: part.boldUntil }] : [],
        link_preview_options: { is_disabled: true },
        disable_notification: message.severity === "info",
        ...(topic === null ? {} : { message_thread_id: topic }),
      }),
    }),
    judge: judgeTelegram,
  };
}
