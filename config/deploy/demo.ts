/**
 * `deno task demo`: the simulator's demonstration; with `--page` also the monitor beside it, so that the page opens on a
 * running bot. Both get exactly the permissions of their tasks.
 */
import { PROGRAMS, v8Argument } from "./programs.ts";

function start(task: string, args: readonly string[]): Deno.ChildProcess {
  const program = PROGRAMS.find((one) => one.tasks.some(({ name }) => name === task));
  const found = program?.tasks.find(({ name }) => name === task);
  if (program === undefined || found === undefined) throw new Error(`Cannot start ${task}: it is no task of a program`);
  const words = found.words === undefined ? [] : [found.words];
  const flags = ["run", "--quiet", ...(found.permissions ?? program.permissions), v8Argument(program), program.main];
  return new Deno.Command(Deno.execPath(), { args: [...flags, ...words, ...args] }).spawn();
}

const at = Deno.args.findIndex((word) => word === "--page" || word.startsWith("--page="));
const demo = start("demo:run", Deno.args);
if (at < 0) Deno.exit((await demo.status).code);
const given = Deno.args[at]?.slice("--page=".length) || Deno.args[at + 1];
const folder = given === undefined || given.startsWith("-") ? "out/demo-page/data" : given;
const monitor = start("monitor", ["--data", folder]);
console.log("The page is at http://127.0.0.1:8377/; end with Ctrl-C.");
const { code } = await demo.status;
if (code === 0) console.log("The recording is played to its end; the page stays until Ctrl-C.");
else monitor.kill();
Deno.exit(Math.max(code, (await monitor.status).code));
