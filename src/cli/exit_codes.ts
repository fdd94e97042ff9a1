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
