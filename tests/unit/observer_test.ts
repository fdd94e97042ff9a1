/** Every check of the observer: one log that must fire it, and one beside it that must not. */
import { strict as assert } from "node:assert";
import type { Intent } from "../../src/domain/intent.ts";
import { probeFork } from "../../src/observer/venue/probe.ts";
import type { VenueFork, VenueStateView } from "../../src/infrastructure/exchange/fake_exchange/types.ts";
import { epochMs } from "../../src/domain/units.ts";
import { evaluation, P, Story, T0, tradeRecord, WALLET } from "./observer_kit.ts";

type Case = {
  readonly title: string;
  readonly check: string;
  readonly fires: (story: Story) => readonly string[];
  readonly near: (story: Story) => readonly string[];
};

const opened = (story: Story) =>
  story.entry(1).fill(2, "e1", {}).order(2, "e1", { status: "Filled", cumQty: 100 }).position(2, 100);

/** A covered position that venue and journal agree about. */
const heldThen = (story: Story) =>
  opened(story.change(1, { phase: ["flat", "entry"] })).executed(2, "Buy", 100).stop(2)
    .change(2, { phase: ["entry", "position"] }).prices(3, 55);

/** A covered position whose stop the venue takes away at second 6; a message about an order is lost at `second`. */
const droppedStop = (story: Story, second: number) => {
  opened(story).stop(3).prices(4, 5).stop(6, "s1", { status: "Deactivated", cause: "cancelled" });
  if (second > 6) story.price(second);
  const at = T0 + second * 1000;
  const lost = { name: "frame_dropped", untilMs: null, cutsOff: false, detail: "private order" };
  story.observer.onWorld({ kind: "fault", at, ...lost });
  return story;
};

/** The process dies at second 3 and is back at `second`; the venue's log says nothing between. */
const wokenAt = (story: Story, second: number) => {
  for (const [state, at] of [["down", 3], ["up", second]] as const) {
    story.observer.onWorld({ kind: "process", at: T0 + at * 1000, state, cause: "power_loss" });
  }
  return story;
};

const calls = (story: Story, count: number) => {
  for (let i = 0; i < count; i++) story.request(i * 0.4, {});
  return story;
};
/** A fault holds up a request that leaves at `second`. */
const heldUp = (story: Story, second: number) => {
  const fault = { name: "rest_delay", untilMs: null, cutsOff: false, detail: "https://venue/v5/order/realtime" };
  story.observer.onWorld({ kind: "fault", at: T0 + second * 1000, ...fault });
  return story;
};
const lookUps = (story: Story, count: number) => {
  for (let i = 0; i < count; i++) story.request(22 + i * 0.5, { path: "/v5/order/realtime", query: "orderLinkId=a" });
  return story;
};
/** The stop `s1` ends without a fill. */
const cancelled = (story: Story, second: number, cancelType = "CancelByUser") =>
  story.stop(second, "s1", { status: "Deactivated", cause: "cancelled", cancelType });
/** A block of the session's risk begins at second 10. */
const cooled = (story: Story, reason: string) => {
  const at = epochMs(T0 + 10_000);
  return story.record(10, { type: "snapshot", at, reason, lid: "COOLDOWN", context: {} });
};

/** A first part of the entry at another price. */
const twoPrices = (story: Story, price: number) => story.fill(2, "e1", { execId: "a0", owner: "bot", qty: 1, price });

/** As it crosses the wire to a file: the approval brand is not in the JSON. */
const placeEntry = (orderLinkId: string): Intent =>
  JSON.parse(JSON.stringify({ kind: "PlaceEntry", ticket: { orderLinkId, side: "Buy", contracts: 100 } }));
