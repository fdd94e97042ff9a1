/** Why the bot did or did not trade: one evaluation as a person reads it (P-4). */
import type { EvaluationRecord, GateResult } from "../domain/records.ts";
import { timeText } from "../common/text.ts";
import { wrap } from "./layout.ts";
import { countText, sentenceOf } from "./numbers.ts";
import { type Inputs, type RefusalFacts, whySentence } from "./refusal_words.ts";

export type WhyItem = {
  readonly record: EvaluationRecord;
  /** How often the same was found again before the next record. */
  readonly again: number;
};

/** What the gates ask, in the order of their numbers. */
const GATE_WORDS: readonly string[] = [
  "",
  "state of bot and account",
  "limits and pauses",
  "stage and leverage",
  "market",
  "value against fees",
  "resting orders",
  "win rate",
  "position mode",
];

function sideWord(side: "Buy" | "Sell"): string {
  return side === "Buy" ? "buy" : "sell";
}

/** What refused, as the sentences need it: the inputs of the refusing gate, or the sizing. */
export function refusalOf(record: EvaluationRecord): RefusalFacts {
  const gate = record.gates.find((one) => one.code !== null);
  return { refusal: record.refusal, inputs: gate?.inputs ?? record.sizing };
}

function headline(record: EvaluationRecord): string {
  const { signal, refusal, sizing } = record;
  if (refusal === null) {
    const contracts = sizing["contracts"];
    const size = typeof contracts === "number" ? ` ${countText(contracts, "contract")}` : "";
    return `Entry sent: ${signal === null ? "order" : sideWord(signal.side)}${size}.`;
  }
  const sentence = whySentence(refusalOf(record));
  return signal === null
    ? `No entry. ${sentence}`
    : `No entry, though price asked for a ${sideWord(signal.side)}. ${sentence}`;
}

function inputsText(inputs: Inputs): string {
  return Object.entries(inputs).map(([key, value]) => `${key}=${value === null ? "?" : String(value)}`).join(" ");
}

function gateLines(gate: GateResult, columns: number): readonly string[] {
  const name = GATE_WORDS[gate.gate] ?? `gate ${gate.gate}`;
  const result = gate.code === null ? "passed" : `refused (${gate.code})`;
  return wrap(`gate ${gate.gate}, ${name}: ${result} ${inputsText(gate.inputs)}`.trimEnd(), {
    columns,
    first: "    ",
    rest: "      ",
  });
}

/** The refusals after the first, which count as well: each in its sentence. */
function laterSentences(record: EvaluationRecord): readonly string[] {
  const refusing = record.gates.filter((gate) => gate.code !== null).slice(1);
  const first = whySentence(refusalOf(record));
  const told = refusing.map((gate) => whySentence({ refusal: gate.code, inputs: gate.inputs }));
  return [...new Set(told)].filter((text) => text !== first);
}

/** One evaluation in sentences; `verbose` adds every gate with its inputs. */
export function evaluationLines(
  item: WhyItem,
  layout: { readonly verbose: boolean; readonly columns: number },
): readonly string[] {
  const { record, again } = item;
  const { columns } = layout;
  const later = laterSentences(record);
  const lines = [
    ...wrap(headline(record), { columns, first: `${timeText(record.at)}  `, rest: "    " }),
    ...later.flatMap((text) => wrap(`also: ${text}`, { columns, first: "    " })),
    ...(again === 0 ? [] : wrap(sentenceOf(`the same ${countText(again, "more time")}`), { columns, first: "    " })),
  ];
  if (!layout.verbose) return lines;
  return [
    ...lines,
    ...record.gates.flatMap((gate) => gateLines(gate, columns)),
    ...wrap(`sizing: ${inputsText(record.sizing)}`.trimEnd(), { columns, first: "    ", rest: "      " }),
    ...(record.signal === null ? [] : wrap(`signal: ${record.signal.signalId}`, { columns, first: "    " })),
  ];
}
