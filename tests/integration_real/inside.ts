/**
 * Runs inside a private network namespace in which the venue's names are 127.0.0.1: the fake venue over TLS on port 443,
 * and the live program with its shipped permission flags against it. Prints `PASS <name>` for what was seen; throws at
 * the first thing that was not. Arguments: folder with certificates, project folder, and separated by a comma the
 * executable and the compiled probe, or "".
 */
import assert from "node:assert/strict";
import { permissionFlags } from "../../src/infrastructure/safety/permissions.ts";
import type { Status } from "../../src/views/status.ts";
import { Driver, pass, pause, Stage, TWO_NAMES } from "./inside_stage.ts";
import { tradeByTrade, wayOf } from "./inside_journal.ts";

const [tls = "", project = "", programs = ""] = Deno.args;
const [executable = "", probe = ""] = programs.split(",");
const stage = new Stage({ tls, project });
const { folder, control, env: ENV } = stage;
const driver = new Driver(stage);
/** How the trades end, in this order; the first one is closed by the operator after all that happens to it. */
const ENDS = ["close", "target", "stop", "target", "close", "target", "target", "target", "target", "target"] as const;
/** Deno writes down here every permission a process used, one file a process. */
const AUDITS = `${stage.folder}/audits`;
Deno.mkdirSync(AUDITS);
let processes = 0;

type Start = { readonly env?: Readonly<Record<string, string>>; readonly flags?: readonly string[] };

function command(args: readonly string[], start: Start = {}): Deno.Command {
  processes += 1;
  const env = { ...ENV, DENO_AUDIT_PERMISSIONS: `${AUDITS}/${processes}.jsonl`, ...start.env };
  const shared = { cwd: folder, env, clearEnv: true, stdin: "null", stdout: "piped", stderr: "piped" } as const;
  if (executable !== "" && start.flags === undefined) {
    return new Deno.Command(executable, { args: [...args], ...shared });
  }
  const flags = start.flags ?? permissionFlags();
  const program = [
    "run",
    "--cached-only",
    "--config",
    `${project}/deno.json`,
    ...flags,
    `${project}/src/programs/trader/main.ts`,
  ];
  return new Deno.Command(Deno.execPath(), { args: [...program, ...args], ...shared });
}
async function cli(args: readonly string[], start: Start = {}) {
  const output = await command(args, start).output();
  const text = new TextDecoder();
  return { code: output.code, out: text.decode(output.stdout), err: text.decode(output.stderr) };
}
function status(): Status | null {
  try {
    return stage.status();
  } catch {
    return null;
  }
}

/**
 * Waits until the bot's own word says so; the deadline is an upper bound, not a measurement. Starts that follow each other
 * share a minute's budget of calls (F-7.10): what is not protective may wait that long.
 */
