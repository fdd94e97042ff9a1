import type { Event } from "../../domain/events.ts";
import type { Intent, IntentOf } from "../../domain/intent.ts";
import type { EpochMs } from "../../domain/units.ts";
import type { ExchangePort, JournalPort, Sinks } from "./ports.ts";

/** Longest wait of a protective request for durability before it is sent anyway (F-10.7). */
const PROTECTIVE_WAIT_MS = 250;

export type OrderExecutorOptions = {
  readonly exchange: ExchangePort;
  readonly journal: JournalPort;
  readonly sinks: Sinks;
  readonly submit: (event: Event) => void;
  readonly now: () => EpochMs;
  /** F-13.7: nothing that is an order leaves. */
  readonly observe: boolean;
};

type Entry = IntentOf<"PlaceEntry">;
type Protective = IntentOf<"PlaceStop" | "PlaceTarget" | "PlaceExit" | "AmendStop" | "CancelOrder" | "SetLeverage">;

/** Carries intents out, in the order given. Journal first, then the wire (law 4). */
export class OrderExecutor {
  readonly #options: OrderExecutorOptions;
  /** Entries waiting for durability; a cancel takes them out before they leave (F-10.9). */
  readonly #waiting = new Set<string>();

  constructor(options: OrderExecutorOptions) {
    this.#options = options;
  }

  run(seq: number, intents: readonly Intent[]): void {
    for (const intent of intents) this.#runOne(seq, intent);
  }

  #runOne(seq: number, intent: Intent): void {
    const { sinks, exchange, now } = this.#options;
    switch (intent.kind) {
      case "PlaceEntry":
        return this.#sendEntry(seq, intent);
      case "PlaceStop":
      case "PlaceTarget":
      case "PlaceExit":
      case "AmendStop":
      case "CancelOrder":
      case "SetLeverage":
        return this.#sendProtective(seq, intent);
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

  #sendEntry(seq: number, intent: Entry): void {
    if (this.#options.observe) return this.#keepBack(intent);
    const id = intent.ticket.orderLinkId;
    this.#waiting.add(id);
    this.#options.journal.whenDurable(seq, { atMostMs: null }, (durable) => {
      if (!this.#waiting.delete(id)) return;
      if (durable) this.#options.exchange.send(intent);
      else this.#notSent(intent, "journal_unavailable");
    });
  }

  #sendProtective(seq: number, intent: Protective): void {
    const { journal, exchange, submit, now, observe } = this.#options;
    if (observe) return this.#keepBack(intent);
    if (intent.kind === "CancelOrder" && this.#waiting.delete(intent.orderLinkId)) {
      submit(placeNotSent(intent.orderLinkId, { at: now(), reason: "cancelled_before_sending" }));
      return this.#notSent(intent, "create_never_left");
    }
    journal.whenDurable(seq, { atMostMs: PROTECTIVE_WAIT_MS }, (durable) => {
      if (!durable) this.#warnUnjournaled(seq, intent);
      exchange.send(intent);
    });
  }

  #warnUnjournaled(seq: number, intent: Protective): void {
    const text = `${intent.kind} sent before record ${seq} was durable`;
    const { sinks, now } = this.#options;
    sinks.alert({ kind: "Alert", severity: "warning", code: "unjournaled_protection", text }, now());
  }

  #keepBack(intent: Entry | Protective): void {
    this.#options.sinks.observed(intent);
    this.#notSent(intent, "observe_mode");
  }

  #notSent(intent: Entry | Protective, reason: string): void {
    const at = this.#options.now();
    const outcome = { kind: "notSent", reason } as const;
    switch (intent.kind) {
      case "SetLeverage":
        return this.#options.submit({ kind: "LeverageAnswer", at, leverageE2: intent.leverageE2, outcome });
      case "AmendStop":
        return this.#options.submit({
          kind: "AmendAnswer",
          at,
          askedAt: at,
          orderLinkId: intent.orderLinkId,
          outcome,
        });
      case "CancelOrder":
        return this.#options.submit({
          kind: "CancelAnswer",
          at,
          askedAt: at,
          orderLinkId: intent.orderLinkId,
          outcome,
        });
      default:
        return this.#options.submit(placeNotSent(intent.ticket.orderLinkId, { at, reason }));
    }
  }
}

function placeNotSent(orderLinkId: string, of: { readonly at: EpochMs; readonly reason: string }): Event {
  const { at, reason } = of;
  return { kind: "PlaceAnswer", at, askedAt: at, orderLinkId, orderId: null, outcome: { kind: "notSent", reason } };
}
