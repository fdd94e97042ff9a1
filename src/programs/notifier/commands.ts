/** `test`, `state`, `resend` and `explain`: what a person asks of the notifier besides running it (N-2.3). */
import { ALERT_FAMILIES } from "../../domain/alert_codes.ts";
import { EXIT } from "../../common/exit_codes.ts";
import { ageText, timeText } from "../../common/text.ts";
import { sha256 } from "../../common/sha256.ts";
import { alertLabel, alertWords } from "../../views/alert_words.ts";
import type { Channel, Verdict } from "./channels/types.ts";
import { type Cursor, cursorPath, readCursor } from "./cursor.ts";
import { type DeadLetter, deadPath, letterLine, lettersOf, resendPath } from "./dead_letters.ts";
import { messageOf, Times } from "./message.ts";
import { Follower } from "./outbox.ts";
import { ownSource } from "./own_lines.ts";
import type { ChannelConfig, NotifyConfig } from "./config.ts";
import { secretName } from "./secret_names.ts";
import { outboxSource } from "./summaries.ts";
import { SEND_TIMEOUT_MS } from "./worker.ts";
import type { NotifyWorld } from "./world.ts";

export type CommandWorld = {
  readonly world: NotifyWorld;
  readonly dataDir: string;
  readonly out: (line: string) => void;
  readonly error: (line: string) => void;
};
type Named = { readonly channel: Channel; readonly config: ChannelConfig };

function verdictText(verdict: Verdict): string {
  switch (verdict.kind) {
    case "sent":
      return "sent; look whether it has arrived";
    case "wait":
      return `not sent: ${verdict.why}; try again in ${Math.ceil(verdict.ms / 1000)} s`;
    case "later":
      return `not sent: ${verdict.why}; try again`;
    case "refused":
    case "gone":
      return `not sent: ${verdict.why}. ${verdict.advice}`;
    default: {
      const never: never = verdict;
      return never;
    }
  }
}

/** Sends one message to each channel, or to the named one, and says what its service answered. Exit 1 if any failed. */
export async function testChannels(
  of: CommandWorld,
  options: { readonly channels: readonly Named[]; readonly only: string | null },
): Promise<number> {
  const { world } = of;
  const wanted = options.channels.filter(({ channel }) => options.only === null || channel.name === options.only);
  if (wanted.length === 0) {
    const names = options.channels.map(({ channel }) => channel.name).join(", ");
    of.error(`Cannot test ${options.only ?? ""} as there is no such channel: there are ${names}`);
    return EXIT.usage;
  }
  let failed = 0;
  for (const { channel, config } of wanted) {
    const now = world.now();
    const matter = { severity: "info", code: "test_message", reason: "", context: {} } as const;
    const id = sha256(`test ${channel.name} ${now}`);
    const line = { id, at: now, ...matter, ...alertWords(matter), journal_head: "" };
    const message = messageOf(line, { times: new Times(config), again: false });
    const [part] = channel.parts(message);
    if (part === undefined) continue;
    const ask = channel.ask(part, { message, index: 0, now });
    const verdict = channel.judge(await world.send(ask, { timeoutMs: SEND_TIMEOUT_MS }));
    if (verdict.kind !== "sent") failed += 1;
    (verdict.kind === "sent" ? of.out : of.error)(`${channel.name} (${channel.kind}): ${verdictText(verdict)}`);
  }
  return failed === 0 ? EXIT.ok : EXIT.no;
}

function waitingOf(of: CommandWorld, cursor: Cursor): number {
  const { files } = of.world;
  const sources = [[outboxSource(files, of.dataDir), cursor.outbox], [
    ownSource(files, of.dataDir),
    cursor.own,
  ]] as const;
  const held = cursor.held.reduce((sum, one) => sum + one.count, 0);
  return held + sources.reduce((sum, [source, place]) => sum + new Follower(source, place).waiting(), 0);
}

export type ChannelState = {
  readonly name: string;
  readonly kind: string;
  readonly since: number | null;
  readonly sent: number;
  readonly again: number;
  readonly waiting: number;
  readonly dead: readonly DeadLetter[];
  readonly unreadable: number;
  readonly sentAt: number | null;
  /** Why it is not delivered now; null = all is well. */
  readonly trouble: { readonly since: number; readonly why: string } | null;
};

export function stateOf(of: CommandWorld, channel: { readonly name: string; readonly kind: string }): ChannelState {
  const { files } = of.world;
  const cursor = readCursor(files, cursorPath(of.dataDir, channel.name));
  const letters = deadPath(of.dataDir, channel.name);
  const dead = files.exists(letters) ? lettersOf(files.readText(letters)) : [];
  if (cursor === null) {
    const none = { since: null, sent: 0, again: 0, waiting: 0, unreadable: 0, sentAt: null, trouble: null };
    return { ...channel, ...none, dead };
  }
  const { since, sent, again, unreadable, sentAt, gone, trouble } = cursor;
  const waiting = waitingOf(of, cursor);
  const why = gone === null ? trouble : { since: gone.since, why: `${gone.why}. ${gone.advice}` };
  return { ...channel, since, sent, again, waiting, dead, unreadable, sentAt, trouble: why };
}

