/** What the bot's own files say about its trades. */
import assert from "node:assert/strict";
import type { ChangeRecord, TradeRecord } from "../../src/domain/records.ts";
import type { Stage } from "./inside_stage.ts";

/** Complete lines of the files that match, parsed; a line that is just being written is left out. */
function lines<Line>(stage: Stage, files: RegExp): Line[] {
  return stage.filesLike(files).flatMap((path) => {
    const text = Deno.readTextFileSync(path);
    return text.slice(0, text.lastIndexOf("\n") + 1).split("\n").filter((line) => line !== "").map((line) =>
      JSON.parse(line)
    );
  });
}

/** The trade log, oldest first. */
export function tradeByTrade(stage: Stage): TradeRecord[] {
  return lines<TradeRecord>(stage, /\/trades\/.*\.jsonl$/).filter((line) => "exit_reason" in line);
}

/** The way of a trade: phases and public words from just before a trade's entry until it was closed, each once. */
export function wayOf(stage: Stage, trade: TradeRecord | undefined) {
  assert.ok(trade !== undefined);
  type Line = { readonly intents?: readonly { readonly kind: string; readonly record?: ChangeRecord }[] };
  const changes = lines<Line>(stage, /\/journal\/.*\.jsonl$/)
    .flatMap((line) => line.intents ?? [])
    .flatMap(({ kind, record }) => (kind === "Record" && record?.type === "change" ? [record] : []));
  const closed = changes.findIndex((one) => one.at >= trade.closed_at_ms - 1_000 && one.phaseAfter === "flat");
  assert.ok(closed >= 0);
  const begun = changes.slice(0, closed).findLastIndex((one) => one.phaseBefore === "flat");
  const own = changes.slice(begun, closed + 1);
  const apart = (rows: readonly string[]) => rows.filter((row, index) => row !== rows[index - 1]);
  return {
    phases: apart([own[0]?.phaseBefore ?? "", ...own.map((one) => one.phaseAfter)]),
    words: apart([own[0]?.wordBefore ?? "", ...own.map((one) => one.wordAfter)]),
  };
}
