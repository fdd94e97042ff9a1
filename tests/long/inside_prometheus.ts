/**
 * Runs inside a private network namespace: fake venue, bot, monitor and Prometheus. Prints `PASS <name>` for what was seen;
 * throws at the first thing that was not. Arguments: folder with certificates, project folder.
 */
import { monitorFlags } from "../../src/infrastructure/safety/monitor_permissions.ts";
import { permissionFlags } from "../../src/infrastructure/safety/permissions.ts";
import { Driver, pass, pause, Stage } from "../integration_real/inside_stage.ts";

const [tls = "", project = ""] = Deno.args;
const stage = new Stage({ tls, project });
const { folder, control } = stage;
const driver = new Driver(stage);
const children: Deno.ChildProcess[] = [];

function spawn(program: string, args: readonly string[]): void {
  const streams = { stdin: "null", stdout: "null", stderr: "null" } as const;
  children.push(
    new Deno.Command(program, { args: [...args], cwd: folder, env: { ...stage.env }, clearEnv: true, ...streams })
      .spawn(),
  );
}
function start(main: string, flags: readonly string[], args: readonly string[]): void {
  const shared = ["run", "--cached-only", "--config", `${project}/deno.json`];
  spawn(Deno.execPath(), [...shared, ...flags, `${project}/${main}`, ...args]);
}

/** As shipped, but asked every second, so that the test does not wait for a scrape. */
function startPrometheus(): void {
  const from = `${project}/config/deploy/prometheus`;
  const config = Deno.readTextFileSync(`${from}/prometheus.yml`).replaceAll("_interval: 5s", "_interval: 1s");
  Deno.writeTextFileSync(`${folder}/prometheus.yml`, config);
  Deno.copyFileSync(`${from}/abot.rules.yml`, `${folder}/abot.rules.yml`);
  spawn("/usr/bin/prometheus", [
    `--config.file=${folder}/prometheus.yml`,
    `--storage.tsdb.path=${folder}/tsdb`,
    "--web.listen-address=127.0.0.1:9390",
  ]);
}

async function ask(path: string): Promise<Record<string, unknown>> {
  const reply = await fetch(`http://127.0.0.1:9390/api/v1/${path}`);
  return await reply.json();
}
async function value(metric: string): Promise<string> {
  return /"value":\[[\d.]+,"([^"]+)"\]/.exec(JSON.stringify(await ask(`query?query=${metric}`)))?.[1] ?? "none";
}
/** Names of the alerts that fire. */
async function firing(): Promise<readonly string[]> {
  const text = JSON.stringify(await ask("alerts"));
  const alerts = [...text.matchAll(/"alertname":"(\w+)".*?"state":"(\w+)"/g)];
  return alerts.filter(([, , state]) => state === "firing").map(([, name]) => name ?? "");
}
async function until(what: string, holds: () => boolean | Promise<boolean>, withinMs = 90_000): Promise<number> {
  const from = performance.now();
  let last = "";
  while (performance.now() - from < withinMs) {
    try {
      if (await holds()) return Math.round(performance.now() - from);
    } catch (error) {
      last = String(error);
    }
    await pause(200);
  }
  throw new Error(`${what} was not seen in ${withinMs} ms; ${last} ${JSON.stringify(control.state())}`);
}

async function main(): Promise<void> {
  start("src/programs/trader/main.ts", permissionFlags(), ["--config", "config/testnet_scenarios.yaml"]);
  start("src/programs/monitor/main.ts", monitorFlags(), ["--data", "data"]);
  startPrometheus();
  await until("a position with a stop", () => control.state().size > 0 && stage.stops().length === 1);
  driver.paused = true;
  await until("the position in Prometheus", async () => await value("abot_covered") === "1");
  await until("contracts in Prometheus", async () => Math.abs(Number(await value("abot_position_contracts"))) > 0);
  await until("no alert", async () => (await firing()).length === 0);
  pass("scraped, nothing fires");
  // No order gets through any more: neither another stop nor the exit that follows when there is none.
  stage.served.holds.hold({ action: "create", link: "", when: "before", retCode: 0, frames: false });
  control.injectFault("stop_cancelled");
  const fired = await until("AbotUnprotected", async () => (await firing()).includes("AbotUnprotected"), 30_000);
  pass("unprotected fires", `${fired} ms after the stop was taken away`);
  stage.served.holds.release({ deliver: true });
  await until("the end of AbotUnprotected", async () => !(await firing()).includes("AbotUnprotected"), 60_000);
  pass("unprotected ends");
}

try {
  await main();
} finally {
  driver.stop();
  for (const child of children) {
    try {
      child.kill("SIGKILL");
      await child.status;
    } catch {
      // It has ended by itself.
    }
  }
  await stage.close();
}
Deno.exit(0);
