import type { Event } from "../../domain/events.ts";
import type { Intent, IntentOf } from "../../domain/intent.ts";
import type { EpochMs } from "../../domain/units.ts";
import type { ExchangePort, JournalPort, Sinks } from "./ports.ts";

/** Longest wait of a protective request for durability before it is sent anyway (F-10.7). */
const PROTECTIVE_WAIT_MS = 250;

export type OrderExecutor = { run(seq: number, intents: readonly Intent[]): void };

export type OrderExecutorOptions = {
  readonly exchange: ExchangePort;
  readonly journal: JournalPort;
  readonly sinks: Sinks;
  readonly submit: (event: Event) => void;
  readonly now: () => EpochMs;
  /** F-13.7: nothing that is an order leaves. */
  readonly observe: boolean;
};

type OrderIntent = IntentOf<
  "PlaceEntry" | "PlaceStop" | "PlaceTarget" | "PlaceExit" | "AmendStop" | "CancelOrder" | "SetLeverage"
>;

/** Carries intents out, in the order given. Journal first, then the wire (law 4). */
export function createOrderExecutor(options: OrderExecutorOptions): OrderExecutor {
  const { exchange, journal, sinks, submit, now } = options;
  /** Entries waiting for durability; a cancel takes them out before they leave (F-10.9). */
  const waiting = new Set<string>();

  function notSent(intent: OrderIntent, reason: string): void {
    const at = now();
    const outcome = { kind: "notSent", reason } as const;
    switch (intent.kind) {
      case "SetLeverage":
        return submit({ kind: "LeverageAnswer", at, leverageE2: intent.leverageE2, outcome });
      case "AmendStop":
        return submit({ kind: "AmendAnswer", at, askedAt: at, orderLinkId: intent.orderLinkId, outcome });
      case "CancelOrder":
        return submit({ kind: "CancelAnswer", at, askedAt: at, orderLinkId: intent.orderLinkId, outcome });
      default:
        return submit({
          kind: "PlaceAnswer",
          at,
          askedAt: at,
          orderLinkId: intent.ticket.orderLinkId,
          orderId: null,
          outcome,
        });
    }
  }

  function sendEntry(seq: number, intent: IntentOf<"PlaceEntry">): void {
    const id = intent.ticket.orderLinkId;
    waiting.add(id);
    journal.whenDurable(seq, { atMostMs: null }, (durable) => {
      if (!waiting.delete(id)) return;
      if (durable) exchange.send(intent);
      else notSent(intent, "journal_unavailable");
    });
  }

  function sendProtective(seq: number, intent: OrderIntent): void {
    if (intent.kind === "CancelOrder" && waiting.delete(intent.orderLinkId)) {
      submit({
        kind: "PlaceAnswer",
        at: now(),
        askedAt: now(),
        orderLinkId: intent.orderLinkId,
        orderId: null,
        outcome: { kind: "notSent", reason: "cancelled_before_sending" },
      });
      return notSent(intent, "create_never_left");
    }
    journal.whenDurable(seq, { atMostMs: PROTECTIVE_WAIT_MS }, (durable) => {
      if (!durable) {
        sinks.alert({
          kind: "Alert",
          severity: "warning",
          code: "unjournaled_protection",
          text: `${intent.kind} sent before record ${seq} was durable`,
        }, now());
      }
      exchange.send(intent);
    });
  }

  function runOne(seq: number, intent: Intent): void {
    switch (intent.kind) {
      case "PlaceEntry":
        if (options.observe) return keepBack(intent);
        return sendEntry(seq, intent);
      case "PlaceStop":
      case "PlaceTarget":
      case "PlaceExit":
      case "AmendStop":
      case "CancelOrder":
      case "SetLeverage":
        if (options.observe) return keepBack(intent);
        return sendProtective(seq, intent);
      case "Alert":
        return sinks.alert(intent, now());
      case "Record":
        return sinks.record(intent.record, seq);
      case "Answer":
        return sinks.answer(intent);
      case "ReportCheck":
        return sinks.check(intent);
      case "RefuseStart":
        return sinks.refuseStart(intent);
      default:
        return exchange.send(intent);
    }
  }

  function keepBack(intent: OrderIntent): void {
    sinks.observed(intent);
    notSent(intent, "observe_mode");
  }

  return {
    run(seq, intents) {
      for (const intent of intents) runOne(seq, intent);
    },
  };
}
