/**
 * Who this program is. `deno task compile` puts the real values into the copy it compiles; in a checkout all are `dev`,
 * and its tasks say which core it holds (`--core=HASH,EQUAL…`, printed by `config/deploy/core_hash.ts`).
 * `coreHash` is over what src/domain and src/application declare: another one means another decider (F-11.7).
 */
export const BUILD_INFO = {
  version: "dev",
  commit: "dev",
  coreHash: "dev",
  /** Former cores whose journals this one decides alike, with commas between. */
  equalCores: "",
  buildDate: "dev",
} as const satisfies { readonly [Fact in "version" | "commit" | "coreHash" | "equalCores" | "buildDate"]: string };

/** The core that a simulation's journal names: whoever replays it is the one asked. */
export const UNNAMED_CORE = "dev";
/** What simulations record, so that a journal's head depends on what was decided and not on who built the program. */
export const SIMULATED_BUILD = {
  version: UNNAMED_CORE,
  commit: UNNAMED_CORE,
  coreHash: UNNAMED_CORE,
  buildDate: UNNAMED_CORE,
} as const;
const CORE_FLAG = "--core=";

type ProgramBuild = {
  readonly version: string;
  readonly commit: string;
  readonly coreHash: string;
  readonly equalCores: readonly string[];
  readonly buildDate: string;
};

/** The build's facts and the arguments that are left; only a checkout takes its core's name from its first argument. */
export function programBuild(args: readonly string[]): { readonly build: ProgramBuild; readonly args: string[] } {
  const { equalCores, ...facts } = BUILD_INFO;
  const known = { ...facts, equalCores: equalCores.split(",").filter((hash) => hash !== "") };
  const told = facts.version === UNNAMED_CORE && args[0]?.startsWith(CORE_FLAG)
    ? args[0].slice(CORE_FLAG.length)
    : null;
  if (told === null) return { build: known, args: [...args] };
  const [coreHash = UNNAMED_CORE, ...equal] = told.split(",");
  return { build: { ...known, coreHash, equalCores: equal }, args: args.slice(1) };
}
