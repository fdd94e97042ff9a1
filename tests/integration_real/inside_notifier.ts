/**
 * Runs inside the namespace: the live bot against the fake venue, the notifier with its shipped flags against the fake
 * channels, both under the real names over TLS. Prints `PASS <name>`; throws at the first thing that was not seen.
 */
import assert from "node:assert/strict";
import { permissionFlags } from "../../src/infrastructure/safety/permissions.ts";
import { readAlertLine } from "../../src/infrastructure/logging/alert_line.ts";
import { notifierFlags } from "../../src/programs/notifier/permissions.ts";
import { ServiceHouse } from "../support/channels/rig.ts";
import { serveByName } from "../support/channels/server.ts";
import { CHANNEL_ADDRESS } from "./kit.ts";
import { CONFIG, SECRETS } from "../support/channels/rig.ts";
import { pass, pause, Stage } from "./inside_stage.ts";

const [tls = "", project = ""] = Deno.args;
const stage = new Stage({ tls, project });
const { folder, control } = stage;
const house = new ServiceHouse(() => Date.now());
const channels = serveByName(house, {
  hostname: CHANNEL_ADDRESS,
  port: 443,
  cert: Deno.readTextFileSync(`${tls}/venue.pem`),
  key: Deno.readTextFileSync(`${tls}/venue.key`),
});
const { ABOT_NOTIFY_HOOK_URL: _url, ABOT_NOTIFY_HOOK_SECRET: _secret, ...SECRETS_HERE } = SECRETS;
Deno.writeTextFileSync(`${folder}/config/notify.yaml`, CONFIG.replace(/ {2}hook:\n {4}type: webhook\n/, ""));
const said: string[] = [];
const outputs: Promise<void>[] = [];

type Start = { readonly env?: Readonly<Record<string, string>>; readonly flags?: readonly string[] };
function notifier(words: readonly string[], start: Start = {}): Deno.Command {
  const { BYBIT_TESTNET_API_KEY: _key, BYBIT_TESTNET_API_SECRET: _s, ...base } = stage.env;
  return new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--cached-only", "--config", `${project}/deno.json`, ...(start.flags ?? notifierFlags())],
      ...[`${project}/src/programs/notifier/main.ts`, ...words],
    ],
    ...{ cwd: folder, clearEnv: true, stdin: "null", stdout: "piped", stderr: "piped" },
    env: { ...base, ...SECRETS_HERE, ...start.env },
  });
}
async function ask(words: readonly string[], start: Start = {}) {
  const output = await notifier(words, start).output();
  const text = new TextDecoder();
  const all = text.decode(output.stdout) + text.decode(output.stderr);
  said.push(all);
  return { code: output.code, text: all };
}
function bot(): Deno.ChildProcess {
  const main = `${project}/src/programs/trader/main.ts`;
  const args = ["run", "--cached-only", "--config", `${project}/deno.json`, ...permissionFlags(), main];
  const child = new Deno.Command(Deno.execPath(), {
    args: [...args, "--config", "config/testnet_scenarios.yaml"],
    ...{ cwd: folder, env: { ...stage.env }, clearEnv: true, stdin: "null", stdout: "piped", stderr: "piped" },
  }).spawn();
  void new Response(child.stdout).text();
  void new Response(child.stderr).text();
  return child;
}
function listen(child: Deno.ChildProcess): void {
  for (const stream of [child.stdout, child.stderr]) {
    outputs.push(new Response(stream).text().then((text) => void said.push(text)));
  }
}
async function until<T>(what: string, look: () => T | null | undefined | false, withinMs = 60_000): Promise<T> {
  const end = performance.now() + withinMs;
  while (performance.now() < end) {
    try {
      const found = look();
      if (found !== null && found !== undefined && found !== false) return found;
    } catch (error) {
      if (!(error instanceof SyntaxError || error instanceof Deno.errors.NotFound)) throw error;
    }
    await pause(20);
  }
  const heard = house.telegram.shown.map(({ text }) => text.split("\n")[0]).slice(-5).join(" | ");
  throw new Error(`${what} was not seen in ${withinMs} ms; telegram: ${heard}; bot: ${JSON.stringify(stage.status())}`);
}
const told = (pattern: RegExp, from = 0) => house.telegram.shown.slice(from).find(({ text }) => pattern.test(text));
function alerts() {
  return stage.filesLike(/\/alerts\/.*\.jsonl$/).flatMap((path) =>
    Deno.readTextFileSync(path).split("\n").map(readAlertLine).flatMap((
      read,
    ) => (read.kind === "alert" ? [read.line] : []))
  );
}

