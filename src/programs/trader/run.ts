import { safeToStop } from "../../application/transition/mod.ts";
import type { BotProcess } from "../../bot/bot_process.ts";
import { configText } from "../../bot/live/cli_world.ts";
import { readCredentials } from "../../bot/live/credentials.ts";
import { openLiveBot } from "../../bot/live/open_live_bot.ts";
import { literal } from "../../bot/live/sinks.ts";
import { DATA_DIR, type LiveWorld } from "../../bot/live/world.ts";
import { remember, type Remembered } from "../../bot/memory.ts";
import { EXIT, exitOfMemory } from "../../common/exit_codes.ts";
import { dollarText, messageOf, timeText } from "../../common/text.ts";
import type { Event } from "../../domain/events.ts";
import type { Config } from "../../domain/limits.ts";
import { type Keeping, loadConfig } from "../../infrastructure/config/load.ts";
import { type Log, openLog } from "../../infrastructure/logging/log.ts";
import { createRedactor, type Redactor } from "../../infrastructure/logging/redactor.ts";
import { type KillSwitch, watchKillSwitch } from "../../infrastructure/safety/kill_switch.ts";
import { auditPermissions } from "../../infrastructure/safety/permission_audit.ts";
import { awaitDataDirectory } from "../../infrastructure/safety/single_instance.ts";
import { lastLedgerState } from "../../infrastructure/storage/trades/trade_reader.ts";
import { lastStatus, positionLeft } from "./commands/dead_bot.ts";
import { journalRefusal } from "./journal_guard.ts";
import type { RunOptions } from "./program.ts";
import { openWireLog } from "./wire_log_files.ts";
import { priceText } from "../../views/numbers.ts";
import { headlineOf, stateSentence } from "../../views/state_words.ts";
import type { Status } from "../../views/status.ts";

/** Longest stay after SIGINT or SIGTERM (F-13.3). */
const STOP_WITHIN_MS = 30_000;

const STOP_LOOK_MS = 50;

const LINE_EVERY_MS = 60_000;

const FIRST_LINE_MS = 10_000;

export type Ready = {
  readonly config: Config;
  readonly configHash: string;
  readonly keeping: Keeping;
  readonly announcements: readonly string[];
};

/** Permission audit, then configuration: what must be right before anything is touched. */
export function prepare(world: LiveWorld, path: string): Ready | { readonly exitCode: number } {
  const audit = auditPermissions(world.audit);
  for (const line of audit.refusals) world.error(line);
  if (audit.refusals.length > 0) return { exitCode: EXIT.refused };
  const loaded = loadConfig({ path, readText: (file) => configText(world.files, file) });
  if (loaded.kind === "errors") {
    for (const line of loaded.errors) world.error(line);
    return { exitCode: EXIT.refused };
  }
  const announcements = [...audit.announcements, ...loaded.notes.map((note) => `configuration: ${note}`)];
  return { config: loaded.config, keeping: loaded.keeping, configHash: loaded.configHash, announcements };
}

/** `abot --config F`: runs the bot until a signal, a refusal or its end. Returns the exit code. */
export async function runLive(world: LiveWorld, options: RunOptions): Promise<number> {
  const ready = prepare(world, options.config);
  if ("exitCode" in ready) return ready.exitCode;
  let lock;
  try {
    const { platform, processId, build } = world;
    const { files, clock } = platform;
    const program = `abot ${build.version}`;
    lock = await awaitDataDirectory({ files, clock, dataDir: DATA_DIR, processId, program }, world.wait);
  } catch (error) {
    world.error(`Cannot use ${DATA_DIR} as it must be writable: ${messageOf(error)}`);
    return EXIT.files;
  }
  if (lock.kind === "taken") {
    world.error(lock.line);
    return EXIT.notYet;
  }
  try {
    return await runLocked(world, options, ready);
  } finally {
    lock.release();
  }
}

/** With the data directory in hand: keys, then the bot. */
async function runLocked(world: LiveWorld, options: RunOptions, ready: Ready): Promise<number> {
  const { config } = ready;
  let remembered: Remembered;
  try {
    const refusal = journalRefusal(world.files, DATA_DIR);
    if (refusal !== null) {
      world.error(refusal);
      return EXIT.refused;
    }
    remembered = remember({ platform: world.platform, dataDir: DATA_DIR, config, build: world.build });
    // What it would be written to must be readable as well: the running bot could not say so any more.
    lastLedgerState(world.files, DATA_DIR);
  } catch (error) {
    world.error(`Cannot start as ${DATA_DIR} cannot be read: ${messageOf(error)}`);
    for (const line of positionLeft(lastStatus(world.files, DATA_DIR))) world.error(line);
    return exitOfMemory(error);
  }
  const source = { variable: world.audit.variable, readText: (path: string) => world.files.readText(path) };
  const keys = readCredentials(source, remembered.openLine);
  if (keys.kind === "missing") {
    for (const line of keys.lines) world.error(line);
    return EXIT.refused;
  }
  const redactor = createRedactor([keys.key, keys.secret]);
  let wire: WireFile | null = null;
  try {
    if (options.wireLog !== false) {
      wire = openWireLog({ platform: world.platform, directory: options.wireLog, redactor });
    }
  } catch (error) {
    world.error(messageOf(error));
    return EXIT.files;
  }
  const log = openLog({
    files: world.platform.files,
    clock: world.platform.clock,
    dataDir: DATA_DIR,
    level: "info",
    redactor,
    stdout: world.terminal ? null : world.out,
    onTrouble: world.error,
  });
  try {
    return await new LiveRun(world, { options, ready, redactor, log, remembered, wire }).until(keys);
  } finally {
    log.close();
  }
}

type WireFile = ReturnType<typeof openWireLog>;

