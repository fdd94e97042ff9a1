/**
 * From a sweep to a proposal, or to why there is none (L-5). Nothing is proposed unless it has been shown: out of sample
 * better than the current settings, beyond luck for all that was ever tried, not overfitted, and the same at the wire and
 * under faults. A proposal never changes a configuration.
 */
import type { ResultLine } from "../driver/types.ts";
import { studentisedMean } from "../statistics/resample.ts";
import { countText, pText, type Report, rText, type Section, shareText, signed, usdText } from "../reports/model.ts";
import type { Comparison } from "./compare.ts";
import type { DailySeries } from "./daily.ts";
import { type Judgement, SHOWN } from "./judge.ts";
import { keysText } from "./sweep_results.ts";
import { type WalkForward, walkSentence } from "./walk_forward.ts";

/** A measurement of another command, as that command wrote it; null = it was not made. */
export type Measured = { readonly holds: boolean; readonly text: string } | null;

export type Condition = { readonly name: string; readonly holds: boolean; readonly text: string };

export type KeyEffect = {
  readonly key: string;
  readonly current: string;
  readonly proposed: string;
  /** This key alone against the current settings. */
  readonly alone: Comparison;
};

export type Tuning = {
  readonly best: ResultLine;
  readonly conditions: readonly Condition[];
  readonly proposed: boolean;
  readonly effects: readonly KeyEffect[];
  readonly walk: WalkForward;
  readonly judgement: Judgement;
};

export type TuneInput = {
  readonly judgement: Judgement;
  readonly walk: WalkForward;
  /** Days of the current settings, the same as the sweep's. */
  readonly current: DailySeries;
  readonly effects: readonly KeyEffect[];
  readonly parity: Measured;
  readonly faults: Measured;
  readonly seed: number;
};

/** Weighs everything; the conditions stand in the order in which a person would ask. */
export function tune({ judgement, walk, current, effects, parity, faults, seed }: TuneInput): Tuning {
  const { spa, overfitting, best } = judgement;
  const conditions: readonly Condition[] = [
    outOfSample(walk, { current, seed }),
    {
      name: "beyond luck",
      holds: spa <= SHOWN.spaP,
      text: `Hansen's test over ${countText(judgement.trials, "trial")}: ${pText(spa)}, wanted at most ${SHOWN.spaP}`,
    },
    {
      name: "not overfitted",
      holds: overfitting.pbo <= SHOWN.pbo,
      text: `chance that the choice was overfitted ${shareText(overfitting.pbo)}, wanted at most ${
        shareText(SHOWN.pbo)
      }`,
    },
    measured("parity", { found: parity, command: "deno task lab parity --json" }),
    measured("faults", { found: faults, command: "deno task lab faults --json" }),
  ];
  const proposed = effects.length > 0 && conditions.every(({ holds }) => holds);
  return { best: best.candidate, conditions, proposed, effects, walk, judgement };
}

function outOfSample(
  walk: WalkForward,
  { current, seed }: { readonly current: DailySeries; readonly seed: number },
): Condition {
  const name = "better out of sample";
  const shift = Math.round((Date.parse(walk.outside.firstDay) - Date.parse(current.firstDay)) / 86_400_000);
  const end = shift + walk.outside.r.length;
  const own = studentisedMean({ sums: current.r.slice(shift, end), units: current.trades.slice(shift, end) }, { seed });
  if (walk.meanR === null || own === null) {
    return { name, holds: false, text: "too few days or trades after the days of choosing" };
  }
  return {
    name,
    holds: walk.meanR.low > own.high,
    text:
      `chosen settings ${signed(walk.meanR.low)} to ${
        rText(walk.meanR.high)
      } a trade on days they were not chosen on, ` +
      `current settings ${signed(own.low)} to ${rText(own.high)} on the same days`,
  };
}

function measured(name: string, { found, command }: { readonly found: Measured; readonly command: string }): Condition {
  return found === null
    ? { name, holds: false, text: `not measured; run ${command} and give its file (--${name})` }
    : { name, holds: found.holds, text: found.text };
}