const enter = (story: Story, second: number, record = evaluation(second)) => {
  const at = epochMs(T0 + second * 1000);
  const change = { wordBefore: "FLAT", wordAfter: "ENTRY_PENDING", phaseBefore: "flat", phaseAfter: "entry" } as const;
  return story.journal(second, [
    placeEntry("e1"),
    { kind: "Record", record },
    { kind: "Record", record: { type: "change", at, ...change, cause: "entry" } },
  ]);
};
/** The entry `e1` has left; a fill of `orderLinkId` makes a position of flat. */
const lateFill = (story: Story, orderLinkId: string) => {
  const at = epochMs(T0 + 2_000);
  const change = { type: "change", at, wordBefore: "FLAT", wordAfter: "IN_POSITION", cause: "Executed" } as const;
  return enter(story, 1).change(1, { phase: ["entry", "flat"], word: ["ENTRY_PENDING", "FLAT"] }).executed(
    2,
    "Buy",
    100,
    "late",
    "Trade",
    { orderLinkId, intents: [{ kind: "Record", record: { ...change, phaseBefore: "flat", phaseAfter: "position" } }] },
  );
};
const reset = (second: number) =>
  ({
    kind: "OperatorCommand",
    at: epochMs(T0 + second * 1000),
    id: "1",
    command: "reset",
    reason: "looked",
    accept: false,
  }) as const;

