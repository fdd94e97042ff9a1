/** Reads `--config F`, the file it extends and the safety limits beside it into one effective configuration. */
import { distance } from "fastest-levenshtein";
import type { z } from "zod";
import type { Config } from "../../domain/limits.ts";
import { sha256 } from "../../common/sha256.ts";
import { withoutAsBefore } from "./as_before.ts";
import { findContradictions } from "./contradictions.ts";
import { inReadingOrder, type Place, type Problem, renderProblem } from "./problem.ts";
import { mainSchema, safetySchema } from "./schema.ts";
import { readYaml, type Section, type Value, type YamlTree } from "./yaml_tree.ts";

export type LoadOptions = {
  /** Content of a file; throws when it cannot be read. */
  readonly readText: (path: string) => string;
  /** The file named by `--config`. */
  readonly path: string;
};
export type Keeping = z.infer<typeof mainSchema>["files"];
export type Loaded =
  | {
    readonly kind: "loaded";
    readonly config: Config;
    /** How long files are kept; beside the configuration, whose hash and journal do not change by it. */
    readonly keeping: Keeping;
    /** SHA-256 over the effective configuration, keys sorted, defaults in. */
    readonly configHash: string;
    /** What a reader of the files alone would not see: defaults that were filled in, the scenario profile. */
    readonly notes: readonly string[];
    /** Every file that was read, in order. */
    readonly files: readonly string[];
  }
  | { readonly kind: "errors"; readonly errors: readonly string[] };

const SAFETY_FILE = "safety_limits.yaml";
const FILE_NAME = /^[A-Za-z0-9_.-]+\.ya?ml$/;
const MAINNET = /bybit|bytick|mainnet/i;
const SECRET = /api_?key|secret|token|password|passphrase/i;
/** Keys of the main file that steer the reading itself. */
const STEERING = ["extends", "safety_limits", "mainnet_enabled"];

function isSection(value: Value | undefined): value is Section {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
function beside(path: string, name: string): string {
  const cut = Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\"));
  return cut < 0 ? name : path.slice(0, cut + 1) + name;
}
function merged(base: Section, over: Section): Section {
  const result: Record<string, Value> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const old = result[key];
    result[key] = isSection(old) && isSection(value) ? merged(old, value) : value;
  }
  return result;
}

/** Keys in file order, sorted by name, so that the hash does not depend on who wrote them in which order. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return `{${entries.map(([key, inner]) => `${JSON.stringify(key)}:${canonicalJson(inner)}`).join(",")}}`;
}

/** SHA-256 over the effective configuration (P-13 `config_hash`). */
export function hashConfig(config: Config): string {
  return sha256(canonicalJson(config));
}

function readTree(options: LoadOptions, path: string): YamlTree {
  try {
    return readYaml(options.readText(path), path);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const place = { file: path, line: 1, column: 1 };
    const problems = [{ place, path: "", text: `cannot be read: ${why}` }];
    return { root: {}, places: new Map(), texts: new Map(), problems, readable: false };
  }
}

/** A file name given in the main file; anything with a folder in it is refused, so that the set stays together. */
function siblingName(tree: YamlTree, key: string): { readonly name: string | null; readonly problem: Problem | null } {
  const value = tree.root[key];
  if (value === undefined) return { name: null, problem: null };
  if (typeof value === "string" && FILE_NAME.test(value)) return { name: value, problem: null };
  const place = tree.places.get(key) ?? { file: "", line: 1, column: 1 };
  const text = `${key} = ${tree.texts.get(key) ?? ""}: must be the name of a .yaml file in the same folder`;
  return { name: null, problem: { place, path: key, text } };
}

/** The lock-out words (F-12.3), secrets in files (F-12.5), and `mainnet_enabled` (P-12). */
function forbidden(tree: YamlTree): readonly Problem[] {
  const problems: Problem[] = [];
  for (const [path, place] of tree.places) {
    const text = tree.texts.get(path) ?? "";
    const key = path.split(".").at(-1) ?? path;
    const say = (words: string) => problems.push({ place, path, text: words });
    if (path === "mainnet_enabled") {
      if (text !== "false") {
        say(`mainnet_enabled = ${text}: must be absent or false; this program has no mainnet (F-12.3)`);
      }
    } else if (SECRET.test(key)) {
      say(
        `${path}: keys are never read from files (F-12.5); set BYBIT_TESTNET_API_KEY and BYBIT_TESTNET_API_SECRET ` +
          "in the environment, and if a real key stood here, delete it at the venue",
      );
    } else if (MAINNET.test(text) || MAINNET.test(key)) {
      say(
        `${path}${
          text === "" ? "" : ` = ${text}`
        }: hosts are fixed in the program; no host and no mainnet here (F-12.3)`,
      );
    }
  }
  return problems;
}

/** True for a file that holds nothing but keys of the safety limits: the other of the two was meant. */
function isSafetyFile(main: YamlTree, safetyKeys: readonly string[]): boolean {
  const keys = Object.keys(main.root);
  return main.readable && keys.length > 0 && keys.every((key) => safetyKeys.includes(key));
}

