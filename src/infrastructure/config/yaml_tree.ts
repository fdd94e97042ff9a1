/**
 * YAML text → plain values with the place of every key, refusing what YAML readers disagree about (`012`, `yes`, tabs,
 * a space after a key, anchors, duplicate keys): a limit must never mean something else than it looks like (P-11).
 */
import "./package_environment.ts";
import { isAlias, isMap, isPair, isScalar, isSeq, LineCounter, type Pair, parseAllDocuments, type Scalar } from "yaml";
import type { Place, Problem } from "./problem.ts";

export type Value = string | number | boolean | null | readonly Value[] | Section;
export type Section = { readonly [key: string]: Value };

export type YamlTree = {
  readonly root: Section;
  /** Dotted path → place of its key. */
  readonly places: ReadonlyMap<string, Place>;
  /** Dotted path → the value as it stands in the file. */
  readonly texts: ReadonlyMap<string, string>;
  readonly problems: readonly Problem[];
  /** False when the text could not be read as one mapping: nothing else about it can be judged. */
  readonly readable: boolean;
};

const PLAIN_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/;
const LOOSE_BOOLEAN = /^(?:yes|no|on|off|y|n|true|false)$/i;
const PLAIN_KEY = /^[A-Za-z0-9/-][A-Za-z0-9_/-]*$/;

type Walk = {
  readonly file: string;
  readonly text: string;
  readonly lines: LineCounter;
  readonly places: Map<string, Place>;
  readonly texts: Map<string, string>;
  readonly problems: Problem[];
  /** Keys may be paths, as in `strategy.regime_filter`. */
  readonly dottedKeys: boolean;
};

function placeAt(walk: Walk, offset: number): Place {
  const { line, col } = walk.lines.linePos(offset);
  return { file: walk.file, line, column: col };
}

function report(walk: Walk, found: { readonly offset: number; readonly path: string; readonly text: string }): void {
  walk.problems.push({ place: placeAt(walk, found.offset), path: found.path, text: found.text });
}

/** Every line with a tab is reported; YAML forbids them for indentation and editors hide them everywhere. */
function reportTabs(walk: Walk): void {
  walk.text.split("\n").forEach((line, index) => {
    const column = line.indexOf("\t") + 1;
    if (column === 0 || line.trimStart().startsWith("#")) return;
    const place = { file: walk.file, line: index + 1, column };
    walk.problems.push({ place, path: "", text: "a tab: indent and separate with spaces" });
  });
}

/** What a scalar means, or why it is refused. */
function readScalar(walk: Walk, { node, path }: { readonly node: Scalar; readonly path: string }): Value {
  const source = node.source ?? "";
  const offset = node.range?.[0] ?? 0;
  const refuse = (rule: string) => report(walk, { offset, path, text: `${path} = ${source}: ${rule}` });
  const { value } = node;
  if (node.type !== "PLAIN") return typeof value === "string" ? value : String(value);
  if (typeof value === "number" || typeof value === "bigint") {
    if (PLAIN_NUMBER.test(source)) return Number(source);
    const plain = Number(value);
    const instead = Number.isFinite(plain) ? `; did you mean ${Number(source.replace(/^0+(?=\d)/, "")) || plain}?` : "";
    refuse(`numbers are written plainly, without leading zeros, signs, exponents or bases${instead}`);
    return null;
  }
  if (typeof value === "boolean") {
    if (source !== "true" && source !== "false") refuse(`write ${value} in lower case`);
    return value;
  }
  if (value === null || value === undefined) {
    if (source !== "null") {
      const shown = source === "" ? "(nothing)" : source;
      report(walk, { offset, path, text: `${path} = ${shown}: a value is missing; write null where null is allowed` });
    }
    return null;
  }
  const word = String(value);
  if (LOOSE_BOOLEAN.test(word)) {
    const meant = /^(?:yes|on|y|true)$/i.test(word);
    refuse(`some YAML readers take this for ${meant}, others for text; write ${meant}`);
    return meant;
  }
  return word;
}

function readValue(walk: Walk, { node, path }: { readonly node: unknown; readonly path: string }): Value {
  if ((isMap(node) || isSeq(node) || isScalar(node)) && (node.anchor !== undefined || node.tag !== undefined)) {
    const mark = node.anchor === undefined ? String(node.tag) : `&${node.anchor}`;
    report(walk, {
      offset: node.range?.[0] ?? 0,
      path,
      text: `${path} = ${mark} …: tags and anchors are not used here`,
    });
    return null;
  }
  if (isMap(node)) return readSection(walk, { items: node.items, path });
  if (isSeq(node)) {
    walk.texts.set(path, walk.text.slice(node.range?.[0] ?? 0, node.range?.[1] ?? 0).trim());
    return node.items.map((item, index) => readValue(walk, { node: item, path: `${path}[${index}]` }));
  }
  if (isAlias(node)) {
    report(walk, { offset: node.range?.[0] ?? 0, path, text: `${path} = *${node.source}: anchors are not used here` });
    return null;
  }
  if (!isScalar(node)) return null;
  const quote = node.type === "QUOTE_DOUBLE" ? '"' : node.type === "QUOTE_SINGLE" ? "'" : "";
  walk.texts.set(path, `${quote}${node.source ?? ""}${quote}`);
  return readScalar(walk, { node, path });
}

