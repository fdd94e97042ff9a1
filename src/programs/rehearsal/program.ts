/** The command line of the rehearsals. Parsing only. */
import "../../infrastructure/config/package_environment.ts";
import { Argument, Command, CommanderError, InvalidArgumentError } from "commander";
import { EXIT } from "../../common/exit_codes.ts";
import { type Scenario, SCENARIOS } from "./list.ts";

const DEFAULT_CONFIG = "config/testnet_scenarios.yaml";

export type ScenarioHandlers = {
  readonly testnet: (options: { readonly config: string; readonly scenarios: readonly Scenario[] }) => Promise<number>;
  readonly dryRun: (options: { readonly config: string; readonly trades: number }) => Promise<number>;
};
export type ScenarioProgramOptions = {
  readonly handlers: ScenarioHandlers;
  readonly out: (text: string) => void;
  readonly error: (text: string) => void;
};

/** P-12: fifty at most. */
function tradeCount(text: string): number {
  if (!/^([1-9]|[1-4]\d|50)$/.test(text)) throw new InvalidArgumentError("must be a whole number from 1 to 50.");
  return Number(text);
}

/** Parses the arguments, runs the command, returns the exit code. Throws only what a handler throws. */
export async function runScenarioProgram(
  args: readonly string[],
  options: ScenarioProgramOptions,
): Promise<number> {
  let code: number = EXIT.ok;
  const program = new Command("rehearsal");
  program.exitOverride().configureOutput({
    writeOut: options.out,
    writeErr: options.error,
    getOutHasColors: () => false,
    getErrHasColors: () => false,
    getOutHelpWidth: () => 110,
    getErrHelpWidth: () => 110,
  });
  program.description("Rehearses on the real testnet with small orders; needs a flat account without orders.");
  const list = SCENARIOS.map(({ name, about }) => `  ${name.padEnd(12)} ${about}`).join("\n");
  program.command("testnet").description("live scenarios, all unless some are named")
    .addArgument(new Argument("[names...]", "which").choices(SCENARIOS.map(({ name }) => name)))
    .option("--config <file>", "configuration of profile scenario", DEFAULT_CONFIG)
    .addHelpText(
      "after",
      `\nScenarios:\n${list}\n\nExit codes: 0 all passed, 1 one failed, 75 another abot runs, 78 refused`,
    )
    .action(async (names: readonly string[], { config }: { readonly config: string }) => {
      const scenarios = names.length === 0 ? SCENARIOS : SCENARIOS.filter(({ name }) => names.includes(name));
      code = await options.handlers.testnet({ config, scenarios });
    });
  program.command("dry-run").description("the bot until so many trades are closed, then a report in Markdown (P-12)")
    .option("--trades <n>", "closed trades, 1 to 50", tradeCount, 30)
    .option("--config <file>", "configuration of profile scenario", DEFAULT_CONFIG)
    .action(async (asked: { readonly config: string; readonly trades: number }) => {
      code = await options.handlers.dryRun(asked);
    });
  try {
    await program.parseAsync([...args], { from: "user" });
    return code;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  }
}
