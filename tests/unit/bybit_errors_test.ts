import assert from "node:assert/strict";
import type { Outcome } from "../../src/domain/events.ts";
import { classify } from "../../src/infrastructure/exchange/bybit/classify.ts";
import { ENDPOINTS } from "../../src/infrastructure/exchange/bybit/venue_words.ts";
import { code, status } from "./bybit_kit.ts";

/** What a code means for an order request and for a read; `=` the same. The venue's table, row by row (PROTOCOL §5). */
const TABLE = `
  code     order                  read
  -1       refused clock          =
  429      unknown rate_limit     =
  10000    unknown server         =
  10001    refused parameter      =
  10002    refused clock          =
  10003    refused credentials    =
  10004    refused credentials    =
  10005    refused credentials    =
  10006    unknown rate_limit     refused rate_limit
  10007    refused permission     =
  10008    refused permission     =
  10009    refused permission     =
  10010    refused permission     =
  10014    refused duplicate_id   =
  10016    unknown server         =
  10017    refused parameter      =
  10018    unknown rate_limit     refused rate_limit
  10019    unknown server         =
  10024    refused permission     =
  10027    refused permission     =
  10028    refused permission     =
  10029    refused permission     =
  10032    refused permission     =
  10403    unknown rate_limit     refused rate_limit
  10429    unknown rate_limit     refused rate_limit
  20003    unknown rate_limit     refused rate_limit
  10404    refused parameter      =
  20001    refused not_modified   =
  20006    refused duplicate_id   =
  33004    refused credentials    =
  30208    refused price          =
  30209    refused price          =
  30228    refused symbol_state   =
  34036    refused not_modified   =
  34040    refused not_modified   =
  40004    unknown server         =
  100028   refused permission     =
  110001   refused order_gone     =
  110003   refused price          =
  110004   refused margin         =
  110005   refused not_now        =
  110006   refused margin         =
  110007   refused margin         =
  110008   refused order_gone     =
  110009   refused too_many_conditional =
  110010   refused order_gone     =
  110011   refused margin         =
  110012   refused margin         =
  110013   refused risk_tier      =
  110014   refused margin         =
  110015   refused margin_mode    =
  110017   refused reduce_only    =
  110018   refused parameter      =
  110019   refused parameter      =
  110020   refused parameter      =
  110021   refused quantity       =
  110022   refused quantity       =
  110023   refused symbol_state   =
  110024   refused parameter      =
  110025   refused not_modified   =
  110026   refused not_modified   =
  110027   refused not_modified   =
  110028   refused parameter      =
  110029   refused parameter      =
  110031   refused risk_tier      =
  110032   refused parameter      =
  110033   refused reduce_only    =
  110034   refused reduce_only    =
  110035   refused not_now        =
  110036   refused margin_mode    =
  110038   refused margin_mode    =
  110039   refused margin         =
  110040   refused margin         =
  110042   refused symbol_state   =
  110043   refused not_modified   =
  110044   refused margin         =
  110045   refused margin         =
  110046   refused margin         =
  110047   refused margin         =
  110048   refused risk_tier      =
  110051   refused margin         =
  110052   refused margin         =
  110053   refused margin         =
  110054   refused parameter      =
  110055   refused parameter      =
  110056   refused parameter      =
  110057   refused parameter      =
  110058   refused parameter      =
  110059   refused parameter      =
  110060   refused parameter      =
  110061   refused parameter      =
  110063   refused symbol_state   =
  110064   refused quantity       =
  110066   refused symbol_state   =
  110072   refused duplicate_id   =
  110073   refused permission     =
  110074   refused symbol_state   =
  110077   refused margin_mode    =
  110079   refused not_now        =
  110085   refused risk_tier      =
  110086   refused risk_tier      =
  110089   refused risk_tier      =
  110090   refused risk_tier      =
  110092   refused wrong_trigger_side =
  110093   refused wrong_trigger_side =
  110094   refused quantity       =
  110101   refused permission     =
  110102   refused permission     =
  110118   refused not_now        =
  110120   refused price          =
  110121   refused price          =
  110123   refused permission     =
  110124   refused permission     =
  110125   refused permission     =
  110131   refused margin         =
  110132   refused permission     =
  170001   unknown server         =
  170005   unknown server         =
  170007   unknown server         =
  170032   unknown server         =
  170131   unknown server         refused other
  182100   refused permission     =
  3400139  refused risk_tier      =
  3400045  refused permission     =
  500000   unknown server         =
  999999   unknown server         refused other
`;
const HTTP = `
  403      refused rate_limit     =
  404      refused parameter      =
  429      unknown rate_limit     =
  500      unknown server         =
  502      unknown server         =
  503      unknown server         =
  301      unknown unreadable     =
  400      unknown unreadable     =
  200      unknown unreadable     =
`;

