import { replay, replayText } from "../../../infrastructure/storage/journal/replay.ts";
import { journalDir } from "../../../infrastructure/storage/journal/segments.ts";
import { type CliWorld } from "../../../bot/live/cli_world.ts";
import { messageOf } from "../../../common/text.ts";
import { EXIT } from "../../../common/exit_codes.ts";
import { stateReader } from "../../../bot/state_reader.ts";

/** `abot replay [--compare]`: decides the recorded events again and names the first difference (F-11.2, F-11.7). */
export function replayData(
  world: CliWorld,
  options: { readonly dataDir: string; readonly compare: boolean; readonly cores: readonly string[] },
): number {
  const { dataDir, compare, cores } = options;
  const [own = "", ...equal] = cores;
  try {
    if (!world.files.exists(journalDir(dataDir))) {
      world.error(`There is no journal in ${dataDir}: no bot has run here yet.`);
      return EXIT.no;
    }
    const report = replay({ files: world.files, dataDir, compare, ...stateReader(own, equal) });
    for (const line of replayText(report)) world.out(line);
    return report.exitCode;
  } catch (error) {
    world.error(`Cannot replay ${dataDir}: ${messageOf(error)}`);
    return EXIT.files;
  }
}
