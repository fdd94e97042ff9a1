/** A configuration in a world where things go wrong (L-4.6): nothing may be broken, and what an outage costs in R. */
import { countText, type Report, rText, signed } from "../reports/model.ts";
import { moments } from "../statistics/moments.ts";

export type FaultySeed = {
  readonly seed: number;
  readonly calmR: number;
  readonly faultyR: number;
  readonly calmTrades: number;
  readonly faultyTrades: number;
  readonly violations: number;
  readonly finalState: string;
};

export type FaultsReading = {
  readonly preset: string;
  readonly seeds: readonly FaultySeed[];
  readonly violations: number;
  /** Mean R of a run with faults minus the same without, and its standard error; null with fewer than two seeds. */
  readonly price: number;
  readonly priceError: number | null;
};

export function readFaults(preset: string, seeds: readonly FaultySeed[]): FaultsReading {
  const differences = seeds.map(({ calmR, faultyR }) => faultyR - calmR);
  const { mean, sd } = moments(differences);
  return {
    preset,
    seeds,
    violations: seeds.reduce((sum, { violations }) => sum + violations, 0),
    price: mean,
    priceError: seeds.length < 2 ? null : sd / Math.sqrt(seeds.length),
  };
}

/** The finding in a sentence. */
export function faultsSentence({ preset, seeds, violations, price, priceError }: FaultsReading): string {
  const cost = `${preset} faults ${price < 0 ? "cost" : "brought"} ${rText(Math.abs(price)).replace("+", "")} a run` +
    (priceError === null ? "" : ` (standard error ${priceError.toFixed(2)})`);
  return violations === 0
    ? `No rule was broken in ${countText(seeds.length, "run")}; ${cost}.`
    : `${countText(violations, "rule")} broken in ${countText(seeds.length, "run")}; ${cost}.`;
}

/** Text, Markdown and HTML are made from this. */
export function faultsReport(reading: FaultsReading, command: string): Report {
  return {
    title: "What do faults cost?",
    answer: faultsSentence(reading),
    sections: [{
      heading: "Runs",
      table: {
        columns: ["seed", "broken rules", "trades", "trades without", "R", "R without", "ends"],
        rows: reading.seeds.map((run) => [
          `${run.seed}`,
          `${run.violations}`,
          `${run.faultyTrades}`,
          `${run.calmTrades}`,
          signed(run.faultyR),
          signed(run.calmR),
          run.finalState.replaceAll("_", " ").toLowerCase(),
        ]),
      },
      lines: [
        "Each seed runs twice through the simulated venue and machine, with faults and without; an independent judge watches " +
        "the venue's log and the journal.",
      ],
    }],
    command,
  };
}

/** What scripts read. */
export function faultsJson(reading: FaultsReading): Readonly<Record<string, unknown>> {
  const { preset, seeds, violations, price, priceError } = reading;
  const sentence = faultsSentence(reading);
  return {
    preset,
    seeds: seeds.length,
    violations,
    price_r: price,
    price_error_r: priceError,
    holds: violations === 0,
    sentence,
  };
}