/** Nearest of the known words, and whether it is near enough to be meant. */
export function nearest(word: string, known: readonly string[]): { readonly word: string; readonly meant: boolean } {
  let best = "";
  let least = Infinity;
  for (const candidate of known) {
    const steps = distance(word, candidate);
    if (steps < least) [best, least] = [candidate, steps];
  }
  return { word: best, meant: least <= Math.max(2, Math.floor(word.length / 3)) };
}

export type Judged = {
  readonly tree: YamlTree;
  readonly file: string;
  /** Every path the schema knows, e.g. `stop.stop_debounce_s`. */
  readonly known: readonly string[];
  /** Keys that belong into the other file. */
  readonly elsewhere: ReadonlyMap<string, string>;
};

function valueAt(root: Section, path: readonly PropertyKey[]): unknown {
  let value: unknown = root;
  for (const key of path) {
    value = typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
  }
  return value;
}

/** The place of a path, or of the nearest section above it. */
function placeOf(judged: Judged, path: readonly PropertyKey[]): Place {
  for (let length = path.length; length > 0; length -= 1) {
    const place = judged.tree.places.get(path.slice(0, length).join("."));
    if (place !== undefined) return place;
  }
  return { file: judged.file, line: 1, column: 1 };
}

function unknownKey(judged: Judged, path: readonly PropertyKey[]): { problem: Problem; meant: string | null } {
  const full = path.join(".");
  const key = String(path.at(-1));
  const section = path.slice(0, -1).join(".");
  const inSection = judged.known.filter((known) => known.split(".").slice(0, -1).join(".") === section);
  const sibling = nearest(key, inSection.map((known) => known.split(".").at(-1) ?? known));
  const home = judged.known.find((known) => known.split(".").at(-1) === key) ?? judged.elsewhere.get(key);
  let hint = "";
  let meant: string | null = null;
  if (home !== undefined) hint = `; did you mean ${home}?`;
  else if (sibling.meant) {
    meant = section === "" ? sibling.word : `${section}.${sibling.word}`;
    hint = `; did you mean ${sibling.word}?`;
  } else if (sibling.word !== "") hint = `; the nearest key is ${sibling.word}`;
  return { problem: { place: placeOf(judged, path), path: full, text: `${full}: unknown key${hint}` }, meant };
}

export function schemaProblems(judged: Judged, issues: readonly z.core.$ZodIssue[]): readonly Problem[] {
  const problems: Problem[] = [];
  const meant = new Set<string>();
  for (const issue of issues) {
    if (issue.code !== "unrecognized_keys") continue;
    for (const key of issue.keys) {
      const found = unknownKey(judged, [...issue.path, key]);
      problems.push(found.problem);
      if (found.meant !== null) meant.add(found.meant);
    }
  }
  for (const issue of issues) {
    if (issue.code === "unrecognized_keys") continue;
    const path = issue.path.map((key) => (typeof key === "number" ? `[${key}]` : `.${String(key)}`)).join("").slice(1);
    const place = placeOf(judged, issue.path);
    if (valueAt(judged.tree.root, issue.path) === undefined && issue.code !== "invalid_key") {
      // A misspelt key is one mistake, not two.
      if (!meant.has(path)) problems.push({ place, path, text: `${path}: is missing; it ${issue.message}` });
      continue;
    }
    const rule = issue.code === "invalid_key" ? issue.issues[0]?.message ?? issue.message : issue.message;
    const text = judged.tree.texts.get(path);
    problems.push({ place, path, text: `${path}${text === undefined ? "" : ` = ${text}`}: ${rule}` });
  }
  return problems;
}

/** One mistake is told once: the earliest finding about a path stands, and so it does for everything below it. */
export function firstOfEachPath(problems: readonly Problem[]): readonly Problem[] {
  const kept: Problem[] = [];
  for (const problem of problems) {
    const { path } = problem;
    const known = kept.some((other) =>
      other.path !== "" && other.place.file === problem.place.file &&
      (other.path === path || path.startsWith(`${other.path}.`) || path.startsWith(`${other.path}[`))
    );
    if (!known) kept.push(problem);
  }
  return kept;
}

function leafPaths(value: unknown, path: readonly string[] = []): readonly string[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [path.join(".")];
  const own = path.length === 0 ? [] : [path.join(".")];
  return [...own, ...Object.entries(value).flatMap(([key, inner]) => leafPaths(inner, [...path, key]))];
}
function without(section: Section, keys: readonly string[]): Section {
  return Object.fromEntries(Object.entries(section).filter(([key]) => !keys.includes(key)));
}

type Read = {
  readonly main: YamlTree;
  readonly safety: YamlTree;
  readonly problems: readonly Problem[];
  readonly files: readonly string[];
};

