import assert from "node:assert/strict";
import { conform, fakeVenueFacts } from "../../src/programs/simulator/conformance/mod.ts";
import { openWireLog } from "../../src/programs/trader/wire_log_files.ts";
import { createRedactor } from "../../src/infrastructure/logging/redactor.ts";
import { FaultFiles } from "../support/fault_files.ts";
import { Bench, entry, KEY, ok, SECRET } from "./bybit_kit.ts";

const REDACTOR = createRedactor([KEY, SECRET]);

Deno.test("[F-12.5] --wire-log DIR: conform reads what the bot writes there, a file a day, without secrets", () => {
  const files = new FaultFiles();
  let write: (line: string) => void = () => undefined;
  const bench = new Bench({ wireLog: (line) => write(line) });
  const wire = openWireLog({ platform: { ...bench.platform, files }, directory: "data/seen", redactor: REDACTOR });
  write = wire.write;
  bench.ready();
  bench.adapter.send(entry());
  bench.take("/v5/order/create").answer(ok({ orderId: "o", orderLinkId: "grid_a3f8d2e1c4_l_Buy" }));
  bench.clock.move(86_400_000);
  wire.write(
    JSON.stringify({ at: bench.clock.wall, way: "in", stream: "public", text: `{"op":"pong","x":"${SECRET}"}` }),
  );
  wire.close();
  assert.deepEqual(files.list("data/seen"), ["wire-2026-09-25.jsonl", "wire-2026-09-26.jsonl"]);
  const paths = files.list("data/seen").map((name) => `data/seen/${name}`);
  const text = paths.map((path) => files.readText(path)).join("");
  assert.ok(!text.includes(SECRET) && !text.includes(KEY));
  assert.ok(text.includes("POST /v5/order/create"));
  const out: string[] = [];
  const error: string[] = [];
  conform({
    filesBelow: () => paths,
    readText: (path) => files.readText(path),
    out: (line) => out.push(line),
    error: (line) => error.push(line),
  }, { directory: "data/seen", known: () => fakeVenueFacts(1) });
  assert.deepEqual(error, []);
  assert.match(out.at(-1) ?? "", /^\d+ findings in [1-9]\d+ messages: .* 0 not read by the parser/);
});

Deno.test("[F-12.1] --wire-log DIR: a folder that cannot be written is one line with what, where and expected", () => {
  const { platform } = new Bench();
  const lineFor = (failure: Error): string => {
    const files = new FaultFiles();
    files.fault = () => {
      throw failure;
    };
    try {
      openWireLog({ platform: { ...platform, files }, directory: "/elsewhere", redactor: REDACTOR });
    } catch (error) {
      return error instanceof Error ? error.message : "";
    }
    return "no error";
  };
  const denied = Object.assign(new Error("Requires write access, run again with --allow-write"), {
    name: "NotCapable",
  });
  assert.equal(
    lineFor(denied),
    "Cannot write the wire log to /elsewhere: this program writes only below data of where it is started; " +
      "expected a folder such as data/wire",
  );
  assert.equal(
    lineFor(new Error("Not a directory (os error 20)")),
    "Cannot write the wire log to /elsewhere: Not a directory (os error 20); expected a folder such as data/wire",
  );
});