const CASES: readonly Case[] = [
  {
    title: "observer (F-2.1) unprotected for more than 10 s without an exit",
    check: "unprotected",
    fires: (story) => opened(story).prices(3, 15).checks(),
    near: (story) => opened(story).prices(3, 11).stop(11).prices(12, 60).checks(),
  },
  {
    title: "observer (F-2.1) an exit tried at 10 s and again every 5 s is in flight",
    check: "unprotected",
    fires: (story) => opened(story).prices(3, 10).reduce(10, false).prices(11, 30).checks(),
    near: (story) =>
      [10, 15, 20, 25].reduce(
        (told, second) => told.reduce(second, false).prices(second, second + 4),
        opened(story).prices(3, 10),
      ).checks(),
  },
  {
    title: "observer (F-2.1) attempts without an exit need a HALT",
    check: "unprotected",
    fires: (story) =>
      [5, 10].reduce((told, second) => told.reduce(second, true).prices(second, second + 4), opened(story)).checks(),
    near: (story) =>
      [5, 10].reduce(
        (told, second) => told.reduce(second, true).prices(second, second + 4),
        opened(story).fault(2, "stop_refused").halt(4, "unprotected"),
      ).checks(),
  },
  {
    title: "observer (F-2.1) while the entry works a stop above quantity / 1.2 covers, a smaller one does not",
    check: "unprotected",
    fires: (story) =>
      story.entry(1).fill(2, "e1", { qty: 60 }).order(2, "e1", { status: "PartiallyFilled", cumQty: 60 }).position(
        2,
        60,
      )
        .stop(2, "s1", { qty: 50 }).prices(3, 20).checks(),
    near: (story) =>
      story.entry(1).fill(2, "e1", { qty: 60 }).order(2, "e1", { status: "PartiallyFilled", cumQty: 60 }).position(
        2,
        60,
      )
        .stop(2, "s1", { qty: 51 }).prices(3, 20).checks(),
  },
  {
    title: "observer (F-2.1) time in which no request can reach the venue is not the bot's",
    check: "unprotected",
    fires: (story) => opened(story).fault(3, "ret_10006").prices(3, 20).checks(),
    near: (story) => opened(story).fault(3, "outage", 20).prices(3, 20).stop(22).prices(23, 60).checks(),
  },
  {
    title: "observer (F-2.1) the venue's log is silent for ten seconds: only what came after a start counts",
    check: "unprotected",
    fires: (story) => wokenAt(opened(story).price(3), 21).price(30).price(34).checks(),
    near: (story) => wokenAt(opened(story).price(3), 29).price(30).price(39).stop(39).price(60).checks(),
  },
  {
    title: "observer (F-2.1) the venue's log is silent for ten seconds: only what came after an outage counts",
    check: "unprotected",
    fires: (story) => opened(story).fault(3, "outage", 21).price(30).price(34).checks(),
    near: (story) => opened(story).fault(3, "outage", 29).price(30).price(39).stop(39).price(60).checks(),
  },
  {
    title:
      "observer (F-4.5) the lost message of a stop's end is found by the next read, another lost message excuses nothing",
    check: "unprotected",
    fires: (story) => droppedStop(story, 7).prices(8, 21).stop(21).price(22).checks(),
    near: (story) => droppedStop(story, 6).prices(7, 21).stop(21).price(22).checks(),
  },
  {
    title: "observer (F-4.5) a stop whose end nobody told is looked for, not for ever",
    check: "unprotected",
    fires: (story) => droppedStop(story, 6).prices(7, 23).stop(24).price(25).checks(),
    near: (story) => droppedStop(story, 6).prices(7, 21).stop(21).price(60).checks(),
  },
  {
    title: "observer (F-2.1) a stop of the wrong side covers nothing",
    check: "unprotected",
    fires: (story) => opened(story).stop(3, "s1", { side: "Buy" }).prices(4, 20).checks(),
    near: (story) => opened(story).stop(3, "s1", { qty: 1, closesAll: true }).prices(4, 20).checks(),
  },
  {
    title: "observer (F-1.3) two entries alive",
    check: "two_entries",
    fires: (story) => story.entry(1).entry(2, "e2").checks(),
    near: (story) => story.entry(1).order(2, "e1", { status: "Cancelled", cause: "cancelled" }).entry(2, "e2").checks(),
  },
  {
    title: "observer (F-1.3) an entry while a position is open",
    check: "entry_on_position",
    fires: (story) => opened(story).stop(2).price(5).entry(6, "e2").checks(),
    near: (story) => opened(story).stop(2).price(5).order(6, "t1", { side: "Sell", reduceOnly: true }).checks(),
  },
  {
    title: "observer (F-6.7) more than 1.1 × sizing, not being reduced",
    check: "oversize",
    fires: (story) => opened(story).position(3, 111).stop(3, "s1", { qty: 111 }).prices(4, 30).checks(),
    near: (story) =>
      opened(story).position(3, 110).stop(3, "s1", { qty: 111 }).prices(4, 30).position(31, 111).price(32).reduce(
        33,
        false,
      )
        .prices(34, 60).checks(),
  },
  {
    title: "observer (F-10.3) an orderLinkId accepted twice",
    check: "link_id_twice",
    fires: (story) =>
      story.stop(1, "o1", { orderLinkId: "a_stop_Sell" }).order(2, "o1", { status: "Cancelled", cause: "cancelled" })
        .stop(3, "o2", { orderLinkId: "a_stop_Sell" }).checks(),
    near: (story) =>
      story.stop(1, "o1", { orderLinkId: "a_stop_Sell" }).stop(2, "o2", {
        orderLinkId: "a_stop_Sell",
        cause: "triggered",
      })
        .stop(3, "o3", { orderLinkId: "a_stop_Sell", status: "Rejected" }).stop(4, "o4", {
          orderLinkId: "a_stop_Sell_2",
        })
        .checks(),
  },
  {
    title: "observer (F-7.10) more than 70 non-protective REST calls in a minute",
    check: "rest_calls",
    fires: (story) =>
      Array.from({ length: 71 }, (_, i) => i * 0.8).reduce((told, second) => told.request(second, {}), story).checks(),
    near: (story) => {
      for (let i = 0; i < 70; i++) story.request(i * 0.5, {});
      for (let i = 36; i < 66; i++) {
        story.request(i, { path: "/v5/order/realtime", query: "orderLinkId=a" }).reduce(i, true);
      }
      return story.request(126, {}).checks();
    },
  },
  {
    title: "observer (F-7.10 P-8) look-ups of orders count: what is not protective waits from 90 of all calls on",
    check: "rest_calls",
    fires: (story) => lookUps(calls(story, 50), 40).request(45, {}).checks(),
    near: (story) => lookUps(calls(story, 50), 39).request(45, {}).checks(),
  },
  {
    title: "observer (F-7.10) the clock is counted, and read beyond the budget",
    check: "rest_calls",
    fires: (story) => calls(story, 70).request(30, {}).checks(),
    near: (story) => calls(story, 70).request(30, { path: "/v5/market/time" }).checks(),
  },
  {
    title: "observer (F-7.10) a request held up on its way was counted when it left",
    check: "rest_calls",
    fires: (story) => calls(heldUp(story, 1), 72).checks(),
    near: (story) => calls(heldUp(story, 1), 71).checks(),
  },
  {
    title: "observer (F-5.4) a stop is cancelled only beside another that covers",
    check: "bare_cancel",
    fires: (story) => cancelled(heldThen(story), 60).checks(),
    near: (story) => cancelled(heldThen(story).stop(59, "s2"), 60).checks(),
  },
  {
    title: "observer (F-5.4) a stop that the venue takes away was not cancelled by the bot",
    check: "bare_cancel",
    fires: (story) => cancelled(heldThen(story), 60).checks(),
    near: (story) => cancelled(heldThen(story), 60, "CancelByAdmin").checks(),
  },
  {
    title: "observer (F-2.1) who counts no uncovered time relied on a stop that was only sent",
    check: "cover_unshown",
    fires: (story) => closed(story, { pnlSat: -4_900, record: -4_975, uncoveredMs: 0 }).checks(),
    near: (story) => closed(story, { pnlSat: -4_900, record: -4_975, uncoveredMs: 1 }).checks(),
  },
  {
    title: "observer (F-5.2) the trigger of a stop is rounded towards the entry",
    check: "unsafe_trigger",
    fires: (story) => closed(story, { pnlSat: -4_900, record: -4_975, stopPct: 1.9999 }).checks(),
    near: (story) => closed(story, { pnlSat: -4_900, record: -4_975, stopPct: 2 }).checks(),
  },
  {
    title: "observer (F-5.2) an entry filled at two prices has every average between them",
    check: "unsafe_trigger",
    fires: (story) => closed(twoPrices(story, P * 0.9995), { pnlSat: -4_900, record: -4_975, stopPct: 1.9 }).checks(),
    near: (story) => closed(twoPrices(story, P * 0.998), { pnlSat: -4_900, record: -4_975, stopPct: 1.9 }).checks(),
  },
  {
    title: "observer (F-7.13) liquidation is at least one and a half stop distances away",
    check: "liquidation_distance",
    fires: (story) => opened(story).position(2, 100, "Buy", P * 0.971).stop(2).checks(),
    near: (story) => opened(story).position(2, 100, "Buy", P * 0.969).stop(2).checks(),
  },
  {
    title: "observer (F-8.11) no entry reaches the venue before the day's block is over",
    check: "block_lost",
    fires: (story) => cooled(story, "daily_loss").entry(5 * 3_600).checks(),
    near: (story) => cooled(story, "daily_loss").entry(24 * 3_600).checks(),
  },
  {
    title: "observer (F-8.4) five losses in a row hold for 72 h, whatever comes between",
    check: "block_lost",
    fires: (story) => cooled(wokenAt(cooled(story, "loss_streak"), 60), "slippage").entry(71 * 3_600).checks(),
    near: (story) => cooled(wokenAt(cooled(story, "loss_streak"), 60), "slippage").entry(72 * 3_600 + 11).checks(),
  },
  {
    title: "observer (F-7.10) a position read is protective only while unprotected",
    check: "rest_calls",
    fires: (story) => {
      opened(story).stop(3);
      for (let i = 0; i < 71; i++) story.request(10 + i * 0.5, {});
      return story.checks();
    },
    near: (story) => {
      opened(story);
      for (let i = 0; i < 71; i++) story.request(2 + i * 0.1, {});
      return story.checks();
    },
  },
  {
    title: "observer (F-2) an entry under HALT",
    check: "forbidden_entry",
    fires: (story) =>
      enter(story.halt(1, "equity_below_floor"), 5).change(5, { word: ["ENTRY_PENDING", "HALT"] }).journal(6, [
        placeEntry("e2"),
      ]).checks(),
    near: (story) =>
      enter(story.halt(1, "equity_below_floor").change(2, { word: ["HALT", "FLAT"], event: reset(2) }), 5).checks(),
  },
  {
    title: "observer (F-1.6) an entry under a block",
    check: "forbidden_entry",
    fires: (story) => enter(story.change(1, { cause: "latency" }), 5).checks(),
    near: (story) => enter(story.change(1, { cause: "latency" }).change(2, { cause: "latency over" }), 5).checks(),
  },
  {
    title: "observer (F-10.9) an entry that reaches the venue long after the lid fell",
    check: "forbidden_entry",
    fires: (story) => story.halt(1, "equity_below_floor").prices(2, 8).entry(9).checks(),
    near: (story) => story.halt(1, "equity_below_floor").prices(2, 4).entry(5).checks(),
  },
  {
    title: "observer (P-4) an entry although a gate refused",
    check: "ungated_entry",
    fires: (story) => enter(story, 5, { ...evaluation(5, "atr_too_low"), refusal: null }).checks(),
    near: (story) => enter(story, 5).checks(),
  },
  {
    title: "observer (P-4) an entry without an evaluation",
    check: "ungated_entry",
    fires: (story) => enter(story, 5, evaluation(5, "atr_too_low")).checks(),
    near: (story) => story.record(5, evaluation(5, "atr_too_low")).checks(),
  },
  {
    title: "observer (F-1.2) an edge that is not in the table",
    check: "edge",
    fires: (story) => story.change(1, { phase: ["flat", "exit"] }).checks(),
    near: (story) => story.change(1, { phase: ["flat", "entry"] }).change(2, { phase: ["entry", "position"] }).checks(),
  },
  {
    title: "observer (F-1.26) flat to position is adoption, under HALT only",
    check: "edge",
    fires: (story) => story.change(1, { phase: ["flat", "position"], word: ["FLAT", "IN_POSITION"] }).checks(),
    near: (story) => story.change(1, { phase: ["flat", "position"], word: ["FLAT", "HALT"] }).checks(),
  },
  {
    title: "observer (F-1.26) a late fill of the last own entry opens the next position",
    check: "edge",
    fires: (story) => lateFill(story, "e0").checks(),
    near: (story) => lateFill(story, "e1").checks(),
  },
  {
    title: "observer (F-1.5) a change that the journal does not tell",
    check: "edge",
    fires: (story) => story.change(1, { phase: ["flat", "entry"] }).change(2, { phase: ["position", "exit"] }).checks(),
    near: (story) => story.change(1, { phase: ["flat", "entry"] }).change(2, { phase: ["entry", "flat"] }).checks(),
  },
  {
    title: "observer (F-1.2) a HALT left without a reset",
    check: "halt_left",
    fires: (story) => story.halt(1, "equity_below_floor").change(2, { word: ["HALT", "FLAT"] }).checks(),
    near: (story) =>
      story.halt(1, "equity_below_floor").change(2, { word: ["HALT", "FLAT"], event: reset(2) }).checks(),
  },
  {
    title: "observer (F-1.2) a HALT that nothing that happened explains",
    check: "halt_cause",
    fires: (story) => story.fault(1, "ret_10006").halt(2, "adl").checks(),
    near: (story) => story.fault(1, "adl").halt(2, "adl").checks(),
  },
  {
    title: "observer (F-7.8) a HALT for one short disconnect",
    check: "halt_cause",
    fires: (story) => story.fault(1, "disconnect", 30).halt(90, "degraded_mode_timeout").checks(),
    near: (story) => story.fault(1, "disconnect", 61).halt(90, "degraded_mode_timeout").checks(),
  },
  {
    title: "observer (F-4.3) bot and venue disagree 60 s after the last fault",
    check: "disagreement",
    fires: (story) => opened(story.change(1, { phase: ["flat", "entry"] })).stop(2).prices(3, 70).checks(),
    near: (story) =>
      opened(story.change(1, { phase: ["flat", "entry"] })).stop(2).prices(3, 50).executed(50, "Buy", 100)
        .change(50, { phase: ["entry", "position"] }).prices(51, 100).checks(),
  },
  {
    title: "observer (F-4.8) an execution of an unknown kind that is not the bot's moves nothing in its journal",
    check: "disagreement",
    fires: (story) => heldThen(story).executed(55, "Buy", 100, "again").prices(56, 130).checks(),
    near: (story) =>
      heldThen(story).executed(55, "Buy", 100, "again", { kind: "unknown", raw: "CorporateAction" }).prices(56, 130)
        .checks(),
  },
  {
    title: "observer (P-13) the books: a satoshi between trades and wallet",
    check: "ledger_identity",
    fires: (story) => closed(story, { pnlSat: -4_900, record: -4_974 }).prices(30, 200).checks(),
    near: (story) => closed(story, { pnlSat: -4_900, record: -4_975 }).prices(30, 200).checks(),
  },
  {
    title: "observer (F-7.16) the books: an external flow is journaled, not earned",
    check: "ledger_identity",
    fires: (story) => {
      story.wallet(T0 + 5_000, { deltaSat: 1_000, cause: "deposit", owner: "person", execId: null });
      return story.record(6, { type: "cash_flow", at: epochMs(T0 + 6_000), amountPico: 9_990_000 }).prices(7, 120)
        .checks();
    },
    near: (story) => {
      story.wallet(T0 + 5_000, { deltaSat: 1_000, cause: "deposit", owner: "person", execId: null });
      return story.record(6, { type: "cash_flow", at: epochMs(T0 + 6_000), amountPico: 10_000_000 }).prices(7, 120)
        .checks();
    },
  },
  {
    title: "observer (F-7.16) the books: a fee nobody knew is not an external flow",
    check: "ledger_identity",
    fires: (story) =>
      closed(story, { pnlSat: -4_900, record: -4_925 })
        .record(22, { type: "cash_flow", at: epochMs(T0 + 22_000), amountPico: -500_000 }).prices(30, 200).checks(),
    near: (story) => closed(story, { pnlSat: -4_900, record: -4_975 }).prices(30, 200).checks(),
  },
  {
    title: "observer (P-7) a loss beyond budget and modelled slippage",
    check: "trade_loss",
    fires: (story) => closed(story, { pnlSat: -10_400, record: -10_475 }).checks(),
    near: (story) => closed(story, { pnlSat: -10_100, record: -10_175 }).checks(),
  },
  {
    title: "observer (P-13) a trade that the trade log would refuse",
    check: "trade_record",
    fires: (story) => story.record(5, tradeRecord(5, { policy_version: "" })).checks(),
    near: (story) => story.record(5, tradeRecord(5, {})).checks(),
  },
  {
    title: "observer (P-7) a gap in the market is not the bot's loss",
    check: "trade_loss",
    fires: (story) => closed(story, { pnlSat: -12_000, record: -12_075, gapTo: P * 0.996 }).checks(),
    near: (story) => closed(story, { pnlSat: -12_000, record: -12_075, gapTo: P * 0.9 }).checks(),
  },
  {
    title: "observer (P-7) nor is the gap that filled the entry",
    check: "trade_loss",
    fires: (story) => closed(story, { pnlSat: -12_000, record: -12_075, opensAt: P * 0.996 }).checks(),
    near: (story) => closed(story, { pnlSat: -12_000, record: -12_075, opensAt: P * 0.9 }).checks(),
  },
  {
    title:
      "observer (F-1.6) 15 minutes after the faults the bot trades, waits or is halted: not stuck under a passing block",
    check: "liveness",
    fires: (story) => quietMinutes(story.change(1, { cause: "order_cleanup" }), 30).end(1_801),
    near: (story) =>
      quietMinutes(story.change(1, { cause: "order_cleanup" }).change(20, { cause: "order_cleanup over" }), 30).end(
        1_801,
      ),
  },
  {
    title: "observer (P-4) liveness: flat means evaluating",
    check: "liveness",
    fires: (story) => quietMinutes(story, 30, false).end(1_801),
    near: (story) => quietMinutes(story, 30).end(1_801),
  },
  {
    title: "observer (F-6.6) liveness: an entry does not wait for ever",
    check: "liveness",
    fires: (story) => quietMinutes(story.change(1, { phase: ["flat", "entry"] }), 30).end(1_801),
    near: (story) =>
      quietMinutes(story.change(1, { phase: ["flat", "entry"] }).change(90, { phase: ["entry", "flat"] }), 30).end(
        1_801,
      ),
  },
];

