import type { FileSeam } from "../../../application/engine/ports.ts";
import type { CliWorld } from "../../../bot/live/cli_world.ts";
import { EXIT } from "../../../common/exit_codes.ts";
import { messageOf } from "../../../common/text.ts";
import { readJournal } from "../../../infrastructure/storage/journal/journal_reader.ts";
import { journalDir } from "../../../infrastructure/storage/journal/segments.ts";
import { evaluationLines, type WhyItem } from "../../../views/why.ts";

export type WhyOptions = { readonly dataDir: string; readonly last: number; readonly verbose: boolean };

/** The newest evaluations of the journal, oldest first. Throws what the file seam throws. */
export function lastEvaluations(
  files: FileSeam,
  options: { readonly dataDir: string; readonly last: number },
): readonly WhyItem[] {
  const found: WhyItem[] = [];
  for (const item of readJournal(files, { dataDir: options.dataDir, from: null })) {
    if (item.kind !== "record") continue;
    for (const intent of item.intents) {
      if (intent.kind !== "Record" || intent.record.type !== "evaluation") continue;
      const { record } = intent;
      // A record counts what was found between the one before it and itself: that was found like the one before.
      const before = found.pop();
      if (before !== undefined) found.push({ ...before, again: record.repeated });
      found.push({ record, again: 0 });
      if (found.length > options.last) found.shift();
    }
  }
  return found;
}

/** `abot why [--last N] [--verbose]`: why the bot did or did not trade. */
export function showWhy(world: CliWorld, options: WhyOptions): number {
  try {
    if (!world.files.exists(journalDir(options.dataDir))) {
      world.error(`There is no journal in ${options.dataDir}: no bot has run here yet.`);
      return EXIT.no;
    }
    const found = lastEvaluations(world.files, options);
    if (found.length === 0) world.out("No entry has been looked at yet.");
    for (const one of found) {
      for (const line of evaluationLines(one, { verbose: options.verbose, columns: world.columns() })) world.out(line);
    }
    return EXIT.ok;
  } catch (error) {
    world.error(`Cannot read the journal in ${options.dataDir}: ${messageOf(error)}`);
    return EXIT.files;
  }
}
