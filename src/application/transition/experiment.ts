/** The live experiment beside the bot's decisions (lab L-6): which arm holds, what its days brought, when it ends. */
import type { Arm } from "../../domain/experiment.ts";
import type { Config } from "../../domain/limits.ts";
import type { Plan } from "../../domain/plan.ts";
import type { Bot } from "../../domain/state.ts";
import { armOfDay, dayNumber, withArm } from "../policy/experiment/arms.ts";
import { countBlocks, countTrade, endOf, harmWealth, newExperiment } from "../policy/experiment/harm.ts";
import { alert, type Step } from "./step.ts";

/** Arm that an entry of now belongs to; null without an experiment. A stopped one assigns A. */
export function armNow(bot: Bot): Arm | null {
  const { experiment: of } = bot.config;
  if (of === undefined || bot.experiment === undefined) return null;
  return bot.experiment.stopped === null ? armOfDay(of, dayNumber(bot.now)) : "A";
}

/** The configuration that entries follow now: the working entry's arm, else the day's. */
export function entryConfig(bot: Bot): Config {
  if (bot.experiment === undefined) return bot.config;
  return withArm(bot.config, bot.phase.kind === "entry" ? bot.phase.plan.arm ?? null : armNow(bot));
}

/** Starts, counts and ends the experiment; before entries are judged, so that midnight's arm is the new day's. */
export function runExperiment(step: Step): void {
  const { bot } = step;
  const { experiment: of } = bot.config;
  if (of === undefined && bot.experiment === undefined) return;
  if (step.kind !== "Tick" || bot.boot.stage !== "done") return;
  if (of === undefined) return leave(step);
  let state = bot.experiment;
  if (state === undefined || state.name !== of.name) {
    state = newExperiment(of, step.at);
    step.causes.push(`experiment ${of.name} began`);
  }
  const today = dayNumber(step.at);
  const settled = bot.trade === null && bot.closedTrade === null && bot.phase.kind === "flat";
  if (settled && state.stopped === null) state = countBlocks(state, { of, today });
  const end = state.stopped === null ? endOf(state, { of, today }) : null;
  if (end !== null) {
    state = { ...state, stopped: { reason: end, at: step.at } };
    step.causes.push(`experiment ${of.name} ended: ${end}`);
    alert(step, {
      severity: end === "over" ? "info" : "warning",
      code: `experiment:${end}`,
      text: `experiment ${of.name} ended: ${END_TEXT[end]}; arm A holds from now on (evidence that B is worse: ${
        harmWealth(state).toFixed(2)
      }, 20 ends it)`,
    });
  }
  if (state !== bot.experiment) bot.experiment = state;
}

const END_TEXT = {
  harm: "arm B is worse beyond luck",
  over: "its days are over",
  changed: "its arms, seed or days are no longer what they were; give a changed experiment a new name",
} as const;

/** The configuration names no experiment any more. */
function leave(step: Step): void {
  step.causes.push(`experiment ${step.bot.experiment?.name ?? ""} removed`);
  delete step.bot.experiment;
}

/** A closed trade's R goes to the day its entry was decided on. */
export function countExperimentTrade(
  step: Step,
  trade: { readonly plan: Plan | null; readonly r: number | null },
): void {
  const { experiment } = step.bot;
  if (experiment === undefined || experiment.stopped !== null) return;
  if (trade.plan?.arm === undefined || trade.r === null) return;
  step.bot.experiment = countTrade(experiment, { decidedAt: trade.plan.decidedAt, r: trade.r });
}
