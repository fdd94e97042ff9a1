import { Orchestrator } from "../application/engine/orchestrator.ts";
import type { Guarded } from "../application/guardian/guardian.ts";
import type { JournalPort, Platform, Sinks, VenueLink } from "../application/engine/ports.ts";
import { entryStillValid, initialBot } from "../application/transition/mod.ts";
import type { Event, EventOf, Refusal, Vitals } from "../domain/events.ts";
import type { Intent, IntentOf } from "../domain/intent.ts";
import type { Config } from "../domain/limits.ts";
import { createBybitAdapter } from "../infrastructure/exchange/bybit/bybit_adapter.ts";
import type { CallsBefore } from "../infrastructure/exchange/bybit/rate_limiter.ts";
import { ADDRESS_BANNED } from "../infrastructure/exchange/bybit/classify.ts";
import { REST_URL, WS_URL } from "../infrastructure/exchange/bybit/venue_words.ts";
import { type Journal, openJournal } from "../infrastructure/storage/journal/journal.ts";
import { forgetDamage } from "../infrastructure/storage/journal/mend.ts";
import type { Packer } from "../infrastructure/storage/journal/retention.ts";
import type { BuildFacts } from "../infrastructure/storage/journal/segments.ts";
import type { Remembered } from "./memory.ts";
import { outcomeText } from "./outcome_text.ts";

/** A restart goes on with the account its journal names when the venue has not said who we are by then (F-12.6). */
const WHO_AM_I_WAIT_MS = 2_000;
const WHO_AM_I_RETRY_MS = 2_000;
/** Clock, key, the venue's picture and the reads of the checks (F-12.6). */
const CALLS_OF_A_START = 20;

export type BotProcessOptions = {
  readonly platform: Platform;
  readonly config: Config;
  readonly build: BuildFacts;
  readonly dataDir: string;
  /** What the data directory held (`remember`); read once a start. */
  readonly remembered: Remembered;
  readonly key: string;
  readonly secret: string;
  readonly observe: boolean;
  /** Packs old journal days; null leaves them. */
  readonly pack: Packer | null;
  readonly wireLog: ((line: string) => void) | null;
  readonly sinks: (journal: Journal) => Sinks;
  /** The process cannot start; one line for the operator, nothing was changed at the venue. */
  readonly onRefused: (line: string) => void;
  /** The venue has not said which account the key belongs to, and why; it is asked again. */
  readonly onUnknown?: (why: string) => void;
  readonly afterStep: (event: Event, state: Guarded) => void;
  /** Told of every record right after it was written; a simulation's observer reads the journal this way. */
  readonly onJournaled?: (
    line: { readonly seq: number; readonly event: Event; readonly intents: readonly Intent[] },
  ) => void;
};

export type BotProcess = {
  /** null until the account is known. */
  state(): Guarded | null;
  submit(event: Event): void;
  serverNow(): Event["at"];
  /** What the link measures now; the core sees it at its next tick. */
  vitals(): Vitals;
  journal(): Journal | null;
  /** Stops ticking, abandons the sockets and closes the journal. Decides nothing about orders. */
  stop(): void;
};

/** The bot on one platform: memory, then who we are, then the core's own boot (F-12.6). The caller holds the lock. */
export function startBot(options: BotProcessOptions): BotProcess {
  const process = new Process(options);
  process.start();
  return process;
}

class Process implements BotProcess {
  readonly #options: BotProcessOptions;
  readonly #remembered: Remembered;
  readonly #link: VenueLink;
  /** What came before the account was known. */
  readonly #early: Event[] = [];
  #running: Running | null = null;
  #stopped = false;
  /** The key's account is not the journal's: nothing runs, also not on what the journal names. */
  #refused = false;

