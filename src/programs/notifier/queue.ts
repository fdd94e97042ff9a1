/**
 * What a channel is told next (N-3.3). Alerts leave in the order of the outbox. What repeats, what comes in quiet hours
 * and what piled up is counted and told together; what is critical is told singly, before everything that came after it.
 */
import { sha256 } from "../../common/sha256.ts";
import { familyOf } from "../../domain/alert_codes.ts";
import type { AlertLine } from "../../infrastructure/logging/alert_line.ts";
import { alertWords } from "../../views/alert_words.ts";
import type { Message, Severity } from "./channels/types.ts";
import type { Held } from "./cursor.ts";
import { letterLine, lettersOf, resendPath } from "./dead_letters.ts";
import type { Keeper } from "./keeper.ts";
import { digestOf, messageOf, type Times } from "./message.ts";
import type { Entry, Follower } from "./outbox.ts";
import type { QuietHours } from "./quiet.ts";
import type { NotifyWorld } from "./world.ts";

export type Rules = {
  readonly minimum: Severity;
  readonly off: readonly string[];
  readonly quiet: QuietHours | null;
  readonly times: Times;
};
export type Item = {
  readonly kind: "line" | "digest" | "resend";
  readonly id: string;
  /** Codes of a digest. */
  readonly codes: readonly string[];
  readonly severity: Severity;
  readonly message: (again: boolean) => Message;
  /** To be called once it was sent, or given up. */
  readonly done: () => void;
};
export type QueueOptions = {
  readonly world: NotifyWorld;
  readonly dataDir: string;
  readonly name: string;
  readonly rules: Rules;
  readonly keeper: Keeper;
  readonly outbox: Follower;
  readonly own: Follower;
};

const RANK: Readonly<Record<Severity, number>> = { info: 0, warning: 1, critical: 2 };
/** Repeats of one code within this are counted, not sent. */
const FOLD_MS = 600_000;
const FOLD_CRITICAL_MS = 60_000;
/** More than this many waiting alerts become a digest. */
const SINGLY = 5;
const AHEAD = 500;
/** Codes counted apart. */
const TALLIES = 40;

function lineOf(entry: Entry | null): AlertLine | null {
  return entry?.read.kind === "alert" ? entry.read.line : null;
}
/** An alert that cannot be read may have been the worst one: its reader is told that there was one. */
function unreadableLine(entry: Entry): AlertLine {
  const matter = { severity: "warning", code: "outbox_unreadable", reason: "", context: {} } as const;
  const { at, mark, file } = entry.place;
  return { id: sha256(`${file} ${mark}`), at, ...matter, ...alertWords(matter), journal_head: "" };
}
function highest(severities: readonly Severity[]): Severity {
  return severities.reduce((a, b) => (RANK[b] > RANK[a] ? b : a), "info");
}

export class Queue {
  readonly #options: QueueOptions;

  constructor(options: QueueOptions) {
    this.#options = options;
  }

  /** The next message; null = nothing to tell now. Throws when the disk does. */
  next(): Item | null {
    const { keeper } = this.#options;
    const begun = keeper.now().sending;
    if (begun?.kind === "digest") {
      const tallies = keeper.now().held.filter((one) => begun.codes.includes(one.code));
      if (tallies.length > 0) return this.#digest(tallies);
    }
    if (begun?.kind !== "line") {
      const due = this.#due();
      if (due !== null) return due;
    }
    for (;;) {
      const from = this.#source();
      const entry = from?.peek() ?? null;
      if (from === null || entry === null) return this.#due() ?? this.#resend();
      const line = this.#wanted(entry);
      if (line === null) {
        this.#pass(from);
        continue;
      }
      // What was begun is finished as it was begun.
      if (begun?.id === line.id) return this.#single(from, line);
      const until = this.#heldUntil(line);
      if (until === null) return this.#due() ?? this.#single(from, line);
      this.#hold(line, until);
      this.#pass(from);
    }
  }

  /** Critical alerts that are known and not told. */
  criticalsAhead(): number {
    let count = 0;
    for (const follower of [this.#options.outbox, this.#options.own]) {
      follower.poll(AHEAD);
      for (let index = 0; index < follower.ahead(); index += 1) {
        if (lineOf(follower.peek(index))?.severity === "critical") count += 1;
      }
    }
    return count;
  }

  /** Of the outbox and the notifier's own lines, the one whose next line is older. */
  #source(): Follower | null {
    const { outbox, own } = this.#options;
    for (const follower of [outbox, own]) if (follower.ahead() <= SINGLY) follower.poll(AHEAD);
    const [a, b] = [outbox.peek(), own.peek()];
    if (a === null || b === null) return a !== null ? outbox : b !== null ? own : null;
    return b.place.at < a.place.at ? own : outbox;
  }

