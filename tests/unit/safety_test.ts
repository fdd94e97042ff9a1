/** Lock-out, kill switch and control files, without any permission. */
import assert from "node:assert/strict";
import type { Event } from "../../src/domain/events.ts";
import { epochMs } from "../../src/domain/units.ts";
import {
  takeAnswer,
  takeRequests,
  withdrawRequest,
  writeRequest,
} from "../../src/infrastructure/safety/control_files.ts";
import { watchKillSwitch } from "../../src/infrastructure/safety/kill_switch.ts";
import { auditPermissions, type Permission } from "../../src/infrastructure/safety/permission_audit.ts";
import { ENVIRONMENT, permissionFlags, VENUE_HOSTS } from "../../src/infrastructure/safety/permissions.ts";
import { ROLLBACK, rollbackProtocol } from "../../src/views/halt_words.ts";
import { FaultFiles } from "../support/fault_files.ts";
import { ManualClock } from "../support/manual_clock.ts";

function world(extra: (permission: Permission) => boolean, variables: Readonly<Record<string, string>> = {}) {
  const shipped = (permission: Permission) => {
    switch (permission.name) {
      case "net":
        return VENUE_HOSTS.some((host) => host === permission.host);
      case "env":
        return ENVIRONMENT.some((name) => name === permission.variable);
      case "read":
        return permission.path === "config" || permission.path === "data";
      case "write":
        return permission.path === "data";
      default:
        return false;
    }
  };
  return {
    granted: (permission: Permission) => shipped(permission) || extra(permission),
    variable: (name: string) => variables[name],
  };
}
const nothing = () => false;

Deno.test("[F-12.1 F-12.2] auditPermissions() accepts exactly the shipped flags", () => {
  assert.deepEqual(auditPermissions(world(nothing)), { refusals: [], announcements: [] });
});

Deno.test("[F-12.2] auditPermissions() names every permission that is too wide and the flag to use instead", () => {
  const net = permissionFlags().find((flag) => flag.startsWith("--allow-net"));
  assert.equal(net, "--allow-net=api-testnet.bybit.com,stream-testnet.bybit.com");
  for (const name of ["net", "read", "write", "env"] as const) {
    const whole = (asked: Permission) => asked.name === name;
    const instead = permissionFlags().find((flag) => flag.startsWith(`--allow-${name}=`));
    assert.deepEqual(auditPermissions(world(whole)).refusals, [
      `Cannot start as F-12.2 forbids --allow-${name} without a list: replace it by ${instead}`,
    ]);
  }
  for (const name of ["run", "ffi", "sys"] as const) {
    assert.deepEqual(auditPermissions(world((asked) => asked.name === name)).refusals, [
      `Cannot start as F-12.2 forbids --allow-${name}: remove it`,
    ]);
  }
  for (const host of ["api.bybit.com", "stream.bybit.com", "api.bytick.com", "example.com", "1.1.1.1", "127.0.0.1"]) {
    const one = (asked: Permission) => asked.name === "net" && asked.host === host;
    assert.deepEqual(auditPermissions(world(one)).refusals, [
      `Cannot start as F-12.1 allows two hosts only and ${host} could be reached: replace --allow-net by ${net}`,
    ]);
  }
});

Deno.test("[F-12.2] auditPermissions() asks for what is missing by the exact flag", () => {
  const bare = { granted: nothing, variable: () => undefined };
  const flags = auditPermissions(bare).refusals.map((line) => line.slice(line.lastIndexOf("add ") + 4));
  assert.deepEqual(flags, permissionFlags().filter((flag) => flag !== "--no-prompt"));
});

