/** HALTs and their causes: a log in which flow lists none must fire, one beside it in which it does must not. */
import { strict as assert } from "node:assert";
import { P, Story, T0, WALLET } from "./observer_kit.ts";

type Told = (story: Story) => Story;
type Case = { readonly halt: string; readonly why: string; readonly fires: Told; readonly near: Told };

/** A create that the venue answers like this. */
const created = (
  story: Story,
  second: number,
  of: { readonly reduceOnly: boolean; readonly conditional?: boolean; readonly retCode: number },
) =>
  story.request(second, {
    method: "POST",
    path: "/v5/order/create",
    retCode: of.retCode,
    applied: of.retCode === 0,
    order: {
      action: "create",
      orderId: null,
      orderLinkId: "a",
      side: "Sell",
      orderType: "Market",
      qty: 100,
      price: null,
      triggerPrice: null,
      reduceOnly: of.reduceOnly,
      conditional: of.conditional ?? false,
    },
  });
const exit = (retCode: number) => (story: Story, second: number) =>
  created(story, second, { reduceOnly: true, retCode });
const stop = (retCode: number) => (story: Story, second: number) =>
  created(story, second, { reduceOnly: true, conditional: true, retCode });
const entry = (retCode: number) => (story: Story, second: number) =>
  created(story, second, { reduceOnly: false, retCode });
const wallet = (retCode: number) => (story: Story, second: number) =>
  story.request(second, { path: "/v5/account/wallet-balance", retCode });
/** A market exit, a stop gone off or a resting target that ends with quantity left. */
const ended =
  (of: { readonly market: boolean; readonly cause: "expired" | "cancelled" }) => (story: Story, second: number) =>
    story.order(second, `x${second}`, {
      side: "Sell",
      reduceOnly: true,
      orderType: of.market ? "Market" : "Limit",
      status: "Cancelled",
      cause: of.cause,
      cumQty: 40,
    });
const at = (seconds: readonly number[], what: (story: Story, second: number) => Story): Told => (story) =>
  seconds.reduce(what, story);
const fault = (name: string, ...seconds: readonly number[]): Told =>
  at(seconds, (story, second) => story.fault(second, name));
const both = (...told: readonly Told[]): Told => (story) => told.reduce((so, one) => one(so), story);
const lost = (name: string, ...seconds: readonly number[]): Told =>
  at(seconds, (story, second) => {
    const detail = "https://venue/v5/account/wallet-balance?coin=BTC";
    story.observer.onWorld({ kind: "fault", at: T0 + second * 1000, name, untilMs: null, cutsOff: false, detail });
    return story;
  });

/** A trade of somebody else on this account. */
const foreign = (story: Story, second: number) => story.fill(second, "x1", { owner: "person", qty: 100 });

