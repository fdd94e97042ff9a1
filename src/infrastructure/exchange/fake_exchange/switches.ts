import { chance, pick, randomStream } from "../../../common/random.ts";

/**
 * Facts that PROTOCOL.md marks [?] or [1]: nobody knows them for sure, so every seed draws one answer and a bot must
 * live with each. A run reports what was drawn.
 */
export type Switches = {
  /** §1.4: the `topic` of a frame on a categorised subscription is the plain or the categorised name. */
  readonly topicName: "plain" | "categorised";
  /** §4.3 */
  readonly postOnlyRefusal: "Cancelled" | "Rejected";
  /** §4.6: a reduce-only conditional order without a position is taken, or refused with 110017. */
  readonly conditionalWithoutPosition: "accepted" | "refused";
  /** §4.5 */
  readonly orderIdAfterTrigger: "same" | "new";
  /** §4.5 */
  readonly triggeredStatus: "shown" | "skipped";
  /** §2.1: whether minNotionalValue also binds reduce-only orders. */
  readonly reduceOnlyMinNotional: "bound" | "free";
  /** §4.7: what a reduce-only market order gets while another reduce-only order rests for the same quantity. */
  readonly exitBesideTarget: "ignored" | "cut" | "refused";
  /** §3.2: fills of one match share one `seq`. */
  readonly seqOfOneMatch: "shared" | "own";
  /** §3: which of the two frames leaves first. */
  readonly frameOrder: "order_first" | "execution_first";
  /** REST list lag, ms. */
  readonly positionLagMs: number;
  readonly orderLagMs: number;
  readonly historyLagMs: number;
  /** §4.1: margin and reduce-only checks answer in the ack, or accept and reject on the stream. */
  readonly lateChecks: "in_ack" | "on_stream";
  /** §2.1 risk-limit unit trap. */
  readonly riskLimitUnit: "percent" | "fraction";
  /** §3.3 */
  readonly flatSide: "empty" | "None";
  /** §2.3: a flat, never traded position has "" decimals, or zeros. */
  readonly flatDecimals: "empty" | "zero";
  /** §7: positionIM and positionMM contain the reserved close fee. */
  readonly closeFeeReserve: "included" | "excluded";
  /** §4.4: a market order on an empty book is refused with 110118, or accepted and cancelled. */
  readonly marketOnEmptyBook: "refused" | "cancelled";
  /** §3.2 extraFees on the stream. */
  readonly extraFees: "array" | "empty" | "absent";
  /** §2.6: avgPrice of an unfilled order. */
  readonly unfilledAvgPrice: "empty" | "zero";
  /** §2.6: the docs row of REST order lists has no createType, a capture of 2026 has. */
  readonly restCreateType: "absent" | "present";
  /** §6: 10006 comes with or without the limit headers. */
  readonly limitHeadersOn10006: "present" | "absent";
  /** §4.2: which code refuses a price outside the band when adjusting is off. */
  readonly priceBandCode: "110003" | "110120_110121";
  /** §4.6: qty and leavesQty of a resting close-all conditional. */
  readonly closeAllShownAs: "zero" | "position";
  /** §2.2: shape of the cancel-all answer. */
  readonly cancelAllShape: "list_and_success" | "list" | "success";
  /** §2.4: account totals in isolated margin. */
  readonly isolatedTotals: "empty" | "filled";
  /** §5: amend or cancel of a finished order: always 110001, or 110008 (completed) / 110010 (cancelled). */
  readonly goneCode: "110001" | "by_state";
  /** §4.1: an acked amend takes effect, or is sometimes dropped and the unchanged order shown again. */
  readonly amendOutcome: "applied" | "sometimes_lost";
  /** §3.1: a cancel that loses the race against a fill is refused, or acked with a second `Filled` frame. */
  readonly lateCancel: "refused" | "second_filled";
  /** §4.6: createType of an own conditional order (one capture against hand-made fixtures). */
  readonly stopCreateType: "CreateByStopOrder" | "CreateByUser";
  /** §2.1: large candle volumes as "1500000" or, as testnet has done, "1.5e+06". */
  readonly klineNumbers: "plain" | "scientific";
  /** §2.1: tick size of testnet's BTCUSD, 0.01 USD; an instrument given to the venue wins. */
  readonly tickCents: number;
  /** §3.3: a position frame also follows order actions that change nothing. */
  readonly positionOnOrderAction: "sent" | "only_changes";
};

