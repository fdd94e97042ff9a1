/** The command line of abot: what can be asked, in one place. Parsing only; the answers live one file a command. */
import "../../infrastructure/config/package_environment.ts";
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { nearest } from "../../infrastructure/config/load.ts";
import { EXIT, EXIT_CODES } from "../../common/exit_codes.ts";

export type RunOptions = {
  readonly config: string;
  readonly observe: boolean;
  /** Folder of the wire log; false = none is written. */
  readonly wireLog: string | false;
};
export type DataOptions = { readonly dataDir: string };
export type OperateOptions = DataOptions & { readonly reason: string; readonly accept: boolean };
export type ReportRange = DataOptions & {
  readonly from: number;
  readonly to: number;
  readonly trades: boolean;
  readonly form: "text" | "json" | "csv";
};

type Answer = number | Promise<number>;
/** One function a command; each returns the exit code. */
export type Handlers = {
  readonly run: (options: RunOptions) => Answer;
  readonly check: (options: { readonly config: string }) => Answer;
  readonly status: (options: DataOptions & { readonly json: boolean; readonly verbose: boolean }) => Answer;
  readonly why: (options: DataOptions & { readonly last: number; readonly verbose: boolean }) => Answer;
  readonly halt: (options: OperateOptions) => Answer;
  readonly reset: (options: OperateOptions) => Answer;
  readonly close: (options: OperateOptions) => Answer;
  readonly report: (options: ReportRange) => Answer;
  readonly replay: (options: DataOptions & { readonly compare: boolean }) => Answer;
  readonly verify: (options: DataOptions) => Answer;
  readonly explain: (options: { readonly config: string; readonly diff: string | null }) => Answer;
};
export type ProgramOptions = {
  readonly handlers: Handlers;
  /** Text of `--version`. */
  readonly version: string;
  readonly out: (text: string) => void;
  readonly error: (text: string) => void;
};

const DEFAULT_CONFIG = "config/testnet.yaml";

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError("must be a whole number from 1 to 999999.");
  return Number(text);
}
function moment(text: string): number {
  const ms = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?Z)?$/.test(text) ? Date.parse(text) : NaN;
  if (Number.isNaN(ms)) {
    throw new InvalidArgumentError("must be a UTC day or time such as 2026-11-21 or 2026-11-21T08:00Z.");
  }
  return ms;
}
function folder(text: string): string {
  if (text.trim() === "" || text.startsWith("-")) throw new InvalidArgumentError("must be a folder, as data/wire.");
  return text;
}
function sentence(text: string): string {
  if (text.trim() === "" || text.length > 500) throw new InvalidArgumentError("must say why, in 1 to 500 characters.");
  return text;
}

const EXIT_HELP = `\nExit codes:\n${
  EXIT_CODES.map(([code, meaning]) => `  ${String(code).padStart(2)}  ${meaning}`).join("\n")
}\n`;

type Slot = { code: number };

function addReaders(program: Command, handlers: Handlers, slot: Slot): void {
  const reader = (name: string, about: string) =>
    program.command(name).description(about).option("--data <folder>", "data directory of the bot", "data");
  reader(
    "status",
    "what the bot is doing, whether the money is protected, and what happens next; while halted the steps",
  )
    .option("--json", "one JSON object")
    .option("--verbose", "ids, codes, and the link to the venue")
    .action(async ({ data, json, verbose }) => {
      slot.code = await handlers.status({ dataDir: data, json: json === true, verbose: verbose === true });
    });
  reader("why", "why it did or did not trade: what was found when it last looked for an entry")
    .option("--last <n>", "how many", wholeNumber, 1)
    .option("--verbose", "every gate with its inputs")
    .action(async ({ data, last, verbose }) => {
      slot.code = await handlers.why({ dataDir: data, last, verbose: verbose === true });
    });
  reader("report", "did trading win? trades, fees, drawdown, halts; the account split into trading and BTC price")
    .addOption(new Option("--from <time>", "first day or time, UTC").argParser(moment).default(0, "the start"))
    .addOption(
      new Option("--to <time>", "day or time after the last, UTC").argParser(moment).default(
        Number.MAX_SAFE_INTEGER,
        "now",
      ),
    )
    .option("--trades", "list every trade")
    .addOption(new Option("--json", "one JSON object").conflicts("csv"))
    .addOption(new Option("--csv", "the trade log as a table").conflicts("json"))
    .action(async ({ data, from, to, json, csv, trades }) => {
      const form = json === true ? "json" : csv === true ? "csv" : "text";
      slot.code = await handlers.report({ dataDir: data, from, to, form, trades: trades === true });
    });
  reader("replay", "decide the recorded events again and name the first difference")
    .option("--compare", "also journals of another version: list every decision that differs")
    .action(async ({ data, compare }) => {
      slot.code = await handlers.replay({ dataDir: data, compare: compare === true });
    });
  reader("verify", "check the hash chain of journal and trade log")
    .action(async ({ data }) => {
      slot.code = await handlers.verify({ dataDir: data });
    });
}

