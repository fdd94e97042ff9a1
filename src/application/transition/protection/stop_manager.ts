import type { StopNote } from "../../../domain/words.ts";
import { closingSide } from "../../../domain/inverse.ts";
import { isOver, type OrderTicket } from "../../../domain/orders.ts";
import type { Bot, OwnOrder, Position, StopState } from "../../../domain/state.ts";
import { type EpochMs, epochMs, type UsdContracts, usdContracts } from "../../../domain/units.ts";
import {
  cancelOrder,
  changeOrder,
  filledOf,
  findOrder,
  isOpen,
  LOOK_EVERY_MS,
  lookUp,
  newOrder,
  nextId,
  pursue,
  register,
  RESEND_MS,
} from "../orders/order_table.ts";
import { runLadder, watchUnprotected } from "./stop_recovery.ts";
import { isBeyond, triggerSourcePrice, wantedTrigger } from "../../policy/risk/stop_price.ts";
import { alert, emit, later, positionOf, setPosition, type Step } from "../step.ts";

/** An uncovered remainder older than this is synced whatever its size (F-2.1). */
const REMAINDER_MS = 8_000;
/** A triggered stop without a final message is looked up after this (F-1.18). */
const EXECUTING_LOOK_MS = 2_000;
/** While it stays so, the looks come further and further apart, up to this (F-7.10). */
const EXECUTING_LOOK_MOST_MS = 10_000;
/** A stop that listens to another price than the configuration names is replaced, at most this often. */
const SOURCE_RETRY_MS = 10_000;
const SOURCE_NOTE: StopNote = "replace_trigger_source";
/** Replacing a refused amend begins at the second refusal (F-5.4). */
const AMEND_REFUSALS = 2;

export function setStop(step: Step, change: Partial<StopState>): void {
  const position = positionOf(step.bot);
  if (position !== null) setPosition(step, { stop: { ...position.stop, ...change } });
}

/** Contracts a shown own stop covers: right side, reduce-only, live at the venue; "everything" is Infinity (F-2.1). */
function coverOfOrder(order: OwnOrder, position: Position): number {
  const { row } = order;
  if (order.role !== "stop" || order.state !== "live" || row === null || isOver(row)) return 0;
  if (!row.reduceOnly || row.side !== closingSide(position.direction) || row.positionIdx !== 0) return 0;
  return order.ticket.contracts === 0 ? Infinity : row.contracts - row.cumExecQty;
}

/** The largest cover of any live own stop. */
export function coverOf(bot: Bot, position: Position): number {
  let cover = 0;
  for (const order of bot.orders) cover = Math.max(cover, coverOfOrder(order, position));
  return cover;
}

/** F-2.1: covered in full, or all but a sixth while the entry still works. */
export function isCovered(bot: Bot, position: Position): boolean {
  return covers(bot, { position, cover: coverOf(bot, position) });
}
function covers(bot: Bot, of: { readonly position: Position; readonly cover: number }): boolean {
  const { position, cover } = of;
  const slack = 1 + bot.config.stop.stop_update_threshold_pct / 100;
  return cover >= position.contracts || (position.entryWorking && cover > position.contracts / slack);
}

/** Runs the clocks of F-2.1 and P-13: only being shown or quantity 0 ends them. */
export function runCoverClocks(step: Step): void {
  const position = positionOf(step.bot);
  if (position === null) return;
  const { at, bot } = step;
  const cover = coverOf(bot, position);
  const covered = covers(bot, { position, cover });
  const uncoveredSince = covered ? null : position.uncoveredSince ?? at;
  const nakedSince = cover > 0 ? null : position.nakedSince ?? at;
  const remainderSince = cover > 0 && cover < position.contracts ? position.stop.remainderSince ?? at : null;
  if (remainderSince !== position.stop.remainderSince) setStop(step, { remainderSince });
  if (uncoveredSince === position.uncoveredSince && nakedSince === position.nakedSince) return;
  const ended = (since: EpochMs | null, now: EpochMs | null) => since !== null && now === null ? at - since : 0;
  setPosition(step, {
    uncoveredSince,
    nakedSince,
    uncoveredMs: position.uncoveredMs + ended(position.uncoveredSince, uncoveredSince),
    nakedMs: position.nakedMs + ended(position.nakedSince, nakedSince),
  });
  if (covered && position.stop.ladder !== null) setStop(step, { ladder: null, failures: 0 });
}

