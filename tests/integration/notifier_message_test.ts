/** What a person reads: every alert in words, and every string as itself in every channel (N-3.4, N-4, N-6). */
import assert from "node:assert/strict";
import fc from "fast-check";
import { aboutOf } from "../../src/infrastructure/logging/alert_line.ts";
import { messageOf, Times } from "../../src/programs/notifier/message.ts";
import { CODES, GOLDEN, lineOf, messagesText, shownBy, TIMES } from "../support/channels/messages.ts";
import { CHANNELS } from "../support/channels/rig.ts";

Deno.test("[N-4.1 N-6] every alert there is reads as it should, and the same in every channel", () => {
  assert.equal(messagesText(), Deno.readTextFileSync(GOLDEN));
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
    messageOf(lineOf("leverage"), { times: new Times({ zone, language }), again: false }).body.at(-1);
  assert.equal(of("UTC", "en-GB"), "16 Nov 2026, 10:00:00 UTC · journal 8c1f04d2a9b3");
  assert.equal(of("Europe/Berlin", "de"), "16.11.2026, 11:00:00 MEZ · journal 8c1f04d2a9b3");
});

Deno.test("[N-1.1] what an alert is about is kept beside the state of the moment", () => {
  assert.equal(aboutOf(lineOf("trade_closed"))["net_usd"], 1.21);
});
