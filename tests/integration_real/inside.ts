/**
 * Runs inside a private network namespace in which both testnet names are 127.0.0.1: the fake venue over TLS on port 443,
 * and the live program with its shipped permission flags against it. Prints `PASS <name>` for what was seen; throws at
 * the first thing that was not. Arguments: folder with certificates, project folder, executable or "".
 */
import assert from "node:assert/strict";
import { serveVenue } from "../../src/infrastructure/exchange/fake_exchange/server.ts";
import { permissionFlags } from "../../src/infrastructure/safety/permissions.ts";
import { type Status, statusSchema } from "../../src/cli/status_file.ts";

const [tls = "", project = "", executable = ""] = Deno.args;
const KEY = "abotkey12345";
const SECRET = "abotsecret12345";
const folder = Deno.makeTempDirSync({ prefix: "abot-e2e-" });
const hostsSeen = new Set<string>();

const served = serveVenue({
  port: 443,
  key: KEY,
  secret: SECRET,
  seed: 5,
  onHost: (host) => hostsSeen.add(host),
  tls: { cert: Deno.readTextFileSync(`${tls}/venue.pem`), key: Deno.readTextFileSync(`${tls}/venue.key`) },
});
const { venue } = served;
Deno.mkdirSync(`${folder}/config`);
for (const name of ["testnet.yaml", "testnet_scenarios.yaml", "safety_limits.yaml"]) {
  Deno.copyFileSync(`${project}/config/${name}`, `${folder}/config/${name}`);
}
Deno.mkdirSync(`${folder}/data`);

const ENV: Readonly<Record<string, string>> = {
  HOME: Deno.env.get("HOME") ?? "/",
  PATH: Deno.env.get("PATH") ?? "",
  NO_COLOR: "1",
  DENO_CERT: `${tls}/ca.pem`,
  BYBIT_TESTNET_API_KEY: KEY,
  BYBIT_TESTNET_API_SECRET: SECRET,
};
type Start = { readonly env?: Readonly<Record<string, string>>; readonly flags?: readonly string[] };

function command(args: readonly string[], start: Start = {}): Deno.Command {
  const env = { ...ENV, ...start.env };
  const shared = { cwd: folder, env, clearEnv: true, stdin: "null", stdout: "piped", stderr: "piped" } as const;
  if (executable !== "" && start.flags === undefined) {
    return new Deno.Command(executable, { args: [...args], ...shared });
  }
  const flags = start.flags ?? permissionFlags();
  const program = ["run", "--cached-only", "--config", `${project}/deno.json`, ...flags, `${project}/src/main.ts`];
  return new Deno.Command(Deno.execPath(), { args: [...program, ...args], ...shared });
}
async function cli(args: readonly string[], start: Start = {}) {
  const output = await command(args, start).output();
  const text = new TextDecoder();
  return { code: output.code, out: text.decode(output.stdout), err: text.decode(output.stderr) };
}
function status(): Status | null {
  try {
    return statusSchema.parse(JSON.parse(Deno.readTextFileSync(`${folder}/data/status.json`)));
  } catch {
    return null;
  }
}
const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** Waits until the bot's own word says so; the deadline is an upper bound, not a measurement. */
async function until(what: string, holds: (status: Status) => boolean, withinMs = 30_000): Promise<Status> {
  const end = performance.now() + withinMs;
  while (performance.now() < end) {
    const seen = status();
    if (seen !== null && holds(seen)) return seen;
    await pause(50);
  }
  throw new Error(`${what} was not seen in ${withinMs} ms; last: ${JSON.stringify(status())}\n${await errors()}`);
}
let startedAt = 0;
let running: Deno.ChildProcess | null = null;
const said: Promise<string>[] = [];
function endRunning(): void {
  try {
    running?.kill("SIGKILL");
  } catch {
    // It has ended by itself.
  }
}
async function errors(): Promise<string> {
  endRunning();
  return (await Promise.all(said)).join("\n").split("\n").slice(-40).join("\n");
}
function start(): Deno.ChildProcess {
  startedAt = performance.now();
  // The word of an earlier process is not this one's.
  if (status() !== null) Deno.removeSync(`${folder}/data/status.json`);
  const child = command(["--config", "config/testnet_scenarios.yaml"]).spawn();
  said.push(new Response(child.stdout).text(), new Response(child.stderr).text());
  running = child;
  return child;
}
/** As the unit does: 75 is tried again. Bases older than Deno 2.9 hold the lock of a killed process for five seconds. */
async function restart(): Promise<void> {
  for (;;) {
    const child = start();
    const early = await Promise.race([child.status.then(({ code }) => code), pause(1500).then(() => null)]);
    if (early === null) return;
    assert.equal(early, 75);
    await pause(1000);
  }
}
function pass(name: string, detail = ""): void {
  console.log(`PASS ${name}${detail === "" ? "" : ` (${detail})`}`);
}
function stopsAtVenue() {
  return venue.control.state().orders.filter((order) => order.orderLinkId.includes("_stop_"));
}

