/**
 * Which faults a run meets. `heavy` holds only what must not halt the bot; `light` is a fifth of it; `halting` is the
 * light background plus one to three kinds of fault for which flow lists a HALT, each five or six times.
 */
import type { FaultName, FaultPlan } from "../../infrastructure/exchange/fake_exchange/faults.ts";
import { nextInt, pick, type RandomState, randomStream } from "../../common/random.ts";
import type { PlatformFaultName, PlatformFaultPlan } from "../../infrastructure/platform/virtual/faults.ts";

export type FaultPreset = "none" | "light" | "heavy" | "halting";
export const FAULT_PRESETS: readonly FaultPreset[] = ["none", "light", "heavy", "halting"];

/** A fault set for a moment; per-opportunity faults hit the next `count` opportunities after it. */
export type StagedFault =
  & { readonly atMs: number; readonly count: number; readonly durationMs: number | null }
  & (
    | { readonly where: "venue"; readonly name: FaultName }
    | { readonly where: "platform"; readonly name: PlatformFaultName }
  );
export type FaultSet = {
  readonly venue: FaultPlan;
  readonly platform: PlatformFaultPlan;
  readonly staged: readonly StagedFault[];
};

/** Per opportunity; for the faults counted by the hour, expected firings an hour (names: see the two fault tables). */
const HEAVY_VENUE: Readonly<Partial<Record<FaultName, number>>> = {
  http_5xx: 0.003,
  http_html: 0.001,
  ret_10002: 0.002,
  ret_10006: 0.002,
  ret_10016: 0.002,
  ret_110001: 0.05,
  ret_110007: 0.03,
  ret_110079: 0.02,
  order_rejected: 0.03,
  stop_refused: 0.06,
  stop_cancelled: 0.003,
  stop_partial: 0.2,
  post_only_crossed: 0.1,
  auth_refused: 0.15,
  unknown_enum: 0.005,
  missing_field: 0.005,
  broken_json: 0.003,
  price_gap: 0.03,
  price_spike: 0.03,
  frozen_ticker: 0.05,
};
const HEAVY_PLATFORM: Readonly<Partial<Record<PlatformFaultName, number>>> = {
  request_lost: 0.004,
  reply_lost: 0.004,
  rest_delay: 0.004,
  frame_duplicated: 0.02,
  frame_reordered: 0.02,
  frame_dropped: 0.01,
  disconnect: 0.5,
  half_open: 0.25,
  network_outage: 0.1,
  clock_step: 0.15,
  clock_drift: 0.1,
  suspend: 0.05,
  process_kill: 0.25,
  power_loss: 0.05,
  fsync_slow: 0.2,
};
const LIGHT_SHARE = 0.2;
/** How often a halting fault comes again after its first time. */
const AGAIN = { from: 4, to: 5 };

type HaltingFault = {
  readonly count: readonly [from: number, to: number];
  readonly durationMs: readonly [from: number, to: number] | null;
  readonly at:
    | { readonly where: "venue"; readonly name: FaultName }
    | { readonly where: "platform"; readonly name: PlatformFaultName };
};
function atVenue(name: FaultName, count: readonly [number, number] = [1, 1]): HaltingFault {
  return { at: { where: "venue", name }, count, durationMs: null };
}
function around(name: PlatformFaultName, durationMs: readonly [number, number] | null = null): HaltingFault {
  return { at: { where: "platform", name }, count: [1, 1], durationMs };
}
/** Each of these has a HALT in flow: F-1.24 … 1.28, F-5.6, F-7.3 … 7.17, F-9, F-11.8, F-11.9. */
const HALTING: readonly [HaltingFault, ...HaltingFault[]] = [
  atVenue("adl"),
  atVenue("liquidation"),
  atVenue("person_trades"),
  atVenue("person_flips"),
  atVenue("person_leverage"),
  atVenue("second_bot"),
  atVenue("deposit"),
  atVenue("withdrawal"),
  atVenue("flash_crash"),
  atVenue("outage"),
  atVenue("maintenance"),
  atVenue("http_403"),
  atVenue("stop_refused", [3, 5]),
  atVenue("order_rejected", [3, 3]),
  atVenue("ret_110007", [3, 3]),
  around("network_outage", [70_000, 600_000]),
  around("disk_full", [60_000, 300_000]),
  around("core_throw"),
  // Again, so that they come as often as the others: each finds less to hit.
  atVenue("liquidation"),
  atVenue("liquidation"),
  atVenue("person_leverage"),
  around("disk_full", [60_000, 300_000]),
  around("core_throw"),
];

/** Faults of one run. They begin at `fromMs` and end before `untilMs`, so that what follows can be judged. */
export function drawFaults(
  options: { readonly preset: FaultPreset; readonly seed: number; readonly fromMs: number; readonly untilMs: number },
): FaultSet {
  const { preset, fromMs, untilMs } = options;
  const share = preset === "heavy" ? 1 : preset === "none" ? 0 : LIGHT_SHARE;
  const window = { fromMs, untilMs };
  return {
    venue: { rates: scaled(HEAVY_VENUE, share), ...window },
    platform: { rates: scaled(HEAVY_PLATFORM, share), ...window },
    staged: preset === "halting" ? stage(options) : [],
  };
}

function scaled<Name extends string>(
  rates: Readonly<Partial<Record<Name, number>>>,
  share: number,
): Readonly<Partial<Record<Name, number>>> {
  const result: Partial<Record<Name, number>> = {};
  if (share === 0) return result;
  for (const name in rates) result[name] = (rates[name] ?? 0) * share;
  return result;
}

function stage(options: { readonly seed: number; readonly fromMs: number; readonly untilMs: number }): StagedFault[] {
  const random = randomStream(options.seed, "halting");
  const again = randomStream(options.seed, "halting again");
  const staged: StagedFault[] = [];
  for (let left = nextInt(random, { from: 1, to: 3 }); left > 0; left--) {
    const fault = pick(random, HALTING);
    staged.push(stagedAt(random, { fault, ...options }));
    for (let more = nextInt(again, AGAIN); more > 0; more--) staged.push(stagedAt(again, { fault, ...options }));
  }
  return staged.sort((a, b) => a.atMs - b.atMs);
}

function stagedAt(
  random: RandomState,
  of: { readonly fault: HaltingFault; readonly fromMs: number; readonly untilMs: number },
): StagedFault {
  const { fault, fromMs, untilMs } = of;
  return {
    ...fault.at,
    atMs: nextInt(random, { from: fromMs, to: Math.max(fromMs, untilMs - 3_600_000) }),
    count: drawn(random, fault.count),
    durationMs: fault.durationMs === null ? null : drawn(random, fault.durationMs),
  };
}

function drawn(random: RandomState, range: readonly [from: number, to: number]): number {
  return nextInt(random, { from: range[0], to: range[1] });
}
