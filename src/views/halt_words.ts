/**
 * What a HALT is, what it has stopped, what a person must look at, and in which order (F-13.5). One wording for terminal,
 * page and phone; the operations guide holds the same texts (a test compares them).
 */
import type { HaltReason } from "../domain/halts_and_blocks.ts";
import { dollarText } from "../common/text.ts";
import { limitText } from "./numbers.ts";

export type RollbackProtocol = {
  /** What happened, in one sentence. */
  readonly cause: string;
  /** Steps for the person, in order; the last one says how the halt is lifted. */
  readonly steps: readonly string[];
};

const LOOK = "Open the venue's testnet page: is the position there the one `abot status` shows, with its stop?";
const CLOSE = "If the position must go: `abot close --confirm`, or close it by hand at the venue.";
const RESET = 'When account and bot agree: `abot reset --reason "…"`.';
const ACCEPT =
  'The cause still holds, so a reset needs `abot reset --reason "…" --accept`; it is written to the journal.';
const OTHERS = "Find out who else uses this account or key (person, second bot, app) and stop that first.";
const REPORT =
  "Keep the data directory as it is and report it with the output of `abot verify` and `abot why --last 20`.";

/** Reasons by their first word: the part after `:` names the case, not the procedure. */
type ReasonClass =
  | Exclude<HaltReason, `${string}:${string}`>
  | "persistent_rejection"
  | "startup_check"
  | "invariant_violation";

