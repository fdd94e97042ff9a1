/** The notifier under the real names: bot, fake venue and fake channels in a private namespace (kit.ts says what it needs). */
import assert from "node:assert/strict";
import { runInside } from "./kit.ts";

Deno.test("[N-2.1 N-3.6 N-5.1 N-5.2 N-6] a bot that loses its stop reaches the phone, the phone halts it, silence is told", async () => {
  const text = await runInside("inside_notifier.ts", "");
  for (
    const name of [
      "refuses permissions that are too wide, a proxy and the venue's key",
      "a wrong token and a missing one are told in words",
      "test reaches every channel",
      "a trade that opens is told",
      "the lost stop is at the phone",
      "status, why and report by phone; a stranger gets no answer",
      "halt by phone halts the bot",
      "the heartbeat is kept, and fails when the bot is silent",
      "bot_silent and bot_back are told",
      "halt by phone without a bot says so",
      "no secret in any output or file",
      "stops within a second",
    ]
  ) assert.ok(text.includes(`PASS ${name}`), text);
});
