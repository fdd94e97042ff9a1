/**
 * `data/status.json`: what a running bot says about itself, for `abot status` and for whoever watches. Written by
 * rename, so that a reader sees the old or the new one. Money in dollars, times in UTC milliseconds.
 */
import { z } from "zod";
import type { Guarded } from "../application/guardian/guardian.ts";
import { stageConfig } from "../application/policy/entry/stage.ts";
import { floorUsd } from "../application/policy/risk/goal.ts";
import { entryAverage } from "../application/transition/ledger/execution_ledger.ts";
import { harmWealth } from "../application/policy/experiment/harm.ts";
import { armNow, entryConfig } from "../application/transition/experiment.ts";
import { publicWord } from "../application/transition/mod.ts";
import { targetOf } from "../application/transition/protection/target_manager.ts";
import { dayStart, weekStart } from "../application/policy/risk/session_risk.ts";
import { parseObject } from "../common/json.ts";
import { isShownCovered, openPosition, roomLeftUsd, threeCurves } from "./history_line.ts";
import { entrySchema, entryStatus, gridSchema, gridStatus, orderSchema, orderStatus, shownAt } from "./status_entry.ts";
import { nextSteps } from "./state_words.ts";
import type { Vitals } from "../domain/events.ts";
import { pnlOf, unrealisedPnl, usdDown, valueDown } from "../domain/inverse.ts";
import type { RiskSpan } from "../domain/slices.ts";
import type { Bot, OwnOrder, Position } from "../domain/state.ts";
import type { HistoryStart } from "../infrastructure/storage/history/history_schema.ts";
import { type EpochMs, picoBtc, type PriceCents, usdContracts } from "../domain/units.ts";

const dollars = z.number();
const time = z.int();
const DAY_MS = 86_400_000;
const spanSchema = z.strictObject({
  realised_usd: dollars,
  cap_usd: dollars.nullable(),
  left_usd: dollars.nullable(),
  /** When the span ends and its room is whole again. */
  resets_at_ms: time,
});

/** Version of the file; a reader names every other one. */
export const STATUS_SCHEMA = 2;

export const statusSchema = z.strictObject({
  schema: z.literal(STATUS_SCHEMA),
  written_at_ms: time,
  version: z.string(),
  commit: z.string(),
  profile: z.string(),
  observe: z.boolean(),
  account_uid: z.string(),
  config_hash: z.string(),
  journal_seq: z.int(),
  journal_head: z.string(),
  started_at_ms: time.nullable(),
  word: z.string(),
  phase: z.string(),
  since_ms: time,
  halt: z.strictObject({ reason: z.string(), since_ms: time, detail: z.string() }).nullable(),
  blocks: z.array(z.strictObject({ reason: z.string(), class: z.string(), since_ms: time, until_ms: time.nullable() })),
  position: z.strictObject({
    direction: z.enum(["long", "short"]),
    contracts: z.int(),
    entry_usd: dollars.nullable(),
    opened_at_ms: time,
    stop_status: z.string(),
    stop_id: z.string().nullable(),
    stop_usd: dollars,
    /** null = the trade has none (taken over). */
    target_usd: dollars.nullable(),
    /** Trigger as the venue last showed it, and when; null = never. */
    stop_shown_usd: dollars.nullable(),
    stop_shown_at_ms: time.nullable(),
    uncovered_since_ms: time.nullable(),
    unrealised_usd: dollars.nullable(),
    /** Loss from now on, and against the entry, if the stop is hit now. */
    worst_usd: dollars.nullable(),
    /** Only a stop that the venue has shown works without this process. */
    protected_without_us: z.boolean(),
    closing: z.string().nullable(),
  }).nullable(),
  open_orders: z.array(orderSchema),
  /** What would refuse an entry now. */
  entry: entrySchema,
  grid: gridSchema.nullable(),
  /** When a working entry is cancelled unless it fills. */
  entry_due_at_ms: time.nullable().optional(),
  equity_btc: z.number().nullable(),
  equity_usd: dollars.nullable(),
  /** Equity at the BTC price of the start, and what only holding the start capital would be worth. */
  trading_usd: dollars.nullable(),
  held_usd: dollars.nullable(),
  start: z.strictObject({ at_ms: time, capital_usd: dollars, btc_usd: dollars }).nullable(),
  floor_usd: dollars,
  /** Left out = "usd": the floor is on the account in dollars; "trading" = on what trading alone left. */
  floor_basis: z.literal("trading").optional(),
  goal_usd: dollars,
  goal_months: z.strictObject({ review_after: z.number(), fail_after: z.number() }),
  capital_usd: dollars.nullable(),
  last_usd: dollars.nullable(),
  mark_usd: dollars.nullable(),
  limits: z.strictObject({
    stage: z.int().nullable(),
    trades_today: z.int(),
    trades_a_day: z.int(),
    day: spanSchema,
    week: spanSchema,
    loss_streak: z.int(),
    /** Losing trades in a row that block until the day's end. */
    loss_streak_day: z.int(),
    orders_last_hour: z.int(),
    orders_an_hour: z.int(),
  }),
  /** When each source last spoke. */
  heard_at_ms: z.strictObject({
    private_stream: time.nullable(),
    public_stream: time.nullable(),
    market: time.nullable(),
    wallet: time.nullable(),
    agreement: time.nullable(),
  }),
  rest_p95_ms: z.number().nullable(),
  rest_calls_60s: z.int(),
  stream_drops_60s: z.int(),
  journal_lag_ms: z.number(),
  clock_skew_ms: z.number().nullable(),
  key_days_left: z.number().nullable(),
  next: z.array(z.string()),
  /** The live experiment; absent without one. */
  experiment: z.strictObject({
    name: z.string(),
    /** Arm that an entry of now belongs to. */
    arm: z.enum(["A", "B"]),
    since_ms: time,
    blocks: z.int(),
    /** Evidence that B is worse; 20 ends the experiment. */
    evidence: z.number(),
    ended: z.enum(["harm", "over", "changed"]).nullable(),
  }).exactOptional(),
});
export type Status = z.infer<typeof statusSchema>;
type Span = Status["limits"]["day"];

