/**
 * Everything a change must pass before it is called done: format, lint with the project's plugin, types, frozen lock,
 * an empty pending list, all tests. Runs every step even after a failure and names the failed ones.
 *
 *   deno task ok
 */
import { pending } from "./architecture/traceability.ts";

type Step = { readonly name: string; readonly args: readonly string[] };
const STEPS: readonly Step[] = [
  { name: "frozen lock", args: ["install", "--frozen", "--quiet"] },
  { name: "format", args: ["fmt", "--check", "--quiet"] },
  { name: "lint", args: ["lint", "--quiet"] },
  { name: "types", args: ["check", "--frozen", "--quiet", "src", "tests"] },
  { name: "tests", args: ["task", "--quiet", "test"] },
];

function run(step: Step): boolean {
  const { success } = new Deno.Command(Deno.execPath(), {
    args: [...step.args],
    stdin: "null",
    stdout: "inherit",
    stderr: "inherit",
  }).outputSync();
  console.log(`${success ? "ok  " : "FAIL"} ${step.name}`);
  return success;
}

const failed = STEPS.filter((step) => !run(step)).map((step) => step.name);
const waiting = [...pending()];
for (const [id, title] of waiting) console.log(`FAIL pending ${id}: ${title}`);
if (waiting.length > 0) failed.push("traceability");
console.log(failed.length === 0 ? "ok: every step passed" : `not ok: ${failed.join(", ")}`);
Deno.exit(failed.length === 0 ? 0 : 1);
