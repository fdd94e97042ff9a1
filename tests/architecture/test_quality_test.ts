/** No test that cannot fail, none switched off, no timed verdict, no second copy of the domain's types. */
import { strict as assert } from "node:assert";
import { filesUnder, importsOf, none, place, type Source, source, ts, visit } from "./source.ts";

const CHECKS = /^(assert|expect|fc\.assert|fc\.check|none|throw|must|check|prove)/;

type TestCall = { readonly title: string; readonly node: ts.CallExpression; readonly body: ts.Node | null };

/** Every `Deno.test(…)` of one file. Titles of template form keep their fixed part. */
export function testsOf(file: Source): TestCall[] {
  const found: TestCall[] = [];
  visit(file.tree, (node) => {
    if (!ts.isCallExpression(node) || !/^Deno\.test(\.\w+)?$/.test(node.expression.getText(file.tree))) return;
    const [first, ...rest] = node.arguments;
    const title = first === undefined ? "" : first.getText(file.tree);
    const body = rest.findLast((argument) => !ts.isObjectLiteralExpression(argument)) ??
      (first !== undefined && !ts.isStringLiteralLike(first) && !ts.isTemplateExpression(first) ? first : null);
    found.push({ title, node, body });
  });
  return found;
}

const checkersOf = new Map<string, ReadonlySet<string>>();

/** Names a file imports that check something: all of node:assert, and what another test file's helpers check. */
function importedCheckers(file: Source): string[] {
  const names: string[] = [];
  for (const statement of file.tree.statements) {
    if (!ts.isImportDeclaration(statement) || !ts.isStringLiteral(statement.moduleSpecifier)) continue;
    const from = statement.moduleSpecifier.text;
    const local = importsOf(file.path).find((path) =>
      from.startsWith(".") && path.endsWith(from.replace(/^[./]+/, ""))
    );
    const known = from.startsWith("node:assert") ? null : local === undefined ? undefined : checkers(source(local));
    const bindings = statement.importClause?.namedBindings;
    if (known === undefined || bindings === undefined || !ts.isNamedImports(bindings)) continue;
    for (const { name, propertyName } of bindings.elements) {
      if (known === null || known.has((propertyName ?? name).text)) names.push(name.text);
    }
  }
  return names;
}

/** Names a file can call that check something: its own functions, exported ones included, and imported ones. */
function checkers(file: Source): ReadonlySet<string> {
  const ready = checkersOf.get(file.path);
  if (ready !== undefined) return ready;
  checkersOf.set(file.path, new Set());
  const names = new Set<string>(file.path.startsWith("tests/") ? importedCheckers(file) : []);
  for (let before = -1; before !== names.size;) {
    before = names.size;
    visit(file.tree, (node) => {
      if (ts.isFunctionDeclaration(node) && node.name !== undefined && checks(node, names, file)) {
        names.add(node.name.text);
      } else if (
        ts.isVariableDeclaration(node) && ts.isIdentifier(node.name) && node.initializer !== undefined &&
        (ts.isArrowFunction(node.initializer) || ts.isFunctionExpression(node.initializer)) &&
        checks(node.initializer, names, file)
      ) names.add(node.name.text);
    });
  }
  checkersOf.set(file.path, names);
  return names;
}
function checks(body: ts.Node, known: ReadonlySet<string>, file: Source): boolean {
  let found = false;
  visit(body, (node) => {
    if (ts.isThrowStatement(node)) found = true;
    if (!ts.isCallExpression(node)) return;
    const callee = node.expression.getText(file.tree);
    if (CHECKS.test(callee) || known.has(callee.split(".")[0] ?? "")) found = true;
  });
  return found;
}