/** A status that was read; `version` = another program's; `unreadable` = no status at all, or half of one. */
export type StatusRead =
  | { readonly kind: "status"; readonly status: Status }
  | { readonly kind: "version"; readonly found: number }
  | { readonly kind: "unreadable"; readonly why: string };

/** Reads the text of a status file. Never throws. */
export function readStatus(text: string): StatusRead {
  const fields = parseObject(text);
  if (fields === null) return { kind: "unreadable", why: text.trim() === "" ? "it is empty" : "it is not whole" };
  const parsed = statusSchema.safeParse(fields);
  if (parsed.success) return { kind: "status", status: parsed.data };
  const { schema } = fields;
  if (typeof schema === "number" && schema !== STATUS_SCHEMA) return { kind: "version", found: schema };
  const [first] = parsed.error.issues;
  return { kind: "unreadable", why: `${first?.path.join(".") ?? ""}: ${first?.message ?? ""}` };
}

export type StatusFacts = {
  readonly writtenAt: EpochMs;
  readonly version: string;
  readonly commit: string;
  readonly configHash: string;
  readonly journalSeq: number;
  readonly journalHead: string;
  /** Start of the curves, once known. */
  readonly start: Pick<HistoryStart, "at_ms" | "capital_usd" | "btc_usd"> | null;
  readonly observe: boolean;
  readonly vitals: Vitals;
};

function usd(price: PriceCents | null): number | null {
  return price === null ? null : price / 100;
}
function stopOrder(bot: Bot, position: Position): OwnOrder | null {
  const { id } = position.stop;
  return bot.orders.find((order) => order.id === id) ?? bot.past.find((order) => order.id === id) ?? null;
}

/** Loss in dollars if the position is closed at the stop's trigger; negative is a loss. */
function resultAtStop(position: Position): number | null {
  const trigger = position.stop.wantedTrigger;
  if (trigger <= 0 || position.entryPrice <= 0) return null;
  const contracts = usdContracts(position.contracts);
  const entryValue = valueDown(contracts, position.entryPrice);
  const exitValue = valueDown(contracts, trigger);
  return usdDown(pnlOf(position.direction, { entry: entryValue, now: exitValue }), trigger) / 1_000_000;
}

function positionStatus(bot: Bot, position: Position): Status["position"] {
  const order = stopOrder(bot, position);
  const { mark } = bot.market.seen;
  const entry = entryAverage(bot.ledger) ?? position.entryPrice;
  const value = picoBtc(bot.ledger.openValue);
  const open = mark === null || mark <= 0
    ? null
    : unrealisedPnl(position.direction, { entryValue: value, contracts: position.contracts, mark });
  return {
    direction: position.direction,
    contracts: position.contracts,
    entry_usd: usd(entry),
    opened_at_ms: position.openedAt,
    stop_status: position.stopStatus,
    stop_id: position.stop.id,
    stop_usd: position.stop.wantedTrigger / 100,
    target_usd: usd(targetOf(bot, position)),
    stop_shown_usd: usd(order?.row?.triggerPrice ?? null),
    stop_shown_at_ms: shownAt(bot, order),
    uncovered_since_ms: position.uncoveredSince,
    unrealised_usd: open === null || mark === null ? null : usdDown(open, mark) / 1_000_000,
    worst_usd: resultAtStop(position),
    // A start knows the stop of the process before it and has not seen it yet: what is not shown now protects nobody.
    protected_without_us: isShownCovered(bot, position),
    closing: position.closing?.reason ?? null,
  };
}

function spanStatus(span: RiskSpan | null, of: { readonly capPct: number; readonly resetsAt: number }): Span {
  const realised = span === null ? 0 : span.realised / 1_000_000;
  const cap = span?.equity === null || span === null ? null : (span.equity / 1_000_000) * (of.capPct / 100);
  return {
    realised_usd: realised,
    cap_usd: cap,
    left_usd: roomLeftUsd(span, of.capPct),
    resets_at_ms: of.resetsAt,
  };
}