function rows(table: string): [number, string, string][] {
  return table.trim().split("\n").filter((line) => /^\s*-?\d/.test(line)).map((line) => {
    const [number, ...words] = line.trim().split(/\s+/);
    const order = words.slice(0, 2).join(" ");
    return [Number(number), order, words[2] === "=" ? order : words.slice(2).join(" ")];
  });
}
function said(outcome: Outcome): string {
  return outcome.kind === "refused"
    ? `refused ${outcome.refusal.cause}`
    : outcome.kind === "unknown"
    ? `unknown ${outcome.cause}`
    : outcome.kind;
}

Deno.test("[F-10.4] [F-9] every code of the venue's table classifies as written, for orders and for reads", () => {
  const table = rows(TABLE);
  assert.ok(table.length > 115, `${table.length} rows`);
  for (const [number, order, read] of table) {
    for (const endpoint of [ENDPOINTS.create, ENDPOINTS.amend, ENDPOINTS.cancel]) {
      const verdict = classify(code(number), endpoint);
      assert.equal(said(verdict.outcome), order, `${number} on ${endpoint.name}`);
      assert.equal(verdict.code, number);
    }
    assert.equal(said(classify(code(number), ENDPOINTS.position).outcome), read, `${number} on a read`);
    assert.equal(said(classify(code(number), ENDPOINTS.leverage).outcome), read, `${number} on a setting`);
  }
});

Deno.test("[F-10.4] [F-7.14] HTTP status is judged before the body", () => {
  for (const [number, order, read] of rows(HTTP)) {
    assert.equal(said(classify(status(number), ENDPOINTS.create).outcome), order, `HTTP ${number} on an order`);
    assert.equal(said(classify(status(number), ENDPOINTS.wallet).outcome), read, `HTTP ${number} on a read`);
  }
  const body = '{"retCode":0,"retMsg":"OK","result":{"orderId":"x"}}';
  assert.equal(said(classify(status(503, body), ENDPOINTS.create).outcome), "unknown server");
  assert.equal(said(classify(status(400, body), ENDPOINTS.create).outcome), "unknown unreadable");
  assert.equal(said(classify(status(400, '{"retCode":10001}'), ENDPOINTS.create).outcome), "refused parameter");
});

Deno.test("[F-10.4] bodies that are no reply leave the outcome unknown", () => {
  for (const body of ["", "null", "[]", "{}", '"x"', '{"retCode":"0"}', '{"retCode":1.5}', "<html>"]) {
    assert.equal(said(classify(status(200, body), ENDPOINTS.create).outcome), "unknown unreadable", body);
  }
});

Deno.test("[F-10.4] transport: only a connection that was never made proves that nothing was sent", () => {
  const failed = (cause: "timeout" | "lost" | "redirect" | "refused") =>
    said(classify({ kind: "failed", cause, message: "" }, ENDPOINTS.create).outcome);
  assert.deepEqual([failed("timeout"), failed("lost"), failed("redirect"), failed("refused")], [
    "unknown timeout",
    "unknown lost",
    "unknown unreadable",
    "notSent",
  ]);
});

Deno.test("[F-7.15] [F-12.5] credential refusals say what to do and never echo the venue's text", () => {
  const echo = "error sign! origin_string[1700000000000bYbItTeStKey00000x5000{...}]";
  for (const number of [10003, 10004, 10005, 33004, 10010]) {
    const body = JSON.stringify({ retCode: number, retMsg: echo, result: {} });
    const { outcome } = classify({ kind: "reply", status: 200, headers: {}, body }, ENDPOINTS.wallet);
    assert.ok(outcome.kind === "refused");
    assert.ok(!outcome.refusal.message.includes("bYbItTeStKey"), outcome.refusal.message);
    assert.match(outcome.refusal.message, /key|secret|address/);
  }
});