/** A long of 100 stopped out; entry fee 25 and exit fee 50 satoshi beside `pnlSat`. */
function closed(
  story: Story,
  of: { readonly pnlSat: number; readonly record: number; readonly gapTo?: number; readonly opensAt?: number } & {
    readonly uncoveredMs?: number;
    readonly stopPct?: number;
  },
): Story {
  // The step that fills the entry: the venue logs the price first.
  if (of.opensAt !== undefined) story.price(1, of.opensAt);
  story.change(1, { phase: ["flat", "entry"] }).entry(1).fill(2, "e1", { execId: "a", feeSat: 25 });
  story.order(2, "e1", { status: "Filled", cumQty: 100 }).position(2, 100).executed(2, "Buy", 100, "a").stop(3);
  story.change(2, { phase: ["entry", "position"] }).prices(4, 8, of.opensAt);
  if (of.gapTo !== undefined) story.price(9, of.gapTo);
  story.fill(10, "s1", { execId: "b", side: "Sell", feeSat: 50, pnlSat: of.pnlSat, closedSize: 100 });
  story.order(10, "s1", { status: "Filled", cumQty: 100 }).position(10, 0).executed(10, "Sell", 100, "b");
  story.change(10, { phase: ["position", "flat"] });
  const fills = ["a", "b"].map((exec_id) => ({
    exec_id,
    price: 40_000,
    qty: 100,
    fee_sats: 0,
    is_maker: true,
    time_ms: T0,
    role: "entry" as const,
  }));
  return story.record(
    21,
    tradeRecord(10, {
      net_pnl_sats: of.record,
      fills,
      uncovered_ms: of.uncoveredMs ?? 100,
      stop_distance_pct: of.stopPct ?? 2,
    }),
  );
}

