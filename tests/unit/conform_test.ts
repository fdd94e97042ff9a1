import { deepEqual, equal, match, ok } from "node:assert/strict";
import { compareWith, conform, type ConformIo, fakeVenueFacts } from "../../src/programs/simulator/conformance/mod.ts";
import { readRecordings } from "../../src/programs/simulator/conformance/recordings.ts";
import { EXIT } from "../../src/common/exit_codes.ts";

type Heard = { readonly io: ConformIo; readonly out: string[]; readonly error: string[] };
function heard(files: Readonly<Record<string, string>>): Heard {
  const out: string[] = [];
  const error: string[] = [];
  const io = {
    filesBelow(directory: string) {
      if (directory !== "rec") throw new Error(`No such file or directory: ${directory}`);
      return Object.keys(files);
    },
    readText: (path: string) => files[path] ?? "",
    out: (line: string) => void out.push(line),
    error: (line: string) => void error.push(line),
  };
  return { io, out, error };
}
/** What two seeds of the fake venue say; enough for orders and sessions. */
const KNOWN = fakeVenueFacts(2);
const REC = { directory: "rec", known: () => KNOWN };

function line(entry: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({ at: 1, ...entry });
}
function told(topic: string, data: readonly unknown[]): string {
  return line({ way: "in", stream: "private", text: JSON.stringify({ topic, data }) });
}
function order(status: string, more: Readonly<Record<string, string>> = {}): string {
  const row = { symbol: "BTCUSD", orderLinkId: "a", orderType: "Limit", timeInForce: "PostOnly", triggerPrice: "" };
  return told("order", [{ ...row, orderStatus: status, ...more }]);
}
function findings(lines: readonly string[]): readonly string[] {
  const recordings = readRecordings([{ path: "wire.jsonl", text: lines.join("\n") }], []);
  return compareWith(KNOWN, recordings).findings.map(({ text, first }) => `${text} @${first}`);
}
/** Without what these short rows lack for the parser. */
function orderFindings(lines: readonly string[]): readonly string[] {
  return findings(lines).filter((text) => /order path|message order/.test(text));
}

Deno.test("[F-4.8] conform names a field, a type, a word and a code that the fake venue does not know, each once", () => {
  const reply = (result: unknown, retCode = 0) =>
    line({
      way: "in",
      rest: "GET /v5/market/time",
      status: 200,
      headers: {},
      body: JSON.stringify({ retCode, retMsg: "OK", result, retExtInfo: {}, time: 1 }),
    });
  const time = { timeSecond: "1", timeNano: "1000000000000000000" };
  deepEqual(findings([reply(time)]), []);
  deepEqual(findings([reply(time), reply({ ...time, zone: { name: "UTC" } }), reply({ ...time, zone: 1 })]), [
    "not from the fake: GET /v5/market/time: field result.zone @wire.jsonl:2",
  ]);
  deepEqual(findings([reply({ ...time, timeSecond: 1 })]), [
    "not from the fake: GET /v5/market/time: result.timeSecond as number @wire.jsonl:1",
  ]);
  deepEqual(findings([reply({}, 19999)]), ["not from the fake: code 19999 @wire.jsonl:1"]);
  const word = findings([order("Parked")]);
  ok(word.includes('not from the fake: topic order: data[].orderStatus = "Parked" @wire.jsonl:1'), word.join("\n"));
});

Deno.test("[F-4.8] conform names status paths and message orders that the fake venue does not go", () => {
  deepEqual(orderFindings([order("New"), order("PartiallyFilled"), order("Filled")]), []);
  deepEqual(orderFindings([order("New"), order("Filled"), order("New")]), [
    "not from the fake: order path: Limit PostOnly goes Filled > New @wire.jsonl:3",
    "not from the fake: message order: order Filled > order New @wire.jsonl:3",
  ]);
  const fill = told("execution", [{ symbol: "BTCUSD", orderLinkId: "a", execType: "Trade" }]);
  deepEqual(orderFindings([fill, order("Filled")]), [
    "not from the fake: order path: Limit PostOnly goes start > Filled @wire.jsonl:2",
  ]);
  deepEqual(orderFindings([order("Rejected"), fill]), [
    "not from the fake: message order: order Rejected > execution Trade @wire.jsonl:2",
  ]);
});

