/** The judgement of a sweep as a report. */
import type { Judgement } from "./judge.ts";
import { MIN_TRADES, SHOWN } from "./judge.ts";
import {
  betweenText,
  countText,
  histogram,
  pText,
  type Report,
  rText,
  type Section,
  shareText,
  usdText,
} from "../reports/model.ts";
import { keysText, type SweepResults } from "./sweep_results.ts";

/** Text, Markdown and HTML are made from this. */
export function judgeReport(
  judgement: Judgement,
  { results, command }: { readonly results: SweepResults; readonly command: string },
): Report {
  return {
    title: "Is the best setting more than luck?",
    answer: judgement.sentence,
    sections: [
      bestSection(judgement, results),
      testsSection(judgement),
      settingsSection(judgement, results),
      overfittingSection(judgement),
      methodSection(judgement),
    ],
    command,
  };
}

function bestSection({ best }: Judgement, { firstDay, r }: SweepResults): Section {
  const { candidate, meanR } = best;
  let sum = 0;
  const start = Date.parse(`${firstDay}T00:00:00Z`);
  const row = candidate.days.map(([value], day) => [start + day * 86_400_000, sum += value] as const);
  const halts = candidate.halts.map(([reason, count]) => `${reason.replaceAll("_", " ")} (${count})`).join(", ");
  return {
    heading: "The best setting",
    lines: [
      `${keysText(candidate.keys)}: ${countText(candidate.trades, "trade")} in ${countText(r.days, "day")}, ` +
      `${countText(candidate.wins, "win")}, mean ${rText(meanR.estimate)} a trade, ${
        betweenText(meanR.low, meanR.high)
      } with 95 % confidence if it were the only one tried.`,
      `Money: the account moved by ${usdText(candidate.net_usd)}; holding its BTC untouched would have moved it by ${
        usdText(candidate.hold_usd)
      }.${halts === "" ? "" : ` Halts: ${halts}.`}`,
    ],
    chart: {
      summary: `Sum of R of the best setting, day by day, ending at ${rText(candidate.sum_r)}`,
      x: { name: "day", time: true },
      y: { name: "sum of R" },
      series: [{ name: "sum of R", kind: "line", points: row }],
      marks: [{ name: "nothing won", y: 0 }],
    },
  };
}

function testsSection({ best, white, spa, tests, overfitting, trials, settings }: Judgement): Section {
  const row = (name: string, { value, wanted, holds }: { value: string; wanted: string; holds: boolean }) => [
    name,
    value,
    wanted,
    holds ? "yes" : "no",
  ];
  const { lower, upper } = tests.spa;
  return {
    heading: "What was asked of it",
    table: {
      columns: ["test", "result", "shown when", "shown"],
      rows: [
        row("Hansen's superior predictive ability", {
          value: pText(spa),
          wanted: `p at most ${SHOWN.spaP}`,
          holds: spa <= SHOWN.spaP,
        }),
        row("deflated Sharpe ratio", {
          value: shareText(best.dsr, 1),
          wanted: `at least ${shareText(SHOWN.deflatedSharpe)}`,
          holds: best.dsr >= SHOWN.deflatedSharpe,
        }),
        row("chance that the choice was overfitted", {
          value: shareText(overfitting.pbo),
          wanted: `at most ${shareText(SHOWN.pbo)}`,
          holds: overfitting.pbo <= SHOWN.pbo,
        }),
      ],
    },
    lines: [
      `White's reality check: ${pText(white)}. Hansen's bounds in this sweep alone: ${lower.toFixed(3)} to ${
        upper.toFixed(3)
      }.`,
      `As if it were the only one tried, its Sharpe ratio would be above 0 with ${shareText(best.psr, 1)}; ` +
      (best.trackDays === null
        ? "no length of record shows a ratio that is not above 0."
        : `${countText(best.trackDays, "day")} are needed to show it.`),
      tests.winners.length === 0
        ? "No single setting stands out at 5 % (StepM)."
        : `${countText(tests.winners.length, "setting")} of this sweep alone stand out at 5 % (StepM).`,
      trials > settings
        ? `The corrections count all ${countText(trials, "trial")} of the ledger; this sweep has ${settings}.`
        : `The corrections count the ${countText(trials, "trial")} of this sweep.`,
    ],
  };
}

