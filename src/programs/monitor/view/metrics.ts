/** Figures for Prometheus: text format 0.0.4, or OpenMetrics 1.0 where asked for (M-4.1). */
import { isStale, WRITE_EVERY_MS } from "./headline.ts";
import type { Status } from "../../../views/status.ts";
import type { Seeing } from "./sections.ts";

export const PLAIN_METRICS = "text/plain; version=0.0.4; charset=utf-8";
export const OPEN_METRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/** What the program knows of itself. */
export type MetricFacts = {
  readonly version: string;
  readonly commit: string;
  readonly streams: number;
  /** Bytes free where the data is; null = not known. */
  readonly diskFreeBytes: number | null;
};

type Sample = { readonly labels?: Readonly<Record<string, string>>; readonly value: number };
type Family = {
  readonly name: string;
  readonly type: "gauge" | "counter" | "info";
  readonly help: string;
  readonly samples: readonly Sample[];
};

const WORDS = ["FLAT", "ENTRY_PENDING", "IN_POSITION", "EXIT_PENDING", "COOLDOWN", "HALT"] as const;

function gauge(name: string, help: string, value: number | null | undefined): Family {
  const known = value !== null && value !== undefined && Number.isFinite(value);
  return { name, type: "gauge", help, samples: known ? [{ value }] : [] };
}
function counter(name: string, help: string, samples: readonly Sample[]): Family {
  return { name, type: "counter", help, samples };
}
const seconds = (ms: number | null): number | null => (ms === null ? null : ms / 1000);

function keyExpiry(status: Status, now: number | null): number | null {
  return status.key_days_left === null || now === null ? null : Math.round(now + status.key_days_left * 86_400);
}

/** The account, and what is open. */
function moneyFamilies(status: Status): readonly Family[] {
  const { position } = status;
  return [
    gauge("abot_equity_dollars", "Equity at the mark price.", status.equity_usd),
    gauge("abot_trading_equity_dollars", "Equity at the BTC price of the start.", status.trading_usd),
    gauge("abot_held_equity_dollars", "What holding the start capital would be worth.", status.held_usd),
    gauge("abot_equity_floor_dollars", "Below this equity the bot halts.", status.floor_usd),
    gauge("abot_last_price_dollars", "Last price of one BTC.", status.last_usd),
    gauge(
      "abot_position_contracts",
      "Open contracts, below 0 for a short.",
      (position?.contracts ?? 0) *
        (position?.direction === "short" ? -1 : 1),
    ),
  ];
}

/** The link to the venue. `here` turns the bot's time into this machine's, in seconds. */
function linkFamilies(status: Status, here: (ms: number | null) => number | null): readonly Family[] {
  return [
    gauge("abot_rest_calls_last_minute", "Calls to the venue in the last minute.", status.rest_calls_60s),
    gauge("abot_rest_latency_p95_seconds", "95 % of the calls were answered within this.", seconds(status.rest_p95_ms)),
    gauge("abot_stream_drops_last_minute", "Stream messages lost in the last minute.", status.stream_drops_60s),
    gauge(
      "abot_private_stream_timestamp_seconds",
      "When the private stream last spoke.",
      here(status.heard_at_ms.private_stream),
    ),
    gauge(
      "abot_public_stream_timestamp_seconds",
      "When the public stream last spoke.",
      here(status.heard_at_ms.public_stream),
    ),
    gauge("abot_clock_skew_seconds", "Clock of the bot's machine minus the venue's.", seconds(status.clock_skew_ms)),
    gauge("abot_key_expiry_timestamp_seconds", "When the API key ends.", keyExpiry(status, here(status.written_at_ms))),
  ];
}

