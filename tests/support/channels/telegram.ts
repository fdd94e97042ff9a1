import { json, Limit, parse, Service, type ServiceAnswer, type ServiceRequest } from "./services.ts";

export const BOT_TOKEN = "7654321098:AAFakeTokenOfTheTestBot_0123456789a";
export const CHAT = 4242;
export const USER = 77;

/** api.telegram.org: sendMessage and getUpdates of one bot. */
export class TelegramService extends Service {
  readonly #perSecond = new Limit(5, 3_000);
  readonly #perMinute = new Limit(60, 60_000);
  readonly #updates: { update_id: number; message: unknown }[] = [];
  #updateId = 1_000;
  /** The token that is known; another one is answered as revoked. */
  token = BOT_TOKEN;
  chats: readonly number[] = [CHAT];
  blocked = false;
  /** Another program polls the same bot. */
  conflict = false;

  protected override isPoll(request: ServiceRequest): boolean {
    return request.path.endsWith("/getUpdates");
  }
  protected override waitOf(answer: ServiceAnswer): number {
    const parameters = parse(answer.body)["parameters"];
    return Number(parse(JSON.stringify(parameters ?? {}))["retry_after"] ?? 0) * 1000;
  }

  /** A person writes to the bot. `ago` = how long the update waited, ms. */
  write(text: string, of: { readonly user?: number; readonly chat?: number; readonly ago?: number } = {}): void {
    this.#updateId += 1;
    const from = { id: of.user ?? USER, is_bot: false, first_name: "A" };
    const date = Math.floor((this.now() - (of.ago ?? 0)) / 1000);
    const message = { message_id: this.#updateId, from, chat: { id: of.chat ?? CHAT, type: "private" }, date, text };
    this.#updates.push({ update_id: this.#updateId, message });
  }
  /** Updates that no poll has confirmed. */
  unconfirmed(): number {
    return this.#updates.length;
  }

  protected answer(request: ServiceRequest): ServiceAnswer {
    const [, token, method] = /^\/bot([^/]*)\/(\w+)$/.exec(request.path) ?? [];
    const error = (code: number, description: string, more: object = {}) =>
      json(code, { ok: false, error_code: code, description, ...more });
    if (token === undefined || !/^\d+:[\w-]{35}$/.test(token)) return error(404, "Not Found");
    if (token !== this.token) return error(401, "Unauthorized");
    const body = parse(request.body);
    if (method === "getUpdates") return this.#poll(body);
    if (method !== "sendMessage") return error(404, "Not Found: method not found");
    const { chat_id: chat, text, entities = [], parse_mode } = body;
    if (parse_mode !== undefined) this.misdeeds.push("a parse mode");
    if (this.blocked) return error(403, "Forbidden: bot was blocked by the user");
    if (typeof chat !== "number" || !this.chats.includes(chat)) return error(400, "Bad Request: chat not found");
    if (typeof text !== "string" || text.trim() === "") return error(400, "Bad Request: message text is empty");
    if (text.length > 4096) return error(400, "Bad Request: message is too long");
    for (const entity of Array.isArray(entities) ? entities : []) {
      if (entity.offset + entity.length > text.length) return error(400, "Bad Request: ENTITY_BOUNDS_INVALID");
    }
    const wait = Math.max(this.#perSecond.take(this.now()), this.#perMinute.take(this.now()));
    if (wait > 0) {
      const retry_after = Math.ceil(wait / 1000);
      return error(429, `Too Many Requests: retry after ${retry_after}`, { parameters: { retry_after } });
    }
    this.show(text, { where: String(chat), loud: body["disable_notification"] !== true });
    return json(200, { ok: true, result: { message_id: this.shown.length, chat: { id: chat }, text } });
  }

  #poll(body: Record<string, unknown>): ServiceAnswer {
    if (this.conflict) {
      const description = "Conflict: terminated by other getUpdates request";
      return json(409, { ok: false, error_code: 409, description });
    }
    const offset = Number(body["offset"] ?? 0);
    const left = this.#updates.filter((update) => update.update_id >= offset);
    this.#updates.splice(0, this.#updates.length, ...left);
    return json(200, { ok: true, result: left.slice(0, 100) }, { date: new Date(this.now()).toUTCString() });
  }
}
