import type { Config } from "../../domain/limits.ts";
import { type Keeping, loadConfig } from "../../infrastructure/config/load.ts";
import { createRedactor, type Redactor } from "../../infrastructure/logging/redactor.ts";
import { auditPermissions } from "../../infrastructure/safety/permission_audit.ts";
import { awaitDataDirectory } from "../../infrastructure/safety/single_instance.ts";
import { configText } from "../../bot/live/cli_world.ts";
import { messageOf } from "../../common/text.ts";
import { readCredentials } from "../../bot/live/credentials.ts";
import { EXIT } from "../../common/exit_codes.ts";
import { DATA_DIR, type LiveWorld } from "../../bot/live/world.ts";
import { type FailClass, isTransient, ScenarioFailure } from "./failure_class.ts";
import type { ScenarioContext } from "./context.ts";
import { atDesk, notFlat } from "./desk.ts";
import { Evidence, folderName, SCENARIO_FOLDER, type ScenarioResult } from "./evidence.ts";
import type { Scenario } from "./list.ts";
import { observeSwitches } from "./venue_facts.ts";

/** A cause that passes by itself is tried so often in all. */
const TRIES = 3;
const PAUSE_MS = 3_000;

export type ScenarioOptions = {
  readonly config: string;
  readonly scenarios: readonly Scenario[];
  /** For the evidence: what was asked, without secrets. */
  readonly command: string;
};

export type Loaded = { readonly config: Config; readonly configHash: string; readonly keeping: Keeping };
/** The account is not flat: nothing more may be tried (F-11.4). */
class NotFlat extends Error {}

/** Names a run may use up: ten rehearsals, three tries each. */
const NAMES_A_RUN = 31;

function twoLetters(value: number): string {
  const letter = (of: number) => String.fromCharCode(97 + (of % 26));
  return letter(Math.floor(value / 26)) + letter(value);
}

/**
 * Strategy name of one try: rehearsals begin with `sc`. No two of a run share a name, nor two of twenty runs in a row: the
 * venue still shows the orders of the run before, and to a fresh journal they would be a stranger's (F-10.1, F-11.4).
 */
export function strategyOf(of: { readonly run: number; readonly index: number; readonly attempt: number }): string {
  return `sc${twoLetters(of.run * NAMES_A_RUN + of.index * TRIES + of.attempt)}`;
}
/** The same for a dry run, which begins with `dr`. */
export function dryRunStrategyOf(run: number): string {
  return `dr${twoLetters(run)}`;
}
/** How many rehearsals and dry runs this data directory has seen. */
export function runsBefore(world: Pick<LiveWorld, "files">): number {
  return world.files.exists(SCENARIO_FOLDER) ? world.files.list(SCENARIO_FOLDER).length : 0;
}

/** A configuration of the scenario profile with another strategy name, and as a dry run when trades are given (P-12). */
export function loadScenarioConfig(
  world: LiveWorld,
  path: string,
  of: { readonly strategy: string; readonly dryRunTrades?: number },
): Loaded | { readonly errors: readonly string[] } {
  const readText = (file: string): string => {
    const text = configText(world.files, file).replace(/^strategy_name:.*$/m, `strategy_name: ${of.strategy}`);
    if (of.dryRunTrades === undefined) return text;
    return text.replace(/^dry_run:.*$/m, "dry_run: true")
      .replace(/^max_trades_total:.*$/m, `max_trades_total: ${of.dryRunTrades}`);
  };
  const loaded = loadConfig({ path, readText });
  if (loaded.kind === "errors") return { errors: loaded.errors };
  const { config, configHash, keeping } = loaded;
  if (config.profile === "scenario") return { config, configHash, keeping };
  return {
    errors: [`Cannot rehearse with ${path} as P-12 needs profile: scenario: current value is ${config.profile}`],
  };
}

/** `deno task testnet`: every rehearsal in turn. Exit 0 only when all passed; none is ever skipped. */
export async function runScenarios(world: LiveWorld, options: ScenarioOptions): Promise<number> {
  const audit = auditPermissions(world.audit);
  for (const line of audit.refusals) world.error(line);
  if (audit.refusals.length > 0) return EXIT.refused;
  for (const line of audit.announcements) world.out(line);
  const loaded = loadScenarioConfig(world, options.config, { strategy: strategyOf({ run: 0, index: 0, attempt: 0 }) });
  if ("errors" in loaded) {
    for (const line of loaded.errors) world.error(line);
    return EXIT.refused;
  }
  const { files, clock } = world.platform;
  const { processId, build } = world;
  const program = `abot rehearsal ${build.version}`;
  const lock = await awaitDataDirectory({ files, clock, dataDir: DATA_DIR, processId, program }, world.wait);
  if (lock.kind === "taken") {
    world.error(lock.line);
    return EXIT.notYet;
  }
  try {
    return await new Rehearsal(world, options).all();
  } finally {
    lock.release();
  }
}

class Rehearsal {
  readonly #world: LiveWorld;
  readonly #options: ScenarioOptions;
  readonly #folder: string;
  readonly #run: number;
  readonly #results: ScenarioResult[] = [];
  readonly #answers = new Map<string, string>();
  #interrupted = false;

  constructor(world: LiveWorld, options: ScenarioOptions) {
    this.#world = world;
    this.#options = options;
    this.#run = runsBefore(world);
    this.#folder = `${SCENARIO_FOLDER}/${folderName(world.now())}`;
  }