/** Keeps the position protected (F-5): one call per step, whatever the event was. */
export function manageStop(step: Step): void {
  runCoverClocks(step);
  followPrice(step);
  promoteSuccessor(step);
  const position = positionOf(step.bot);
  if (position === null) return;
  const relied = relyOn(step, position);
  if (!isOpen(relied)) replaceMissing(step, position);
  else if (relied.state === "live") maintain(step, { position, relied });
  else awaitShown(step, { position, relied });
  watchUnprotected(step);
  runLadder(step, placeStop);
}

/** The stop relied on; while it is not shown, another own stop that is shown and covers takes its place (F-10.4). */
function relyOn(step: Step, position: Position): OwnOrder | null {
  const relied = findOrder(step.bot, position.stop.id);
  if (relied?.state === "live") return relied;
  const shown = step.bot.orders.find((order) =>
    order.id !== position.stop.successor && order.cancel === null && order.row?.status === "Untriggered" &&
    coverOfOrder(order, position) >= position.contracts
  );
  if (shown === undefined) return relied;
  setStop(step, { id: shown.id });
  return shown;
}

/** Keeps `wantedTrigger` at the average entry (F-5.2). */
function followPrice(step: Step): void {
  const position = positionOf(step.bot);
  if (position === null) return;
  // The shown stop of an adopted position stays where it is: re-priced, it would run away from the price that hits it.
  if (position.adopted && findOrder(step.bot, position.stop.id)?.state === "live") return;
  const wanted = wantedTrigger(step.bot, position);
  if (wanted !== position.stop.wantedTrigger) setStop(step, { wantedTrigger: wanted });
}

/** The replacement is shown: it is relied on from now, the old one may go (F-5.4). */
function promoteSuccessor(step: Step): void {
  const position = positionOf(step.bot);
  if (position === null || position.stop.successor === null) return;
  const successor = findOrder(step.bot, position.stop.successor);
  if (!isOpen(successor)) return setStop(step, { successor: null });
  if (successor.state !== "live") {
    if (isOpen(findOrder(step.bot, position.stop.id))) return;
    setStop(step, { id: successor.id, successor: null });
    return;
  }
  const old = position.stop.id;
  setStop(step, { id: successor.id, successor: null, failures: 0, retryAt: null, note: "replaced" });
  if (old !== null) cancelOrder(step, old);
}

/** MISSING: placed at once, or when the wait after a refusal is over (F-5.6). */
function replaceMissing(step: Step, position: Position): void {
  if (position.stopStatus !== "MISSING" && position.stopStatus !== "ERROR") {
    setPosition(step, { stopStatus: "MISSING" });
  }
  if (position.stop.ladder !== null) return;
  if (position.stop.retryAt !== null && step.at < position.stop.retryAt) return;
  // A stop on the passed side would only be refused; the market exit is on its way (F-5.8).
  if (position.closing !== null && passedBySource(step.bot, position)) return;
  placeStop(step);
}

function passedBySource(bot: Bot, position: Position): boolean {
  const price = triggerSourcePrice(bot);
  return price !== null && isBeyond(position, { price, trigger: position.stop.wantedTrigger });
}

/** Sends the next generation of the stop for what is held now (F-5.1, F-5.6). */
export function placeStop(step: Step): void {
  const position = positionOf(step.bot);
  if (position === null) return;
  const order = stopOrder(step, position);
  register(step, order);
  emit(step, { kind: "PlaceStop", ticket: order.ticket });
  const stopStatus = position.stopStatus === "ERROR" ? "ERROR" : "PENDING";
  setPosition(step, { stopStatus });
  setStop(step, { id: order.id, updatedAt: step.at, retryAt: later(step.at, 500), note: "placed" });
}

function stopOrder(step: Step, position: Position): OwnOrder {
  const side = closingSide(position.direction);
  const { id, generation } = nextId(step.bot, { trade: position.tradeId, role: "stop", side });
  const most = step.bot.account.instrument?.maxMarketOrderQty ?? position.contracts;
  const whole = position.stop.whole || position.contracts > most;
  const ticket: OrderTicket = {
    orderLinkId: id,
    side,
    contracts: whole ? usdContracts(0) : position.contracts,
    orderType: "Market",
    price: null,
    timeInForce: "IOC",
    trigger: {
      price: position.stop.wantedTrigger,
      direction: position.direction === "long" ? 2 : 1,
      by: step.bot.config.stop.stop_trigger_by,
    },
    reduceOnly: true,
    closeOnTrigger: true,
  };
  return newOrder({ ticket, role: "stop", trade: position.tradeId, generation, at: step.at });
}

