/**
 * The phone may ask, and may stop the bot; nothing else (N-5). Telegram commands from the configured chat and users,
 * by long polling. There is no reset, no close and no trade here.
 */
import { ageText } from "../../common/text.ts";
import type { Reply } from "./channels/types.ts";
import { jsonOf, waitMs } from "./channels/types.ts";
import { telegramUrl } from "./channels/telegram.ts";
import { NOTIFY_FOLDER } from "./cursor.ts";
import { partsOf, utf16Length } from "./split.ts";
import { oneLine } from "./message.ts";
import type { NotifyWorld } from "./world.ts";
import type { Bucket } from "./bucket.ts";

export type PhoneOptions = {
  readonly world: NotifyWorld;
  readonly dataDir: string;
  readonly name: string;
  readonly base: string;
  readonly token: string;
  readonly chat: number;
  readonly topic: number | null;
  readonly users: readonly number[];
  readonly bucket: Bucket;
  readonly answers: Answers;
};
/** What the commands say; each returns lines. */
export type Answers = {
  readonly status: () => readonly string[];
  readonly why: () => readonly string[];
  readonly report: () => readonly string[];
  readonly halt: (reason: string) => Promise<readonly string[]>;
};

type Update = {
  readonly id: number;
  readonly chat: number;
  readonly from: number;
  readonly sentAt: number;
  readonly text: string;
};

const POLL_S = 25;
const POLL_TIMEOUT_MS = (POLL_S + 10) * 1_000;
const SEND_TIMEOUT_MS = 15_000;
const TROUBLE_MS = 5_000;
const TROUBLE_MAX_MS = 300_000;
/** A `/halt` that was sent longer ago was meant for another moment. */
const HALT_MAX_AGE_MS = 60_000;

export const COMMANDS: readonly string[] = [
  "/status: what the bot does and whether the money is protected",
  "/why: what it waits for",
  "/report: results of today and of the last seven days",
  "/halt REASON: stops trading; a stop at the venue stays",
];

function field(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
}
function updateOf(value: unknown): Update | null {
  const [id, message] = [field(value, "update_id"), field(value, "message")];
  if (typeof id !== "number") return null;
  const chat = field(field(message, "chat"), "id");
  const from = field(field(message, "from"), "id");
  const date = field(message, "date");
  const text = field(message, "text");
  return {
    id,
    chat: typeof chat === "number" ? chat : 0,
    from: typeof from === "number" ? from : 0,
    sentAt: typeof date === "number" ? date * 1000 : 0,
    text: typeof text === "string" ? text : "",
  };
}

/** Telegram's own clock when it says it: this machine's may be wrong, and a halt must not fail for it. */
function clockOf(reply: Reply, now: number): number {
  const told = reply.kind === "reply" ? Date.parse(reply.headers["date"] ?? "") : NaN;
  return Number.isNaN(told) ? now : told;
}

export class Phone {
  readonly #options: PhoneOptions;
  #offset = 0;
  #failures = 0;
  #told = "";
  #strangers = 0;
  #commands = 0;

  constructor(options: PhoneOptions) {
    this.#options = options;
  }

  async run(): Promise<void> {
    const { world } = this.#options;
    while (!world.stopping()) await this.poll();
  }

