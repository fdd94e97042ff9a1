// A process that holds a data directory and takes its commands as the bot does, and does nothing else.
//   deno run --allow-read=data --allow-write=data tests/support/command_taker.ts
import { epochMs } from "../../src/domain/units.ts";
import { liveFiles } from "../../src/infrastructure/platform/live/files.ts";
import { liveClock } from "../../src/infrastructure/platform/live/mod.ts";
import { watchKillSwitch } from "../../src/infrastructure/safety/kill_switch.ts";
import { takeDataDirectory } from "../../src/infrastructure/safety/single_instance.ts";

const place = { files: liveFiles, clock: liveClock(), dataDir: "data" };
const lock = takeDataDirectory({ ...place, processId: Deno.pid, program: "command_taker" });
if (lock.kind === "taken") throw new Error(lock.line);
const watch = watchKillSwitch({
  ...place,
  serverNow: () => epochMs(Date.now()),
  submit(event) {
    if (event.kind === "OperatorCommand") watch.answer({ id: event.id, ok: true, text: `done: ${event.command}` });
  },
  onTrouble: (line) => console.log(line),
});
console.log("ready");
