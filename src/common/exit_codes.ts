/** Every way the program ends; `abot --help` and the operations guide show this table (F-13.3). */
export const EXIT = {
  ok: 0,
  no: 1,
  foreignCore: 3,
  usage: 64,
  internal: 70,
  files: 74,
  notYet: 75,
  refused: 78,
} as const;

export const EXIT_CODES: readonly (readonly [code: number, meaning: string])[] = [
  [EXIT.ok, "done; or the bot was stopped with nothing open that is not protected"],
  [EXIT.no, "the answer is no: a check failed, a command was refused, damage was found, a replay differs"],
  [EXIT.foreignCore, "replay: the journal was written by another core and cannot be re-decided"],
  [EXIT.usage, "the command line was not understood"],
  [EXIT.internal, "an error inside the program; the stop is at the venue, the unit restarts it"],
  [EXIT.files, "the data directory cannot be read or written"],
  [
    EXIT.notYet,
    "not now: another abot holds the data directory, or a stop took longer than 30 s (it names what is open)",
  ],
  [EXIT.refused, "refused to start: configuration, permissions, environment, key or account; a restart does not help"],
];

/**
 * How a start ends that could not read its memory: an error of disk or folder (Deno names its number) passes, so the
 * unit tries again; a journal that is not for this program does not (F-13.3, F-11.7).
 */
export function exitOfMemory(error: unknown): number {
  return error instanceof Error && /\(os error \d+\)/.test(error.message) ? EXIT.files : EXIT.refused;
}
