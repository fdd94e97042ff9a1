/** The space of settings a sweep searches: YAML → keys, sampling, holdout (L-3.1). */
import { unknownKeyText } from "../../../infrastructure/config/change.ts";
import { type Place, type Problem, renderProblem } from "../../../infrastructure/config/problem.ts";
import { readYaml, type Value, type YamlTree } from "../../../infrastructure/config/yaml_tree.ts";
import { LAB_EXIT, LabInputError } from "../io.ts";

export type Setting = number | string | boolean;
/** The values of one key: a list, or a range of numbers; `step` null = any number in it. */
export type Axis =
  | { readonly kind: "list"; readonly key: string; readonly values: readonly Setting[] }
  | { readonly kind: "range"; readonly key: string; readonly from: number; readonly to: number; readonly log: boolean };
export type Span = { readonly from: number; readonly to: number };
export type Space = {
  /** Configuration file beside the space. */
  readonly base: string;
  readonly sample: "grid" | "random" | "sobol";
  /** At most so many candidates; null = all of a grid. */
  readonly budget: number | null;
  readonly seed: number;
  /** UTC ms; null = the last quarter of the data. */
  readonly holdout: Span | null;
  readonly axes: readonly Axis[];
};

const KNOWN = ["base", "sample", "budget", "seed", "holdout", "keys"];
const SAMPLES = ["grid", "random", "sobol"] as const;
/** Ranges by step hold at most so many values: more is a mistake in the step. */
const MOST_VALUES = 10_000;

/** Parses a space. Throws LabInputError with every mistake, each with its line and column. */
export function readSpace(text: string, file: string): Space {
  const tree = readYaml(text, file, { dottedKeys: true });
  const problems: Problem[] = [...tree.problems];
  const reader = new Reader({ tree, file, problems });
  const space = tree.readable ? reader.space() : null;
  if (problems.length > 0 || space === null) {
    throw new LabInputError(problems.map(renderProblem).join("\n"), LAB_EXIT.badData);
  }
  return space;
}

class Reader {
  readonly #tree: YamlTree;
  readonly #file: string;
  readonly #problems: Problem[];

  constructor(
    { tree, file, problems }: { readonly tree: YamlTree; readonly file: string; readonly problems: Problem[] },
  ) {
    this.#tree = tree;
    this.#file = file;
    this.#problems = problems;
  }

  space(): Space {
    const { root } = this.#tree;
    for (const key of Object.keys(root)) {
      if (!KNOWN.includes(key)) this.#say(key, `${key}: unknown key; a space has ${KNOWN.join(", ")}`);
    }
    const { base, sample = "grid", budget = null, seed = 1 } = root;
    if (typeof base !== "string") {
      this.#say("base", "base: must be the name of a configuration file, as seen from this one");
    }
    const sampled = SAMPLES.find((one) => one === sample);
    if (sampled === undefined) this.#say("sample", `sample = ${String(sample)}: must be grid, random or sobol`);
    if (budget !== null && !isWhole(budget, 1)) {
      this.#say("budget", "budget: must be a whole number of candidates from 1 on");
    }
    if (!isWhole(seed, 0)) this.#say("seed", "seed: must be a whole number from 0 on");
    const axes = this.#axes(root["keys"]);
    const chosen = sampled ?? "grid";
    if (chosen !== "grid" && budget === null) this.#say("budget", `budget: is needed with sample: ${chosen}`);
    for (const axis of axes) {
      if (chosen === "grid" && axis.kind === "range") {
        this.#say(`keys.${axis.key}`, `${axis.key}: a grid needs a list, or a step in the range`);
      }
    }
    return {
      base: typeof base === "string" ? base : "",
      sample: chosen,
      budget: typeof budget === "number" ? budget : null,
      seed: typeof seed === "number" ? seed : 1,
      holdout: this.#holdout(root["holdout"]),
      axes,
    };
  }