/** The key's text, or null when it was refused. */
function readKey(
  walk: Walk,
  { pair, path }: { readonly pair: Pair; readonly path: string },
): { readonly key: string; readonly offset: number } | null {
  if (!isScalar(pair.key)) {
    report(walk, { offset: 0, path, text: `${path || "the file"}: keys are plain words` });
    return null;
  }
  const offset = pair.key.range?.[0] ?? 0;
  const raw = pair.key.source ?? String(pair.key.value);
  const separator = pair.srcToken !== undefined && "sep" in pair.srcToken ? pair.srcToken.sep : undefined;
  const full = path === "" ? raw : `${path}.${raw}`;
  if (raw === "<<") {
    report(walk, { offset, path: full, text: `${full}: merge keys are not used here` });
    return null;
  }
  if (separator?.[0]?.type === "space" || raw.trim() !== raw) {
    const key = raw.trim();
    report(walk, { offset, path: full.trim(), text: `${full.trim()}: a space after the key; write ${key}:` });
    return { key, offset };
  }
  const plain = walk.dottedKeys ? raw.replaceAll(".", "_") : raw;
  if (!PLAIN_KEY.test(plain)) {
    const odd = [...plain].find((letter, index) => !PLAIN_KEY.test(index === 0 ? letter : `a${letter}`)) ?? "";
    const code = (odd.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
    report(walk, {
      offset,
      path: full,
      text: `${full}: the key holds the character U+${code}; keys are a-z, 0-9 and _`,
    });
    return null;
  }
  return { key: raw, offset };
}

function readSection(
  walk: Walk,
  { items, path }: { readonly items: readonly unknown[]; readonly path: string },
): Section {
  const section: Record<string, Value> = {};
  for (const pair of items) {
    if (!isPair(pair)) continue;
    const read = readKey(walk, { pair, path });
    if (read === null) continue;
    const full = path === "" ? read.key : `${path}.${read.key}`;
    const first = walk.places.get(full);
    if (first !== undefined && first.file === walk.file) {
      const text = `${full}: a second time; it already stands in line ${first.line}`;
      report(walk, { offset: read.offset, path: full, text });
      continue;
    }
    walk.places.set(full, placeAt(walk, read.offset));
    section[read.key] = readValue(walk, { node: pair.value, path: full });
  }
  return section;
}

function unreadable(walk: Walk): YamlTree {
  return { root: {}, places: walk.places, texts: walk.texts, problems: walk.problems, readable: false };
}

/** Reads one file's text. Never throws; everything wrong is in `problems`. */
export function readYaml(text: string, file: string, how: { readonly dottedKeys?: boolean } = {}): YamlTree {
  const lines = new LineCounter();
  const walk: Walk = {
    file,
    text,
    lines,
    places: new Map(),
    texts: new Map(),
    problems: [],
    dottedKeys: how.dottedKeys ?? false,
  };
  reportTabs(walk);
  const options = { lineCounter: lines, keepSourceTokens: true, uniqueKeys: false, merge: false, prettyErrors: false };
  const documents = parseAllDocuments(text, options);
  const [document, second] = Array.isArray(documents) ? documents : [];
  if (document === undefined || document.contents === null) {
    walk.problems.push({ place: { file, line: 1, column: 1 }, path: "", text: "the file is empty" });
    return unreadable(walk);
  }
  if (second !== undefined) {
    report(walk, { offset: second.range[0], path: "", text: "a second document: the file holds one" });
    return unreadable(walk);
  }
  if (document.errors.length > 0) {
    // The first error only: what follows it is the parser's confusion. A tab is the better explanation.
    const [error] = document.errors;
    if (error !== undefined && walk.problems.length === 0) {
      walk.problems.push({ place: placeAt(walk, error.pos[0]), path: "", text: `not YAML: ${error.message}` });
    }
    return unreadable(walk);
  }
  if (!isMap(document.contents)) {
    walk.problems.push({
      place: { file, line: 1, column: 1 },
      path: "",
      text: "the file must be a list of `key: value`",
    });
    return unreadable(walk);
  }
  const root = readSection(walk, { items: document.contents.items, path: "" });
  return { root, places: walk.places, texts: walk.texts, problems: walk.problems, readable: true };
}
