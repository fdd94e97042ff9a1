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

/** Project-relative paths of everything a file imports by a relative name, static or dynamic, types included. */
export function importsOf(path: string): string[] {
  const file = source(path);
  const targets: string[] = [];
  const add = (word: ts.Expression | undefined) => {
    if (word !== undefined && ts.isStringLiteralLike(word) && word.text.startsWith(".")) {
      targets.push(join(path, word.text));
    }
  };
  visit(file.tree, (node) => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) add(node.moduleSpecifier);
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      if (ts.isStringLiteral(node.argument.literal)) add(node.argument.literal);
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      add(node.arguments[0]);
    }
  });
  return targets;
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
