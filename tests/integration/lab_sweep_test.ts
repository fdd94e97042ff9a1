/** Sweeps in real processes: any number of jobs, kills and resumes, shards, the holdout (L-2.3, L-3). */
import { strict as assert } from "node:assert";

const DATA = "config/recordings/winter-2021.csv.gz";
const SPACE = `base: testnet.yaml
sample: sobol
budget: 10
seed: 2
holdout:
  from: 2021-02-20
  to: 2021-02-24
keys:
  strategy.grid_atr_multiple: { from: 0.8, to: 3, log: true }
  sizing.stop_distance_multiple: [1, 1.5]
`;
const VARIABLES = ["SLURM_ARRAY_TASK_ID", "JOB_COMPLETION_INDEX", "AWS_BATCH_JOB_ARRAY_INDEX", "PARALLEL_SEQ"];

function command(args: readonly string[], env: Record<string, string> = {}): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--quiet", "--no-check", "--no-prompt", "--allow-read", "--allow-write"],
      `--allow-env=${VARIABLES.join(",")}`,
      ...["src/programs/lab/main.ts", ...args],
    ],
    env,
    stdout: "piped",
    stderr: "piped",
  });
}
async function lab(args: readonly string[], env: Record<string, string> = {}) {
  const { code, stdout, stderr } = await command(args, env).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, out: text(stdout), error: text(stderr) };
}

/** A folder with configuration and space, gone afterwards. */
async function withFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = Deno.makeTempDirSync({ prefix: "abot-lab-" });
  try {
    for (const name of ["testnet.yaml", "safety_limits.yaml"]) Deno.copyFileSync(`config/${name}`, `${folder}/${name}`);
    Deno.writeTextFileSync(`${folder}/space.yaml`, SPACE);
    await run(folder);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}
function sweepArgs(folder: string, out: string): string[] {
  return [
    ...[
      "sweep",
      `${folder}/space.yaml`,
      "--data",
      DATA,
      "--from",
      "2021-01-05",
      "--to",
      "2021-01-12",
      "--path",
      "ohlc",
    ],
    ...["--out", `${folder}/${out}`, "--ledger", `${folder}/trials.jsonl`],
  ];
}

Deno.test("[L-2.3 L-3.3 L-3.6] one job, two jobs, a killed sweep and shards write the same bytes", async () => {
  await withFolder(async (folder) => {
    const read = (name: string) => Deno.readTextFileSync(`${folder}/${name}/results.jsonl`);
    const one = await lab([...sweepArgs(folder, "one"), "--jobs", "1", "--json"]);
    assert.equal(one.code, 0, one.error);
    const last = JSON.parse(one.out.trim().split("\n").at(-1) ?? "");
    assert.equal(last.candidates, 10);
    assert.equal(last.done, 10);
    const whole = read("one");
    assert.equal(whole.trim().split("\n").length, 10);
    assert.ok(whole.split("\n").filter((line) => /"trades":[1-9]/.test(line)).length >= 5, "the settings trade");

    assert.equal((await lab([...sweepArgs(folder, "two"), "--jobs", "2"])).code, 0);
    assert.equal(read("two"), whole);

    const part = `${folder}/killed/parts/0.jsonl`;
    for (const lines of [1, 3]) {
      const child = command([...sweepArgs(folder, "killed"), "--jobs", "1"]).spawn();
      const linesOf = () => {
        try {
          return Deno.readTextFileSync(part).split("\n").length - 1;
        } catch {
          return 0;
        }
      };
      while (linesOf() < lines) await new Promise((resolve) => setTimeout(resolve, 20));
      child.kill("SIGKILL");
      await child.output();
    }
    Deno.writeTextFileSync(part, `{"index":9,"torn`, { append: true });
    const resumed = await lab([...sweepArgs(folder, "killed"), "--jobs", "1"]);
    assert.equal(resumed.code, 0, resumed.error);
    assert.match(resumed.out, /of 10 candidates were done before/);
    assert.equal(read("killed"), whole);

    assert.equal((await lab([...sweepArgs(folder, "plan"), "--plan-only"])).code, 0);
    const plan = `${folder}/plan/plan.json`;
    const shards = [{ SLURM_ARRAY_TASK_ID: "0" }, { PARALLEL_SEQ: "2" }].map((env) =>
      lab(["shard", "--plan", plan, "--count", "2", "--jobs", "1"], env)
    );
    for (const { code, error } of await Promise.all(shards)) assert.equal(code, 0, error);
    assert.equal((await lab(["merge", "--plan", plan, "--ledger", `${folder}/trials.jsonl`])).code, 0);
    assert.equal(read("plan"), whole);

    const verified = await lab(["verify", "--ledger", `${folder}/trials.jsonl`]);
    assert.match(verified.out, /is whole: 10 trials and 0 looks/, "the same settings again are no new trials");
  });
});

Deno.test("[L-3.3 L-3.5] a foreign sweep is refused by name, the holdout is refused to a search and counted when opened", async () => {
  await withFolder(async (folder) => {
    assert.equal((await lab([...sweepArgs(folder, "a"), "--plan-only"])).code, 0);
    const foreign = await lab([...sweepArgs(folder, "a"), "--plan-only", "--seed", "9"]);
    assert.equal(foreign.code, 65);
    assert.match(foreign.error, /begun with seed 1, this is seed 9/);
    const inside = await lab([...sweepArgs(folder, "b"), "--plan-only", "--to", "2021-02-22"]);
    assert.equal(inside.code, 2);
    assert.match(inside.error, /is the holdout/);
    const open = () =>
      lab([
        ...["holdout", "--plan", `${folder}/a/plan.json`, "--index", "0", "--data", DATA, "--json"],
        ...["--ledger", `${folder}/trials.jsonl`],
      ]);
    const first = await open();
    assert.equal(first.code, 0, first.error);
    assert.match(first.out, /first look at the holdout/);
    const second = await open();
    assert.match(second.out, /look 2 at the holdout: every p-value from it counts 2 times/);
    assert.equal(JSON.parse(second.out.trim().split("\n").at(-1) ?? "").p_factor, 2);
  });
});

Deno.test("[L-8] mistakes end with one clear line and the code that belongs to them", async () => {
  const cases: readonly (readonly [readonly string[], number, RegExp])[] = [
    [["run", "--data", "nowhere.csv"], 74, /Cannot read market data nowhere\.csv/],
    [["run", "--data", DATA, "--from", "2020-12-16"], 65, /hours are missing; the earliest start is/],
    [["run", "--data", DATA, "--from", "soon"], 2, /must be a UTC time/],
    [["run", "--data", "config/testnet.yaml"], 65, /line 1/],
    [["rum"], 2, /unknown command/],
    [["shard", "--plan", "none.json", "--count", "2"], 74, /Cannot read none\.json/],
    [["verify", "--ledger", "none.jsonl"], 74, /no such file/],
  ];
  for (const [args, code, expected] of cases) {
    const found = await lab(args);
    assert.equal(found.code, code, `${args.join(" ")}: ${found.error}`);
    assert.match(found.error, expected);
  }
});
