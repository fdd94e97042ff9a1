/** Every alert there is, as each channel shows it. `deno run -A tests/support/channels/messages.ts` writes the golden text. */
import assert from "node:assert/strict";
import { ALERT_FAMILIES } from "../../../src/domain/alert_codes.ts";
import { alertText, readAlertLine } from "../../../src/infrastructure/logging/alert_line.ts";
import type { Channel, Message } from "../../../src/programs/notifier/channels/types.ts";
import { messageOf, Times } from "../../../src/programs/notifier/message.ts";
import { alertWords } from "../../../src/views/alert_words.ts";
import { ROLLBACK } from "../../../src/views/halt_words.ts";
import { CHANNELS, CONFIG, configOf, type Name, openAll, Rig, START } from "./rig.ts";

export const GOLDEN = "tests/golden/notifier_messages.txt";

export const TIMES = new Times({ zone: "Europe/Berlin", language: "en-GB" });
const LONG = {
  word: "IN_POSITION",
  phase: "position",
  direction: "long",
  contracts: 147,
  entry_usd: 31_730,
  stop: "ACTIVE",
  stop_usd: 30_903.5,
  uncovered_since_ms: null,
  equity_usd: 79.61,
  floor_usd: 80,
};
const FLAT = { ...LONG, phase: "flat", contracts: 0, direction: null, stop: null };
const ABOUT: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  trade_opened: { direction: "long", contracts: 147, entry_usd: 31_730, target_usd: 31_981, risk_usd: 2.8 },
  trade_closed: {
    direction: "long",
    contracts: 147,
    entry_usd: 31_730,
    exit_usd: 31_981,
    net_usd: 1.21,
    r: 0.43,
    open_ms: 8_040_000,
    exit_reason: "profit_target",
  },
  day_closed: { day: "2026-11-15", trades: 3, realised_usd: -0.4, equity_end_usd: 99.6 },
  bot_silent: { silent_ms: 61_000 },
  daily_line: { lines: ["The account holds $100.20 of $1,000."] },
};
const REASONS: Readonly<Record<string, string>> = {
  "cooldown:daily_loss": "entries stop until 2026-11-17T00:00:00.000Z",
  "long_block:latency": "No entries for 30 min (latency): still waiting for fast answers.",
  "check:margin_mode": "the account uses cross margin (F-12.6)",
  clock_skew: "local clock differs by 1850 ms",
  degraded_mode: "the private stream is silent",
  guardian: "the stop was placed again",
  key_expiry: "the API key expires in 6 days",
  leverage: "leverage refused: insufficient balance",
  liquidation_too_close: "liquidation at 24000",
  order_back: "The venue shows the stop as open, which counted as ended: it is managed again.",
  risk_tier: "the tier holds 150 BTC (F-7.13)",
  trigger_source: "The stop at the venue is triggered by the last price, the settings say mark price.",
  unknown_status: 'The venue says "Expired" of the stop: this program does not know that word.',
  operator_commands: "A command by another user was refused.",
  daily_line: "Today: 3 trades closed, 2 won: +$0.20, +0.10 R.",
  weekly_summary: "This week: no trade was closed.",
};

/** Every code there is: each halt, a case of each family with cases, and the rest. */
export const CODES = [
  ...Object.keys(ROLLBACK).map((reason) =>
    `halt:${reason}${/^(?:persistent_rejection|startup_check|invariant_violation)$/.test(reason) ? ":margin_mode" : ""}`
  ),
  ...Object.keys(REASONS).filter((code) => code.includes(":")),
  ...ALERT_FAMILIES.filter((family) => !["halt", "cooldown", "check", "long_block"].includes(family)),
];

export function lineOf(code: string) {
  const family = code.split(":")[0] ?? code;
  const context = { ...(code.startsWith("halt:") || family === "unprotected" ? LONG : FLAT), about: ABOUT[code] ?? {} };
  const severity = code.startsWith("halt:") || family === "unprotected" ? "critical" : "info";
  const matter = { severity, code, reason: REASONS[code] ?? "", context } as const;
  const facts = { at: START, ...matter, ...alertWords(matter), journal_head: "8c1f04d2a9b3e6f7" };
  const read = readAlertLine(alertText(facts, (text) => text));
  assert.ok(read.kind === "alert", code);
  return read.line;
}
export function shownBy(name: Name, message: Message): readonly string[] {
  const rig = new Rig();
  const channel: Channel | undefined = openAll(configOf(CONFIG)).channels.find((one) => one.channel.name === name)
    ?.channel;
  assert.ok(channel !== undefined);
  channel.parts(message).forEach((part, index) => {
    const ask = channel.ask(part, { message, index, now: rig.now });
    const { hostname, pathname, search } = new URL(ask.url);
    const request = { method: ask.method, path: pathname + search, headers: ask.headers, body: ask.body };
    const outcome = rig.services.handle(hostname, request);
    assert.equal(
      outcome.kind === "answer" && channel.judge({ kind: "reply", headers: {}, ...outcome.answer }).kind,
      "sent",
    );
    rig.now += 10_000;
  });
  assert.deepEqual(rig.misdeeds(), []);
  return rig.services.of(name).shown.map(({ text }) => text);
}

/** What the golden text holds; fails when the channels differ. */
export function messagesText(): string {
  const told = CODES.map((code) => {
    const message = messageOf(lineOf(code), { times: TIMES, again: false });
    const [first, ...others] = CHANNELS.map((name) => shownBy(name, message).join("\n"));
    for (const other of others) assert.equal(other, first, code);
    return `== ${code}\n${first}`;
  });
  return `${told.join("\n\n")}\n`;
}

if (import.meta.main) Deno.writeTextFileSync(GOLDEN, messagesText());
