import type { Platform, Sinks } from "../../application/engine/ports.ts";
import { type MetricsState, winratePct } from "../../application/policy/risk/metrics_tracker.ts";
import { publicWord } from "../../application/transition/mod.ts";
import type { Remembered } from "../memory.ts";
import type { Intent, IntentOf } from "../../domain/intent.ts";
import type { Bot } from "../../domain/state.ts";
import { type EpochMs, epochMs } from "../../domain/units.ts";
import { type AlertOutbox, openAlerts } from "../../infrastructure/logging/alerts.ts";
import { type AuditFacts, auditOf, openAuditLog } from "../../infrastructure/logging/audit_log.ts";
import type { Log } from "../../infrastructure/logging/log.ts";
import type { Redactor } from "../../infrastructure/logging/redactor.ts";
import type { Journal } from "../../infrastructure/storage/journal/journal.ts";
import { TradeLog } from "../../infrastructure/storage/trades/trade_log.ts";

export type LiveSinksOptions = {
  readonly platform: Platform;
  readonly dataDir: string;
  readonly redactor: Redactor;
  readonly log: Log;
  readonly configHash: string;
  readonly version: string;
  readonly commit: string;
  readonly bot: () => Bot | null;
  readonly onRefused: (line: string) => void;
  readonly onAnswer: (answer: IntentOf<"Answer">) => void;
  /** A line for the person at the terminal. */
  readonly say: (line: string) => void;
  readonly stderr: (line: string) => void;
};

export type LiveSinks = {
  /** Built when the journal is open. */
  readonly sinks: (journal: Journal) => Sinks;
  /** Records that a crash kept from the trade log. */
  readonly remembered: (records: Remembered["records"]) => void;
  /** An alert of the program itself, about what the core does not see. */
  readonly raise: (alert: Omit<IntentOf<"Alert">, "kind">) => void;
  readonly close: () => void;
};

/** What an alert says about the moment (F-13.4); short, because notifiers show it. */
function contextOf(bot: Bot | null): Readonly<Record<string, unknown>> {
  if (bot === null) return {};
  const position = bot.phase.kind === "position" || bot.phase.kind === "exit" ? bot.phase.position : null;
  return {
    word: publicWord(bot),
    phase: bot.phase.kind,
    halt: bot.halt?.reason ?? null,
    blocks: bot.blocks.map((block) => block.reason),
    contracts: position?.contracts ?? 0,
    stop: position?.stopStatus ?? null,
    last_usd: bot.market.seen.last === null ? null : bot.market.seen.last / 100,
  };
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
  const { platform, dataDir, redactor, stderr } = options;
  const { files, clock } = platform;
  const core = options.log.logger("core");
  let waiting: Remembered["records"] = [];
  const open: { close(): unknown }[] = [];
  let outbox: AlertOutbox | null = null;
  const raise = ({ severity, code, text }: Omit<IntentOf<"Alert">, "kind">, at: EpochMs): void => {
    outbox?.raise({ at, severity, code, reason: text, context: contextOf(options.bot()) });
    options.say(`${severity}: ${code}: ${text}`);
  };

  return {
    remembered(records) {
      waiting = records;
    },
    sinks(journal) {
      const alerts: AlertOutbox = openAlerts({
        files,
        clock,
        dataDir,
        redactor,
        journalHead: () => journal.head(),
        stderr,
      });
      const keep = keepRecords(options, { journal, waiting });
      waiting = [];
      outbox = alerts;
      open.push(alerts, keep);
      return {
        alert: raise,
        record: keep.record,
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
    raise: (alert) => raise(alert, epochMs(clock.wallNow())),
    close() {
      for (const one of open.splice(0)) one.close();
    },
  };
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