const CASES: readonly Case[] = [
  {
    halt: "unprotected",
    why: "one lost reply, a kill, a duplicate explain nothing (F-2.1)",
    fires: both(fault("reply_lost", 85), fault("process_kill", 86), fault("frame_duplicated", 87, 88, 89)),
    near: fault("reply_lost", 85, 86, 87),
  },
  {
    halt: "unprotected",
    why: "a cancelled target is no attempt to close, a market exit on an empty book is (F-5.9)",
    fires: at([80, 85, 89], ended({ market: false, cause: "cancelled" })),
    near: at([80, 85, 89], ended({ market: true, cause: "expired" })),
  },
  {
    halt: "unprotected",
    why: "what was half a minute ago is over",
    fires: fault("request_lost", 50, 55, 59),
    near: fault("request_lost", 61, 65, 69),
  },
  {
    halt: "unprotected",
    why: "a start within a ban is shown no stop, a ban alone takes none away (F-7.14)",
    fires: fault("http_403", 20),
    near: both(fault("http_403", 20), fault("process_kill", 75)),
  },
  {
    halt: "exit_unrecoverable",
    why: "three refused exits, not two (F-6.5)",
    fires: at([80, 85], exit(110118)),
    near: at([80, 85, 89], exit(110118)),
  },
  {
    halt: "exit_unrecoverable",
    why: "an exit filled in part is sent again, a cancelled target is no exit (F-6.5)",
    fires: both(at([70, 72, 74], ended({ market: true, cause: "expired" })), fault("reply_lost", 70, 75, 80)),
    near: both(at([70], exit(110118)), fault("reply_lost", 75, 80)),
  },
  {
    halt: "stop_loss_unrecoverable",
    why: "a refusal that means not now is no failure (F-5.6)",
    fires: at([80, 85, 89], stop(110079)),
    near: at([80, 85, 89], stop(110007)),
  },
  {
    halt: "order_rate_runaway",
    why: "no fault makes a sound bot run away, not even sixty refused entries (F-13.1)",
    fires: at(Array.from({ length: 60 }, (_, index) => index), entry(0)),
    near: (story) => story,
  },
  {
    halt: "persistent_rejection:margin",
    why: "two refused entries and any other trouble are not three in a row (F-9)",
    fires: both(at([80, 85], entry(110007)), fault("ret_10006", 81, 82, 83)),
    near: at([80, 85, 89], entry(110007)),
  },
  {
    halt: "persistent_rejection:margin",
    why: "a fill between them ends the row (F-9)",
    fires: both(
      at([80, 85], entry(110007)),
      (story) => story.entry(86).fill(86, "e1", {}),
      at([89], entry(110007)),
    ),
    near: both((story) => story.entry(78).fill(78, "e1", {}), at([80, 85, 89], entry(110007))),
  },
  {
    halt: "balance_anomaly",
    why: "three failed reads of the wallet, not of anything else (F-7.3)",
    fires: both(at([60, 75], wallet(10006)), fault("ret_10006", 70, 72, 74)),
    near: both(at([60], wallet(10006)), lost("reply_lost", 75), lost("request_lost", 85)),
  },
  {
    halt: "balance_anomaly",
    why: "a wallet with nothing left, as the venue books it (F-7.3)",
    fires: (story) => story.fill(80, "x", { owner: "venue", pnlSat: 1 - WALLET }),
    near: (story) => story.fill(80, "x", { owner: "venue", pnlSat: -WALLET }),
  },
  {
    halt: "network_failure",
    why: "refusals are answers (F-7.9)",
    fires: fault("ret_10002", 80, 84, 88),
    near: fault("request_lost", 80, 84, 88),
  },
  {
    halt: "degraded_mode_timeout",
    why: "lost frames and refusals keep no link down (F-7.8)",
    fires: both(fault("frame_dropped", 30, 50, 80), fault("ret_10006", 40, 60, 80)),
    near: fault("disconnect", 30, 50, 80),
  },
  {
    halt: "degraded_mode_timeout",
    why: "a machine asleep has its 60 s from when it wakes (F-3.5)",
    fires: (story) => story.fault(10, "suspend", 40),
    near: (story) => story.fault(10, "network_outage", 60),
  },
  {
    halt: "degraded_mode_timeout",
    why: "one disconnect in the middle of a ban cannot be read out of (F-7.14, F-7.21)",
    fires: fault("disconnect", 20),
    near: both(fault("http_403", 5), fault("disconnect", 20)),
  },
  {
    halt: "degraded_mode_timeout",
    why: "a lost ticker has the stream reopened (F-7.12), which only a ban makes last (F-7.14)",
    fires: fault("frame_dropped", 20),
    near: both(fault("http_403", 5), fault("frame_dropped", 20)),
  },
  {
    halt: "foreign_activity",
    why: "a kill, a lost frame or an unknown word is no hand (F-1.28, F-4.8)",
    fires: both(fault("process_kill", 80), fault("unknown_enum", 88), fault("power_loss", 85)),
    near: fault("person_trades", 88),
  },
  {
    halt: "foreign_activity",
    why: "what another hand traded is a cause as long as it is held, however long ago (F-6.7)",
    fires: (story) => foreign(story, 86).position(86, 100).position(87, 0),
    near: (story) => foreign(story, 86).position(86, 100),
  },
  {
    halt: "stop_side_disagreement",
    why: "a market that ran half a percent in seconds is another than the one the bot saw (F-5.8, F-4.6)",
    fires: (story) => story.price(80, P * 1.004),
    near: (story) => story.price(80, P * 1.006),
  },
  {
    halt: "second_instance",
    why: "a kill makes no second bot (F-11.4)",
    fires: fault("process_kill", 88),
    near: fault("second_bot", 88),
  },
  {
    halt: "journal_behind_venue",
    why: "a killed process loses nothing it wrote (F-13.3)",
    fires: fault("process_kill", 88),
    near: fault("power_loss", 88),
  },
  {
    halt: "liquidation",
    why: "a gap of some percent does not reach the liquidation price at three times (F-7.6)",
    fires: fault("price_gap", 88),
    near: fault("person_leverage", 88),
  },
  {
    halt: "journal_unavailable",
    why: "a slow disk is not a full one (F-11.9)",
    fires: fault("fsync_slow", 88),
    near: fault("disk_full", 88),
  },
];

for (const { halt, why, fires, near } of CASES) {
  Deno.test(`observer (F-1.2) HALT ${halt}: ${why}: halt_cause fires`, () => {
    assert.deepEqual(fires(new Story()).price(90).halt(90, halt).checks(), ["halt_cause"]);
  });
  if (halt === "order_rate_runaway") continue;
  Deno.test(`observer (F-1.2) HALT ${halt}: ${why}: halt_cause does not fire on the near miss`, () => {
    assert.deepEqual(near(new Story()).price(90).halt(90, halt).checks(), []);
  });
}

Deno.test("observer (F-1.2) HALT unprotected: with calls of two seconds a start and one failure are ten seconds", () => {
  const told = (lagMs: number) =>
    both(fault("process_kill", 80), fault("ret_10016", 85))(new Story(lagMs)).price(90).halt(90, "unprotected")
      .checks();
  assert.deepEqual([told(0), told(3_550)], [["halt_cause"], []]);
});
