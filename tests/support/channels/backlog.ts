import { alertText, monthFile } from "../../../src/infrastructure/logging/alert_line.ts";

const AT = Date.UTC(2026, 10, 1);

const CODES = ["degraded_mode", "clock_skew", "cooldown:latency", "leverage", "long_block:latency"];
function codeOf(n: number): string {
  return n % 50 === 0 ? `halt:persistent_rejection:${n}` : CODES[n % CODES.length] ?? "";
}

/** A data directory with so many alerts of the usual size. */
export function backlog(lines: number): string {
  const folder = Deno.makeTempDirSync({ prefix: "abot-bench-" });
  Deno.mkdirSync(`${folder}/alerts`);
  const context = { word: "FLAT", phase: "flat", contracts: 0, stop: null, last_usd: 31_730.5, equity_usd: 100.2 };
  const texts = Array.from({ length: lines }, (_, n) =>
    alertText({
      ...{
        at: AT + n * 1_000,
        severity: n % 50 === 0 ? "critical" : "warning",
        code: codeOf(n),
      },
      ...{ sentence: `A connection to the venue is unhealthy, ${n}.`, steps: ["Look at the network."], context },
      ...{ reason: "the private stream is silent", journal_head: "8c1f04d2a9b3e6f7".repeat(4) },
    }, (text) => text));
  Deno.writeTextFileSync(`${folder}/alerts/${monthFile(AT)}`, `${texts.join("\n")}\n`);
  return folder;
}
