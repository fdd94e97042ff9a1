/** The commands that judge: what each is given, where it reads, what it shows. */
import { type Command, InvalidArgumentError, Option } from "commander";
import { parse as parseYaml } from "yaml";
import { messageOf } from "../../../common/text.ts";
import { LAB_EXIT, LabInputError, type LabIo } from "../io.ts";
import { labCandles, labConfig } from "../load.ts";
import {
  marketOptions,
  type PlayFlags,
  playOptions,
  runOptions,
  seedsOf,
  wholeNumber,
  windowOf,
} from "../commands/options.ts";
import { runCandidate } from "../driver/run_candidate.ts";
import { WIRE_FAULTS } from "../parity/fidelity_wire.ts";
import { analyse } from "./analyse.ts";
import { analyseJson, analyseReport } from "./analyse_report.ts";
import { compare, compareJson, compareReport, type Side } from "./compare.ts";
import { dailyFrom, type DailySeries } from "./daily.ts";
import { experimentCommand, type LiveFlags, reviewCommand } from "./live_commands.ts";
import { faultsCommand, type FaultsFlags } from "./faults_command.ts";
import { judgeSweep } from "./judge.ts";
import { judgeJson, judgeReport } from "./judge_report.ts";
import { accountOf } from "./outlook.ts";
import { outlookJson, outlookOf, outlookReport } from "./outlook_report.ts";
import { badData } from "./problem.ts";
import { placeboCommand, type PlaceboFlags } from "./placebo_command.ts";
import { show, type ShowFlags } from "./show.ts";
import { ledgerCounts, sweepOf, tradesOf } from "./sources.ts";
import { tuneCommand, type TuneFlags } from "./tune_command.ts";
import { walkForward, walkJson, walkReport, walkRule } from "./walk_forward.ts";

type Answer = Promise<number>;
/** What the commands are given beside their own flags. */
export type JudgingWorld = {
  readonly io: LabIo;
  /** The words of the command line, for the foot of a report. */
  readonly words: readonly string[];
};

/** Adds every judging command to the lab's program. */
export function addJudging(root: Command, world: JudgingWorld, done: (code: Answer) => void): void {
  addReading(root, world, done);
  addLive(root, world, done);
  addPlaying(root, world, done);
}

function addReading(root: Command, world: JudgingWorld, done: (code: Answer) => void): void {
  shown(root.command("analyse").argument("<dir>", "a bot's data directory, or a run of the lab"))
    .description("what the trades say: R, wins, costs, by hour, regime and exit, each with its interval")
    .addHelpText("after", example("analyse data"))
    .action((dir: string, flags: ShowFlags & Seeded) => done(analyseCommand(world, dir, flags)));
  shown(root.command("judge").argument("<dir>", "a finished sweep"))
    .description("is the best setting of a sweep more than luck?")
    .option("--ledger <file>", "trial ledger (default: the one the sweep was written to)")
    .addHelpText("after", example("judge out/sweep"))
    .action((dir: string, flags: JudgeFlags) => done(judgeCommand(world, dir, flags)));
  shown(root.command("tune").argument("<dir>", "a finished sweep"))
    .description("should the settings change? proposes only what has been shown, and changes nothing")
    .option("--rule <file>", "the rule of choosing, fixed in advance", "config/lab/walk_forward.yaml")
    .option("--ledger <file>", "trial ledger (default: the one the sweep was written to)")
    .option("--data <file>", "the sweep's data, where it lies elsewhere now")
    .option("--parity <file>", "what lab parity printed with --json")
    .option("--faults <file>", "what lab faults printed with --json")
    .addHelpText("after", example("tune out/sweep --parity parity.json --faults faults.json"))
    .action((dir: string, flags: TuneFlags & { readonly rule: string }) =>
      done(tuneCommand({ io: world.io, dir, flags, rule: ruleOf(world.io, flags.rule), command: commandOf(world) }))
    );
  shown(root.command("walk-forward").argument("<dir>", "a finished sweep"))
    .description("choose on the days before, measure on the days after, again and again")
    .option("--rule <file>", "the rule of choosing, fixed in advance", "config/lab/walk_forward.yaml")
    .addHelpText("after", example("walk-forward out/sweep"))
    .action((dir: string, flags: ShowFlags & Seeded & { readonly rule: string }) =>
      done(walkCommand(world, dir, flags))
    );
}

