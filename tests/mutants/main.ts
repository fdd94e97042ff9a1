/**
 * Changes the core in one place at a time and runs the core tests against it: a mutant that no test notices is a rule
 * that nobody proves.
 *
 *   deno task mutants --seed 1 --count 300 [--only TEXT] [--workers 2] [--out FILE] [--again FILE]
 *
 * `--only` judges those of the chosen whose path holds the text (all of a file: `--count 99999`), `--again` only what
 * survived in a report that `--out` wrote. Survivors stand in `accepted.txt` with a reason, or want a test; accepted or
 * not, they count as alive. Exit 0 from 95 % killed.
 */
import { filesUnder, importsOf } from "../architecture/source.ts";
import { NORMAL_GROUPS } from "../groups.ts";
import { acceptedReasons } from "./accepted.ts";
import { apply, type Mutant, mutantsOf, sample } from "./mutate.ts";

/**
 * One process each, in this order; the first that fails has killed the mutant. The files of a stage are imported by one
 * module: a file of its own costs `deno test` an isolate and a tenth of a second. What the oracles let live is shown to
 * the compiler next, as the core group does before it runs anything.
 */
const STAGES = ["tests/oracles", "tests/golden", "tests/property", "tests/unit"];
const CORE_ROOT = "src/application/transition/mod.ts";
const ENTRY = "tests/mutants_entry_test.ts";
const WANTED_PCT = 95;

type Verdict = "killed" | "refused" | "survived" | "timeout" | "uncovered";
type Result = { readonly mutant: Mutant; readonly verdict: Verdict };

function flag(name: string, otherwise: string): string {
  const at = Deno.args.indexOf(`--${name}`);
  return at < 0 ? otherwise : Deno.args[at + 1] ?? otherwise;
}
function isCore(path: string): boolean {
  return /^src\/(domain|application)\/(?!engine\/)/.test(path);
}

/** Test files that reach each core file through their imports; those that name it themselves first. */
function testsByFile(): ReadonlyMap<string, readonly string[]> {
  const near = new Map<string, string[]>();
  const far = new Map<string, string[]>();
  const put = (map: Map<string, string[]>, key: string, test: string) => map.set(key, [...(map.get(key) ?? []), test]);
  for (const test of STAGES.flatMap((directory) => filesUnder(directory, "_test.ts"))) {
    const direct = new Set(importsOf(test));
    const seen = new Set(direct);
    for (const path of seen) for (const target of importsOf(path)) seen.add(target);
    for (const path of seen) if (isCore(path)) put(direct.has(path) ? near : far, path, test);
  }
  return new Map(
    [...new Set([...near.keys(), ...far.keys()])].map((
      path,
    ) => [path, [...(near.get(path) ?? []), ...(far.get(path) ?? [])]]),
  );
}

/** The permissions and the preload under which `deno task test` runs this directory. */
function flagsOf(stage: string): readonly string[] {
  return NORMAL_GROUPS.find((group) => group.directories.includes(stage))?.flags
    .filter((flag) => flag !== "--parallel") ?? [];
}

/** Runs the tests stage by stage until one fails. */
async function runTests(
  directory: string,
  of: { readonly tests: readonly string[]; readonly timeoutMs: number; readonly loud?: boolean },
): Promise<Verdict> {
  if (of.tests.length === 0) return "uncovered";
  for (const stage of STAGES) {
    const files = of.tests.filter((test) => test.startsWith(`${stage}/`));
    if (files.length === 0) continue;
    const imports = files.map((file) => `import "./${file.slice("tests/".length)}";`);
    Deno.writeTextFileSync(`${directory}/${ENTRY}`, imports.join("\n") + "\n");
    const verdict = await runEntry(directory, { ...of, flags: flagsOf(stage) });
    if (verdict !== "survived") return verdict;
    if (stage === STAGES[0] && !(await compiles(directory))) return "refused";
  }
  return "survived";
}
async function compiles(directory: string): Promise<boolean> {
  const args = ["check", "--quiet", CORE_ROOT];
  const child = new Deno.Command(Deno.execPath(), { args, cwd: directory, stdout: "null", stderr: "null" });
  return (await child.output()).success;
}
async function runEntry(
  directory: string,
  of: { readonly flags: readonly string[]; readonly timeoutMs: number; readonly loud?: boolean },
): Promise<Verdict> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["test", "--no-prompt", "--no-check", "--fail-fast", ...of.flags, ENTRY],
    cwd: directory,
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: of.loud === true ? "inherit" : "null",
    stderr: of.loud === true ? "inherit" : "null",
  }).spawn();
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    child.kill("SIGKILL");
  }, of.timeoutMs);
  const { success } = await child.status;
  clearTimeout(timer);
  return late ? "timeout" : success ? "survived" : "killed";
}

