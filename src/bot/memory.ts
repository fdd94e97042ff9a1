import type { FileSeam, Platform } from "../application/engine/ports.ts";
import type { Guarded } from "../application/guardian/guardian.ts";
import { publicWord } from "../application/transition/mod.ts";
import { stateReader } from "./state_reader.ts";
import type { Config } from "../domain/limits.ts";
import type { JournalRecord } from "../domain/records.ts";
import { recover } from "../infrastructure/storage/journal/recovery.ts";
import type { BuildFacts } from "../infrastructure/storage/journal/segments.ts";

/** What a process knows before it has spoken to the venue (F-11.1). */
export type Remembered = {
  /** null = a new account: nothing was ever decided here. */
  readonly state: Guarded | null;
  readonly resume: { readonly seq: number; readonly head: string } | null;
  readonly accountUid: string | null;
  /** The journal was written by another core (F-11.7). */
  readonly upgraded: boolean;
  /** Where the journal was broken; what stood behind is not in the state: the start halts (F-11.6). */
  readonly damaged: string | null;
  /** Set when the journal says that a position is open (F-12.4). */
  readonly openLine: string | null;
  readonly lines: readonly string[];
  /** Records of the journal's tail, which a crash may have kept from the trade log (P-13). */
  readonly records: readonly { readonly seq: number; readonly record: JournalRecord }[];
};

/** Of a data directory in which no bot has run. */
export const NOTHING_REMEMBERED: Remembered = {
  state: null,
  resume: null,
  accountUid: null,
  upgraded: false,
  damaged: null,
  openLine: null,
  lines: [],
  records: [],
};

/** The same state under the configuration of this start; the journal's next segment header records it (F-11.7). */
export function withConfig(state: Guarded, config: Config): Guarded {
  return { bot: { ...state.bot, config }, guardian: state.guardian };
}

/** Newest valid snapshot plus tail (F-11.1). Throws when the directory cannot be read or holds no usable state. */
export function remember(
  options: {
    readonly platform: { readonly files: FileSeam } | Platform;
    readonly dataDir: string;
    readonly config: Config;
    readonly build: BuildFacts;
  },
): Remembered {
  const { files } = options.platform;
  const found = recover({
    files,
    dataDir: options.dataDir,
    ...stateReader(options.build.coreHash, options.build.equalCores),
  });
  if (found.kind === "fresh") return NOTHING_REMEMBERED;
  if (found.kind === "unreadable") {
    throw new Error(`Cannot recover from ${options.dataDir} as no state is readable: ${found.lines.join("; ")}`);
  }
  const { bot } = found.state;
  const openLine = bot.phase.kind === "position" || bot.phase.kind === "exit"
    ? `The journal says a position of ${bot.phase.position.contracts} contracts is open (${
      publicWord(bot)
    }); check its stop at the venue.`
    : null;
  return {
    state: withConfig(found.state, options.config),
    resume: found.resume,
    accountUid: bot.accountUid,
    upgraded: found.foreign,
    damaged: found.damaged,
    openLine,
    lines: found.lines,
    records: found.records,
  };
}
