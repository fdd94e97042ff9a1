/** Every command before a terminal, a pipe, a pipe nobody reads and a full disk: the answer or one line, no stack. */
import assert from "node:assert/strict";

const PROJECT = new URL("../../", import.meta.url).pathname.replace(/\/$/, "");
const TRADER = "src/programs/trader/main.ts";
const SIMULATOR = "src/programs/simulator/main.ts";

type Place = "terminal" | "pipe" | "closed pipe" | "full disk";

/** Runs a command in a folder with its stdout in that place; `script` is a terminal. */
async function run(folder: string, at: { readonly program: string; readonly words: string; readonly place: Place }) {
  const program =
    `"${Deno.execPath()}" run --quiet --no-check --cached-only --no-lock --config "${PROJECT}/deno.json" ` +
    `--allow-read --allow-write --allow-env "${PROJECT}/${at.program}" ${at.words}`;
  const lines: Readonly<Record<Place, string>> = {
    terminal: `script -qec '${program} 2>stderr; echo $? >code' /dev/null`,
    pipe: `(${program} 2>stderr; echo $? >code) | cat`,
    // The reader is gone long before the first word.
    "closed pipe": `(sleep 0.3; ${program} 2>stderr; echo $? >code) | true`,
    "full disk": `${program} 2>stderr >/dev/full; echo $? >code`,
  };
  const done = await new Deno.Command("bash", { args: ["-c", lines[at.place]], cwd: folder, stdin: "null" }).output();
  return {
    code: Number(Deno.readTextFileSync(`${folder}/code`)),
    out: new TextDecoder().decode(done.stdout),
    err: Deno.readTextFileSync(`${folder}/stderr`),
  };
}

/** Command and the code it ends with before a reader. `data` has run once; see the test. */
const COMMANDS: readonly (readonly [program: string, words: string, code: number])[] = [
  [TRADER, "--help", 0],
  [TRADER, "--version", 0],
  [TRADER, "status", 1],
  [TRADER, "why", 0],
  [TRADER, "report", 0],
  [TRADER, "verify", 0],
  [TRADER, "replay", 0],
  [TRADER, "config explain", 0],
  [TRADER, "close --confirm", 1],
  [TRADER, "halt", 0],
  [SIMULATOR, "--help", 0],
  [SIMULATOR, "sim --help", 0],
];

Deno.test("demo and sim into a folder that cannot be written end before the run, with one line and 74", async () => {
  const folder = Deno.makeTempDirSync({ prefix: "abot-output-" });
  try {
    Deno.writeTextFileSync(`${folder}/file`, "");
    for (const words of ["demo", "sim --seed 1 --hours 1", "sim --seeds 1..2 --hours 1"]) {
      const out = `${folder}/file/out`;
      const at = `--config "${PROJECT}/config/testnet_scenarios.yaml" --out "${out}"`;
      const answer = await run(folder, { program: SIMULATOR, words: `${words} ${at}`, place: "pipe" });
      assert.equal(answer.code, 74, answer.err);
      assert.match(answer.err, /^Cannot write results to .*\/file\/out: .*\(os error \d+\).*\n$/);
      assert.equal(answer.out, "");
    }
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("every command × terminal, pipe, closed pipe, full disk: an answer, silence, or one line and 74; never a stack", async () => {
  const folder = Deno.makeTempDirSync({ prefix: "abot-output-" });
  try {
    Deno.mkdirSync(`${folder}/config`);
    for (const name of ["testnet.yaml", "safety_limits.yaml"]) {
      Deno.copyFileSync(`${PROJECT}/config/${name}`, `${folder}/config/${name}`);
    }
    Deno.mkdirSync(`${folder}/data/journal`, { recursive: true });
    Deno.mkdirSync(`${folder}/data/trades`);
    for (const [program, words, code] of COMMANDS) {
      const shown = await run(folder, { program, words, place: "pipe" });
      for (const place of ["terminal", "closed pipe", "full disk"] as const) {
        const name = `${words} before a ${place}`;
        const answer = await run(folder, { program, words, place });
        assert.doesNotMatch(answer.out + answer.err, /^\s+at .*\d:\d+\)?\r?$|Broken pipe/m, name);
        if (place !== "full disk" || shown.out === "") assert.equal(answer.code, code, `${name}: ${answer.err}`);
        else {
          assert.equal(answer.code, code === 0 ? 74 : code, `${name}: ${answer.err}`);
          assert.equal(answer.err, "Cannot write the output: No space left on device (os error 28)\n", name);
        }
        if (place === "terminal") assert.notEqual(answer.out + answer.err, "", name);
        if (place === "closed pipe") assert.equal(answer.err, shown.err, name);
      }
      assert.equal(shown.code, code, `${words}: ${shown.out}${shown.err}`);
    }
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});