/** What the bot's status says. A moment is converted to this machine's clock, which is the scraper's too. */
function botFamilies(status: Status, of: { readonly heardAt: number; readonly now: number }): readonly Family[] {
  const { position } = status;
  const here = (ms: number | null): number | null =>
    ms === null ? null : seconds(of.heardAt - (status.written_at_ms - ms));
  const uncovered = position === null || position.protected_without_us ? 0 : 1;
  return [
    gauge("abot_status_timestamp_seconds", "When the bot last wrote its status.", seconds(of.heardAt)),
    {
      name: "abot_word",
      type: "gauge",
      help: "The bot's public word: 1 for the one that holds.",
      samples: WORDS.map((word) => ({
        labels: { word },
        value: status.word === word ? 1 : 0,
      })),
    },
    ...moneyFamilies(status),
    gauge("abot_covered", "1 while nothing is open or the venue shows a stop for all of it.", 1 - uncovered),
    gauge(
      "abot_uncovered_since_timestamp_seconds",
      "Since when something open is without a shown stop.",
      uncovered === 1 ? here(position?.uncovered_since_ms ?? null) : null,
    ),
    gauge(
      "abot_stop_shown_timestamp_seconds",
      "When the venue last showed the stop.",
      here(position?.stop_shown_at_ms ?? null),
    ),
    gauge("abot_halted", "1 while a person must reset the bot.", status.halt === null ? 0 : 1),
    gauge("abot_blocks", "Reasons for which entries wait.", status.blocks.length),
    gauge("abot_loss_left_today_dollars", "Room of today's loss limit.", status.limits.day.left_usd),
    gauge("abot_loss_left_week_dollars", "Room of this week's loss limit.", status.limits.week.left_usd),
    gauge("abot_open_orders", "Own orders at the venue.", status.open_orders.length),
    gauge("abot_orders_last_hour", "Entry orders of the last hour.", status.limits.orders_last_hour),
    ...linkFamilies(status, here),
    counter("abot_journal_records", "Records of the journal.", [{ value: status.journal_seq }]),
    gauge(
      "abot_journal_lag_seconds",
      "Age of the oldest record that is not on disk yet.",
      seconds(status.journal_lag_ms),
    ),
    gauge("abot_start_timestamp_seconds", "When the bot started.", here(status.started_at_ms)),
    {
      name: "abot_build",
      type: "info",
      help: "The bot that writes.",
      samples: [{
        labels: { version: status.version, commit: status.commit, profile: status.profile },
        value: 1,
      }],
    },
  ];
}

function familiesOf({ directory, now }: Seeing, facts: MetricFacts): readonly Family[] {
  const seen = directory.seen();
  const fresh = seen.kind === "status" && !isStale(now - seen.heardAt, WRITE_EVERY_MS);
  const { trades } = directory;
  const sum = (of: (trade: typeof trades[number]) => number) => trades.reduce((total, trade) => total + of(trade), 0);
  const open = seen.kind === "status" ? seen.status.position?.uncovered_since_ms ?? null : null;
  const running = open === null || seen.kind === "none" ? 0 : Math.max(0, seen.status.written_at_ms - open);
  return [
    gauge("abot_up", "1 while the bot writes its status.", fresh ? 1 : 0),
    ...(seen.kind === "none" ? [] : botFamilies(seen.status, { heardAt: seen.heardAt, now })),
    counter(
      "abot_trades",
      "Closed trades by direction.",
      ["long", "short"].map((direction) => ({
        labels: { direction },
        value: trades.filter((trade) => trade.direction === direction).length,
      })),
    ),
    gauge("abot_trades_r", "Results of closed trades in units of their risk, summed.", sum((trade) => trade.r ?? 0)),
    gauge("abot_trades_net_dollars", "Results of closed trades, summed.", sum((trade) => trade.netUsd)),
    gauge("abot_fees_dollars", "Fees of closed trades; rebates count against them.", sum((trade) => trade.feesUsd)),
    counter("abot_uncovered_seconds", "Time with something open that no shown stop covered.", [
      { value: (sum((trade) => trade.uncoveredMs) + running) / 1000 },
    ]),
    counter(
      "abot_halts",
      "Halts by reason.",
      [...directory.halts].map(([reason, value]) => ({ labels: { reason }, value })),
    ),
    gauge("abot_monitor_streams", "Open event streams of the page.", facts.streams),
    gauge("abot_disk_free_bytes", "Free room where the data is.", facts.diskFreeBytes),
    {
      name: "abot_monitor_build",
      type: "info",
      help: "This monitor.",
      samples: [{
        labels: { version: facts.version, commit: facts.commit },
        value: 1,
      }],
    },
  ];
}

function labelText(labels: Sample["labels"]): string {
  const pairs = Object.entries(labels ?? {});
  if (pairs.length === 0) return "";
  const escaped = (text: string) => text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
  return `{${pairs.map(([name, value]) => `${name}="${escaped(value)}"`).join(",")}}`;
}

/** Name of a sample: the suffix of its kind is part of the family's name in the plain format, not in OpenMetrics. */
function sampleName({ name, type }: Family): string {
  if (type === "counter") return `${name}_total`;
  return type === "info" ? `${name}_info` : name;
}

export function metricsText(seeing: Seeing, of: { readonly facts: MetricFacts; readonly open: boolean }): string {
  const lines: string[] = [];
  for (const family of familiesOf(seeing, of.facts)) {
    if (family.samples.length === 0) continue;
    const name = of.open ? family.name : sampleName(family);
    const type = !of.open && family.type === "info" ? "gauge" : family.type;
    lines.push(`# HELP ${name} ${family.help}`, `# TYPE ${name} ${type}`);
    for (const { labels, value } of family.samples) lines.push(`${sampleName(family)}${labelText(labels)} ${value}`);
  }
  if (of.open) lines.push("# EOF");
  return `${lines.join("\n")}\n`;
}