function addLive(root: Command, world: JudgingWorld, done: (code: Answer) => void): void {
  const { io } = world;
  shown(root.command("experiment").argument("<dir>", "a bot's data directory"))
    .description("the arms of a live experiment: what can be seen so far, and whether B is worse")
    .option("--config <file>", "configuration that runs", "config/testnet.yaml")
    .addHelpText("after", example("experiment data"))
    .action((dir: string, flags: LiveFlags) => done(experimentCommand({ io, dir, flags, command: commandOf(world) })));
  shown(root.command("review").argument("<dir>", "a bot's data directory"))
    .description("the page of a quarter: path to the goal, results, planned look, halts, protection")
    .requiredOption("--quarter <name>", "such as 2026Q4")
    .option("--config <file>", "configuration that runs", "config/testnet.yaml")
    .addHelpText("after", example("review data --quarter 2026Q4"))
    .action((dir: string, flags: LiveFlags & { readonly quarter: string }) =>
      done(reviewCommand({ io, dir, flags, command: commandOf(world), quarter: flags.quarter }))
    );
}

function addPlaying(root: Command, world: JudgingWorld, done: (code: Answer) => void): void {
  reported(marketOptions(root.command("compare").argument("<a>", "a configuration").argument("<b>", "another")))
    .description("two configurations on the same days, paths and seeds: which is better, in dollars a month")
    .addHelpText("after", example("compare a.yaml b.yaml --data candles.csv.gz"))
    .action((a: string, b: string, flags: PlayFlags & ShowFlags) => done(compareCommand(world, { a, b }, flags)));
  reported(marketOptions(root.command("faults").argument("<config>", "a configuration")))
    .description("the same market with things going wrong: is a rule broken, and what does it cost?")
    .option("--seeds <a..b>", "a range of seeds", seedsOf, { first: 1, last: 20 })
    .addOption(new Option("--preset <faults>", "what goes wrong").choices(WIRE_FAULTS).default("heavy"))
    .addHelpText("after", example("faults config/testnet.yaml --data config/recordings/winter-2021.csv.gz"))
    .action((file: string, flags: FaultsFlags) =>
      done(faultsCommand({ io: world.io, file, flags, command: commandOf(world) }))
    );
  reported(playOptions(root.command("placebo")))
    .description("the whole lab on markets without an edge: how often does it find one?")
    .option("--markets <n>", "so many markets", wholeNumber, 100)
    .option("--days <n>", "days of each", wholeNumber, 90)
    .addHelpText("after", example("placebo --data candles.csv.gz --path ohlc"))
    .action((flags: PlaceboFlags) => done(placeboCommand({ io: world.io, flags, command: commandOf(world) })));
  reported(marketOptions(root.command("outlook").argument("<what>", "a configuration, or a bot's data directory")))
    .description("the chance of the goal before the floor, by trading and by the BTC price")
    .option("--config <file>", "configuration of the account, for a data directory", "config/testnet.yaml")
    .addHelpText("after", example("outlook config/testnet.yaml --data candles.csv.gz"))
    .action((what: string, flags: PlayFlags & ShowFlags) => done(outlookCommand(world, what, flags)));
}

type JudgeFlags = ShowFlags & Seeded & { readonly ledger?: string };
type Seeded = { readonly seed: number };

