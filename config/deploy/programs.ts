/**
 * The programs of abot: the one table from which `deno.json`'s tasks, the executables and their checks are made.
 *
 *   deno run --allow-read --allow-write config/deploy/programs.ts    # writes the tasks into deno.json
 *
 * Deno's named permission sets would hold the lists too, but they are experimental and compile absolute paths.
 */
import { monitorFlags } from "../../src/infrastructure/safety/monitor_permissions.ts";
import { notifierFlags } from "../../src/programs/notifier/permissions.ts";
import { permissionFlags } from "../../src/infrastructure/safety/permissions.ts";

/** A task of `deno.json` that starts a program. */
export type ProgramTask = {
  readonly name: string;
  /** Words before the person's own. */
  readonly words?: string;
  /** Instead of the program's own, for a task that needs less, or another thing than the executable. */
  readonly permissions?: readonly string[];
  /** The program is told which core the checkout holds (F-11.7). */
  readonly core?: boolean;
};
export type Program = {
  readonly name: string;
  readonly main: string;
  readonly description: string;
  /** Of `deno compile` and `deno run` alike (F-12.1). */
  readonly permissions: readonly string[];
  /** A small heap for a small machine; measured in docs/performance.md. */
  readonly v8Flags: readonly string[];
  readonly tasks: readonly ProgramTask[];
};

/** Only reads: for what looks at a data directory and asks nobody. */
const READER = ["--no-prompt", "--allow-read"];
/** Plays recordings from anywhere and writes where it is told, but no network exists for it. */
const WRITER = ["--no-prompt", "--allow-read", "--allow-write"];

export const PROGRAMS: readonly Program[] = [
  {
    name: "abot",
    main: "src/programs/trader/main.ts",
    description: "the live bot, and what an operator asks of it",
    permissions: permissionFlags(),
    v8Flags: ["--max-semi-space-size=2", "--max-old-space-size=256"],
    tasks: [
      { name: "abot", core: true },
      { name: "replay", words: "replay --data", permissions: READER, core: true },
      { name: "verify", words: "verify --data", permissions: READER },
      { name: "status", words: "status --data", permissions: READER },
      { name: "why", words: "why --data", permissions: READER },
      { name: "report", words: "report --data", permissions: READER },
    ],
  },
  {
    name: "abot-sim",
    main: "src/programs/simulator/main.ts",
    description: "the same bot on a virtual machine against the fake venue",
    permissions: WRITER,
    v8Flags: ["--max-semi-space-size=8", "--max-old-space-size=128"],
    tasks: [
      { name: "demo:run", words: "demo" },
      { name: "sim", words: "sim" },
      { name: "venue", words: "venue", permissions: [...READER, "--allow-net=127.0.0.1"] },
      { name: "conform", words: "conform", permissions: READER },
    ],
  },
  {
    name: "abot-monitor",
    main: "src/programs/monitor/main.ts",
    description: "a read-only page about one bot",
    permissions: monitorFlags(),
    v8Flags: ["--max-semi-space-size=1", "--max-old-space-size=96", "--optimize-for-size"],
    tasks: [{ name: "monitor", permissions: monitorFlags({ port: null, readAll: true }) }],
  },
  {
    name: "abot-notifier",
    main: "src/programs/notifier/main.ts",
    description: "brings the bot's alerts to a phone or a chat, and takes /halt from it",
    permissions: notifierFlags(),
    v8Flags: ["--max-semi-space-size=1", "--max-old-space-size=64"],
    tasks: [{ name: "notifier" }],
  },
  {
    name: "abot-lab",
    main: "src/programs/lab/main.ts",
    description: "judges settings before they trade, by the very core that trades",
    // Of the environment only which part of a plan this machine plays.
    permissions: [
      ...WRITER,
      "--allow-env=SLURM_ARRAY_TASK_ID,JOB_COMPLETION_INDEX,AWS_BATCH_JOB_ARRAY_INDEX,PARALLEL_SEQ",
    ],
    v8Flags: ["--max-semi-space-size=8", "--max-old-space-size=256"],
    tasks: [{ name: "lab", core: true }],
  },
  {
    name: "abot-rehearsal",
    main: "src/programs/rehearsal/main.ts",
    description: "the scenarios on the real testnet, and the dry run",
    permissions: permissionFlags(),
    v8Flags: ["--max-semi-space-size=2", "--max-old-space-size=256"],
    tasks: [
      { name: "testnet", words: "testnet", core: true },
      { name: "dry-run", words: "dry-run", core: true },
    ],
  },
];

/** The `--v8-flags` argument of a program. */
export function v8Argument(program: Program): string {
  return `--v8-flags=${program.v8Flags.join(",")}`;
}

const CORE = "--core=$(deno run --quiet --no-prompt --allow-read --allow-env config/deploy/core_hash.ts)";

/** Name → command of every task that starts a program. */
export function programTasks(): Readonly<Record<string, string>> {
  return Object.fromEntries(PROGRAMS.flatMap((program) =>
    program.tasks.map((task) => {
      const flags = [...(task.permissions ?? program.permissions), v8Argument(program)];
      const words = [...(task.core === true ? [CORE] : []), ...(task.words === undefined ? [] : [task.words])];
      return [task.name, ["deno run --quiet", ...flags, program.main, ...words].join(" ")] as const;
    })
  ));
}

if (import.meta.main) {
  const manifest = JSON.parse(Deno.readTextFileSync("deno.json"));
  const own = new Set(Object.keys(programTasks()));
  const others = Object.entries(manifest.tasks).filter(([name]) => !own.has(name));
  manifest.tasks = { ...programTasks(), ...Object.fromEntries(others) };
  Deno.writeTextFileSync("deno.json", JSON.stringify(manifest, null, 2) + "\n");
}
