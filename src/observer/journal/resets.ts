import type { IntentOf } from "../../domain/intent.ts";
import type { PublicWord } from "../../domain/records.ts";
import type { JournalLine, Violation } from "../types.ts";
import { REFUSAL_CODES } from "./coverage.ts";

/** F-13.6: a command is answered within one tick (P-8 `tick_s` at most 3); one second for the way. */
const ANSWERED_MS = 4_000;
/** P-4: an evaluation is recorded once a minute, in position the venue is read every 10 s (F-4.5); one tick beside. */
const RESUMED_MS = 63_000;
/** F-7.14: a banned address reads nothing for 10 min; an agreement is not older than 60 s (F-13.2). */
const EXPLAINED_MS = 11 * 60_000;
/** What F-13.2 lists. Those that `pass` are of a moment: in calm, nothing excuses them. */
const REFUSED: readonly { readonly name: string; readonly text: RegExp; readonly passes: boolean }[] = [
  { text: /^took over what the venue shows/, name: "taken_over", passes: false },
  { name: "kill", text: /^the file KILL is still there$/, passes: false },
  { name: "cause_holds", text: /; --accept |^[a-z_]+(?::\S+)? still holds: /, passes: false },
  { name: "halted_again", text: /^reset \S+, but halted again by \S+: /, passes: false },
  { name: "not_halted", text: /^not halted$/, passes: false },
  { name: "disagreement", text: /^the venue and the ledger disagree$/, passes: true },
  { name: "no_agreement", text: /^no agreement with the venue yet, try again$/, passes: true },
  { name: "uncovered", text: /^\d+ contracts are not covered$/, passes: true },
  { name: "exit_under_way", text: /^an exit is under way$/, passes: true },
  { name: "unknown_outcome", text: /^an own order is of unknown outcome$/, passes: true },
];
/** What every evaluation may say beside the codes of P-4: no gate refused, price is not beyond the grid. */
const NO_SIGNAL = "no_signal";
/** Orders of the position and reads of it: what shows that it is looked after. */
const MANAGES: ReadonlySet<string> = new Set([
  "PlaceStop",
  "AmendStop",
  "PlaceTarget",
  "PlaceExit",
  "CancelOrder",
  "LookUpOrder",
  "QueryPosition",
  "QueryOpenOrders",
]);

type Now = {
  readonly at: number;
  /** Time since the last fault, fill or start of the process. */
  readonly calmMs: number;
  readonly word: PublicWord;
  readonly phase: string;
  readonly banned: boolean;
};
/** An accepted reset of which nothing came yet. `restarted` = a process ended since; the reset may have gone with it. */
type Accepted = { readonly at: number; readonly dueAt: number; readonly restarted: boolean };

/**
 * Follows each reset of the operator until the journal shows what came of it (F-13.2): entries evaluated or a position
 * looked after again, a refusal that flow lists, or another HALT, whose cause is judged where HALTs are. Anything else is
 * silence. Moments are those of the venue.
 */
export class ResetWatch {
  /** How many resets were followed by what. */
  readonly counts: Record<string, number> = {};
  readonly #say: (violation: Violation) => void;
  /** Given and not yet in the journal; when each is due to be. */
  #given: number[] = [];
  #accepted: Accepted | null = null;
  #entryAwaited = false;

  constructor(say: (violation: Violation) => void) {
    this.#say = say;
  }

  /** The operator gave a reset to a process that runs. */
  given(at: number): void {
    this.#given.push(at + ANSWERED_MS);
  }

  /** The bot can do nothing before `until`: the machine sleeps, or a process begins then. */
  heldUp(until: number): void {
    this.#given = this.#given.map((dueAt) => Math.max(dueAt, until + ANSWERED_MS));
    const accepted = this.#accepted;
    if (accepted !== null) this.#accepted = { ...accepted, dueAt: Math.max(accepted.dueAt, until + RESUMED_MS) };
  }