  #say(path: string, text: string): void {
    this.#problems.push({ place: this.#placeOf(path), path, text });
  }

  /** The place of a path, or of the nearest thing above it that has one. */
  #placeOf(path: string): Place {
    const known = this.#tree.places.get(path);
    if (known !== undefined) return known;
    const cut = path.lastIndexOf(".");
    return cut < 0 ? { file: this.#file, line: 1, column: 1 } : this.#placeOf(path.slice(0, cut));
  }

  #holdout(value: Value | undefined): Span | null {
    if (value === undefined) return null;
    const times = ["from", "to"].map((name) => {
      const given = isSection(value) ? value[name] : undefined;
      const at = typeof given === "string" ? dayOf(given) : NaN;
      if (Number.isNaN(at)) this.#say(`holdout.${name}`, `holdout.${name}: must be a day such as 2021-01-01, UTC`);
      return at;
    });
    const [from = 0, to = 0] = times;
    if (!(from < to)) this.#say("holdout", "holdout: from must be before to");
    return { from, to };
  }

  #axes(value: Value | undefined): readonly Axis[] {
    if (!isSection(value) || Object.keys(value).length === 0) {
      this.#say("keys", "keys: must be a section of `dotted.key: values` lines, indented");
      return [];
    }
    return leaves(value, "").flatMap(({ path, value: given }) => {
      const unknown = unknownKeyText(path);
      if (unknown !== null) {
        this.#say(`keys.${path}`, unknown);
        return [];
      }
      const axis = this.#axis(path, given);
      return axis === null ? [] : [axis];
    });
  }

  #axis(key: string, value: Value): Axis | null {
    const at = `keys.${key}`;
    if (Array.isArray(value)) {
      const values: Setting[] = value.filter((one) => isSetting(one));
      if (values.length === value.length && values.length > 0) return { kind: "list", key, values };
      this.#say(at, `${key}: must be a list of numbers, words, true or false with at least one of them`);
      return null;
    }
    if (!isSection(value)) {
      this.#say(at, `${key}: must be a list such as [1, 2], {from, to, step} or {from, to, log: true}`);
      return null;
    }
    const { from, to, step, log = false, ...others } = value;
    const [other] = Object.keys(others);
    if (other !== undefined) {
      this.#say(`${at}.${other}`, `${key}.${other}: unknown; a range has from, to, and step or log`);
    }
    if (typeof from !== "number" || typeof to !== "number" || !(from < to)) {
      this.#say(at, `${key}: from and to must be numbers, and from below to`);
      return null;
    }
    if (log !== true && log !== false) this.#say(at, `${key}.log: must be true or false`);
    if (log === true && from <= 0) this.#say(at, `${key}: a range with log must begin above 0`);
    if (step === undefined) return { kind: "range", key, from, to, log: log === true };
    if (typeof step !== "number" || !(step > 0) || (to - from) / step > MOST_VALUES) {
      this.#say(at, `${key}.step: must be a number above 0 that makes at most ${MOST_VALUES} values`);
      return null;
    }
    const count = Math.floor((to - from) / step + 1e-9) + 1;
    return { kind: "list", key, values: Array.from({ length: count }, (_, index) => tidy(from + index * step)) };
  }
}

function isSection(value: Value | undefined): value is { readonly [key: string]: Value } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
function isSetting(value: unknown): value is Setting {
  return typeof value === "number" || typeof value === "string" || typeof value === "boolean";
}
function isWhole(value: unknown, least: number): boolean {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= least;
}
function dayOf(text: string): number {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00Z`) : NaN;
}

/** Keys may be written dotted or as sections; a range is a section with `from`. */
function leaves(value: Value, path: string): readonly { readonly path: string; readonly value: Value }[] {
  if (!isSection(value) || "from" in value || "to" in value) return [{ path, value }];
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, path === "" ? key : `${path}.${key}`));
}

/** A number as a person would write it: 0.30000000000000004 is 0.3. */
export function tidy(value: number): number {
  return Number(value.toPrecision(12));
}