async function lockOut(): Promise<void> {
  const wide = permissionFlags().map((flag) => (flag.startsWith("--allow-net=") ? "--allow-net" : flag));
  const refused = await cli(["--config", "config/testnet.yaml"], { flags: wide });
  assert.equal(refused.code, 78, refused.err);
  assert.match(refused.err, /replace it by --allow-net=api-testnet\.bybit\.com,stream-testnet\.bybit\.com/);
  const proxied = await cli(["--config", "config/testnet.yaml"], { env: { HTTPS_PROXY: "http://127.0.0.1:9" } });
  assert.equal(proxied.code, 78);
  assert.match(proxied.err, /unset HTTPS_PROXY/);
  Deno.writeTextFileSync(`${folder}/config/real.yaml`, "extends: testnet.yaml\nhost: api.bybit.com\n");
  const real = await cli(["--config", "config/real.yaml"]);
  assert.equal(real.code, 78);
  assert.match(real.err, /config\/real\.yaml:2:1: host = api\.bybit\.com: hosts are fixed/);
  const keyless = await cli(["--config", "config/testnet.yaml"], { env: { BYBIT_TESTNET_API_SECRET: "" } });
  assert.equal(keyless.code, 78);
  Deno.writeTextFileSync(
    `${folder}/probe.ts`,
    `const tries: [string, () => unknown][] = [
      ["api.bybit.com", () => fetch("https://api.bybit.com/")],
      ["its address", () => fetch("https://13.33.88.1/")],
      ["socket", () => new WebSocket("wss://stream.bybit.com/v5/private")],
      ["dynamic import", () => import("npm:left-pad@" + "1.3.0")],
      ["remote import", () => import("https://deno.land/" + "std/version.ts")],
    ];
    for (const [name, attempt] of tries) {
      try { await attempt(); console.log(name + ": LET THROUGH"); } catch (error) { console.log(name + ": " + error.name); }
    }`,
  );
  const probe = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "--cached-only", ...permissionFlags(), `${folder}/probe.ts`],
    cwd: folder,
    env: ENV,
    clearEnv: true,
  }).output();
  const seen = new TextDecoder().decode(probe.stdout).trim().split("\n");
  assert.equal(seen.length, 5);
  for (const line of seen) assert.doesNotMatch(line, /LET THROUGH/);
  pass("lock-out", seen.join(", "));
}

/** Drives the price to the grid line and beyond until the entry is filled. */
async function enter(): Promise<Status> {
  const flat = await until(
    "a grid",
    (seen) => seen.word === "FLAT" && seen.next.some((line) => line.includes("buy at")),
    90_000,
  );
  const line = Number(/buy at or below ([\d.]+)/.exec(flat.next.join(" "))?.[1]);
  assert.ok(line > 0, flat.next.join(" "));
  venue.control.setPrice(Math.round(line * 100 * 0.9993));
  const end = performance.now() + 150_000;
  while (performance.now() < end) {
    const seen = status();
    if (seen?.position?.protected_without_us === true) return seen;
    // A resting entry fills when the market comes down to it; a new one is placed each minute if it is cancelled.
    if (seen?.word === "ENTRY_PENDING") venue.control.setPrice(Math.round(venue.control.state().last * 0.999));
    await pause(500);
  }
  throw new Error(`no protected position: ${JSON.stringify(status())}\n${await errors()}`);
}

async function stopAndRestart(): Promise<void> {
  const child = running;
  assert.ok(child !== null);
  const [before] = [status()];
  child.kill("SIGKILL");
  await child.status;
  assert.equal(stopsAtVenue().length, 1, JSON.stringify(venue.control.state()));
  await restart();
  const again = await until("recovery", (seen) => seen.position?.protected_without_us === true);
  assert.equal(again.position?.contracts, before?.position?.contracts);
  assert.equal(again.position?.stop_id, before?.position?.stop_id);
  assert.equal(stopsAtVenue().length, 1);
  pass("kill -9 and recovery", `${Math.round(performance.now() - startedAt)} ms to protected, process start in`);
}

