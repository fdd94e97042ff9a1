import assert from "node:assert/strict";
import { SIMULATED_BUILD } from "../../src/build_info.ts";
import { recover } from "../../src/infrastructure/storage/journal/recovery.ts";
import { stateReader } from "../../src/bot/state_reader.ts";
import { replay } from "../../src/infrastructure/storage/journal/replay.ts";
import { verifyJournal } from "../../src/infrastructure/storage/journal/verify.ts";
import { WholeBot } from "../support/whole_bot.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

function assertJournalWhole(bot: WholeBot): void {
  const files = bot.disk();
  assert.deepEqual(verifyJournal(files, "data").faults, []);
  assert.equal(replay({ files, dataDir: "data", ...stateReader("dev"), compare: false }).differences, 0);
}

/** Position open and covered at the venue. */
function covered(bot: WholeBot): boolean {
  return bot.phase === "position" && bot.venue.control.state().size > 0 && bot.uncovered() === 0;
}

function entries(bot: WholeBot): number {
  let count = 0;
  for (const { intents } of bot.journaled) for (const intent of intents) if (intent.kind === "PlaceEntry") count += 1;
  return count;
}

Deno.test("[F-11.6] [F-11.5] a directory restored from an hour ago: HALT journal_behind_venue, what is open is protected", () => {
  const bot = new WholeBot();
  bot.run(2 * MINUTE_MS);
  const backup = bot.backup();
  bot.run(HOUR_MS);
  bot.until("a covered position", () => covered(bot));
  bot.platform.kill();
  bot.run(1000);
  // The stop is lost as well: nothing but the bot itself can protect what is open.
  bot.venue.control.injectFault("stop_cancelled");
  assert.ok(bot.uncovered() > 0);
  bot.restore(backup);
  const sent = entries(bot);
  bot.boot();
  bot.run(10_000);
  assert.equal(bot.halt, "journal_behind_venue");
  assert.ok(bot.alerts.some((alert) => alert.code === "halt:journal_behind_venue" && alert.severity === "critical"));
  bot.run(5 * MINUTE_MS);
  assert.equal(bot.uncovered(), 0);
  const { size, side } = bot.venue.control.state();
  assert.equal(bot.state?.bot.ledger.net, side === "Sell" ? -size : size);
  assert.equal(entries(bot), sent, "no entry leaves, and none of the backup is adopted");
  assert.equal(bot.word, "HALT");
  assertJournalWhole(bot);
});

Deno.test("[F-11.6] a directory restored from an hour ago while nothing is open halts all the same", () => {
  const bot = new WholeBot();
  bot.run(2 * MINUTE_MS);
  const backup = bot.backup();
  bot.run(HOUR_MS);
  bot.until("a flat account", () => bot.venue.control.state().size === 0 && bot.word === "FLAT");
  bot.platform.kill();
  bot.run(1000);
  bot.restore(backup);
  const sent = entries(bot);
  bot.boot();
  bot.run(5 * MINUTE_MS);
  assert.equal(bot.halt, "journal_behind_venue");
  assert.equal(bot.state?.bot.ledger.net, 0);
  assert.equal(entries(bot), sent);
});

type DiskCase = {
  readonly name: string;
  readonly begin: (bot: WholeBot) => void;
  readonly end: (bot: WholeBot) => void;
};
const CHANGES = ["makeDirectory", "openAppend", "write", "syncNow", "writeAtomic", "truncate", "rename"] as const;

/** Every change fails with this, and every fsync. */
function failing(name: string, error: string): DiskCase {
  return {
    name,
    begin: (bot) => void (bot.trouble = { calls: [...CHANGES, "sync", "remove"], error }),
    end: (bot) => void (bot.trouble = null),
  };
}
const TROUBLES: readonly DiskCase[] = [
  failing("a full disk", "No space left on device (os error 28)"),
  failing("an I/O error", "Input/output error (os error 5)"),
  failing("a read-only file system", "Read-only file system (os error 30)"),
  {
    name: "an I/O error of fsync alone",
    begin: (bot) => void (bot.trouble = { calls: ["sync", "syncNow"], error: "Input/output error (os error 5)" }),
    end: (bot) => void (bot.trouble = null),
  },
  {
    name: "a deleted directory that cannot be made again",
    begin(bot) {
      for (const path of bot.platform.disk.paths()) bot.platform.disk.drop(path);
      bot.trouble = { calls: [...CHANGES, "sync"], error: "No such file or directory (os error 2)" };
    },
    end: (bot) => void (bot.trouble = null),
  },
  {
    name: "a volume that stalls",
    begin: (bot) => void (bot.trouble = { calls: ["sync"], error: null, later: (run) => waiting.push(run) }),
    end(bot) {
      bot.trouble = null;
      for (const run of waiting.splice(0)) run();
    },
  },
];
const waiting: (() => void)[] = [];

