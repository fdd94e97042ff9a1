/** What the architecture tests share: walking files, parsing them, and naming a place. Paths are relative to the top. */
import ts from "typescript";

export type Source = { readonly path: string; readonly text: string; readonly tree: ts.SourceFile };

const cache = new Map<string, Source>();

/** Every .ts file under a directory of the project, sorted; an absent directory holds none. */
export function filesUnder(directory: string, ending = ".ts"): string[] {
  const found: string[] = [];
  let entries: Deno.DirEntry[];
  try {
    entries = [...Deno.readDirSync(directory)];
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
  for (const entry of entries) {
    const path = `${directory}/${entry.name}`;
    if (entry.isDirectory) found.push(...filesUnder(path, ending));
    else if (entry.name.endsWith(ending)) found.push(path);
  }
  return found.sort();
}

/** One parsed file. */
export function source(path: string): Source {
  const known = cache.get(path);
  if (known !== undefined) return known;
  const text = Deno.readTextFileSync(path);
  const made = { path, text, tree: ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true) };
  cache.set(path, made);
  return made;
}

/** Calls `see` for every node below and including `node`. */
export function visit(node: ts.Node, see: (node: ts.Node) => void): void {
  see(node);
  ts.forEachChild(node, (child) => visit(child, see));
}

/** `path:line` of a node. */
export function place(file: Source, node: ts.Node): string {
  return `${file.path}:${file.tree.getLineAndCharacterOfPosition(node.getStart(file.tree)).line + 1}`;
}

export type Import = {
  /** Relative to the project. */
  readonly target: string;
  /** For its types alone. */
  readonly type: boolean;
};

/** True when an import or export brings nothing to run. */
function bringsTypes(node: ts.ImportDeclaration | ts.ExportDeclaration): boolean {
  if (ts.isExportDeclaration(node)) return node.isTypeOnly;
  const clause = node.importClause;
  if (clause === undefined) return false;
  if (clause.isTypeOnly) return true;
  const named = clause.namedBindings;
  return clause.name === undefined && named !== undefined && ts.isNamedImports(named) &&
    named.elements.length > 0 && named.elements.every((element) => element.isTypeOnly);
}

/** Everything a file imports by a relative name, static or dynamic. */
export function importsIn(path: string): Import[] {
  const file = source(path);
  const found: Import[] = [];
  const add = (word: ts.Expression | undefined, type: boolean) => {
    if (word !== undefined && ts.isStringLiteralLike(word) && word.text.startsWith(".")) {
      found.push({ target: join(path, word.text), type });
    }
  };
  visit(file.tree, (node) => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) add(node.moduleSpecifier, bringsTypes(node));
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      if (ts.isStringLiteral(node.argument.literal)) add(node.argument.literal, true);
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      add(node.arguments[0], false);
    }
  });
  return found;
}

/** Project-relative paths of everything a file imports by a relative name, static or dynamic, types included. */
export function importsOf(path: string): string[] {
  return importsIn(path).map(({ target }) => target);
}

function join(from: string, relative: string): string {
  const parts = from.split("/").slice(0, -1);
  for (const part of relative.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== ".") parts.push(part);
  }
  return parts.join("/");
}

/** Fails with one line per fault. */
export function none(faults: readonly string[], rule: string): void {
  if (faults.length > 0) throw new Error(`${rule}, but ${faults.length} do not:\n${faults.join("\n")}`);
}

export { ts };
