/**
 * Latency and memory of the notifier as a process with the shipped heap (N-3.5):
 *
 *   deno run --allow-all tests/bench/notifier_report.ts
 */
import { alertText, monthFile } from "../../src/infrastructure/logging/alert_line.ts";
import { PROGRAMS, v8Argument } from "../../config/deploy/programs.ts";
import { BEFORE_ALL } from "../../src/programs/notifier/outbox.ts";
import { cursorPath, freshCursor } from "../../src/programs/notifier/cursor.ts";
import { backlog } from "../support/channels/backlog.ts";
import { HOOK_PATH, HookService } from "../support/channels/others.ts";
import { serveOne } from "../support/channels/server.ts";

const LINES = 10_000;
const ALERTS = 100;
const program = PROGRAMS.find(({ name }) => name === "abot-notifier");
if (program === undefined) throw new Error("no notifier in the table of programs");
const project = new URL("../../", import.meta.url).pathname;

const folder = backlog(LINES);
// Every line counts: the place is before all of them.
Deno.mkdirSync(`${folder}/notify`);
const cursor = freshCursor({ now: Date.now(), outbox: BEFORE_ALL, own: BEFORE_ALL });
Deno.writeTextFileSync(cursorPath(folder, "hook"), JSON.stringify(cursor));
const hook = new HookService(() => Date.now(), () => true);
const { server, base } = serveOne(hook);
const bundled = `${folder}/child.js`;
const bundle = new Deno.Command(Deno.execPath(), {
  args: ["bundle", "--quiet", "-o", bundled, `${project}tests/support/channels/storm_child.ts`],
  cwd: project,
}).outputSync();
const entry = bundle.success ? bundled : `${project}tests/support/channels/storm_child.ts`;
const started = performance.now();
const child = new Deno.Command(Deno.execPath(), {
  args: ["run", "--no-check", "--allow-all", "--config", `${project}deno.json`, v8Argument(program), entry, folder]
    .concat(
      `${base}${HOOK_PATH}`,
    ),
  stdout: "null",
  stderr: "inherit",
}).spawn();
const rss = () => {
  const text = Deno.readTextFileSync(`/proc/${child.pid}/status`);
  const of = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(text)?.[1]) / 1024;
  return { now: of("VmRSS"), peak: of("VmHWM") };
};
const until = async (holds: () => boolean) => {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 2));
};
await until(() => hook.shown.length >= 1);
console.log(`first message of a backlog of ${LINES}: ${Math.round(performance.now() - started)} ms after the start`);
await until(() => hook.shown.some(({ text }) => text.includes(`unhealthy, ${LINES - 50}.`)));
console.log(`backlog told after ${Math.round(performance.now() - started)} ms in ${hook.shown.length} messages`);
console.log(`RSS ${rss().now.toFixed(0)} MB, peak ${rss().peak.toFixed(0)} MB`);
const waits: number[] = [];
for (let n = 0; n < ALERTS; n += 1) {
  const at = Date.now();
  const before = hook.shown.length;
  const line = alertText({
    ...{
      at,
      severity: "critical",
      code: `halt:startup_check:${n}`,
      sentence: `n ${n}`,
      steps: [],
      reason: "",
    } as const,
    ...{ context: { contracts: 0 }, journal_head: "" },
  }, (text) => text);
  Deno.writeTextFileSync(`${folder}/alerts/${monthFile(at)}`, `${line}\n`, { append: true });
  await until(() => hook.shown.length > before);
  waits.push(Date.now() - at);
  await new Promise((resolve) => setTimeout(resolve, (n * 37) % 100));
}
waits.sort((a, b) => a - b);
console.log(`delivery of ${ALERTS} alerts: median ${waits[ALERTS / 2]} ms, longest ${waits.at(-1)} ms`);
console.log(
  `RSS ${rss().now.toFixed(0)} MB, peak ${rss().peak.toFixed(0)} MB, ${bundle.success ? "bundled" : "as modules"}`,
);
child.kill("SIGTERM");
await child.status;
await server.shutdown();
Deno.removeSync(folder, { recursive: true });
