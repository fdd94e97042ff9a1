/** The notifier's parts in a test's hands: a disk in memory, the channels' services, and a clock that jumps. */
import { Webhook } from "standardwebhooks";
import { sha256 } from "../../../src/common/sha256.ts";
import { type AlertFacts, alertText, monthFile } from "../../../src/infrastructure/logging/alert_line.ts";
import { Bucket } from "../../../src/programs/notifier/bucket.ts";
import type { Ask, Reply } from "../../../src/programs/notifier/channels/types.ts";
import { loadNotifyConfig, type NotifyConfig } from "../../../src/programs/notifier/config.ts";
import { livePlaces } from "../../../src/programs/notifier/live_places.ts";
import { openChannels, type Opened } from "../../../src/programs/notifier/secrets.ts";
import { workerOf } from "../../../src/programs/notifier/run.ts";
import type { Worker } from "../../../src/programs/notifier/worker.ts";
import type { NotifyWorld } from "../../../src/programs/notifier/world.ts";
import { MemoryDisk } from "./memory_disk.ts";
import {
  BEAT_PATH,
  BeatService,
  DISCORD_PATH,
  DiscordService,
  HOOK_PATH,
  HOOK_SECRET,
  HookService,
  NTFY_PATH,
  NtfyService,
  SLACK_PATH,
  SlackService,
} from "./others.ts";
import type { Outcome, Service, ServiceRequest } from "./services.ts";
import { BOT_TOKEN, CHAT, TelegramService, USER } from "./telegram.ts";

export const DATA = "data";
export const START = Date.UTC(2026, 10, 16, 10, 0);

export const SECRETS: Readonly<Record<string, string>> = {
  ABOT_NOTIFY_PHONE_TOKEN: BOT_TOKEN,
  ABOT_NOTIFY_TEAM_URL: `https://hooks.slack.com${SLACK_PATH}`,
  ABOT_NOTIFY_GAME_URL: `https://discord.com${DISCORD_PATH}`,
  ABOT_NOTIFY_PUSH_URL: `https://ntfy.sh${NTFY_PATH}`,
  ABOT_NOTIFY_HOOK_URL: `https://alerts.example.org${HOOK_PATH}`,
  ABOT_NOTIFY_HOOK_SECRET: HOOK_SECRET,
  ABOT_NOTIFY_HEARTBEAT_URL: `https://hc-ping.com${BEAT_PATH}`,
};
export const CHANNELS = ["phone", "team", "game", "push", "hook"] as const;
export type Name = (typeof CHANNELS)[number];

/** One channel of each kind. */
export const CONFIG = `channels:
  phone:
    type: telegram
    chat: ${CHAT}
    users: [${USER}]
  team:
    type: slack
  game:
    type: discord
  push:
    type: ntfy
  hook:
    type: webhook
heartbeat: true
`;

export function configOf(text: string): NotifyConfig {
  const loaded = loadNotifyConfig({ path: "config/notify.yaml", readText: () => text });
  if (loaded.kind === "errors") throw new Error(loaded.errors.join("\n"));
  return loaded.config;
}

export function openAll(config: NotifyConfig, secrets: Readonly<Record<string, string>> = SECRETS): Opened {
  const source = {
    variable: (name: string) => secrets[name],
    readText: () => {
      throw new Error("no such file");
    },
    credentialsFolder: null,
  };
  return openChannels(config, { source, places: livePlaces(() => true) });
}

export class ServiceHouse {
  readonly telegram: TelegramService;
  readonly slack: SlackService;
  readonly discord: DiscordService;
  readonly ntfy: NtfyService;
  readonly hook: HookService;
  readonly beat: BeatService;
  readonly hosts: ReadonlyMap<string, Service>;

  constructor(now: () => number, verifier = new Webhook(HOOK_SECRET)) {
    this.telegram = new TelegramService(now);
    this.slack = new SlackService(now);
    this.discord = new DiscordService(now);
    this.ntfy = new NtfyService(now);
    // The library's tolerance is five minutes of the real clock; a test's clock is another one.
    const verify = (body: string, headers: Record<string, string>) => verifyAt(verifier, { body, headers, now: now() });
    this.hook = new HookService(now, verify);
    this.beat = new BeatService(now);
    this.hosts = new Map<string, Service>([
      ["api.telegram.org", this.telegram],
      ["hooks.slack.com", this.slack],
      ["discord.com", this.discord],
      ["ntfy.sh", this.ntfy],
      ["alerts.example.org", this.hook],
      ["hc-ping.com", this.beat],
    ]);
  }
  of(name: Name): Service {
    const found = { phone: this.telegram, team: this.slack, game: this.discord, push: this.ntfy, hook: this.hook };
    return found[name];
  }
  all(): readonly Service[] {
    return [...this.hosts.values()];
  }
  handle(host: string, request: ServiceRequest): Outcome {
    const service = this.hosts.get(host);
    if (service === undefined) throw new Error(`no such host: ${host}`);
    return service.handle(request);
  }
}

