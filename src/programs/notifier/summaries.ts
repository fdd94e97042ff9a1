/** The daily line and the weekly summary at a set local time, from the outbox and the bot's last word (N-4.2). */
import { aboutOf, type AlertLine, isMonthFile } from "../../infrastructure/logging/alert_line.ts";
import { ALERTS_FOLDER } from "../../infrastructure/logging/alerts.ts";
import { dollarText } from "../../common/text.ts";
import { limitText, resultText, rText } from "../../views/numbers.ts";
import { exitClause } from "../../views/trade_words.ts";
import type { Status } from "../../views/status.ts";
import { contextOf, statusIn } from "./bot_status.ts";
import { BEFORE_ALL, Follower, type Source } from "./outbox.ts";
import { lastOwn, raiseOwn } from "./own_lines.ts";
import { LocalTime, minutesOf } from "./quiet.ts";
import { Times } from "./message.ts";
import type { NotifyFiles, NotifyWorld } from "./world.ts";

const DAY_MS = 86_400_000;
/** A notifier that was off at the hour is not late with it for ever. */
const LATE_MIN = 60;
const LOOK_MS = 5_000;
const BATCH = 500;

export function outboxSource(files: NotifyFiles, dataDir: string): Source {
  return { files, folder: `${dataDir}/${ALERTS_FOLDER}`, isFile: isMonthFile };
}

/** Alerts since a moment, oldest first, of the months that can hold them. */
export function alertsSince(
  files: NotifyFiles,
  { dataDir, since }: { readonly dataDir: string; readonly since: number },
): readonly AlertLine[] {
  const oldest = new Date(since - DAY_MS).toISOString().slice(0, 7);
  const source = outboxSource(files, dataDir);
  const follower = new Follower({ ...source, isFile: (name) => isMonthFile(name) && name >= oldest }, BEFORE_ALL);
  const found: AlertLine[] = [];
  for (;;) {
    follower.poll(BATCH);
    if (follower.ahead() === 0) return found;
    for (let entry = follower.peek(); entry !== null; entry = follower.peek()) {
      if (entry.read.kind === "alert" && entry.read.line.at >= since) found.push(entry.read.line);
      follower.take();
    }
  }
}

export type Figures = {
  readonly trades: number;
  readonly won: number;
  readonly usd: number;
  /** Sum of what is known; trades without R are counted in `withoutR`. */
  readonly r: number;
  readonly withoutR: number;
};

export function figuresOf(alerts: readonly AlertLine[]): Figures {
  const closed = alerts.filter((alert) => alert.code === "trade_closed").map(aboutOf);
  const numbers = (key: string) => closed.map((about) => about[key]).filter((value) => typeof value === "number");
  const [dollars, rs] = [numbers("net_usd"), numbers("r")];
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  return {
    trades: closed.length,
    won: dollars.filter((usd) => usd > 0).length,
    usd: sum(dollars),
    r: sum(rs),
    withoutR: closed.length - rs.length,
  };
}

function figuresText(figures: Figures): string {
  if (figures.trades === 0) return "no trade was closed";
  const r = figures.withoutR === figures.trades ? "" : `, ${rText(figures.r)}`;
  return `${figures.trades} trade${figures.trades === 1 ? "" : "s"} closed, ${figures.won} won: ` +
    `${resultText(figures.usd)}${r}`;
}

function roomText(what: string, span: Status["limits"]["day"]): string | null {
  return span.left_usd === null ? null : `${what} ${dollarText(span.left_usd)}`;
}

/** Where the account stands, in lines; `before` = its equity at the line before this one. */
export function standingLines(
  status: Status,
  of: { readonly before: number | null; readonly tradingUsd: number },
): readonly string[] {
  const { equity_usd: equity, goal_usd: goal, floor_usd: floor, capital_usd: capital, limits } = status;
  const lines: string[] = [];
  if (equity !== null) {
    const path = capital === null || goal <= capital
      ? ""
      : `: ${Math.round(((equity - capital) / (goal - capital)) * 100)} % of the way from ${limitText(capital)}`;
    lines.push(
      `The account holds ${dollarText(equity)} of ${limitText(goal)}${path}; it halts under ${limitText(floor)}.`,
    );
    if (of.before !== null) {
      const change = equity - of.before;
      lines.push(
        `It changed by ${resultText(change)}: trading ${resultText(of.tradingUsd)}, the BTC price and open trades ` +
          `${resultText(change - of.tradingUsd)}.`,
      );
    }
  }
  const room = [roomText("today", limits.day), roomText("this week", limits.week)].filter((text) => text !== null);
  if (room.length > 0) lines.push(`Room left to lose: ${room.join(", ")}.`);
  return lines;
}

