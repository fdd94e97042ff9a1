import { closingSide } from "../../../domain/inverse.ts";
import type { Bot, OwnOrder, Position } from "../../../domain/state.ts";
import { exitDeadline, manageExit } from "../protection/exit_manager.ts";
import { cancelOrder, orderDeadline, runLooks } from "../orders/order_table.ts";
import { manageStop, stopDeadline } from "../protection/stop_manager.ts";
import { positionOf, type Step } from "../step.ts";
import { manageOverflow, manageTarget, targetDeadline } from "../protection/target_manager.ts";
import { mayProtect } from "../boot.ts";
import { entryDeadline, manageEntry } from "./entry_pending.ts";
import { manageCleanup } from "./flat.ts";
import { settleExit } from "./lifecycle.ts";

/** Step 4 of F-3: stop, exits, target, the working entry, and the search for orders of unknown outcome. */
export function runPosition(step: Step): void {
  if (positionOf(step.bot) !== null && mayProtect(step.bot)) {
    manageStop(step);
    manageOverflow(step);
    manageTarget(step);
    manageExit(step);
    dropOrphans(step);
    settleExit(step);
  }
  manageEntry(step);
  dropStrays(step);
  manageCleanup(step);
  runLooks(step);
}

/** Own orders that belong to nothing in the position: stops beside the relied one, targets of before (F-5.4, F-6.8). */
function dropOrphans(step: Step): void {
  const position = positionOf(step.bot);
  if (position === null || step.bot.orders.length < 2) return;
  const { stop, target, closing, overflow } = position;
  const protectedNow = position.stopStatus === "ACTIVE";
  for (const order of step.bot.orders) {
    if (order.state !== "live" || order.cancel !== null) continue;
    switch (order.role) {
      case "stop":
        if (
          order.id !== stop.id && order.id !== stop.successor && protectedNow && mayGo(step.bot, { position, order })
        ) {
          cancelOrder(step, order.id);
        }
        break;
      case "target":
        if (order.id !== target.id) cancelOrder(step, order.id);
        break;
      case "exit":
        if (order.id !== closing?.exitId && order.id !== overflow.id) cancelOrder(step, order.id);
        break;
      case "entry":
        break;
      default: {
        const never: never = order.role;
        throw new RangeError(`Cannot manage an order of role ${never}`);
      }
    }
  }
}

/**
 * A stop of the position's own side may go while another one covers; one against the other side only once a read newer
 * than the last execution showed the side of now (F-1.27, F-4.3).
 */
function mayGo(bot: Bot, of: { readonly position: Position; readonly order: OwnOrder }): boolean {
  if (of.order.ticket.side === closingSide(of.position.direction)) return true;
  const { turnSeenAt } = bot.reconcile;
  return turnSeenAt !== undefined && turnSeenAt >= (bot.ledger.lastAppliedAt ?? 0);
}

/** While an entry works nothing is held: whatever else came back belongs to a trade of before (F-10.4, F-1.3). */
function dropStrays(step: Step): void {
  const { phase, reconcile, ledger, orders } = step.bot;
  if (phase.kind !== "entry" || orders.length < 2) return;
  const zero = reconcile.zeroSeenAt !== null && reconcile.zeroSeenAt >= (ledger.lastAppliedAt ?? 0);
  for (const order of orders) {
    if (order.role === "entry" || (order.role === "stop" && !zero)) continue;
    cancelOrder(step, order.id);
  }
}

/** Deadlines of step 4; null = nothing is due by time. */
export function positionDueAt(bot: Bot): number | null {
  let due = entryDeadline(bot) ?? Infinity;
  for (const order of bot.orders) due = Math.min(due, orderDeadline(bot, order) ?? Infinity);
  const position = positionOf(bot);
  if (position !== null) {
    due = Math.min(
      due,
      stopDeadline(bot, position) ?? Infinity,
      exitDeadline(bot, position) ?? Infinity,
      targetDeadline(position) ?? Infinity,
    );
  }
  return due === Infinity ? null : due;
}