/** Flags of a command that shows a report of what is already there. */
function shown(command: Command): Command {
  return reported(command.option("--seed <n>", "what is drawn is drawn from it", wholeNumber, 1))
    .option("--json", "end with one line of JSON");
}
function reported(command: Command): Command {
  return command.option("--out <dir>", "write the report as Markdown, HTML and JSON here")
    .option("--width <columns>", "of the text, 60 to 200", widthOf, 80);
}
function widthOf(text: string): number {
  const width = Number(text);
  if (!(Number.isInteger(width) && width >= 60 && width <= 200)) {
    throw new InvalidArgumentError(`It must be a whole number from 60 to 200, not "${text}".`);
  }
  return width;
}
function example(words: string): string {
  return `\nExample:\n  deno task lab ${words}`;
}
const commandOf = ({ words }: JudgingWorld) => `deno task lab ${words.map(quoted).join(" ")}`;
const quoted = (word: string) => /^[\w./:=@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;

async function analyseCommand(world: JudgingWorld, dir: string, flags: ShowFlags & Seeded): Answer {
  const analysis = analyse(tradesOf(world.io, dir), { seed: flags.seed });
  const report = analyseReport(analysis, commandOf(world));
  await show(world.io, { report, json: analyseJson(analysis), name: "analysis" }, flags);
  return LAB_EXIT.done;
}

async function judgeCommand(
  world: JudgingWorld,
  dir: string,
  flags: JudgeFlags,
): Answer {
  const results = sweepOf(world.io, dir);
  const judgement = judgeSweep(results, ledgerCounts(world.io, { directory: dir, ledger: flags.ledger }), {
    seed: flags.seed,
  });
  const report = judgeReport(judgement, { results, command: commandOf(world) });
  await show(world.io, { report, json: judgeJson(judgement), name: "judgement" }, flags);
  return judgement.verdict === "not decidable" ? LAB_EXIT.undecided : LAB_EXIT.done;
}

async function walkCommand(
  world: JudgingWorld,
  dir: string,
  flags: ShowFlags & Seeded & { readonly rule: string },
): Answer {
  const results = sweepOf(world.io, dir);
  const walk = walkForward(results, ruleOf(world.io, flags.rule), { seed: flags.seed });
  const report = walkReport(walk, { results, command: commandOf(world) });
  await show(world.io, { report, json: walkJson(walk), name: "walk_forward" }, flags);
  return walk.meanOutside === null ? LAB_EXIT.undecided : LAB_EXIT.done;
}

/** Throws LabInputError with what is wrong in the file. */
function ruleOf(io: LabIo, path: string) {
  let value: unknown;
  try {
    value = parseYaml(io.readText(path));
  } catch (error) {
    throw new LabInputError(`Cannot read ${path}: ${messageOf(error)}`, LAB_EXIT.files);
  }
  const parsed = walkRule.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw badData(`Cannot use ${path}: ${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}`);
}

async function compareCommand(
  world: JudgingWorld,
  files: { readonly a: string; readonly b: string },
  flags: PlayFlags & ShowFlags,
): Answer {
  const { io } = world;
  const candles = labCandles(io, flags.data);
  const window = windowOf(candles, flags);
  const side = (file: string): Side => {
    const { config } = labConfig(io, file);
    io.progress(`playing ${file}`);
    const options = runOptions(flags);
    const result = runCandidate({ config, candles, ...window, path: flags.path, seed: flags.seed, options });
    const daily = dailyFrom(file, result.trades, window);
    const netUsd = result.trades.reduce((sum, trade) => sum + trade.netUsd, 0);
    return { ...daily, netUsd, dataHash: candles.dataHash };
  };
  const account = accountOf(labConfig(io, files.a).config);
  const comparison = compare({ a: side(files.a), b: side(files.b) }, {
    seed: flags.seed,
    riskUsd: account.riskUsd(account.startUsd),
  });
  await show(io, {
    report: compareReport(comparison, commandOf(world)),
    json: compareJson(comparison),
    name: "comparison",
  }, flags);
  return comparison.verdict === "not decidable" ? LAB_EXIT.undecided : LAB_EXIT.done;
}

async function outlookCommand(world: JudgingWorld, what: string, flags: PlayFlags & ShowFlags): Answer {
  const { io } = world;
  const candles = labCandles(io, flags.data);
  const { config } = labConfig(io, /\.ya?ml$/.test(what) ? what : flags.config);
  const outlook = outlookOf(seriesOf(world, { what, candles, flags, config }), {
    bars: candles,
    account: accountOf(config),
    seed: flags.seed,
  });
  const report = outlookReport(outlook, commandOf(world));
  await show(io, { report, json: outlookJson(outlook), name: "outlook" }, flags);
  return LAB_EXIT.done;
}

function seriesOf({ io }: JudgingWorld, { what, candles, flags, config }: {
  readonly what: string;
  readonly candles: ReturnType<typeof labCandles>;
  readonly flags: PlayFlags;
  readonly config: ReturnType<typeof labConfig>["config"];
}): DailySeries {
  if (!/\.ya?ml$/.test(what)) {
    const source = tradesOf(io, what);
    return dailyFrom(source.name, source.trades, source);
  }
  const window = windowOf(candles, flags);
  io.progress(`playing ${what}`);
  const options = runOptions(flags);
  const { trades } = runCandidate({ config, candles, ...window, path: flags.path, seed: flags.seed, options });
  return dailyFrom(what, trades, window);
}