/** Half a minute at a time; one evaluation a minute unless told otherwise. */
function quietMinutes(story: Story, minutes: number, evaluating = true): Story {
  for (let minute = 1; minute <= minutes; minute++) {
    story.price(minute * 60);
    story.record(minute * 60, ...(evaluating ? [evaluation(minute * 60, "atr_too_low")] : []));
  }
  return story;
}

for (const one of CASES) {
  Deno.test(`${one.title}: ${one.check} fires`, () => {
    const said = one.fires(new Story());
    assert.ok(said.includes(one.check), `said only: ${said.join(", ")}`);
  });
  Deno.test(`${one.title}: ${one.check} does not fire on the near miss`, () => {
    const said = one.near(new Story());
    assert.ok(!said.includes(one.check), `said: ${said.join(", ")}`);
  });
}

/** A venue that can be driven, and whose stop does as told. */
function fork(stop: { readonly closes: number; readonly lossSat: number; readonly liquidates?: boolean }): VenueFork {
  let at = T0;
  let mark = P;
  let size = 100;
  let walletSat = WALLET;
  let liquidated = false;
  const order = { orderId: "s1", orderLinkId: "s1", owner: "bot", side: "Sell", status: "Untriggered" } as const;
  const state = (): VenueStateView => ({
    at,
    last: mark,
    mark,
    bid: mark,
    ask: mark,
    walletSat,
    equitySat: walletSat,
    side: size === 0 ? "" : "Buy",
    size,
    entryPrice: P,
    liqPrice: 0,
    leverageE2: 300,
    orders: size < 100 ? [] : [{
      ...order,
      qty: 100,
      leavesQty: 100,
      price: 0,
      triggerPrice: P * 0.98,
      triggerBy: "MarkPrice",
      reduceOnly: true,
      closesAll: false,
    }],
  });
  return {
    drive(point) {
      at = point.at;
      mark = point.mark;
      if (size < 100 || mark > P * 0.98) return;
      size -= stop.closes;
      walletSat -= stop.lossSat;
      liquidated = stop.liquidates === true;
    },
    state,
    get size() {
      return size;
    },
    get liquidated() {
      return liquidated;
    },
    log: [],
  };
}

