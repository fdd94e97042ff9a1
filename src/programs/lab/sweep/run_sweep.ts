/** Plays the candidates of a plan on as many cores as asked for; the result is the same for any number (L-2.3, L-3.3). */
import { ageText } from "../../../common/text.ts";
import { signed } from "../reports/run_text.ts";
import type { LabCandles } from "../driver/types.ts";
import { LAB_EXIT, LabInputError, type LabIo } from "../io.ts";
import { Best } from "./luck.ts";
import { type DoneLine, doneOf } from "./parts.ts";
import type { Plan, PlannedCandidate } from "./plan.ts";
import type { Order, Report } from "./worker.ts";

/** One worker: an order, and its report. */
export type Crew = {
  readonly ask: (order: Order) => Promise<Report>;
  readonly close: () => void;
};
export type SweepRun = {
  readonly plan: Plan;
  readonly candles: LabCandles;
  readonly directory: string;
  /** Begins the names of the parts. */
  readonly part: string;
  readonly wanted: readonly PlannedCandidate[];
  readonly done: Map<number, DoneLine>;
  readonly jobs: number;
  readonly skip: boolean;
  /** Settings tried on this data before. */
  readonly triedBefore: number;
  readonly open: () => Crew;
  /** Ctrl-C: what is in flight is finished. */
  readonly signal: AbortSignal;
};

/** Plays what is not done yet; fills `done`. True when everything wanted is done, false when it was stopped. */
export async function playAll(io: LabIo, run: SweepRun): Promise<boolean> {
  const left = run.wanted.filter(({ index }) => !run.done.has(index));
  const total = run.wanted.length;
  const startedAt = io.stopwatch();
  const best = new Best();
  for (const line of run.done.values()) best.see(line);
  let next = 0;
  let played = 0;
  const lane = async (number: number): Promise<void> => {
    const part = `${run.directory}/parts/${run.part}${number}.jsonl`;
    let row = rowsOf(io, part);
    const crew = run.open();
    try {
      await crew.ask({ kind: "start", plan: run.plan, candles: run.candles, part, skip: run.skip });
      while (!run.signal.aborted) {
        const candidate = left[next++];
        if (candidate === undefined) return;
        const report = await crew.ask({ kind: "play", index: candidate.index });
        if (report.kind === "failed") throw failure(candidate, report.message);
        if (report.kind !== "done") continue;
        const line = doneOf(report.line, { file: part, row: row++ });
        if (line === null) throw failure(candidate, "its result cannot be read back");
        run.done.set(candidate.index, line);
        best.see(line);
        played++;
        const speed = played / Math.max(1, io.stopwatch() - startedAt) * 1000;
        io.progress(progressLine({ done: total - left.length + played, total, speed, standing: standing(best, run) }));
      }
    } finally {
      crew.close();
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, Math.min(run.jobs, left.length)) }, (_, number) => lane(number)));
  return run.wanted.every(({ index }) => run.done.has(index));
}

function rowsOf(io: LabIo, file: string): number {
  return io.exists(file) ? io.readText(file).split("\n").length - 1 : 0;
}

function failure({ index, keys }: PlannedCandidate, message: string): LabInputError {
  const shown = Object.entries(keys).map(([key, value]) => `${key} = ${value}`).join(", ");
  return new LabInputError(`Cannot play candidate ${index} (${shown}): ${message}`, LAB_EXIT.badData);
}

function standing(best: Best, run: SweepRun) {
  return best.standing(Math.max(run.done.size, run.triedBefore + run.done.size));
}

/** `120/1000  1.4/s  ETA 11 min  best +0.071 R a trade (n 412); luck alone +0.083` */
export function progressLine(
  now: {
    readonly done: number;
    readonly total: number;
    readonly speed: number;
    readonly standing: ReturnType<typeof standing>;
  },
): string {
  const { done, total, speed } = now;
  const eta = done === total ? "" : `  ETA ${ageText((total - done) / Math.max(1e-9, speed) * 1000)}`;
  const best = now.standing === null
    ? ""
    : `  best ${signed(now.standing.meanR, 3)} R a trade (n ${now.standing.trades}); luck alone ${
      signed(now.standing.luckR, 3)
    }`;
  return `${done}/${total}  ${speed.toFixed(speed < 10 ? 2 : 0)}/s${eta}${best}`;
}