for (const { name, begin, end } of TROUBLES) {
  Deno.test(`[F-11.9] [P-14] ${name}: HALT journal_unavailable, the lost stop is placed again, a reset works afterwards`, () => {
    const bot = new WholeBot();
    bot.until("a covered position", () => covered(bot));
    begin(bot);
    bot.run(15_000);
    assert.equal(bot.halt, "journal_unavailable");
    assert.ok(bot.alerts.some((alert) => alert.code === "halt:journal_unavailable" && alert.severity === "critical"));
    bot.venue.control.injectFault("stop_cancelled");
    assert.ok(bot.uncovered() > 0);
    bot.run(15_000);
    assert.equal(bot.uncovered(), 0);
    const sent = entries(bot);
    bot.run(10 * MINUTE_MS);
    assert.equal(bot.uncovered(), 0);
    assert.equal(entries(bot), sent);
    end(bot);
    bot.run(30_000);
    assert.equal(bot.word, "HALT", "only a person lifts it");
    bot.until("a quiet moment", () => covered(bot) || bot.phase === "flat");
    bot.reset();
    bot.run(5_000);
    assert.notEqual(bot.word, "HALT");
    bot.run(5 * MINUTE_MS);
    bot.platform.kill();
    bot.run(1000);
    bot.boot();
    bot.run(MINUTE_MS);
    assert.equal(bot.halt, null);
    assert.equal(bot.uncovered(), 0);
    assertJournalWhole(bot);
  });
}

Deno.test("[F-11.9] [F-10.7] a volume that stalls for ten seconds: HALT after five, a stop leaves after 250 ms all the same", () => {
  const bot = new WholeBot();
  bot.until("a covered position", () => covered(bot));
  bot.trouble = { calls: ["sync"], error: null, later: (run) => waiting.push(run) };
  bot.venue.control.injectFault("stop_cancelled");
  assert.ok(bot.uncovered() > 0);
  bot.run(3_000);
  assert.equal(bot.uncovered(), 0, "long before the disk answers");
  assert.equal(bot.halt, null);
  bot.run(7_000);
  assert.equal(bot.halt, "journal_unavailable");
  bot.trouble = null;
  for (const run of waiting.splice(0)) run();
  bot.run(5_000);
  bot.reset();
  bot.run(5_000);
  assert.notEqual(bot.word, "HALT");
  assertJournalWhole(bot);
});

Deno.test("[F-11.1] [P-14] a loss of power takes what was not synced: bot and venue agree again, covered, without a HALT", () => {
  const bot = new WholeBot();
  for (let loss = 0; loss < 8; loss += 1) {
    bot.run(2 * MINUTE_MS);
    if (loss % 2 === 0) bot.until("a position", () => bot.phase === "position", 20 * MINUTE_MS);
    bot.run(loss * 137);
    bot.platform.inject("power_loss");
    bot.run(2_000);
    bot.boot();
    bot.run(20_000);
    const { size, side } = bot.venue.control.state();
    assert.equal(bot.halt, null, `after loss ${loss}`);
    assert.equal(bot.state?.bot.ledger.net, side === "Sell" ? -size : size);
    assert.equal(bot.uncovered(), 0);
  }
  assertJournalWhole(bot);
});

Deno.test("[F-11.6] [F-11.3] a damaged journal halts, also after a start that died before it could record it", () => {
  const bot = new WholeBot();
  bot.run(2 * MINUTE_MS);
  bot.platform.kill();
  const disk = bot.disk();
  const [path = ""] = disk.list("data/journal").map((name) => `data/journal/${name}`);
  const text = disk.readText(path);
  const middle = text.indexOf("\n", text.length >> 1) + 1;
  disk.writeAtomic(path, `${text.slice(0, middle)}{"x":1}\n${text.slice(middle)}`);
  // What the program itself does before the bot starts, to say what is open (F-12.4); here it dies right after.
  const looked = recover({ files: disk, dataDir: "data", ...stateReader(SIMULATED_BUILD.coreHash) });
  assert.match(looked.kind === "recovered" ? looked.damaged ?? "" : looked.kind, /not in the form of a record/);
  bot.boot();
  bot.run(10_000);
  assert.equal(bot.halt, "journal_behind_venue");
  assert.match(bot.state?.bot.halt?.detail ?? "", /not in the form of a record; what stood behind it was set aside/);
  bot.platform.kill();
  bot.boot();
  bot.run(10_000);
  const boots = bot.journaled.flatMap(({ event }) => event.kind === "Boot" ? [event.damaged !== undefined] : []);
  assert.deepEqual(boots, [false, true, false], "told once, and then it is on record");
  assert.equal(bot.halt, "journal_behind_venue");
});

