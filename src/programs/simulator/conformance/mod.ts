import { messageOf } from "../../../common/text.ts";
import { type Fact, factsOf } from "./facts.ts";
import { readByParser } from "./parser.ts";
import { REFERENCE_SEEDS, referenceRun, SERVED } from "./reference.ts";
import { ConformInputError, type FoundFile, readRecordings, type Recorded } from "./recordings.ts";
import { EXIT } from "../../../common/exit_codes.ts";

/** What `conform` touches outside itself. */
export type ConformIo = {
  /** Every file below a directory, its path as a person would write it, in order of names. Throws. */
  readonly filesBelow: (directory: string) => readonly string[];
  readonly readText: (path: string) => string;
  readonly out: (line: string) => void;
  readonly error: (line: string) => void;
};

/** One thing the recordings show and we do not do; `places` counts the messages that show it. */
export type Finding = { readonly text: string; readonly first: string; readonly places: number };
export type Conformity = {
  readonly findings: readonly Finding[];
  readonly messages: number;
  /** Messages whose content the bot leaves alone: other markets, other topics, calls it does not make, plain yes. */
  readonly notOurs: number;
};

/** Keys of everything the fake venue says, over seeds that draw its switches both ways. */
export function fakeVenueFacts(seeds = REFERENCE_SEEDS): ReadonlySet<string> {
  const known = new Set<string>();
  for (let seed = 1; seed <= seeds; seed++) {
    factsOf(referenceRun(seed), { overtaking: true, note: (fact) => known.add(fact.key) });
  }
  return known;
}

/** Compares recordings with what the fake venue says and what the parser reads. */
export function compareWith(known: ReadonlySet<string>, recordings: readonly Recorded[]): Conformity {
  const found = new Map<string, { text: string; first: string; places: number }>();
  const add = (key: string, finding: { readonly text: string; readonly place: string }) => {
    const before = found.get(key);
    if (before === undefined) found.set(key, { text: finding.text, first: finding.place, places: 1 });
    else before.places++;
  };
  const note = (fact: Fact, place: string) => {
    if (known.has(fact.key) || (fact.under !== null && !known.has(fact.under))) return;
    add(fact.key, { text: `not from the fake: ${fact.text}`, place });
  };
  let messages = 0;
  let notOurs = 0;
  for (const recorded of recordings) {
    factsOf(recorded, { note, overtaking: false });
    for (const message of recorded.messages) {
      messages++;
      const view = readByParser(message);
      if (view.kind === "not ours") notOurs++;
      if (view.kind === "fault") add(`fault|${view.text}`, { text: `parser: ${view.text}`, place: message.place });
    }
  }
  return { findings: [...found.values()], messages, notOurs };
}

/**
 * `conform DIR`: what a recorded wire log or a directory of samples shows that the fake venue does not produce or the
 * parser cannot read, one line each; `known` is what the fake says (fakeVenueFacts). Exit codes: ok = nothing, no =
 * findings, files = the recording cannot be read.
 */
export function conform(
  io: ConformIo,
  given: { readonly directory: string; readonly known: () => ReadonlySet<string> },
): number {
  const { directory } = given;
  let recordings: readonly Recorded[];
  try {
    recordings = readRecordings(found(io, directory), SERVED);
  } catch (error) {
    if (!(error instanceof ConformInputError)) throw error;
    io.error(error.message);
    return EXIT.files;
  }
  if (recordings.length === 0) {
    io.error(
      `Cannot find a recording in ${directory}: expected wire logs (*.jsonl) or samples (rest_*.json, ws_*.json)`,
    );
    return EXIT.files;
  }
  const { findings, messages, notOurs } = compareWith(given.known(), recordings);
  for (const { text, first, places } of findings) {
    io.out(`${text} (${first}${places > 1 ? `, ${places} times` : ""})`);
  }
  const faults = findings.filter(({ text }) => text.startsWith("parser: ")).length;
  io.out(
    `${findings.length} findings in ${messages} messages: ${findings.length - faults} not from the fake, ` +
      `${faults} not read by the parser; the bot reads nothing from ${notOurs}`,
  );
  return findings.length === 0 ? EXIT.ok : EXIT.no;
}

function found(io: ConformIo, directory: string): readonly FoundFile[] {
  let path = directory;
  try {
    const paths = io.filesBelow(directory).filter((name) => /\.jsonl?$/.test(name));
    return paths.map((name) => ({ path: path = name, text: io.readText(name) }));
  } catch (error) {
    throw new ConformInputError(`Cannot read ${path}: ${messageOf(error)}`);
  }
}
