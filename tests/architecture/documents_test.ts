/** Every path, task, configuration key and link that README and docs name exists. */
import { strict as assert } from "node:assert";
import { filesUnder, none } from "./source.ts";
import { policyKeys } from "./traceability.ts";

/** What a clone does not hold: made by a run, or by the operator. */
const MADE = /^(data|dist|out)\//;
const PATH = /^(?:\.\/)?((?:src|tests|config|docs|\.ci)\/[\w./-]*|README\.md|deno\.json|deno\.lock)$/;

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
function documents(): string[] {
  return [...(exists("README.md") ? ["README.md"] : []), ...filesUnder("docs", ".md")];
}
function tasks(): ReadonlySet<string> {
  const manifest: { readonly tasks: Readonly<Record<string, unknown>> } = JSON.parse(
    Deno.readTextFileSync("deno.json"),
  );
  return new Set(Object.keys(manifest.tasks));
}

/** What a text names and the project does not have. */
export function danglingIn(text: string, from: string, known: Known): string[] {
  const faults: string[] = [];
  for (const found of text.matchAll(/(?:deno|deno@[\d.]+) task (?:-\S+ )*([a-z][\w:-]*)/g)) {
    if (!known.tasks.has(found[1] ?? "")) faults.push(`task ${found[1]}`);
  }
  for (const found of text.matchAll(/`([^`\n]+)`/g)) {
    const path = PATH.exec(found[1] ?? "")?.[1];
    if (path !== undefined && !path.includes("*") && !MADE.test(path) && !known.exists(path)) {
      faults.push(`path ${path}`);
    }
  }
  for (const found of text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)) {
    const target = found[1] ?? "";
    if (/^[a-z]+:/.test(target)) continue;
    const base = from.split("/").slice(0, -1);
    for (const part of target.split("/")) {
      if (part === "..") base.pop();
      else if (part !== ".") base.push(part);
    }
    if (!known.exists(base.join("/"))) faults.push(`link ${target}`);
  }
  return faults;
}
type Known = { readonly tasks: ReadonlySet<string>; readonly exists: (path: string) => boolean };

Deno.test("documents: a missing task, path or link is named", () => {
  const known = {
    tasks: new Set(["test"]),
    exists: (path: string) => path === "docs/a.md" || path === "src/programs/trader/main.ts",
  };
  const text =
    "Run `npx --yes deno@2.9.6 task test` or `deno task tset`; see `src/programs/trader/main.ts`, `src/mian.ts`, " +
    "[a](a.md#x), [b](../b.md) and [c](https://example.com/d.md).";
  assert.deepEqual(danglingIn(text, "docs/x.md", known), ["task tset", "path src/mian.ts", "link ../b.md"]);
});

Deno.test("documents: every task, path and link named exists", () => {
  const known = { tasks: tasks(), exists };
  const faults = documents().flatMap((path) =>
    danglingIn(Deno.readTextFileSync(path), path, known).map((fault) => `${path}: ${fault}`)
  );
  none(faults, "Documents name what exists");
});

Deno.test("documents: the README names the test command that the continuous check runs", () => {
  const command = "npx --yes deno@2.9.6 task test";
  assert.ok(Deno.readTextFileSync("README.md").includes(command));
  assert.ok(Deno.readTextFileSync(".ci/run").includes(command));
});

Deno.test("documents: every policy key stands in the shipped configuration", () => {
  const shipped = filesUnder("config", ".yaml").map((path) => Deno.readTextFileSync(path)).join("\n");
  const missing = policyKeys().filter((key) => !new RegExp(`^\\s*#?\\s*${key}:`, "m").test(shipped));
  none(missing, "Policy keys are configured");
});
