import type { CliWorld } from "../../../bot/live/cli_world.ts";
import { EXIT } from "../../../common/exit_codes.ts";
import { timeText } from "../../../common/text.ts";
import {
  killFile,
  type OperatorWord,
  takeAnswer,
  takesRequests,
  withdrawRequest,
  writeKillFile,
  writeRequest,
} from "../../../infrastructure/safety/control_files.ts";
import { dataDirectoryUser } from "../../../infrastructure/safety/single_instance.ts";
import { folderTrouble, whyNot } from "./data_folder.ts";
import { lastStatus, positionLeft } from "./dead_bot.ts";

export type Operation = {
  readonly command: OperatorWord;
  readonly reason: string;
  readonly accept: boolean;
  readonly dataDir: string;
};

/** The bot answers within one tick (3 s at most, F-13.6); longer than this nobody is there. */
const ANSWER_WITHIN_MS = 6_000;
const LOOK_EVERY_MS = 100;

/** Looks until something is there; null = it did not come. */
async function within<Found>(
  world: CliWorld,
  { ms, look }: { readonly ms: number; readonly look: () => Found | null },
): Promise<Found | null> {
  for (let waited = 0; waited < ms; waited += LOOK_EVERY_MS) {
    const found = look();
    if (found !== null) return found;
    await world.wait(LOOK_EVERY_MS);
  }
  return look();
}

/** The bot makes its folder for requests at its start and looks after it at every look. */
const FOLDER_WITHIN_MS = 2_000;

/**
 * `abot halt | reset | close`: asks the running bot and prints its answer. Without one `halt` leaves the file KILL, so
 * that the next start is a halted one; the others say so and change nothing (F-13.6). Exit 0 only when it was done.
 */
export async function operate(world: CliWorld, operation: Operation): Promise<number> {
  const { command, dataDir } = operation;
  const trouble = folderTrouble(world, dataDir);
  if (trouble !== null) {
    world.error(trouble.line);
    return trouble.code;
  }
  try {
    const holder = dataDirectoryUser(world.files, dataDir);
    return holder === null ? withoutBot(world, operation) : await ask(world, { operation, holder });
  } catch (error) {
    world.error(`Cannot ${command} as ${dataDir} cannot be used: ${whyNot(world, { dataDir, error })}`);
    return EXIT.files;
  }
}

function leaveKill(
  world: CliWorld,
  { operation, why }: { readonly operation: Operation; readonly why: string },
): number {
  const { dataDir, reason } = operation;
  writeKillFile({ files: world.files, dataDir }, `${timeText(world.now())} ${reason}\n`);
  world.out(`${why}: left the file ${killFile(dataDir)}; a bot that runs or starts here halts (kill_switch).`);
  return EXIT.ok;
}

/** The lock is free: nobody is there to ask. */
function withoutBot(world: CliWorld, operation: Operation): number {
  const { command, dataDir } = operation;
  const why = `No bot is running in ${dataDir}`;
  if (command === "halt") return leaveKill(world, { operation, why });
  world.error(`${why}: nothing was done. \`abot ${command}\` works while it runs.`);
  if (command === "close") {
    for (const line of positionLeft(lastStatus(world.files, dataDir))) world.error(line);
  }
  return EXIT.no;
}

async function ask(
  world: CliWorld,
  { operation, holder }: { readonly operation: Operation; readonly holder: string },
): Promise<number> {
  const { command, reason, accept, dataDir } = operation;
  const control = { files: world.files, dataDir };
  const silent = `${holder} is running in ${dataDir} and takes no commands`;
  if (!await within(world, { ms: FOLDER_WITHIN_MS, look: () => takesRequests(control) || null })) {
    if (command === "halt") return leaveKill(world, { operation, why: silent });
    world.error(`${silent}: nothing was done.`);
    return EXIT.no;
  }
  const asked = world.now();
  const id = `${asked}-${command}`;
  writeRequest(control, { id, command, reason, accept, asked_at_ms: asked });
  const answer = await within(world, { ms: ANSWER_WITHIN_MS, look: () => takeAnswer(control, id) });
  if (answer !== null) {
    (answer.ok ? world.out : world.error)(answer.text);
    return answer.ok ? EXIT.ok : EXIT.no;
  }
  const untouched = withdrawRequest(control, id);
  if (command === "halt") return leaveKill(world, { operation, why: "The bot gave no answer" });
  world.error(
    untouched
      ? `${silent}: nothing was done. Look at \`abot status\`.`
      : `The bot took the request and gave no answer: look at \`abot status\` before trying again.`,
  );
  return EXIT.no;
}