async function lockOut(): Promise<void> {
  const wide = notifierFlags().map((flag) => (flag.startsWith("--allow-net=") ? "--allow-net" : flag));
  const refused = await ask(["run"], { flags: wide });
  assert.equal(refused.code, 78, refused.text);
  assert.match(refused.text, /replace it by --allow-net=api\.telegram\.org/);
  const venue = notifierFlags().map((
    flag,
  ) => (flag.startsWith("--allow-net=") ? `${flag},api-testnet.bybit.com` : flag));
  assert.match((await ask(["run"], { flags: venue })).text, /api-testnet\.bybit\.com could be reached/);
  const keys = notifierFlags().map((flag) => flag.startsWith("--allow-env=") ? `${flag},BYBIT_TESTNET_API_KEY` : flag);
  assert.match((await ask(["run"], { flags: keys })).text, /the venue's key could be read/);
  const writes = notifierFlags().map((flag) => (flag.startsWith("--allow-write=") ? "--allow-write=data" : flag));
  assert.match((await ask(["run"], { flags: writes })).text, /data\/journal could be written/);
  const proxied = await ask(["run"], { env: { HTTPS_PROXY: "http://127.0.0.1:9" } });
  assert.equal(proxied.code, 78);
  assert.match(proxied.text, /unset HTTPS_PROXY/);
  pass("refuses permissions that are too wide, a proxy and the venue's key");
}

async function tokens(): Promise<void> {
  const missing = await ask(["test"], { env: { ABOT_NOTIFY_PHONE_TOKEN: "" } });
  assert.equal(missing.code, 78);
  assert.match(missing.text, /phone: ABOT_NOTIFY_PHONE_TOKEN is not set/);
  const token = "7654321098:AAanotherTokenThatIsRevoked01234567";
  const wrong = await ask(["test", "phone"], { env: { ABOT_NOTIFY_PHONE_TOKEN: token } });
  assert.equal(wrong.code, 1);
  assert.match(wrong.text, /wrong or was revoked. Ask @BotFather/);
  assert.ok(!wrong.text.includes(token.slice(11)));
  pass("a wrong token and a missing one are told in words");
  const well = await ask(["test"]);
  assert.equal(well.code, 0, well.text);
  for (const service of [house.telegram, house.slack, house.discord, house.ntfy]) assert.equal(service.shown.length, 1);
  pass("test reaches every channel");
}

/** Brings the flat bot to its grid line, then to its resting entry. */
async function enter(): Promise<void> {
  await until("a protected position", () => {
    const status = stage.status();
    const state = control.state();
    if (status?.position?.protected_without_us === true) return true;
    const entry = state.orders.find((order) => order.owner === "bot" && !order.reduceOnly && order.status === "New");
    if (entry !== undefined) control.setPrice(Math.round(entry.price * 0.9997));
    else if (status?.word === "FLAT" && status.grid !== null && state.size === 0) {
      const cents = Math.round(status.grid.buy_at_usd * 100);
      if (state.last > cents) control.setPrice(Math.round(cents * 0.9993));
    }
    return false;
  }, 180_000);
}

/** Stops the flat bot from the phone; a person at the machine starts it again. */
async function haltByPhone(): Promise<void> {
  const before = house.telegram.shown.length;
  house.telegram.write("/halt the rehearsal");
  await until("HALT", () => stage.status()?.halt?.reason === "kill_switch");
  await until("the answer", () => told(/^Halted\.\n/, before));
  await until("the alert", () => told(/🔴 HALTED/, before));
  house.telegram.write("/halt too late", { ago: 90_000 });
  await until("the word about an old /halt", () => told(/90 s old and was not carried out/, before));
  pass("halt by phone halts the bot");
  const main = `${project}/src/programs/trader/main.ts`;
  const args = ["run", "--cached-only", "--config", `${project}/deno.json`, ...permissionFlags(), main];
  const reset = await new Deno.Command(Deno.execPath(), {
    args: [...args, "reset", "--reason", "rehearsal"],
    ...{ cwd: folder, env: { ...stage.env }, clearEnv: true },
  }).output();
  assert.equal(reset.code, 0, new TextDecoder().decode(reset.stderr));
  await until("FLAT", () => stage.status()?.word === "FLAT");
}

async function loseStop(): Promise<void> {
  // No new order passes: the stop that the venue takes away cannot be replaced.
  stage.front = (request) => (request.url.includes("/v5/order/create") ? new Response("", { status: 500 }) : null);
  const before = house.telegram.shown.length;
  control.injectFault("stop_cancelled");
  const since = Date.now();
  const lost = await until(
    "the alert",
    () => alerts().find(({ severity, at }) => severity === "critical" && at >= since - 1_000),
    120_000,
  );
  const arrived = await until("it at the phone", () => told(/🔴/, before), 10_000);
  assert.ok(arrived.at - lost.at <= 3_000, `${arrived.at - lost.at} ms`);
  assert.match(arrived.text, /NOT PROTECTED|on its way/);
  pass("the lost stop is at the phone", `${arrived.at - lost.at} ms after the bot's alert`);
  stage.front = null;
  await until("protected or flat again", () => {
    const status = stage.status();
    return status !== null && (status.position === null || status.position.protected_without_us);
  }, 120_000);
}

async function commands(): Promise<void> {
  const before = house.telegram.shown.length;
  const answers = () =>
    house.telegram.shown.slice(before).map(({ text }) => text).filter((text) => !/^[🔴🟠⚪]/u.test(text));
  house.telegram.write("/halt now", { user: 666 });
  house.telegram.write("/status", { chat: 999 });
  for (const word of ["/status", "/why", "/report", "hello"]) {
    house.telegram.write(word);
    await pause(1_200);
  }
  await until("four answers", () => answers().length >= 4);
  await pause(1_000);
  assert.equal(answers().length, 4, answers().join("\n--\n"));
  console.log(answers().join("\n--\n"));
  assert.match(answers()[2] ?? "", /Last 24 hours/);
  assert.match(answers()[3] ?? "", /\/halt REASON/);
  pass("status, why and report by phone; a stranger gets no answer");
}

async function silence(trader: Deno.ChildProcess): Promise<Deno.ChildProcess> {
  const before = house.telegram.shown.length;
  trader.kill("SIGKILL");
  await trader.status;
  const killedAt = Date.now();
  const silent = await until("bot_silent", () => told(/No news from the bot/, before), 100_000);
  const failed = await until(
    "the failed heartbeat",
    () => house.beat.shown.find(({ where }) => where === "fail"),
    100_000,
  );
  assert.match(failed.text, /No news from the bot|NOT PROTECTED/);
  pass("the heartbeat is kept, and fails when the bot is silent", failed.text);
  house.telegram.write("/halt please");
  await until("no bot is running", () => told(/^No bot is running\./, before));
  pass("halt by phone without a bot says so");
  const again = bot();
  await until("bot_back", () => told(/The bot writes again/, before), 100_000);
  pass("bot_silent and bot_back are told", `${Math.round((silent.at - killedAt) / 1000)} s after the kill`);
  return again;
}

function noSecrets(): void {
  const kept = stage.filesLike(/./, `${folder}/data/notify`).map((path) => Deno.readTextFileSync(path));
  const words = Object.values(SECRETS_HERE).flatMap((
    value,
  ) => [value, ...value.split(/[/:]/).filter((one) => one.length >= 16)]);
  for (const text of [...said, ...kept]) {
    for (const word of words) assert.ok(!text.includes(word), `a secret in: ${text.slice(0, 200)}`);
  }
  pass("no secret in any output or file", `${kept.length} files, ${said.length} outputs`);
}

await lockOut();
await tokens();
let trader = bot();
await until("a bot", () => stage.status()?.word === "FLAT", 120_000);
const follower = notifier([]).spawn();
listen(follower);
await until("the first heartbeat", () => house.beat.shown[0]);
assert.deepEqual(house.beat.shown.map(({ where, text }) => `${where} ${text}`), ["ok ok"]);
await haltByPhone();
await enter();
const opened = await until("trade_opened", () => told(/Trade opened: long/));
assert.match(opened.text, /\nProtected: long/);
pass("a trade that opens is told");
await loseStop();
await commands();
trader = await silence(trader);
const asked = performance.now();
follower.kill("SIGTERM");
assert.equal((await follower.status).code, 0);
assert.ok(performance.now() - asked < 3_000, `${performance.now() - asked} ms`);
pass("stops within a second", `${Math.round(performance.now() - asked)} ms`);
await Promise.all(outputs);
noSecrets();
assert.deepEqual(house.all().flatMap((service) => service.misdeeds), []);
trader.kill("SIGKILL");
await trader.status;
await channels.shutdown();
Deno.exit(0);
