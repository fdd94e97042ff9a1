/**
 * The program under the real names: in a private network namespace both testnet names are this machine, with a throw-away
 * certificate. Needs Linux, root, `unshare`, `ip` and `openssl`; without them it fails and says so, it never skips.
 */
import assert from "node:assert/strict";
import { permissionFlags } from "../../src/infrastructure/safety/permissions.ts";
import { PROJECT, run, runInside } from "./kit.ts";

const EXPECTED = [
  "lock-out",
  "ways out",
  "check",
  "entry filled and protected",
  "kill -9 and recovery",
  "redirects to the real host are not followed",
  "kill switch with a position",
  "kill switch by file, restart, refused reset, reset",
  "ten closed trades by target, stop and market exit",
  "market exit through FLAT, ENTRY_PENDING, IN_POSITION, EXIT_PENDING, FLAT",
  "graceful stop, second instance refused, verify, replay, report",
  "hosts contacted are the two names",
];

Deno.test("[F-12.1 F-12.2 F-12.3 F-12.7 F-13.1 F-13.2 F-13.3 F-13.6 F-10.7 F-11.4] the program under the real names, with its shipped flags", async () => {
  const text = await runInside("inside.ts", "");
  for (const name of [...EXPECTED, "permissions used are the two names, config and data"]) {
    assert.ok(text.includes(`PASS ${name}`), text);
  }
});

/** A packer for machines that cannot reach Deno's download host; a release uses `deno task compile` alone. */
const TOOL = Deno.env.get("ABOT_COMPILE_TOOL");

Deno.test("[F-12.1] the executables carry version, commit, core and their permissions; a base that cannot be had is one line", async () => {
  const out = Deno.makeTempDirSync({ prefix: "abot-dist-" });
  try {
    const built = await run(Deno.execPath(), ["task", "compile", "--target", "linux-x64", "--out", out], PROJECT);
    if (built.code !== 0) {
      assert.match(built.text, /Cannot build abot-linux-x64: the runtime base of Deno .* could not be downloaded/);
      return;
    }
    const version = await run(`${out}/abot-linux-x64`, ["--version"], out);
    assert.match(version.text, /^abot \d+\.\d+\.\d+ commit [0-9a-f]{12}\S* core [0-9a-f]{16} built \d{4}-/);
    const elsewhere = await run(`${out}/abot-linux-x64`, ["--config", "testnet.yaml"], out);
    assert.equal(elsewhere.code, 78);
    assert.match(elsewhere.text, /reads configurations only below the folder config/);
    const probe = `${out}/probe`;
    const entry = `${PROJECT}/tests/integration_real/probe.ts`;
    const compiled = TOOL !== undefined
      ? await run(TOOL, [probe, entry, ...permissionFlags().filter((flag) => flag !== "--no-prompt")], PROJECT)
      : await run(Deno.execPath(), ["compile", "--no-check", ...permissionFlags(), "--output", probe, entry], PROJECT);
    assert.equal(compiled.code, 0, compiled.text);
    const text = await runInside("inside.ts", `${out}/abot-linux-x64,${probe}`);
    for (const name of EXPECTED) assert.ok(text.includes(`PASS ${name}`), text);
  } finally {
    Deno.removeSync(out, { recursive: true });
  }
});