/** What is wrong with the tests of one file. */
export function faultsOf(file: Source): string[] {
  const faults: string[] = [];
  const known = checkers(file);
  for (const test of testsOf(file)) {
    const callee = test.node.expression.getText(file.tree);
    if (callee !== "Deno.test") faults.push(`${place(file, test.node)} ${callee}`);
    if (test.body === null || !(checks(test.body, known, file) || known.has(test.body.getText(file.tree)))) {
      faults.push(`${place(file, test.node)} asserts nothing: ${test.title}`);
    }
  }
  visit(file.tree, (node) => {
    if (ts.isPropertyAssignment(node) && /^(ignore|only|skip|todo)$/.test(node.name.getText(file.tree))) {
      faults.push(`${place(file, node)} ${node.getText(file.tree)}`);
    }
    if (!ts.isCallExpression(node)) return;
    const callee = node.expression.getText(file.tree);
    const first = node.arguments[0]?.getText(file.tree);
    if (/^assert(\.ok)?$/.test(callee) && first === "true") faults.push(`${place(file, node)} assert(true)`);
    if (/^(it|test|describe|t)\.(skip|only|ignore|todo)$/.test(callee)) faults.push(`${place(file, node)} ${callee}`);
  });
  return faults;
}

function parse(text: string): Source {
  checkersOf.clear();
  return { path: "e_test.ts", text, tree: ts.createSourceFile("e_test.ts", text, ts.ScriptTarget.Latest, true) };
}
const all = () => filesUnder("tests", "_test.ts").map(source);

Deno.test("a test that cannot fail is named", () => {
  assert.equal(faultsOf(parse('Deno.test("x", () => { f(); });')).length, 1);
  assert.equal(faultsOf(parse('Deno.test("x", () => { assert.ok(f()); });')).length, 0);
  assert.equal(faultsOf(parse('function g() { assert.equal(1, f()); } Deno.test("x", () => g());')).length, 0);
  assert.equal(faultsOf(parse('Deno.test.ignore("x", () => { assert.ok(f()); });')).length, 1);
  assert.equal(faultsOf(parse('Deno.test({ name: "x", only: !0, fn() { assert.ok(f()); } });')).length, 1);
  assert.equal(faultsOf(parse('Deno.test("x", () => { assert(true); });')).length, 1);
});

Deno.test("every test asserts something and none is switched off", () => {
  none(all().flatMap(faultsOf), "Tests can fail");
});

Deno.test("every test title is said once", () => {
  const seen = new Map<string, string>();
  const faults: string[] = [];
  for (const file of all()) {
    for (const test of testsOf(file)) {
      const literal = test.node.arguments[0];
      if (literal === undefined || !ts.isStringLiteralLike(literal)) continue;
      const where = place(file, test.node);
      const before = seen.get(literal.text);
      if (before !== undefined) faults.push(`${where} and ${before}: ${literal.text}`);
      seen.set(literal.text, where);
    }
  }
  none(faults, "Titles are unique");
});

Deno.test("core tests declare no domain types of their own", () => {
  const domain = new Set<string>();
  for (const path of [...filesUnder("src/domain"), ...filesUnder("src/application/transition")]) {
    for (const statement of source(path).tree.statements) {
      const declared = ts.isTypeAliasDeclaration(statement) || ts.isInterfaceDeclaration(statement);
      const exported = declared && statement.modifiers?.some((word) => word.kind === ts.SyntaxKind.ExportKeyword);
      if (declared && exported) domain.add(statement.name.text);
    }
  }
  assert.ok(domain.size > 30);
  const faults: string[] = [];
  for (const path of [...filesUnder("tests/oracles"), ...filesUnder("tests/property"), ...filesUnder("tests/unit")]) {
    const file = source(path);
    for (const statement of file.tree.statements) {
      const declared = ts.isTypeAliasDeclaration(statement) || ts.isInterfaceDeclaration(statement);
      if (declared && domain.has(statement.name.text)) faults.push(`${place(file, statement)} ${statement.name.text}`);
    }
  }
  none(faults, "Tests use the domain's types");
});
