/** One small change of a source text at a time: a comparison, a constant by one unit, a branch, or a statement. */
import ts from "typescript";

export type MutantKind = "comparison" | "constant" | "branch" | "statement";
export type Mutant = {
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
  const add = (node: ts.Node, kind: MutantKind, after: string) => {
    const from = node.getStart(tree);
    const line = tree.getLineAndCharacterOfPosition(from).line + 1;
    found.push({ path, kind, line, from, to: node.getEnd(), before: text.slice(from, node.getEnd()), after });
  };
  const see = (node: ts.Node): void => {
    if (!unreachable(node)) changes(node, add);
    ts.forEachChild(node, see);
  };
  see(tree);
  return found;
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

/** `count` of them, the same for the same seed; fewer when there are fewer. */
export function sample(mutants: readonly Mutant[], of: { readonly seed: number; readonly count: number }): Mutant[] {
  const pool = [...mutants];
  const chosen: Mutant[] = [];
  let state = (of.seed * 2_654_435_761) >>> 0 || 1;
  while (chosen.length < of.count && pool.length > 0) {
    state ^= state << 13;
    state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    chosen.push(...pool.splice(state % pool.length, 1));
  }
  return chosen.sort((a, b) => a.path.localeCompare(b.path) || a.from - b.from);
}
