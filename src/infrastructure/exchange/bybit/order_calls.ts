import type { ClockSeam } from "../../../application/engine/ports.ts";
import type { Event, Outcome } from "../../../domain/events.ts";
import { type Intent, type IntentOf, isProtective } from "../../../domain/intent.ts";
import type { EpochMs } from "../../../domain/units.ts";
import type { RestClient, RestReply } from "./bybit_rest_client.ts";
import { parseOrderId } from "./parse_rest.ts";
import type { Lane } from "./rate_limiter.ts";
import {
  amendBody,
  cancelBody,
  createBody,
  isLinkId,
  leverageBody,
  type PlaceIntent,
  priceAdjustBody,
} from "./render.ts";
import { ENDPOINTS } from "./venue_words.ts";

/** An entry older than this at the moment of sending is not sent (F-10.9). */
const ENTRY_MAX_AGE_MS = 2_000;
const BAD_ID = "invalid_order_link_id";

export type OrderCallsOptions = {
  readonly rest: RestClient;
  readonly clock: ClockSeam;
  readonly emit: (event: Event) => void;
  readonly recheckEntry: (intent: IntentOf<"PlaceEntry">) => string | null;
};

/** Requests that change something at the venue. Each answers with exactly one event. */
export class OrderCalls {
  readonly #options: OrderCallsOptions;

  constructor(options: OrderCallsOptions) {
    this.#options = options;
  }

  place(intent: PlaceIntent): void {
    const { clock, emit, recheckEntry, rest } = this.#options;
    const { ticket } = intent;
    const { orderLinkId } = ticket;
    const done = ({ askedAt, outcome, result }: RestReply) => {
      const orderId = parseOrderId(result);
      emit({ kind: "PlaceAnswer", at: this.#now(), orderLinkId, askedAt, orderId, outcome });
    };
    if (!isLinkId(orderLinkId)) return done(rest.notSent(BAD_ID));
    const since = clock.monotonicNow();
    const tooOld = () => clock.monotonicNow() - since >= ENTRY_MAX_AGE_MS ? "entry_too_old" : null;
    rest.call({
      endpoint: ENDPOINTS.create,
      payload: createBody(ticket),
      lane: laneOf(intent),
      order: { orderLinkId, act: "create" },
      ...(intent.kind === "PlaceEntry" ? { spaced: true, recheck: () => tooOld() ?? recheckEntry(intent) } : {}),
      done,
    });
  }
  amend(intent: IntentOf<"AmendStop">): void {
    const { emit, rest } = this.#options;
    const { orderLinkId } = intent;
    const done = ({ askedAt, outcome }: RestReply) =>
      emit({ kind: "AmendAnswer", at: this.#now(), orderLinkId, askedAt, outcome });
    if (!isLinkId(orderLinkId)) return done(rest.notSent(BAD_ID));
    rest.call({
      endpoint: ENDPOINTS.amend,
      payload: amendBody(intent),
      lane: laneOf(intent),
      order: { orderLinkId, act: "change" },
      done,
    });
  }
  /** A create that has not left is taken out instead of being cancelled at the venue (F-10.9). */
  cancel(intent: IntentOf<"CancelOrder">): void {
    const { emit, rest } = this.#options;
    const { orderLinkId } = intent;
    const done = ({ askedAt, outcome }: RestReply) =>
      emit({ kind: "CancelAnswer", at: this.#now(), orderLinkId, askedAt, outcome });
    if (!isLinkId(orderLinkId)) return done(rest.notSent(BAD_ID));
    if (rest.withdraw(orderLinkId, "cancelled_before_sending")) return done(rest.notSent("create_never_left"));
    rest.call({
      endpoint: ENDPOINTS.cancel,
      payload: cancelBody(orderLinkId),
      lane: laneOf(intent),
      order: { orderLinkId, act: "change" },
      done,
    });
  }
  setLeverage({ leverageE2 }: IntentOf<"SetLeverage">): void {
    this.#options.rest.call({
      endpoint: ENDPOINTS.leverage,
      payload: leverageBody(leverageE2),
      lane: "other",
      done: ({ outcome }) =>
        this.#options.emit({ kind: "LeverageAnswer", at: this.#now(), leverageE2, outcome: settled(outcome) }),
    });
  }
  turnOffPriceAdjust(): void {
    this.#options.rest.call({
      endpoint: ENDPOINTS.priceAdjust,
      payload: priceAdjustBody(),
      lane: "other",
      done: ({ outcome }) =>
        this.#options.emit({ kind: "PriceAdjustAnswer", at: this.#now(), outcome: settled(outcome) }),
    });
  }

  #now(): EpochMs {
    return this.#options.rest.serverClock.now();
  }
}

/** Lane of an intent's requests (F-7.10). */
export function laneOf(intent: Intent): Lane {
  return isProtective(intent) ? "protective" : "other";
}
/** 110043 and its kin mean the setting already is as wanted (F-12.8, TRAPS 39). */
function settled(outcome: Outcome): Outcome {
  return outcome.kind === "refused" && outcome.refusal.cause === "not_modified" ? { kind: "ok" } : outcome;
}