type RunParts = {
  readonly options: RunOptions;
  readonly ready: Ready;
  readonly redactor: Redactor;
  readonly log: Log;
  readonly remembered: Remembered;
  readonly wire: WireFile | null;
};

/** One run of the live bot: wiring, the line a minute, and the way out. */
class LiveRun {
  readonly #world: LiveWorld;
  readonly #parts: RunParts;
  #bot: BotProcess | null = null;
  #kill: KillSwitch | null = null;
  #end: (code: number) => void = () => undefined;
  #stopping = false;
  /** Why the venue has not said who we are. */
  #unknown = "";

  constructor(world: LiveWorld, parts: RunParts) {
    this.#world = world;
    this.#parts = parts;
  }

  #say(line: string): void {
    if (this.#world.terminal) this.#world.out(`${timeText(this.#world.now())}  ${line}`);
  }

  async until(keys: { readonly key: string; readonly secret: string }): Promise<number> {
    const ended = new Promise<number>((resolve) => {
      this.#end = resolve;
    });
    const close = this.#start(keys);
    const quiet = this.#world.onSignal((name) => this.#stop(name));
    try {
      return await ended;
    } finally {
      quiet();
      this.#kill?.stop();
      close();
    }
  }

  #announce(lines: readonly string[]): void {
    for (const line of lines) {
      this.#parts.log.logger("program").warn(literal(line));
      this.#say(line);
    }
  }

  #start(keys: { readonly key: string; readonly secret: string }): () => void {
    const { options, ready, redactor, log, remembered, wire } = this.#parts;
    const { platform, build, pack, error } = this.#world;
    this.#announce(ready.announcements);
    const live = openLiveBot({
      ...{ platform, build, pack, redactor, log, remembered, ...keys },
      config: ready.config,
      configHash: ready.configHash,
      keeping: ready.keeping,
      dataDir: DATA_DIR,
      observe: options.observe,
      wireLog: wire?.write ?? null,
      onRefused: (line) => this.#refuse(line),
      onUnknown: (why) => void (this.#unknown = why),
      onAnswer: (answer) => this.#kill?.answer(answer),
      say: (line) => this.#say(line),
      stderr: error,
    });
    const bot = live.process;
    this.#bot = bot;
    this.#kill = watchKillSwitch({
      files: platform.files,
      clock: platform.clock,
      dataDir: DATA_DIR,
      serverNow: () => bot.serverNow(),
      submit: (event: Event) => bot.submit(event),
      onTrouble: (text) => {
        log.logger("program").error(literal(text));
        live.raise({ severity: "warning", code: "operator_commands", text });
      },
    });
    const line = this.#minutely(() => live.latest());
    this.#say(
      `abot ${build.version} (${build.commit}), profile ${ready.config.profile}${options.observe ? ", observe" : ""}`,
    );
    return () => {
      platform.clock.cancel(line.timer());
      live.close();
      wire?.close();
    };
  }

  /** One line a minute for a person at the terminal. */
  #minutely(latest: () => Status | null) {
    const { clock } = this.#world.platform;
    const tell = (): number => {
      const status = latest();
      if (status === null) {
        const why = this.#unknown === "" ? "" : `, last: ${this.#unknown}`;
        const line = `waiting for the venue: it has not said which account the key belongs to${why}`;
        this.#say(line);
        this.#parts.log.logger("program").warn(line);
      } else this.#say(minuteLine(status));
      return clock.after(LINE_EVERY_MS, () => void (timer = tell()));
    };
    let timer = clock.after(FIRST_LINE_MS, () => void (timer = tell()));
    return { timer: () => timer };
  }

  /** A check failed with nothing open, or the account is not ours: the process must end (F-12.6). */
  #refuse(line: string): void {
    this.#world.error(line);
    this.#parts.log.logger("program").error(literal(line));
    this.#end(EXIT.refused);
  }

  /** F-13.3: out only when nothing is in flight and every contract is covered by a shown stop; 30 s at most. */
  #stop(name: string): void {
    if (this.#stopping) return this.#say(`${name} again: still waiting for orders to be known`);
    this.#stopping = true;
    const { clock } = this.#world.platform;
    this.#say(`${name}: stopping`);
    this.#parts.log.logger("program").info(`${name}: stopping`);
    const bot = this.#bot;
    if (bot === null) return this.#end(EXIT.ok);
    bot.submit({ kind: "Shutdown", at: bot.serverNow() });
    const deadline = clock.monotonicNow() + STOP_WITHIN_MS;
    const look = (): void => {
      const state = bot.state();
      // Before the account is known nothing was sent; what an earlier run left open could not be looked at.
      if (state === null) {
        const { openLine } = this.#parts.remembered;
        if (openLine !== null) this.#world.error(openLine);
        return this.#end(openLine === null ? EXIT.ok : EXIT.notYet);
      }
      const { safe, open } = safeToStop(state.bot);
      if (safe) return this.#end(EXIT.ok);
      if (clock.monotonicNow() < deadline) return void clock.after(STOP_LOOK_MS, look);
      for (const line of open) this.#world.error(`Stopped with something open: ${line}`);
      this.#end(EXIT.notYet);
    };
    clock.after(STOP_LOOK_MS, look);
  }
}

/** `PROTECTED  In a trade: long 147 contracts from $31,730.  account $101.20  BTC $31,780  3 of 5 trades today`. */
export function minuteLine(status: Status): string {
  const { limits } = status;
  return `${headlineOf(status)}  ${stateSentence(status, status.written_at_ms)}  account ${
    dollarText(status.equity_usd)
  }  BTC ${priceText(status.last_usd)}  ${limits.trades_today} of ${limits.trades_a_day} trades today`;
}
