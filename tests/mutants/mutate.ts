/** One small change of a source text at a time: a comparison, a constant by one unit, a branch, or a statement. */
import ts from "typescript";

export type MutantKind = "comparison" | "constant" | "branch" | "statement";
export type Mutant = {
  /**
   * Its name, the same while other lines move: file, its line with the place marked, what stands there instead, and a
   * number where a file holds the same more than once. `src/domain/x.ts | return b «>» 0; | >=`
   */
  readonly key: string;
  readonly path: string;
  readonly kind: MutantKind;
  readonly line: number;
  /** Offsets into the text, and what stands there instead. */
  readonly from: number;
  readonly to: number;
  readonly before: string;
  readonly after: string;
};

const COMPARISONS: ReadonlyMap<ts.SyntaxKind, string> = new Map([
  [ts.SyntaxKind.LessThanToken, "<="],
  [ts.SyntaxKind.LessThanEqualsToken, "<"],
  [ts.SyntaxKind.GreaterThanToken, ">="],
  [ts.SyntaxKind.GreaterThanEqualsToken, ">"],
  [ts.SyntaxKind.EqualsEqualsEqualsToken, "!=="],
  [ts.SyntaxKind.ExclamationEqualsEqualsToken, "==="],
]);
const LOGIC: ReadonlyMap<ts.SyntaxKind, string> = new Map([
  [ts.SyntaxKind.AmpersandAmpersandToken, "||"],
  [ts.SyntaxKind.BarBarToken, "&&"],
]);

/** A number literal one unit of its last digit up and down: 60_000 → 60001, 0.8 → 0.9, 10n → 11n. */
export function neighbours(literal: string): readonly string[] {
  const plain = literal.replaceAll("_", "");
  if (plain.endsWith("n")) {
    const value = BigInt(plain.slice(0, -1));
    return [`${value + 1n}n`, `${value - 1n}n`];
  }
  const value = Number(plain);
  if (!Number.isFinite(value)) return [];
  if (/[eExXbBoO]/.test(plain)) return [String(value + 1), String(value - 1)];
  const places = plain.includes(".") ? plain.length - plain.indexOf(".") - 1 : 0;
  const unit = Math.pow(10, -places);
  return [(value + unit).toFixed(places), (value - unit).toFixed(places)];
}

/** True inside the arm that only the compiler can reach (`const never: never = …`), or inside a type. */
function unreachable(node: ts.Node): boolean {
  for (let at: ts.Node | undefined = node; at !== undefined; at = at.parent) {
    if (ts.isTypeNode(at) || ts.isTypeAliasDeclaration(at) || ts.isInterfaceDeclaration(at)) return true;
    if (ts.isImportDeclaration(at)) return true;
    if (ts.isDefaultClause(at) && /:\s*never\b/.test(at.getText())) return true;
    // The text of an error is not behaviour.
    if (ts.isTemplateExpression(at) && insideThrow(at)) return true;
  }
  return false;
}
function insideThrow(node: ts.Node): boolean {
  for (let at: ts.Node | undefined = node; at !== undefined; at = at.parent) if (ts.isThrowStatement(at)) return true;
  return false;
}

/** Every mutant of one file, in order of place. */
export function mutantsOf(path: string, text: string): Mutant[] {
  const tree = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const found: Mutant[] = [];
  const names = new Map<string, number>();
  const add = (node: ts.Node, kind: MutantKind, after: string) => {
    const place = { path, from: node.getStart(tree), to: node.getEnd(), after };
    const line = tree.getLineAndCharacterOfPosition(place.from).line + 1;
    const name = nameOf(text, place);
    const times = (names.get(name) ?? 0) + 1;
    names.set(name, times);
    const key = times === 1 ? name : `${name} #${times}`;
    found.push({ ...place, key, kind, line, before: text.slice(place.from, place.to) });
  };
  const see = (node: ts.Node): void => {
    if (!unreachable(node)) changes(node, add);
    ts.forEachChild(node, see);
  };
  see(tree);
  return found;
}

function nameOf(text: string, of: Pick<Mutant, "path" | "from" | "to" | "after">): string {
  const start = text.lastIndexOf("\n", of.from - 1) + 1;
  const end = text.indexOf("\n", of.to);
  const changed = `«${text.slice(of.from, of.to)}»`;
  const line = `${text.slice(start, of.from)}${changed}${text.slice(of.to, end < 0 ? undefined : end)}`;
  return `${of.path} | ${line.replaceAll(/\s+/g, " ").trim().slice(0, 160)} | ${of.after}`;
}

function changes(node: ts.Node, add: (node: ts.Node, kind: MutantKind, after: string) => void): void {
  if (ts.isBinaryExpression(node)) {
    const comparison = COMPARISONS.get(node.operatorToken.kind);
    if (comparison !== undefined) add(node.operatorToken, "comparison", comparison);
    const logic = LOGIC.get(node.operatorToken.kind);
    if (logic !== undefined) add(node.operatorToken, "branch", logic);
  }
  if (ts.isNumericLiteral(node) || ts.isBigIntLiteral(node)) {
    for (const after of neighbours(node.getText())) add(node, "constant", negativeSafe(after));
  }
  if (node.kind === ts.SyntaxKind.TrueKeyword && ts.isExpression(node)) add(node, "constant", "false");
  if (node.kind === ts.SyntaxKind.FalseKeyword && ts.isExpression(node)) add(node, "constant", "true");
  if (ts.isIfStatement(node)) {
    add(node.expression, "branch", "true");
    add(node.expression, "branch", "false");
  }
  if (ts.isConditionalExpression(node)) {
    add(node.condition, "branch", "true");
    add(node.condition, "branch", "false");
  }
  if (ts.isExpressionStatement(node)) add(node, "statement", ";");
}

function negativeSafe(after: string): string {
  return after.startsWith("-") ? `(${after})` : after;
}

/** The text with one mutant in it. */
export function apply(text: string, mutant: Mutant): string {
  return text.slice(0, mutant.from) + mutant.after + text.slice(mutant.to);
}

/** FNV-1a with a last mix, 32 bits. */
function hashOf(text: string): number {
  let hash = 2_166_136_261;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 16_777_619);
  hash = Math.imul(hash ^ (hash >>> 15), 2_246_822_507);
  return (hash ^ (hash >>> 13)) >>> 0;
}

/**
 * `count` of them, the same for the same seed; fewer when there are fewer. Each is chosen by a hash of its own key, so
 * that a change of one line moves the choice by that line and not altogether.
 */
export function sample(mutants: readonly Mutant[], of: { readonly seed: number; readonly count: number }): Mutant[] {
  return mutants.map((mutant) => ({ mutant, rank: hashOf(`${of.seed}|${mutant.key}`) }))
    .sort((a, b) => a.rank - b.rank || a.mutant.key.localeCompare(b.mutant.key))
    .slice(0, of.count).map((one) => one.mutant)
    .sort((a, b) => a.path.localeCompare(b.path) || a.from - b.from);
}