  /** One long poll and what it brought. Never throws. */
  async poll(): Promise<void> {
    const { world } = this.#options;
    const ask = { offset: this.#offset, timeout: POLL_S, allowed_updates: ["message"] };
    const reply = await this.#call("getUpdates", ask);
    if (world.stopping()) return;
    const answer = reply.kind === "reply" ? jsonOf(reply.body) : {};
    const { result } = answer;
    if (reply.kind !== "reply" || reply.status !== 200 || !Array.isArray(result)) return await this.#trouble(reply);
    if (this.#failures > 0) world.log("info", `${this.#options.name}: commands are heard again`);
    this.#failures = 0;
    this.#told = "";
    const now = clockOf(reply, world.now());
    for (const value of result) {
      const update = updateOf(value);
      if (update === null) continue;
      // Confirmed with the next poll: what a crash interrupts comes again, and halting twice is halting.
      this.#offset = Math.max(this.#offset, update.id + 1);
      await this.#take(update, now);
    }
  }

  async #take(update: Update, now: number): Promise<void> {
    const { chat, users, world, name } = this.#options;
    if (update.chat !== chat || !users.includes(update.from)) {
      this.#strangers += 1;
      world.log("warning", `${name}: a stranger wrote to the bot (${this.#strangers} so far); no answer was given`);
      return this.#keep();
    }
    if (update.text === "") return;
    this.#commands += 1;
    this.#keep();
    const [word = "", ...rest] = update.text.trim().split(/\s+/);
    const command = word.toLowerCase().replace(/@.*$/, "");
    world.log("info", `${name}: ${/^\/[a-z]{1,12}$/.test(command) ? command : "a message"} by phone`);
    await this.#say(await this.#answer(command, { reason: rest.join(" "), age: now - update.sentAt }));
  }

  async #answer(
    command: string,
    of: { readonly reason: string; readonly age: number },
  ): Promise<readonly string[]> {
    const { answers, world, name } = this.#options;
    try {
      switch (command) {
        case "/status":
          return answers.status();
        case "/why":
          return answers.why();
        case "/report":
          return answers.report();
        case "/halt":
          if (of.age > HALT_MAX_AGE_MS) {
            return [
              `Your /halt is ${ageText(of.age)} old and was not carried out. Send it again if you still want it.`,
            ];
          }
          return await answers.halt(of.reason);
        default:
          return ["This is what you can ask:", ...COMMANDS];
      }
    } catch (error) {
      world.log("error", `${name}: ${command}: ${error instanceof Error ? error.message : String(error)}`);
      return [`That did not work: the data of the bot could not be read. Look at the machine.`];
    }
  }

  async #say(lines: readonly string[]): Promise<void> {
    const { chat, topic, world, bucket } = this.#options;
    const [head = "", ...body] = lines.map(oneLine);
    const message = { id: "", at: 0, severity: "info", code: "", head, body } as const;
    for (const part of partsOf(message, { limit: 4096, measure: utf16Length })) {
      for (let tries = 0; tries < 5 && !world.stopping(); tries += 1) {
        const wait = bucket.take(world.now());
        if (wait > 0) await world.wait(wait);
        const reply = await this.#call("sendMessage", {
          chat_id: chat,
          text: part.text,
          entities: [],
          link_preview_options: { is_disabled: true },
          ...(topic === null ? {} : { message_thread_id: topic }),
        });
        if (reply.kind === "reply" && reply.status === 200) break;
        await world.wait(this.#waitOf(reply) ?? 1_000 * 2 ** tries);
      }
    }
  }

  #waitOf(reply: Reply): number | null {
    if (reply.kind !== "reply" || reply.status !== 429) return null;
    return waitMs(field(jsonOf(reply.body)["parameters"], "retry_after")) ?? waitMs(reply.headers["retry-after"]);
  }

  async #trouble(reply: Reply): Promise<void> {
    const { world, name } = this.#options;
    const status = reply.kind === "reply" ? reply.status : 0;
    const why = reply.kind === "unreached"
      ? reply.why
      : status === 409
      ? "another program reads this bot's messages, or a webhook is set: stop it, one reader is allowed"
      : status === 401 || status === 404
      ? "Telegram does not know the token"
      : `Telegram answered ${status}`;
    if (why !== this.#told) world.log("warning", `${name}: commands are not heard: ${why}`);
    this.#told = why;
    this.#failures += 1;
    const backoff = Math.min(TROUBLE_MAX_MS, TROUBLE_MS * 2 ** Math.min(this.#failures - 1, 10));
    await world.wait(this.#waitOf(reply) ?? backoff);
  }

  #call(method: "getUpdates" | "sendMessage", body: unknown): Promise<Reply> {
    const { world } = this.#options;
    const timeoutMs = method === "getUpdates" ? POLL_TIMEOUT_MS : SEND_TIMEOUT_MS;
    const headers = { "content-type": "application/json" };
    const url = telegramUrl(this.#options, method);
    return world.send({ method: "POST", url, headers, body: JSON.stringify(body) }, {
      timeoutMs,
      droppable: method === "getUpdates",
    });
  }

  /** For `state`. A disk that does not take it stops no command. */
  #keep(): void {
    const { world, dataDir, name } = this.#options;
    const counted = { commands: this.#commands, strangers: this.#strangers, at: world.now() };
    try {
      world.files.writeAtomic(`${dataDir}/${NOTIFY_FOLDER}/${name}.phone.json`, `${JSON.stringify(counted)}\n`);
    } catch (error) {
      world.log("warning", `${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}