/** Every halt reason, also those that carry a case after a colon. */
export const ROLLBACK: { readonly [Reason in ReasonClass]: RollbackProtocol } = {
  liquidation: {
    cause: "The venue liquidated the position, or warned that it will.",
    steps: [
      LOOK,
      "Compare leverage and margin mode at the venue with the configuration; isolated margin is required.",
      "Do not reset before it is clear why the stop did not come first.",
      REPORT,
      RESET,
    ],
  },
  adl: {
    cause: "The venue reduced the position by auto-deleveraging.",
    steps: [LOOK, "The stop was set anew for what is left; check its quantity.", RESET],
  },
  unexpected_fill: {
    cause: "A fill came for an order the bot does not know; the exposure was adopted and protected.",
    steps: [OTHERS, LOOK, CLOSE, RESET],
  },
  second_instance: {
    cause: "The venue shows orders of this bot's form that this journal did not send.",
    steps: ["Stop every other abot on this account, and any copy of this data directory.", OTHERS, LOOK, RESET],
  },
  invalid_fill_quantity: {
    cause: "The venue reported a fill with an impossible quantity.",
    steps: [LOOK, REPORT, RESET],
  },
  foreign_activity: {
    cause: "Somebody else traded on this account; the stop follows what the venue holds.",
    steps: [
      OTHERS,
      LOOK,
      CLOSE,
      "A reset is refused while more is open than 1.1 times what was sized; stop and target end it as well.",
      RESET,
    ],
  },
  unprotected: {
    cause: "The position was without a shown stop for 10 s and is being closed at market.",
    steps: [LOOK, "Until it is flat, set a stop by hand at the venue if none is there.", CLOSE, RESET],
  },
  position_disagreement: {
    cause: "Venue and bot disagreed about the position for 30 s without an explanation.",
    steps: [LOOK, "Position and stop were kept. Compare the venue's execution list with `abot report`.", CLOSE, RESET],
  },
  stop_loss_unrecoverable: {
    cause: "The stop could not be placed three times; the position is being closed at market.",
    steps: [LOOK, "Set a stop by hand at the venue if the position is still open.", CLOSE, RESET],
  },
  stop_side_disagreement: {
    cause: "The venue says the price is past the stop, our prices say it is not; the position is being closed.",
    steps: [LOOK, "Compare last and mark price at the venue with those of `abot status`.", RESET],
  },
  exit_unrecoverable: {
    cause: "The exit failed three times; the stop is live and the bot keeps trying.",
    steps: [LOOK, "Is the order book empty on our side? Then the stop is what protects.", CLOSE, RESET],
  },
  entry_unrecoverable: {
    cause: "The fate of an entry order could not be found out.",
    steps: ["Look for the order at the venue by its id (in the alert); cancel it if it is open.", LOOK, RESET],
  },
  balance_anomaly: {
    cause: "The wallet is empty, unreadable, or changed by more than trades explain.",
    steps: ["Compare the wallet at the venue with `abot status`: deposits, withdrawals, transfers?", OTHERS, RESET],
  },
  equity_below_floor: {
    cause: "The account fell under its floor.",
    steps: [
      LOOK,
      "Read `abot report`: is this the strategy's loss or the BTC price's?",
      "Decide whether the experiment goes on. If it does, the present equity becomes the new floor.",
      ACCEPT,
    ],
  },
  degraded_mode_timeout: {
    cause: "A stream was unhealthy for 60 s; the stop is at the venue.",
    steps: ["Check the machine's network and the venue's status page.", LOOK, RESET],
  },
  network_failure: {
    cause: "Streams and REST both failed; no position was open.",
    steps: ["Check the machine's network and the venue's status page.", LOOK, RESET],
  },
  network_failure_with_position: {
    cause: "Streams and REST both failed with a position open; the stop is at the venue.",
    steps: [LOOK, "Check the machine's network and the venue's status page.", CLOSE, RESET],
  },
  hedge_mode_detected: {
    cause: "The account is in hedge mode; the bot needs one-way mode.",
    steps: [
      "Close or note what is open.",
      "Switch BTCUSD to one-way mode at the venue (Settings, position mode).",
      RESET,
    ],
  },
  liquidation_too_close: {
    cause: "The liquidation price came too near to the entry; the position is being closed.",
    steps: [LOOK, "Who changed leverage or margin? It must be isolated, at the configured leverage.", RESET],
  },
  ip_banned: {
    cause: "The venue refuses this address (HTTP 403) while a position was not protected.",
    steps: [
      "Look at the account from another address now: set a stop or close by hand.",
      "Stop everything else that calls the venue from this address; the ban lasts at least 10 minutes.",
      RESET,
    ],
  },
  credentials: {
    cause: "The venue refused the API key while running; the alert says whether the stop is at the venue.",
    steps: [
      LOOK,
      "Is the key expired, deleted, or bound to another address? Make a new one: no withdraw, no transfer rights.",
      "Stop the program, set the new key, start it: it recovers the position by itself.",
      RESET,
    ],
  },
  instrument: {
    cause: "BTCUSD is not trading, or its rules changed, with a position open; the stop was kept.",
    steps: ["Read the venue's announcements.", LOOK, "Wait until the instrument trades again.", RESET],
  },
  venue_maintenance: {
    cause: "The venue is under maintenance.",
    steps: ["Read the venue's announcements and wait for the end.", LOOK, RESET],
  },
  journal_behind_venue: {
    cause: "The venue knows orders or fills newer than the journal: was an old copy of the data restored?",
    steps: ["If a newer data directory exists: stop, put it back, start.", LOOK, CLOSE, RESET],
  },
  unknown_position: {
    cause: "A position was open at start that the journal does not know; it was adopted and given a stop.",
    steps: [OTHERS, LOOK, CLOSE, RESET],
  },
  upgraded_mid_position: {
    cause: "Another version of the program wrote the journal and something open could not be explained.",
    steps: [LOOK, "Or stop, put the old version back, and upgrade when flat.", CLOSE, RESET],
  },
  core_fault: {
    cause: "The program made an error inside; the guardian keeps the stop.",
    steps: [LOOK, REPORT, CLOSE, "Restart the program; the same event is skipped.", RESET],
  },
  journal_unavailable: {
    cause: "The journal could not be written; no entries, protection goes on.",
    steps: ["Is the disk full or read-only? `df -h`, permissions of the data directory.", LOOK, RESET],
  },
  kill_switch: {
    cause: "A person pulled the kill switch: the file KILL or `abot halt`.",
    steps: [LOOK, CLOSE, "Remove the file KILL from the data directory if it is there.", RESET],
  },
  order_rate_runaway: {
    cause: "More orders that add risk within an hour than are allowed: a loop, not a market.",
    steps: [LOOK, REPORT, "Do not raise the limit before the loop is understood.", RESET],
  },
  winrate_hard: {
    cause: "The win rate of the last trades is below the limit.",
    steps: [
      "Read `abot report`: is the strategy broken or the sample unlucky?",
      "A reset starts a fresh window.",
      ACCEPT,
    ],
  },
  goal_reached: {
    cause: "The goal is reached. Well done; a person decides what to protect.",
    steps: ["Move the result out of the account, or set a new goal.", ACCEPT],
  },
  goal_missed: {
    cause: "The goal was not reached in time.",
    steps: ["Read `abot report` and decide whether the experiment goes on with a new term.", ACCEPT],
  },
  persistent_rejection: {
    cause: "The venue refused three entries in a row for a cause that does not pass by itself.",
    steps: ["margin, balance: wallet and open orders. quantity, price: instrument rules. permission: the key.", RESET],
  },
  startup_check: {
    cause: "A position is open and a start check failed; protection runs.",
    steps: ["`abot check` prints what is wrong and how to put it right.", LOOK, CLOSE, RESET],
  },
  invariant_violation: {
    cause: "The program contradicts itself; protection goes on.",
    steps: [LOOK, REPORT, CLOSE, RESET],
  },
};

