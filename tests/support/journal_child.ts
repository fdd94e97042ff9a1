// A process that journals on a real disk as fast as it can and says which records are durable, until somebody kills it.
//   deno run --allow-read --allow-write tests/support/journal_child.ts <dir> [hold|unlocked]
import { liveClock } from "../../src/infrastructure/platform/live/mod.ts";
import { liveFiles } from "../../src/infrastructure/platform/live/files.ts";
import { takeDataDirectory } from "../../src/infrastructure/safety/single_instance.ts";
import { openJournal } from "../../src/infrastructure/storage/journal/journal.ts";
import { recover } from "../../src/infrastructure/storage/journal/recovery.ts";
import { COUNTING_START, countingStep, parseCounting, quietEvent, registerCounting } from "./counting_core.ts";
import { BUILD, DAY, FACTS } from "./journal_rig.ts";

const dataDir = Deno.args[0] ?? "";
const say = (line: string): void => {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
};
const place = { files: liveFiles, clock: liveClock(), dataDir };
if (Deno.args[1] !== "unlocked") {
  const alone = takeDataDirectory({ ...place, processId: Deno.pid, program: "journal_child" });
  if (alone.kind === "taken") {
    say(alone.line);
    Deno.exit(69);
  }
}
const core = { step: countingStep, coreHash: BUILD.coreHash, parseState: parseCounting, migrations: [] };
const found = recover({ files: liveFiles, dataDir, ...core, register: registerCounting });
if (found.kind === "unreadable" || (found.kind === "recovered" && found.damaged !== null)) {
  say(`bad ${JSON.stringify(found)}`);
  Deno.exit(1);
}
let state = found.kind === "recovered" ? found.state : COUNTING_START;
const resume = found.kind === "recovered" ? found.resume : null;
const journal = openJournal({
  ...place,
  facts: FACTS,
  build: BUILD,
  state,
  resume,
  onHealth: (health) => say(`health ${health.state} ${health.detail}`),
  retentionDays: null,
  pack: null,
  snapshotEvery: 50,
});
say(`ready ${resume?.seq ?? 0}`);

let n = resume?.seq ?? 0;
function burst(): void {
  for (let i = 0; i < 7; i += 1) {
    const event = quietEvent(n, DAY + 86_400_000 - 400_000);
    n += 1;
    const step = countingStep(state, event);
    state = step.state;
    const { seq } = journal.append(event, step.intents, { state });
    if (step.intents.length > 0) {
      journal.whenDurable(seq, { atMostMs: null }, (durable) => {
        if (durable) say(`durable ${seq}`);
      });
    }
  }
  setTimeout(burst, 0);
}
if (Deno.args[1] !== "hold") burst();
else setInterval(() => undefined, 60_000);
