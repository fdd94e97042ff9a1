import assert from "node:assert/strict";
import { PROJECT, run } from "./kit.ts";

Deno.test("[F-13.6] [F-11.4] every command × own user, root, another × bot alive, dead, never started × control absent, own, root's", async () => {
  const folder = Deno.makeTempDirSync({ prefix: "abot-users-" });
  try {
    Deno.chmodSync(folder, 0o755);
    for (const name of ["place", "cache", "project"]) Deno.mkdirSync(`${folder}/${name}`);
    Deno.writeTextFileSync(`${folder}/deno`, "");
    const info = await run(Deno.execPath(), ["info", "--json"], PROJECT);
    const cache: unknown = Reflect.get(Object(JSON.parse(info.text)), "denoDir");
    // Where the program lies other users may not look; bound here they may, in a mount namespace of this test's own.
    const script = `mount --bind "${cache}" ${folder}/cache && mount --bind "${PROJECT}" ${folder}/project && ` +
      `mount --bind "${Deno.execPath()}" ${folder}/deno && exec "${Deno.execPath()}" run --no-prompt --allow-all ` +
      `${PROJECT}/tests/integration_real/inside_users.ts ${folder} ${folder}/deno ${folder}/project`;
    const done = await run("unshare", ["-m", "bash", "-c", script], PROJECT);
    assert.equal(done.code, 0, done.text);
    assert.match(done.text, /216 cases/);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});
