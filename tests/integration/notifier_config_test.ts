/** Settings and secrets: every mistake in words, no secret anywhere (N-2.2, N-6). */
import assert from "node:assert/strict";
import fc from "fast-check";
import { createRedactor } from "../../src/infrastructure/logging/redactor.ts";
import { loadNotifyConfig } from "../../src/programs/notifier/config.ts";
import { livePlaces } from "../../src/programs/notifier/live_places.ts";
import { openChannels } from "../../src/programs/notifier/secrets.ts";
import { CONFIG, configOf, openAll, SECRETS } from "../support/channels/rig.ts";

const errorsOf = (text: string): readonly string[] => {
  const loaded = loadNotifyConfig({ path: "c/notify.yaml", readText: () => text });
  return loaded.kind === "errors" ? loaded.errors : [];
};
const PHONE = "channels:\n  phone:\n    type: telegram\n    chat: 42\n";

Deno.test("[N-2.2] the shipped settings load", () => {
  const text = Deno.readTextFileSync("config/notify.yaml");
  assert.deepEqual(errorsOf(text), []);
});

Deno.test("[N-2.2] each mistake is named with its place, its rule and the nearest key", () => {
  const cases: readonly [string, string][] = [
    [`${PHONE}    minimun: warning\n`, "c/notify.yaml:5:5: channels.phone.minimun: unknown key; did you mean minimum?"],
    [
      `${PHONE}    minimum: loud\n`,
      "c/notify.yaml:5:5: channels.phone.minimum = loud: must be info, warning or critical",
    ],
    [
      "channels:\n  phone:\n    type: pager\n",
      "c/notify.yaml:3:5: channels.phone.type = pager: must be telegram, slack, discord, ntfy or webhook",
    ],
    [
      "channels:\n  phone:\n    type: telegram\n",
      "c/notify.yaml:2:3: channels.phone.chat: is missing; it must be the number of a chat; groups have negative ones",
    ],
    [
      `${PHONE}    off: [trade_closd]\n`,
      "c/notify.yaml:5:5: channels.phone.off[0] = trade_closd: is no alert; did you mean trade_closed? `explain` lists them",
    ],
    [
      `${PHONE}    quiet: { from: "25:00", to: "07:00", zone: UTC }\n`,
      'c/notify.yaml:5:14: channels.phone.quiet.from = "25:00": must be a time of day in quotes, such as "22:30"',
    ],
    [
      `${PHONE}    quiet: { from: "22:00", to: "07:00", zone: Berlin }\n`,
      "c/notify.yaml:5:42: channels.phone.quiet.zone = Berlin: must be a time zone such as UTC or Europe/Berlin",
    ],
    [
      `${PHONE}    language: klingon_1\n`,
      "c/notify.yaml:5:5: channels.phone.language = klingon_1: must be a language such as en-GB or de",
    ],
    [
      `${PHONE}    users: [me]\n`,
      "c/notify.yaml:5:5: channels.phone.users[0] = me: must be a list of the numbers of Telegram users, at most ten",
    ],
    [`${PHONE}chanels: {}\n`, "c/notify.yaml:5:1: chanels: unknown key; did you mean channels?"],
    ["channels: {}\n", "c/notify.yaml:1:1: channels: must hold at least one channel"],
    [
      `${PHONE}daily:\n  at: "20:00"\n  weekly_on: sundy\n`,
      "c/notify.yaml:7:3: daily.weekly_on = sundy: must be one of monday, tuesday, wednesday, thursday, friday, saturday, sunday",
    ],
    [
      "channels:\n  Phone:\n    type: slack\n",
      "c/notify.yaml:2:3: channels.Phone: channels are named with a-z, 0-9 and _, up to 20, not heartbeat",
    ],
    ["", "c/notify.yaml:1:1: the file is empty"],
  ];
  for (const [text, expected] of cases) assert.deepEqual(errorsOf(text), [expected], text);
});

Deno.test("[N-2.2] a secret in the file is refused, told where it belongs, and not shown", () => {
  const secrets = [
    "7654321098:AAFakeTokenOfTheTestBot_0123456789a",
    SECRETS["ABOT_NOTIFY_TEAM_URL"] ?? "",
    "whsec_abc",
    "hunter2hunter2",
  ];
  for (const [index, key] of ["token", "url", "secret", "password"].entries()) {
    const errors = errorsOf(`${PHONE}    ${key}: "${secrets[index]}"\n`);
    assert.equal(errors.length, 1, errors.join("\n"));
    assert.match(errors[0] ?? "", /secrets are never read from files; set ABOT_NOTIFY_PHONE_(?:TOKEN|URL|SECRET)/);
    assert.ok(!errors[0]?.includes(secrets[index] ?? "?"));
  }
  // Also under a key that may stand there.
  const hidden = errorsOf(`${PHONE}    language: "${secrets[0]}"\n`);
  assert.ok(hidden.length > 0 && !hidden.join().includes("AAFake"), hidden.join("\n"));
});