async function killSwitch(): Promise<void> {
  const halted = await cli(["halt", "--reason", "rehearsal"]);
  assert.equal(halted.code, 0, halted.err);
  await until("HALT", (seen) => seen.halt?.reason === "kill_switch" && seen.position !== null);
  assert.equal(stopsAtVenue().length, 1);
  const child = running;
  child?.kill("SIGTERM");
  assert.equal((await child?.status)?.code, 0);
  start();
  await until("HALT after a restart", (seen) => seen.word === "HALT" && seen.position?.protected_without_us === true);
  const shown = await cli(["status"]);
  assert.equal(shown.code, 0);
  assert.match(shown.out, /HALT kill_switch since/);
  assert.match(shown.out, /abot reset --reason/);
  const reset = await cli(["reset", "--reason", "rehearsal over"]);
  assert.equal(reset.code, 0, reset.err + reset.out);
  await until("IN_POSITION", (seen) => seen.word === "IN_POSITION");
  pass("kill switch with a position");
}

async function closeByOperator(): Promise<void> {
  const closed = await cli(["close", "--confirm"]);
  assert.equal(closed.code, 0, closed.err + closed.out);
  await until("FLAT", (seen) => seen.position === null && seen.phase === "flat");
  // The stop goes only after a read newer than the last execution has shown zero (F-4.3).
  await until("no own order", (seen) => seen.open_orders.length === 0 && stopsAtVenue().length === 0);
  assert.deepEqual(stopsAtVenue(), []);
  pass("market exit through FLAT, ENTRY_PENDING, IN_POSITION, EXIT_PENDING, FLAT");
}

async function killFile(): Promise<void> {
  Deno.writeTextFileSync(`${folder}/data/KILL`, "");
  await until("HALT", (seen) => seen.halt?.reason === "kill_switch");
  const early = await cli(["reset", "--reason", "too early"]);
  assert.equal(early.code, 1);
  assert.match(early.err, /KILL/);
  Deno.removeSync(`${folder}/data/KILL`);
  await pause(1500);
  const reset = await cli(["reset", "--reason", "file removed"]);
  assert.equal(reset.code, 0, reset.err);
  await until("no halt", (seen) => seen.halt === null);
  pass("kill switch by file, refused reset, reset");
}

async function leaveAndLookBack(): Promise<void> {
  const second = await cli(["--config", "config/testnet_scenarios.yaml"]);
  assert.equal(second.code, 75);
  assert.match(second.err, /one data directory has one writer/);
  // The trade's line is written once 10 s passed without news of it (P-1).
  for (let looks = 0; looks < 60 && JSON.parse((await cli(["report", "--json"])).out).trades === 0; looks += 1) {
    await pause(500);
  }
  const child = running;
  child?.kill("SIGTERM");
  assert.equal((await child?.status)?.code, 0);
  running = null;
  await pause(200);
  for (const args of [["verify"], ["replay"], ["report"], ["why", "--last", "3"]]) {
    const answer = await cli(args);
    assert.equal(answer.code, 0, `${args[0]}: ${answer.out}${answer.err}`);
  }
  const report = JSON.parse((await cli(["report", "--json"])).out);
  assert.equal(report.trades, 1);
  assert.equal(report.halts.length >= 1, true);
  pass("graceful stop, second instance refused, verify, replay, report");
}

/** Nothing else exists in the namespace: whatever the program reached, it reached here, under these names. */
function hosts(): void {
  assert.deepEqual([...hostsSeen].toSorted(), ["api-testnet.bybit.com", "stream-testnet.bybit.com"]);
  pass("hosts contacted are the two names");
}

try {
  await lockOut();
  const checked = await cli(["check"]);
  assert.equal(checked.code, 0, checked.out + checked.err);
  pass("check");
  start();
  const position = await enter();
  assert.equal(stopsAtVenue().length, 1, JSON.stringify(venue.control.state()));
  pass("entry filled and protected", `${position.position?.contracts} contracts`);
  await stopAndRestart();
  await killSwitch();
  await closeByOperator();
  await killFile();
  await leaveAndLookBack();
  hosts();
  console.log("DONE");
} finally {
  endRunning();
  await Promise.all(said);
  await served.shutdown();
  Deno.removeSync(folder, { recursive: true });
}
