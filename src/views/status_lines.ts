/** `abot status`: what a person sees, in the order of urgency. Pure. */
import { ageText, dollarText, timeText } from "../common/text.ts";
import { automaticPart, haltSentence, rollbackProtocol } from "./halt_words.ts";
import { numbered, row, wrap } from "./layout.ts";
import { countText, limitText, momentText, percentText, priceText, resultText } from "./numbers.ts";
import { whySentence } from "./refusal_words.ts";
import { coverSentence, deathSentence, headlineOf, nextSteps, positionClause, stateSentence } from "./state_words.ts";
import type { Status } from "./status.ts";

export type StatusView = {
  /** UTC ms of the reader. */
  readonly now: number;
  readonly columns: number;
  /** Adds links, ids and codes. */
  readonly verbose: boolean;
};

function ageOf(at: number | null, now: number): string {
  return at === null ? "never" : `${ageText(now - at)} ago`;
}

function haltLines(status: Status, view: StatusView): readonly string[] {
  const { halt } = status;
  if (halt === null) return [];
  return [
    "",
    ...wrap(`Halted since ${timeText(halt.since_ms)}. ${haltSentence(halt.reason, status)}`, view),
    ...(view.verbose ? wrap(`${halt.reason}: ${halt.detail}`, view) : []),
    ...automaticPart(halt.reason).flatMap((line) => wrap(line, view)),
    ...numbered(rollbackProtocol(halt.reason).steps, view.columns),
  ];
}

function positionLines(status: Status, view: StatusView): readonly string[] {
  const { position } = status;
  if (position === null) return row("protection", coverSentence(null, view.now), view);
  const open = ageText(view.now - position.opened_at_ms);
  return [
    ...row(
      "position",
      `${positionClause(position)}, open for ${open}, now ${resultText(position.unrealised_usd)}`,
      view,
    ),
    ...row("protection", coverSentence(position, view.now), view),
    ...row("target", position.target_usd === null ? "none: it was taken over" : priceText(position.target_usd), view),
    ...row("if it dies", deathSentence(position), view),
  ];
}

const ROLES: Readonly<Record<string, string>> = { entry: "entry", stop: "stop", target: "target", exit: "exit" };

function orderText(order: Status["open_orders"][number], view: StatusView): string {
  const size = order.contracts === 0 ? "all" : String(order.contracts);
  const price = order.price_usd === null ? "at market" : `at ${priceText(order.price_usd)}`;
  const state = order.state === "live" ? "at the venue" : "not yet shown by the venue";
  const id = view.verbose ? ` (${order.id}, ${order.state}, ${order.kind})` : "";
  return `${ROLES[order.role] ?? order.role}: ${order.side.toLowerCase()} ${size} ${price}, ${state}, sent ${
    ageOf(order.sent_at_ms, view.now)
  }${id}`;
}

function leftText(span: Status["limits"]["day"], now: number): string {
  const so = `${resultText(span.realised_usd)} so far`;
  if (span.cap_usd === null || span.left_usd === null) return `${so}; the limit is not known yet`;
  return `${so}, ${dollarText(span.left_usd)} of ${
    limitText(Math.round(span.cap_usd * 100) / 100)
  } may still be lost ` +
    `(anew at ${momentText(span.resets_at_ms, now)})`;
}

/** What the floor is measured on: a person must never take one for the other. */
function floorClause(status: Status): string {
  return status.floor_basis === "trading" ? "on what trading left" : "in dollars";
}

/** Where the account stands between start and goal, and what brought it there. */
function accountLines(status: Status, view: StatusView): readonly string[] {
  const { equity_usd: equity, trading_usd: trading, held_usd: held, start, goal_usd: goal, floor_usd: floor } = status;
  if (equity === null) return row("account", "not known yet", view);
  const lines = [
    ...row(
      "account",
      `${dollarText(equity)}, floor ${limitText(floor)} ${floorClause(status)}, goal ${limitText(goal)}`,
      view,
    ),
  ];
  if (start === null || trading === null || held === null) return lines;
  const since = new Date(start.at_ms).toISOString().slice(0, 10);
  const way = ((equity - start.capital_usd) / (goal - start.capital_usd)) * 100;
  return [
    ...lines,
    ...row(
      "",
      `since ${since}: trading ${resultText(equity - held)}; ` +
        `the BTC price ${resultText(held - start.capital_usd)} (just holding: ${dollarText(held)})`,
      view,
    ),
    ...row(
      "",
      way <= 0
        ? `not above its start of ${limitText(start.capital_usd)} yet`
        : `${percentText(way)} of the way from ${limitText(start.capital_usd)} to ${limitText(goal)}`,
      view,
    ),
  ];
}

