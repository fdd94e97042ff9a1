import { block, halt, openStep } from "../../src/application/transition/step.ts";
import { publicWord, transition } from "../../src/application/transition/mod.ts";
import type { EventKind } from "../../src/domain/events.ts";
import type { Intent } from "../../src/domain/intent.ts";
import { epochMs } from "../../src/domain/units.ts";
import { at, boot, command, enter, newRig, open, openId, place, type Rig, show, skip } from "../core_rig.ts";
import { SAMPLES } from "../core_samples.ts";

export const PHASES = ["flat", "entry", "position", "exit"] as const;
export const LIDS = ["none", "halt", "cooldown"] as const;
export type Lid = typeof LIDS[number];

/** The rig in a phase, quiet: every order shown, nothing due. */
export function inPhase(phase: typeof PHASES[number]): Rig {
  const rig = newRig();
  switch (phase) {
    case "flat":
      boot(rig);
      break;
    case "entry":
      show(rig, enter(rig));
      break;
    case "position":
      open(rig);
      break;
    case "exit": {
      open(rig);
      command(rig, "close");
      const exit = openId(rig, "exit");
      place(rig, exit);
      show(rig, exit);
      break;
    }
    default: {
      const never: never = phase;
      throw new Error(never);
    }
  }
  skip(rig, 100);
  return rig;
}

/** Puts a lid on the rig without a step, as a restart finds it. */
export function withLid(rig: Rig, lid: Lid): Rig {
  if (lid === "none") return rig;
  const step = openStep(rig.bot, { kind: "Shutdown", at: at(rig) });
  if (lid === "halt") halt(step, { reason: "foreign_activity", detail: "test" });
  else block(step, { reason: "loss_streak", until: epochMs(rig.now + 3_600_000) });
  rig.bot = step.bot;
  return rig;
}

const SHOWN: Partial<Record<Intent["kind"], string>> = {
  PlaceEntry: "entry",
  PlaceStop: "stop",
  PlaceTarget: "target",
  PlaceExit: "exit",
  AmendStop: "amend",
  CancelOrder: "cancel",
  LookUpOrder: "look",
  QueryPosition: "pos?",
  QueryOpenOrders: "ord?",
  QueryExecutions: "exe?",
  SetLeverage: "leverage",
  ReopenStream: "reopen",
  RefuseStart: "refuse",
  Answer: "answer",
};

/** One cell: the phase and word after the event, and what leaves, in order. */
export function cell(rig: Rig, kind: EventKind): string {
  const { bot, intents } = transition(rig.bot, SAMPLES[kind](rig));
  const out = intents.flatMap((intent) => SHOWN[intent.kind] ?? []);
  return [`${bot.phase.kind}/${publicWord(bot)}`, ...out].join(" ");
}
