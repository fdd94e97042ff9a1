import {
  type ControlPlace,
  killFile,
  type OperatorWord,
  takeAnswer,
  withdrawRequest,
  writeRequest,
} from "../../../infrastructure/safety/control_files.ts";
import { type CliWorld } from "../../../bot/live/cli_world.ts";
import { messageOf, timeText } from "../../../common/text.ts";
import { EXIT } from "../../../common/exit_codes.ts";

export type Operation = {
  readonly command: OperatorWord;
  readonly reason: string;
  readonly accept: boolean;
  readonly dataDir: string;
};

/** The bot answers within one tick (3 s at most, F-13.6); longer than this nobody is there. */
const ANSWER_WITHIN_MS = 6_000;
const LOOK_EVERY_MS = 100;

async function answerTo(world: CliWorld, { control, id }: { readonly control: ControlPlace; readonly id: string }) {
  for (let waited = 0; waited < ANSWER_WITHIN_MS; waited += LOOK_EVERY_MS) {
    const answer = takeAnswer(control, id);
    if (answer !== null) return answer;
    await world.wait(LOOK_EVERY_MS);
  }
  return takeAnswer(control, id);
}

/**
 * `abot halt | reset | close`: asks the running bot and prints its answer. Without one `halt` leaves the file KILL, so
 * that the next start is a halted one; the others say so and change nothing (F-13.6). Exit 0 only when it was done.
 */
export async function operate(world: CliWorld, operation: Operation): Promise<number> {
  const { command, reason, accept, dataDir } = operation;
  if (!world.files.exists(dataDir)) {
    world.error(`Cannot ${command} as there is no data directory: current value is ${dataDir}`);
    return EXIT.no;
  }
  const control = { files: world.files, dataDir };
  const asked = world.now();
  const id = `${asked}-${command}`;
  try {
    writeRequest(control, { id, command, reason, accept, asked_at_ms: asked });
    const answer = await answerTo(world, { control, id });
    if (answer !== null) {
      (answer.ok ? world.out : world.error)(answer.text);
      return answer.ok ? EXIT.ok : EXIT.no;
    }
    const untouched = withdrawRequest(control, id);
    if (command === "halt") {
      world.files.writeAtomic(killFile(dataDir), `${timeText(asked)} ${reason}\n`);
      world.out(`No bot answered: left the file ${killFile(dataDir)}; a bot that starts here halts (kill_switch).`);
      return EXIT.ok;
    }
    world.error(
      untouched
        ? `No bot is running in ${dataDir}: nothing was done. \`abot ${command}\` works while it runs.`
        : `The bot took the request and gave no answer: look at \`abot status\` before trying again.`,
    );
    return EXIT.no;
  } catch (error) {
    world.error(`Cannot ${command} as ${dataDir} cannot be used: ${messageOf(error)}`);
    return EXIT.files;
  }
}