Deno.test("[F-4.7] conform sees data that comes before the handshake allows it", () => {
  const say = (way: "in" | "out", frame: unknown) => line({ way, stream: "private", text: JSON.stringify(frame) });
  const start = [
    say("out", { op: "auth", args: [] }),
    say("in", { success: true, ret_msg: "", op: "auth", conn_id: "x" }),
    say("out", { op: "subscribe", args: ["order"] }),
    say("in", { success: true, ret_msg: "", op: "subscribe", conn_id: "x", req_id: "s1" }),
  ];
  deepEqual(orderFindings([...start, order("New")]), []);
  deepEqual(orderFindings([...start.slice(0, 1), order("New")]), [
    "not from the fake: message order: first topic order after op auth sent @wire.jsonl:2",
  ]);
});

Deno.test("[F-4.8] conform reports what the parser cannot read, and leaves other markets alone", () => {
  const wallet = told("wallet", [{ accountType: "UNIFIED", coin: [{ coin: "BTC", walletBalance: "a lot" }] }]);
  const faults = findings([wallet, order("New", { symbol: "ETHUSD" })]).filter((text) => text.startsWith("parser: "));
  equal(faults.length, 1, faults.join("\n"));
  match(faults[0] ?? "", /^parser: wallet: Cannot read .*walletBalance.*a lot.* @wire\.jsonl:1$/);
});

Deno.test("[cli] conform reads samples and ends with a count; bad input is one line with its place", () => {
  const sample = JSON.stringify({ retCode: 110043, retMsg: "Set leverage not modified", result: {}, retExtInfo: {} });
  const fine = heard({ "rec/rest_set-leverage_again.json": sample, "rec/notes.txt": "no recording" });
  equal(conform(fine.io, REC), EXIT.ok);
  deepEqual(fine.out, [
    "0 findings in 1 messages: 0 not from the fake, 0 not read by the parser; the bot reads nothing from 1",
  ]);
  const collected = JSON.stringify({ "ws_pong_new.json": { payload: { op: "pong", mood: "good", _note: "x" } } });
  const odd = heard({ "rec/samples.json": collected });
  equal(conform(odd.io, REC), EXIT.no);
  deepEqual(odd.out[0], "not from the fake: op pong: field mood (rec/samples.json, ws_pong_new.json)");
});

Deno.test("[cli] what conform cannot read is one line with its place", () => {
  const cases: readonly (readonly [Readonly<Record<string, string>>, string, RegExp])[] = [
    [{}, "none", /^Cannot read none: No such file/],
    [{ "rec/a.txt": "" }, "rec", /^Cannot find a recording in rec: expected wire logs/],
    [
      { "rec/w.jsonl": `${line({ way: "in", stream: "public", text: "{}" })}\n{"cut":\n{}` },
      "rec",
      /w\.jsonl:2: expected/,
    ],
    [{ "rec/w.jsonl": line({ way: "up" }) }, "rec", /w\.jsonl:1: way: expected "in" or "out", got "up"/],
    [
      { "rec/w.jsonl": line({ way: "in", rest: "GET /x", status: "200" }) },
      "rec",
      /w\.jsonl:1: status: expected a number/,
    ],
    [{ "rec/ws_a_b.json": '{\n"a": 1,\n]' }, "rec", /^Cannot read rec\/ws_a_b\.json:3: not JSON$/],
    [{ "rec/rest_a_b.json": "[]" }, "rec", /rest_a_b\.json: expected one JSON object/],
  ];
  for (const [files, directory, expected] of cases) {
    const { io, out, error } = heard(files);
    equal(conform(io, { directory, known: () => KNOWN }), EXIT.files);
    deepEqual(out, []);
    equal(error.length, 1);
    match(error[0] ?? "", expected);
  }
});
