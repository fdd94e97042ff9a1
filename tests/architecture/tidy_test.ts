/** Walls with numbers (architecture.md): sizes, arguments, casts, one writer of state, no place of one machine. */
import { strict as assert } from "node:assert";
import { filesUnder, none, place, type Source, source, ts, visit } from "./source.ts";

const FUNCTION_LINES = 70;
const FILE_LINES = 400;

type Shape = ts.FunctionLikeDeclaration & { readonly body: ts.Node };
function isShape(node: ts.Node): node is Shape {
  return (ts.isFunctionDeclaration(node) || ts.isFunctionExpression(node) || ts.isArrowFunction(node) ||
    ts.isMethodDeclaration(node) || ts.isConstructorDeclaration(node) || ts.isAccessor(node)) &&
    node.body !== undefined;
}
function linesOf(file: Source, node: ts.Node): number {
  const line = (position: number) => file.tree.getLineAndCharacterOfPosition(position).line;
  return line(node.getEnd()) - line(node.getStart(file.tree)) + 1;
}
function parse(text: string): Source {
  return { path: "example.ts", text, tree: ts.createSourceFile("example.ts", text, ts.ScriptTarget.Latest, true) };
}

/** Functions longer than the wall, counted from first to last line, functions inside included. */
export function longFunctions(file: Source): string[] {
  const faults: string[] = [];
  visit(file.tree, (node) => {
    if (isShape(node) && linesOf(file, node) > FUNCTION_LINES) {
      faults.push(`${place(file, node)} has ${linesOf(file, node)} lines`);
    }
  });
  return faults;
}

const PLAIN = new Set([
  ts.SyntaxKind.NumberKeyword,
  ts.SyntaxKind.StringKeyword,
  ts.SyntaxKind.BooleanKeyword,
  ts.SyntaxKind.ArrayType,
]);
/** Functions with a third positional argument that is a bare value, or with a fourth of any kind. */
export function wideFunctions(file: Source): string[] {
  const faults: string[] = [];
  visit(file.tree, (node) => {
    const shaped = isShape(node) || ts.isMethodSignature(node);
    if (!shaped) return;
    const third = node.parameters[2];
    const bare = third !== undefined && third.type !== undefined && PLAIN.has(third.type.kind);
    if (node.parameters.length > 3 || bare) faults.push(`${place(file, node)} takes ${node.parameters.length}`);
  });
  return faults;
}

/** `any`, and casts other than `as const`. */
export function casts(file: Source): string[] {
  const free = file.path === "src/domain/units.ts" || /\/parse_[a-z_]+\.ts$/.test(file.path);
  const faults: string[] = [];
  visit(file.tree, (node) => {
    if (node.kind === ts.SyntaxKind.AnyKeyword) faults.push(`${place(file, node)} any`);
    const cast = ts.isAsExpression(node) || ts.isTypeAssertionExpression(node);
    if (!cast || free) return;
    if (ts.isAsExpression(node) && node.type.getText(file.tree) === "const") return;
    faults.push(`${place(file, node)} ${node.getText(file.tree).slice(0, 80).replaceAll("\n", " ")}`);
  });
  return faults;
}

const everything = () => filesUnder("src").map(source);

Deno.test("the walls are seen: long, wide and cast examples are named", () => {
  const long = parse(`function f() {\n${"  g();\n".repeat(FUNCTION_LINES)}}`);
  assert.equal(longFunctions(long).length, 1);
  assert.equal(longFunctions(parse(`function f() {\n${"  g();\n".repeat(FUNCTION_LINES - 2)}}`)).length, 0);
  assert.equal(wideFunctions(parse("function f(a: A, b: B, c: number) {}")).length, 1);
  assert.equal(wideFunctions(parse("function f(a: A, b: B, c: Options) {}")).length, 0);
  assert.equal(wideFunctions(parse("function f(a: A, b: B, c: Options, d: D) {}")).length, 1);
  assert.equal(casts(parse("const a = b as C; const d = [1] as const; let e: any;")).length, 2);
});

