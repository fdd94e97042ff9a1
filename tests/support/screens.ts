/** What `abot status` prints in the states that matter, at three widths. */
import { statusLines } from "../../src/views/status_lines.ts";
import { type Status, statusOf } from "../../src/views/status.ts";
import { epochMs } from "../../src/domain/units.ts";
import { boot, command, newRig, open, openNaked, type Rig, send, wait } from "../core_rig.ts";
import { defaultTestConfig } from "../config_fixture.ts";
import { NO_VITALS } from "../core_values.ts";

/** The status a rig's bot would write now. */
export function statusOfRig(rig: Rig): Status {
  return statusOf({ bot: rig.bot, guardian: null }, {
    writtenAt: epochMs(rig.now),
    version: "0.1.0",
    commit: "abc1234",
    configHash: "46e6a54be0590000",
    journalSeq: 1234,
    journalHead: "ab",
    start: { at_ms: epochMs(rig.now - 40 * 86_400_000), capital_usd: 100, btc_usd: 40_000 },
    observe: false,
    vitals: { ...NO_VITALS, privateFrameAt: epochMs(rig.now - 1000), marketFrameAt: epochMs(rig.now) },
  });
}

/** Rigs in the states that matter, by name. */
function states(): Readonly<Record<string, Rig>> {
  const flat = boot(newRig());
  wait(flat, 600_000);
  const quiet = boot(newRig(defaultTestConfig((change) => {
    change.stages.stage_1.atr_pct_24h_min = 50;
  })));
  wait(quiet, 600_000);
  const trade = newRig();
  open(trade);
  wait(trade, 720_000);
  const naked = newRig();
  openNaked(naked);
  const halted = newRig();
  open(halted);
  command(halted, "halt");
  const stopped = boot(newRig());
  send(stopped, { kind: "Shutdown", at: epochMs(stopped.now) });
  return { flat, quiet, trade, naked, halted, stopped };
}

/** Every screen at 60, 80 and 120 columns; `verbose` at 80. */
export function screens(): readonly string[] {
  return Object.entries(states()).flatMap(([name, rig]) => {
    const status = statusOfRig(rig);
    const shown = (columns: number, verbose: boolean) => [
      `## ${name}, ${columns} columns${verbose ? ", --verbose" : ""}`,
      ...statusLines(status, { now: rig.now + 2_000, columns, verbose }),
      "",
    ];
    return [...shown(60, false), ...shown(80, false), ...shown(120, false), ...shown(80, true)];
  });
}
