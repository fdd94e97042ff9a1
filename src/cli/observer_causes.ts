/** Which faults flow lists as the cause of which HALT. A reason that price or the goal alone may bring needs none. */
const LINK = "disconnect|half_open|outage|maintenance|auth_refused|suspend|frame_dropped|clock_";
const CALLS = "outage|maintenance|_lost|rest_delay|http_|ret_|unknown_enum|missing_field|broken_json|suspend";
const STOPS = "stop_|process_kill|power_loss|core_throw|disk_full|fsync_slow";
const HANDS = "person_|second_bot|adl|liquidation";
const JUMPS = "price_gap|flash_crash|price_spike|frozen_ticker";
const MINUTE_MS = 60_000;

type Need = {
  readonly halt: RegExp;
  readonly faults: RegExp;
  /** How many of them flow asks for, and within what time; one that lasts counts as many. */
  readonly count: number;
  readonly withinMs: number;
  /** A fault at least this long is a run of failures by itself. */
  readonly lastingMs: number;
};
type More = Pick<Need, "count" | "withinMs"> & Partial<Pick<Need, "lastingMs">>;
function need(halt: RegExp, faults: string, more: More = ONCE): Need {
  return { halt, faults: new RegExp(faults), lastingMs: RUN_MS, ...more };
}
/** Three calls of P-8 `rest_timeout_s` 5 may run beside each other: ten seconds of silence are a run of failures. */
const RUN_MS = 10_000;
/** F-7.8's 60 s less what the streams need to notice; the issue allows none for a single disconnect under 45 s. */
const LONG_LINK_MS = 45_000;
const ONCE = { count: 1, withinMs: 15 * MINUTE_MS };

const NEEDS: readonly Need[] = [
  need(/^liquidation$/, `liquidation|person_leverage|${JUMPS}`),
  need(/^adl$/, "adl"),
  need(/^(unexpected_fill|foreign_activity|second_instance|unknown_position)$/, `${HANDS}|process_kill|power_loss`),
  need(/^invalid_fill_quantity$/, "missing_field|unknown_enum|broken_json"),
  need(/^unprotected$/, `${STOPS}|${CALLS}|${LINK}|${HANDS}|${JUMPS}`),
  // F-5.6, F-6.5, F-6.6, F-7.9: three failures decide, so one fault alone explains nothing.
  need(/^stop_loss_unrecoverable$/, `${STOPS}|${CALLS}|${HANDS}`, { count: 3, withinMs: 2 * MINUTE_MS }),
  need(/^exit_unrecoverable$/, `${STOPS}|${CALLS}|order_rejected|${JUMPS}`, { count: 3, withinMs: 5 * MINUTE_MS }),
  need(/^entry_unrecoverable$/, CALLS, { count: 3, withinMs: 5 * MINUTE_MS }),
  need(/^network_failure(_with_position)?$/, `${LINK}|${CALLS}`, { count: 3, withinMs: 2 * MINUTE_MS }),
  // F-7.8: a single disconnect under 45 s halts nothing.
  need(/^degraded_mode_timeout$/, LINK, { count: 3, withinMs: 3 * MINUTE_MS, lastingMs: LONG_LINK_MS }),
  need(/^stop_side_disagreement$/, `stop_refused|${JUMPS}`),
  need(/^position_disagreement$/, `${LINK}|${CALLS}|frame_|${HANDS}`),
  need(/^balance_anomaly$/, "deposit|withdrawal"),
  need(/^balance_anomaly$/, CALLS, { count: 3, withinMs: 5 * MINUTE_MS }),
  need(/^hedge_mode_detected$/, "hedge"),
  need(/^liquidation_too_close$/, "person_leverage"),
  need(/^ip_banned$/, "http_403"),
  need(/^credentials$/, "credential|key_"),
  need(/^(instrument|venue_maintenance)$/, "maintenance|outage|instrument"),
  need(/^journal_behind_venue$/, "power_loss|disk_full|process_kill|restore"),
  need(/^core_fault$/, "core_throw"),
  need(/^journal_unavailable$/, "disk_full|fsync_slow"),
  // F-9: any refusal counts towards the three in a row, the third's cause alone decides.
  need(/^persistent_rejection:/, "ret_|order_rejected|maintenance", { count: 3, withinMs: 24 * 60 * MINUTE_MS }),
  need(/^startup_check:/, "clock_|key_|maintenance"),
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
  #operatorAt = -Infinity;

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
    const needs = NEEDS.filter((one) => one.halt.test(reason));
    if (needs.length === 0) return "flow lists no fault for it";
    if (needs.some((one) => this.#fits(one, at))) return null;
    const recent = this.#faults.filter((fault) => fault.at <= at && at - fault.until <= ONCE.withinMs);
    const names = [...new Set(recent.map((fault) => fault.name))].join(", ");
    return `what happened does not explain it (${names === "" ? "no fault at all" : names})`;
  }

  #fits(one: Need, at: number): boolean {
    let count = 0;
    for (const fault of this.#faults) {
      if (fault.at > at || at - fault.until > one.withinMs || !one.faults.test(fault.name)) continue;
      count += fault.until - fault.at >= one.lastingMs ? one.count : 1;
    }
    return count >= one.count;
  }
}
