import type { IntentOf } from "../../domain/intent.ts";
import type { CheckName } from "../../domain/events.ts";
import { startBot } from "../../bot/bot_process.ts";
import { NOTHING_REMEMBERED } from "../../bot/memory.ts";
import { readCredentials } from "../../bot/live/credentials.ts";
import { CHECK_WORDS, checkLine } from "../../views/check_words.ts";
import { EXIT } from "../../common/exit_codes.ts";
import { MemoryFiles } from "../../infrastructure/platform/memory_files.ts";
import { readPriceBand } from "./price_band.ts";
import { prepare, type Ready } from "./run.ts";
import type { LiveWorld } from "../../bot/live/world.ts";

const NOT_READY = "Not ready to start.";
/** The network may be slow; longer than this is an answer too. */
const CHECK_WITHIN_MS = 45_000;

type Report = (intent: Pick<IntentOf<"ReportCheck">, "check" | "ok" | "line">) => void;
type Boot = {
  readonly key: string;
  readonly secret: string;
  readonly ready: Ready;
  readonly done: Map<CheckName, boolean>;
};

/** Answers come as they like; the line of a check waits for those before it. `rest` says what is left. */
function inOrder(world: LiveWorld, done: Boot["done"]): { readonly report: Report; readonly rest: () => void } {
  const waiting = new Map<string, () => void>();
  const said = () => undefined;
  const report: Report = ({ check, ok, line }) => {
    if (done.has(check)) return;
    done.set(check, ok);
    const say = ok ? world.out : world.error;
    waiting.set(check, () => say(checkLine(check, { result: ok ? "ok" : "failed", line })));
    for (const each of Object.keys(CHECK_WORDS)) {
      const ready = waiting.get(each);
      if (ready === undefined) return;
      ready();
      waiting.set(each, said);
    }
  };
  const rest = () => {
    for (const each of Object.keys(CHECK_WORDS)) {
      waiting.get(each)?.();
      waiting.set(each, said);
    }
  };
  return { report, rest };
}

/** Boots on memory with every order kept back; resolves with what was refused beyond the checks. */
function boot(world: LiveWorld, { key, secret, ready, done }: Boot): Promise<readonly string[]> {
  const { report, rest } = inOrder(world, done);
  const { platform } = world;
  const kept = new Set<string>();
  let unknown = "";
  return new Promise((resolve) => {
    const bot = startBot({
      platform: {
        clock: platform.clock,
        http: platform.http,
        sockets: platform.sockets,
        random: platform.random,
        signer: (secret) => platform.signer(secret),
        files: new MemoryFiles(),
      },
      config: ready.config,
      build: world.build,
      dataDir: "check",
      remembered: NOTHING_REMEMBERED,
      key,
      secret,
      observe: true,
      pack: null,
      wireLog: null,
      sinks: () => ({
        alert: (intent) => world.out(`note    ${intent.severity} ${intent.code}: ${intent.text}`),
        record: () => undefined,
        answer: () => undefined,
        check: report,
        refuseStart(intent) {
          report({ check: intent.check, ok: false, line: intent.line });
          finish([]);
        },
        observed({ kind }) {
          if (!kept.has(kind)) world.out(`note    a running bot would now send ${kind}`);
          kept.add(kind);
        },
      }),
      onRefused: (line) => finish([line]),
      onUnknown: (why) => void (unknown = why),
      afterStep(_event, state) {
        if (state.bot.boot.stage !== "done") return;
        const { halt } = state.bot;
        finish(halt === null ? [] : [`a running bot would now be halted: ${halt.reason}: ${halt.detail}`]);
      },
    });
    const timer = world.platform.clock.after(CHECK_WITHIN_MS, () => {
      const late = `no answer within ${CHECK_WITHIN_MS / 1000} s`;
      finish([unknown === "" ? `${late}: is the venue reachable from here?` : `${late}, last: ${unknown}`]);
    });
    function finish(refused: readonly string[]): void {
      world.platform.clock.cancel(timer);
      bot.stop();
      rest();
      resolve(refused);
    }
  });
}

/**
 * `abot check`: the same boot as a run, on memory instead of the data directory and with every order kept back, until
 * each check has answered. Works while a bot runs. Exit 0 only when all are good.
 */
export async function checkLive(world: LiveWorld, path: string): Promise<number> {
  const ready = prepare(world, path);
  if ("exitCode" in ready) {
    world.out(NOT_READY);
    return ready.exitCode;
  }
  world.out("ok      permissions and environment");
  world.out(`ok      configuration ${path} (${ready.configHash.slice(0, 12)})`);
  for (const line of ready.announcements) world.out(`note    ${line}`);
  const source = { variable: world.audit.variable, readText: (file: string) => world.files.readText(file) };
  const keys = readCredentials(source, null);
  if (keys.kind === "missing") {
    for (const line of keys.lines) world.error(`FAILED  ${line}`);
    world.out(NOT_READY);
    return EXIT.refused;
  }
  world.out("ok      key and secret are set");
  const done = new Map<CheckName, boolean>();
  const band = readPriceBand(world, { key: keys.key, secret: keys.secret, config: ready.config });
  const refused = await boot(world, { key: keys.key, secret: keys.secret, ready, done });
  for (const line of refused) world.error(`FAILED  ${line}`);
  const missing = Object.keys(CHECK_WORDS).filter((name) => ![...done.keys()].some((known) => known === name));
  for (const name of missing) world.error(checkLine(name, { result: "not_checked", line: "" }));
  world.out(`note    price band: ${await band}`);
  const good = refused.length === 0 && missing.length === 0 && [...done.values()].every((ok) => ok);
  world.out(good ? "All checks passed: `abot --config` can start." : NOT_READY);
  return good ? EXIT.ok : EXIT.no;
}