Deno.test("observer (P-7) the probe: price driven through the stop leaves the account flat within budget", () => {
  // 100 contracts at 39,200 are 255,102 sat; 0.5 % of it is 1,276 sat of modelled slippage.
  const budget = { budgetSat: 7_500, realisedSat: -50 };
  assert.equal(probeFork(fork({ closes: 100, lossSat: 8_726 }), budget), null);
  assert.match(probeFork(fork({ closes: 100, lossSat: 8_727 }), budget) ?? "", /loses 8777 sat/);
  assert.match(probeFork(fork({ closes: 99, lossSat: 5_000 }), budget) ?? "", /1 contracts still open/);
  assert.match(probeFork(fork({ closes: 100, lossSat: 5_000, liquidates: true }), budget) ?? "", /liquidated/);
  assert.equal(probeFork(fork({ closes: 100, lossSat: 50_000 }), { budgetSat: null, realisedSat: 0 }), null);
});

Deno.test("observer (P-7) a covered position is probed, and a failed probe is a violation", () => {
  const story = new Story();
  opened(story).stop(3).prices(4, 20);
  assert.equal(story.observer.wantsProbe, true);
  story.observer.probe(fork({ closes: 100, lossSat: 5_000 }));
  assert.equal(story.observer.wantsProbe, false);
  assert.deepEqual(story.checks(), []);
  story.observer.probe(fork({ closes: 10, lossSat: 5_000 }));
  assert.deepEqual(story.checks(), ["probe"]);
});

