import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { simulatedSigner } from "../../src/infrastructure/platform/virtual/signer.ts";
import fc from "fast-check";
import type { HttpOutcome } from "../../src/application/engine/ports.ts";
import { EventQueue, Task } from "../../src/infrastructure/platform/virtual/event_queue.ts";
import {
  createVirtualPlatform,
  type VirtualPlatform,
  type VirtualPlatformOptions,
  type WireVenue,
} from "../../src/infrastructure/platform/virtual/mod.ts";

const T0 = 1_600_000_000_000;
const REQUEST = { method: "GET", headers: {}, body: null, timeoutMs: 5_000 } as const;

/** A venue that answers with what it was asked and echoes frames on the channel they name. */
function echo(seen: string[] = []): (clock: { now(): number }) => WireVenue {
  return (clock) => ({
    rest: ({ method, path, query, body }) => {
      seen.push(`${clock.now() - T0} ${method} ${path}?${query}`);
      return { status: 200, headers: { "x-a": "b" }, body: `${path}|${query}|${body}` };
    },
    connect: (path, peer) => {
      seen.push(`open ${path}`);
      return {
        receive: (text) => text === "bye" ? peer.close("asked") : peer.send(text, text.split(" ")[0] ?? ""),
        closed: () => seen.push(`closed ${path}`),
      };
    },
  });
}
function platformOf(options: Partial<VirtualPlatformOptions> = {}): VirtualPlatform {
  return createVirtualPlatform({ seed: 1, startAt: T0, connectVenue: echo(), ...options });
}

Deno.test("[queue] tasks fire by time, then by the order they were queued, also when queued while running", () => {
  fc.assert(fc.property(fc.array(fc.nat(50), { maxLength: 200 }), (delays) => {
    const queue = new EventQueue(0);
    const fired: [number, number][] = [];
    class Note extends Task {
      constructor(readonly number: number) {
        super();
      }
      fire(): void {
        fired.push([queue.now, this.number]);
        if (this.number % 5 === 0) queue.push(queue.now + (delays[this.number] ?? 1), new Note(this.number + 1_001));
      }
    }
    delays.forEach((delay, number) => queue.push(delay, new Note(number)));
    queue.run(1_000, () => false);
    equal(queue.now, 1_000);
    equal(queue.size, 0);
    ok(fired.length >= delays.length);
    for (let index = 1; index < fired.length; index++) {
      const [a, b] = [fired[index - 1], fired[index]];
      ok(a !== undefined && b !== undefined && a[0] <= b[0]);
      if (a[0] === b[0] && b[1] < 1_000) ok(a[1] < b[1], "queued order");
    }
  }));
});

Deno.test("[queue] a task that is taken out does not fire, the others do as before, twice out is no harm", () => {
  fc.assert(fc.property(fc.array(fc.tuple(fc.nat(20), fc.boolean()), { maxLength: 60 }), (asked) => {
    const queue = new EventQueue(0);
    const fired: number[] = [];
    class Note extends Task {
      constructor(readonly number: number) {
        super();
      }
      fire(): void {
        fired.push(this.number);
      }
    }
    const notes = asked.map((_, number) => new Note(number));
    notes.forEach((note, number) => queue.push(asked[number]?.[0] ?? 0, note));
    for (const note of [...notes, ...notes]) if (asked[note.number]?.[1] === true) queue.remove(note);
    const left = asked.flatMap(([at, out], number) => out ? [] : [{ at, number }]);
    equal(queue.size, left.length);
    queue.run(20, () => false);
    deepEqual(fired, left.sort((a, b) => a.at - b.at).map(({ number }) => number));
  }));
});

Deno.test("[virtual] timers fire at their time, a cancelled one never, a moment in the past is now", () => {
  const platform = platformOf();
  const { clock } = platform.newProcess();
  const fired: string[] = [];
  const note = (name: string) => () => fired.push(`${name} ${clock.wallNow() - T0} ${clock.monotonicNow()}`);
  clock.after(500, note("b"));
  clock.after(100, note("a"));
  clock.after(-5, note("now"));
  const gone = clock.after(200, note("gone"));
  clock.after(150, () => clock.cancel(gone));
  platform.run(T0 + 499);
  deepEqual(fired, ["now 0 0", "a 100 100"]);
  platform.run(T0 + 1_000);
  deepEqual(fired, ["now 0 0", "a 100 100", "b 500 500"]);
  equal(platform.clock.now(), T0 + 1_000);
});