Deno.test("[F-12.7] auditPermissions() refuses proxies, exporters, key logs and weaker TLS, and announces extra trust", () => {
  const refused = [
    ["HTTPS_PROXY", "http://10.0.0.1:3128"],
    ["all_proxy", "socks5://x"],
    ["OTEL_DENO", "true"],
    ["OTEL_EXPORTER_OTLP_ENDPOINT", "http://x"],
    ["SSLKEYLOGFILE", "/x"],
    ["NODE_TLS_REJECT_UNAUTHORIZED", "0"],
  ] as const;
  for (const [name, value] of refused) {
    assert.deepEqual(auditPermissions(world(nothing, { [name]: value })).refusals, [
      `Cannot start as F-12.7 allows no proxy, exporter or weaker TLS: unset ${name}`,
    ]);
  }
  const off = { HTTPS_PROXY: "", OTEL_DENO: "false", NODE_TLS_REJECT_UNAUTHORIZED: "1" };
  assert.deepEqual(auditPermissions(world(nothing, off)).refusals, []);
  const trusted = auditPermissions(world(nothing, { DENO_CERT: "ca.pem" }));
  assert.deepEqual(trusted, {
    refusals: [],
    announcements: ["DENO_CERT is set: certificates beyond the built-in ones are trusted (F-12.7)"],
  });
});

function rig() {
  const files = new FaultFiles();
  const clock = new ManualClock(1_700_000_000_000);
  const events: Event[] = [];
  const troubles: string[] = [];
  const watch = watchKillSwitch({
    files,
    clock,
    dataDir: "data",
    serverNow: () => epochMs(clock.wallNow()),
    submit: (event) => events.push(event),
    onTrouble: (line) => troubles.push(line),
  });
  return { files, clock, events, troubles, watch };
}

Deno.test("[F-13.1] watchKillSwitch() tells of KILL within one tick, when it goes, and once at the start", () => {
  const { files, clock, events, watch } = rig();
  clock.pass(1000);
  files.writeAtomic("data/KILL", "");
  clock.pass(1000);
  clock.pass(5000);
  files.remove("data/KILL");
  clock.pass(1000);
  assert.deepEqual(events.map((event) => event.kind === "KillSwitch" && event.present), [false, true, false]);
  watch.stop();
  files.writeAtomic("data/KILL", "");
  clock.pass(5000);
  assert.equal(events.length, 3);
});

Deno.test("[F-13.6] watchKillSwitch() hands requests to the core once and gives its answer back", () => {
  const { files, clock, events, watch } = rig();
  const request = { id: "r1", command: "reset", reason: "seen", accept: true, asked_at_ms: clock.wallNow() } as const;
  writeRequest({ files, dataDir: "data" }, request);
  clock.pass(1000);
  clock.pass(1000);
  const commands = events.filter((event) => event.kind === "OperatorCommand");
  assert.equal(commands.length, 1);
  assert.deepEqual(commands[0], {
    kind: "OperatorCommand",
    at: commands[0]?.at,
    id: "r1",
    command: "reset",
    reason: "seen",
    accept: true,
  });
  assert.equal(takeAnswer({ files, dataDir: "data" }, "r1"), null);
  const intent = { kind: "Answer", id: "r1", ok: true, text: "lifted" } as const;
  watch.answer(intent);
  assert.deepEqual(takeAnswer({ files, dataDir: "data" }, "r1"), { id: "r1", ok: true, text: "lifted" });
  assert.equal(takeAnswer({ files, dataDir: "data" }, "r1"), null);
});

Deno.test("[F-13.6] takeRequests() answers what it cannot read or what is too old, and carries neither out", () => {
  const { files, clock } = rig();
  const now = { wallMs: clock.wallNow() };
  files.makeDirectory("data/control");
  files.writeAtomic("data/control/a.request.json", "{");
  files.writeAtomic("data/control/b.request.json", '{"id":"other","command":"halt","reason":"","accept":false}');
  writeRequest({ files, dataDir: "data" }, {
    id: "c",
    command: "close",
    reason: "",
    accept: false,
    asked_at_ms: now.wallMs - 61_000,
  });
  files.writeAtomic("data/control/note.txt", "a foreign file");
  assert.deepEqual(takeRequests({ files, dataDir: "data" }, now), { requests: [], stuck: [] });
  assert.equal(takeAnswer({ files, dataDir: "data" }, "a")?.text, "the request could not be read");
  assert.equal(takeAnswer({ files, dataDir: "data" }, "b")?.text, "the request could not be read");
  assert.equal(takeAnswer({ files, dataDir: "data" }, "c")?.text, "the request is 61 s old and was not carried out");
  assert.ok(files.exists("data/control/note.txt"));
  writeRequest({ files, dataDir: "data" }, {
    id: "d",
    command: "halt",
    reason: "",
    accept: false,
    asked_at_ms: now.wallMs,
  });
  assert.equal(withdrawRequest({ files, dataDir: "data" }, "d"), true);
  assert.equal(withdrawRequest({ files, dataDir: "data" }, "d"), false);
});

