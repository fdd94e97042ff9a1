import type { LinkStatus, StreamName } from "../../domain/events.ts";
import type { Bot, StreamHealth } from "../../domain/state.ts";
import { type EpochMs, epochMs } from "../../domain/units.ts";
import { foldLinkLoss } from "../policy/risk/session_risk.ts";
import { changeLooks } from "./asking.ts";
import { alert, block, emit, type Step } from "./step.ts";

/** A stream told to reopen is left alone this long; the connection's own backoff is at most 5 s. */
const REOPEN_MS = 15_000;
const STREAMS: readonly StreamName[] = ["private", "public"];

/** Folds a change of a link; the loss of an established session counts for the reconnect loop (F-7.7, F-8.7). */
export function takeLink(step: Step, of: { readonly stream: StreamName; readonly status: LinkStatus }): void {
  const before = streamOf(step.bot, of.stream);
  if (before.status === of.status) return;
  if (before.status === "ready") {
    step.bot.risk = foldLinkLoss(step.bot.risk, step.at, step.bot.config.runtime);
  }
  setStream(step, of.stream, { status: of.status, since: step.at, reopenedAt: before.reopenedAt });
}

function streamOf(bot: Bot, stream: StreamName): StreamHealth {
  return stream === "private" ? bot.privateStream : bot.publicStream;
}

function setStream(step: Step, stream: StreamName, health: StreamHealth): void {
  if (stream === "private") step.bot.privateStream = health;
  else step.bot.publicStream = health;
}

/** Newest sign of life of a socket: its last frame, or the moment it became ready (F-7.22). */
function aliveAt(bot: Bot, stream: StreamName): EpochMs {
  const frameAt = stream === "private" ? bot.vitals?.privateFrameAt : bot.vitals?.publicFrameAt;
  const { since } = streamOf(bot, stream);
  return frameAt === null || frameAt === undefined || frameAt < since ? since : frameAt;
}

function isSilent(bot: Bot, stream: StreamName): boolean {
  return bot.now - aliveAt(bot, stream) > bot.config.runtime.ws_heartbeat_timeout_s * 1000;
}

/** Drops are counted over this long (F-7.7). */
const DROPS_MS = 60_000;

/** Why the link is not healthy; null = it is (F-7.7). */
export function unhealthyReason(bot: Bot): string | null {
  return streamFault(bot, "private") ?? streamFault(bot, "public") ?? dataFault(bot);
}
function streamFault(bot: Bot, stream: StreamName): string | null {
  const { status } = streamOf(bot, stream);
  if (status !== "ready") return `${stream} stream ${status}`;
  return isSilent(bot, stream) ? `${stream} stream silent` : null;
}
function dataFault(bot: Bot): string | null {
  const { runtime } = bot.config;
  if (bot.vitals !== null && bot.vitals.drops60s >= runtime.ws_event_drop_max) return `${bot.vitals.drops60s} drops`;
  return marketFault(bot);
}
function marketFault(bot: Bot): string | null {
  const { runtime } = bot.config;
  const frameAt = bot.vitals?.marketFrameAt ?? null;
  const since = frameAt === null || frameAt < bot.publicStream.since ? bot.publicStream.since : frameAt;
  return bot.now - since > runtime.market_data_degraded_s * 1000 ? "no market data" : null;
}

/**
 * How long degraded may last (F-7.8). Lost frames are remembered for a minute: while both streams are there the state
 * has that minute more, or three of them within a second would halt as soon as one read after it fails.
 */
export function degradedLimitMs(bot: Bot): number {
  const limit = bot.config.runtime.degraded_halt_s * 1000;
  const link = streamFault(bot, "private") ?? streamFault(bot, "public") ?? marketFault(bot);
  return link === null ? limit + DROPS_MS : limit;
}

/** Abandons a silent socket and opens a new one, once a while (F-7.7). */
export function reopenSilent(step: Step): void {
  for (const stream of STREAMS) {
    const health = streamOf(step.bot, stream);
    const quiet = isSilent(step.bot, stream) || (stream === "public" && unhealthyReason(step.bot) === "no market data");
    if (health.status !== "ready" || !quiet) continue;
    reopen(step, { stream, cause: "silent" });
  }
}

/** Tells the link to reopen a stream, unless it was told lately (F-7.7, F-7.12). */
export function reopen(step: Step, of: { readonly stream: StreamName; readonly cause: string }): void {
  const health = streamOf(step.bot, of.stream);
  if (health.reopenedAt !== null && step.at - health.reopenedAt < REOPEN_MS) return;
  setStream(step, of.stream, { ...health, reopenedAt: step.at });
  emit(step, { kind: "ReopenStream", stream: of.stream, cause: of.cause });
}

/** When silence or missing data must be noticed without input; null while unhealthy already. */
export function healthDueAt(bot: Bot): EpochMs | null {
  if (bot.boot.stage === "idle" || unhealthyReason(bot) !== null) return null;
  const { runtime } = bot.config;
  const first = Math.min(aliveAt(bot, "private"), aliveAt(bot, "public"));
  return epochMs(Math.max(bot.now, first + runtime.ws_heartbeat_timeout_s * 1000 + 1));
}

/** Degraded from now: no entries, looks every second, until everything was read again (F-7.7, F-7.21, F-4.8). */
export function startDegraded(step: Step, reason: string): void {
  if (step.bot.degradedSince !== null) {
    step.bot.healthySince = null;
    return;
  }
  step.bot.degradedSince = step.at;
  step.bot.healthySince = null;
  block(step, { reason: "degraded", until: null });
  alert(step, { severity: "warning", code: "degraded_mode", text: reason });
  step.causes.push(`degraded: ${reason}`);
  changeLooks(step).nextAt = step.at;
}
