/** The core can neither read a clock nor do anything (F-1.1): by syntax here and in the lint plugin, at run time by the preload. */
import { strict as assert } from "node:assert";
import plugin from "./lint_plugin.ts";
import { filesUnder, none, place, type Source, source, ts, visit } from "./source.ts";

const CORE = /^src\/(domain|application)\/(?!engine\/)/;

/** Everything asynchronous, catching or generating in one file. */
export function effects(file: Source): string[] {
  const faults: string[] = [];
  visit(file.tree, (node) => {
    const word = ts.isAwaitExpression(node)
      ? "await"
      : ts.isTryStatement(node)
      ? "catch"
      : node.kind === ts.SyntaxKind.AsyncKeyword
      ? "async"
      : ts.isIdentifier(node) && node.text === "Promise"
      ? "Promise"
      : null;
    if (word !== null) faults.push(`${place(file, node)} ${word}`);
  });
  return faults;
}

function lint(text: string, path = "src/application/example.ts"): string[] {
  return Deno.lint.runPlugin(plugin, `/x/${path}`, text).map((found) => found.message);
}

Deno.test("[F-1.1] no function in domain or application is async, awaits or catches", () => {
  const example = ts.createSourceFile("e.ts", "async function f() { try { await g(); } catch { h(); } }", 99, true);
  assert.equal(effects({ path: "e.ts", text: example.text, tree: example }).length, 3);
  const found = filesUnder("src").filter((path) => CORE.test(path)).map(source).flatMap(effects);
  // The one catch of the core: what throws in a step halts and leaves protection to the guardian (F-11.8).
  const excused = found.filter((fault) => /^src\/application\/guardian\/guardian\.ts:\d+ catch$/.test(fault));
  assert.equal(excused.length, 1, "the guardian catches once");
  none(found.filter((fault) => !excused.includes(fault)), "The core does nothing");
});

Deno.test("[F-1.1] the lint plugin names every ambient clock, chance and effect in the core", () => {
  const bad = [
    "Date.now();",
    "new Date();",
    "Date();",
    "Math.random();",
    "performance.now();",
    "globalThis.Date.now();",
    "crypto.randomUUID();",
    "setTimeout(f, 1);",
    "console.log(1);",
    "Deno.env.get('A');",
    "fetch('x');",
    "try { f(); } catch { g(); }",
    "async function f() {}",
    "const f = async () => {};",
    "import { readFileSync } from 'node:fs';",
  ];
  for (const text of bad) assert.ok(lint(text).length > 0, `not named: ${text}`);
  for (const text of ["new Date(5);", "Math.floor(1.5);", "const age = at - bot.now;", "Date.UTC(2021, 0);"]) {
    assert.deepEqual(lint(text), [], text);
  }
});

Deno.test("[F-1.1] no file of the core reads a clock, chance or the world, whether a test runs it or not", () => {
  const core = filesUnder("src").filter((path) => CORE.test(path)).map(source);
  none(core.flatMap((file) => lint(file.text, file.path).map((fault) => `${file.path} ${fault}`)), "The core is pure");
});

Deno.test("[F-1.1] the lint plugin leaves the driving side alone", () => {
  assert.deepEqual(Deno.lint.runPlugin(plugin, "/x/src/application/engine/example.ts", "Date.now();"), []);
});

Deno.test("no module of src keeps state of its own: by the lint plugin, but in a main", () => {
  const bad = [
    "let newest = 0;",
    "export let at = 1;",
    "const texts = new WeakMap();",
    "const a = new Map<string, number>();",
  ];
  for (const text of bad) assert.ok(lint(text, "src/infrastructure/example.ts").length > 0, `not named: ${text}`);
  const good = [
    "const WORDS = new Set(['a']);",
    "const NAMES = new Map([['a', 1]]);",
    "function f() { let a = 1; return a; }",
  ];
  for (const text of good) assert.deepEqual(lint(text, "src/infrastructure/example.ts"), [], text);
  assert.deepEqual(lint("let world = null;", "src/programs/trader/main.ts"), []);
  const faults = filesUnder("src").map(source).flatMap((file) =>
    lint(file.text, file.path).filter((fault) => fault.includes("module state")).map((fault) => `${file.path} ${fault}`)
  );
  none(faults, "Modules keep no state");
});
