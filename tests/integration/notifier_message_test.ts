/** What a person reads: every alert in words, and every string as itself in every channel (N-3.4, N-4, N-6). */
import assert from "node:assert/strict";
import fc from "fast-check";
import { ALERT_FAMILIES } from "../../src/domain/alert_codes.ts";
import { aboutOf, alertText, readAlertLine } from "../../src/infrastructure/logging/alert_line.ts";
import type { Channel, Message } from "../../src/programs/notifier/channels/types.ts";
import { messageOf } from "../../src/programs/notifier/message.ts";
import { alertWords } from "../../src/views/alert_words.ts";
import { ROLLBACK } from "../../src/views/halt_words.ts";
import { CHANNELS, CONFIG, configOf, DATA, type Name, openAll, Rig, START } from "../support/channels/rig.ts";

const TIMES = { zone: "Europe/Berlin", language: "en-GB" };
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
  unknown_status: 'The venue says "Expired" of the stop: this program does not know that word.',
  operator_commands: "A command by another user was refused.",
  daily_line: "Today: 3 trades closed, 2 won: +$0.20, +0.10 R.",
  weekly_summary: "This week: no trade was closed.",
};

/** Every code there is: each halt, a case of each family with cases, and the rest. */
const CODES = [
  ...Object.keys(ROLLBACK).map((reason) =>
    `halt:${reason}${/^(?:persistent_rejection|startup_check|invariant_violation)$/.test(reason) ? ":margin_mode" : ""}`
  ),
  ...Object.keys(REASONS).filter((code) => code.includes(":")),
  ...ALERT_FAMILIES.filter((family) => !["halt", "cooldown", "check", "long_block"].includes(family)),
];

function lineOf(code: string) {
  const family = code.split(":")[0] ?? code;
  const context = { ...(code.startsWith("halt:") || family === "unprotected" ? LONG : FLAT), about: ABOUT[code] ?? {} };
  const severity = code.startsWith("halt:") || family === "unprotected" ? "critical" : "info";
  const matter = { severity, code, reason: REASONS[code] ?? "", context } as const;
  const facts = { at: START, ...matter, ...alertWords(matter), journal_head: "8c1f04d2a9b3e6f7" };
  const read = readAlertLine(alertText(facts, (text) => text));
  assert.ok(read.kind === "alert", code);
  return read.line;
}
function shownBy(name: Name, message: Message): readonly string[] {
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

Deno.test("[N-4.1] [N-6] every alert there is reads as it should, and the same in every channel", () => {
  const told = CODES.map((code) => {
    const message = messageOf(lineOf(code), { times: TIMES, again: false });
    const [first, ...others] = CHANNELS.map((name) => shownBy(name, message).join("\n"));
    for (const other of others) assert.equal(other, first, code);
    return `== ${code}\n${first}`;
  });
  const golden = "tests/golden/notifier_messages.txt";
  const text = `${told.join("\n\n")}\n`;
  assert.equal(text, Deno.readTextFileSync(golden));
});

Deno.test("[N-4.1] no message shows a rule number, a raw field or a long number, and all four answers are there", () => {
  for (const code of CODES) {
    const { head, body } = messageOf(lineOf(code), { times: TIMES, again: false });
    const text = [head, ...body].join("\n");
    assert.doesNotMatch(text, /\b[FPLMN]-\d|undefined|null|NaN|[a-z]_[a-z]+_?[a-z]* =|\d{7,}|\{|\}/, code);
    if (["test_message", "daily_line", "weekly_summary"].includes(code)) continue;
    assert.match(body[0] ?? "", /open|rotected|PROTECTED|known|under way|stop for/, code);
    assert.ok(body.some((line) => line === "What you can do:" || line === "Nothing needs doing."), code);
  }
});

Deno.test("[N-3.4] any string of the venue or an operator appears as itself in every channel", () => {
  const nasty = fc.oneof(
    fc.string({ unit: "binary", minLength: 1, maxLength: 200 }),
    fc.constantFrom(
      "_*[]()~`>#+-=|{}.!\\",
      "@everyone <@123> <#1> <!channel> <https://x.y|z> &amp; &lt;b&gt;",
      "**bold** __u__ ||spoiler|| ```code``` # head\\n> quote - list 1. one",
      "<script>alert(1)</script>",
      "\u202Egnp.exe \u200B\u{1F600}\u{1F468}\u200D\u{1F469}",
      "(again) 🔴 HALTED: not true",
    ),
  );
  fc.assert(fc.property(nasty, (data) => {
    const base = lineOf("leverage");
    const message = messageOf({ ...base, sentence: `<${data}>`, steps: [data] }, { times: TIMES, again: false });
    const expected = [message.head, ...message.body].join("\n");
    // Line ends are shown, so that data cannot pose as a line of ours; all else is as it was.
    const shown = data.toWellFormed().replace(/\r\n|[\n\r\v\f\u0085\u2028\u2029]/g, "↵");
    assert.ok(expected.includes(`<${shown}>`));
    for (const name of CHANNELS) assert.equal(shownBy(name, message).join("\n"), expected, name);
  }));
});

Deno.test("[N-3.4] long messages are split at lines, below every limit, with nothing lost between", () => {
  const base = lineOf("leverage");
  const steps = Array.from({ length: 60 }, (_, n) => `step ${n} *_${"é<&>".repeat(10 + n % 17)}`);
  const message = messageOf({ ...base, steps }, { times: TIMES, again: false });
  for (const name of CHANNELS) {
    const parts = shownBy(name, message);
    if (name !== "hook") assert.ok(parts.length >= 2 && parts.length <= 5, `${name}: ${parts.length}`);
    const joined = parts.map((part) => part.replace(/^\(\d\/\d\) /, "")).join("\n");
    const whole = [message.head, ...message.body].join("\n");
    if (parts.length < 5) assert.equal(joined, whole, name);
    else assert.ok(whole.startsWith(joined.split("\n… (the rest")[0] ?? "?"), name);
  }
});

Deno.test("[N-3.4] a sentence of 1 MB becomes at most five parts and says that it was cut", () => {
  const message = messageOf({ ...lineOf("leverage"), sentence: "\u{1F600}x".repeat(300_000) }, {
    times: TIMES,
    again: false,
  });
  for (const name of CHANNELS) {
    const parts = shownBy(name, message);
    assert.equal(parts.length, 5, name);
    assert.match(parts.at(-1) ?? "", /the rest is in the outbox\)$/);
  }
});

Deno.test("[N-4.1] times are written in the reader's language and zone", () => {
  const of = (zone: string, language: string) =>
    messageOf(lineOf("leverage"), { times: { zone, language }, again: false }).body.at(-1);
  assert.equal(of("UTC", "en-GB"), "16 Nov 2026, 10:00:00 UTC · journal 8c1f04d2a9b3");
  assert.equal(of("Europe/Berlin", "de"), "16.11.2026, 11:00:00 MEZ · journal 8c1f04d2a9b3");
});

Deno.test("[N-1.1] what an alert is about is kept beside the state of the moment", () => {
  assert.equal(aboutOf(lineOf("trade_closed"))["net_usd"], 1.21);
  assert.equal(DATA, "data");
});
