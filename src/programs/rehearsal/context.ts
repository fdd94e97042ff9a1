import type { Platform } from "../../application/engine/ports.ts";
import type { Config } from "../../domain/limits.ts";
import type { Keeping } from "../../infrastructure/config/load.ts";
import type { Redactor } from "../../infrastructure/logging/redactor.ts";
import { type FailClass, ScenarioFailure } from "./failure_class.ts";
import type { Evidence } from "./evidence.ts";
import type { LiveWorld } from "../../bot/live/world.ts";

/** What one try of a rehearsal works with. */
export type ScenarioContext = {
  readonly world: LiveWorld;
  readonly platform: Platform;
  readonly config: Config;
  readonly configHash: string;
  readonly keeping: Keeping;
  readonly key: string;
  readonly secret: string;
  readonly redactor: Redactor;
  readonly evidence: Evidence;
  /** Which try this is, from 1. */
  readonly attempt: number;
  /** A person asked to stop (SIGINT, SIGTERM). */
  readonly interrupted: () => boolean;
  /** A line about what was seen: on the terminal now, and in the result. */
  readonly saw: (line: string) => void;
};

const LOOK_EVERY_MS = 50;

/** What is waited for, how long at most (ms), and the class of its absence. */
export type Wait = { readonly what: string; readonly withinMs: number; readonly failClass: FailClass };

/** Looks every 50 ms until something is there. Throws ScenarioFailure when it never came, or a person stopped the run. */
export async function until<Found>(
  context: ScenarioContext,
  wait: Wait,
  look: () => Found | null,
): Promise<Found> {
  const { clock } = context.platform;
  const end = clock.monotonicNow() + wait.withinMs;
  for (;;) {
    const found = look();
    if (found !== null) return found;
    if (context.interrupted()) throw new ScenarioFailure("market", `stopped by a signal before ${wait.what}`);
    if (clock.monotonicNow() >= end) {
      throw new ScenarioFailure(
        wait.failClass,
        `${wait.what} was not seen within ${Math.round(wait.withinMs / 1000)} s`,
      );
    }
    await context.world.wait(LOOK_EVERY_MS);
  }
}

/** Throws ScenarioFailure of class `schema`, for what should hold whatever the network does. */
export function mustBe(holds: boolean, otherwise: string): void {
  if (!holds) throw new ScenarioFailure("schema", otherwise);
}
