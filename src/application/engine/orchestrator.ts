import type { Event } from "../../domain/events.ts";
import { durationMs, type EpochMs, epochMs } from "../../domain/units.ts";
import { nextDeadline, tickPeriodMs } from "../transition/mod.ts";
import { createEventRouter } from "./event_router.ts";
import { type Guarded, guardedStep, guardianDeadline } from "./guardian.ts";
import { createOrderExecutor } from "./order_executor.ts";
import type { ClockSeam, JournalPort, Sinks, TimerId, VenueLink } from "./ports.ts";
import { createTickEngine } from "./tick_engine.ts";

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
  /** The venue link, connected or connecting; its inbox is `submit`, its market signal `marketPending`. */
  readonly link: VenueLink;
  /** Called after every step; for status files and progress, never for decisions. */
  readonly afterStep: (event: Event, state: Guarded) => void;
};

export type Orchestrator = {
  /** The first event; the link must have synced its clock. */
  boot(): void;
  /** The link holds a new observation of the market. */
  marketPending(): void;
  /** The one way in: venue, operator, kill switch, journal health, shutdown. */
  submit(event: Event): void;
  state(): Guarded;
  /** Stops ticking; link and journal are the caller's to close. */
  stop(): void;
};

/** What asks for a tick by itself. An answer does not: what it changes with time is a deadline of the core (F-3.2). */
function isNews(event: Event): boolean {
  return event.kind !== "Tick" && event.kind !== "OrderLookup" && !event.kind.endsWith("Answer");
}

/** Wires router, engine, executor and link together and drives ticks. It only calls; it decides nothing (F-3.4). */
export function createOrchestrator(options: OrchestratorOptions): Orchestrator {
  const { clock, link } = options;
  let timer: TimerId | null = null;
  let lastTickAt = 0;
  let newInput = false;
  let dueAt = 0;
  let stopped = false;

  const executor = createOrderExecutor({
    exchange: link,
    journal: options.journal,
    sinks: options.sinks,
    submit: onInput,
    now: () => link.serverNow(),
    observe: options.observe,
  });
  const engine = createTickEngine({
    initial: options.initial,
    step: guardedStep,
    journal: options.journal,
    run: (seq, intents) => executor.run(seq, intents),
  });
  const router = createEventRouter({
    startAt: epochMs(options.initial.bot.now),
    queueMax: options.initial.bot.config.runtime.ws_queue_max,
    handle(event) {
      if (stopped) return;
      engine.handle(event);
      if (isNews(event)) newInput = true;
      options.afterStep(event, engine.state());
    },
  });

  function onInput(event: Event): void {
    if (stopped) return;
    router.submit(event);
    schedule();
  }

  function onMarketPending(): void {
    newInput = true;
    schedule();
  }

  /** Next tick: one period after the last when something came in, else when the core or the guardian asked (F-3.2). */
  function nextDue(): number {
    const { bot, guardian } = engine.state();
    const fromCore = nextDeadline(bot) ?? Infinity;
    const fromGuardian = guardianDeadline(guardian) ?? Infinity;
    const fromInput = newInput ? lastTickAt + tickPeriodMs(bot) : Infinity;
    return Math.max(Math.min(fromCore, fromGuardian, fromInput), lastTickAt + MIN_TICK_SPACING_MS);
  }

  /** Keeps one timer, never later than the next due moment; an early one looks again. */
  function schedule(): void {
    if (stopped) return;
    const due = nextDue();
    if (due === Infinity || (timer !== null && due >= dueAt)) return;
    if (timer !== null) clock.cancel(timer);
    dueAt = due;
    timer = clock.after(Math.max(0, due - link.serverNow()), onTimer);
  }

  function onTimer(): void {
    timer = null;
    const at: EpochMs = link.serverNow();
    if (at - dueAt > TIME_GAP_MS) {
      router.submit({ kind: "TimeGap", at, gap: durationMs(at - dueAt) });
    }
    if (nextDue() > at) return schedule();
    const seen = link.takeMarket();
    if (seen !== null) router.submit({ kind: "Market", at, seen });
    router.submit({ kind: "Tick", at, vitals: link.vitals() });
    lastTickAt = Math.max(at, router.lastAt());
    newInput = false;
    schedule();
  }

  return {
    boot() {
      const { accountUid, restart, upgraded } = options;
      onInput({ kind: "Boot", at: link.serverNow(), accountUid, restart, upgraded });
    },
    marketPending: onMarketPending,
    submit: onInput,
    state: () => engine.state(),
    stop() {
      stopped = true;
      if (timer !== null) clock.cancel(timer);
      timer = null;
    },
  };
}