/** The finding in a sentence. */
export function tuneSentence({ proposed, conditions, best, effects }: Tuning): string {
  if (proposed) return `A change is proposed: ${keysText(best.keys)}. It changes nothing until you take it over.`;
  if (effects.length === 0) return "Nothing is proposed: the best setting is the current one.";
  const failed = conditions.filter(({ holds }) => !holds).map(({ name }) => name);
  return `Nothing is proposed: ${failed.join(", ")} ${failed.length === 1 ? "is" : "are"} not shown.`;
}

/** Text, Markdown and HTML are made from this. */
export function tuneReport(tuning: Tuning, command: string): Report {
  const { conditions, best, judgement, walk } = tuning;
  return {
    title: "Should the settings change?",
    answer: tuneSentence(tuning),
    sections: [
      {
        heading: "What was asked",
        table: {
          columns: ["condition", "holds", "measured"],
          rows: conditions.map(({ name, holds, text }) => [name, holds ? "yes" : "no", text]),
        },
      },
      effectSection(tuning),
      {
        heading: "The best setting of the sweep",
        lines: [`${keysText(best.keys)}.`, judgement.sentence, walkSentence(walk)],
      },
    ],
    command,
  };
}

function effectSection({ effects }: Tuning): Section {
  const range = ({ low, high }: { readonly low: number; readonly high: number }, show: (value: number) => string) =>
    `${show(low)} to ${show(high)}`;
  return {
    heading: "Each key alone, against the current settings on the same days",
    table: {
      columns: ["key", "current", "best", "R a day", "95 % interval", "USD a month", "interval"],
      rows: effects.map(({ key, current, proposed, alone: { daily, monthUsd } }) => [
        key.replaceAll("_", " ").replace(".", ": "),
        current,
        proposed,
        daily === null ? "the same" : signed(daily.estimate, 3),
        daily === null ? "-" : range(daily, (value) => signed(value, 3)),
        monthUsd === null ? "-" : usdText(monthUsd.estimate),
        monthUsd === null ? "-" : range(monthUsd, (value) => usdText(value)),
      ]),
    },
  };
}

/** What scripts read. */
export function tuneJson(tuning: Tuning): Readonly<Record<string, unknown>> {
  const { proposed, conditions, best, effects } = tuning;
  return {
    proposed,
    failed: conditions.filter(({ holds }) => !holds).map(({ name }) => name),
    keys: best.keys,
    conditions,
    effects: effects.map(({ key, current, proposed: to, alone: { daily, monthUsd } }) => ({
      key,
      current,
      proposed: to,
      r_a_day: daily?.estimate ?? null,
      r_low: daily?.low ?? null,
      r_high: daily?.high ?? null,
      month_usd: monthUsd,
    })),
    sentence: tuneSentence(tuning),
  };
}

/** The keys that change as a configuration file has them, with what each does. */
export function proposalYaml({ effects }: Tuning, evidence: string): string {
  const lines = [
    "# A proposal of the lab: the keys that would change, and nothing else. It changes nothing by itself.",
    `# Evidence: ${evidence}. Compare it with your configuration: abot config explain --diff FILE`,
  ];
  const sections = new Map<string, string[]>();
  for (const { key, proposed, current, alone: { monthUsd } } of effects) {
    const cut = key.indexOf(".");
    const [section, name] = [key.slice(0, cut), key.slice(cut + 1)];
    const own = sections.get(section) ?? [];
    const effect = monthUsd === null
      ? "no effect alone"
      : `alone ${usdText(monthUsd.estimate)} a month, ${usdText(monthUsd.low)} to ${usdText(monthUsd.high)}`;
    own.push(`  # now ${current}; ${effect}`, `  ${name}: ${proposed}`);
    sections.set(section, own);
  }
  for (const [section, own] of sections) lines.push(`${section}:`, ...own);
  return `${lines.join("\n")}\n`;
}
