/**
 * Builds the executables: `deno task compile [--target linux-x64] [--out DIR]`. Everything is compiled from a copy in
 * which `src/build_info.ts` holds the real facts; the checkout stays as it is. Programs and permissions come from
 * `programs.ts` alone (F-12.1). The variable `ABOT_COMPILE_TOOL` names a packer, called as `TOOL OUT ENTRY FLAGS…`, for
 * machines that cannot reach Deno's download host.
 */
import ts from "typescript";
import { checkoutCores } from "./core_hash.ts";
import { type Program, PROGRAMS, v8Argument } from "./programs.ts";
import { notifierFlags } from "../../src/programs/notifier/permissions.ts";

const TARGETS = {
  "linux-x64": "x86_64-unknown-linux-gnu",
  "linux-arm64": "aarch64-unknown-linux-gnu",
  "macos-x64": "x86_64-apple-darwin",
  "macos-arm64": "aarch64-apple-darwin",
  "windows-x64": "x86_64-pc-windows-msvc",
} as const;
type TargetName = keyof typeof TARGETS;

const TOOL_VARIABLE = "ABOT_COMPILE_TOOL";

type Facts = {
  readonly version: string;
  readonly commit: string;
  readonly coreHash: string;
  readonly equalCores: string;
  readonly buildDate: string;
};

function run(command: string, args: readonly string[], cwd?: string): { readonly ok: boolean; readonly text: string } {
  try {
    const output = new Deno.Command(command, { args: [...args], stdin: "null", ...(cwd === undefined ? {} : { cwd }) })
      .outputSync();
    const text = new TextDecoder().decode(output.stdout) + new TextDecoder().decode(output.stderr);
    return { ok: output.success, text: text.trim() };
  } catch (error) {
    return { ok: false, text: error instanceof Error ? error.message : String(error) };
  }
}

function readFacts(): Facts {
  const manifest: { readonly version: string } = JSON.parse(Deno.readTextFileSync("deno.json"));
  const head = run("git", ["rev-parse", "--short=12", "HEAD"]);
  const changed = run("git", ["status", "--porcelain", "--", "src", "deno.json", "deno.lock"]);
  const epoch = Deno.env.get("SOURCE_DATE_EPOCH");
  const built = epoch === undefined ? new Date() : new Date(Number(epoch) * 1000);
  const [coreHash = "", ...equal] = checkoutCores();
  return {
    version: manifest.version,
    commit: head.ok ? `${head.text}${changed.text === "" ? "" : "-changed"}` : "unknown",
    coreHash,
    equalCores: equal.join(","),
    buildDate: built.toISOString().slice(0, 16) + "Z",
  };
}

function copyTree(from: string, to: string): void {
  Deno.mkdirSync(to, { recursive: true });
  for (const entry of Deno.readDirSync(from)) {
    if (entry.isDirectory) copyTree(`${from}/${entry.name}`, `${to}/${entry.name}`);
    else Deno.copyFileSync(`${from}/${entry.name}`, `${to}/${entry.name}`);
  }
}

function writeCopy(folder: string, facts: Facts): void {
  copyTree("src", `${folder}/src`);
  const text = Deno.readTextFileSync("src/build_info.ts");
  const filled = Object.entries(facts).reduce(
    (source, [fact, value]) => source.replace(new RegExp(`${fact}: "(?:dev)?"`), `${fact}: ${JSON.stringify(value)}`),
    text,
  );
  if (filled.includes('"dev",')) throw new Error("Cannot write the build facts as src/build_info.ts has another form");
  Deno.writeTextFileSync(`${folder}/src/build_info.ts`, filled);
}

/** Packages the entry reaches, also by an import in passing: what is not in the copy's manifest cannot be embedded. */
export function usedPackages(entry: string): ReadonlySet<string> {
  const seen = new Set([entry]);
  const packages = new Set<string>();
  for (const path of seen) {
    for (const { fileName } of ts.preProcessFile(Deno.readTextFileSync(path), true, true).importedFiles) {
      if (fileName.startsWith(".")) seen.add(new URL(fileName, `file:///${path}`).pathname.slice(1));
      else if (!fileName.startsWith("node:")) packages.add(fileName);
    }
  }
  return packages;
}

function writeManifest(folder: string, entry: string): void {
  const manifest: { imports: Record<string, string>; tasks?: unknown; lint?: unknown } = JSON.parse(
    Deno.readTextFileSync("deno.json"),
  );
  const used = usedPackages(entry);
  manifest.imports = Object.fromEntries(
    Object.entries(manifest.imports).filter(([name]) =>
      [...used].some((target) => target === name || target.startsWith(`${name}/`))
    ),
  );
  delete manifest.tasks;
  delete manifest.lint;
  Deno.writeTextFileSync(`${folder}/deno.json`, JSON.stringify(manifest));
  Deno.copyFileSync("deno.lock", `${folder}/deno.lock`);
}