Deno.test("[virtual] REST takes 40 – 250 ms each way, requests overtake each other, bytes arrive as sent", () => {
  const seen: string[] = [];
  const platform = platformOf({ connectVenue: echo(seen) });
  const { http, clock } = platform.newProcess();
  const answered: [number, number][] = [];
  let inside = true;
  for (let number = 0; number < 200; number++) {
    http.request({ ...REQUEST, url: `https://venue.test/v5/x?n=${number}&q=a%20b`, body: "{}" }, (outcome) => {
      ok(!inside, "never inside request");
      deepEqual(outcome, { kind: "reply", status: 200, headers: { "x-a": "b" }, body: `/v5/x|n=${number}&q=a%20b|{}` });
      answered.push([number, clock.monotonicNow()]);
    });
  }
  inside = false;
  platform.run(T0 + 1_000);
  equal(answered.length, 200);
  const arrivals = seen.map((line) => Number(line.split(" ")[0]));
  ok(Math.min(...arrivals) >= 40 && Math.max(...arrivals) <= 250);
  ok(answered.every(([, at]) => at >= 80 && at <= 500));
  ok(answered.some(([number], index) => number !== index), "overtaking");
});

Deno.test("[virtual] frames keep their order inside a channel and lose it between channels", () => {
  const platform = platformOf();
  const { sockets } = platform.newProcess();
  const got: string[] = [];
  const socket = sockets.open("wss://venue.test/v5/private", {
    onOpen: () => {
      for (let number = 0; number < 100; number++) socket.send(`${number % 2 ? "order" : "execution"} ${number}`);
    },
    onText: (text) => got.push(text),
    onClose: () => got.push("closed"),
  });
  platform.run(T0 + 3_000);
  equal(got.length, 100);
  for (const channel of ["order", "execution"]) {
    const numbers = got.filter((text) => text.startsWith(channel)).map((text) => Number(text.split(" ")[1]));
    deepEqual(numbers, [...numbers].sort((a, b) => a - b));
  }
  ok(got.some((text, index) => Number(text.split(" ")[1]) !== index));
});

Deno.test("[virtual] a socket the venue closes tells once; an abandoned one tells nothing and the venue hears of it", () => {
  const seen: string[] = [];
  const platform = platformOf({ connectVenue: echo(seen) });
  const { sockets } = platform.newProcess();
  const got: string[] = [];
  const first = sockets.open("wss://venue.test/v5/private?a=1", {
    onOpen: () => first.send("bye"),
    onText: (text) => got.push(text),
    onClose: (reason) => got.push(`closed ${reason}`),
  });
  const second = sockets.open("wss://venue.test/v5/public/inverse", {
    onOpen: () => {
      second.send("x");
      second.abandon();
    },
    onText: (text) => got.push(text),
    onClose: (reason) => got.push(`closed ${reason}`),
  });
  platform.run(T0 + 5_000);
  deepEqual(got, ["closed asked"]);
  ok(seen.includes("open /v5/private?a=1"));
  ok(seen.includes("closed /v5/public/inverse"));
});

function outcomeOf(platform: VirtualPlatform, waitMs: number): { outcome: HttpOutcome | null; tookMs: number } {
  const { http, clock } = platform.newProcess();
  const from = clock.monotonicNow();
  let result: { outcome: HttpOutcome | null; tookMs: number } = { outcome: null, tookMs: 0 };
  http.request({ ...REQUEST, url: "https://venue.test/v5/x" }, (outcome) => {
    equal(result.outcome, null, "done is called once");
    result = { outcome, tookMs: clock.monotonicNow() - from };
  });
  platform.run(T0 + waitMs);
  return result;
}

Deno.test("[virtual] a lost request never arrives, a lost reply was applied; both end as timeout or reset", () => {
  const kinds = new Set<string>();
  for (let seed = 1; seed <= 30; seed++) {
    for (const name of ["request_lost", "reply_lost"] as const) {
      const seen: string[] = [];
      const platform = platformOf({ seed, connectVenue: echo(seen) });
      platform.inject(name);
      const { outcome, tookMs } = outcomeOf(platform, 10_000);
      ok(outcome?.kind === "failed");
      ok(outcome.cause === "timeout" ? tookMs === 5_000 : outcome.cause === "lost", outcome.cause);
      equal(seen.length, name === "reply_lost" ? 1 : 0);
      deepEqual(platform.faultCounts, { [name]: 1 });
      kinds.add(`${name} ${outcome.cause}`);
    }
  }
  equal(kinds.size, 4);
});

