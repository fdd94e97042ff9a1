import { EvidenceWatch } from "../venue/evidence.ts";

/** Which faults flow lists as the cause of which HALT. A reason that price or the goal alone may bring needs none. */
const LINK = "disconnect|half_open|outage|maintenance|auth_refused|suspend";
/** What leaves a call without an answer; a refusal is an answer. */
const UNANSWERED = "outage|maintenance|_lost|rest_delay|slow_reply|suspend";
const CALLS =
  `${UNANSWERED}|http_|ret_|unknown_enum|missing_field|broken_json|number_beyond|odd_row|rows_missing|unknown_status|reply_deep`;
const HANDS = "person_|second_bot|adl|liquidation|false_frame";
const JUMPS = "price_gap|flash_crash|price_spike|frozen_ticker";
const MINUTE_MS = 60_000;
/** Three calls of P-8 `rest_timeout_s` 5 may run beside each other: ten seconds of silence are a run of failures. */
const RUN_MS = 10_000;
/** F-7.8's 60 s less what the streams need to notice; the issue allows none for a single disconnect under 45 s. */
const LONG_LINK_MS = 45_000;
/** F-7.14: how long a ban lasts, and a minute for what it caused. */
const BAN_MS = 11 * MINUTE_MS;

/** Something that must have happened: so many faults of these names, or so many things the venue's log shows. */
type Part = {
  readonly faults?: RegExp;
  readonly count: number;
  readonly withinMs: number;
  /** A fault at least this long is enough by itself. */
  readonly lastingMs: number;
  /** Counted beside the faults. */
  readonly shown?: (evidence: EvidenceWatch, window: { readonly at: number; readonly ms: number }) => number;
};
type Rule = { readonly halt: RegExp; readonly parts: readonly Part[] };

const ONCE = { count: 1, withinMs: 15 * MINUTE_MS };
function part(faults: string, more: Pick<Part, "count" | "withinMs"> & Partial<Part> = ONCE): Part {
  return { faults: new RegExp(faults), lastingMs: RUN_MS, ...more };
}
function shown(count: number, withinMs: number, what: NonNullable<Part["shown"]>): Part {
  return { count, withinMs, lastingMs: Infinity, shown: what };
}
function rule(halt: RegExp, ...parts: readonly Part[]): Rule {
  return { halt, parts };
}

/** Several rules of one HALT are alternatives. */
const RULES: readonly Rule[] = [
  rule(/^liquidation$/, part("liquidation|person_leverage|flash_crash")),
  rule(/^adl$/, part("adl")),
  rule(/^(unexpected_fill|foreign_activity)$/, part(HANDS)),
  // F-6.7: what another hand added holds as long as the position, and is found again by a reset twenty minutes later.
  rule(/^foreign_activity$/, shown(1, 0, ({ foreignHeld }) => foreignHeld ? 1 : 0)),
  rule(/^second_instance$/, part("second_bot")),
  rule(/^unknown_position$/, part("person_|second_bot|power_loss")),
  rule(
    /^invalid_fill_quantity$/,
    part("missing_field|unknown_enum|broken_json|false_frame", { count: 1, withinMs: MINUTE_MS }),
  ),
  // F-2.1: ten seconds take several failures, of whatever kind; a start after a loss of power begins with them.
  rule(
    /^unprotected$/,
    part(`${CALLS}|stop_|frame_dropped|disconnect|half_open|auth_refused|disk_full|core_throw|order_rejected`, {
      count: 3,
      withinMs: MINUTE_MS / 2,
      lastingMs: 8_000,
      shown: (evidence, { at, ms }) =>
        evidence.filledShort(at, ms) + evidence.exitsRefused(at, ms) + evidence.stopsRefused(at, ms),
    }),
  ),
  rule(/^unprotected$/, part("power_loss", { count: 1, withinMs: 2 * MINUTE_MS })),
  // F-7.14: a start within a ban is shown no stop and may place none.
  rule(
    /^unprotected$/,
    part("http_403", { count: 1, withinMs: BAN_MS }),
    part("process_kill|power_loss|stop_|frame_dropped", { count: 1, withinMs: MINUTE_MS }),
  ),
  // F-5.6, F-6.5, F-6.6, F-7.9: three failures decide, so one fault alone explains nothing.
  rule(/^stop_loss_unrecoverable$/, shown(3, 2 * MINUTE_MS, (evidence, { at, ms }) => evidence.stopsRefused(at, ms))),
  rule(
    /^exit_unrecoverable$/,
    shown(1, 5 * MINUTE_MS, (evidence, { at, ms }) => evidence.exitsRefused(at, ms)),
    part(`${UNANSWERED}|http_|ret_10016`, {
      count: 3,
      withinMs: 5 * MINUTE_MS,
      shown: (evidence, { at, ms }) => evidence.exitsRefused(at, ms),
    }),
  ),
  rule(/^entry_unrecoverable$/, part(UNANSWERED, { count: 3, withinMs: 2 * MINUTE_MS })),
  rule(/^network_failure(_with_position)?$/, part(UNANSWERED, { count: 3, withinMs: MINUTE_MS })),
  // F-7.8: a single disconnect under 45 s halts nothing, unless the reads that end it (F-7.21) find no answer either.
  rule(/^degraded_mode_timeout$/, part(LINK, { count: 3, withinMs: 2 * MINUTE_MS, lastingMs: LONG_LINK_MS })),
  rule(
    /^degraded_mode_timeout$/,
    part(LINK, { count: 1, withinMs: 2 * MINUTE_MS }),
    part(UNANSWERED, { count: 3, withinMs: 75_000, lastingMs: LONG_LINK_MS }),
  ),
  rule(
    /^degraded_mode_timeout$/,
    part(`${LINK}|frame_dropped|frozen_ticker`, { count: 1, withinMs: 2 * MINUTE_MS }),
    part("http_403", { count: 1, withinMs: BAN_MS }),
  ),
  rule(/^stop_side_disagreement$/, part(`stop_refused|${JUMPS}`, { count: 1, withinMs: 2 * MINUTE_MS })),
  rule(/^stop_side_disagreement$/, shown(1, 0, (evidence) => evidence.jumped() ? 1 : 0)),
  rule(/^position_disagreement$/, part(`${LINK}|${CALLS}|frame_dropped`, { count: 3, withinMs: 2 * MINUTE_MS })),
  rule(/^position_disagreement$/, part(HANDS)),
  rule(/^balance_anomaly$/, part("deposit|withdrawal")),
  rule(/^balance_anomaly$/, shown(1, 0, ({ walletGone }) => walletGone ? 1 : 0)),
  // F-7.3: three failed reads, 5 s apart, and the wallet older than 30 s.
  rule(
    /^balance_anomaly$/,
    part("outage", {
      count: 3,
      withinMs: 45_000,
      lastingMs: 15_000,
      shown: (evidence, { at, ms }) => evidence.walletsFailed(at, ms),
    }),
  ),
  rule(/^hedge_mode_detected$/, part("hedge")),
  rule(/^liquidation_too_close$/, part("person_leverage")),
  rule(/^ip_banned$/, part("http_403")),
  rule(/^credentials$/, part("credential|key_")),
  rule(/^(instrument|venue_maintenance)$/, part("maintenance|outage|instrument")),
  rule(/^journal_behind_venue$/, part("power_loss|disk_full|restore")),
  rule(/^core_fault$/, part("core_throw")),
  rule(/^journal_unavailable$/, part("disk_full")),
  // F-9: any refusal counts towards the three in a row, the third's cause alone decides.
  rule(/^persistent_rejection:/, shown(3, 0, (evidence) => evidence.entriesRefused)),
  rule(/^startup_check:/, part("clock_|key_|maintenance")),
];
/** Calls of two seconds one way: a start alone takes five, so one failure beside it is enough for F-2.1's ten. */
const SLOW_MS = 1_000;
const SLOW_RULES: readonly Rule[] = [
  rule(
    /^unprotected$/,
    part(`${CALLS}|stop_|frame_dropped|disconnect|half_open|auth_refused|order_rejected|process_kill|power_loss`, {
      count: 2,
      withinMs: MINUTE_MS / 2,
      shown: (evidence, { at, ms }) =>
        evidence.filledShort(at, ms) + evidence.exitsRefused(at, ms) + evidence.stopsRefused(at, ms),
    }),
  ),
];
/** F-7.4, P-9 and P-2 need no fault; the kill switch needs a person. */
const FREE = /^(equity_below_floor|winrate_hard|goal_reached|goal_missed)$/;

