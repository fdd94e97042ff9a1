/**
 * Secrets come from the environment or from systemd's credentials folder, and go nowhere but into requests (N-2.2).
 * Nothing here puts a value into a message.
 */
import { sha256 } from "../../common/sha256.ts";
import { secretBytes } from "./channels/webhook.ts";
import { discord } from "./channels/discord.ts";
import { ntfy } from "./channels/ntfy.ts";
import { slack } from "./channels/slack.ts";
import { telegram } from "./channels/telegram.ts";
import type { Channel } from "./channels/types.ts";
import { webhook } from "./channels/webhook.ts";
import type { ChannelConfig, NotifyConfig } from "./config.ts";
import { type SecretKind, secretName } from "./secret_names.ts";

export type SecretSource = {
  /** Undefined when unset. */
  readonly variable: (name: string) => string | undefined;
  /** Throws when the file is not there. */
  readonly readText: (path: string) => string;
  readonly credentialsFolder: string | null;
};

export type AddressType = "slack" | "discord" | "ntfy" | "webhook" | "heartbeat";
/** Where services are, and what an address may be: fixed in the program, other in tests. */
export type Places = {
  readonly telegram: string;
  /** Why an address may not be used; null = it may. */
  readonly objection: (url: URL, type: AddressType) => string | null;
};

const TELEGRAM_TOKEN = /^\d{5,}:[A-Za-z0-9_-]{20,}$/;
const SHAPES: Readonly<Record<"slack" | "discord" | "ntfy", readonly [RegExp, string]>> = {
  slack: [/^\/services\/[\w/-]+$/, "https://hooks.slack.com/services/T…/B…/…"],
  discord: [/^\/api\/(?:v\d+\/)?webhooks\/\d+\/[\w-]+$/, "https://discord.com/api/webhooks/…/…"],
  ntfy: [/^\/[\w-]{1,64}$/, "https://ntfy.sh/ and the topic"],
};

class Reader {
  readonly lines: string[] = [];
  readonly values: string[] = [];
  readonly #source: SecretSource;

  constructor(source: SecretSource) {
    this.#source = source;
  }
  read(channel: string, kind: SecretKind): string | null {
    const name = secretName(channel, kind);
    const value = (this.#source.variable(name) ?? this.#credential(name) ?? "").trim();
    if (value !== "") this.values.push(value);
    return value === "" ? null : value;
  }
  need(channel: string, kind: SecretKind): string {
    const value = this.read(channel, kind);
    const name = secretName(channel, kind);
    if (value === null) {
      this.say(
        `${channel}: ${name} is not set: set it in the environment, or as systemd credential ${name.toLowerCase()}`,
      );
    }
    return value ?? "";
  }
  say(line: string): void {
    this.lines.push(line);
  }
  #credential(name: string): string | undefined {
    const folder = this.#source.credentialsFolder;
    if (folder === null) return undefined;
    try {
      return this.#source.readText(`${folder}/${name.toLowerCase()}`);
    } catch {
      // Not given this way: the line of `need` says both ways.
      return undefined;
    }
  }
}

function addressOf(
  reader: Reader,
  of: { readonly name: string; readonly type: AddressType; readonly places: Places },
): string | null {
  const text = reader.need(of.name, "URL");
  if (text === "") return null;
  const variable = secretName(of.name, "URL");
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || url.username !== "" || url.password !== "" || url.hash !== "") {
    reader.say(`${of.name}: ${variable} is no address: it must begin with https:// and hold no user or password`);
    return null;
  }
  const objection = of.places.objection(url, of.type);
  if (objection !== null) {
    reader.say(`${of.name}: ${variable}: ${objection}`);
    return null;
  }
  if (of.type === "slack" || of.type === "discord" || of.type === "ntfy") {
    const [shape, example] = SHAPES[of.type];
    if (!shape.test(url.pathname)) {
      reader.say(`${of.name}: ${variable} is not the address of a ${of.type} channel: it looks like ${example}`);
      return null;
    }
  }
  for (const word of url.pathname.split("/")) if (word.length >= 16) reader.values.push(word);
  return text;
}

function channelOf(
  reader: Reader,
  of: { readonly name: string; readonly config: ChannelConfig; readonly places: Places },
): Channel | null {
  const { name, config, places } = of;
  if (config.type === "telegram") {
    const token = reader.need(name, "TOKEN");
    if (token === "") return null;
    if (!TELEGRAM_TOKEN.test(token)) {
      reader.say(`${name}: ${secretName(name, "TOKEN")} is no token of a bot: digits, a colon, then 35 characters`);
      return null;
    }
    const fingerprint = sha256(`${token} ${config.chat}`).slice(0, 16);
    return telegram({ name, token, fingerprint, base: places.telegram, chat: config.chat, topic: config.topic });
  }
  const url = addressOf(reader, { name, type: config.type, places });
  if (url === null) return null;
  const fingerprint = sha256(url).slice(0, 16);
  if (config.type === "slack") return slack({ name, url, fingerprint });
  if (config.type === "discord") return discord({ name, url, fingerprint });
  if (config.type === "ntfy") return ntfy({ name, url, fingerprint, token: reader.read(name, "TOKEN") });
  const secret = reader.need(name, "SECRET");
  const key = secret === "" ? null : secretBytes(secret);
  if (key !== null) return webhook({ name, url, fingerprint, key });
  if (secret !== "") {
    reader.say(`${name}: ${secretName(name, "SECRET")} is no secret of a webhook: whsec_ and base64 of 24 to 64 bytes`);
  }
  return null;
}

export type Opened = {
  readonly channels: readonly { readonly channel: Channel; readonly config: ChannelConfig }[];
  /** Of Telegram channels with users: the token, for the phone. */
  readonly tokens: ReadonlyMap<string, string>;
  readonly heartbeat: string | null;
  /** What must never appear anywhere. */
  readonly secrets: readonly string[];
  /** What is missing or wrong; not empty = the program must not run. */
  readonly refusals: readonly string[];
};

/** The channels of a configuration with their secrets. */
export function openChannels(
  config: NotifyConfig,
  of: { readonly source: SecretSource; readonly places: Places },
): Opened {
  const reader = new Reader(of.source);
  const channels: { channel: Channel; config: ChannelConfig }[] = [];
  const tokens = new Map<string, string>();
  for (const [name, one] of Object.entries(config.channels)) {
    const channel = channelOf(reader, { name, config: one, places: of.places });
    if (channel !== null) channels.push({ channel, config: one });
    const token = one.type === "telegram" ? reader.read(name, "TOKEN") : null;
    if (token !== null) tokens.set(name, token);
  }
  const heartbeat = config.heartbeat
    ? addressOf(reader, { name: "heartbeat", type: "heartbeat", places: of.places })
    : null;
  // The part of a token after its colon is the secret; the digits before it are the bot's public number.
  const parts = reader.values.flatMap((value) => [value, value.split(":")[1] ?? "", value.replace(/^whsec_/, "")]);
  const secrets = [...new Set(parts)].filter((value) => value.length >= 8);
  return { channels, tokens, heartbeat, secrets, refusals: reader.lines };
}