/** A stop not yet shown; of unknown outcome it is pursued. */
function awaitShown(step: Step, of: { readonly position: Position; readonly relied: OwnOrder }): void {
  const { position, relied } = of;
  if (position.stopStatus === "ACTIVE" || position.stopStatus === "MISSING") {
    setPosition(step, { stopStatus: "PENDING" });
  }
  pursue(step, relied);
}

/** A shown stop is kept in step with the position (F-5.3, F-5.4). */
function maintain(step: Step, of: { readonly position: Position; readonly relied: OwnOrder }): void {
  const { position, relied } = of;
  const { row } = relied;
  if (row === null) return;
  if (row.status !== "Untriggered" || filledOf(relied) > 0) {
    if (step.at >= executingLookAt(step.bot, relied)) lookUp(step, relied.id);
    return;
  }
  if (relied.amend !== null || position.stop.successor !== null) return setStatus(step, "PENDING");
  if (otherSource(step, { position, relied })) return setStatus(step, "PENDING");
  const change = wantedChange(position, relied);
  if (change === null) {
    if (relied.amendRefusals > 0) changeOrder(step, relied.id, { amendRefusals: 0 });
    if (position.stop.failures > 0 || position.stop.retryAt !== null) setStop(step, { failures: 0, retryAt: null });
    return setStatus(step, "ACTIVE");
  }
  const reason = updateReason(step, { position, relied, change });
  if (reason.kind === "wait") {
    if (position.stop.note !== reason.note) setStop(step, { note: reason.note });
    return setStatus(step, "ACTIVE");
  }
  if (relied.amendRefusals >= AMEND_REFUSALS) return placeSuccessor(step, { position, note: "replace_after_refusals" });
  sendAmend(step, { relied, change, note: reason.note });
}

/** When a stop that is neither waiting nor over is looked up: after 2 s, then ever less often, at most 10 s apart. */
function executingLookAt(bot: Bot, relied: OwnOrder): number {
  const since = relied.rowAt ?? bot.now;
  if (relied.lookedAt === null || relied.lookedAt < since) return since + EXECUTING_LOOK_MS;
  const lasted = relied.lookedAt - since;
  return relied.lookedAt + Math.min(EXECUTING_LOOK_MOST_MS, Math.max(LOOK_EVERY_MS, lasted / 2));
}

/**
 * The stop was sent to listen to another price than the configuration names now: replaced, the new one shown first (F-5.4).
 * Judged by what was asked for, so that a venue that shows another word starts no endless replacing. True = under way.
 */
function otherSource(step: Step, of: { readonly position: Position; readonly relied: OwnOrder }): boolean {
  const { position, relied } = of;
  const { updatedAt } = position.stop;
  if (!listensElsewhere(step.bot, relied)) return false;
  if (updatedAt !== null && step.at - updatedAt < SOURCE_RETRY_MS) return false;
  if (position.stop.note !== SOURCE_NOTE) {
    const { stop_trigger_by } = step.bot.config.stop;
    const text =
      `The stop listens to ${relied.ticket.trigger?.by}, the configuration names ${stop_trigger_by}: it is replaced.`;
    alert(step, { severity: "info", code: "trigger_source", text });
  }
  placeSuccessor(step, { position, note: SOURCE_NOTE });
  return positionOf(step.bot)?.stop.successor !== null;
}

function listensElsewhere(bot: Bot, relied: OwnOrder): boolean {
  const { trigger } = relied.ticket;
  return trigger !== null && trigger.by !== bot.config.stop.stop_trigger_by;
}

function setStatus(step: Step, stopStatus: Position["stopStatus"]): void {
  const position = positionOf(step.bot);
  if (position === null || position.stopStatus === stopStatus) return;
  setPosition(step, { stopStatus });
}

type Change = { readonly contracts: UsdContracts | null; readonly moves: boolean };

/** What the shown stop lacks: quantity (never for "everything"), trigger once the entry is complete (F-5.2). */
function wantedChange(position: Position, relied: OwnOrder): Change | null {
  const { row } = relied;
  if (row === null) return null;
  const contracts = relied.ticket.contracts === 0 || row.contracts === position.contracts ? null : position.contracts;
  const moves = !position.entryWorking && row.triggerPrice !== position.stop.wantedTrigger;
  return contracts === null && !moves ? null : { contracts, moves };
}

type Verdict = { readonly kind: "wait" | "send"; readonly note: StopNote };