const MOST_FAULTS = 4_000;

export type SeenFault = { readonly name: string; readonly at: number; readonly until: number };

/** Remembers faults and operators, and judges whether a HALT has a cause that flow lists. */
export class CauseWatch {
  /** End of the last fault. */
  lastFaultEnd = -Infinity;
  readonly #faults: SeenFault[] = [];
  readonly #evidence: EvidenceWatch;
  readonly #rules: readonly Rule[];
  #operatorAt = -Infinity;

  /** `evidence` is fed by the caller; `lagMs`: what calls may take longer than usual. */
  constructor(evidence: EvidenceWatch = new EvidenceWatch(), lagMs = 0) {
    this.#evidence = evidence;
    this.#rules = lagMs >= SLOW_MS ? [...RULES, ...SLOW_RULES] : RULES;
  }

  fault(fault: SeenFault): void {
    this.#faults.push(fault);
    if (this.#faults.length > MOST_FAULTS) this.#faults.splice(0, MOST_FAULTS / 2);
    if (fault.until > this.lastFaultEnd) this.lastFaultEnd = fault.until;
  }
  operator(at: number): void {
    this.#operatorAt = at;
  }

  /** Why a HALT has no listed cause; null when it has one. */
  judge(reason: string, at: number): string | null {
    if (FREE.test(reason)) return null;
    if (reason === "kill_switch") {
      return at - this.#operatorAt <= ONCE.withinMs ? null : "nobody asked for it";
    }
    const rules = this.#rules.filter((one) => one.halt.test(reason));
    if (rules.length === 0) return "flow lists no fault for it";
    if (rules.some((one) => one.parts.every((need) => this.#fits(need, at)))) return null;
    const recent = this.#faults.filter((fault) => fault.at <= at && at - fault.until <= ONCE.withinMs);
    const names = [...new Set(recent.map((fault) => fault.name))].join(", ");
    return `what happened does not explain it (${names === "" ? "no fault at all" : names})`;
  }

  #fits(one: Part, at: number): boolean {
    let count = one.shown?.(this.#evidence, { at, ms: one.withinMs }) ?? 0;
    if (one.faults === undefined) return count >= one.count;
    for (const fault of this.#faults) {
      if (fault.at > at || at - fault.until > one.withinMs || !one.faults.test(fault.name)) continue;
      count += fault.until - fault.at >= one.lastingMs ? one.count : 1;
    }
    return count >= one.count;
  }
}
