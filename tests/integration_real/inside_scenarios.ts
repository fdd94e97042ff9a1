/**
 * Runs inside the private network namespace of kit.ts: the live rehearsals with their shipped flags against the fake
 * venue over TLS. A driver moves the price to the bot's orders, so that no rehearsal waits for a market. Arguments: folder
 * with certificates, project folder, names of the rehearsals separated by commas.
 */
import assert from "node:assert/strict";
import { permissionFlags } from "../../src/infrastructure/safety/permissions.ts";
import { Driver, KEY, pass, SECRET, Stage } from "./inside_stage.ts";

const [tls = "", project = "", names = ""] = Deno.args;
const stage = new Stage({ tls, project });
const { control, folder, env: ENV } = stage;
const driver = new Driver(stage);

async function rehearse(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const flags = ["--cached-only", "--config", `${project}/deno.json`, ...permissionFlags()];
  const output = await new Deno.Command(Deno.execPath(), {
    args: ["run", ...flags, `${project}/src/programs/rehearsal/main.ts`, ...args],
    cwd: folder,
    env: { ...ENV, ...env },
    clearEnv: true,
  }).output();
  const text = new TextDecoder();
  return { code: output.code, text: text.decode(output.stdout) + text.decode(output.stderr) };
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

/** With more than a few trades one of them is stopped, so that the report has a loss to tell of. */
async function dryRun(trades: string): Promise<void> {
  driver.end = (trade) => (trade === 4 ? "stop" : "target");
  const done = await rehearse(["dry-run", "--trades", trades]);
  assert.equal(done.code, 0, done.text);
  const [path = ""] = stage.filesLike(/\/dry_run\.md$/);
  const report = Deno.readTextFileSync(path);
  assert.ok(report.includes(`| trades closed | ${trades} of ${trades} |`), report);
  assert.ok(report.includes(`| log completeness | 100 % (${trades} of ${trades}) |`), report);
  assert.match(report, /## Problems found\n\nNone\./);
  assert.equal(control.state().size, 0);
  pass("dry-run", report);
}

async function each(name: string): Promise<void> {
  driver.end = () => (name === "stop" ? "stop" : name === "ten" ? "target" : "nothing");
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
    else if (name.startsWith("dry-run")) await dryRun(name.split("=")[1] ?? "1");
    else await each(name);
  }
  for (const path of stage.filesLike(/\/wire\.jsonl$/)) {
    const text = Deno.readTextFileSync(path);
    assert.ok(!text.includes(KEY) && !text.includes(SECRET), path);
  }
  // Nothing else exists in the namespace; a rehearsal of REST alone opens no stream.
  const others = [...stage.hostsSeen].filter((host) => !/^(api|stream)-testnet\.bybit\.com$/.test(host));
  assert.deepEqual(others, []);
  assert.ok(stage.hostsSeen.has("api-testnet.bybit.com"));
  console.log("DONE");
} finally {
  driver.stop();
  await stage.close();
}
