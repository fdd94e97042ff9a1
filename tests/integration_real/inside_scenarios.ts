/**
 * Runs inside the private network namespace of kit.ts: the live rehearsals with their shipped flags against the fake
 * venue over TLS. A driver moves the price to the bot's orders, so that no rehearsal waits for a market. Arguments: folder
 * with certificates, project folder, names of the rehearsals separated by commas.
 */
import assert from "node:assert/strict";
import { serveVenue } from "../../src/infrastructure/exchange/fake_exchange/server.ts";
import { permissionFlags } from "../../src/infrastructure/safety/permissions.ts";
import { type Status, statusSchema } from "../../src/cli/status_file.ts";

const [tls = "", project = "", names = ""] = Deno.args;
const KEY = "abotkey12345";
const SECRET = "abotsecret12345";
const folder = Deno.makeTempDirSync({ prefix: "abot-rehearsal-" });
const hostsSeen = new Set<string>();
const served = serveVenue({
  port: 443,
  key: KEY,
  secret: SECRET,
  seed: 5,
  // Order frames first: the bot counts a close for the day before the exit's fee is known, and a dry run reports the
  // difference as a problem. The proof that report and counters agree therefore needs the other order.
  ...(names === "dry-run" ? { switches: { frameOrder: "execution_first" } as const } : {}),
  onHost: (host) => hostsSeen.add(host),
  tls: { cert: Deno.readTextFileSync(`${tls}/venue.pem`), key: Deno.readTextFileSync(`${tls}/venue.key`) },
});
const { control } = served.venue;
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

async function rehearse(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const flags = ["--cached-only", "--config", `${project}/deno.json`, ...permissionFlags()];
  const output = await new Deno.Command(Deno.execPath(), {
    args: ["run", ...flags, `${project}/src/scenario_main.ts`, ...args],
    cwd: folder,
    env: { ...ENV, ...env },
    clearEnv: true,
  }).output();
  const text = new TextDecoder();
  return { code: output.code, text: text.decode(output.stdout) + text.decode(output.stderr) };
}

/** Every file of this name below the evidence, newest run last. */
function evidence(name: string): string[] {
  const found: string[] = [];
  const walk = (path: string): void => {
    for (const entry of [...Deno.readDirSync(path)].toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      if (entry.isDirectory) walk(`${path}/${entry.name}`);
      else if (entry.name === name) found.push(`${path}/${entry.name}`);
    }
  };
  walk(`${folder}/data`);
  return found;
}
function newestStatus(): Status | null {
  const seen = evidence("status.json").flatMap((path) => {
    const parsed = statusSchema.safeParse(JSON.parse(Deno.readTextFileSync(path)));
    return parsed.success ? [parsed.data] : [];
  });
  return seen.toSorted((a, b) => a.written_at_ms - b.written_at_ms).at(-1) ?? null;
}

/** Below the grid line of a flat bot, then to its resting entry, then where the rehearsal wants the trade to end. */
let wanted: "nothing" | "stop" | "target" = "nothing";
function drive(): void {
  const state = control.state();
  const status = newestStatus();
  const entry = state.orders.find((order) => order.owner === "bot" && !order.reduceOnly && order.status === "New");
  if (state.size > 0) {
    const stop = state.orders.find((order) => order.triggerPrice > 0);
    const target = state.orders.find((order) => order.reduceOnly && order.triggerPrice === 0);
    if (wanted === "stop" && stop !== undefined) control.setPrice(Math.round(stop.triggerPrice * 0.9995));
    if (wanted === "target" && target !== undefined) control.setPrice(Math.round(target.price * 1.0005));
  } else if (entry !== undefined && entry.price > state.last * 0.97) {
    control.setPrice(Math.round(entry.price * 0.9997));
  } else if (status?.word === "FLAT") {
    const line = Number(/buy at or below ([\d.]+)/.exec(status.next.join(" "))?.[1] ?? 0);
    if (line > 0 && state.last > line * 100) control.setPrice(Math.round(line * 100 * 0.9993));
  }
}
const driver = setInterval(() => {
  try {
    drive();
  } catch (error) {
    // A status that is being written; the next look reads it whole.
    if (!(error instanceof SyntaxError || error instanceof Deno.errors.NotFound)) throw error;
  }
}, 500);

