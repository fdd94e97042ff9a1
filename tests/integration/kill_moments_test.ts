/**
 * A real process of the bot, killed by SIGKILL at the moments that matter, before a real venue server. One kill of each
 * here; ten of each, under the real names and with the shipped flags, in tests/integration_real/kills_test.ts.
 */
import assert from "node:assert/strict";
import { killFolder, readBack } from "../support/kill_folder.ts";
import { KillRun, MOMENTS } from "../support/kill_run.ts";

const KEY = "killkey12345";
const SECRET = "killsecret12345";
const BOT = new URL("../support/kill_bot.ts", import.meta.url).pathname;
const CONFIG = new URL("../../deno.json", import.meta.url).pathname;

Deno.test("[F-11.1 F-10.3 F-10.4 F-2.1 F-5.4 F-13.3] kill -9 in every moment of a trade: no order twice, protected again, the journal whole", async () => {
  const folder = killFolder();
  const run = new KillRun({
    seed: 1,
    port: 0,
    key: KEY,
    secret: SECRET,
    folder: folder.path,
    spawn: (port) =>
      new Deno.Command(Deno.execPath(), {
        args: ["run", "--no-prompt", "--no-check", "--config", CONFIG, "--allow-net=127.0.0.1", "--allow-env"].concat([
          ...["--allow-read", "--allow-write", BOT, String(port), "config/testnet_scenarios.yaml"],
        ]),
        cwd: folder.path,
        env: { BYBIT_TESTNET_API_KEY: KEY, BYBIT_TESTNET_API_SECRET: SECRET },
        stdin: "null",
        stdout: "null",
        stderr: "inherit",
      }).spawn(),
  });
  try {
    await run.trade();
    const figures = run.figures();
    assert.deepEqual(figures.violations, []);
    assert.deepEqual(MOMENTS.filter((moment) => figures.kills[moment] < 1), []);
    await run.end();
    for (const word of ["verify", "replay"] as const) {
      const { code, text } = await readBack(folder, word);
      assert.equal(code, 0, `${word}: ${text}`);
    }
  } finally {
    await run.end();
    folder.remove();
  }
});
