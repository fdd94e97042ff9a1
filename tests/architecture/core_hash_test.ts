/** The core's hash follows what the core declares, not where it stands or what is said about it. */
import { strict as assert } from "node:assert";
import { computeCoreHash, readEqualCores } from "../../config/deploy/core_hash.ts";
import { programBuild } from "../../src/build_info.ts";

Deno.test("[F-11.7] core_hash depends on every declaration of domain and application and on nothing else", () => {
  const tree = (change: Readonly<Record<string, string>> = {}): string => {
    const sources: Record<string, string> = {
      "src/domain/a.ts": "export const a = 1;\n",
      "src/application/b.ts": 'import { a } from "../domain/a.ts";\nexport const b = a + 1;\n',
      "src/application/engine/c.ts": "function c() {\n  return 1;\n}\nexport { c };\n",
      "src/application/engine/notes.md": "n\n",
      ...change,
    };
    const paths = Object.keys(sources).filter((path) => sources[path] !== "");
    return computeCoreHash({
      readDir: (path) => {
        const below = paths.filter((name) => name.startsWith(`${path}/`));
        const names = below.map((name) => name.slice(path.length + 1));
        return [...new Set(names.map((name) => name.includes("/") ? `${name.split("/")[0]}/` : name))];
      },
      readFile: (path) => new TextEncoder().encode(sources[path]),
    });
  };
  assert.match(tree(), /^[0-9a-f]{64}$/);
  const same: readonly [string, Readonly<Record<string, string>>][] = [
    ["line endings", { "src/domain/a.ts": "export const a = 1;\r\n" }],
    ["a comment", { "src/domain/a.ts": "/** One. */\nexport const a = /* here */ 1; // there\n" }],
    ["what is no source", { "src/infrastructure/d.ts": "d", "src/application/engine/notes.md": "" }],
    ["a moved file", { "src/domain/a.ts": "", "src/application/money/a.ts": "export const a = 1;\n" }],
    ["a moved declaration", {
      "src/domain/a.ts": "",
      "src/application/b.ts": "const a = 1;\nexport const b = a + 1;\n",
    }],
    ["the order", {
      "src/application/b.ts": "export const b = a + 1;\n",
      "src/application/e.ts": 'import "./b.ts";\n',
    }],
  ];
  for (const [what, change] of same) assert.equal(tree(change), tree(), what);
  const other: readonly [string, Readonly<Record<string, string>>][] = [
    ["a value", { "src/domain/a.ts": "export const a = 2;\n" }],
    ["a body", { "src/application/engine/c.ts": "function c() {\n  return 2;\n}\nexport { c };\n" }],
    ["one more", { "src/domain/new.ts": "export const d = 1;\n" }],
    ["one less", { "src/domain/a.ts": "" }],
    ["an import under another name", {
      "src/application/b.ts": 'import { c as a } from "./engine/c.ts";\nexport const b = a + 1;\n',
    }],
  ];
  for (const [what, change] of other) assert.notEqual(tree(change), tree(), what);
});

Deno.test("[F-11.7] a checkout takes its core's name and the equal ones from its task, a built program does not", () => {
  const told = programBuild(["--core=aa11,bb22,cc33", "status"]);
  assert.deepEqual([told.build.coreHash, told.build.equalCores], ["aa11", ["bb22", "cc33"]]);
  assert.deepEqual(told.args, ["status"]);
  const untold = programBuild(["status", "--core=aa11"]);
  assert.deepEqual([untold.build.coreHash, untold.args], ["dev", ["status", "--core=aa11"]]);
  assert.deepEqual(readEqualCores("# why\naa11 # proven\n\nbb22\n"), ["aa11", "bb22"]);
});