async function until(what: string, holds: (status: Status) => boolean, withinMs = 90_000): Promise<Status> {
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
async function terminate(): Promise<void> {
  const child = running;
  child?.kill("SIGTERM");
  assert.equal((await child?.status)?.code, 0);
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
  pass("lock-out");
}

/** A program that tries to leave, with the bot's own flags. Its redirect is served by the venue itself. */
async function waysOut(): Promise<void> {
  stage.front = redirectToMainnet;
  const flags = [
    "run",
    "--no-check",
    "--cached-only",
    ...permissionFlags(),
    `${project}/tests/integration_real/probe.ts`,
  ];
  const [program, args] = probe === "" ? [Deno.execPath(), flags] : [probe, []];
  const output = await new Deno.Command(program, { args, cwd: folder, env: ENV, clearEnv: true }).output();
  stage.front = null;
  const seen = new TextDecoder().decode(output.stdout).trim().split("\n");
  assert.equal(seen.length, 9, seen.join("\n"));
  for (const line of seen) assert.doesNotMatch(line, /LET THROUGH/);
  // All but the two imports are closed by the permission list itself.
  assert.equal(seen.filter((line) => line.endsWith(": NotCapable")).length >= 7, true, seen.join("\n"));
  pass("ways out", seen.join(", "));
}
function redirectToMainnet(request: Request): Response {
  redirects += 1;
  return new Response(null, {
    status: 307,
    headers: { location: `https://api.bybit.com${new URL(request.url).pathname}` },
  });
}
let redirects = 0;

/** The driver finds the grid line and the resting entry. */
function entered(): Promise<Status> {
  return until("a protected position", (seen) => seen.position?.protected_without_us === true, 180_000);
}
async function flat(): Promise<void> {
  await until("FLAT", (seen) => seen.position === null && seen.phase === "flat");
  // The stop goes only after a read newer than the last execution has shown zero (F-4.3).
  await until("no own order", (seen) => seen.open_orders.length === 0 && stage.stops().length === 0);
}

async function killNine(): Promise<void> {
  const child = running;
  assert.ok(child !== null);
  const before = status();
  child.kill("SIGKILL");
  await child.status;
  assert.equal(stage.stops().length, 1, JSON.stringify(control.state()));
  await restart();
  const again = await until("recovery", (seen) => seen.position?.protected_without_us === true);
  assert.equal(again.position?.contracts, before?.position?.contracts);
  assert.equal(again.position?.stop_id, before?.position?.stop_id);
  assert.equal(stage.stops().length, 1);
  pass("kill -9 and recovery", `${Math.round(performance.now() - startedAt)} ms to protected, process start in`);
}

/** With a position open the venue sends every call to the real host, sockets too: none is followed, the stop stays. */
async function redirected(): Promise<void> {
  const before = redirects;
  stage.front = redirectToMainnet;
  const end = performance.now() + 30_000;
  while (redirects < before + 3 && performance.now() < end) await pause(100);
  stage.front = null;
  assert.ok(redirects >= before + 3, `${redirects} calls`);
  assert.equal(stage.stops().length, 1);
  await pause(2_000);
  const since = Date.now();
  await until(
    "a status after it",
    (seen) => seen.written_at_ms > since && seen.position?.protected_without_us === true,
  );
  const logs = (await Promise.all(stage.filesLike(/\.jsonl$/).map((path) => Deno.readTextFile(path)))).join("\n");
  assert.doesNotMatch(logs, /api\.bybit\.com/);
  assert.ok(!stage.hostsSeen.has("api.bybit.com"));
  pass("redirects to the real host are not followed", `${redirects - before} calls`);
}

async function killSwitch(): Promise<void> {
  const halted = await cli(["halt", "--reason", "rehearsal"]);
  assert.equal(halted.code, 0, halted.err);
  await until("HALT", (seen) => seen.halt?.reason === "kill_switch" && seen.position !== null);
  assert.equal(stage.stops().length, 1);
  await terminate();
  start();
  await until("HALT after a restart", (seen) => seen.word === "HALT" && seen.position?.protected_without_us === true);
  const shown = await cli(["status"]);
  assert.equal(shown.code, 0);
  assert.match(shown.out, /^HALTED for /m);
  assert.match(shown.out, /A person pulled the kill switch/);
  assert.match(shown.out, /abot reset --reason/);
  const reset = await cli(["reset", "--reason", "rehearsal over"]);
  assert.equal(reset.code, 0, reset.err + reset.out);
  await until("IN_POSITION", (seen) => seen.word === "IN_POSITION");
  pass("kill switch with a position");
}

async function closeByOperator(): Promise<void> {
  const closed = await cli(["close", "--confirm"]);
  assert.equal(closed.code, 0, closed.err + closed.out);
  await flat();
}

/** Without a position, by the file: also a restart finds it, and no reset lifts it while it lies there. */
async function killFile(): Promise<void> {
  Deno.writeTextFileSync(`${folder}/data/KILL`, "");
  await until("HALT", (seen) => seen.halt?.reason === "kill_switch");
  await terminate();
  start();
  await until("HALT after a restart", (seen) => seen.halt?.reason === "kill_switch");
  const early = await cli(["reset", "--reason", "too early"]);
  assert.equal(early.code, 1);
  assert.match(early.err, /KILL/);
  Deno.removeSync(`${folder}/data/KILL`);
  await pause(1500);
  const reset = await cli(["reset", "--reason", "file removed"]);
  assert.equal(reset.code, 0, reset.err);
  await until("FLAT", (seen) => seen.word === "FLAT");
  pass("kill switch by file, restart, refused reset, reset");
}

/** The trade's line is written once 10 s passed without news of it (P-1). */
async function recorded(trades: number): Promise<void> {
  const end = performance.now() + 180_000;
  while (tradeByTrade(stage).length < trades && performance.now() < end) await pause(200);
  const found = tradeByTrade(stage).length;
  if (found !== trades) {
    throw new Error(`${found} trades, not ${trades}: ${JSON.stringify(status())}\n${await errors()}`);
  }
}

async function firstTrade(): Promise<void> {
  driver.last = ENDS.length;
  driver.end = (trade) => {
    const end = ENDS[trade - 1];
    return end === undefined || end === "close" ? "nothing" : end;
  };
  const position = await entered();
  assert.equal(stage.stops().length, 1, JSON.stringify(control.state()));
  driver.paused = true;
  pass("entry filled and protected", `${position.position?.contracts} contracts`);
  await killNine();
  await redirected();
  await killSwitch();
  await closeByOperator();
  await killFile();
  await recorded(1);
}

async function otherTrades(): Promise<void> {
  driver.paused = false;
  for (const [index, end] of ENDS.entries()) {
    if (index === 0) continue;
    if (end === "close") {
      // The driver leaves it open, so what is open now is this one.
      await entered();
      await closeByOperator();
    }
    await recorded(index + 1);
  }
  const trades = tradeByTrade(stage);
  const reasons = { close: "manual", target: "profit_target", stop: "stop_loss" } as const;
  assert.deepEqual(trades.map((trade) => trade.exit_reason), ENDS.map((end) => reasons[end]));
  pass("ten closed trades by target, stop and market exit", trades.map((trade) => trade.direction).join(" "));
  const { phases, words } = wayOf(stage, trades[4]);
  assert.deepEqual(phases, ["flat", "entry", "position", "exit", "flat"]);
  assert.deepEqual(words, ["FLAT", "ENTRY_PENDING", "IN_POSITION", "EXIT_PENDING", "FLAT"]);
  pass(`market exit through ${words.join(", ")}`);
}

async function leaveAndLookBack(): Promise<void> {
  const second = await cli(["--config", "config/testnet_scenarios.yaml"]);
  assert.equal(second.code, 75);
  assert.match(second.err, /one data directory has one writer/);
  await terminate();
  running = null;
  await pause(200);
  for (const args of [["verify"], ["replay"], ["report"], ["why", "--last", "3"]]) {
    const answer = await cli(args);
    assert.equal(answer.code, 0, `${args[0]}: ${answer.out}${answer.err}`);
  }
  const report = JSON.parse((await cli(["report", "--json"])).out);
  assert.equal(report.trades, ENDS.length);
  assert.equal(report.halts.length >= 1, true);
  pass("graceful stop, second instance refused, verify, replay, report");
}

/** Every other name leads to the venue too: whatever the program reached, it reached here, under these names. */
function hosts(): void {
  assert.deepEqual([...stage.hostsSeen].toSorted(), TWO_NAMES);
  pass("hosts contacted are the two names");
  if (executable !== "") return;
  const used = stage.filesLike(/\.jsonl$/, AUDITS).flatMap((path) =>
    Deno.readTextFileSync(path).trim().split("\n").map((line) => JSON.parse(line))
  );
  // A value is an address or a name with its port.
  const nameOf = (value: string) => new URL(value.includes("://") ? value : `https://${value}`).hostname;
  const reached = new Set(used.filter((one) => one.permission === "net").map((one) => nameOf(String(one.value))));
  assert.deepEqual([...reached].toSorted(), TWO_NAMES);
  const names = new Set(used.map((one) => one.permission));
  assert.deepEqual([...names].filter((name) => !["env", "net", "read", "write"].includes(name)), []);
  pass("permissions used are the two names, config and data");
}

try {
  await lockOut();
  await waysOut();
  const checked = await cli(["check"]);
  assert.equal(checked.code, 0, checked.out + checked.err);
  pass("check");
  start();
  await firstTrade();
  await otherTrades();
  await leaveAndLookBack();
  hosts();
  console.log("DONE");
} finally {
  driver.stop();
  endRunning();
  await Promise.all(said);
  await stage.close();
}
