import type { FileSeam, Platform, Sinks } from "../../application/engine/ports.ts";
import { type MetricsState, winratePct } from "../../application/policy/risk/metrics_tracker.ts";
import { floorUsd } from "../../application/policy/risk/goal.ts";
import { equityOf } from "../../application/transition/ledger/money.ts";
import { publicWord } from "../../application/transition/mod.ts";
import type { Remembered } from "../memory.ts";
import type { Intent, IntentOf } from "../../domain/intent.ts";
import type { Bot } from "../../domain/state.ts";
import { epochMs } from "../../domain/units.ts";
import { aboutOf, type AlertFacts } from "../../infrastructure/logging/alert_line.ts";
import { type AlertOutbox, openAlerts, recentAlerts } from "../../infrastructure/logging/alerts.ts";
import { type AuditFacts, auditOf, openAuditLog } from "../../infrastructure/logging/audit_log.ts";
import type { Log } from "../../infrastructure/logging/log.ts";
import type { Redactor } from "../../infrastructure/logging/redactor.ts";
import type { Journal } from "../../infrastructure/storage/journal/journal.ts";
import { TradeLog } from "../../infrastructure/storage/trades/trade_log.ts";

import { type News, recordNews, TradeNews } from "./trade_news.ts";

export type LiveSinksOptions = {
  readonly platform: Pick<Platform, "files" | "clock">;
  readonly dataDir: string;
  readonly redactor: Redactor;
  readonly log: Log;
  readonly configHash: string;
  readonly version: string;
  readonly commit: string;
  readonly bot: () => Bot | null;
  /** Months of alerts kept besides the running one. */
  readonly alertsKeepMonths: number;
  /** The plain words of an alert. */
  readonly alertWords: (alert: AlertMatter) => AlertWords;
  readonly onRefused: (line: string) => void;
  readonly onAnswer: (answer: IntentOf<"Answer">) => void;
  /** A line for the person at the terminal. */
  readonly say: (line: string) => void;
  readonly stderr: (line: string) => void;
};

/** What an alert is about, and how it is told. */
export type AlertMatter = Pick<AlertFacts, "severity" | "code" | "reason" | "context">;
export type AlertWords = Pick<AlertFacts, "sentence" | "steps">;

export type LiveSinks = {
  /** Built when the journal is open. */
  readonly sinks: (journal: Journal) => Sinks;
  /** Records that a crash kept from the trade log. */
  readonly remembered: (records: Remembered["records"]) => void;
  /** An alert of the program itself, about what the core does not see. */
  readonly raise: (alert: Omit<IntentOf<"Alert">, "kind">) => void;
  /** To be called after each step: trades and days that begin or end are told. */
  readonly step: (bot: Bot) => void;
  readonly close: () => void;
};

/** What an alert says about the moment (F-13.4). A state that cannot be told must not swallow the alert. */
function contextOf(bot: Bot | null): Readonly<Record<string, unknown>> {
  try {
    return bot === null ? {} : momentOf(bot);
  } catch {
    return {};
  }
}

function momentOf(bot: Bot): Readonly<Record<string, unknown>> {
  const position = bot.phase.kind === "position" || bot.phase.kind === "exit" ? bot.phase.position : null;
  return {
    word: publicWord(bot),
    phase: bot.phase.kind,
    halt: bot.halt?.reason ?? null,
    blocks: bot.blocks.map((block) => block.reason),
    direction: position?.direction ?? null,
    contracts: position?.contracts ?? 0,
    entry_usd: position === null ? null : position.entryPrice / 100,
    stop: position?.stopStatus ?? null,
    stop_usd: position === null ? null : position.stop.wantedTrigger / 100,
    uncovered_since_ms: position?.uncoveredSince ?? null,
    closing: position?.closing?.reason ?? null,
    last_usd: bot.market.seen.last === null ? null : bot.market.seen.last / 100,
    equity_usd: equityDollars(bot),
    floor_usd: floorUsd(bot.goal, bot.config.goal),
  };
}

function equityDollars(bot: Bot): number | null {
  const { usd } = equityOf(bot);
  return usd === null ? null : usd / 1_000_000;
}

/** Text for LogTape as it is: braces would name properties. */
export function literal(text: string): string {
  return text.replaceAll("{", "{{").replaceAll("}", "}}");
}

/** The order that observe mode kept back, in one line (F-13.7). */
export function observedLine(intent: Intent): string {
  if (!("ticket" in intent)) return `observe: kept back ${JSON.stringify(intent)}`;
  const { side, contracts, orderType, price, trigger, orderLinkId } = intent.ticket;
  const at = price === null ? "" : ` at ${price / 100}`;
  const when = trigger === null ? "" : ` when ${trigger.by} passes ${trigger.price / 100}`;
  const what = contracts === 0 ? "everything" : `${contracts} contracts`;
  return `observe: kept back ${intent.kind} ${side} ${what} ${orderType}${at}${when} (${orderLinkId})`;
}

