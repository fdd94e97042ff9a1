import { EXIT } from "../../../common/exit_codes.ts";
import { ageText, messageOf, timeText } from "../../../common/text.ts";
import { dataDirectoryUser } from "../../../infrastructure/safety/single_instance.ts";
import { positionLeft } from "./dead_bot.ts";
import type { CliWorld } from "../../../bot/live/cli_world.ts";
import { readStatus, STATUS_SCHEMA, statusFile } from "../../../views/status.ts";
import { statusLines } from "../../../views/status_lines.ts";

/** Written at least every 10 s by a running bot; older than this it is not running. */
const STALE_MS = 20_000;

export type StatusOptions = { readonly dataDir: string; readonly json: boolean; readonly verbose: boolean };

/** `abot status [--json] [--verbose]`: works without keys and network, while the bot runs and after it; exit 1 when none runs. */
export function showStatus(world: CliWorld, options: StatusOptions): number {
  const path = statusFile(options.dataDir);
  if (!world.files.exists(path)) {
    world.error(`No bot has run in ${options.dataDir} yet: there is no ${path}.`);
    return EXIT.no;
  }
  try {
    const text = world.files.readText(path);
    const read = readStatus(text);
    if (read.kind === "version") {
      world.error(
        `Cannot read ${path} as this program knows version ${STATUS_SCHEMA}: it is of version ${read.found}. ` +
          "Use the abot that wrote it, or start the bot with this one.",
      );
      return EXIT.no;
    }
    if (read.kind === "unreadable") {
      world.error(`Cannot read ${path}: ${read.why}`);
      return EXIT.files;
    }
    const { status } = read;
    const now = world.now();
    const age = now - status.written_at_ms;
    const running = dataDirectoryUser(world.files, options.dataDir) !== null;
    const code = running && age <= STALE_MS ? EXIT.ok : EXIT.no;
    if (options.json) {
      world.out(JSON.stringify(status));
      return code;
    }
    const since = `Its last word is ${ageText(age)} old (${timeText(status.written_at_ms)})`;
    if (!running) {
      world.out(`NOT RUNNING. ${since}.`);
      if (status.position !== null) { for (const line of positionLeft(status)) world.out(line); }
      world.out("It said then:");
    } else if (age > STALE_MS) world.out(`RUNNING BUT SILENT. ${since}; it said then:`);
    // Ages of a bot that is gone are told as of its last word: what is old would look like what was late.
    const at = !running || age > STALE_MS ? status.written_at_ms : now;
    const { verbose } = options;
    for (const line of statusLines(status, { now: at, columns: world.columns(), verbose })) world.out(line);
    return code;
  } catch (error) {
    world.error(`Cannot read ${path}: ${messageOf(error)}`);
    return EXIT.files;
  }
}