function settingsSection({ best, luckMeanR, tooFewTrades }: Judgement, { candidates }: SweepResults): Section {
  const means = candidates.filter(({ trades, mean_r }) => trades >= MIN_TRADES && mean_r !== null)
    .map(({ mean_r }) => mean_r ?? 0);
  return {
    heading: "All settings",
    lines: [
      `${countText(means.length, "setting")} with at least ${MIN_TRADES} trades` +
      (tooFewTrades === 0 ? "." : `; ${tooFewTrades} with fewer are counted as tried and never chosen.`),
    ],
    chart: {
      summary: `Mean R a trade of all settings; the best has ${rText(best.meanR.estimate)}, luck alone gives ${
        rText(luckMeanR)
      }`,
      x: { name: "mean R a trade" },
      y: { name: "settings" },
      series: [{ name: "settings", kind: "bar", points: histogram(means) }],
      marks: [{ name: "best", x: best.meanR.estimate }, { name: "best by luck", x: luckMeanR }],
    },
  };
}

function overfittingSection({ overfitting }: Judgement): Section {
  const { pbo, splits, blocks, lossShare, slope } = overfitting;
  return {
    heading: "Does choosing help?",
    lines: [
      `In ${
        countText(splits, "split")
      } of the days into halves (${blocks} blocks), the best of one half was in the lower half ` +
      `on the other in ${shareText(pbo)} and lost money there in ${shareText(lossShare)}.` +
      (slope === null
        ? ""
        : ` A better result in one half went with ${slope < 0 ? "a worse" : "a better"} one in the other.`),
    ],
    chart: {
      summary: "How the best of one half ranked in the other half; left of 0 = lower half",
      x: { name: "rank in the other half (logit; under 0 = lower half)" },
      y: { name: "splits" },
      series: [{ name: "splits", kind: "bar", points: histogram(overfitting.logits, 24) }],
      marks: [{ name: "middle", x: 0 }],
    },
  };
}

function methodSection({ resamples, block, days, firstDay, holdoutLooks }: Judgement): Section {
  return {
    heading: "How it was measured",
    lines: [
      `${countText(days, "day")} from ${firstDay} UTC, the same for every setting; days without a trade count as 0. ` +
      `${countText(resamples, "resample")} of days in blocks of ${
        block.toFixed(1)
      } on average (stationary bootstrap, ` +
      "Politis and White), the same days for every setting.",
      ...(holdoutLooks > 1
        ? [`The reserved period was opened ${holdoutLooks} times; p-values are multiplied by that.`]
        : []),
    ],
  };
}

/** What scripts read. */
export function judgeJson(judgement: Judgement): Readonly<Record<string, unknown>> {
  const { best, luckMeanR, trials, settings, days, white, spa, tests, overfitting, verdict, sentence } = judgement;
  return {
    trials,
    settings,
    days,
    best_mean_r: best.meanR.estimate,
    best_mean_r_low: best.meanR.low,
    best_mean_r_high: best.meanR.high,
    best_keys: best.candidate.keys,
    luck_mean_r: luckMeanR,
    psr: best.psr,
    dsr: best.dsr,
    min_track_days: best.trackDays,
    white_p: white,
    spa_p: spa,
    spa_lower_p: tests.spa.lower,
    spa_upper_p: tests.spa.upper,
    pbo: overfitting.pbo,
    pbo_loss_share: overfitting.lossShare,
    winners: tests.winners.length,
    verdict,
    sentence,
  };
}