  async all(): Promise<number> {
    const { files, out, error, onSignal, audit } = this.#world;
    files.makeDirectory(this.#folder);
    files.writeAtomic(`${this.#folder}/command.txt`, `${this.#options.command}\n`);
    const source = { variable: audit.variable, readText: (path: string) => files.readText(path) };
    const keys = readCredentials(source, null);
    const redactor = createRedactor(keys.kind === "keys" ? [keys.key, keys.secret] : []);
    const quiet = onSignal((name) => {
      this.#interrupted = true;
      out(`${name}: leaving after what is open is closed`);
    });
    let refused: string | null = null;
    try {
      for (const [index, scenario] of this.#options.scenarios.entries()) {
        out(`${scenario.name}: ${scenario.about}`);
        await this.#one({ index, scenario, keys, redactor });
        if (this.#interrupted) break;
      }
    } catch (failure) {
      if (!(failure instanceof NotFlat)) throw failure;
      refused = failure.message;
      error(refused);
    } finally {
      quiet();
    }
    return this.#finish(refused);
  }

  #finish(refused: string | null): number {
    const { files, out } = this.#world;
    const passed = this.#results.filter((one) => one.result === "pass").length;
    const answers = Object.fromEntries(this.#answers);
    const run = { command: this.#options.command, refused, results: this.#results, observed_switches: answers };
    files.writeAtomic(`${this.#folder}/result.json`, `${JSON.stringify(run, null, 2)}\n`);
    for (const [question, answer] of this.#answers) out(`observed  ${question}: ${answer}`);
    out(`${passed} of ${this.#options.scenarios.length} passed; evidence in ${this.#folder}`);
    if (refused !== null) return EXIT.refused;
    return passed === this.#options.scenarios.length ? EXIT.ok : EXIT.no;
  }

  async #one(
    of: {
      readonly index: number;
      readonly scenario: Scenario;
      readonly keys: ReturnType<typeof readCredentials>;
      readonly redactor: Redactor;
    },
  ): Promise<void> {
    const { scenario, redactor } = of;
    const world = this.#world;
    const evidence = new Evidence({ files: world.files, redactor, runFolder: this.#folder, name: scenario.name });
    const startedAt = new Date(world.now()).toISOString();
    const seen: string[] = [];
    let [tries, failed, refused]: [number, ScenarioFailure | null, NotFlat | null] = [0, null, null];
    do {
      tries += 1;
      if (tries > 1) await world.wait(PAUSE_MS);
      try {
        await this.#try({ ...of, evidence, attempt: tries, saw: (line) => this.#saw(seen, line) });
        failed = null;
      } catch (error) {
        if (error instanceof NotFlat) refused = error;
        failed = asFailure(error);
        world.error(`  try ${tries} failed (${failed.failClass}): ${failed.message}`);
      }
    } while (failed !== null && isTransient(failed.failClass) && tries < TRIES && !this.#interrupted);
    for (const [question, answer] of observeSwitches(evidence.lines())) this.#answers.set(question, answer);
    const result: ScenarioResult = {
      name: scenario.name,
      result: failed === null ? "pass" : "fail",
      class: failed?.failClass ?? null,
      cause: failed === null ? null : redactor.redact(failed.message),
      tries,
      started_at: startedAt,
      ended_at: new Date(world.now()).toISOString(),
      seen,
    };
    evidence.finish(result);
    this.#results.push(result);
    world.out(failed === null ? `PASS ${scenario.name}` : `FAIL ${scenario.name} (${failed.failClass})`);
    if (refused !== null) throw refused;
  }

  #saw(seen: string[], line: string): void {
    seen.push(line);
    this.#world.out(`  ${line}`);
  }

  async #try(
    of: {
      readonly index: number;
      readonly scenario: Scenario;
      readonly keys: ReturnType<typeof readCredentials>;
      readonly redactor: Redactor;
      readonly evidence: Evidence;
      readonly attempt: number;
      readonly saw: (line: string) => void;
    },
  ): Promise<void> {
    const { index, scenario, keys, redactor, evidence, attempt, saw } = of;
    if (keys.kind === "missing") throw new ScenarioFailure("permission", keys.lines.join("; "));
    const world = this.#world;
    const strategy = strategyOf({ run: this.#run, index, attempt });
    const loaded = loadScenarioConfig(world, this.#options.config, { strategy });
    if ("errors" in loaded) throw new ScenarioFailure("permission", loaded.errors.join("; "));
    const context: ScenarioContext = {
      world,
      platform: world.platform,
      ...loaded,
      key: keys.key,
      secret: keys.secret,
      redactor,
      evidence,
      attempt,
      interrupted: () => this.#interrupted,
      saw,
    };
    const open = await atDesk(context, notFlat);
    if (open.length > 0) {
      throw new NotFlat(`Cannot rehearse as F-11.4 needs a flat account without orders: ${open.join("; ")}`);
    }
    await scenario.run(context);
    const left = await atDesk(context, notFlat);
    if (left.length > 0) throw new ScenarioFailure("schema", `the account is not flat afterwards: ${left.join("; ")}`);
  }
}

function asFailure(error: unknown): ScenarioFailure {
  if (error instanceof ScenarioFailure) return error;
  const failClass: FailClass = error instanceof NotFlat ? "permission" : "schema";
  return new ScenarioFailure(failClass, messageOf(error));
}