  /** A command that the journal does not hold by now is gone; the operator sees no answer (F-13.6). */
  processEnded(): void {
    for (const _ of this.#given.splice(0)) this.#count("lost with the process");
    if (this.#accepted !== null) this.#accepted = { ...this.#accepted, restarted: true };
  }

  /** True when `on` would look at this line. */
  wants(line: JournalLine): boolean {
    return this.#accepted !== null || this.#entryAwaited || line.event.kind === "OperatorCommand";
  }

  /** One line of the journal, and what it leaves behind. */
  on(line: JournalLine, now: Now): void {
    const { event } = line;
    if (event.kind === "OperatorCommand" && event.command === "reset") this.#answered(line, now);
    else if (this.#accepted !== null) this.#follow(line, { now, accepted: this.#accepted });
    if (!this.#entryAwaited || !line.intents.some((intent) => intent.kind === "PlaceEntry")) return;
    this.#entryAwaited = false;
    this.#count("entry before the next HALT");
  }

  /** Time passes; `down` = no process is there to do anything. */
  quiet(at: number, of: { readonly down: boolean; readonly phase: string }): void {
    if (of.down) return;
    if (this.#given.some((dueAt) => at > dueAt)) {
      this.#given = this.#given.filter((dueAt) => at <= dueAt);
      this.#say({ check: "reset_silence", rule: "F-13.6", at, detail: "a reset was not answered" });
    }
    const accepted = this.#accepted;
    if (accepted === null || at <= accepted.dueAt) return;
    this.#accepted = null;
    const since = `${at - accepted.at} ms after a reset in phase ${of.phase}`;
    const detail = `${since}: no evaluation, no care of a position, no HALT`;
    this.#say({ check: "reset_silence", rule: "F-13.2", at, detail });
  }

  /** The run is over before it showed what came of the last one. */
  finish(): void {
    for (const _ of this.#given.splice(0)) this.#count("end of the run");
    if (this.#accepted !== null) this.#count("end of the run");
    this.#accepted = null;
  }

  #count(name: string): void {
    this.counts[name] = (this.counts[name] ?? 0) + 1;
  }

  #answered(line: JournalLine, { at, calmMs }: Now): void {
    this.#given.shift();
    const answer = line.intents.find((intent): intent is IntentOf<"Answer"> => intent.kind === "Answer");
    if (answer === undefined) {
      return this.#say({ check: "reset_silence", rule: "F-13.6", at, detail: "a reset was not answered" });
    }
    if (answer.ok) {
      this.#entryAwaited = true;
      this.#accepted = { at, dueAt: at + RESUMED_MS, restarted: false };
      return;
    }
    const listed = REFUSED.find(({ text }) => text.test(answer.text));
    const fault = listed === undefined
      ? `flow lists no such reason: ${answer.text}`
      : listed.passes && calmMs > EXPLAINED_MS
      ? `${answer.text}, ${calmMs} ms after anything happened`
      : null;
    if (listed !== undefined) this.#count(`refused ${listed.name}`);
    if (fault !== null) this.#say({ check: "reset_refused", rule: "F-13.2", at, detail: fault });
  }

  #follow(line: JournalLine, of: { readonly now: Now; readonly accepted: Accepted }): void {
    const came = recorded(line, of.accepted) ?? (isManaged(line, of.now) ? `${of.now.phase} managed` : null);
    if (came === null) return;
    this.#accepted = null;
    this.#count(came);
  }
}

/** What the records of a line say came of a reset; null = nothing. A HALT stands behind the evaluation it refuses. */
function recorded(line: JournalLine, accepted: Accepted): string | null {
  let came: string | null = null;
  for (const intent of line.intents) {
    if (intent.kind !== "Record") continue;
    const { record } = intent;
    if (record.type === "snapshot" && record.lid === "HALT") return `HALT ${record.reason}`;
    if (record.type === "evaluation") came = evaluated(record.refusal, accepted);
  }
  return came;
}

function evaluated(refusal: string | null, accepted: Accepted): string | null {
  const code = refusal?.split(":")[0] ?? null;
  if (code === null) return "evaluated: approved";
  if (code === "state_halt") return accepted.restarted ? "lost with the process" : null;
  return code === NO_SIGNAL || REFUSAL_CODES.includes(code) ? `evaluated: ${refusal}` : null;
}

/** The line shows that what is held is looked after without a HALT; a banned address reads nothing (F-7.14). */
function isManaged(line: JournalLine, now: Now): boolean {
  if (now.phase === "flat" || now.word === "HALT") return false;
  return now.banned ? line.event.kind === "Tick" : line.intents.some(({ kind }) => MANAGES.has(kind));
}
