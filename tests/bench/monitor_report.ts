/**
 * What the monitor costs (docs/performance.md):
 *
 *   deno run --allow-all tests/bench/monitor_report.ts
 *
 * Writes 90 days of history into a temporary folder, starts the monitor on it as a process of its own, and prints how long
 * it took to the first page, how much memory and processor it takes when idle, and what goes over the wire to first paint.
 */
import { gzipSync } from "node:zlib";
import { PROGRAMS, v8Argument } from "../../config/deploy/programs.ts";
import type { HistoryLine } from "../../src/infrastructure/storage/history/history_schema.ts";
import { newRig, open } from "../core_rig.ts";
import { statusIn } from "../support/monitor_data.ts";

const DAYS = 90;
const PORT = 8479;
const DAY_MS = 86_400_000;

function line(at: number, minute: number): HistoryLine {
  const price = Math.round((50_000 + 5_000 * Math.sin(minute / 900)) * 100) / 100;
  return {
    schema: 1,
    at_ms: at,
    last_usd: price,
    mark_usd: price + 0.5,
    equity_btc: 0.002,
    equity_usd: Math.round(price * 0.2) / 100,
    trading_usd: 100,
    held_usd: Math.round(price * 0.2) / 100,
    word: minute % 3 === 0 ? "IN_POSITION" : "FLAT",
    phase: "flat",
    contracts: 0,
    left: { trades: 5, day_usd: 5, week_usd: 12.5, losses: 3 },
  };
}

/** Returns bytes a day, plain and packed. */
function writeHistory(folder: string, until: number): { readonly plain: number; readonly packed: number } {
  Deno.mkdirSync(`${folder}/data/history`, { recursive: true });
  let [plain, packed] = [0, 0];
  for (let day = DAYS; day >= 0; day--) {
    const from = Math.floor(until / DAY_MS - day) * DAY_MS;
    const minutes = day === 0 ? Math.floor((until - from) / 60_000) : 1_440;
    const text = Array.from(
      { length: minutes },
      (_, minute) => JSON.stringify(line(from + minute * 60_000, minute)) + "\n",
    );
    const name = `${folder}/data/history/${new Date(from).toISOString().slice(0, 10)}.jsonl`;
    if (day === 0) Deno.writeTextFileSync(name, text.join(""));
    else {
      const bytes = gzipSync(text.join(""));
      Deno.writeFileSync(`${name}.gz`, bytes);
      [plain, packed] = [text.join("").length, bytes.length];
    }
  }
  return { plain, packed };
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
function procOf(pid: number): { readonly rssMb: number; readonly cpuMs: number } {
  const rss = /VmRSS:\s+(\d+) kB/.exec(Deno.readTextFileSync(`/proc/${pid}/status`))?.[1];
  const stat = Deno.readTextFileSync(`/proc/${pid}/stat`).split(") ")[1]?.split(" ") ?? [];
  return { rssMb: Number(rss) / 1024, cpuMs: (Number(stat[11]) + Number(stat[12])) * 10 };
}
async function size(path: string): Promise<number> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port: PORT });
  const request = `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${PORT}\r\nAccept-Encoding: gzip\r\n\r\n`;
  await connection.write(new TextEncoder().encode(request));
  let bytes = 0;
  const buffer = new Uint8Array(65_536);
  for (let count = await connection.read(buffer); count !== null; count = await connection.read(buffer)) bytes += count;
  connection.close();
  return bytes;
}

const folder = Deno.makeTempDirSync({ prefix: "abot-monitor-" });
const now = Date.now();
const { plain, packed } = writeHistory(folder, now);
const rig = newRig();
open(rig);
const write = () =>
  Deno.writeTextFileSync(
    `${folder}/data/status.json`,
    JSON.stringify(statusIn(rig, (one) => ({ ...one, written_at_ms: Date.now() }))),
  );
write();
const program = PROGRAMS.find(({ name }) => name === "abot-monitor");
if (program === undefined) throw new Error("abot-monitor is no program");
const task = program.tasks[0]?.permissions ?? [];
const startedAt = performance.now();
const child = new Deno.Command(Deno.execPath(), {
  args: ["run", "--quiet", ...task, v8Argument(program), program.main, "--data", `${folder}/data`, "--port", `${PORT}`],
  stdout: "null",
  stderr: "inherit",
}).spawn();
try {
  let [first, firstCpu] = [0, 0];
  while (first === 0) {
    try {
      await (await fetch(`http://127.0.0.1:${PORT}/`)).text();
      first = performance.now() - startedAt;
      firstCpu = procOf(child.pid).cpuMs;
    } catch {
      await pause(5);
    }
  }
  let whole = 0;
  while (whole === 0) {
    const chart = await (await fetch(`http://127.0.0.1:${PORT}/chart?range=all`)).json();
    if (chart.waitingDays === 0) whole = performance.now() - startedAt;
    await pause(50);
  }
  const beats = setInterval(write, 700);
  await pause(10_000);
  const before = procOf(child.pid);
  await pause(30_000);
  const after = procOf(child.pid);
  clearInterval(beats);
  const page = await size("/") + await size("/page.css") + await size("/uplot.css") + await size("/page.js") +
    await size("/uplot.js");
  console.log(`history: ${plain} bytes a day plain, ${packed} packed`);
  console.log(
    `first page after ${
      Math.round(first)
    } ms and ${firstCpu} ms of processor (process start included), all ${DAYS} days after ${Math.round(whole)} ms`,
  );
  console.log(
    `memory ${Math.round(after.rssMb)} MB; processor ${
      ((after.cpuMs - before.cpuMs) / 300).toFixed(2)
    } % of a core with a bot that writes`,
  );
  console.log(`${page} bytes over the wire to first paint, replies with headers`);
} finally {
  child.kill();
  await child.status;
  Deno.removeSync(folder, { recursive: true });
}