/** Threshold, debounce, coalescing (F-5.3) and the retry after a refusal (F-5.4). */
function updateReason(
  step: Step,
  of: { readonly position: Position; readonly relied: OwnOrder; readonly change: Change },
): Verdict {
  const { position, relied, change } = of;
  const { stop } = position;
  const { stop_update_threshold_pct, stop_debounce_s } = step.bot.config.stop;
  if (relied.amendRefusals > 0) {
    if (stop.retryAt !== null && step.at < stop.retryAt) return { kind: "wait", note: "amend_rejected_wait" };
    return { kind: "send", note: "amend_rejected_retry_amend_before_cancel_place" };
  }
  const shown = relied.row?.contracts ?? 0;
  const delta = change.contracts === null ? 0 : Math.abs(change.contracts - shown);
  const overdue = stop.remainderSince !== null && step.at - stop.remainderSince >= REMAINDER_MS;
  const large = delta * 100 >= shown * stop_update_threshold_pct;
  if (position.entryWorking && !large && !overdue) {
    return { kind: "wait", note: "delta_under_20pct_threshold_blocks_stop_update" };
  }
  if (stop.updatedAt !== null && step.at - stop.updatedAt < stop_debounce_s * 1000) {
    return { kind: "wait", note: "debounce_coalesces_stop_update" };
  }
  if (stop.retryAt !== null && step.at < stop.retryAt) return { kind: "wait", note: "amend_not_now" };
  return {
    kind: "send",
    note: large ? "delta_at_or_above_20pct_triggers_amend_priority" : "exact_sync_after_debounce",
  };
}

function sendAmend(
  step: Step,
  of: { readonly relied: OwnOrder; readonly change: Change; readonly note: StopNote },
): void {
  const { relied, change } = of;
  const position = positionOf(step.bot);
  if (position === null) return;
  const triggerPrice = change.moves ? position.stop.wantedTrigger : null;
  changeOrder(step, relied.id, {
    amend: { contracts: change.contracts, triggerPrice, sentAt: step.at, answered: false },
  });
  emit(step, { kind: "AmendStop", orderLinkId: relied.id, contracts: change.contracts, triggerPrice });
  setStop(step, { updatedAt: step.at, note: of.note });
  setStatus(step, "PENDING");
}

/** Place the new one, see it shown, then cancel the old: never cancel first (F-5.4). */
function placeSuccessor(step: Step, of: { readonly position: Position; readonly note: StopNote }): void {
  const { position, note } = of;
  if (position.stop.retryAt !== null && step.at < position.stop.retryAt) return;
  const order = stopOrder(step, position);
  register(step, order);
  emit(step, { kind: "PlaceStop", ticket: order.ticket });
  setStop(step, {
    successor: order.id,
    updatedAt: step.at,
    retryAt: later(step.at, 500),
    note,
  });
  setStatus(step, "PENDING");
}

/** When the stop wants a step without input; null = not at all. */
export function stopDeadline(bot: Bot, position: Position): EpochMs | null {
  const { stop } = position;
  const { config } = bot;
  let due = reliedDeadline(bot, position);
  if (position.uncoveredSince !== null && stop.ladder === null) {
    due = Math.min(due, position.uncoveredSince + config.stop.stop_missing_max_s * 1000);
  }
  if (stop.ladder !== null) due = Math.min(due, stop.ladder.nextAt);
  if (stop.beyondSince !== null && position.closing === null) {
    due = Math.min(due, stop.beyondSince + config.stop.local_stop_grace_s * 1000);
  }
  return due === Infinity ? null : epochMs(Math.max(bot.now, due));
}

/** The same for the stop relied on alone; Infinity = not at all. */
function reliedDeadline(bot: Bot, position: Position): number {
  const { stop } = position;
  const relied = findOrder(bot, stop.id);
  if (!isOpen(relied)) {
    return stop.ladder === null && position.closing === null ? stop.retryAt ?? bot.now : Infinity;
  }
  if (relied.state === "unknown") return relied.sentAt + RESEND_MS;
  if (relied.state !== "live") return Infinity;
  let due = Infinity;
  if (relied.row?.status !== "Untriggered" || filledOf(relied) > 0) due = executingLookAt(bot, relied);
  if (listensElsewhere(bot, relied) && stop.successor === null) {
    due = Math.min(due, (stop.updatedAt ?? 0) + SOURCE_RETRY_MS);
  }
  if (relied.amend !== null || wantedChange(position, relied) === null) return due;
  const debounced = bot.config.stop.stop_debounce_s * 1000;
  if (stop.updatedAt !== null) due = Math.min(due, Math.max(stop.updatedAt + debounced, stop.retryAt ?? 0));
  return stop.remainderSince === null ? due : Math.min(due, stop.remainderSince + REMAINDER_MS);
}
