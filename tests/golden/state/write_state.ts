// Writes the golden snapshot of the present state schema: a recovered bot in the middle of a position.
//   deno run --allow-read=. --allow-write=tests/golden/state tests/golden/state/write_state.ts
// Once a version is released its file never changes again; a new schema number gets a new file and a migration.
import { crashRun } from "../../support/crash_run.ts";
import { STATE_SCHEMA } from "../../../src/infrastructure/storage/journal/snapshots.ts";

function midPosition(): string {
  for (let cut = 300; cut < 2_500; cut += 97) {
    const { files } = crashRun(cut);
    const last = files.list("data/snapshots").at(-1);
    const text = last === undefined ? "" : files.readText(`data/snapshots/${last}`);
    if (text.includes('"phase":{"kind":"position"')) return text;
  }
  throw new Error("No cut of the run lies in a position");
}

Deno.writeTextFileSync(new URL(`state-v${STATE_SCHEMA}.jsonl`, import.meta.url), midPosition());
