import assert from "node:assert/strict";
import { liveClock } from "../../src/infrastructure/platform/live/mod.ts";
import { liveFiles } from "../../src/infrastructure/platform/live/files.ts";
import { openJournal } from "../../src/infrastructure/storage/journal/journal.ts";
import { recover } from "../../src/infrastructure/storage/journal/recovery.ts";
import { replay } from "../../src/infrastructure/storage/journal/replay.ts";
import { verifyJournal } from "../../src/infrastructure/storage/journal/verify.ts";
import {
  COUNTING_START,
  countingStep,
  parseCounting,
  placeStop,
  quietEvent,
  registerCounting,
} from "../support/counting_core.ts";
import { BUILD, DAY, FACTS } from "../support/journal_rig.ts";

const CHILD = new URL("../support/journal_child.ts", import.meta.url).pathname;
const CORE = { step: countingStep, coreHash: BUILD.coreHash, parseState: parseCounting, migrations: [] };

function child(dir: string, ...more: readonly string[]): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--allow-read", "--allow-write", CHILD, dir, ...more],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
}

/** Reads what a child says; `until` ends the reading and kills it. */
async function listen(process: Deno.ChildProcess, until: (lines: readonly string[]) => boolean): Promise<string[]> {
  const lines: string[] = [];
  let rest = "";
  let killed = false;
  for await (const text of process.stdout.pipeThrough(new TextDecoderStream())) {
    const parts = (rest + text).split("\n");
    rest = parts.pop() ?? "";
    lines.push(...parts);
    if (!killed && until(lines)) {
      killed = true;
      process.kill("SIGKILL");
    }
  }
  await process.status;
  return lines;
}

Deno.test("[F-11.1] kill -9 of a writing process, twelve times over: nothing acknowledged is lost, the chain is whole", async () => {
  const dir = Deno.makeTempDirSync({ prefix: "abot_kill_" });
  try {
    let durable = 0;
    let steps = 0;
    for (let round = 0; round < 12; round += 1) {
      const wanted = 2 + ((round * 7) % 13);
      const lines = await listen(
        child(dir),
        (said) => said.filter((line) => line.startsWith("durable")).length >= wanted,
      );
      assert.deepEqual(lines.filter((line) => !/^(ready|durable) \d+$/.test(line)), [], "nothing but good news");
      const ready = Number(lines[0]?.split(" ")[1]);
      assert.ok(ready >= durable, `round ${round}: record ${durable} was acknowledged, ${ready} came back`);
      for (const line of lines) if (line.startsWith("durable")) durable = Math.max(durable, Number(line.split(" ")[1]));
    }
    const found = recover({ files: liveFiles, dataDir: dir, ...CORE, register: registerCounting });
    assert.equal(found.kind, "recovered");
    if (found.kind === "recovered") {
      assert.ok(found.resume.seq >= durable);
      steps = found.resume.seq;
      assert.equal(found.differences, 0);
    }
    const verified = verifyJournal(liveFiles, dir);
    assert.deepEqual([verified.faults, verified.records], [[], steps]);
    const report = replay({ files: liveFiles, dataDir: dir, ...CORE, compare: false });
    assert.deepEqual([report.steps, report.differences, report.head], [steps, 0, verified.head]);
  } finally {
    Deno.removeSync(dir, { recursive: true });
  }
});

Deno.test("[F-11.4] a second process is refused while the first lives, and told which one it is", async () => {
  const dir = Deno.makeTempDirSync({ prefix: "abot_lock_" });
  const first = child(dir, "hold");
  try {
    const reader = first.stdout.getReader();
    assert.match(new TextDecoder().decode((await reader.read()).value), /^ready 0/);
    const second = child(dir, "hold");
    const said = new TextDecoder().decode((await second.output()).stdout);
    assert.ok(said.includes(`held by journal_child, process ${first.pid}, since `), said);
    first.kill("SIGKILL");
    await reader.cancel();
    await first.status;
    // At once where the system locks; a Deno without tryLock holds a lease of 5 s instead.
    let lines: string[] = [];
    for (let tries = 0; tries < 100 && lines[0] !== "ready 0"; tries += 1) {
      lines = await listen(child(dir, "hold"), (all) => all.length > 0);
    }
    assert.deepEqual(lines, ["ready 0"], "the lock went with the process");
  } finally {
    Deno.removeSync(dir, { recursive: true });
  }
});

Deno.test("[P-14] the data directory is 0700, its files 0600, and an order intent becomes durable on a real disk", async () => {
  const root = Deno.makeTempDirSync({ prefix: "abot_modes_" });
  const dataDir = `${root}/data`;
  try {
    const journal = openJournal({
      files: liveFiles,
      clock: liveClock(),
      dataDir,
      facts: FACTS,
      build: BUILD,
      state: COUNTING_START,
      resume: null,
      onHealth: () => undefined,
      retentionDays: null,
      pack: null,
    });
    const { seq } = journal.append(quietEvent(0, DAY), [placeStop("a")], { state: COUNTING_START });
    const durable = await new Promise((resolve) => journal.whenDurable(seq, { atMostMs: null }, resolve));
    assert.equal(durable, true);
    assert.equal(journal.lagMs(), 0);
    assert.equal(journal.close(), true);
    const modes: string[] = [];
    const look = (path: string): void => {
      const info = Deno.statSync(path);
      modes.push(`${info.isDirectory ? "d" : "f"}${((info.mode ?? 0) & 0o777).toString(8)}`);
      if (info.isDirectory) { for (const entry of Deno.readDirSync(path)) look(`${path}/${entry.name}`); }
    };
    look(dataDir);
    assert.deepEqual([...new Set(modes)].sort(), ["d700", "f600"]);
  } finally {
    Deno.removeSync(root, { recursive: true });
  }
});