Deno.test("[N-2.2] [N-2.1] a missing, malformed or misplaced secret is told in words, without its value", () => {
  const refusals = (change: Readonly<Record<string, string | undefined>>) => {
    const values: Record<string, string | undefined> = { ...SECRETS, ...change };
    const source = { variable: (name: string) => values[name], readText: () => "", credentialsFolder: null };
    return openChannels(configOf(CONFIG), { source, places: livePlaces((host) => host !== "evil.example") }).refusals;
  };
  const cases: readonly [string, string | undefined, RegExp][] = [
    [
      "ABOT_NOTIFY_PHONE_TOKEN",
      undefined,
      /^phone: ABOT_NOTIFY_PHONE_TOKEN is not set: .*credential abot_notify_phone_token$/,
    ],
    ["ABOT_NOTIFY_PHONE_TOKEN", "tok:secretvalue1", /is no token of a bot/],
    ["ABOT_NOTIFY_TEAM_URL", "http://hooks.slack.com/services/T/B/secretvalue1", /begins with https/],
    [
      "ABOT_NOTIFY_TEAM_URL",
      "https://evil.example/services/T/B/secretvalue1",
      /begins with https:\/\/hooks\.slack\.com\//,
    ],
    ["ABOT_NOTIFY_TEAM_URL", "https://hooks.slack.com/secretvalue1", /is not the address of a slack channel/],
    ["ABOT_NOTIFY_GAME_URL", "https://u:secretvalue1@discord.com/api/webhooks/1/a", /hold no user or password/],
    ["ABOT_NOTIFY_PUSH_URL", "https://ntfy.sh:8443/secretvalue1", /names no port/],
    ["ABOT_NOTIFY_HOOK_URL", "https://evil.example/secretvalue1", /--notify-host evil\.example/],
    ["ABOT_NOTIFY_HOOK_SECRET", "secretvalue1", /is no secret of a webhook/],
    ["ABOT_NOTIFY_HEARTBEAT_URL", "secretvalue1", /is no address/],
  ];
  for (const [name, value, expected] of cases) {
    const lines = refusals({ [name]: value });
    assert.equal(lines.length, 1, `${name}: ${lines.join("\n")}`);
    assert.match(lines[0] ?? "", expected);
    assert.doesNotMatch(lines[0] ?? "", /secretvalue1/);
  }
  assert.deepEqual(refusals({}), []);
});

Deno.test("[N-2.2] a secret may come as a systemd credential; the environment goes before it", () => {
  const files: Readonly<Record<string, string>> = {
    "/run/c/abot_notify_phone_token": `${SECRETS["ABOT_NOTIFY_PHONE_TOKEN"]}\n`,
  };
  const readText = (path: string) => {
    const text = files[path];
    if (text === undefined) throw new Error("no such file");
    return text;
  };
  const config = configOf(PHONE);
  const places = livePlaces(() => true);
  const source = { variable: () => undefined, readText, credentialsFolder: "/run/c" };
  const opened = openChannels(config, { source, places });
  assert.deepEqual([opened.refusals, opened.channels.length], [[], 1]);
});

Deno.test("[N-6] no secret passes the redactor, in whatever it is wrapped", () => {
  const { secrets } = openAll(configOf(CONFIG));
  assert.ok(secrets.length >= 7);
  const redactor = createRedactor(secrets);
  const wrap = fc.constantFrom(
    (value: string) => value,
    (value: string) => JSON.stringify({ error: `request to ${value} failed` }),
    (value: string) => JSON.stringify(JSON.stringify({ url: value })),
    (value: string) => encodeURIComponent(value),
    (value: string) => `error sending request for url (https://api.telegram.org/bot${value}/sendMessage): dns error`,
    (value: string) => `${value}${value}`,
  );
  fc.assert(fc.property(fc.constantFrom(...secrets), wrap, fc.string(), (secret, form, noise) => {
    const text = redactor.redact(`${noise}${form(secret)}${noise}`);
    for (const one of secrets) assert.ok(!text.includes(one), text);
  }));
});
