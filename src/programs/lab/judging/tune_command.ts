/** `lab tune`: judge a finished sweep, walk forward through it, and propose only what has been shown. */
import { parseObject } from "../../../common/json.ts";
import type { Config } from "../../../domain/limits.ts";
import { changeConfig } from "../../../infrastructure/config/change.ts";
import { runCandidate } from "../driver/run_candidate.ts";
import type { LabCandles } from "../driver/types.ts";
import { LAB_EXIT, LabInputError, type LabIo } from "../io.ts";
import { labCandles } from "../load.ts";
import { baseConfig, type Plan, readPlan } from "../sweep/plan.ts";
import { compare } from "./compare.ts";
import { dailyFrom, dayOf } from "./daily.ts";
import { judgeSweep } from "./judge.ts";
import { accountOf } from "./outlook.ts";
import { badData } from "./problem.ts";
import { show, type ShowFlags } from "./show.ts";
import { ledgerCounts, sweepOf } from "./sources.ts";
import { type KeyEffect, type Measured, proposalYaml, tune, tuneJson, tuneReport } from "./tune.ts";
import { walkForward, type WalkRule } from "./walk_forward.ts";

export type TuneFlags = ShowFlags & {
  readonly seed: number;
  readonly ledger?: string;
  readonly data?: string;
  readonly parity?: string;
  readonly faults?: string;
};
type Given = {
  readonly io: LabIo;
  readonly dir: string;
  readonly flags: TuneFlags;
  readonly rule: WalkRule;
  readonly command: string;
};

/** Exit 0 with a proposal, 3 without one. */
export async function tuneCommand({ io, dir, flags, rule, command }: Given): Promise<number> {
  const results = sweepOf(io, dir);
  const plan = readPlan(io, `${dir.replace(/(?<=.)\/+$/, "")}/plan.json`);
  const candles = labCandles(io, flags.data ?? plan.data);
  if (candles.dataHash !== plan.data_hash) {
    throw badData(`Cannot tune: ${candles.file} is not the data of the sweep in ${dir}; give it with --data`);
  }
  const { seed } = flags;
  const ledger = ledgerCounts(io, { directory: dir, ledger: flags.ledger });
  const judgement = judgeSweep(results, ledger, { seed });
  const walk = walkForward(results, rule, { seed });
  const base = baseConfig(plan);
  const player = playerOf(io, { plan, candles });
  const current = player(base, "the current settings");
  const effects = effectsOf({ base, keys: judgement.best.candidate.keys, player, current, seed });
  const tuning = tune({
    judgement,
    walk,
    current,
    effects,
    parity: measuredIn(io, flags.parity),
    faults: measuredIn(io, flags.faults),
    seed,
  });
  const folder = flags.out ?? `config/proposals/${dayOf(Date.now())}`;
  const report = tuneReport(tuning, command);
  const shown = tuning.proposed ? { ...flags, out: folder } : flags;
  await show(io, { report, json: tuneJson(tuning), name: "evidence" }, shown);
  if (!tuning.proposed) return LAB_EXIT.undecided;
  io.writeFile(`${folder}/proposal.yaml`, proposalYaml(tuning, `${folder}/evidence.html`));
  io.out(`Written: ${folder}/proposal.yaml`);
  return LAB_EXIT.done;
}

type Player = ReturnType<typeof playerOf>;

function playerOf(io: LabIo, { plan, candles }: { readonly plan: Plan; readonly candles: LabCandles }) {
  const { from, to, path, seed, fill, halts, slippage_bps: slippageBps, wallet_usd: walletUsd } = plan;
  return (config: Config, name: string) => {
    io.progress(`playing ${name}`);
    const options = { skipQuiet: true, keepIntents: false, fill, halts, slippageBps, walletUsd };
    const { trades } = runCandidate({ config, candles, from, to, path, seed, options });
    const netUsd = trades.reduce((sum, trade) => sum + trade.netUsd, 0);
    return { ...dailyFrom(name, trades, { from, to }), netUsd, dataHash: candles.dataHash };
  };
}

/** Each key that differs from the base, alone: what it does by itself, on the same days. */
function effectsOf({ base, keys, player, current, seed }: {
  readonly base: Config;
  readonly keys: Readonly<Record<string, number | string | boolean>>;
  readonly player: Player;
  readonly current: ReturnType<Player>;
  readonly seed: number;
}): readonly KeyEffect[] {
  const account = accountOf(base);
  const riskUsd = account.riskUsd(account.startUsd);
  return Object.entries(keys).flatMap(([key, value]) => {
    const before = valueAt(base, key);
    if (before === value) return [];
    const changed = changeConfig(base, { [key]: value });
    if (changed.kind === "fault") throw new LabInputError(changed.text, LAB_EXIT.badData);
    const alone = compare({ a: player(changed.config, `${key} = ${value}`), b: current }, { seed, riskUsd });
    return [{ key, current: String(before ?? "as before"), proposed: String(value), alone }];
  });
}

function valueAt(config: unknown, key: string): unknown {
  return key.split(".").reduce<unknown>(
    (inner, name) => typeof inner === "object" && inner !== null ? Reflect.get(inner, name) : undefined,
    config,
  );
}

/** The last line of what another command wrote with --json: `holds` says whether it may be relied on. */
function measuredIn(io: LabIo, file: string | undefined): Measured {
  if (file === undefined) return null;
  if (!io.exists(file)) throw new LabInputError(`Cannot read ${file}: there is no such file`, LAB_EXIT.files);
  const fields = parseObject(io.readText(file).trim().split("\n").at(-1) ?? "");
  const { holds, sentence } = fields ?? {};
  if (typeof holds !== "boolean" || typeof sentence !== "string") {
    throw badData(`Cannot use ${file}: its last line must be what the command prints with --json (holds, sentence)`);
  }
  return { holds, text: sentence };
}
