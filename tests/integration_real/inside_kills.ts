/**
 * Runs inside the private network namespace of kit.ts: src/programs/trader/main.ts with its shipped flags, killed by SIGKILL at the
 * moments of its trades, until every moment had its share. Prints the figures as JSON behind `FIGURES`. Arguments: folder
 * with certificates, project folder, `<seed>,<kills of each moment>`.
 */
import assert from "node:assert/strict";
import { permissionFlags } from "../../src/infrastructure/safety/permissions.ts";
import { killFolder, readBack } from "../support/kill_folder.ts";
import { KillRun, MOMENTS } from "../support/kill_run.ts";

const [tls = "", project = "", how = ""] = Deno.args;
const [seed = 1, wanted = 1] = how.split(",").map(Number);
const KEY = "abotkey12345";
const SECRET = "abotsecret12345";
const folder = killFolder();

const run = new KillRun({
  seed,
  port: 443,
  key: KEY,
  secret: SECRET,
  tls: { cert: Deno.readTextFileSync(`${tls}/venue.pem`), key: Deno.readTextFileSync(`${tls}/venue.key`) },
  folder: folder.path,
  spawn: () =>
    new Deno.Command(Deno.execPath(), {
      args: ["run", "--cached-only", "--config", `${project}/deno.json`, ...permissionFlags()].concat([
        ...[`${project}/src/programs/trader/main.ts`, "--config", "config/testnet_scenarios.yaml"],
      ]),
      cwd: folder.path,
      env: {
        HOME: Deno.env.get("HOME") ?? "/",
        PATH: Deno.env.get("PATH") ?? "",
        NO_COLOR: "1",
        DENO_CERT: `${tls}/ca.pem`,
        BYBIT_TESTNET_API_KEY: KEY,
        BYBIT_TESTNET_API_SECRET: SECRET,
      },
      clearEnv: true,
      stdin: "null",
      stdout: "null",
      stderr: "inherit",
    }).spawn(),
});
try {
  const missing = () => MOMENTS.filter((moment) => run.kills[moment] < wanted);
  // A trade may miss a moment when the market fills the entry first.
  for (let trades = 0; missing().length > 0; trades += 1) {
    assert.ok(trades < 2 * wanted + 2, `no kill of ${missing().join(", ")}`);
    await run.trade();
  }
  const figures = run.figures();
  console.log(`FIGURES ${JSON.stringify(figures)}`);
  assert.deepEqual(figures.violations, []);
  await run.end();
  for (const word of ["verify", "replay"] as const) {
    const { code, text } = await readBack(folder, word);
    assert.equal(code, 0, `${word}: ${text}`);
    console.log(`PASS ${word}: ${text.trim().split("\n").at(-1)}`);
  }
  console.log("DONE");
} finally {
  await run.end();
  folder.remove();
}
