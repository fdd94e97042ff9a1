/** The outbox is followed through everything that happens to files (N-1, N-6). */
import assert from "node:assert/strict";
import fc from "fast-check";
import { alertText } from "../../src/infrastructure/logging/alert_line.ts";
import { BEFORE_ALL, Follower, type Place } from "../../src/programs/notifier/outbox.ts";
import { outboxSource } from "../../src/programs/notifier/summaries.ts";
import { MemoryDisk } from "../support/channels/memory_disk.ts";

const FILE = "data/alerts/2026-11.jsonl";
const START = Date.UTC(2026, 10, 16);

function line(n: number, sentence = `line ${n}`): string {
  const facts = {
    at: START + n,
    severity: "info",
    code: "leverage",
    sentence,
    steps: [],
    reason: "",
    context: {},
  } as const;
  return alertText({ ...facts, journal_head: "" }, (text) => text);
}
function put(disk: MemoryDisk, numbers: readonly number[], path = FILE): void {
  for (const n of numbers) disk.appendRaw(path, `${line(n)}\n`);
}
const follow = (disk: MemoryDisk, place: Place = BEFORE_ALL) => new Follower(outboxSource(disk, "data"), place);
/** Takes all there is now; unreadable lines are -1. */
function taken(follower: Follower): number[] {
  const seen: number[] = [];
  for (;;) {
    follower.poll(100);
    const entry = follower.peek();
    if (entry === null) return seen;
    seen.push(entry.read.kind === "alert" ? Number(/\d+/.exec(entry.read.line.sentence)?.[0]) : -1);
    follower.take();
  }
}

Deno.test("[N-6] a follower goes on in a renamed file, then in the one that took its name", () => {
  for (const restart of [false, true]) {
    const disk = new MemoryDisk();
    put(disk, [1, 2]);
    let follower = follow(disk);
    assert.deepEqual(taken(follower), [1, 2]);
    put(disk, [3]);
    disk.rename(FILE, `${FILE}.1`);
    put(disk, [4], `${FILE}.1`);
    put(disk, [5]);
    if (restart) follower = follow(disk, follower.place());
    assert.deepEqual(taken(follower), [3, 4, 5], `restart ${restart}`);
    put(disk, [6]);
    assert.deepEqual(taken(follower), [6]);
  }
});

Deno.test("[N-6] a deleted file is left, and its successor is read from its beginning", () => {
  for (const restart of [false, true]) {
    const disk = new MemoryDisk();
    put(disk, [1, 2]);
    let follower = follow(disk);
    taken(follower);
    disk.remove(FILE);
    if (restart) follower = follow(disk, follower.place());
    assert.deepEqual(taken(follower), []);
    put(disk, [3, 4]);
    assert.deepEqual(taken(follower), [3, 4], `restart ${restart}`);
  }
});

Deno.test("[N-6] a truncated file repeats nothing and loses nothing that comes after", () => {
  for (const restart of [false, true]) {
    const disk = new MemoryDisk();
    put(disk, [1, 2, 3]);
    let follower = follow(disk);
    taken(follower);
    disk.cut(FILE, line(1).length + 1);
    if (restart) follower = follow(disk, follower.place());
    assert.deepEqual(taken(follower), []);
    put(disk, [4, 5]);
    assert.deepEqual(taken(follower), [4, 5], `restart ${restart}`);
    disk.cut(FILE, 0);
    put(disk, [6]);
    if (restart) follower = follow(disk, follower.place());
    assert.deepEqual(taken(follower), [6]);
  }
});