/** When a working entry is cancelled unless it fills; null without one. */
function entryDueAt(bot: Bot): number | null {
  const { phase } = bot;
  return phase.kind === "entry" ? phase.since + entryConfig(bot).entry.entry_timeout_s * 1000 : null;
}

function limitsOf(bot: Bot): Status["limits"] {
  const { config, risk } = bot;
  const stage = bot.stage.candidate;
  return {
    stage,
    trades_today: risk.tradesToday,
    trades_a_day: stageConfig(config.stages, stage ?? 1).max_trades_per_day,
    day: spanStatus(risk.day, { capPct: config.safety.daily_loss_cap_pct, resetsAt: dayStart(bot.now) + DAY_MS }),
    week: spanStatus(risk.week, {
      capPct: config.safety.weekly_loss_cap_pct,
      resetsAt: weekStart(bot.now) + 7 * DAY_MS,
    }),
    loss_streak: risk.lossStreak,
    loss_streak_day: config.safety.loss_streak_day,
    orders_last_hour: bot.operator.entryTimes.filter((at) => at > bot.now - 3_600_000).length,
    orders_an_hour: config.safety.max_orders_per_hour,
  };
}

/** Since when the shown word holds. */
function sinceOf(bot: Bot): number {
  if (bot.halt !== null) return bot.halt.since;
  const cooldowns = bot.blocks.filter((block) => block.class === "COOLDOWN").map((block) => block.since);
  const since = cooldowns.length > 0 ? Math.min(...cooldowns) : bot.phase.since;
  // A new account's first phase has no beginning of its own.
  return since > 0 ? since : (bot.boot.startedAt ?? bot.now);
}

function startStatus(start: StatusFacts["start"]): Status["start"] {
  return start === null ? null : { at_ms: start.at_ms, capital_usd: start.capital_usd, btc_usd: start.btc_usd };
}

/** The bot's state as its operator reads it. Pure. */
export function statusOf(state: Guarded, facts: StatusFacts): Status {
  const { bot } = state;
  const { vitals } = facts;
  const { config, halt } = bot;
  const position = openPosition(bot);
  const told: Omit<Status, "next"> = {
    schema: STATUS_SCHEMA,
    written_at_ms: facts.writtenAt,
    version: facts.version,
    commit: facts.commit,
    profile: config.profile,
    observe: facts.observe,
    account_uid: bot.accountUid,
    config_hash: facts.configHash,
    journal_seq: facts.journalSeq,
    journal_head: facts.journalHead,
    started_at_ms: bot.boot.startedAt,
    word: publicWord(bot),
    phase: bot.phase.kind,
    since_ms: sinceOf(bot),
    halt: halt === null ? null : { reason: halt.reason, since_ms: halt.since, detail: halt.detail },
    blocks: bot.blocks.map((block) => ({
      reason: block.reason,
      class: block.class,
      since_ms: block.since,
      until_ms: block.until,
    })),
    position: position === null ? null : positionStatus(bot, position),
    open_orders: bot.orders.filter((order) => order.state !== "final").map(orderStatus),
    entry: entryStatus(bot),
    grid: gridStatus(bot),
    ...threeCurves(bot, facts.start),
    start: startStatus(facts.start),
    floor_usd: floorUsd(bot.goal, config.goal),
    ...(config.goal.floor_basis === "trading" ? { floor_basis: config.goal.floor_basis } : {}),
    goal_usd: bot.goal.goalUsd ?? config.goal.goal_usd,
    goal_months: { review_after: config.goal.review_after_months, fail_after: config.goal.fail_after_months },
    capital_usd: config.goal.capital_usd,
    last_usd: usd(bot.market.seen.last),
    mark_usd: usd(bot.market.seen.mark),
    limits: limitsOf(bot),
    heard_at_ms: {
      private_stream: vitals.privateFrameAt,
      public_stream: vitals.publicFrameAt,
      market: vitals.marketFrameAt,
      wallet: bot.account.walletAt,
      agreement: bot.reconcile.agreedAt,
    },
    rest_p95_ms: vitals.restP95,
    rest_calls_60s: vitals.restCalls60s,
    stream_drops_60s: vitals.drops60s,
    journal_lag_ms: vitals.journalLagMs,
    clock_skew_ms: vitals.clockSkewMs,
    key_days_left: bot.account.keyDaysLeft,
    entry_due_at_ms: entryDueAt(bot),
    ...experimentStatus(bot),
  };
  return { ...told, next: [...nextSteps(told, facts.writtenAt)] };
}

function experimentStatus(bot: Bot): Pick<Status, "experiment"> {
  const { experiment } = bot;
  if (experiment === undefined) return {};
  const { name, since, blocks, stopped } = experiment;
  const ended = stopped?.reason ?? null;
  const arm = armNow(bot) ?? "A";
  return { experiment: { name, arm, since_ms: since, blocks, evidence: harmWealth(experiment), ended } };
}

export function statusFile(dataDir: string): string {
  return `${dataDir}/status.json`;
}