function pass(name: string, detail = ""): void {
  console.log(`PASS ${name}${detail === "" ? "" : ` (${detail})`}`);
}
type Results = {
  readonly refused: string | null;
  readonly results: readonly { name: string; result: string; class: string | null; tries: number }[];
  readonly observed_switches: Readonly<Record<string, string>>;
};
function lastRun(): Results {
  const runs = [...Deno.readDirSync(`${folder}/data/scenarios`)].map(({ name }) => name).toSorted();
  return JSON.parse(Deno.readTextFileSync(`${folder}/data/scenarios/${runs.at(-1)}/result.json`));
}

async function failures(): Promise<void> {
  const keyless = await rehearse(["testnet", "connect"], { BYBIT_TESTNET_API_SECRET: "" });
  assert.equal(keyless.code, 1, keyless.text);
  assert.deepEqual(lastRun().results.map((one) => [one.class, one.tries]), [["permission", 1]]);
  const wrong = await rehearse(["testnet", "connect"], { BYBIT_TESTNET_API_KEY: "someoneelse1" });
  assert.equal(wrong.code, 1, wrong.text);
  assert.deepEqual(lastRun().results.map((one) => [one.class, one.tries]), [["permission", 1]]);
  // To the end of this program: `failures` comes last.
  control.outage(Date.now() + 3_600_000);
  const dark = await rehearse(["testnet", "connect"]);
  assert.equal(dark.code, 1, dark.text);
  assert.deepEqual(lastRun().results.map((one) => [one.class, one.tries]), [["network", 3]]);
  pass("no key, a wrong key and no venue are failures with their class");
}

async function refusal(): Promise<void> {
  control.personTrades({ side: "Buy", qty: 20 });
  const refused = await rehearse(["testnet", "order"]);
  assert.equal(refused.code, 78, refused.text);
  assert.match(refused.text, /Cannot rehearse as F-11\.4 needs a flat account without orders: a position of 20/);
  control.personTrades({ side: "Sell", qty: 20 });
  pass("an account that is not flat is refused");
}

async function dryRun(): Promise<void> {
  wanted = "target";
  const done = await rehearse(["dry-run", "--trades", "1"]);
  assert.equal(done.code, 0, done.text);
  const [path = ""] = evidence("dry_run.md");
  const report = Deno.readTextFileSync(path);
  assert.match(report, /\| trades closed \| 1 of 1 \|/);
  assert.match(report, /\| log completeness \| 100 % \(1 of 1\) \|/);
  assert.match(report, /## Problems found\n\nNone\./);
  assert.equal(control.state().size, 0);
  pass("dry-run");
}

async function each(name: string): Promise<void> {
  wanted = name === "stop" ? "stop" : name === "ten" ? "target" : "nothing";
  const began = performance.now();
  // `a+b` is one run of both.
  const done = await rehearse(["testnet", ...name.split("+")]);
  assert.equal(done.code, 0, done.text);
  assert.equal(control.state().size, 0);
  assert.deepEqual(control.state().orders, []);
  console.log(done.text);
  pass(name, `${Math.round((performance.now() - began) / 1000)} s`);
}

try {
  for (const name of names.split(",")) {
    if (name === "failures") await failures();
    else if (name === "refusal") await refusal();
    else if (name === "dry-run") await dryRun();
    else await each(name);
  }
  for (const path of evidence("wire.jsonl")) {
    const text = Deno.readTextFileSync(path);
    assert.ok(!text.includes(KEY) && !text.includes(SECRET), path);
  }
  // Nothing else exists in the namespace; a rehearsal of REST alone opens no stream.
  const others = [...hostsSeen].filter((host) => !/^(api|stream)-testnet\.bybit\.com$/.test(host));
  assert.deepEqual(others, []);
  assert.ok(hostsSeen.has("api-testnet.bybit.com"));
  console.log("DONE");
} finally {
  clearInterval(driver);
  await served.shutdown();
  Deno.removeSync(folder, { recursive: true });
}