for (
  const [name, calls] of [
    ["a full disk", ["makeDirectory", "openAppend", "write", "writeAtomic", "sync", "syncNow", "rename"]],
    ["a full disk that takes empty files and folders", ["write", "writeAtomic"]],
  ] as const
) {
  Deno.test(`[F-11.9] a start on ${name} with nothing remembered and a position open: own stops alone, again after a second start, no entry, whole once there is room`, () => {
    const bot = new WholeBot();
    bot.until("a covered position", () => covered(bot));
    bot.run(MINUTE_MS);
    const sent = entries(bot);
    bot.platform.kill();
    bot.restore(new Map());
    bot.venue.control.injectFault("stop_cancelled");
    assert.ok(bot.uncovered() > 0);
    bot.trouble = { calls, error: "No space left on device (os error 28)" };
    const first = bot.journaled.length;
    bot.boot();
    bot.run(15_000);
    assert.equal(bot.halt, "journal_unavailable");
    assert.ok(bot.alerts.some(({ code }) => code === "halt:journal_unavailable"));
    assert.equal(bot.uncovered(), 0, "protected without a disk and without a memory");
    bot.platform.kill();
    bot.run(1000);
    bot.boot();
    bot.run(15_000);
    assert.equal(bot.uncovered(), 0, "the second start finds its own stop again");
    const ordered = bot.journaled.slice(first).flatMap(({ intents }) =>
      intents.filter((one) => one.kind.startsWith("Place"))
    );
    assert.deepEqual([...new Set(ordered.map((one) => one.kind))], ["PlaceStop"]);
    // The id comes from the venue's position, so the second start sends the same one and the venue keeps its order.
    const ids = ordered.map((one) => "ticket" in one ? one.ticket.orderLinkId : "");
    assert.match(ids[0] ?? "", /^adopt_[0-9a-f]{10}_[ls]_stop_(Buy|Sell)$/);
    assert.equal(ids[0], ids[1]);
    assert.equal(entries(bot), sent);
    bot.trouble = null;
    bot.run(30_000);
    assertJournalWhole(bot);
    bot.platform.kill();
    bot.run(1000);
    bot.boot();
    bot.run(15_000);
    assert.equal(bot.halt, "journal_unavailable", "of the run before, and no other");
    bot.run(MINUTE_MS);
    const stops = bot.venue.control.state().orders.filter((order) =>
      order.status === "Untriggered" && order.reduceOnly
    );
    assert.equal(stops.length, 1);
    assert.equal(bot.uncovered(), 0);
    assert.equal(entries(bot), sent);
    assertJournalWhole(bot);
  });
}

Deno.test("[F-11.9] [F-11.6] a start on a full disk with a position open, room made later: protected, chain whole, no false journal_behind_venue", () => {
  const bot = new WholeBot();
  bot.until("a covered position", () => covered(bot));
  bot.run(MINUTE_MS);
  bot.platform.kill();
  bot.trouble = { calls: ["write", "writeAtomic"], error: "No space left on device (os error 28)" };
  bot.venue.control.injectFault("stop_cancelled");
  bot.boot();
  bot.run(12_000);
  assert.equal(bot.halt, "journal_unavailable");
  assert.equal(bot.uncovered(), 0, "protected without a disk");
  bot.trouble = null;
  bot.run(20_000);
  assertJournalWhole(bot);
  const known = bot.state?.bot.ledger.net;
  bot.platform.kill();
  bot.run(1000);
  bot.boot();
  bot.run(20_000);
  assert.equal(bot.halt, "journal_unavailable", "the HALT of the run before, and no other");
  assert.equal(bot.state?.bot.ledger.net, known);
  assert.equal(bot.uncovered(), 0);
  assertJournalWhole(bot);
});