function copyTree(from: string, to: string): void {
  Deno.mkdirSync(to, { recursive: true });
  for (const entry of Deno.readDirSync(from)) {
    if (entry.isDirectory) copyTree(`${from}/${entry.name}`, `${to}/${entry.name}`);
    else Deno.copyFileSync(`${from}/${entry.name}`, `${to}/${entry.name}`);
  }
}
function workplace(): string {
  const directory = Deno.makeTempDirSync({ prefix: "mutants_" });
  for (const part of ["src", "tests", "config"]) copyTree(part, `${directory}/${part}`);
  for (const file of ["deno.json", "deno.lock"]) Deno.copyFileSync(file, `${directory}/${file}`);
  return directory;
}

async function worker(
  queue: Mutant[],
  of: {
    readonly tests: ReadonlyMap<string, readonly string[]>;
    readonly timeoutMs: number;
    readonly done: (r: Result) => void;
  },
): Promise<void> {
  const directory = workplace();
  try {
    for (let mutant = queue.shift(); mutant !== undefined; mutant = queue.shift()) {
      const tests = of.tests.get(mutant.path) ?? [];
      const file = `${directory}/${mutant.path}`;
      const text = Deno.readTextFileSync(file);
      Deno.writeTextFileSync(file, apply(text, mutant));
      const verdict = await runTests(directory, { tests, timeoutMs: of.timeoutMs });
      Deno.writeTextFileSync(file, text);
      of.done({ mutant, verdict });
    }
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
}

function isAlive(result: Result): boolean {
  return result.verdict === "survived" || result.verdict === "uncovered";
}
function report(results: readonly Result[], of: { readonly seed: string; readonly sites: number }): string[] {
  const reasons = acceptedReasons();
  const alive = results.filter(isAlive);
  const killed = results.length - alive.length;
  const accepted = alive.filter((result) => reasons.has(result.mutant.key)).length;
  const by = (verdict: Verdict) => results.filter((result) => result.verdict === verdict).length;
  const lines = alive.map(({ mutant, verdict }) => {
    const key = mutant.key;
    return `${verdict} :${mutant.line} ${mutant.kind} | ${key} | ${reasons.get(key) ?? "no reason yet"}`;
  });
  const pct = results.length === 0 ? 0 : killed * 100 / results.length;
  return [
    ...lines,
    `seed ${of.seed}: killed ${killed} of ${results.length} mutants (${pct.toFixed(1)} %), ${by("timeout")} by time, ` +
    `${by("refused")} by the compiler alone, ` +
    `${accepted} of ${alive.length} alive accepted, ${of.sites} possible in src/domain and src/application`,
  ];
}

const started = performance.now();
const home = Deno.cwd();
const seed = flag("seed", "1");
const only = flag("only", "");
const again = flag("again", "");
const before = again === "" ? null : Deno.readTextFileSync(again);
// Everything below works on one copy, so that nobody's edit comes between a mutant and its place.
const base = workplace();
Deno.chdir(base);
const tests = testsByFile();
const sites = [...filesUnder("src/domain"), ...filesUnder("src/application")].filter(isCore)
  .flatMap((path) => mutantsOf(path, Deno.readTextFileSync(path)));
const queue = sample(sites, { seed: Number(seed), count: Number(flag("count", "300")) })
  .filter((mutant) => mutant.path.includes(only))
  .filter((mutant) => mutant.path.includes(only))
  .filter((mutant) => before === null || before.includes(` | ${mutant.key} | `));
const everyTest = [...new Set(queue.flatMap((mutant) => tests.get(mutant.path) ?? []))];
const cleanFrom = performance.now();
const clean = await runTests(base, { tests: everyTest, timeoutMs: 600_000, loud: true });
const timeoutMs = (performance.now() - cleanFrom) * 2 + 15_000;
Deno.removeSync(`${base}/${ENTRY}`);
if (clean !== "survived") {
  console.error("Cannot judge mutants: the core tests fail without any");
  Deno.exit(2);
}
const results: Result[] = [];
const total = queue.length;
const done = (result: Result) => {
  results.push(result);
  console.log(`${results.length}/${total} ${result.verdict} :${result.mutant.line} ${result.mutant.key}`);
};
await Promise.all(
  Array.from({ length: Number(flag("workers", "2")) }, () => worker(queue, { tests, timeoutMs, done })),
);
Deno.chdir(home);
Deno.removeSync(base, { recursive: true });
const lines = report(results, { seed, sites: sites.length });
console.log(lines.join("\n"));
console.log(`${Math.round((performance.now() - started) / 1000)} s`);
const out = flag("out", "");
if (out !== "") Deno.writeTextFileSync(out, lines.join("\n") + "\n");
Deno.exit(results.filter(isAlive).length * 100 <= results.length * (100 - WANTED_PCT) ? 0 : 1);
