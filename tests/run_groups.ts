/**
 * Runs every group of tests with the permissions of that group, all of them even when one fails, and prints as its last
 * line `N passed, N failed`, summed from Deno's own closing lines. Exit 1 when something failed or nothing ran.
 *
 *   deno run --allow-read=. --allow-run --allow-env tests/run_groups.ts [--long | --browser] [group …]
 */
import { BROWSER_GROUPS, LONG_GROUPS, NORMAL_GROUPS, type TestGroup } from "./groups.ts";

type Tally = { readonly passed: number; readonly failed: number; readonly clean: boolean };

/** Reads Deno's closing line (`ok | 3 passed | 0 failed (12ms)`), steps left out; null when there is none. */
export function readSummary(output: string): { readonly passed: number; readonly failed: number } | null {
  const lines = [...output.matchAll(/^(?:ok|FAILED) \| (\d+) passed(?: \([^)]*\))? \| (\d+) failed/gm)];
  const last = lines.at(-1);
  return last === undefined ? null : { passed: Number(last[1]), failed: Number(last[2]) };
}

function hasTests(directory: string): boolean {
  try {
    for (const entry of Deno.readDirSync(directory)) {
      if (entry.isFile && entry.name.endsWith("_test.ts")) return true;
      if (entry.isDirectory && hasTests(`${directory}/${entry.name}`)) return true;
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return false;
}

async function tee(stream: ReadableStream<Uint8Array>, sink: { writeSync(bytes: Uint8Array): number }) {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of stream) {
    for (let at = 0; at < chunk.length;) at += sink.writeSync(chunk.subarray(at));
    text += decoder.decode(chunk, { stream: true });
  }
  return text;
}

async function runGroup(group: TestGroup): Promise<Tally> {
  const directories = group.directories.filter(hasTests);
  if (directories.length === 0) {
    console.log(`group ${group.name}: no tests under ${group.directories.join(", ")}`);
    return { passed: 0, failed: 0, clean: false };
  }
  console.log(`group ${group.name}: deno test ${group.flags.join(" ")} ${directories.join(" ")}`);
  const child = new Deno.Command(Deno.execPath(), {
    args: ["test", "--no-prompt", ...group.flags, ...directories],
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const [stdout, , status] = await Promise.all([
    tee(child.stdout, Deno.stdout),
    tee(child.stderr, Deno.stderr),
    child.status,
  ]);
  const summary = readSummary(stdout) ?? { passed: 0, failed: 0 };
  // A group that does not compile has no closing line: it counts as one failure, never as none.
  if (!status.success && summary.failed === 0) return { ...summary, failed: 1, clean: false };
  return { ...summary, clean: status.success };
}

if (import.meta.main) {
  const names = Deno.args.filter((word) => !word.startsWith("--"));
  const all = Deno.args.includes("--long")
    ? LONG_GROUPS
    : Deno.args.includes("--browser")
    ? BROWSER_GROUPS
    : NORMAL_GROUPS;
  const unknown = names.filter((name) => !all.some((group) => group.name === name));
  if (unknown.length > 0) throw new Error(`Unknown group ${unknown.join(", ")}: ${all.map((g) => g.name).join(", ")}`);
  let passed = 0;
  let failed = 0;
  const unclean: string[] = [];
  for (const group of all) {
    if (names.length > 0 && !names.includes(group.name)) continue;
    const tally = await runGroup(group);
    passed += tally.passed;
    failed += tally.failed;
    if (!tally.clean) unclean.push(group.name);
  }
  if (unclean.length > 0) console.log(`groups that failed or are empty: ${unclean.join(", ")}`);
  console.log(`${passed} passed, ${failed} failed`);
  Deno.exit(failed > 0 || passed === 0 || unclean.length > 0 ? 1 : 0);
}
