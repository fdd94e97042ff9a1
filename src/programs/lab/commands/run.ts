import type { CandidateResult } from "../driver/types.ts";
import { runCandidate } from "../driver/run_candidate.ts";
import { isoOf } from "../driver/candles.ts";
import { LAB_EXIT, type LabIo } from "../io.ts";
import { labCandles, labConfig } from "../load.ts";
import { runOptions, windowOf } from "./options.ts";
import { boundsLine, meanR, row, type RunFlags, type RunHead, runLines, sumR, wins } from "../reports/run_text.ts";
import { runFiles } from "../reports/run_report.ts";

const WHOLE = new Intl.NumberFormat("en-US");

/** `lab run`: one configuration through one window, at bars fidelity. */
export async function run(io: LabIo, flags: RunFlags, coreHash: string): Promise<number> {
  const { config, configHash } = labConfig(io, flags.config);
  const candles = labCandles(io, flags.data);
  const window = windowOf(candles, flags);
  const head: RunHead = { flags, ...window, configHash, dataHash: candles.dataHash, coreHash };
  const startedAt = io.stopwatch();
  const onDay = (at: number) => io.progress(progressLine(window, { at, ms: io.stopwatch() - startedAt }));
  const options = { ...runOptions(flags), onDay };
  const result = runCandidate({ config, candles, ...window, path: flags.path, seed: flags.seed, options });
  const wallMs = io.stopwatch() - startedAt;
  for (const line of runLines(head, result, wallMs)) io.out(line);
  if (flags.bounds === true) {
    const [worst, best] = (["worst", "best"] as const).map((path) =>
      runCandidate({ config, candles, ...window, path, seed: flags.seed, options })
    );
    if (worst !== undefined && best !== undefined) io.out(boundsLine(worst, best));
  }
  if (flags.out !== undefined) {
    for (const path of await runFiles(io, { head, result, directory: flags.out })) io.out(row("written", path));
  }
  if (flags.json === true) io.out(JSON.stringify(runJson(head, result, wallMs)));
  return LAB_EXIT.done;
}

function progressLine(
  window: { readonly from: number; readonly to: number },
  now: { readonly at: number; readonly ms: number },
): string {
  const share = (now.at - window.from) / (window.to - window.from);
  const speed = (now.at - window.from) / 60_000 / Math.max(1, now.ms) * 1000;
  return `${isoOf(now.at).slice(0, 10)}  ${(share * 100).toFixed(0).padStart(3)} %  ${
    WHOLE.format(Math.round(speed))
  } candles/s`;
}

function runJson(head: RunHead, result: CandidateResult, wallMs: number): Readonly<Record<string, unknown>> {
  return {
    candles: result.candles,
    skipped: result.skipped,
    wall_ms: Math.round(wallMs),
    candles_per_s: Math.round(result.candles / wallMs * 1000),
    trades: result.trades.length,
    wins: wins(result),
    mean_r: meanR(result),
    sum_r: sumR(result),
    net_usd: result.netUsd,
    hold_usd: result.holdUsd,
    final_state: result.finalState,
    halts: result.halts.map(({ reason, at }) => ({ reason, at_ms: at })),
    path: head.flags.path,
    seed: head.flags.seed,
    config_hash: head.configHash,
    data_hash: head.dataHash,
    core_hash: head.coreHash,
    fingerprint: result.fingerprint,
  };
}