function entryLine(status: Status): string {
  const { entry, grid, last_usd } = status;
  return whySentence({ refusal: entry.refusal, inputs: entry.inputs, grid, last_usd });
}

function linkLines(status: Status, view: StatusView): readonly string[] {
  const { heard_at_ms: heard } = status;
  const { now } = view;
  const days = status.key_days_left;
  return [
    ...row(
      "heard",
      `orders ${ageOf(heard.private_stream, now)}, prices ${ageOf(heard.market, now)}, wallet ${
        ageOf(heard.wallet, now)
      }; bot and venue agreed ${ageOf(heard.agreement, now)}`,
      view,
    ),
    ...(days === null ? [] : row("key", `expires in ${countText(days, "day")}`, view)),
    ...row(
      "program",
      `abot ${status.version}, ${status.profile} profile, account ${status.account_uid || "unknown"}`,
      view,
    ),
  ];
}

function verboseLines(status: Status, view: StatusView): readonly string[] {
  if (!view.verbose) return [];
  const { limits, rest_p95_ms: p95, clock_skew_ms: skew } = status;
  const inputs = Object.entries(status.entry.inputs).map(([key, value]) => `${key}=${String(value)}`).join(" ");
  return [
    ...row("state", `${status.word}, phase ${status.phase}`, view),
    ...status.blocks.flatMap((block) =>
      row("block", `${block.reason} (${block.class}) since ${timeText(block.since_ms)}`, view)
    ),
    ...row("gate", `${status.entry.refusal ?? "none refuses"} ${inputs}`, view),
    ...row(
      "link",
      `REST p95 ${p95 === null ? "unknown" : `${Math.round(p95)} ms`}, ${
        countText(status.rest_calls_60s, "call")
      } and ${countText(status.stream_drops_60s, "lost stream")} in a minute, clock ${
        skew === null ? "not compared" : `off by ${Math.round(skew)} ms`
      }`,
      view,
    ),
    ...row("orders", `${limits.orders_last_hour} of ${limits.orders_an_hour} this hour`, view),
    ...row(
      "record",
      `${status.journal_seq}, commit ${status.commit}, configuration ${status.config_hash.slice(0, 12)}`,
      view,
    ),
  ];
}

/** Everything `abot status` prints. */
export function statusLines(status: Status, view: StatusView): readonly string[] {
  const { limits } = status;
  const { now, columns } = view;
  const headline = headlineOf(status);
  const first = `${headline} for ${ageText(now - status.since_ms)}. ${stateSentence(status, now)}`;
  const steps = nextSteps(status, now);
  return [
    ...wrap(first, { columns }),
    ...(status.observe ? wrap("Observing only: everything runs, no order leaves.", { columns }) : []),
    ...positionLines(status, view),
    ...status.open_orders.flatMap((order) => row("order", orderText(order, view), view)),
    ...steps.flatMap((step, index) => row(index === 0 ? "next" : "", step, view)),
    ...(status.position !== null && status.halt === null ? row("new entry", entryLine(status), view) : []),
    ...accountLines(status, view),
    ...row("price", `BTC ${priceText(status.last_usd)} last, ${priceText(status.mark_usd)} mark`, view),
    ...row("today", leftText(limits.day, now), view),
    ...row("this week", leftText(limits.week, now), view),
    ...row(
      "trades",
      `${limits.trades_today} of ${limits.trades_a_day} today; in a row lost: ${limits.loss_streak} (${limits.loss_streak_day} end the day)`,
      view,
    ),
    ...linkLines(status, view),
    ...verboseLines(status, view),
    ...haltLines(status, view),
  ];
}
