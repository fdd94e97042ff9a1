/** `abot-monitor`: flags, token, listening, and the beat (M-2). */
import { Command, CommanderError, InvalidArgumentError } from "commander";
import { EXIT } from "../../common/exit_codes.ts";
import { messageOf } from "../../common/text.ts";
import {
  auditMonitor,
  MONITOR_ADDRESS,
  MONITOR_CREDENTIALS_FOLDER,
  MONITOR_CREDENTIALS_NAME,
  MONITOR_PORT,
  TOKEN_NAME,
} from "../../infrastructure/safety/monitor_permissions.ts";
import type { AuditWorld } from "../../infrastructure/safety/permission_audit.ts";
import { DataDirectory } from "./follow/data_directory.ts";
import type { ReadSeam } from "./follow/tail.ts";
import { readToken } from "./http/access.ts";
import { createApp } from "./http/app.ts";
import { type Connection, serveAll } from "./http/front.ts";
import { EventStreams } from "./http/streams.ts";
import { headline } from "./view/sections.ts";
import { snapshotOf } from "./view/document.ts";

const POLL_MS = 250;
/** A beat a second: three missed ones are no news. */
const BEAT_POLLS = 4;
const OLDER_DAY_EVERY_MS = 15;

export type MonitorWorld = {
  readonly audit: AuditWorld;
  readonly seam: ReadSeam;
  readonly now: () => number;
  readonly out: (line: string) => void;
  readonly error: (line: string) => void;
  /** Listens on 127.0.0.1; throws what the system throws. */
  readonly listen: (port: number) => AsyncIterable<Connection> & { readonly port: number; close(): void };
  /** Bytes free where a path lies; null = not known. */
  readonly diskFree: (path: string) => number | null;
  readonly version: string;
  readonly commit: string;
  /** Resolves when the process is told to stop. */
  readonly stopped: () => Promise<void>;
};

export type MonitorFlags = {
  readonly data: string;
  readonly port: number;
  readonly publicHost: readonly string[];
};

const HOST = /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/;

function hostOf(text: string, before: readonly string[]): readonly string[] {
  const name = text.toLowerCase();
  if (!HOST.test(name)) {
    throw new InvalidArgumentError(`It must be a host name such as bot.example.org, not "${text}".`);
  }
  return [...before, name];
}
function portOf(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535) throw new InvalidArgumentError(`It must be a port, not "${text}".`);
  return port;
}

/** Flags of the command line; throws CommanderError after it has said what is wrong. */
export function monitorFlagsOf(
  args: readonly string[],
  say: { out: (text: string) => void; error: (text: string) => void },
): MonitorFlags {
  const none: readonly string[] = [];
  const command = new Command("abot-monitor")
    .description("a read-only page about one bot, on 127.0.0.1")
    .option("--data <dir>", "data directory of the bot", "data")
    .option(
      "--public-host <name>",
      "a name the page also answers to, behind a tunnel or proxy; may be repeated",
      hostOf,
      none,
    )
    .option("--port <n>", "port of 127.0.0.1; another one needs its own permission", portOf, MONITOR_PORT)
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput({
      writeOut: say.out,
      writeErr: say.error,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    });
  command.parse([...args], { from: "user" });
  return command.opts<MonitorFlags>();
}

function tokenSources(world: MonitorWorld, dataDir: string) {
  const variable = (name: string): string | null => world.audit.variable(name) ?? null;
  const text = (path: string): string | null => {
    if (world.seam.stat(path) === null) return null;
    return new TextDecoder().decode(world.seam.read(path, 0, 1_000));
  };
  const credentials = variable(MONITOR_CREDENTIALS_NAME);
  return [
    { name: TOKEN_NAME, value: () => variable(TOKEN_NAME) },
    {
      name: "the systemd credential monitor_token",
      value: () => credentials === MONITOR_CREDENTIALS_FOLDER ? text(`${credentials}/monitor_token`) : null,
    },
    { name: `${dataDir}/monitor.token`, value: () => text(`${dataDir}/monitor.token`) },
  ];
}

/** Runs the monitor until it is told to stop. Returns the exit code. */
export async function runMonitor(world: MonitorWorld, flags: MonitorFlags): Promise<number> {
  const refusals = auditMonitor(world.audit, flags.port);
  for (const line of refusals) world.error(line);
  if (refusals.length > 0) return EXIT.refused;
  let token: string | null;
  try {
    const read = readToken(tokenSources(world, flags.data));
    if ("refusal" in read) {
      world.error(read.refusal);
      return EXIT.refused;
    }
    token = read.token;
  } catch (error) {
    world.error(`Cannot read the token: ${messageOf(error)}`);
    return EXIT.files;
  }
  let listener: ReturnType<MonitorWorld["listen"]>;
  try {
    listener = world.listen(flags.port);
  } catch (error) {
    world.error(`Cannot listen on ${MONITOR_ADDRESS}:${flags.port}: ${messageOf(error)}. Is another monitor running?`);
    return EXIT.notYet;
  }
  const stop = serve(world, { flags, token, listener });
  const names = flags.publicHost.length === 0 ? "" : `, also as ${flags.publicHost.join(", ")}`;
  world.out(`monitor of ${flags.data} at http://${MONITOR_ADDRESS}:${listener.port}/${names}`);
  if (token === null) {
    world.out(`No token is set: every user of this machine can look. Set ${TOKEN_NAME} to change that.`);
  }
  await world.stopped();
  stop();
  return EXIT.ok;
}

type Serving = {
  readonly flags: MonitorFlags;
  readonly token: string | null;
  readonly listener: ReturnType<MonitorWorld["listen"]>;
};

function serve(world: MonitorWorld, { flags, token, listener }: Serving): () => void {
  const { seam, now } = world;
  const directory = new DataDirectory({ seam, dataDir: flags.data, now });
  const streams = new EventStreams();
  directory.poll();
  let polls = 0;
  let word = "";
  const beat = setInterval(() => {
    directory.poll();
    polls += 1;
    if (older === null && directory.waitingDays() > 0) readOlder();
    // The first line changes at once, everything else once a second.
    const seen = headline({ directory, now: now() }).word;
    const due = polls % BEAT_POLLS === 0 || seen !== word;
    if (due && streams.count() > 0) streams.beat(snapshotOf({ directory, now: now() }));
    word = seen;
  }, POLL_MS);
  // Older days come one by one beside the serving: the first page does not wait for a year of history.
  let older: ReturnType<typeof setTimeout> | null = null;
  const readOlder = (): void => {
    older = directory.readOlderDay() ? setTimeout(readOlder, OLDER_DAY_EVERY_MS) : null;
  };
  const app = createApp({
    directory,
    streams,
    port: listener.port,
    publicHosts: flags.publicHost,
    token,
    now,
    metricFacts: () => ({
      version: world.version,
      commit: world.commit,
      streams: streams.count(),
      diskFreeBytes: world.diskFree(flags.data),
    }),
  });
  void serveAll(listener, (request) => app.fetch(request));
  return () => {
    clearInterval(beat);
    if (older !== null) clearTimeout(older);
    streams.close();
    listener.close();
  };
}

/** Parses and runs; says every mistake in one line. */
export async function monitorProgram(world: MonitorWorld, args: readonly string[]): Promise<number> {
  try {
    const say = {
      out: (text: string) => world.out(text.trimEnd()),
      error: (text: string) => world.error(text.trimEnd()),
    };
    return await runMonitor(world, monitorFlagsOf(args, say));
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    throw error;
  }
}