function stateLines(state: ChannelState, now: number): readonly string[] {
  const head = `${state.name} (${state.kind})`;
  if (state.since === null) return [`${head}: the notifier has not run with it yet`];
  const last = state.sentAt === null ? "" : `, the last one ${ageText(now - state.sentAt)} ago`;
  const again = state.again === 0 ? "" : `, ${state.again} sent again`;
  const lines = [
    `${head}: ${state.sent} delivered since ${timeText(state.since)}${last}${again}; ${state.waiting} waiting`,
  ];
  if (state.trouble !== null) {
    lines.push(`  for ${ageText(now - state.trouble.since)}: ${state.trouble.why}`);
  }
  if (state.unreadable > 0) lines.push(`  ${state.unreadable} lines of the alerts could not be read`);
  for (const letter of state.dead.slice(-3)) {
    lines.push(`  not delivered ${timeText(letter.at)}: ${letter.message.head}`, `    ${letter.why}. ${letter.advice}`);
  }
  if (state.dead.length > 0) {
    lines.push(`  ${state.dead.length} not delivered: \`abot-notifier resend ${state.name}\` sends them again`);
  }
  return lines;
}

/** Per channel: delivered, waiting, dead letters, since when. Exit 1 when something is not delivered. */
export function showState(
  of: CommandWorld,
  options: { readonly config: NotifyConfig; readonly json: boolean },
): number {
  const states = Object.entries(options.config.channels).map(([name, { type }]) => stateOf(of, { name, kind: type }));
  if (options.json) of.out(JSON.stringify(states));
  else for (const state of states) for (const line of stateLines(state, of.world.now())) of.out(line);
  return states.every((state) => state.dead.length === 0 && state.trouble === null) ? EXIT.ok : EXIT.no;
}

/** Hands dead letters to the running notifier, or to the next one. */
export function resendLetters(
  of: CommandWorld,
  options: { readonly config: NotifyConfig; readonly only: string | null },
): number {
  const { files } = of.world;
  const names = Object.keys(options.config.channels).filter((name) => options.only === null || name === options.only);
  if (names.length === 0) {
    const known = Object.keys(options.config.channels).join(", ");
    of.error(`Cannot resend to ${options.only ?? ""} as there is no such channel: there are ${known}`);
    return EXIT.usage;
  }
  for (const name of names) {
    const [dead, again] = [deadPath(of.dataDir, name), resendPath(of.dataDir, name)];
    const letters = files.exists(dead) ? lettersOf(files.readText(dead)) : [];
    if (letters.length === 0) {
      of.out(`${name}: nothing to send again`);
      continue;
    }
    const waiting = files.exists(again) ? lettersOf(files.readText(again)) : [];
    // First the new file, then the old one goes: told twice is better than lost.
    files.writeAtomic(again, [...waiting, ...letters].map((letter) => `${letterLine(letter)}\n`).join(""));
    files.remove(dead);
    of.out(`${name}: ${letters.length} will be sent again by the running notifier, or at its next start`);
  }
  return EXIT.ok;
}

/** The effective settings, which secrets are expected from where, and every alert there is. */
export function explainNotifier(
  of: CommandWorld,
  options: { readonly config: NotifyConfig; readonly isSet: (name: string) => boolean },
): number {
  const { config } = options;
  for (const [name, one] of Object.entries(config.channels)) {
    const kinds = one.type === "telegram"
      ? ["TOKEN" as const]
      : one.type === "webhook"
      ? ["URL" as const, "SECRET" as const]
      : ["URL" as const];
    of.out(
      `${name}: ${one.type}, from ${one.minimum} on${one.off.length === 0 ? "" : `, without ${one.off.join(", ")}`}`,
    );
    if (one.quiet !== null) {
      of.out(`  quiet from ${one.quiet.from} to ${one.quiet.to} ${one.quiet.zone}, critical alerts excepted`);
    }
    of.out(`  times in ${one.zone}, written as in ${one.language}`);
    if (one.type === "telegram") {
      const who = one.users.length === 0 ? "nobody may send commands" : `commands from ${one.users.join(", ")}`;
      of.out(`  chat ${one.chat}; ${who}`);
    }
    for (const kind of kinds) {
      const variable = secretName(name, kind);
      of.out(
        `  ${variable} or systemd credential ${variable.toLowerCase()}: ${options.isSet(variable) ? "set" : "NOT SET"}`,
      );
    }
  }
  const { daily } = config;
  const weekly = daily?.weekly_on === null || daily === null ? "" : `, a summary each ${daily.weekly_on}`;
  of.out(daily === null ? "no daily line" : `daily line at ${daily.at} ${daily.zone}${weekly}`);
  of.out(config.heartbeat ? "a heartbeat each minute while the bot is well" : "no heartbeat");
  of.out("");
  of.out("Alerts that `off` takes:");
  for (const family of ALERT_FAMILIES) of.out(`  ${family.padEnd(26)}${alertLabel(family)}`);
  return EXIT.ok;
}