Deno.test("[virtual] during an outage a request is refused or times out, sockets are cut, and it ends", () => {
  const causes = new Set<string>();
  for (let seed = 1; seed <= 20; seed++) {
    const platform = platformOf({ seed });
    platform.inject("network_outage", { durationMs: 8_000 });
    const { outcome } = outcomeOf(platform, 7_000);
    ok(outcome?.kind === "failed");
    causes.add(outcome.cause);
    platform.kill();
    platform.run(T0 + 8_000);
    const { http } = platform.newProcess();
    let later: HttpOutcome | null = null;
    http.request({ ...REQUEST, url: "https://venue.test/v5/x" }, (outcome) => later = outcome);
    platform.run(T0 + 9_000);
    equal((later as HttpOutcome | null)?.kind, "reply");
  }
  deepEqual([...causes].sort(), ["refused", "timeout"]);
});

Deno.test("[virtual] frame faults drop, double or delay single frames; control frames are spared", () => {
  for (const name of ["frame_dropped", "frame_duplicated", "frame_reordered"] as const) {
    const platform = platformOf();
    const { sockets } = platform.newProcess();
    const got: string[] = [];
    const socket = sockets.open("wss://venue.test/v5/private", {
      onOpen: () => {
        platform.inject(name);
        for (const text of ["control 0", "order 1", "order 2", "order 3"]) socket.send(text);
      },
      onText: (text) => got.push(text),
      onClose: () => undefined,
    });
    platform.run(T0 + 10_000);
    const orders = got.filter((text) => text.startsWith("order")).join();
    const wanted = {
      frame_dropped: /^order 2,order 3$/,
      frame_duplicated: /^(?=.*order 1.*order 1)/,
      frame_reordered: /order 2.*order 1|order 3.*order 1/,
    };
    ok(wanted[name].test(orders), `${name}: ${orders}`);
    ok(got.includes("control 0"));
    equal(platform.faultCounts[name], 1);
  }
});

Deno.test("[virtual] half-open: both ends go silent and nobody is told; disconnect: both are told", () => {
  for (const name of ["half_open", "disconnect"] as const) {
    const seen: string[] = [];
    const platform = platformOf({ connectVenue: echo(seen) });
    const { sockets, clock } = platform.newProcess();
    const got: string[] = [];
    for (const path of ["private", "public"]) {
      const socket = sockets.open(`wss://venue.test/${path}`, {
        onOpen: () => clock.after(3_000, () => socket.send(`late ${path}`)),
        onText: (text) => got.push(text),
        onClose: (reason) => got.push(`closed ${reason}`),
      });
    }
    platform.run(T0 + 2_000);
    for (let turn = 0; turn < 20; turn++) platform.inject(name);
    platform.run(T0 + 8_000);
    const closed = name === "disconnect" ? ["closed connection reset by peer", "closed connection reset by peer"] : [];
    deepEqual(got, closed);
    equal(seen.filter((line) => line.startsWith("closed")).length, closed.length);
  }
});

Deno.test("[virtual] a killed process hears nothing more, its requests still arrive, its files stay, its lock is free", () => {
  const seen: string[] = [];
  const ends: string[] = [];
  const platform = platformOf({
    connectVenue: echo(seen),
    onProcessDown: (process, cause) => ends.push(`${process.number} ${cause}`),
  });
  const first = platform.newProcess();
  equal(first.files.lock("data/lock", "pid 1").kind, "locked");
  const file = first.files.openAppend("data/journal");
  file.write("one\n");
  let heard = 0;
  const hear = (): number => heard++;
  first.http.request({ ...REQUEST, url: "https://venue.test/v5/sent" }, hear);
  first.clock.after(10, hear);
  first.sockets.open("wss://venue.test/private", { onOpen: hear, onText: hear, onClose: hear });
  file.sync(hear);
  throws(() => platform.newProcess(), /alive/);
  platform.kill();
  throws(() => file.write("two\n"), /gone/);
  first.http.request({ ...REQUEST, url: "https://venue.test/v5/never" }, hear);
  first.clock.after(10, hear);
  platform.run(T0 + 20_000);
  equal(heard, 0);
  deepEqual(ends, ["1 asked"]);
  deepEqual(seen.map((line) => line.split(" ").pop()), ["/v5/sent?"]);
  const second = platform.newProcess();
  equal(second.files.lock("data/lock", "pid 2").kind, "locked");
  deepEqual(second.files.lock("data/lock", "pid 3"), { kind: "held", holder: "pid 2" });
  equal(second.files.readText("data/journal"), "one\n");
});

