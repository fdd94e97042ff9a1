/** What the bot does, whether the money is protected, and what happens next. One wording for terminal, page and phone. */
import { ageText, dollarText } from "../common/text.ts";
import { blockClause, blockEnd, type BlockFacts, blockSentence } from "./block_words.ts";
import { type HaltFacts, haltSentence } from "./halt_words.ts";
import { countText, momentText, priceText, sentenceOf } from "./numbers.ts";
import { gridClause, type Inputs, refusalClause } from "./refusal_words.ts";
import { closingClause } from "./trade_words.ts";

export type PositionFacts = {
  readonly direction: "long" | "short";
  readonly contracts: number;
  /** USD. */
  readonly entry_usd: number | null;
  readonly stop_usd: number;
  readonly target_usd?: number | null;
  /** UTC ms at which the venue last showed the stop; null = never. */
  readonly stop_shown_at_ms: number | null;
  readonly uncovered_since_ms: number | null;
  readonly protected_without_us: boolean;
  /** Loss at the stop, negative. USD. */
  readonly worst_usd: number | null;
  readonly closing: string | null;
};
export type StateFacts = HaltFacts & {
  /** One of the six public words. */
  readonly word: string;
  readonly observe: boolean;
  readonly halt: { readonly reason: string } | null;
  readonly blocks: readonly (BlockFacts & { readonly class: string })[];
  readonly position: PositionFacts | null;
  /** What would refuse an entry now. */
  readonly entry?: { readonly refusal: string | null; readonly inputs: Inputs };
  readonly grid?: { readonly buy_at_usd: number; readonly sell_at_usd: number } | null;
  readonly last_usd?: number | null;
  /** UTC ms at which a working entry is cancelled. */
  readonly entry_due_at_ms?: number | null | undefined;
};

/** `long 147 contracts from $31,730`. */
export function positionClause(
  position: Pick<PositionFacts, "direction" | "contracts" | "entry_usd">,
): string {
  const from = position.entry_usd === null ? "" : ` from ${priceText(position.entry_usd)}`;
  return `${position.direction} ${countText(position.contracts, "contract")}${from}`;
}

/** The largest word of a page or a message: what a person must know first. */
export function headlineOf(facts: StateFacts): "HALTED" | "UNPROTECTED" | "PROTECTED" | "STARTING" | "FLAT" {
  if (facts.position !== null && !facts.position.protected_without_us) return "UNPROTECTED";
  if (facts.halt !== null) return "HALTED";
  if (facts.position !== null) return "PROTECTED";
  return facts.blocks.some((block) => block.reason === "starting") ? "STARTING" : "FLAT";
}

/** What the bot does: `In a trade: long 147 contracts from $31,730.` `now` in UTC ms. */
export function stateSentence(facts: StateFacts, now: number): string {
  const { position, halt, blocks } = facts;
  const open = position === null ? "nothing is open" : `open is ${positionClause(position)}`;
  if (halt !== null) {
    // The headline HALTED says it already; UNPROTECTED comes before it.
    const word = headlineOf(facts) === "HALTED" ? "" : "Halted: ";
    return `${word}${haltSentence(halt.reason, facts)} ${sentenceOf(open)}`;
  }
  if (blocks.some((block) => block.reason === "shutdown")) return `Stopped in order; ${open}.`;
  if (position !== null) {
    const why = position.closing === null ? "" : ` It is being closed: ${closingClause(position.closing)}.`;
    return `In a trade: ${positionClause(position)}.${why}`;
  }
  if (facts.word === "ENTRY_PENDING") return "An entry order is at the venue and has not filled yet.";
  const pause = blocks.find((block) => block.class === "COOLDOWN") ?? blocks[0];
  if (pause === undefined) {
    return facts.observe ? "Watching only: nothing is open, no order leaves." : "Nothing is open.";
  }
  return `Nothing is open. Entries pause ${blockEnd(pause, now)}: ${blockClause(pause.reason)}.`;
}

/** Whether the money is protected, and since when that is known. `now` in UTC ms. */
export function coverSentence(position: PositionFacts | null, now: number): string {
  if (position === null) return "Nothing is open: only the BTC price moves the account.";
  const seen = position.stop_shown_at_ms === null
    ? ""
    : `; the venue showed it ${ageText(now - position.stop_shown_at_ms)} ago`;
  if (position.protected_without_us) {
    return `Protected: the stop at ${priceText(position.stop_usd)} is at the venue${seen}.`;
  }
  const since = position.uncovered_since_ms === null ? "" : ` for ${ageText(now - position.uncovered_since_ms)}`;
  return `NOT PROTECTED${since}: the venue does not show a stop that covers everything open.`;
}

/** What is lost if the program ended this moment. */
export function deathSentence(position: PositionFacts | null): string {
  if (position === null) return "If the program stops now, nothing is lost: nothing is open.";
  if (!position.protected_without_us) {
    return "If the program stops now, nothing limits the loss but liquidation: set a stop at the venue.";
  }
  return `If the program stops now, ${resultAtStop(position.worst_usd)} at the stop.`;
}
function resultAtStop(usd: number | null): string {
  if (usd === null) return "the trade ends";
  return usd < 0 ? `${dollarText(-usd)} is lost` : `${dollarText(usd)} is won`;
}

function entryStep(facts: StateFacts): string {
  const { entry, grid = null, last_usd = null } = facts;
  const lines = grid === null ? null : sentenceOf(gridClause(grid));
  if (entry === undefined || entry.refusal === null) return lines ?? "Waiting for prices and candles.";
  const clause = refusalClause({ refusal: entry.refusal, inputs: entry.inputs, grid, last_usd }) ?? "";
  if (entry.refusal === "no_signal") return sentenceOf(clause);
  return `No entry now. ${sentenceOf(clause)}` + (grid === null ? "" : ` When that has passed: ${gridClause(grid)}.`);
}

function positionStep(position: PositionFacts): string {
  if (position.closing !== null) return "The position is being closed at market.";
  if (!position.protected_without_us) {
    return "The bot keeps trying to place a stop; if it cannot, it closes the position at market.";
  }
  const target = position.target_usd ?? null;
  return target === null
    ? `The stop closes the position at ${priceText(position.stop_usd)}.`
    : `The target at ${priceText(target)} or the stop at ${priceText(position.stop_usd)} closes the position.`;
}

/** What happens next, in the order in which it matters. `now` in UTC ms. */
export function nextSteps(
  facts: StateFacts,
  now: number,
): readonly string[] {
  const { position, halt, blocks } = facts;
  const lines: string[] = [];
  if (position !== null) lines.push(positionStep(position));
  if (halt !== null) return [...lines, "Nothing new is traded until a person resets the halt."];
  if (blocks.some((block) => block.reason === "shutdown")) {
    return [...lines, "Nothing new is traded until it is started again."];
  }
  if (facts.word === "ENTRY_PENDING") {
    const due = facts.entry_due_at_ms ?? null;
    lines.push(`The entry is cancelled ${due === null ? "soon" : `at ${momentText(due, now)}`} if it has not filled.`);
  }
  lines.push(...blocks.map((block) => blockSentence(block, now)));
  if (position === null && facts.word !== "ENTRY_PENDING" && blocks.length === 0) lines.push(entryStep(facts));
  return lines;
}
