/**
 * The core's hash: two programs with the same one decide alike (F-11.7).
 *
 *   deno run --allow-read --allow-env config/deploy/core_hash.ts
 *
 * prints the hash of this checkout and, behind commas, the former hashes whose journals this core decides alike
 * (`equal_cores.txt`). A program that runs from a checkout is told so by its task.
 */
import { createHash } from "node:crypto";
import ts from "typescript";

/** What `computeCoreHash` needs of a file tree. Paths are relative to the project, with `/`. */
export type SourceReader = {
  /** Names in a directory; those of directories end in `/`. */
  readonly readDir: (path: string) => readonly string[];
  readonly readFile: (path: string) => Uint8Array;
};

/** The directories whose sources decide (F-11.7). */
export const CORE_DIRECTORIES = ["src/domain", "src/application"] as const;
const EQUAL_CORES = "config/deploy/equal_cores.txt";
/** Digits that a journal header and a build carry. */
const DIGITS = 16;

function filesOf(path: string, reader: SourceReader): readonly string[] {
  return [...reader.readDir(path)].sort().flatMap((name) => {
    if (name.endsWith("/")) return filesOf(`${path}/${name.slice(0, -1)}`, reader);
    return name.endsWith(".ts") ? [`${path}/${name}`] : [];
  });
}

/** Names that an import gives to something under another one: the only part of an import that a move leaves alone. */
function renamedNames(node: ts.ImportDeclaration): readonly string[] {
  const clause = node.importClause;
  const bindings = clause?.namedBindings;
  const whole = [
    clause?.name?.text,
    bindings !== undefined && ts.isNamespaceImport(bindings) ? bindings.name.text : "",
  ];
  const named = bindings !== undefined && ts.isNamedImports(bindings) ? bindings.elements : [];
  const renamed = named.filter((one) => one.propertyName !== undefined).map((one) =>
    `${one.propertyName?.text} as ${one.name.text}`
  );
  return [...whole.filter((name) => name !== undefined && name !== ""), ...renamed].map((name) => `import ${name}`);
}

/** One text a top-level declaration, without comments, without `export`. */
function declarationsOf(path: string, text: string): readonly string[] {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, false);
  const printer = ts.createPrinter({ removeComments: true, newLine: ts.NewLineKind.LineFeed });
  return file.statements.flatMap((node) => {
    if (ts.isImportDeclaration(node)) return renamedNames(node);
    // `export … from` and `export { … }` only open a door; what stands behind it is hashed where it is declared.
    if (ts.isExportDeclaration(node)) return [];
    return [printer.printNode(ts.EmitHint.Unspecified, node, file).replace(/^export /, "")];
  });
}

/**
 * SHA-256, hex, over the sorted top-level declarations of every source of the core (F-11.7). Comments, line endings,
 * the files' names and which file holds a declaration do not count.
 */
export function computeCoreHash(reader: SourceReader): string {
  const texts = CORE_DIRECTORIES.flatMap((directory) => filesOf(directory, reader)).flatMap((path) =>
    declarationsOf(path, new TextDecoder().decode(reader.readFile(path)).replaceAll("\r\n", "\n"))
  );
  const total = createHash("sha256");
  for (const text of texts.sort()) total.update(`${createHash("sha256").update(text).digest("hex")}\n`);
  return total.digest("hex");
}

/** Hashes of a list with `#` comments: former cores that a replay proved equal to this one. */
export function readEqualCores(text: string): readonly string[] {
  return text.split("\n").map((line) => line.replace(/#.*/, "").trim()).filter((line) => line !== "");
}

/** This checkout's core and its former equals, in the digits that journals carry. */
export function checkoutCores(): readonly string[] {
  const own = computeCoreHash({
    readDir: (path) => [...Deno.readDirSync(path)].map((entry) => (entry.isDirectory ? `${entry.name}/` : entry.name)),
    readFile: (path) => Deno.readFileSync(path),
  });
  return [own.slice(0, DIGITS), ...readEqualCores(Deno.readTextFileSync(EQUAL_CORES))];
}

if (import.meta.main) console.log(checkoutCores().join(","));