/** The procedure for one halt. */
export function rollbackProtocol(reason: string): RollbackProtocol {
  const word = reason.split(":")[0] ?? reason;
  const found = Object.entries(ROLLBACK).find(([name]) => name === word);
  return found === undefined ? { cause: `Halted by ${word.replaceAll("_", " ")}.`, steps: [LOOK, RESET] } : found[1];
}

export type HaltFacts = {
  readonly equity_usd?: number | null;
  readonly floor_usd?: number | null;
  readonly goal_usd?: number | null;
  /** Absent = the floor is on the account in dollars. */
  readonly floor_basis?: "trading" | undefined;
  /** What trading alone left of the capital. */
  readonly trading_usd?: number | null;
};

/** What follows the colon of a reason, as words: `margin mode`; null without one. */
function caseOf(reason: string): string | null {
  const at = reason.indexOf(":");
  return at < 0 ? null : reason.slice(at + 1).replaceAll("_", " ");
}

/** What happened, in one sentence, with its figures: `The account fell under its floor of $80 (now $79.61).` */
export function haltSentence(reason: string, facts: HaltFacts = {}): string {
  const { equity_usd: equity = null, floor_usd: floor = null, goal_usd: goal = null } = facts;
  const now = equity === null ? "" : ` (now ${dollarText(equity)})`;
  if (reason === "equity_below_floor" && floor !== null && facts.floor_basis === "trading") {
    const left = facts.trading_usd ?? null;
    return `Trading alone took the account under its floor of ${limitText(floor)}` +
      `${left === null ? "" : ` (without the BTC price: ${dollarText(left)})`}.`;
  }
  if (reason === "equity_below_floor" && floor !== null) {
    return `The account fell under its floor of ${limitText(floor)}${now}.`;
  }
  if (reason === "goal_reached" && goal !== null) return `The goal of ${limitText(goal)} is reached${now}. Well done.`;
  if (reason === "goal_missed" && goal !== null) return `The goal of ${limitText(goal)} was not reached in time${now}.`;
  const { cause } = rollbackProtocol(reason);
  const named = caseOf(reason);
  return named === null ? cause : `${cause.replace(/\.$/, "")} (${named}).`;
}

/** What every HALT stopped and what goes on without a person, first lines of the printed protocol. */
export function automaticPart(reason: string): readonly string[] {
  const target = reason === "kill_switch" ? "The profit target was cancelled." : "The profit target keeps working.";
  return [
    "Stopped: every entry; a working entry was cancelled.",
    `Goes on: the stop at the venue, its repair, exits already decided. ${target}`,
  ];
}
