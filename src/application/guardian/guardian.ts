import type { Event } from "../../domain/events.ts";
import { adoptId, exitLinkId, stopLinkId } from "../../domain/ids.ts";
import type { Intent } from "../../domain/intent.ts";
import type { OrderRow, OrderTicket, PositionRow, Side } from "../../domain/orders.ts";
import type { Bot } from "../../domain/state.ts";
import { type EpochMs, epochMs, type PriceCents, priceCents, usdContracts } from "../../domain/units.ts";
import { transition } from "../transition/mod.ts";

/** Looks come this often while the guardian is on watch. */
const LOOK_EVERY_MS = 2_000;
/** Once the position is covered: two reads every 2 s beside the core's own would eat the call budget (F-7.10). */
const COVERED_LOOK_MS = 5_000;
/** A position seen uncovered this long gets a stop from the guardian: the core's own protection had its chance. */
const CORE_GRACE_MS = 3_000;
/** Distance of an emergency stop from the entry, or from mark when the entry-based one is already passed. */
const STOP_DISTANCE = 0.03;
/** After this many stops that did not come to be shown, a reduce-only market exit is tried in turn. */
const STOPS_BEFORE_EXIT = 3;

/** Watch kept after a throw in the core (F-11.8). Plain data, journaled in snapshots like the bot. */
export type GuardianState = {
  readonly since: EpochMs;
  readonly nextLookAt: EpochMs;
  readonly mark: PriceCents | null;
  readonly position: PositionRow | null;
  readonly covered: boolean;
  readonly uncoveredSince: EpochMs | null;
  readonly attempts: number;
};

/** What the engine holds: the bot, and the guardian once it was called. */
export type Guarded = { readonly bot: Bot; readonly guardian: GuardianState | null };
export type GuardedStep = { readonly state: Guarded; readonly intents: readonly Intent[] };

/**
 * `transition`, plus the guardian's watch after a core fault (F-11.8). The engine and replay call this one function, so
 * a replay skips the same event the same way. A throw is the caller's to catch, except on `CoreFault` itself, where the
 * bot stays as it was and only the guardian acts.
 */
export function guardedStep(state: Guarded, event: Event): GuardedStep {
  if (event.kind === "CoreFault") return onCoreFault(state, event);
  const core = transition(state.bot, event);
  // A reset that was granted trusts the core again: the watch ends with the HALT it began with (F-13.2).
  const relieved = state.bot.halt !== null && core.bot.halt === null;
  if (state.guardian === null || relieved) return { state: { bot: core.bot, guardian: null }, intents: core.intents };
  const watch = guard(state.guardian, event);
  return {
    state: { bot: core.bot, guardian: watch.guardian },
    intents: [...withoutEntries(core.intents), ...watch.intents],
  };
}

function onCoreFault(state: Guarded, event: Extract<Event, { kind: "CoreFault" }>): GuardedStep {
  const guardian = state.guardian ?? {
    since: event.at,
    nextLookAt: event.at,
    mark: null,
    position: null,
    covered: false,
    uncoveredSince: null,
    attempts: 0,
  };
  const watch = guard(guardian, event);
  try {
    const core = transition(state.bot, event);
    return {
      state: { bot: core.bot, guardian: watch.guardian },
      intents: [...withoutEntries(core.intents), ...watch.intents],
    };
  } catch (error) {
    const text = `The core cannot take its own fault: ${error instanceof Error ? error.message : String(error)}`;
    return {
      state: { bot: state.bot, guardian: watch.guardian },
      intents: [{ kind: "Alert", severity: "critical", code: "core_fault", text }, ...watch.intents],
    };
  }
}

/** Nothing that adds risk leaves while the core is not to be trusted. */
function withoutEntries(intents: readonly Intent[]): readonly Intent[] {
  return intents.filter((intent) => intent.kind !== "PlaceEntry");
}

/** When the guardian wants to look again; null when it is not on watch. */
export function guardianDeadline(guardian: GuardianState | null): EpochMs | null {
  return guardian === null ? null : guardian.nextLookAt;
}

type Watch = { readonly guardian: GuardianState; readonly intents: readonly Intent[] };

