/** The first line of the page: is the money protected, and how old is that knowledge (M-3.1). Pure. */
import { ageText } from "../../../common/text.ts";
import {
  coverSentence,
  headlineOf as stateHeadline,
  positionClause,
  stateSentence,
} from "../../../views/state_words.ts";
import type { Status } from "../../../views/status.ts";
import type { Seen } from "../follow/data_directory.ts";

/** The bot writes its status at least this often. */
export const WRITE_EVERY_MS = 700;
/** With a position the bot asks the venue for its orders at least this often. */
export const LOOK_EVERY_MS = 10_000;
/** Older than this many periods is stale. */
export const STALE_PERIODS = 3;

export const HEADLINES = ["PROTECTED", "FLAT", "HALTED", "UNPROTECTED", "STARTING", "NO NEWS"] as const;
export type HeadlineWord = typeof HEADLINES[number];

export type Headline = {
  readonly word: HeadlineWord;
  /** One sentence: what it means for the money. */
  readonly sentence: string;
};

/** The bot's own clock at `now`: what it last wrote, and the time since then. */
export function botNow(seen: Seen & { readonly kind: "status" }, now: number): number {
  return seen.status.written_at_ms + Math.max(0, now - seen.heardAt);
}

export function isStale(age: number, period: number): boolean {
  return age > STALE_PERIODS * period;
}

/** How long ago the venue last showed the stop, at the bot's own time; null = it never did, or there is none. */
export function stopAge(status: Status, at: number): number | null {
  const shown = status.position?.stop_shown_at_ms ?? null;
  return shown === null ? null : Math.max(0, at - shown);
}

/** What is lost if the bot never wrote again. */
function unheardSentence(status: Status): string {
  const { position } = status;
  if (position === null) return "When it last wrote, nothing was open.";
  if (position.protected_without_us) {
    return `When it last wrote, ${
      positionClause(position)
    } was open with its stop at the venue; a stop at the venue works ` +
      "without the bot.";
  }
  return `When it last wrote, ${
    positionClause(position)
  } was open WITHOUT a stop that the venue had shown. Look at the venue.`;
}

/** The bot says PROTECTED and the venue has not shown the stop for too long. */
function silentVenue(status: Status, at: number): Headline | null {
  const age = stopAge(status, at);
  if (status.position?.protected_without_us !== true || age === null || !isStale(age, LOOK_EVERY_MS)) return null;
  return {
    word: "NO NEWS",
    sentence: `The venue has not shown the stop of ${positionClause(status.position)} for ${ageText(age)}.`,
  };
}

function ageless(position: Status["position"]): Status["position"] {
  return position === null ? null : { ...position, stop_shown_at_ms: null };
}

/** The word of the first line. An open position without a shown stop is said before everything but silence. */
export function headlineOf(seen: Seen, now: number): Headline {
  if (seen.kind === "none") return { word: "NO NEWS", sentence: seen.sentence };
  const { status } = seen;
  const age = now - seen.heardAt;
  if (isStale(age, WRITE_EVERY_MS)) {
    return { word: "NO NEWS", sentence: `The bot has not written for ${ageText(age)}. ${unheardSentence(status)}` };
  }
  const at = botNow(seen, now);
  const silent = silentVenue(status, at);
  if (silent !== null) return silent;
  const word = stateHeadline(status);
  switch (word) {
    case "UNPROTECTED":
      return { word, sentence: coverSentence(status.position, at) };
    case "PROTECTED":
      // The age of that knowledge stands below, where it counts.
      return { word, sentence: `${coverSentence(ageless(status.position), at)} It works without the bot.` };
    case "HALTED":
      return { word, sentence: stateSentence(status, at) };
    case "STARTING":
      return { word, sentence: `The bot compares itself with the venue. ${coverSentence(status.position, at)}` };
    case "FLAT":
      return { word, sentence: coverSentence(null, at) };
    default: {
      const never: never = word;
      return never;
    }
  }
}
