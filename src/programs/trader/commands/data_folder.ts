import type { CliWorld } from "../../../bot/live/cli_world.ts";
import { EXIT } from "../../../common/exit_codes.ts";
import { messageOf } from "../../../common/text.ts";

export type FolderTrouble = { readonly line: string; readonly code: number };

/** Why a command cannot use a data directory, in one line with what to do; null = it can. */
export function folderTrouble(world: CliWorld, dataDir: string): FolderTrouble | null {
  try {
    if (!world.files.exists(dataDir)) {
      return { line: `There is no folder ${dataDir} here: run this in the bot's folder.`, code: EXIT.no };
    }
    world.files.list(dataDir);
    return null;
  } catch (error) {
    return { line: `Cannot use ${dataDir}: ${whyNot(world, { dataDir, error })}`, code: EXIT.files };
  }
}

/** The reason of a failed access for a person; another user's directory is named with that user. */
export function whyNot(world: CliWorld, at: { readonly dataDir: string; readonly error: unknown }): string {
  const name = at.error instanceof Error ? at.error.name : "";
  if (name === "NotCapable") {
    return "this program reads data only in the folder data of where it is started: go to the bot's folder first";
  }
  if (name !== "PermissionDenied") return messageOf(at.error);
  const owner = ownerOf(world, at.dataDir);
  if (owner === null) return messageOf(at.error);
  return `it belongs to user ${owner}: run this as that user (sudo -u '#${owner}' abot …) or as root`;
}

function ownerOf(world: CliWorld, dataDir: string): number | null {
  try {
    return world.files.owner(dataDir);
  } catch {
    return null;
  }
}
