/** What the core begins with and writes down, in full: evaluations of an entry (P-4), closed trades (P-13), snapshots of lids (F-13.4). */
import {
  emptyEvaluations,
  type EntryInput,
  evaluateEntry,
  foldEvaluation,
} from "../../src/application/policy/entry/entry_allowed.ts";
import { initialBot } from "../../src/application/transition/mod.ts";
import { foldMakerTimeout } from "../../src/application/policy/entry/maker_timeout.ts";
import { defaultTestConfig } from "../config_fixture.ts";
import { btc, price, qty, usd } from "../core_values.ts";
import { dailyAtr, GOOD_ENTRY } from "../entry_input.ts";
import { rough } from "./core_day_run.ts";

/** One line a key, lists one line an item: a change of one value is one line of the diff. */
function lines(name: string, value: object): string[] {
  const shown = Object.entries(value).flatMap(([key, one]) =>
    Array.isArray(one)
      ? [`  ${key}:`, ...one.map((item) => `    ${JSON.stringify(item)}`)]
      : [`  ${key}: ${JSON.stringify(one)}`]
  );
  return [name, ...shown];
}

const { quote, signals } = GOOD_ENTRY;
const stage = (equity: number) => ({ equityUsd: usd(equity), equityBtc: GOOD_ENTRY.equityBtc, days: dailyAtr(6) });
let timeouts = GOOD_ENTRY.maker;
for (let times = 0; times < 3; times += 1) {
  timeouts = foldMakerTimeout(timeouts, evaluateEntry(GOOD_ENTRY).signal?.signalId ?? "");
}
const atShort = { last: price(82_000), mark: price(82_010), bid: price(82_000), ask: price(82_000.1) };

/** Inputs by name: each shows one part of the rules. */
const CASES: Readonly<Record<string, Partial<EntryInput>>> = {
  "a long, maker": {},
  "a short, maker": { quote: { ...quote, ...atShort } },
  "no signal": { quote: { ...quote, last: price(80_000), mark: price(80_000) } },
  "no price": { quote: { ...quote, last: null, mark: null, bid: null, ask: null } },
  "stage 2": stage(400),
  "stage 3, taker, spread of 1 USD": {
    ...stage(800),
    confirmedLeverageE2: 200,
    quote: { ...quote, bid: price(77_999), ask: price(78_000) },
  },
  "taker after three maker timeouts": { maker: timeouts },
  "a thin book": { quote: { ...quote, askSize: qty(3), bidSize: qty(2) } },
  "no anchor": { signals: { ...signals, anchor: null } },
  "no instrument, no tier": { instrument: null, tier: null },
  "no equity": { equityBtc: null, equityUsd: null, freeBtc: null },
  "too little margin": { freeBtc: btc(0.0001) },
};

function evaluation(name: string, change: Partial<EntryInput>): string[] {
  const found = evaluateEntry({ ...GOOD_ENTRY, ...change });
  const { record } = foldEvaluation(emptyEvaluations, found);
  const { approved, wantedLeverageE2, stage, signal } = found;
  return lines(`evaluation: ${name}`, { ...record, signal, approved, wantedLeverageE2, stage });
}

/** All of it as text. */
export function coreRecords(): string {
  const { config: _, ...fresh } = initialBot({ config: defaultTestConfig(), accountUid: "7" });
  const parts = [lines("the bot before anything", fresh)];
  parts.push(...Object.entries(CASES).map(([name, change]) => evaluation(name, change)));
  for (const seed of [1, 3, 7, 10]) {
    for (const intent of rough(seed, () => undefined).rig.all) {
      if (intent.kind !== "Record") continue;
      const { record } = intent;
      if (record.type === "trade" || record.type === "adjustment" || record.type === "cash_flow") {
        parts.push(lines(`seed ${seed}`, record));
      } else if (record.type === "snapshot") parts.push(lines(`seed ${seed}`, { ...record, ...record.context }));
    }
  }
  return `${parts.map((part) => part.join("\n")).join("\n\n")}\n`;
}

if (import.meta.main) console.log(coreRecords().trimEnd());
