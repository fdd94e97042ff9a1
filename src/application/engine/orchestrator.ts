import type { Event, Vitals } from "../../domain/events.ts";
import { durationMs, epochMs } from "../../domain/units.ts";
import { tickPeriodMs } from "../transition/mod.ts";
import { DueTime } from "./due_time.ts";
import { createEventRouter, type EventRouter } from "./event_router.ts";
import { type Guarded, guardedStep } from "../guardian/guardian.ts";
import { OrderExecutor } from "./order_executor.ts";
import type { ClockSeam, JournalPort, Sinks, TimerId, VenueLink } from "./ports.ts";
import { createTickEngine, type TickEngine } from "./tick_engine.ts";

/** A tick later than this after its due moment means the process stood still (F-3.5). */
const TIME_GAP_MS = 10_000;
/** Deadlines closer together than this are served by one tick. */
const MIN_TICK_SPACING_MS = 50;

export type OrchestratorOptions = {
  readonly clock: ClockSeam;
  readonly initial: Guarded;
  readonly journal: JournalPort;
  readonly sinks: Sinks;
  readonly observe: boolean;
  readonly accountUid: string;
  readonly restart: boolean;
  readonly upgraded: boolean;
  /** Where the journal was broken and cut; null = it was whole (F-11.6). */
  readonly damaged?: string | null;
  /** The venue link, connected or connecting; its inbox is `submit`, its market signal `marketPending`. */
  readonly link: VenueLink;
  /** Called after every step; for status files and progress, never for decisions. */
  readonly afterStep: (event: Event, state: Guarded) => void;
};

/** What asks for a tick by itself. An answer does not: what it changes with time is a deadline of the core (F-3.2). */
function isNews(event: Event): boolean {
  return event.kind !== "Tick" && event.kind !== "OrderLookup" && !event.kind.endsWith("Answer");
}

/** Wires router, engine, executor and link together and drives ticks. It only calls; it decides nothing (F-3.4). */
export class Orchestrator {
  readonly #options: OrchestratorOptions;
  readonly #engine: TickEngine;
  readonly #router: EventRouter;
  readonly #dueTime = new DueTime();
  #timer: TimerId | null = null;
  #lastTickAt = 0;
  #dueAt = 0;
  #newInput = false;
  #stopped = false;

  constructor(options: OrchestratorOptions) {
    this.#options = options;
    const { link, journal, sinks, observe, initial } = options;
    const submit = (event: Event): void => this.submit(event);
    const now = () => link.serverNow();
    const executor = new OrderExecutor({ exchange: link, journal, sinks, submit, now, observe });
    this.#engine = createTickEngine({
      initial,
      step: guardedStep,
      journal,
      run: (seq, intents) => executor.run(seq, intents),
    });
    this.#router = createEventRouter({
      startAt: epochMs(initial.bot.now),
      queueMax: initial.bot.config.runtime.ws_queue_max,
      handle: (event) => this.#handle(event),
    });
  }

  /** The first event; the link must have synced its clock. */
  boot(): void {
    const { accountUid, restart, upgraded, damaged, link } = this.#options;
    const cut = damaged === undefined || damaged === null ? {} : { damaged };
    this.submit({ kind: "Boot", at: link.serverNow(), accountUid, restart, upgraded, ...cut });
  }

  /** The one way in: venue, operator, kill switch, journal health, shutdown. */
  submit(event: Event): void {
    if (this.#stopped) return;
    this.#router.submit(event);
    this.#schedule();
  }

  /** The link holds a new observation of the market. */
  marketPending(): void {
    this.#newInput = true;
    this.#schedule();
  }

  state(): Guarded {
    return this.#engine.state();
  }

  /** Stops ticking; link and journal are the caller's to close. */
  stop(): void {
    this.#stopped = true;
    if (this.#timer !== null) this.#options.clock.cancel(this.#timer);
    this.#timer = null;
  }

  #handle(event: Event): void {
    if (this.#stopped) return;
    this.#engine.handle(event);
    this.#newInput ||= isNews(event);
    this.#options.afterStep(event, this.#engine.state());
  }

  /** What came in wants its tick one period after the last; Infinity when nothing did (F-3.2). */
  #inputDue(): number {
    return this.#newInput ? this.#lastTickAt + tickPeriodMs(this.#engine.state().bot) : Infinity;
  }

  /** Next tick: for what came in, or because the core or the guardian asked (F-3.2). */
  #nextDue(vitals?: Vitals): number {
    const wanted = Math.min(this.#dueTime.of(this.#engine.state(), vitals), this.#inputDue());
    return Math.max(wanted, this.#lastTickAt + MIN_TICK_SPACING_MS);
  }

  /** Keeps one timer, never later than the next due moment; an early one looks again. */
  #schedule(wanted = this.#nextDue()): void {
    if (this.#stopped) return;
    const { clock, link } = this.#options;
    if (wanted === Infinity || (this.#timer !== null && wanted >= this.#dueAt)) return;
    if (this.#timer !== null) clock.cancel(this.#timer);
    // What is due already is due now: only waiting for a timer can be a gap.
    const now = link.serverNow();
    this.#dueAt = Math.max(wanted, now);
    this.#timer = clock.after(this.#dueAt - now, this.#onTimer);
  }

  readonly #onTimer = (): void => {
    this.#timer = null;
    const { link } = this.#options;
    const at = link.serverNow();
    const late = at - this.#dueAt;
    if (late > TIME_GAP_MS) this.#router.submit({ kind: "TimeGap", at, gap: durationMs(late) });
    const vitals = link.vitals();
    // The core knows the frames of the last tick. Those heard since may have moved what is due: then nothing is.
    const due = this.#inputDue() <= at ? at : this.#nextDue(vitals);
    if (due > at) return this.#schedule(due);
    const seen = link.takeMarket();
    if (seen !== null) this.#router.submit({ kind: "Market", at, seen });
    this.#router.submit({ kind: "Tick", at, vitals });
    this.#lastTickAt = Math.max(at, this.#router.lastAt());
    this.#newInput = false;
    this.#schedule();
  };
}
