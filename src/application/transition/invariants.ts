import type { Bot } from "../../domain/state.ts";
import { positionOf } from "./step.ts";

/** A broken rule of F-2; `name` becomes HALT `invariant_violation:<name>`. */
export type Violation = { readonly name: string; readonly rule: string; readonly detail: string };

const NONE: readonly Violation[] = [];

/** Checks the table of F-2 on one state; cheap, run after every step (F-2.4). */
export function checkInvariants(bot: Bot): readonly Violation[] {
  let found: Violation[] | null = null;
  const add = (name: string, of: { readonly rule: string; readonly detail: string }) => {
    found ??= [];
    found.push({ name, ...of });
  };
  checkNumbers(bot, add);
  checkPhase(bot, add);
  checkOrders(bot, add);
  return found ?? NONE;
}

type Add = (name: string, of: { readonly rule: string; readonly detail: string }) => void;

function checkNumbers(bot: Bot, add: Add): void {
  const { net, openValue } = bot.ledger;
  if (!Number.isSafeInteger(net) || !Number.isSafeInteger(openValue)) {
    add("quantity_not_a_number", { rule: "F-1.27", detail: `net ${net}, value ${openValue}` });
  }
  if (net === 0 && openValue !== 0) add("value_without_quantity", { rule: "F-2", detail: `value ${openValue}` });
}

/** qty > 0 ⇔ phase position or exit; the phase's quantity is the ledger's (F-2.3). */
function checkPhase(bot: Bot, add: Add): void {
  const { net } = bot.ledger;
  const position = positionOf(bot);
  if (position === null) {
    if (net !== 0) add("quantity_without_position", { rule: "F-2.3", detail: `${bot.phase.kind} with ${net}` });
    return;
  }
  if (net === 0) return add("position_without_quantity", { rule: "F-2.3", detail: bot.phase.kind });
  if (position.contracts !== Math.abs(net) || (net > 0) !== (position.direction === "long")) {
    add("position_differs_from_ledger", { rule: "F-2.3", detail: `${position.contracts} against ${net}` });
  }
  if (position.stopStatus === "ERROR" && bot.halt === null) {
    add("stop_error_without_halt", { rule: "F-2.2", detail: "stopStatus ERROR" });
  }
  const waiting = bot.reconcile.gapAt !== null || bot.boot.stage === "venue";
  if (position.uncoveredSince !== null && bot.halt === null && position.stop.ladder === null && !waiting) {
    const limit = bot.config.stop.stop_missing_max_s * 1000 + 15_000;
    if (bot.now - position.uncoveredSince > limit) {
      add("unprotected_too_long", { rule: "F-2.1", detail: `since ${position.uncoveredSince}` });
    }
  }
}

/**
 * At most one entry, one exit beside one overflow reduction, one target, two stops (F-1.3, F-2, F-4.3). What counted as
 * ended and came back may stand beside them until its cancel is through (F-10.4).
 */
function checkOrders(bot: Bot, add: Add): void {
  let entries = 0;
  let exits = 0;
  let stops = 0;
  let free = 0;
  for (const order of bot.orders) {
    if (order.back === true && (order.cancel !== null || order.role === "stop")) continue;
    switch (order.role) {
      case "entry":
        entries += 1;
        if (bot.halt !== null && order.cancel === null && order.state === "live") free += 1;
        break;
      case "exit":
        exits += 1;
        break;
      case "stop":
        if (order.state === "live" && order.cancel === null) stops += 1;
        break;
      case "target":
        break;
      default: {
        const never: never = order.role;
        throw new RangeError(`Cannot count an order of role ${never}`);
      }
    }
  }
  if (entries > 1) add("two_entries", { rule: "F-1.3", detail: `${entries} entry orders` });
  if (exits > 2) add("two_exits", { rule: "F-1.3", detail: `${exits} exit orders` });
  if (stops > 2) add("three_stops", { rule: "F-4.3", detail: `${stops} stops` });
  if (free > 0) add("entry_under_halt", { rule: "F-2", detail: "an entry rests under HALT" });
  if (bot.phase.kind === "flat" && bot.orders.length > 0 && !hasCleanup(bot)) {
    add("orders_in_flat", { rule: "F-2", detail: `${bot.orders.length} orders` });
  }
}

function hasCleanup(bot: Bot): boolean {
  for (const one of bot.blocks) if (one.reason === "order_cleanup") return true;
  return false;
}
