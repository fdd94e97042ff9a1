/** The alert rules and the metrics, judged by Prometheus's own tool (M-4.1, M-4.2). */
import assert from "node:assert/strict";
import { metricsText } from "../../src/programs/monitor/view/metrics.ts";
import { DataDirectory } from "../../src/programs/monitor/follow/data_directory.ts";
import { newRig, open, openNaked, type Rig } from "../core_rig.ts";
import { MemoryData, statusIn } from "../support/monitor_data.ts";
import { ensurePackage } from "./package.ts";

const RULES = "config/deploy/prometheus";

async function promtool(
  args: readonly string[],
  input = "",
): Promise<{ readonly code: number; readonly text: string }> {
  await ensurePackage("prometheus", "/usr/bin/promtool");
  const child = new Deno.Command("/usr/bin/promtool", {
    args: [...args],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input));
  await writer.close();
  const output = await child.output();
  const text = new TextDecoder();
  return { code: output.code, text: text.decode(output.stdout) + text.decode(output.stderr) };
}

Deno.test("[M-4.2] the alert rules are valid, and each fires when it should and not before", async () => {
  const checked = await promtool(["check", "rules", `${RULES}/abot.rules.yml`]);
  assert.equal(checked.code, 0, checked.text);
  assert.match(checked.text, /SUCCESS: 6 rules found/);
  const config = await promtool(["check", "config", `${RULES}/prometheus.yml`]);
  assert.equal(config.code, 0, config.text);
  const tested = await promtool(["test", "rules", `${RULES}/abot.rules.test.yml`]);
  assert.equal(tested.code, 0, tested.text);
  const names = [...Deno.readTextFileSync(`${RULES}/abot.rules.yml`).matchAll(/- alert: (\w+)/g)].map(([, name]) =>
    name
  );
  const tests = Deno.readTextFileSync(`${RULES}/abot.rules.test.yml`);
  assert.deepEqual(names.filter((name) => !tests.includes(`alertname: ${name}`)), [], "each rule has its test");
});

Deno.test("[M-4.2] every metric that a rule asks for is exported", () => {
  const rules = Deno.readTextFileSync(`${RULES}/abot.rules.yml`);
  const naked = newRig();
  openNaked(naked);
  const covered = newRig();
  open(covered);
  const exported = metricsOf(naked) + metricsOf(covered);
  const asked = new Set([...rules.matchAll(/\babot_[a-z_]+/g)].map(([name]) => name));
  assert.ok(asked.size >= 6);
  assert.deepEqual([...asked].filter((name) => !new RegExp(`^${name} `, "m").test(exported)), []);
});

function metricsOf(rig: Rig): string {
  const data = new MemoryData();
  const directory = new DataDirectory({ seam: data, dataDir: "data", now: () => data.now });
  const status = statusIn(rig, (one) => ({ ...one, key_days_left: 30, rest_p95_ms: 120, clock_skew_ms: -3 }));
  data.put("data/status.json", JSON.stringify(status));
  directory.poll();
  const facts = { version: "1", commit: "c", streams: 1, diskFreeBytes: 1e9 };
  return metricsText({ directory, now: data.now }, { facts, open: false });
}

Deno.test("[M-4.1] promtool finds nothing to say about the metrics", async () => {
  const rig = newRig();
  open(rig);
  const checked = await promtool(["check", "metrics"], metricsOf(rig));
  assert.deepEqual(checked, { code: 0, text: "" });
});