export type Summary = { readonly sentence: string; readonly lines: readonly string[]; readonly equity: number | null };

/** What happened since a moment, for phone and daily line alike. */
export function summaryOf(
  of: { readonly files: NotifyFiles; readonly dataDir: string; readonly times: Times },
  span: { readonly what: string; readonly since: number; readonly before: number | null },
): Summary {
  const alerts = alertsSince(of.files, { dataDir: of.dataDir, since: span.since });
  const figures = figuresOf(alerts);
  const seen = statusIn(of.files, of.dataDir);
  const standing = seen.kind === "status"
    ? standingLines(seen.status, { before: span.before, tradingUsd: figures.usd })
    : [];
  const halts = alerts.filter((alert) => alert.code.startsWith("halt:"));
  const trades = alerts.filter((alert) => alert.code === "trade_closed").slice(-5).map((alert) => {
    const { net_usd, r, exit_reason } = aboutOf(alert);
    const usd = typeof net_usd === "number" ? net_usd : null;
    return `${of.times.clock(alert.at)} ${resultText(usd)} (${rText(typeof r === "number" ? r : null)}): ` +
      exitClause(String(exit_reason));
  });
  const halted = halts.map((alert) => `${of.times.moment(alert.at)}: ${alert.sentence}`);
  return {
    sentence: `${span.what}: ${figuresText(figures)}.`,
    lines: [...trades, ...halted, ...standing],
    equity: seen.kind === "status" ? seen.status.equity_usd : null,
  };
}

export type Daily = { readonly at: string; readonly zone: string; readonly weekly_on: string | null };

export class Summaries {
  readonly #world: NotifyWorld;
  readonly #dataDir: string;
  readonly #daily: Daily;
  readonly #time: LocalTime;
  readonly #times: Times;

  constructor(world: NotifyWorld, of: { readonly dataDir: string; readonly daily: Daily }) {
    this.#world = world;
    this.#dataDir = of.dataDir;
    this.#daily = of.daily;
    this.#time = new LocalTime(of.daily.zone);
    this.#times = new Times({ zone: of.daily.zone, language: "en-GB" });
  }

  async run(): Promise<void> {
    while (!this.#world.stopping()) {
      try {
        this.look();
      } catch (error) {
        this.#world.log("error", `daily line: ${error instanceof Error ? error.message : String(error)}`);
      }
      await this.#world.wait(LOOK_MS);
    }
  }

  /** Raises what is due and was not raised yet; the own lines remember. */
  look(): void {
    const { at, weekly_on: weekday } = this.#daily;
    const now = this.#world.now();
    const late = this.#time.minutes(now) - minutesOf(at);
    if (late < 0 || late >= LATE_MIN) return;
    const day = this.#time.day(now);
    this.#raise("daily_line", { day, what: "Today", span: DAY_MS });
    if (this.#time.weekday(now) === weekday) {
      this.#raise("weekly_summary", { day, what: "This week", span: 7 * DAY_MS });
    }
  }

  #raise(
    code: "daily_line" | "weekly_summary",
    of: { readonly day: string; readonly what: string; readonly span: number },
  ): void {
    const { files } = this.#world;
    const last = lastOwn({ files, dataDir: this.#dataDir }, (line) => line.code === code);
    const told = last === null ? {} : aboutOf(last);
    if (told["day"] === of.day) return;
    const before = typeof told["equity_usd"] === "number" ? told["equity_usd"] : null;
    // From the line before this one, so that no trade is told twice or not at all.
    const since = last === null ? this.#world.now() - of.span : last.at;
    const { sentence, lines, equity } = summaryOf({ files, dataDir: this.#dataDir, times: this.#times }, {
      what: of.what,
      since,
      before,
    });
    const seen = statusIn(files, this.#dataDir);
    const context = seen.kind === "status" ? contextOf(seen.status) : {};
    raiseOwn({ world: this.#world, dataDir: this.#dataDir }, {
      severity: "info",
      code,
      reason: sentence,
      context: { ...context, about: { day: of.day, equity_usd: equity, lines } },
    });
  }
}
