import type { CliWorld } from "../../../bot/live/cli_world.ts";
import type { FileSeam } from "../../../application/engine/ports.ts";
import { journalDir } from "../../../infrastructure/storage/journal/segments.ts";

const SEED = /^seed-\d+$/;

function below(files: FileSeam, folder: string): readonly string[] {
  try {
    return files.list(folder).filter((name) => SEED.test(name)).map((name) => `${folder}/${name}/data`);
  } catch {
    return [];
  }
}

/**
 * The data directory a person means: itself, the `data` below it, or that of a simulation's only seed. Several seeds are
 * named instead of guessed: null. What is nowhere stays as it was given, so that the command says what it misses.
 */
export function dataDirOf(world: CliWorld, given: string): string | null {
  const { files } = world;
  const folder = given.length > 1 ? given.replace(/\/+$/, "") : given;
  const isData = (path: string): boolean => files.exists(journalDir(path));
  if (isData(folder)) return folder;
  if (isData(`${folder}/data`)) return `${folder}/data`;
  const seeds = below(files, folder).filter(isData);
  const [only] = seeds;
  if (only === undefined) return folder;
  if (seeds.length === 1) return only;
  const some = seeds.slice(0, 3).join(", ");
  world.error(`Cannot choose among ${seeds.length} runs in ${folder}: name one, as ${some}.`);
  return null;
}