const LAGS: readonly [number, ...number[]] = [0, 0, 0, 400, 1_000, 2_000, 3_000];

/** Draws every switch from the seed; `fixed` wins over the draw. */
export function drawSwitches(seed: number, fixed: Partial<Switches> = {}): Switches {
  const r = randomStream(seed, "switches");
  const drawn: Switches = {
    topicName: pick(r, ["plain", "categorised"]),
    postOnlyRefusal: pick(r, ["Cancelled", "Rejected"]),
    conditionalWithoutPosition: pick(r, ["accepted", "refused"]),
    orderIdAfterTrigger: chance(r, 0.7) ? "same" : "new",
    triggeredStatus: pick(r, ["shown", "skipped"]),
    reduceOnlyMinNotional: pick(r, ["bound", "free"]),
    exitBesideTarget: pick(r, ["ignored", "cut", "refused"]),
    seqOfOneMatch: pick(r, ["shared", "own"]),
    frameOrder: pick(r, ["order_first", "execution_first"]),
    positionLagMs: pick(r, LAGS),
    orderLagMs: pick(r, LAGS),
    historyLagMs: pick(r, LAGS),
    lateChecks: pick(r, ["in_ack", "on_stream"]),
    riskLimitUnit: pick(r, ["percent", "fraction"]),
    flatSide: pick(r, ["empty", "None"]),
    flatDecimals: pick(r, ["empty", "zero"]),
    closeFeeReserve: pick(r, ["included", "excluded"]),
    marketOnEmptyBook: pick(r, ["refused", "cancelled"]),
    extraFees: pick(r, ["array", "empty", "absent"]),
    unfilledAvgPrice: pick(r, ["empty", "zero"]),
    restCreateType: pick(r, ["absent", "present"]),
    limitHeadersOn10006: pick(r, ["present", "absent"]),
    priceBandCode: pick(r, ["110003", "110120_110121"]),
    closeAllShownAs: pick(r, ["zero", "position"]),
    cancelAllShape: pick(r, ["list_and_success", "list", "success"]),
    isolatedTotals: pick(r, ["empty", "filled"]),
    positionOnOrderAction: pick(r, ["sent", "only_changes"]),
    amendOutcome: chance(r, 0.3) ? "sometimes_lost" : "applied",
    lateCancel: pick(r, ["refused", "second_filled"]),
    stopCreateType: pick(r, ["CreateByStopOrder", "CreateByUser"]),
    klineNumbers: chance(r, 0.3) ? "scientific" : "plain",
    tickCents: pick(r, [10, 10, 50]),
    goneCode: pick(r, ["110001", "by_state"]),
  };
  return { ...drawn, ...fixed };
}

/** The answers the newest samples show; what the stand-alone server uses unless told otherwise. */
export const SAMPLE_SWITCHES: Switches = {
  topicName: "plain",
  postOnlyRefusal: "Cancelled",
  conditionalWithoutPosition: "accepted",
  orderIdAfterTrigger: "same",
  triggeredStatus: "shown",
  reduceOnlyMinNotional: "free",
  exitBesideTarget: "ignored",
  seqOfOneMatch: "shared",
  frameOrder: "order_first",
  positionLagMs: 0,
  orderLagMs: 0,
  historyLagMs: 0,
  lateChecks: "in_ack",
  riskLimitUnit: "percent",
  flatSide: "empty",
  flatDecimals: "zero",
  closeFeeReserve: "included",
  marketOnEmptyBook: "cancelled",
  extraFees: "array",
  unfilledAvgPrice: "zero",
  restCreateType: "absent",
  limitHeadersOn10006: "present",
  priceBandCode: "110003",
  closeAllShownAs: "zero",
  cancelAllShape: "list_and_success",
  isolatedTotals: "filled",
  positionOnOrderAction: "sent",
  goneCode: "110001",
  lateCancel: "refused",
  stopCreateType: "CreateByStopOrder",
  klineNumbers: "plain",
  tickCents: 10,
  amendOutcome: "applied",
};
