/** What a bot that is gone has left behind, for the person who finds it. */
import type { FileSeam } from "../../../application/engine/ports.ts";
import { readStatus, type Status, statusFile } from "../../../views/status.ts";

/** The last word of the bot; null when there is none that can be read. Never throws. */
export function lastStatus(files: FileSeam, dataDir: string): Status | null {
  try {
    const read = readStatus(files.readText(statusFile(dataDir)));
    return read.kind === "status" ? read.status : null;
  } catch {
    return null;
  }
}

const CLOSE_THERE = "To close it now use the venue's page";

/** What to do about the position of a bot that is gone; nothing when its last word knew of none. */
export function positionLeft(status: Status | null): readonly string[] {
  if (status === null) return ["Whether a position is open is not known here: look at the venue's page."];
  const { position } = status;
  if (position === null) return ["Its last word knew of no open position."];
  const what = `A ${position.direction} position of ${position.contracts} contracts was open, and nobody watches it.`;
  const stop = position.protected_without_us
    ? `Its stop at ${position.stop_usd} stays at the venue.`
    : `The venue had not shown its stop: look at the venue's page NOW.`;
  return [what, `${stop} ${CLOSE_THERE}, or start the bot.`];
}
