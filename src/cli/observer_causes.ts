/** Which faults flow lists as the cause of which HALT. A reason that price or the goal alone may bring needs none. */
const LINK = "disconnect|half_open|silence|outage|maintenance|auth_refused|suspend|drop|network|clock";
const CALLS = "outage|maintenance|lost|delay|timeout|http_|ret_|unknown_enum|missing_field|broken_json|suspend|network";
const STOPS = "stop_|kill|crash|throw|disk|fsync";
const HANDS = "person_|second_bot|adl|liquidation";
const JUMPS = "price_gap|flash_crash|price_spike|frozen_ticker|thin";

const NEEDS: readonly (readonly [reason: RegExp, faults: RegExp])[] = [
  [/^liquidation$/, new RegExp(`liquidation|person_leverage|${JUMPS}`)],
  [/^adl$/, /adl/],
  [/^(unexpected_fill|foreign_activity|second_instance|unknown_position)$/, new RegExp(`${HANDS}|fsync|kill|crash`)],
  [/^invalid_fill_quantity$/, /missing_field|unknown_enum|broken_json|invalid/],
  [/^unprotected$/, new RegExp(`${STOPS}|${CALLS}|${LINK}|${HANDS}|${JUMPS}`)],
  [/^stop_loss_unrecoverable$/, new RegExp(`${STOPS}|${CALLS}|${HANDS}`)],
  [/^stop_side_disagreement$/, new RegExp(`stop_refused|${JUMPS}`)],
  [/^exit_unrecoverable$/, new RegExp(`${STOPS}|${CALLS}|order_rejected|${JUMPS}`)],
  [/^entry_unrecoverable$/, new RegExp(CALLS)],
  [/^position_disagreement$/, new RegExp(`${LINK}|${CALLS}|reorder|duplicate|${HANDS}`)],
  [/^balance_anomaly$/, new RegExp(`deposit|withdrawal|${CALLS}`)],
  [/^degraded_mode_timeout$/, new RegExp(LINK)],
  [/^network_failure(_with_position)?$/, new RegExp(`${LINK}|${CALLS}`)],
  [/^hedge_mode_detected$/, /hedge|unknown_enum/],
  [/^liquidation_too_close$/, /person_leverage/],
  [/^ip_banned$/, /http_403/],
  [/^credentials$/, /credential|key_|auth/],
  [/^(instrument|venue_maintenance)$/, /maintenance|outage|instrument/],
  [/^journal_behind_venue$/, /fsync|kill|crash|disk|restore/],
  [/^core_fault$/, /throw|core_fault/],
  [/^journal_unavailable$/, /disk|fsync/],
  [/^persistent_rejection:/, /ret_110007|order_rejected|maintenance|instrument/],
  [/^startup_check:/, new RegExp(`${CALLS}|clock|key_`)],
];
/** F-7.4, P-9 and P-2 need no fault; the kill switch needs a person. */
const FREE = /^(equity_below_floor|winrate_hard|goal_reached|goal_missed)$/;

/** A fault within this much time before a HALT may be its cause. */
const RECENT_MS = 15 * 60_000;
/** F-7.8 after a single disconnect needs one at least this long (issue: none from single disconnects < 45 s). */
const LONG_LINK_MS = 45_000;
const MOST_FAULTS = 2_000;

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
      return at - this.#operatorAt <= RECENT_MS ? null : "nobody asked for it";
    }
    const needs = NEEDS.find(([halt]) => halt.test(reason));
    if (needs === undefined) return "flow lists no fault for it";
    const recent = this.#faults.filter((fault) => fault.at <= at && at - fault.until <= RECENT_MS);
    const fitting = recent.filter((fault) => needs[1].test(fault.name));
    if (fitting.length === 0) {
      const names = [...new Set(recent.map((fault) => fault.name))].join(", ");
      return `none of its faults happened (${names === "" ? "no fault at all" : names})`;
    }
    if (reason !== "degraded_mode_timeout") return null;
    const lasting = fitting.some((fault) => fault.until - fault.at >= LONG_LINK_MS);
    return lasting || fitting.length >= 3 ? null : `only ${fitting.map((fault) => fault.name).join(", ")}, all short`;
  }
}