  /** The alert of an entry if this channel wants it. */
  #wanted(entry: Entry): AlertLine | null {
    const { rules } = this.#options;
    const line = lineOf(entry) ?? unreadableLine(entry);
    if (RANK[line.severity] < RANK[rules.minimum]) return null;
    return rules.off.includes(line.code.split(":", 1)[0] ?? "") && line.severity !== "critical" ? null : line;
  }

  /** When an alert is told if not now; null = now, singly. */
  #heldUntil(line: AlertLine): number | null {
    const { world, rules, keeper } = this.#options;
    const now = world.now();
    const window = keeper.now().windows[line.code];
    if (window !== undefined && window.until > now && RANK[line.severity] <= RANK[window.severity]) return window.until;
    if (line.severity === "critical") return null;
    return rules.quiet?.until(now) ?? (this.#isBacklog(now) ? now : null);
  }

  /** Many alerts wait that are not critical, or some are being counted already: they are told together. */
  #isBacklog(now: number): boolean {
    if (this.#options.keeper.now().held.some((one) => one.dueAt <= now)) return true;
    let run = 0;
    for (const follower of [this.#options.outbox, this.#options.own]) {
      for (let index = 0; index <= SINGLY && index < follower.ahead(); index += 1) {
        const line = lineOf(follower.peek(index));
        if (line?.severity === "critical") break;
        if (line !== null) run += 1;
      }
    }
    return run > SINGLY;
  }

  #hold(line: AlertLine, dueAt: number): void {
    const { keeper } = this.#options;
    const { held } = keeper.now();
    // Many cases of one family are one line of a digest; a cursor stays small whatever is counted.
    const known = held.length < TALLIES || held.some((one) => one.code === line.code);
    const code = known ? line.code : familyOf(line.code);
    const old = held.find((one) => one.code === code);
    const tally: Held = {
      code,
      severity: highest([line.severity, old?.severity ?? "info"]),
      count: (old?.count ?? 0) + 1,
      firstAt: old?.firstAt ?? line.at,
      lastAt: line.at,
      sentence: line.sentence.slice(0, 500),
      dueAt: Math.min(old?.dueAt ?? dueAt, dueAt),
    };
    keeper.change({ held: [...held.filter((one) => one !== old), tally] });
  }

  /** What was counted and is to be told now. */
  #due(): Item | null {
    const due = this.#options.keeper.now().held.filter((one) => one.dueAt <= this.#options.world.now());
    return due.length === 0 ? null : this.#digest(due);
  }

  #pass(from: Follower): void {
    const { outbox, keeper } = this.#options;
    if (from.peek()?.read.kind === "unreadable") keeper.change({ unreadable: keeper.now().unreadable + 1 });
    from.take();
    keeper.change(from === outbox ? { outbox: from.place() } : { own: from.place() });
  }

  #single(from: Follower, line: AlertLine): Item {
    const { rules, world, keeper } = this.#options;
    return {
      kind: "line",
      id: line.id,
      codes: [],
      severity: line.severity,
      message: (again) => messageOf(line, { times: rules.times, again }),
      done: () => {
        const until = world.now() + (line.severity === "critical" ? FOLD_CRITICAL_MS : FOLD_MS);
        const open = Object.entries(keeper.now().windows).filter(([, window]) => window.until > world.now());
        keeper.change({ windows: { ...Object.fromEntries(open), [line.code]: { severity: line.severity, until } } });
        this.#pass(from);
      },
    };
  }

  #digest(tallies: readonly Held[]): Item {
    const { rules, keeper } = this.#options;
    const id = sha256(tallies.map((one) => `${one.code} ${one.count} ${one.firstAt} ${one.lastAt}`).join("\n"));
    return {
      kind: "digest",
      id,
      codes: tallies.map((one) => one.code),
      severity: highest(tallies.map((one) => one.severity)),
      message: (again) => digestOf(tallies, { id, times: rules.times, again }),
      done: () => keeper.change({ held: keeper.now().held.filter((one) => !tallies.includes(one)) }),
    };
  }

  /** The first of the dead letters that a person wants sent again. */
  #resend(): Item | null {
    const { world, dataDir, name } = this.#options;
    const path = resendPath(dataDir, name);
    if (!world.files.exists(path)) return null;
    const [first, ...rest] = lettersOf(world.files.readText(path));
    if (first === undefined) {
      world.files.remove(path);
      return null;
    }
    const { message } = first;
    return {
      kind: "resend",
      id: message.id,
      codes: [],
      severity: message.severity,
      message: () => ({ ...message, head: `${message.head.replace(/ \(again\)$/, "")} (again)` }),
      done: () => {
        if (rest.length === 0) world.files.remove(path);
        else world.files.writeAtomic(path, rest.map((letter) => `${letterLine(letter)}\n`).join(""));
      },
    };
  }
}
