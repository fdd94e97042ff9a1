import { json, Limit, parse, Service, type ServiceAnswer, type ServiceRequest } from "./services.ts";

export const SLACK_PATH = "/services/T0000FAKE/B0000FAKE/fakeSlackSecretOfTest012";
export const DISCORD_PATH = "/api/webhooks/123456789012345678/fakeDiscordSecretOfTheTests_0123456789-abcdefghijklmnop";
export const NTFY_PATH = "/abot-fake-topic-of-tests-93kd";
export const HOOK_PATH = "/hooks/abot-fake-hook-of-tests";
export const BEAT_PATH = "/0f0f0f0f-1234-4abc-8def-0123456789ab";
export const HOOK_SECRET = "whsec_ZmFrZVNlY3JldE9mVGhlVGVzdHMwMTIzNDU2Nzg5";

function field(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
}
function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** hooks.slack.com: one incoming webhook. */
export class SlackService extends Service {
  readonly #limit = new Limit(5, 3_000);
  gone = false;

  protected answer(request: ServiceRequest): ServiceAnswer {
    const plain = (status: number, body: string, headers = {}) => ({ status, body, headers });
    if (request.path !== SLACK_PATH) return plain(404, "no_service");
    if (this.gone) {
      if (this.requests.length > 1) this.misdeeds.push("asked a webhook that is gone");
      return plain(410, "channel_is_archived");
    }
    const { text, blocks } = parse(request.body);
    if (typeof text !== "string" || text === "") return plain(400, "no_text");
    const elements = list(blocks).flatMap((block) =>
      list(field(block, "elements")).flatMap((one) => list(field(one, "elements")))
    );
    const shown = elements.map((element) => String(field(element, "text"))).join("");
    if (shown.length > 3000) return plain(400, "invalid_blocks");
    for (const block of list(blocks)) if (field(block, "type") !== "rich_text") this.misdeeds.push("markup");
    const wait = this.#limit.take(this.now());
    if (wait > 0) return plain(429, "rate_limited", { "retry-after": String(Math.ceil(wait / 1000)) });
    this.show(shown, { where: "slack", loud: true });
    return plain(200, "ok");
  }
}

/** What Discord's reader sees of a content: a backslash before a sign shows the sign; a sign alone is markup. */
export function discordShown(content: string): { readonly text: string; readonly markup: readonly string[] } {
  const markup: string[] = [];
  let text = "";
  for (let at = 0; at < content.length; at += 1) {
    const [sign = "", next = ""] = [content[at], content[at + 1]];
    if (sign === "\\" && /[^0-9A-Za-z\s]/.test(next)) {
      text += next;
      at += 1;
      continue;
    }
    if (/[\\*_~`|<@#>[\]()+:-]/.test(sign)) markup.push(sign);
    text += sign;
  }
  return { text, markup };
}

/** discord.com: one webhook. */
export class DiscordService extends Service {
  readonly #limit = new Limit(5, 2_000);
  gone = false;

  protected override waitOf(answer: ServiceAnswer): number {
    return Number(parse(answer.body)["retry_after"] ?? 0) * 1000;
  }
  protected answer(request: ServiceRequest): ServiceAnswer {
    const { pathname: path, searchParams } = new URL(request.path, "https://discord.com");
    if (this.gone || path !== DISCORD_PATH) {
      if (this.requests.filter((one) => one.path.startsWith("/api/")).length > 1 && this.gone) {
        this.misdeeds.push("asked a webhook that is gone");
      }
      return json(404, { message: "Unknown Webhook", code: 10015 });
    }
    const { content, allowed_mentions: mentions } = parse(request.body);
    if (typeof content !== "string" || content === "") {
      return json(400, { message: "Cannot send an empty message", code: 50006 });
    }
    if (content.length > 2000) return json(400, { message: "Invalid Form Body", code: 50035 });
    if (JSON.stringify(mentions) !== '{"parse":[]}') this.misdeeds.push("mentions are on");
    const wait = this.#limit.take(this.now());
    if (wait > 0) {
      const body = { message: "You are being rate limited.", retry_after: wait / 1000, global: false };
      return json(429, body, { "retry-after": String(Math.ceil(wait / 1000)), "x-ratelimit-scope": "user" });
    }
    const { text, markup } = discordShown(content);
    if (markup.length > 0) this.misdeeds.push(`markup: ${markup.join("")}`);
    this.show(text, { where: "discord", loud: true });
    if (searchParams.get("wait") !== "true") return { status: 204, body: "" };
    return json(200, { id: String(this.shown.length), content });
  }
}

/** ntfy.sh: one topic. */
export class NtfyService extends Service {
  /** Sixty requests at once, one more every five seconds. */
  #tokens = 60;
  #filledAt = 0;
  reserved = false;

  protected answer(request: ServiceRequest): ServiceAnswer {
    const { topic, message, priority, markdown } = parse(request.body);
    if (request.path !== "/" || typeof topic !== "string" || typeof message !== "string") {
      return json(400, { code: 40009, http: 400, error: "invalid request: topic invalid" });
    }
    if (this.reserved && request.headers["authorization"] === undefined) {
      return json(403, { code: 40301, http: 403, error: "forbidden" });
    }
    if (`/${topic}` !== NTFY_PATH) this.misdeeds.push(`another topic`);
    if (markdown === true) this.misdeeds.push("markdown");
    if (new TextEncoder().encode(message).length > 4096) this.misdeeds.push("became an attachment");
    this.#tokens = Math.min(60, this.#tokens + (this.now() - this.#filledAt) / 5_000);
    this.#filledAt = this.now();
    this.#tokens -= 1;
    if (this.#tokens < 0) {
      const error = "limit reached: too many requests; increase your limits with a paid plan";
      return json(429, { code: 42901, http: 429, error });
    }
    this.show(message, { where: topic, loud: Number(priority) >= 4 });
    return json(200, { id: `m${this.shown.length}`, time: Math.floor(this.now() / 1000), event: "message", topic });
  }
}

/** A receiver of Standard Webhooks. `verify` is the library's; it throws. */
export class HookService extends Service {
  readonly #verify: (body: string, headers: Record<string, string>) => unknown;
  gone = false;

  constructor(now: () => number, verify: (body: string, headers: Record<string, string>) => unknown) {
    super(now);
    this.#verify = verify;
  }
  protected answer(request: ServiceRequest): ServiceAnswer {
    if (request.path !== HOOK_PATH) return { status: 404, body: "not found" };
    if (this.gone) return { status: 410, body: "gone" };
    if (new TextEncoder().encode(request.body).length >= 20_000) this.misdeeds.push("a body of 20 kB");
    try {
      this.#verify(request.body, { ...request.headers });
    } catch (error) {
      this.misdeeds.push(`signature: ${error instanceof Error ? error.message : String(error)}`);
      return { status: 401, body: "bad signature" };
    }
    const data = parse(request.body)["data"];
    const id = request.headers["webhook-id"] ?? "";
    this.show(String(field(data, "text")), { where: "hook", id, loud: true });
    return { status: 204, body: "" };
  }
}

/** hc-ping.com: one check. */
export class BeatService extends Service {
  protected answer(request: ServiceRequest): ServiceAnswer {
    const [, path, fail] = /^(\/[0-9a-f-]{36})(\/fail)?$/.exec(request.path) ?? [];
    if (path !== BEAT_PATH) return { status: 404, body: "not found" };
    this.show(request.body, { where: fail === undefined ? "ok" : "fail", loud: fail !== undefined });
    return { status: 200, body: "OK" };
  }
}