/**
 * The entry with all it imports as one file: the program starts sooner and is 8 MB smaller in memory than one of 344
 * modules. Where nothing can bundle (esbuild comes from the package registry) the modules are compiled as they are.
 */
function bundle(folder: string, entry: string): string {
  const file = `${entry.split("/").at(-2)}.bundle.js`;
  const made = run(Deno.execPath(), ["bundle", "--quiet", "-o", file, entry], folder);
  if (!made.ok) console.log(`Not bundled, so larger in memory: ${whyNot(made.text, entry)}`);
  return made.ok ? file : entry;
}

function hasFlag(flag: string): boolean {
  return run(Deno.execPath(), ["compile", "--help"]).text.includes(flag);
}

/** Flags of a program; hosts that `--notify-host` names are compiled into the notifier and into no other (N-2.1). */
function permissionsOf(program: Program): readonly string[] {
  const hosts = Deno.args.flatMap((word, index) => (Deno.args[index - 1] === "--notify-host" ? [word] : []));
  const wrong = hosts.find((host) => !/^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/.test(host) || VENUE.test(host));
  if (wrong !== undefined) throw new Error(`Cannot compile in ${wrong}: --notify-host takes the bare name of a host`);
  return program.name === "abot-notifier" ? notifierFlags(hosts) : program.permissions;
}
/** The notifier never reaches the venue. */
const VENUE = /bybit|bytick/;

function option(name: string): string | undefined {
  const index = Deno.args.indexOf(name);
  return index < 0 ? undefined : Deno.args[index + 1];
}

function isTarget(name: string): name is TargetName {
  return name in TARGETS;
}
function wantedTargets(): readonly TargetName[] {
  const wanted = option("--target");
  const all: readonly TargetName[] = ["linux-x64", "linux-arm64", "macos-x64", "macos-arm64", "windows-x64"];
  if (wanted === undefined) return all;
  if (!isTarget(wanted)) throw new Error(`Unknown target ${wanted}: ${all.join(", ")}`);
  return [wanted];
}

/** One line for the person, from whatever Deno printed. */
function whyNot(text: string, target: string): string {
  if (/dl\.deno\.land|denort|dns error/.test(text)) {
    return `the runtime base of Deno ${Deno.version.deno} for ${target} could not be downloaded; ` +
      "build where dl.deno.land is reachable, or name a base with DENORT_BIN";
  }
  const lines = text.split("\n").map((line) => line.trim()).filter((line) => line !== "");
  return lines.find((line) => /error/i.test(line)) ?? lines.at(-1) ?? "no reason was given";
}

function main(): number {
  const out = option("--out") ?? "dist";
  const given = Deno.env.get(TOOL_VARIABLE);
  // Everything is compiled elsewhere: a path is meant from where the task was started.
  const tool = given?.includes("/") === true ? Deno.realPathSync(given) : given;
  const facts = readFacts();
  const folder = Deno.makeTempDirSync({ prefix: "abot-compile-" });
  let failed = 0;
  try {
    writeCopy(folder, facts);
    Deno.mkdirSync(out, { recursive: true });
    const root = Deno.realPathSync(out);
    const only = hasFlag("--exclude-unused-npm") && tool === undefined ? ["--exclude-unused-npm"] : [];
    for (const target of tool === undefined ? wantedTargets() : (["linux-x64"] as const)) {
      for (const program of PROGRAMS) {
        const { name, main: entry } = program;
        const file = `${root}/${name}-${target}${target === "windows-x64" ? ".exe" : ""}`;
        writeManifest(folder, entry);
        const shared = [...permissionsOf(program), v8Argument(program), ...only];
        const whole = bundle(folder, entry);
        const built = tool === undefined
          ? run(Deno.execPath(), ["compile", ...shared, "--target", TARGETS[target], "-o", file, whole], folder)
          : run(tool, [file, whole, ...shared.filter((flag) => flag !== "--no-prompt")], folder);
        if (built.ok) {
          console.log(`built ${out}/${name}-${target}: ${(Deno.statSync(file).size / 1e6).toFixed(0)} MB`);
          continue;
        }
        failed += 1;
        console.log(`Cannot build ${name}-${target}: ${whyNot(built.text, TARGETS[target])}`);
      }
    }
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
  const { version, commit, coreHash, buildDate } = facts;
  console.log(`abot ${version} commit ${commit} core ${coreHash} built ${buildDate}: ${failed} not built`);
  return failed === 0 ? 0 : 1;
}

if (import.meta.main) Deno.exit(main());
