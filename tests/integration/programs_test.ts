/**
 * Every program of the table is built and started. `ABOT_COMPILE_TOOL` names a packer that makes executables; where it
 * is unset, what would be compiled is started by `deno run` with the table's flags.
 */
import { strict as assert } from "node:assert";
import { PROGRAMS } from "../../config/deploy/programs.ts";

const PROJECT = new URL("../../", import.meta.url).pathname.replace(/\/$/, "");
const PACKER = Deno.env.get("ABOT_COMPILE_TOOL") ?? `${PROJECT}/tests/support/pack_as_script.sh`;

type Call = { readonly words: readonly string[]; readonly code: number; readonly says: RegExp };
/** One real command of each program, beside `config` and without a key or a network. */
const CALLS: Readonly<Record<string, Call>> = {
  "abot": { words: ["config", "explain"], code: 0, says: /config_hash: [0-9a-f]{64}/ },
  "abot-sim": { words: ["sim", "--seed", "1", "--hours", "1"], code: 0, says: /violations +0/ },
  "abot-lab": { words: ["run", "--help"], code: 0, says: /Usage/ },
  "abot-monitor": {
    words: ["--port", "8378"],
    code: 78,
    says: /Cannot listen on 127\.0\.0\.1:8378 without permission/,
  },
  "abot-notifier": { words: ["explain"], code: 0, says: /ABOT_NOTIFY_PHONE_TOKEN .*NOT SET/ },
  "abot-rehearsal": { words: ["testnet", "connect"], code: 1, says: /BYBIT_TESTNET_API_KEY/ },
};

function start(program: string, args: readonly string[], cwd: string) {
  // The script that stands for an executable finds this Deno first.
  const path = `${Deno.execPath().replace(/\/[^/]*$/, "")}:${Deno.env.get("PATH") ?? ""}`;
  const options = {
    args: [...args],
    cwd,
    stdin: "null",
    env: { PATH: path, ABOT_COMPILE_TOOL: PACKER, NO_COLOR: "1" },
  };
  const output = new Deno.Command(program, { ...options, stdin: "null" }).outputSync();
  const text = new TextDecoder();
  return { code: output.code, text: text.decode(output.stdout) + text.decode(output.stderr) };
}

Deno.test("[F-12.1] every program of the table is built, shows its help and answers one real command", async (t) => {
  const out = Deno.makeTempDirSync({ prefix: "abot-programs-" });
  try {
    const built = start(
      Deno.execPath(),
      ["task", "--quiet", "compile", "--target", "linux-x64", "--out", out],
      PROJECT,
    );
    assert.equal(built.code, 0, built.text);
    Deno.mkdirSync(`${out}/place/data`, { recursive: true });
    Deno.symlinkSync(`${PROJECT}/config`, `${out}/place/config`);
    assert.deepEqual(Object.keys(CALLS).sort(), PROGRAMS.map(({ name }) => name).sort(), "each program has a command");
    for (const { name } of PROGRAMS) {
      await t.step(name, () => {
        const file = `${out}/${name}-linux-x64`;
        const help = start(file, ["--help"], `${out}/place`);
        assert.equal(help.code, 0, help.text);
        assert.match(help.text, /Usage: /);
        const call = CALLS[name];
        assert.ok(call !== undefined);
        const answer = start(file, call.words, `${out}/place`);
        assert.equal(answer.code, call.code, answer.text);
        assert.match(answer.text, call.says);
      });
    }
  } finally {
    Deno.removeSync(out, { recursive: true });
  }
});
