import type { FileSeam } from "../../../application/engine/ports.ts";
import type { EvaluationRecord, GateResult } from "../../../domain/records.ts";
import { readJournal } from "../../../infrastructure/storage/journal/journal_reader.ts";
import { journalDir } from "../../../infrastructure/storage/journal/segments.ts";
import { type CliWorld } from "../../../bot/live/cli_world.ts";
import { messageOf, timeText } from "../../../common/text.ts";
import { EXIT } from "../../../common/exit_codes.ts";

const GATE_NAMES: readonly string[] = [
  "",
  "state",
  "limits",
  "stage",
  "market",
  "value",
  "maker",
  "winrate",
  "mode",
  "sizing",
];

function inputsText(inputs: GateResult["inputs"]): string {
  return Object.entries(inputs).map(([key, value]) => `${key}=${value === null ? "?" : String(value)}`).join(" ");
}

/** One evaluation, gate by gate (P-4). */
export function evaluationLines(record: EvaluationRecord): readonly string[] {
  const signal = record.signal === null ? "no signal" : `${record.signal.side} signal ${record.signal.signalId}`;
  const outcome = record.refusal === null ? "ENTRY SENT" : `refused: ${record.refusal}`;
  const repeated = record.repeated > 0 ? ` (and ${record.repeated} times the same before)` : "";
  return [
    `${timeText(record.at)}  ${outcome}, ${signal}${repeated}`,
    ...record.gates.map((gate) =>
      `  gate ${gate.gate} ${(GATE_NAMES[gate.gate] ?? "").padEnd(8)} ${gate.code ?? "passed"}  ${
        inputsText(gate.inputs)
      }`
        .trimEnd()
    ),
    `  sizing          ${inputsText(record.sizing)}`.trimEnd(),
  ];
}

/** The newest evaluations of the journal, oldest first. Throws what the file seam throws. */
export function lastEvaluations(
  files: FileSeam,
  options: { readonly dataDir: string; readonly last: number },
): readonly EvaluationRecord[] {
  const found: EvaluationRecord[] = [];
  for (const item of readJournal(files, { dataDir: options.dataDir, from: null })) {
    if (item.kind !== "record") continue;
    for (const intent of item.intents) {
      if (intent.kind !== "Record" || intent.record.type !== "evaluation") continue;
      found.push(intent.record);
      if (found.length > options.last) found.shift();
    }
  }
  return found;
}

/** `abot why [--last N]`: why the bot did or did not trade. */
export function showWhy(world: CliWorld, options: { readonly dataDir: string; readonly last: number }): number {
  try {
    if (!world.files.exists(journalDir(options.dataDir))) {
      world.error(`There is no journal in ${options.dataDir}: no bot has run here yet.`);
      return EXIT.no;
    }
    const records = lastEvaluations(world.files, options);
    if (records.length === 0) world.out("No entry has been evaluated yet.");
    for (const record of records) for (const line of evaluationLines(record)) world.out(line);
    return EXIT.ok;
  } catch (error) {
    world.error(`Cannot read the journal in ${options.dataDir}: ${messageOf(error)}`);
    return EXIT.files;
  }
}