/** Reads the two or three files and merges the main one over what it extends. */
function readFiles(options: LoadOptions): Read {
  const { path } = options;
  const own = readTree(options, path);
  const problems: Problem[] = [...own.problems, ...forbidden(own)];
  const files = [path];
  const base = siblingName(own, "extends");
  if (base.problem !== null) problems.push(base.problem);
  let main = own;
  if (base.name !== null && own.readable) {
    const basePath = beside(path, base.name);
    const below = readTree(options, basePath);
    files.push(basePath);
    problems.push(...below.problems, ...forbidden(below));
    if ("extends" in below.root) {
      const place = below.places.get("extends") ?? { file: basePath, line: 1, column: 1 };
      problems.push({ place, path: "extends", text: "extends: a file that is extended may not extend another" });
    }
    main = {
      root: merged(below.root, own.root),
      places: new Map([...below.places, ...own.places]),
      texts: new Map([...below.texts, ...own.texts]),
      problems: [...below.problems, ...own.problems],
      readable: below.readable,
    };
  }
  const safetyName = siblingName(main, "safety_limits");
  if (safetyName.problem !== null) problems.push(safetyName.problem);
  const safetyPath = beside(path, safetyName.name ?? SAFETY_FILE);
  const safety = readTree(options, safetyPath);
  files.push(safetyPath);
  problems.push(...safety.problems, ...forbidden(safety));
  return { main, safety, problems, files };
}

function notesOf(config: Config, judged: { readonly main: YamlTree }): readonly string[] {
  const notes: string[] = [];
  if (config.profile === "scenario") {
    notes.push("profile: scenario: faster bars and more trades a day than the policy (P-12)");
  }
  if (!config.performance.require_backtest) {
    notes.push("require_backtest: false: the first trades need no backtest (P-9)");
  }
  if (config.dry_run.dry_run) notes.push(`dry_run: true: ends after ${config.dry_run.max_trades_total} trades (P-12)`);
  const { safety: _safety, dry_run: _dryRun, ...main } = config;
  const missing = leafPaths(main).filter((path) => valueAt(judged.main.root, path.split(".")) === undefined);
  const topmost = missing.filter((path) => !missing.some((other) => path.startsWith(`${other}.`)));
  for (const path of topmost) notes.push(`${path}: not in the file, the policy's default holds`);
  return notes;
}

/** Every problem of every file at once, or the effective configuration. Never throws. */
export function loadConfig(options: LoadOptions): Loaded {
  const { main, safety, problems, files } = readFiles(options);
  const found: Problem[] = [...problems];
  const fail = (): Loaded => {
    return { kind: "errors", errors: inReadingOrder(firstOfEachPath(found), files).map(renderProblem) };
  };
  const defaults = mainSchema.parse({ environment: "testnet" });
  const safetyKeys = Object.keys(safetySchema.shape);
  if (isSafetyFile(main, safetyKeys)) {
    const text = "these are safety limits, which a configuration takes in by itself; give the configuration, " +
      `as ${beside(options.path, "testnet.yaml")}`;
    return {
      kind: "errors",
      errors: [renderProblem({ place: { file: options.path, line: 1, column: 1 }, path: "", text })],
    };
  }
  const mainPaths = leafPaths(defaults);
  const safetyFile = files.at(-1) ?? SAFETY_FILE;
  const mainJudged: Judged = {
    tree: main,
    file: options.path,
    known: [...mainPaths, ...STEERING],
    elsewhere: new Map(safetyKeys.map((key) => [key, `${key} in ${safetyFile}`])),
  };
  const safetyJudged: Judged = {
    tree: safety,
    file: safetyFile,
    known: safetyKeys,
    elsewhere: new Map(mainPaths.map((path) => [path.split(".").at(-1) ?? path, `${path} in ${options.path}`])),
  };
  const parsedMain = mainSchema.safeParse(without(main.root, STEERING));
  const parsedSafety = safetySchema.safeParse(safety.root);
  if (main.readable && !parsedMain.success) found.push(...schemaProblems(mainJudged, parsedMain.error.issues));
  if (safety.readable && !parsedSafety.success) found.push(...schemaProblems(safetyJudged, parsedSafety.error.issues));
  if (!parsedMain.success || !parsedSafety.success || !main.readable || !safety.readable) return fail();

  const { dry_run, min_equity_usd, max_trades_total, ...limits } = parsedSafety.data;
  const { files: keeping, ...decisions } = parsedMain.data;
  const dryRun = { dry_run, min_equity_usd, max_trades_total };
  const config: Config = withoutAsBefore({ ...decisions, safety: limits, dry_run: dryRun });
  for (const { path, rule } of findContradictions(config)) {
    const judged = safetyKeys.includes(path) ? safetyJudged : mainJudged;
    const parts = path.split(".");
    const value = judged.tree.texts.get(path) ?? JSON.stringify(valueAt(config, parts) ?? null);
    const text = `${path} = ${value}: ${rule}`;
    found.push({ place: placeOf(judged, parts), path, text });
  }
  if (found.length > 0) return fail();
  return { kind: "loaded", config, keeping, configHash: hashConfig(config), notes: notesOf(config, { main }), files };
}