/** One step of the watch: position read; stop shown? place; else close (F-11.8). */
function guard(guardian: GuardianState, event: Event): Watch {
  switch (event.kind) {
    case "Market":
      return { guardian: event.seen.mark === null ? guardian : { ...guardian, mark: event.seen.mark }, intents: [] };
    case "PositionAnswer":
      if (event.result.kind !== "position") return { guardian, intents: [] };
      return { guardian: withPosition(guardian, event.result.position), intents: [] };
    case "OpenOrdersAnswer":
      if (event.result.kind !== "orders") return { guardian, intents: [] };
      return protect(guardian, { orders: event.result.orders, at: event.at });
    case "CoreFault":
    case "Tick":
      if (event.at < guardian.nextLookAt) return { guardian, intents: [] };
      return {
        guardian: { ...guardian, nextLookAt: epochMs(event.at + (guardian.covered ? COVERED_LOOK_MS : LOOK_EVERY_MS)) },
        intents: [
          { kind: "QueryPosition", protective: !guardian.covered },
          { kind: "QueryOpenOrders", protective: !guardian.covered },
        ],
      };
    default:
      return { guardian, intents: [] };
  }
}

function withPosition(guardian: GuardianState, position: PositionRow): GuardianState {
  const flat = position.side === null || position.size === 0;
  return flat ? { ...guardian, position, covered: true, uncoveredSince: null, attempts: 0 } : { ...guardian, position };
}

function covers(order: OrderRow, position: PositionRow): boolean {
  return order.status === "Untriggered" && order.reduceOnly && order.triggerPrice !== null &&
    order.side !== position.side && (order.contracts === 0 || order.contracts >= position.size);
}

function protect(guardian: GuardianState, seen: { readonly orders: readonly OrderRow[]; readonly at: EpochMs }): Watch {
  const position = guardian.position;
  if (position === null || position.side === null || position.size === 0) return { guardian, intents: [] };
  if (seen.orders.some((order) => covers(order, position))) {
    return { guardian: { ...guardian, covered: true, uncoveredSince: null, attempts: 0 }, intents: [] };
  }
  const uncoveredSince = guardian.uncoveredSince ?? seen.at;
  const waiting = { ...guardian, covered: false, uncoveredSince };
  if (seen.at - uncoveredSince < CORE_GRACE_MS) return { guardian: waiting, intents: [] };
  const attempts = guardian.attempts + 1;
  const closing = attempts > STOPS_BEFORE_EXIT && attempts % 2 === 0;
  const ticket = closing ? exitTicket(position, attempts) : stopTicket(position, { attempts, mark: guardian.mark });
  const text = `Guardian ${
    closing ? "closes" : "protects"
  } ${position.side} ${position.size} contracts, attempt ${attempts}`;
  return {
    guardian: { ...waiting, attempts },
    intents: [
      { kind: "Alert", severity: "critical", code: "guardian", text },
      closing ? { kind: "PlaceExit", ticket } : { kind: "PlaceStop", ticket },
    ],
  };
}

function closingSide(position: PositionRow): Side {
  return position.side === "Buy" ? "Sell" : "Buy";
}

function idBase(position: PositionRow): string {
  return adoptId(position.side === "Sell" ? "short" : "long", `guardian|${position.openAt ?? position.updatedAt ?? 0}`);
}

/** A stop for the whole position (`qty` 0, F-5.1), at most 3 % off the entry, or off mark when that is passed. */
function stopTicket(
  position: PositionRow,
  options: { readonly attempts: number; readonly mark: PriceCents | null },
): OrderTicket {
  const long = position.side === "Buy";
  const factor = long ? 1 - STOP_DISTANCE : 1 + STOP_DISTANCE;
  const basis = position.avgPrice ?? options.mark ?? priceCents(0);
  const fromEntry = basis * factor;
  const passed = options.mark !== null && (long ? options.mark <= fromEntry : options.mark >= fromEntry);
  // Whole dollars: a multiple of every tick BTCUSD has had.
  const price = priceCents(Math.round((passed ? (options.mark ?? basis) * factor : fromEntry) / 100) * 100);
  const side = closingSide(position);
  return {
    orderLinkId: stopLinkId(idBase(position), { side, generation: options.attempts }),
    side,
    contracts: usdContracts(0),
    orderType: "Market",
    price: null,
    timeInForce: "IOC",
    trigger: { price, direction: long ? 2 : 1, by: "MarkPrice" },
    reduceOnly: true,
    closeOnTrigger: true,
  };
}

function exitTicket(position: PositionRow, attempts: number): OrderTicket {
  const side = closingSide(position);
  return {
    orderLinkId: exitLinkId(idBase(position), { side, generation: attempts }),
    side,
    contracts: usdContracts(0),
    orderType: "Market",
    price: null,
    timeInForce: "IOC",
    trigger: null,
    reduceOnly: true,
    closeOnTrigger: true,
  };
}