Deno.test("[F-13.6] watchKillSwitch() tells once when the directory cannot be used, and goes on watching", () => {
  const { files, clock, events, troubles } = rig();
  writeRequest({ files, dataDir: "data" }, {
    id: "x",
    command: "halt",
    reason: "",
    accept: false,
    asked_at_ms: clock.wallNow(),
  });
  files.fault = (call) => {
    if (call.op === "remove") throw new Error("disk");
  };
  clock.pass(3000);
  assert.deepEqual(troubles, ["Cannot take the request data/control/x.request.json: disk"]);
  assert.deepEqual(events.map((event) => event.kind), ["KillSwitch"]);
  files.fault = null;
  clock.pass(1000);
  assert.deepEqual(events.map((event) => event.kind), ["KillSwitch", "OperatorCommand"]);
});

Deno.test("[F-13.6] one request that cannot be read holds back no other, is answered, and is told once", () => {
  const { files, clock, events, troubles } = rig();
  const ask = (id: string) =>
    writeRequest({ files, dataDir: "data" }, {
      id,
      command: "close",
      reason: id,
      accept: false,
      asked_at_ms: clock.wallNow(),
    });
  for (const id of ["a", "b", "c"]) ask(id);
  const { readText } = files;
  files.readText = (path) => {
    if (path.endsWith("b.request.json")) throw new Error("Permission denied (os error 13)");
    return readText.call(files, path);
  };
  clock.pass(2_000);
  assert.deepEqual(
    events.flatMap((event) => event.kind === "OperatorCommand" ? [event.id] : []),
    ["a", "c"],
  );
  assert.deepEqual(troubles, [
    "Cannot take the request data/control/b.request.json: Permission denied (os error 13)",
  ]);
  const answer = takeAnswer({ files, dataDir: "data" }, "b");
  assert.match(answer?.text ?? "", /could not read the request: run this as the bot's own user/);
});

Deno.test("[F-13.6] [F-13.1] a folder for requests that is in the way is put aside, and KILL is seen all the same", () => {
  const { files, clock, events, troubles } = rig();
  const { list } = files;
  files.list = (path) => {
    if (path === "data/control" && files.exists("data/control/roots")) throw new Error("Permission denied");
    return list.call(files, path);
  };
  files.rename = (from, to) => {
    files.remove("data/control/roots");
    files.writeAtomic(`${to}/roots`, from);
  };
  files.writeAtomic("data/control/roots", "");
  files.writeAtomic("data/KILL", "");
  clock.pass(1_000);
  assert.ok(files.exists("data/control.unreadable-1/roots"));
  assert.deepEqual(troubles, [
    "data/control could not be read: put aside as data/control.unreadable-1, a new one is in its place",
  ]);
  assert.ok(events.some((event) => event.kind === "KillSwitch" && event.present));
});

Deno.test("[F-13.5] rollbackProtocol() has a cause and an end for every reason, also those with a case", () => {
  for (const [reason, { cause, steps }] of Object.entries(ROLLBACK)) {
    assert.match(cause, /^[A-Z].*[.?]$/, reason);
    assert.match(steps.at(-1) ?? "", /abot reset/, reason);
  }
  assert.equal(rollbackProtocol("startup_check:margin_mode"), ROLLBACK.startup_check);
  assert.equal(rollbackProtocol("invariant_violation:flat_with_quantity"), ROLLBACK.invariant_violation);
  assert.equal(rollbackProtocol("kill_switch"), ROLLBACK.kill_switch);
});