function addOperators(program: Command, handlers: Handlers, slot: Slot): void {
  const operator = (name: string, about: string) =>
    program.command(name).description(about).option("--data <folder>", "data directory of the bot", "data");
  operator("halt", "stop trading now (kill switch); the stop stays at the venue")
    .option("--reason <text>", "written to the journal", sentence, "abot halt")
    .action(async ({ data, reason }) => {
      slot.code = await handlers.halt({ dataDir: data, reason, accept: false });
    });
  operator("reset", "lift a HALT; refused while its cause holds")
    .requiredOption("--reason <text>", "written to the journal", sentence)
    .option("--accept", "lift it although the cause still holds (floor, win rate, goal)")
    .action(async ({ data, reason, accept }) => {
      slot.code = await handlers.reset({ dataDir: data, reason, accept: accept === true });
    });
  operator("close", "close the position at market")
    .requiredOption("--confirm", "yes, close it")
    .option("--reason <text>", "written to the journal", sentence, "abot close")
    .action(async ({ data, reason }) => {
      slot.code = await handlers.close({ dataDir: data, reason, accept: false });
    });
}

function build(options: ProgramOptions, slot: Slot): Command {
  const { handlers } = options;
  const program = new Command("abot");
  // Before the first subcommand: they inherit it.
  program.exitOverride().configureOutput({
    writeOut: options.out,
    writeErr: options.error,
    getOutHasColors: () => false,
    getErrHasColors: () => false,
    getOutHelpWidth: () => 110,
    getErrHelpWidth: () => 110,
  });
  program
    .description("Trades BTCUSD inverse on the Bybit testnet. `abot --config FILE` runs the bot.")
    .version(options.version, "--version", "version, commit and build date")
    .enablePositionalOptions()
    .option("--config <file>", "configuration; starts the bot")
    .option("--observe", "run everything, send no order")
    .option("--wire-log <dir>", "write every frame and reply to a folder below data, keys redacted", folder)
    .addHelpText("after", EXIT_HELP)
    .action(async ({ config, observe, wireLog }, command: Command) => {
      const [word] = command.args;
      if (word !== undefined) {
        const meant = nearest(word, command.commands.map((one) => one.name()));
        const hint = meant.meant ? `\n(Did you mean ${meant.word}?)` : "";
        command.error(`error: unknown command '${word}'${hint}`);
      }
      if (config === undefined) {
        command.error("error: nothing to do: `abot --config FILE` runs the bot, `abot --help` lists the rest");
      }
      slot.code = await handlers.run({ config, observe: observe === true, wireLog: wireLog ?? false });
    });
  program.command("check").description("every start check, no orders")
    .option("--config <file>", "configuration", DEFAULT_CONFIG)
    .action(async ({ config }) => {
      slot.code = await handlers.check({ config });
    });
  addReaders(program, handlers, slot);
  addOperators(program, handlers, slot);
  program.command("config").description("about the configuration")
    .command("explain").description("effective values and the worst loss per trade, day and week in dollars")
    .option("--config <file>", "configuration", DEFAULT_CONFIG)
    .option("--diff <file>", "a proposal of the lab: current, proposed and dollars side by side")
    .action(async ({ config, diff }) => {
      slot.code = await handlers.explain({ config, diff: diff ?? null });
    });
  // After the subcommands, which would inherit it: an unknown word gets the nearest command as answer.
  return program.allowExcessArguments();
}

/** Parses the arguments, runs the command, returns the exit code. Throws only what a handler throws. */
export async function runProgram(args: readonly string[], options: ProgramOptions): Promise<number> {
  const slot: Slot = { code: EXIT.ok };
  try {
    await build(options, slot).parseAsync([...args], { from: "user" });
    return slot.code;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  }
}
