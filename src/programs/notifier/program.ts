/** The command line of abot-notifier. Parsing only; the answers live elsewhere. */
import "../../infrastructure/config/package_environment.ts";
import { Command, CommanderError } from "commander";
import { nearest } from "../../infrastructure/config/load.ts";
import { EXIT } from "../../common/exit_codes.ts";

type Answer = number | Promise<number>;
export type Asked = { readonly config: string };
export type Handlers = {
  readonly run: (options: Asked) => Answer;
  readonly test: (options: Asked & { readonly channel: string | null }) => Answer;
  readonly state: (options: Asked & { readonly json: boolean }) => Answer;
  readonly resend: (options: Asked & { readonly channel: string | null }) => Answer;
  readonly explain: (options: Asked) => Answer;
};
export type ProgramOptions = {
  readonly handlers: Handlers;
  readonly version: string;
  readonly out: (text: string) => void;
  readonly error: (text: string) => void;
};

const DEFAULT_CONFIG = "config/notify.yaml";
const WORDS = ["run", "test", "state", "resend", "explain", "help"];

/** Parses the arguments and runs what they ask for. Returns the exit code. */
export async function runProgram(args: readonly string[], options: ProgramOptions): Promise<number> {
  const { handlers, version, out, error } = options;
  let code: number = EXIT.ok;
  const program = new Command("abot-notifier");
  const asked = (): Asked => ({ config: String(program.opts()["config"]) });
  program.description("brings the bot's alerts to a phone or a chat, and takes /halt from it")
    .version(version)
    .option("--config <file>", "settings of the channels", DEFAULT_CONFIG)
    .exitOverride()
    .configureOutput({ writeOut: out, writeErr: () => undefined })
    .action(async () => {
      code = await handlers.run(asked());
    });
  program.command("run").description("follows data/alerts until it is stopped; the same as no command")
    .action(async () => {
      code = await handlers.run(asked());
    });
  program.command("test [channel]").description("sends one message and says what the service answered")
    .action(async (channel?: string) => {
      code = await handlers.test({ ...asked(), channel: channel ?? null });
    });
  program.command("state").description("per channel: delivered, waiting, not delivered, and why")
    .option("--json", "one JSON array")
    .action(async ({ json }) => {
      code = await handlers.state({ ...asked(), json: json === true });
    });
  program.command("resend [channel]").description("sends again what could not be delivered")
    .action(async (channel?: string) => {
      code = await handlers.resend({ ...asked(), channel: channel ?? null });
    });
  program.command("explain").description("the settings in force, the secrets expected, and every alert there is")
    .action(async () => {
      code = await handlers.explain(asked());
    });
  try {
    await program.parseAsync([...args], { from: "user" });
    return code;
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) throw thrown;
    if (thrown.exitCode === 0) return EXIT.ok;
    const word = /'([^']+)'/.exec(thrown.message)?.[1];
    const near = word === undefined ? null : nearest(word, WORDS);
    error(`${thrown.message.replace(/^error: /, "")}${near?.meant === true ? ` Did you mean ${near.word}?` : ""}`);
    return EXIT.usage;
  }
}
