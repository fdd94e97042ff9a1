/**
 * Changes the core in one place at a time and runs the core tests against it: a mutant that no test notices is a rule
 * that nobody proves.
 *
 *   deno task mutants --seed 1 --count 300 [--only TEXT] [--workers 2] [--out FILE]
 *
 * Survivors stand in `accepted.txt` with a reason, or want a test. Exit 0 from 95 % killed.
 */
import { filesUnder, importsOf } from "../architecture/source.ts";
import { apply, type Mutant, mutantsOf, sample } from "./mutate.ts";

const CORE = ["tests/oracles", "tests/unit", "tests/property"];
const WANTED_PCT = 95;
const ACCEPTED = "tests/mutants/accepted.txt";

type Verdict = "killed" | "survived" | "timeout" | "uncovered";
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
  for (const test of CORE.flatMap((directory) => filesUnder(directory, "_test.ts"))) {
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

async function runTests(
  directory: string,
  of: { readonly tests: readonly string[]; readonly timeoutMs: number; readonly loud?: boolean },
) {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["test", "--no-prompt", "--no-check", "--fail-fast", "--preload=tests/preload/no_ambient.ts", ...of.tests],
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
      const verdict = tests.length === 0 ? "uncovered" : await runTests(directory, { tests, timeoutMs: of.timeoutMs });
      Deno.writeTextFileSync(file, text);
      of.done({ mutant, verdict });
    }
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
}

/** One line that stays the same while lines above it move. */
function keyOf(mutant: Mutant): string {
  const line = Deno.readTextFileSync(mutant.path).split("\n")[mutant.line - 1]?.trim() ?? "";
  return `${mutant.path} | ${line} | ${oneLine(mutant.before)} -> ${mutant.after}`;
}
function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ").slice(0, 100);
}
function accepted(): ReadonlyMap<string, string> {
  try {
    const lines = Deno.readTextFileSync(ACCEPTED).split("\n").filter((line) => line !== "" && !line.startsWith("#"));
    return new Map(lines.map((line) => {
      const at = line.lastIndexOf(" | ");
      return [line.slice(0, at), line.slice(at + 3)];
    }));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return new Map();
    throw error;
  }
}

function report(results: readonly Result[], of: { readonly seed: string; readonly sites: number }): string[] {
  const reasons = accepted();
  const killed = results.filter((result) => result.verdict === "killed" || result.verdict === "timeout").length;
  const timeouts = results.filter((result) => result.verdict === "timeout").length;
  const lines = results.filter((result) => result.verdict === "survived" || result.verdict === "uncovered").map((r) => {
    const key = keyOf(r.mutant);
    return `${r.verdict} ${r.mutant.path}:${r.mutant.line} ${r.mutant.kind} | ${key} | ${
      reasons.get(key) ?? "no reason yet"
    }`;
  });
  const pct = results.length === 0 ? 0 : killed * 100 / results.length;
  return [
    ...lines,
    `seed ${of.seed}: killed ${killed} of ${results.length} mutants (${pct.toFixed(1)} %), ${timeouts} by time, ` +
    `${of.sites} possible in src/domain and src/application`,
  ];
}

const started = performance.now();
const seed = flag("seed", "1");
const only = flag("only", "");
const tests = testsByFile();
const sites = [...filesUnder("src/domain"), ...filesUnder("src/application")].filter(isCore)
  .filter((path) => path.includes(only))
  .flatMap((path) => mutantsOf(path, Deno.readTextFileSync(path)));
const queue = sample(sites, { seed: Number(seed), count: Number(flag("count", "300")) });
const everyTest = [...new Set(queue.flatMap((mutant) => tests.get(mutant.path) ?? []))];
const clean = await (async () => {
  const directory = workplace();
  try {
    const from = performance.now();
    const verdict = await runTests(directory, { tests: everyTest, timeoutMs: 600_000, loud: true });
    return { verdict, ms: performance.now() - from };
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
})();
if (clean.verdict !== "survived") {
  console.error("Cannot judge mutants: the core tests fail without any");
  Deno.exit(2);
}
const results: Result[] = [];
const total = queue.length;
const done = (result: Result) => {
  results.push(result);
  const { mutant, verdict } = result;
  console.log(
    `${results.length}/${total} ${verdict} ${mutant.path}:${mutant.line} ${oneLine(mutant.before)} -> ${mutant.after}`,
  );
};
const timeoutMs = clean.ms * 4 + 15_000;
await Promise.all(
  Array.from({ length: Number(flag("workers", "2")) }, () => worker(queue, { tests, timeoutMs, done })),
);
const lines = report(results, { seed, sites: sites.length });
console.log(lines.join("\n"));
console.log(`${Math.round((performance.now() - started) / 1000)} s`);
const out = flag("out", "");
if (out !== "") Deno.writeTextFileSync(out, lines.join("\n") + "\n");
const killed = results.filter((result) => result.verdict === "killed" || result.verdict === "timeout").length;
Deno.exit(killed * 100 >= results.length * WANTED_PCT ? 0 : 1);