  constructor(options: BotProcessOptions) {
    this.#options = options;
    this.#remembered = options.remembered;
    const { platform, key, secret, config, wireLog } = options;
    this.#link = createBybitAdapter({
      platform,
      key,
      secret,
      restUrl: REST_URL,
      wsUrl: WS_URL,
      config,
      emit: (event) => this.submit(event),
      recheckEntry: (intent) => this.#recheck(intent),
      onMarket: () => this.#running?.orchestrator.marketPending(),
      ...callsBefore(this.#remembered.state, platform.clock.wallNow()),
      ...(wireLog === null ? {} : { wireLog }),
    });
  }

  start(): void {
    this.#link.connect(() => {
      this.#link.send({ kind: "QueryKey" });
      const known = this.#remembered.accountUid;
      if (known !== null) this.#options.platform.clock.after(WHO_AM_I_WAIT_MS, () => this.#run(known));
    });
  }

  state(): Guarded | null {
    return this.#running?.orchestrator.state() ?? null;
  }

  submit(event: Event): void {
    if (this.#stopped) return;
    if (this.#running !== null) return this.#running.orchestrator.submit(event);
    if (event.kind === "KeyAnswer") return this.#onWhoAmI(event);
    this.#early.push(event);
  }

  serverNow(): Event["at"] {
    return this.#link.serverNow();
  }

  vitals(): Vitals {
    return this.#link.vitals();
  }

  journal(): Journal | null {
    return this.#running?.journal ?? null;
  }

  stop(): void {
    this.#stopped = true;
    this.#running?.orchestrator.stop();
    this.#link.close();
    this.#running?.journal.close();
  }

  /** F-10.9: asked by the link at the moment an entry would leave. */
  #recheck(intent: IntentOf<"PlaceEntry">): string | null {
    if (this.#running === null) return "not_running";
    const { bot } = this.#running.orchestrator.state();
    return entryStillValid(bot, { ticket: intent.ticket, now: this.#link.serverNow() });
  }

  #onWhoAmI(event: EventOf<"KeyAnswer">): void {
    if (event.result.kind === "key") return this.#run(event.result.uid);
    const { outcome } = event.result;
    if (outcome.kind === "refused" && this.#isFinal(outcome.refusal)) {
      const { code, message } = outcome.refusal;
      const open = this.#remembered.openLine === null ? "" : `. ${this.#remembered.openLine}`;
      return this.#options.onRefused(`The venue refuses the API key (${code}): ${message}${open}`);
    }
    // The ban may have come as answer to another call (F-7.14).
    const banned = outcome.kind === "notSent" && outcome.reason === "ip_banned";
    this.#options.onUnknown?.(banned ? ADDRESS_BANNED : outcomeText(outcome));
    this.#options.platform.clock.after(WHO_AM_I_RETRY_MS, () => {
      if (this.#running === null && !this.#stopped) this.#link.send({ kind: "QueryKey" });
    });
  }

  /** Asking again would not help. A restart with an account in its journal goes on for what it left open. */
  #isFinal({ cause }: Refusal): boolean {
    return cause === "credentials" || (cause === "permission" && this.#remembered.accountUid === null);
  }

  #run(accountUid: string): void {
    if (this.#running !== null || this.#stopped || this.#refused) return;
    const { dataDir, onRefused } = this.#options;
    const owner = this.#remembered.accountUid;
    if (owner !== null && owner !== accountUid) {
      const why = `its journal belongs to account ${owner}: the key's account is ${accountUid}`;
      this.#refused = true;
      return onRefused(`Cannot use ${dataDir} with this key as ${why}`);
    }
    this.#running = assemble(this.#options, { remembered: this.#remembered, accountUid, link: this.#link });
    this.#running.orchestrator.boot();
    this.#recorded(this.#running.journal);
    for (const event of this.#early.splice(0)) this.#running.orchestrator.submit(event);
  }

  /** The start is on record, and with it the HALT that a damaged journal demands: what was kept for it may go. */
  #recorded(journal: Journal): void {
    const { platform, dataDir } = this.#options;
    if (this.#remembered.damaged === null) return;
    journal.whenDurable(journal.lastSeq(), { atMostMs: null }, (durable) => {
      if (!durable) return;
      try {
        forgetDamage(platform.files, dataDir);
      } catch {
        // It stays, and the next start halts once more: said twice is better than lost.
      }
    });
  }
}

/**
 * The pace of the process before this one (F-7.10, F-7.14): its last measure, or a start's worth when it died before its
 * first tick. What it called after that measure, a few seconds at most, is not known.
 */
function callsBefore(state: Guarded | null, wallNow: number): { readonly before?: CallsBefore } {
  if (state === null) return {};
  const { now, vitals, blocks } = state.bot;
  const bannedUntil = blocks.find((block) => block.reason === "ip_banned")?.until ?? 0;
  return {
    before: {
      calls: vitals?.restCalls60s ?? CALLS_OF_A_START,
      protective: vitals?.restProtectiveCalls60s ?? 0,
      agoMs: Math.max(0, wallNow - now),
      bannedForMs: Math.max(0, bannedUntil - wallNow),
    },
  };
}

type Running = { readonly orchestrator: Orchestrator; readonly journal: Journal };

function assemble(
  options: BotProcessOptions,
  known: { readonly remembered: Remembered; readonly accountUid: string; readonly link: VenueLink },
): Running {
  const { remembered, accountUid, link } = known;
  const initial: Guarded = remembered.state ??
    { bot: initialBot({ config: options.config, accountUid }), guardian: null };
  const journal = openJournal({
    files: options.platform.files,
    clock: options.platform.clock,
    dataDir: options.dataDir,
    facts: { accountUid, symbol: options.config.symbol, config: options.config },
    build: options.build,
    state: initial,
    resume: remembered.resume,
    onHealth: (health) =>
      orchestrator.submit({
        kind: "JournalHealth",
        at: link.serverNow(),
        state: health.state,
        detail: health.detail,
      }),
    retentionDays: options.config.runtime.journal_retention_days,
    pack: options.pack,
  });
  const orchestrator = new Orchestrator({
    clock: options.platform.clock,
    initial,
    journal: told(journal, options.onJournaled),
    sinks: options.sinks(journal),
    observe: options.observe,
    accountUid,
    restart: remembered.state !== null,
    upgraded: remembered.upgraded,
    damaged: remembered.damaged,
    link: withJournalLag(link, journal),
    afterStep: options.afterStep,
  });
  return { orchestrator, journal };
}

/** The link's vitals, with how late the journal is (P-14). */
function withJournalLag(link: VenueLink, journal: Journal): VenueLink {
  return {
    send: (intent) => link.send(intent),
    connect: (done) => link.connect(done),
    vitals: () => ({ ...link.vitals(), journalLagMs: journal.lagMs() }),
    takeMarket: () => link.takeMarket(),
    serverNow: () => link.serverNow(),
    close: () => link.close(),
  };
}

function told(journal: Journal, onJournaled: BotProcessOptions["onJournaled"]): JournalPort {
  if (onJournaled === undefined) return journal;
  return {
    append(event, intents, step) {
      const written = journal.append(event, intents, step);
      onJournaled({ seq: written.seq, event, intents });
      return written;
    },
    whenDurable: (seq, wait, act) => journal.whenDurable(seq, wait, act),
  };
}