Deno.test("[virtual] a kill inside a step lets no later effect of that step out", () => {
  let inside = 0;
  for (let seed = 1; seed <= 40; seed++) {
    const ends: string[] = [];
    const platform = platformOf({ seed, onProcessDown: (_, cause) => ends.push(cause) });
    const process = platform.newProcess();
    const file = process.files.openAppend("journal");
    platform.inject("process_kill");
    let written = 0;
    process.clock.after(10, () => {
      for (; written < 50; written++) file.write("x");
    });
    platform.run(T0 + 60_000);
    deepEqual(ends, ["process_kill"]);
    equal(platform.disk.read("journal").length, written);
    if (written > 0 && written < 50) inside++;
  }
  ok(inside > 5, `${inside} kills inside the step`);
});

Deno.test("[virtual] what a process throws ends the process, not the simulation", () => {
  const ends: string[] = [];
  const errors: string[] = [];
  const platform = platformOf({
    onProcessDown: (_, cause) => ends.push(cause),
    onCrash: (error) => errors.push(error instanceof Error ? error.message : ""),
  });
  const process = platform.newProcess();
  process.clock.after(10, () => {
    throw new Error("boom");
  });
  process.clock.after(20, () => ends.push("still here"));
  platform.run(T0 + 100);
  deepEqual([ends, errors, process.alive()], [["crash"], ["boom"], false]);
});

Deno.test("[virtual] loss of power keeps what was synced and at most what was written", () => {
  let torn = 0;
  for (let seed = 1; seed <= 20; seed++) {
    const platform = platformOf({ seed });
    const { files } = platform.newProcess();
    const file = files.openAppend("d/journal");
    const synced = "a".repeat(70_000);
    file.write(synced);
    file.syncNow();
    file.write("b".repeat(1_000));
    files.writeAtomic("d/snapshot", "whole");
    platform.inject("power_loss");
    platform.run(T0 + 10);
    const kept = platform.disk.read("d/journal");
    ok(kept.startsWith(synced) && /^a+b*$/.test(kept) && kept.length <= 71_000);
    if (kept.length > 70_000 && kept.length < 71_000) torn++;
    equal(platform.disk.read("d/snapshot"), "whole");
  }
  ok(torn > 10);
});

Deno.test("[virtual] sync tells after 1 – 4 ms what was durable then; slow and full disks show", () => {
  const platform = platformOf();
  const { files, clock } = platform.newProcess();
  const file = files.openAppend("journal");
  const done: [number, boolean][] = [];
  const note = (error: Error | null): void => void done.push([clock.monotonicNow(), error === null]);
  file.write("x");
  file.sync(note);
  platform.run(T0 + 100);
  platform.inject("fsync_slow", { durationMs: 1_000 });
  file.sync(note);
  platform.run(T0 + 10_000);
  platform.inject("disk_full", { durationMs: 1_000 });
  throws(() => file.write("y"), /No space left/);
  file.sync(note);
  platform.run(T0 + 12_000);
  file.write("z");
  equal(files.readText("journal"), "xz");
  equal(file.size(), 2);
  ok(done[0] !== undefined && done[0][0] <= 4 && done[0][1]);
  ok(done[1] !== undefined && done[1][0] >= 300 && done[1][1]);
  equal(done[2]?.[1], false);
});

Deno.test("[virtual] files: paths, lists, rename, truncate, remove, chunks and text beyond ASCII", () => {
  const { files } = platformOf().newProcess();
  files.makeDirectory("./a/b");
  const file = files.openAppend("a/b//one");
  const text = "é€😀\n".repeat(20_000);
  for (let part = 0; part < text.length; part += 997) {
    file.write(text.slice(part, part + 997 + (part + 997 === 0 ? 1 : 0)));
  }
  equal(file.size(), new TextEncoder().encode(files.readText("a/b/one")).length);
  files.writeAtomic("a/two", new Uint8Array([104, 105]));
  deepEqual(files.list("a"), ["b", "two"]);
  files.rename("a/two", "a/b/two");
  equal(files.readText("./a/b/two"), "hi");
  files.truncate("a/b/two", 1);
  equal(files.readText("a/b/two"), "h");
  files.remove("a/b/two");
  ok(!files.exists("a/b/two") && files.exists("a/b"));
  throws(() => files.readText("a/b/two"), Deno.errors.NotFound);
  throws(() => files.list("nowhere"), Deno.errors.NotFound);
});

