/**
 * Which rules exist, which keys exist, and which of them a test names in its title. Titles are taken from the tests as
 * they register themselves, so that a table of cases counts with every title it makes.
 */
import { filesUnder, source, ts, visit } from "./source.ts";

const CONSTITUTION = "docs/constitution/flow.md";
const POLICY = "docs/specs/account_builder_policy.md";
const SPECS = ["docs/specs/lab.md", "docs/specs/monitor.md", "docs/specs/messenger.md"];
const PENDING = "tests/traceability_pending.txt";
const SEQUENCES = "tests/traceability_sequences.txt";
const IDS = "tests/traceability_ids.txt";

function readOr(path: string, otherwise: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return otherwise;
    throw error;
  }
}

/** Ids a document defines: bold at the head of a rule (`**F-2.1 …`), or the first cell of a table row. */
export function definedIds(text: string): string[] {
  const ids = new Set<string>();
  for (const found of text.matchAll(/\*\*([FLMN]-\d+\.\d+)\b/g)) ids.add(found[1] ?? "");
  for (const found of text.matchAll(/^\| ((?:F-\d+\.\d+)|(?:(?:SR|WS|VAL|GATE|PF|EX)-\d+)) +\|/gm)) {
    ids.add(found[1] ?? "");
  }
  for (const found of text.matchAll(/^## (P-\d+)\b/gm)) ids.add(found[1] ?? "");
  // A section without numbered rules is a rule itself (F-9, L-8).
  for (const found of text.matchAll(/^## ([FLMN]-\d+)\b/gm)) {
    const section = found[1] ?? "";
    if (section !== "F-14" && ![...ids].some((id) => id.startsWith(`${section}.`))) ids.add(section);
  }
  return [...ids];
}

/** Every rule id, from the documents and the list of ids that must never be lost from them. */
export function ruleIds(): { readonly ids: readonly string[]; readonly lost: readonly string[] } {
  const written = new Set(definedIds([CONSTITUTION, POLICY, ...SPECS].map((path) => readOr(path, "")).join("\n")));
  const listed = readOr(IDS, "").split(/\s+/).filter((word) => word !== "");
  return { ids: [...new Set([...listed, ...written])], lost: listed.filter((id) => !written.has(id)) };
}

/** The sequences of F-14 that must come out right, word for word. */
export function sequences(): string[] {
  return readOr(SEQUENCES, "").split("\n").filter((line) => line !== "");
}

/** Leaf keys of `Config`, each once. */
export function policyKeys(): string[] {
  const file = source("src/domain/limits.ts");
  const keys = new Set<string>();
  visit(file.tree, (node) => {
    if (!ts.isPropertySignature(node) || node.type === undefined) return;
    const group = ts.isTypeLiteralNode(node.type) || node.type.getText(file.tree) === "StageConfig";
    if (!group) keys.add(node.name.getText(file.tree));
  });
  return [...keys];
}

/** `id | title of the issue that owns it`, one per line. */
export function pending(): ReadonlyMap<string, string> {
  const lines = readOr(PENDING, "").split("\n").filter((line) => line.trim() !== "" && !line.startsWith("#"));
  return new Map(lines.map((line) => {
    const [id = "", title = ""] = line.split("|").map((part) => part.trim());
    if (id === "" || title === "") throw new Error(`Cannot read ${PENDING} as "id | title": current line is ${line}`);
    return [id, title];
  }));
}

/** True when a title names a word as a whole. */
export function names(title: string, word: string): boolean {
  const escaped = word.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`(?<![\\w.-])${escaped}(?![\\w-]|\\.\\d)`).test(title);
}

/** True when a title claims to prove a rule: the id stands in the brackets it begins with. */
export function proves(title: string, id: string): boolean {
  const head = /^\[([^\]]*)\]/.exec(title);
  return head !== null && names(head[1] ?? "", id);
}

/** Tests of the world around the bot prove nothing about the bot, whatever they are called. */
const WORLD = /\/(fake_exchange|observer|venue|virtual_platform|market_feed|data_file)[a-z_]*_test\.ts$/;

function titleOf(words: readonly unknown[]): string | null {
  for (const word of words) {
    if (typeof word === "string") return word;
    if (typeof word === "function" && word.name !== "") return word.name;
    if (typeof word === "object" && word !== null && "name" in word && typeof word.name === "string") return word.name;
  }
  return null;
}

/** Titles of all tests below `tests/`, by loading each file with a `Deno.test` that only listens. */
export async function testTitles(): Promise<
  { readonly titles: readonly string[]; readonly broken: readonly string[] }
> {
  const titles: string[] = [];
  const broken: string[] = [];
  const real = Deno.test;
  let proving = true;
  const listen = (...words: unknown[]) => {
    const title = titleOf(words);
    if (title !== null && proving) titles.push(title);
  };
  const top = new URL("../../", import.meta.url);
  for (const path of filesUnder("tests", "_test.ts")) {
    if (path === "tests/architecture/traceability_test.ts") continue;
    proving = !WORLD.test(path);
    Object.defineProperty(Deno, "test", { value: listen, writable: true, configurable: true });
    try {
      await import(new URL(path, top).href);
    } catch (error) {
      broken.push(`${path}: ${error instanceof Error ? error.message.split("\n")[0] : String(error)}`);
    } finally {
      Object.defineProperty(Deno, "test", { value: real, writable: true, configurable: true });
    }
  }
  return { titles, broken };
}