Deno.test("observer (P-13) the observer counts naked time, time in position and calls from the venue's log alone", () => {
  const story = opened(new Story()).price(3).stop(5).prices(6, 12).position(12, 0).price(60);
  const { nakedMsMax, nakedMsTotal, positionMsTotal } = story.observer.figures;
  assert.deepEqual({ nakedMsMax, nakedMsTotal, positionMsTotal }, {
    nakedMsMax: 3_000,
    nakedMsTotal: 3_000,
    positionMsTotal: 10_000,
  });
});

Deno.test("observer (P-7) after a gap the probe charges the stop with its own loss: not with what was lost before, nor with nothing", () => {
  const gapped = () => opened(new Story()).stop(3).price(4).price(5, P * 0.99).price(6).prices(7, 20);
  const probed = (lossSat: number) => {
    const story = gapped();
    story.fill(21, "s1", { side: "Sell", qty: 0, pnlSat: -9_000 });
    story.observer.probe(fork({ closes: 100, lossSat }));
    return story.checks();
  };
  assert.deepEqual(probed(8_700), []);
  assert.deepEqual(probed(9_100), ["probe"]);
});

Deno.test("observer (P-1 F-7.16) a deposit shifts the base that budgets and stages are taken from", () => {
  const lost = (depositSat: number) => {
    const story = new Story();
    story.wallet(T0 + 500, { deltaSat: depositSat, cause: "deposit", owner: "person", execId: null });
    return closed(story.prices(1, 1), { pnlSat: -12_000, record: -12_075 }).checks();
  };
  assert.ok(lost(0).includes("trade_loss"));
  assert.ok(!lost(600_000).includes("trade_loss"));
});