/** The library's verdict at a moment of the test's clock. */
function verifyAt(
  verifier: Webhook,
  of: { readonly body: string; readonly headers: Record<string, string>; readonly now: number },
): unknown {
  const real = Date.now;
  Date.now = () => of.now;
  try {
    return verifier.verify(of.body, of.headers);
  } finally {
    Date.now = real;
  }
}

export class Rig {
  now = START;
  readonly disk: MemoryDisk;
  readonly services: ServiceHouse;
  readonly logs: string[] = [];
  readonly waits: number[] = [];
  stopped = false;
  random = 0.5;
  /** Called when a request has been answered, before the answer is known to the notifier. */
  onAnswered: ((host: string) => void) | null = null;
  onWait: ((ms: number) => void) | null = null;

  constructor(disk = new MemoryDisk(), services?: ServiceHouse) {
    this.disk = disk;
    this.services = services ?? new ServiceHouse(() => this.now);
  }

  readonly world: NotifyWorld = {
    files: this.filesOfRig(),
    now: () => this.now,
    wait: (ms) => {
      this.waits.push(ms);
      if (this.waits.length > 500_000) throw new Error("waits without an end");
      this.now += ms;
      this.onWait?.(ms);
      return Promise.resolve();
    },
    random: () => this.random,
    send: (ask, { timeoutMs }) => Promise.resolve(this.#send(ask, timeoutMs)),
    log: (level, line) => void this.logs.push(`${level} ${line}`),
    stopping: () => this.stopped,
  };

  private filesOfRig(): MemoryDisk {
    // A field initialiser runs before the constructor's body: the disk is looked up when it is used.
    return new Proxy(new MemoryDisk(), {
      get: (_, key) => {
        const value = Reflect.get(this.disk, key);
        return typeof value === "function" ? value.bind(this.disk) : value;
      },
    });
  }

  #send(ask: Ask, timeoutMs: number): Reply {
    const url = new URL(ask.url);
    const request = {
      method: ask.method,
      path: `${url.pathname}${url.search}`,
      headers: ask.headers,
      body: ask.body,
    };
    const outcome = this.services.handle(url.hostname, request);
    this.onAnswered?.(url.hostname);
    if (outcome.kind === "lost") return { kind: "unreached", why: "the connection was lost", perhaps: true };
    if (outcome.delayMs > timeoutMs) {
      this.now += timeoutMs;
      return { kind: "unreached", why: `no answer within ${timeoutMs / 1000} s`, perhaps: true };
    }
    this.now += outcome.delayMs + 20;
    const { status, headers = {}, body } = outcome.answer;
    return { kind: "reply", status, headers, body };
  }

  /** Appends an alert to the outbox, now. */
  alert(change: Partial<AlertFacts> & { readonly code: string }): AlertFacts & { readonly id: string } {
    const facts: AlertFacts = {
      at: this.now,
      severity: "info",
      sentence: `Alert ${change.code}.`,
      steps: [],
      reason: "",
      context: { contracts: 0, phase: "flat" },
      journal_head: sha256("journal"),
      ...change,
    };
    const text = alertText(facts, (line) => line);
    this.disk.appendRaw(`${DATA}/alerts/${monthFile(facts.at)}`, `${text}\n`);
    return { ...facts, id: text.slice(7, 71) };
  }

  /** A worker as a process that starts now has it. */
  worker(name: Name, configText = CONFIG, secrets: Readonly<Record<string, string>> = SECRETS): Worker {
    const opened = openAll(configOf(configText), secrets);
    const one = opened.channels.find(({ channel }) => channel.name === name);
    if (one === undefined) throw new Error(`no channel ${name}: ${opened.refusals.join("; ")}`);
    const bucket = new Bucket(one.channel.pace, this.now);
    return workerOf({ world: this.world, dataDir: DATA }, { ...one, bucket });
  }

  /** Turns until there is nothing to do. */
  async drain(worker: Worker): Promise<void> {
    for (let turns = 0; !this.stopped && await worker.turn(); turns += 1) {
      if (turns > 10_000) throw new Error("turns without an end");
    }
  }

  heads(name: Name): readonly string[] {
    return this.services.of(name).shown.map(({ text }) => text.split("\n")[0] ?? "");
  }
  misdeeds(): readonly string[] {
    return this.services.all().flatMap((service) => service.misdeeds);
  }
}