Deno.test("[virtual] asleep: nothing happens, then everything that came, in order; wall time went on", () => {
  const stops = new Set<boolean>();
  for (let seed = 1; seed <= 12; seed++) {
    const platform = platformOf({ seed });
    const { clock, http } = platform.newProcess();
    const got: string[] = [];
    clock.after(100, () => got.push("timer"));
    http.request({ ...REQUEST, url: "https://venue.test/v5/x" }, (outcome) => got.push(outcome.kind));
    clock.after(6_000, () => got.push("late timer"));
    platform.inject("suspend", { durationMs: 60_000 });
    platform.run(T0 + 59_999);
    deepEqual(got, []);
    platform.run(T0 + 60_000);
    deepEqual(got, ["timer", "reply", "late timer"]);
    equal(clock.wallNow(), T0 + 60_000);
    stops.add(clock.monotonicNow() === 0);
  }
  equal(stops.size, 2, "monotonic time stands still on some machines only");
});

Deno.test("[virtual] what came due in sleep can still be cancelled by what came before it", () => {
  const platform = platformOf();
  const { clock } = platform.newProcess();
  const got: string[] = [];
  clock.after(100, () => {
    got.push("first");
    clock.cancel(second);
  });
  const second = clock.after(200, () => got.push("second"));
  clock.after(300, () => got.push("third"));
  platform.inject("suspend", { durationMs: 60_000 });
  platform.run(T0 + 60_000);
  deepEqual(got, ["first", "third"]);
});

Deno.test("[virtual] clock step and drift move the wall clock, not the monotonic one, and are healed", () => {
  const platform = platformOf();
  const { clock } = platform.newProcess();
  platform.inject("clock_step", { durationMs: 60_000 });
  const step = clock.wallNow() - T0;
  ok(Math.abs(step) >= 1_100 && Math.abs(step) <= 1_600);
  platform.run(T0 + 60_000);
  equal(clock.wallNow(), T0 + 60_000);
  platform.inject("clock_drift", { durationMs: 3_600_000 });
  platform.run(T0 + 60_000 + 3_599_999);
  const drift = Math.abs(clock.wallNow() - platform.clock.now());
  ok(drift >= 150 && drift <= 1_900, `${drift} ms`);
  equal(clock.monotonicNow(), 3_659_999);
  platform.run(T0 + 3_660_000);
  equal(clock.wallNow(), platform.clock.now());
});

/** Everything a small process sees in an hour of faults. */
function story(seed: number): string {
  const seen: string[] = [];
  const platform = platformOf({
    seed,
    connectVenue: echo(seen),
    faults: {
      rates: {
        request_lost: 0.1,
        reply_lost: 0.1,
        frame_dropped: 0.1,
        disconnect: 20,
        suspend: 2,
        process_kill: 4,
        clock_step: 5,
      },
    },
    onFault: (fault) => seen.push(JSON.stringify(fault)),
    onProcessDown: () => platform.clock.at(platform.clock.now() + 2_000, boot),
  });
  function boot(): void {
    const { clock, http, sockets, random } = platform.newProcess();
    const note = (text: string): void => void seen.push(`${clock.wallNow()} ${text} ${random.next()}`);
    const dial = (): void => {
      const socket = sockets.open("wss://venue.test/private", {
        onOpen: () => socket.send("order 1"),
        onText: note,
        onClose: () => clock.after(1_000, dial),
      });
    };
    const ask = (): void => {
      http.request({ ...REQUEST, url: "https://venue.test/v5/x" }, (outcome) => note(outcome.kind));
      clock.after(5_000, ask);
    };
    dial();
    ask();
  }
  boot();
  platform.run(T0 + 3_600_000);
  return seen.join("\n");
}

Deno.test("[F-3.3] one seed tells one story, faults included; another seed another", () => {
  const first = story(3);
  ok(first.includes("process_kill") && first.includes("disconnect") && first.includes("request_lost"));
  equal(story(3), first);
  ok(story(4) !== first);
});

Deno.test("[virtual] the signer signs as the simulated venue checks, and answers at once", () => {
  const process = platformOf().newProcess();
  let hex = "";
  process.signer("secret").sign("1600000000000key5000a=b", (signature) => hex = signature);
  equal(hex, simulatedSigner("secret")("1600000000000key5000a=b"));
});
