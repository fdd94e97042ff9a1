/** Reads every import under src/ and fails on one that climbs a floor, or on a file nothing reaches. */
const ROOT = new URL("../../src/", import.meta.url);
const FLOORS: readonly [name: string, test: RegExp, may: readonly string[]][] = [
  ["domain", /^domain\//, ["domain"]],
  ["engine", /^application\/engine\//, ["engine", "application", "domain"]],
  ["application", /^application\//, ["application", "domain"]],
  ["infrastructure", /^infrastructure\//, ["infrastructure", "ports", "domain"]],
  ["main", /^[a-z_]*main\.ts$/, ["main", "infrastructure", "engine", "ports", "application", "domain"]],
];
function floorOf(path: string): string {
  if (path === "application/engine/ports.ts") return "ports";
  return FLOORS.find(([, test]) => test.test(path))?.[0] ?? "nowhere";
}
function walk(dir: URL, found: string[] = []): string[] {
  for (const entry of Deno.readDirSync(dir)) {
    const url = new URL(entry.name + (entry.isDirectory ? "/" : ""), dir);
    if (entry.isDirectory) walk(url, found);
    else if (entry.name.endsWith(".ts")) found.push(url.href.slice(ROOT.href.length));
  }
  return found;
}
function importsOf(path: string): string[] {
  const text = Deno.readTextFileSync(new URL(path, ROOT));
  return [...text.matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)"/g)].map((m) =>
    new URL(m[1]!, new URL(path, ROOT)).href.slice(ROOT.href.length)
  );
}
Deno.test("imports point inward only", () => {
  const faults: string[] = [];
  for (const path of walk(ROOT)) {
    const floor = floorOf(path);
    const may = floor === "ports" ? ["domain"] : FLOORS.find(([name]) => name === floor)?.[2] ?? [];
    const allowed = floor === "engine" ? [...may, "ports"] : may;
    for (const target of importsOf(path)) if (!allowed.includes(floorOf(target))) faults.push(`${path} -> ${target}`);
  }
  if (faults.length) throw new Error(`Imports climb a floor:\n${faults.join("\n")}`);
});
Deno.test("every src file is reached from main", () => {
  const seen = new Set<string>(["main.ts"]);
  for (const path of seen) for (const target of importsOf(path)) seen.add(target);
  const dead = walk(ROOT).filter((path) => !seen.has(path));
  if (dead.length) throw new Error(`Nothing in production reaches:\n${dead.join("\n")}`);
});
