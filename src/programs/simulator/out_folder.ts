import { EXIT } from "../../common/exit_codes.ts";
import { messageOf } from "../../common/text.ts";
import { complain, endWith } from "../../infrastructure/platform/live/terminal.ts";

/**
 * Ends the program with one line when results cannot be written below a folder: asked before a run, not found by it, which
 * takes a failing write inside for a crash of the bot.
 */
export function requireWritable(folder: string): void {
  const probe = `${folder}/.probe`;
  try {
    Deno.mkdirSync(folder, { recursive: true });
    Deno.writeTextFileSync(probe, "x");
    Deno.removeSync(probe);
  } catch (error) {
    giveUp(folder, error);
  }
}

/** A result cannot be written, as on a disk that filled meanwhile: nothing that follows would be whole. */
export function giveUp(path: string, error: unknown): never {
  complain(`Cannot write results to ${path}: ${messageOf(error)}`);
  endWith(EXIT.files);
}