/** Alerts, trade log, audit log and the operator's answers of a live bot. None of them throws into the engine. */
export function createLiveSinks(options: LiveSinksOptions): LiveSinks {
  const { platform, dataDir } = options;
  const { files, clock } = platform;
  const core = options.log.logger("core");
  let waiting: Remembered["records"] = [];
  const news = new TradeNews();
  let tell: (news: News) => void = () => undefined;
  const open: { close(): unknown }[] = [];
  let raiseOwn: (news: Omit<News, "facts">) => void = ({ severity, text }) => options.say(`${severity}: ${text}`);
  return {
    remembered(records) {
      waiting = records;
    },
    sinks(journal) {
      const alerts = openOutbox(options, journal);
      const raise = (news: Omit<News, "facts">, facts?: News["facts"]): void => {
        const { at, severity, code, text } = news;
        const context = { ...contextOf(options.bot()), ...(facts === undefined ? {} : { about: facts }) };
        const matter = { severity, code, reason: text, context };
        const words = options.alertWords(matter);
        alerts.raise({ at, ...matter, ...words });
        if (severity !== "critical") options.say(`${severity}: ${words.sentence}`); // a critical one is on stderr
      };
      const keep = keepRecords(options, { journal, waiting });
      for (const one of untold(waiting, { files, dataDir, now: clock.wallNow() })) raise(one, one.facts);
      waiting = [];
      raiseOwn = raise;
      open.push(alerts, keep);
      tell = (news) => raise(news, news.facts);
      return {
        alert: (intent, at) => raise({ ...intent, at }),
        record(record, seq) {
          keep.record(record, seq);
          const news = recordNews(record, options.bot()?.now ?? clock.wallNow());
          if (news !== null) raise(news, news.facts);
        },
        answer: options.onAnswer,
        check(intent) {
          core.info(literal(`check ${intent.check} ${intent.ok ? "ok" : "FAILED"}: ${intent.line}`));
          options.say(`check ${intent.check}: ${intent.ok ? "ok" : "FAILED"} ${intent.line}`);
        },
        refuseStart: (intent) => options.onRefused(`${intent.check}: ${intent.line}`),
        observed(intent) {
          core.info(literal(observedLine(intent)));
          options.say(observedLine(intent));
        },
      };
    },
    raise: (alert) => raiseOwn({ ...alert, at: epochMs(clock.wallNow()) }),
    step(bot) {
      for (const one of news.step(bot)) tell(one);
    },
    close() {
      for (const one of open.splice(0)) one.close();
    },
  };
}

/** The ends of trades that a crash kept from the outbox: it may have come between a trade's record and its alert. */
function untold(
  waiting: Remembered["records"],
  { files, dataDir, now }: { readonly files: FileSeam; readonly dataDir: string; readonly now: number },
): readonly News[] {
  const told = toldTrades(files, { dataDir, now });
  const news = waiting.map(({ record }) => recordNews(record, now));
  return news.filter((one) => one !== null).filter((one) => !told.has(one.facts["trade_id"]));
}

function openOutbox(options: LiveSinksOptions, journal: Journal): AlertOutbox {
  const { dataDir, redactor, stderr, alertsKeepMonths } = options;
  const { files, clock } = options.platform;
  return openAlerts({
    ...{ files, clock, dataDir, redactor, stderr },
    keepMonths: alertsKeepMonths,
    journalHead: () => journal.head(),
  });
}

/** Trades whose end is in the outbox already. */
function toldTrades(files: FileSeam, place: { readonly dataDir: string; readonly now: number }): ReadonlySet<unknown> {
  const alerts = recentAlerts(files, place).filter((alert) => alert.code === "trade_closed");
  return new Set(alerts.map((alert) => aboutOf(alert)["trade_id"]));
}

/** What the gates of P-9 judge by, as it is after the step; a process begins with one such line (P-13). */
function metricsAudit({ now, metrics }: Bot, seq: number): AuditFacts {
  return {
    kind: "metrics",
    at: now,
    journal_seq: seq,
    closed: metrics.closed,
    winrate_pct: winratePct(metrics),
    streak: metrics.streak,
    multiplier: metrics.streakMultiplier,
  };
}

/** Trade log, audit log and the line per change; records a crash kept from the trade log are written first. */
function keepRecords(
  options: LiveSinksOptions,
  known: { readonly journal: Journal; readonly waiting: Remembered["records"] },
): { readonly record: Sinks["record"]; readonly close: () => void } {
  const { dataDir, redactor, stderr } = options;
  const { files, clock } = options.platform;
  const core = options.log.logger("core");
  const trades = new TradeLog({
    files,
    clock,
    dataDir,
    configHash: options.configHash,
    gitCommit: options.commit,
    appVersion: options.version,
    serverOffsetMs: () => Math.round(options.bot()?.vitals?.clockSkewMs ?? 0),
    onDefect: (message) => core.error(literal(message)),
    onHealth: (health) => {
      if (health.state === "failed") stderr(`Cannot write the trade log: ${health.detail}`);
    },
  });
  const onDefect = (message: string) => core.error(literal(message));
  const audit = openAuditLog({ files, clock, dataDir, redactor, onDefect, onTrouble: stderr });
  trades.catchUp(known.waiting);
  let metrics: MetricsState | null = null;
  return {
    record(record, seq) {
      trades.write(record, seq);
      const facts = auditOf(record, seq);
      if (facts !== null) audit.write(facts);
      const bot = options.bot();
      if (bot !== null && bot.metrics !== metrics) {
        metrics = bot.metrics;
        audit.write(metricsAudit(bot, seq));
      }
      if (record.type === "change") {
        const { wordBefore, wordAfter, cause } = record;
        core.info(literal(`${wordBefore} → ${wordAfter}: ${cause}`), { journal_head: known.journal.head(), seq });
      }
    },
    close() {
      trades.close();
      audit.close();
    },
  };
}
