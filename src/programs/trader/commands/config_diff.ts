/** `abot config explain --diff FILE`: a proposal beside the configuration, key by key and in dollars. Changes nothing. */
import type { CliWorld } from "../../../bot/live/cli_world.ts";
import { configText } from "../../../bot/live/cli_world.ts";
import { EXIT } from "../../../common/exit_codes.ts";
import { dollarText, messageOf } from "../../../common/text.ts";
import type { Config } from "../../../domain/limits.ts";
import { withDefaults } from "../../../infrastructure/config/as_before.ts";
import { changeConfig } from "../../../infrastructure/config/change.ts";
import { loadConfig } from "../../../infrastructure/config/load.ts";
import { renderProblem } from "../../../infrastructure/config/problem.ts";
import { readYaml, type Value } from "../../../infrastructure/config/yaml_tree.ts";
import { worstCase } from "./config_explain.ts";

type Changes = Record<string, number | string | boolean>;

/** What a proposal changes: every line of it must be a key of the configuration with one value. */
export function diffConfig(world: CliWorld, of: { readonly config: string; readonly proposal: string }): number {
  const loaded = loadConfig({ path: of.config, readText: (file) => configText(world.files, file) });
  if (loaded.kind === "errors") {
    for (const line of loaded.errors) world.error(line);
    return EXIT.refused;
  }
  let text: string;
  try {
    text = configText(world.files, of.proposal);
  } catch (error) {
    world.error(`Cannot read ${of.proposal}: ${messageOf(error)}`);
    return EXIT.files;
  }
  const tree = readYaml(text, of.proposal);
  for (const problem of tree.problems) world.error(renderProblem(problem));
  if (!tree.readable || tree.problems.length > 0) return EXIT.refused;
  const changes: Changes = {};
  const odd = collect(tree.root, { path: "", into: changes });
  if (odd !== null) {
    const place = tree.places.get(odd) ?? { file: of.proposal, line: 1, column: 1 };
    const text = odd === ""
      ? "holds no key: expected the keys of a configuration that change"
      : `${odd}: must be one value`;
    world.error(renderProblem({ place, path: odd, text }));
    return EXIT.refused;
  }
  const changed = changeConfig(loaded.config, changes);
  if (changed.kind === "fault") {
    const place = tree.places.get(changed.key) ?? { file: of.proposal, line: 1, column: 1 };
    world.error(renderProblem({ place, path: changed.key, text: changed.text }));
    return EXIT.refused;
  }
  for (const line of diffLines(loaded.config, { proposed: changed.config, keys: Object.keys(changes) })) {
    world.out(line);
  }
  return EXIT.ok;
}

/** Gathers the values by dotted key; the path of what is none, or null. */
function collect(value: Value, { path, into }: { readonly path: string; readonly into: Changes }): string | null {
  if (typeof value === "number" || typeof value === "string" || typeof value === "boolean") into[path] = value;
  else if (typeof value !== "object" || value === null || Array.isArray(value) || Object.keys(value).length === 0) {
    return path;
  } else {
    for (const [key, inner] of Object.entries(value)) {
      const odd = collect(inner, { path: path === "" ? key : `${path}.${key}`, into });
      if (odd !== null) return odd;
    }
  }
  return null;
}

/** Current and proposed side by side; what is the same is left out. */
export function diffLines(
  current: Config,
  { proposed, keys }: { readonly proposed: Config; readonly keys: readonly string[] },
): readonly string[] {
  const rows = keys.map((key) => [key, textAt(current, key), textAt(proposed, key)] as const)
    .filter(([, before, after]) => before !== after);
  if (rows.length === 0) return ["The proposal changes nothing: every key has its value already."];
  const start = current.goal.capital_usd ?? 100;
  const dollars = [start, current.stages.bounds_usd.up_1_2, current.stages.bounds_usd.up_2_3].filter((usd) =>
    usd >= start
  )
    .flatMap((usd) => {
      const [before, after] = [worstCase(current, usd), worstCase(proposed, usd)];
      return (["trade", "day", "week"] as const).map((span) =>
        [`worst ${span} at ${dollarText(usd)}`, dollarText(before[span]), dollarText(after[span])] as const
      );
    });
  const all = [["", "current", "proposed"] as const, ...rows, ...dollars];
  const widths = [0, 1].map((column) => Math.max(...all.map((cells) => (cells[column] ?? "").length)));
  return [
    ...all.map(([name, before, after]) =>
      `${name.padEnd(widths[0] ?? 0)}  ${before.padStart(widths[1] ?? 0)}  ${after}`.trimEnd()
    ),
    "",
    "Nothing was changed. What each key is worth stands in the proposal's own comments and in its evidence.",
  ];
}

function textAt(config: Config, key: string): string {
  const value = key.split(".").reduce<unknown>(
    (inner, name) => typeof inner === "object" && inner !== null ? Reflect.get(inner, name) : undefined,
    withDefaults(config),
  );
  return value === undefined ? "-" : String(value);
}
