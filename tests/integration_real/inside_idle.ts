/**
 * Runs inside the private network namespace of kit.ts: starts the live program on a quiet market and prints what it costs.
 * Arguments: folder with certificates, project folder, `<minutes of idling>,<starts>,<executable or nothing>`.
 */
import { permissionFlags } from "../../src/infrastructure/safety/permissions.ts";
import { pause, Stage } from "./inside_stage.ts";

const [tls = "", project = "", how = ""] = Deno.args;
const [minutes = "10", starts = "5", executable = ""] = how.split(",");
const stage = new Stage({ tls, project });
const TICKS_PER_S = 100;

function spawn(): Deno.ChildProcess {
  const engine = Deno.env.get("V8_FLAGS");
  const tuned = engine === undefined ? [] : [`--v8-flags=${engine}`];
  const flags = ["run", ...tuned, "--cached-only", "--config", `${project}/deno.json`, ...permissionFlags()];
  const [program, args] = executable === ""
    ? [Deno.execPath(), [...flags, Deno.env.get("ENTRY") ?? `${project}/src/programs/trader/main.ts`]]
    : [executable, []];
  return new Deno.Command(program, {
    args: [...args, "--config", "config/testnet.yaml"],
    cwd: stage.folder,
    env: stage.env,
    clearEnv: true,
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
}

/** Reads the log of a start to the change that ends it; ms from the spawn to each landmark. */
async function start(): Promise<
  { readonly child: Deno.ChildProcess; readonly marks: Readonly<Record<string, number>> }
> {
  const began = performance.now();
  const child = spawn();
  const marks: Record<string, number> = {};
  const over = Promise.withResolvers<void>();
  (async () => {
    for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
      const at = performance.now() - began;
      marks["first line"] ??= at;
      if (Deno.env.get("SHOW_LOG") !== undefined) console.log(Math.round(at), text.slice(0, 600));
      if (/COOLDOWN[^\n]*FLAT/.test(text)) {
        marks["connected and safe"] ??= at;
        over.resolve();
      }
    }
  })();
  await over.promise;
  return { child, marks };
}
async function end(child: Deno.ChildProcess): Promise<void> {
  child.kill("SIGTERM");
  await child.status;
}

type Cost = { readonly rssMb: number; readonly peakMb: number; readonly cpuS: number };
function cost(pid: number): Cost {
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  const mb = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) / 1024;
  const fields = Deno.readTextFileSync(`/proc/${pid}/stat`).split(") ")[1]?.split(" ") ?? [];
  return { rssMb: mb("VmRSS"), peakMb: mb("VmHWM"), cpuS: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_S };
}
const middle = (values: readonly number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;

try {
  const seen: Readonly<Record<string, number>>[] = [];
  for (let round = 0; round < Number(starts); round += 1) {
    const { child, marks } = await start();
    seen.push(marks);
    await end(child);
    // A start soon after another one shares its budget of calls (F-7.10); a first start has its own.
    Deno.removeSync(`${stage.folder}/data`, { recursive: true });
    Deno.mkdirSync(`${stage.folder}/data`);
    if (round === 0) console.log(`first start on an empty folder: ${JSON.stringify(marks)}`);
  }
  for (const name of ["first line", "connected and safe"]) {
    const all = seen.map((marks) => Math.round(marks[name] ?? NaN));
    console.log(`${name}: median ${middle(all)} ms of ${all.join(" ")}`);
  }
  if (Number(minutes) > 0) {
    const { child } = await start();
    await pause(5_000);
    const from = cost(child.pid);
    const rss: number[] = [];
    for (let at = 0; at < Number(minutes) * 6; at += 1) {
      await pause(10_000);
      rss.push(cost(child.pid).rssMb);
    }
    const to = cost(child.pid);
    const share = (to.cpuS - from.cpuS) / (Number(minutes) * 60) * 100;
    console.log(`idle ${minutes} min: RSS median ${middle(rss).toFixed(1)} MB, last ${to.rssMb.toFixed(1)} MB`);
    console.log(`peak ${to.peakMb.toFixed(1)} MB, CPU ${share.toFixed(2)} % of a core`);
    await end(child);
  }
  console.log("DONE");
} finally {
  await stage.close();
}