Deno.test("[N-6] a torn line waits for its end; one that a restart of the bot cut away is not taken", () => {
  const disk = new MemoryDisk();
  put(disk, [1]);
  const whole = line(2);
  disk.appendRaw(FILE, whole.slice(0, 50));
  const follower = follow(disk);
  assert.deepEqual(taken(follower), [1]);
  disk.appendRaw(FILE, `${whole.slice(50)}\n`);
  assert.deepEqual(taken(follower), [2]);
  disk.appendRaw(FILE, '{"id":"tor');
  assert.deepEqual(taken(follower), []);
  disk.cut(FILE, (disk.stat(FILE)?.size ?? 0) - 10);
  put(disk, [3]);
  assert.deepEqual(taken(follower), [3]);
});

Deno.test("[N-6] garbage is told as unreadable and the lines around it are alerts", () => {
  const disk = new MemoryDisk();
  put(disk, [1]);
  disk.appendRaw(FILE, `not json\n\n{"a":1}\n${line(2).replace("line 2", "line 9")}\n`);
  put(disk, [3]);
  assert.deepEqual(taken(follow(disk)), [1, -1, -1, -1, 3]);
});

Deno.test("[N-6] a line of 1 MB is an alert like any other, one of 9 MB is not", () => {
  const disk = new MemoryDisk();
  put(disk, [1]);
  disk.appendRaw(FILE, `${line(2, `2 ${"x".repeat(1_000_000)}`)}\n`);
  put(disk, [3]);
  disk.appendRaw(FILE, `${line(4, `4 ${"x".repeat(9_000_000)}`)}\n`);
  put(disk, [5]);
  const seen = taken(follow(disk));
  assert.deepEqual(seen.filter((n) => n > 0), [1, 2, 3, 5]);
  assert.ok(seen.includes(-1), "the long one is not passed over in silence");
});

Deno.test("[N-1.1] months follow each other; an older month that comes late is not gone back to", () => {
  const disk = new MemoryDisk();
  put(disk, [1], "data/alerts/2026-10.jsonl");
  put(disk, [2], "data/alerts/2026-12.jsonl");
  disk.appendRaw("data/alerts/notes.txt", "not ours\n");
  const follower = follow(disk);
  assert.deepEqual(taken(follower), [1, 2]);
  put(disk, [3], "data/alerts/2026-11.jsonl");
  put(disk, [4], "data/alerts/2026-12.jsonl");
  put(disk, [5], "data/alerts/2027-01.jsonl");
  assert.deepEqual(taken(follower), [4, 5]);
  disk.remove("data/alerts/2026-12.jsonl");
  assert.deepEqual(taken(follow(disk, follower.place())), []);
});

Deno.test("[N-6] appended, renamed, read and restarted in any order: each line once, in order", () => {
  const step = fc.constantFrom("append", "append_torn", "rename", "read", "restart", "month");
  fc.assert(fc.property(fc.array(step, { minLength: 1, maxLength: 40 }), (steps) => {
    const disk = new MemoryDisk();
    let [n, renames, month, torn] = [0, 0, 1, ""];
    const file = () => `data/alerts/2026-${String(month).padStart(2, "0")}.jsonl`;
    let follower = follow(disk);
    const seen: number[] = [];
    const end = () => {
      if (torn !== "") disk.appendRaw(file(), `${torn}\n`);
      torn = "";
    };
    for (const one of steps) {
      if (one === "append") {
        end();
        disk.appendRaw(file(), `${line(++n)}\n`);
      } else if (one === "append_torn") {
        end();
        const text = line(++n);
        disk.appendRaw(file(), text.slice(0, 40));
        torn = text.slice(40);
      } else if (one === "rename" && disk.exists(file())) {
        end();
        // Who rotates twice before a reader has looked asks for a loss.
        seen.push(...taken(follower));
        disk.rename(file(), `${file()}.${++renames}`);
      } else if (one === "month" && month < 12) {
        end();
        month += 1;
      } else if (one === "read") seen.push(...taken(follower));
      else if (one === "restart") follower = follow(disk, follower.place());
    }
    end();
    seen.push(...taken(follower));
    assert.deepEqual(seen, Array.from({ length: n }, (_, index) => index + 1));
  }));
});
