/** What the minute history costs a step of the bot (M-1.1): nearly always nothing changed. */
import { statusOf } from "../../src/views/status.ts";
import { HistoryKeeper } from "../../src/views/history_keeper.ts";
import { historyLineOf } from "../../src/views/history_line.ts";
import { newRig, open } from "../core_rig.ts";
import { statusIn } from "../support/monitor_data.ts";

const rig = newRig();
open(rig);
const keeper = new HistoryKeeper({ start: () => null, keepStart: () => undefined, write: () => undefined });
keeper.step(rig.bot);
const facts = { ...statusIn(rig), configHash: "", journalSeq: 1, journalHead: "", start: null, observe: false };

Deno.bench("a step in which nothing changed", { group: "history" }, () => keeper.step(rig.bot));
Deno.bench("a line of the history, once a minute", { group: "history" }, () => {
  JSON.stringify(historyLineOf(rig.bot, keeper.start()));
});
Deno.bench("a status, every 0.7 s", { group: "status" }, () => {
  const vitals = rig.bot.vitals;
  if (vitals === null) throw new Error("the rig has no vitals");
  JSON.stringify(statusOf({ bot: rig.bot, guardian: null }, { ...facts, writtenAt: rig.bot.now, vitals }));
});