Deno.test(`functions have at most ${FUNCTION_LINES} lines`, () => {
  none(everything().flatMap(longFunctions), "Functions are short");
});

Deno.test(`source files have at most ${FILE_LINES} lines`, () => {
  const long = everything().map((file) => ({ path: file.path, lines: file.text.trimEnd().split("\n").length }));
  none(long.filter((file) => file.lines > FILE_LINES).map((f) => `${f.path} has ${f.lines}`), "Files are short");
});

Deno.test("functions take at most two positional arguments, then an options object", () => {
  none(everything().flatMap(wideFunctions), "Functions are narrow");
});

Deno.test("no any, and casts only in units.ts and parse_*", () => {
  none(everything().flatMap(casts), "Types are kept");
});

Deno.test("[F-3.4] tick_engine and orchestrator stay thin and decide nothing", () => {
  const walls: readonly [string, number][] = [
    ["src/application/engine/tick_engine.ts", 120],
    ["src/application/engine/orchestrator.ts", 150],
  ];
  const faults: string[] = [];
  for (const [path, most] of walls) {
    const file = source(path);
    const lines = file.text.trimEnd().split("\n").length;
    if (lines > most) faults.push(`${path} has ${lines} lines, at most ${most}`);
    if (/phase\s*\??\.\s*kind/.test(file.text)) faults.push(`${path} looks at phase.kind`);
  }
  none(faults, "Driving files are thin");
});

Deno.test("file and directory names are snake_case", () => {
  none(filesUnder("src").filter((path) => !/^[a-z0-9_/]+\.ts$/.test(path)), "Names are snake_case");
});

Deno.test("[F-1.1] the state of the bot has one writer, on one line", () => {
  const engine = source("src/application/engine/tick_engine.ts");
  const variables: string[] = [];
  visit(engine.tree, (node) => {
    if (ts.isVariableDeclarationList(node) && (node.flags & ts.NodeFlags.Let) !== 0) {
      for (const declaration of node.declarations) variables.push(declaration.name.getText(engine.tree));
    }
  });
  assert.deepEqual(variables, ["state"]);
  let writes = 0;
  visit(engine.tree, (node) => {
    if (
      ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.EqualsToken &&
      node.left.getText(engine.tree) === "state"
    ) writes++;
  });
  assert.equal(writes, 1);
});

Deno.test("only the driving side, the bot, views and programs call transition (law 1)", () => {
  const faults: string[] = [];
  for (const file of everything()) {
    if (/^src\/(application\/(transition|guardian|engine)|bot|views|programs)\//.test(file.path)) continue;
    visit(file.tree, (node) => {
      if (ts.isImportDeclaration(node) && /transition\/mod\.ts/.test(node.moduleSpecifier.getText(file.tree))) {
        faults.push(place(file, node));
      }
    });
  }
  none(faults, "Nothing else imports transition");
});

Deno.test("no path of one machine in source, tests, configuration or documents", () => {
  // Spelled in pieces, so that this list does not find itself.
  const banned = ["/wo" + "rk/", "/ho" + "me/", "/ro" + "ot/", "/Us" + "ers/", "C:" + "\\\\"];
  const files = [
    ...["src", "tests", "config", "docs"].flatMap((directory) => filesUnder(directory, "")),
    "README.md",
    "deno.json",
  ].filter((path) => /\.(ts|md|ya?ml|json|txt|sh|service)$/.test(path));
  const faults: string[] = [];
  for (const path of files) {
    let text: string;
    try {
      text = Deno.readTextFileSync(path);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) continue;
      throw error;
    }
    text.split("\n").forEach((line, index) => {
      for (const word of banned) if (line.includes(word)) faults.push(`${path}:${index + 1} names ${word}`);
      if (path.startsWith("src/") && line.includes("../sha" + "red")) {
        faults.push(`${path}:${index + 1} leaves the project`);
      }
    });
  }
  none(faults, "Paths stay inside the project");
});
