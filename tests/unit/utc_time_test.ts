import assert from "node:assert/strict";
import fc from "fast-check";
import { timeText, utcTimeOf } from "../../src/common/text.ts";

Deno.test("[F-13.5] a day or time is read in UTC, in whatever zone the machine stands, with or without Z", () => {
  const noon = Date.UTC(2021, 0, 11, 12, 30);
  for (const text of ["2021-01-11T12:30", "2021-01-11T12:30Z", "2021-01-11T12:30:00", "2021-01-11T12:30:00Z"]) {
    assert.equal(utcTimeOf(text), noon, text);
  }
  assert.equal(utcTimeOf("2021-01-11"), Date.UTC(2021, 0, 11));
  fc.assert(fc.property(fc.integer({ min: 0, max: 4_102_444_799 }), (second) => {
    const text = timeText(second * 1000).replace(" ", "T");
    assert.equal(utcTimeOf(text), second * 1000);
    assert.equal(utcTimeOf(text.slice(0, -1)), second * 1000);
  }));
});

Deno.test("[F-13.5] days and times that do not exist, and anything behind or before a time, are none", () => {
  const days = ["2021-02-29", "2021-02-30", "2021-04-31", "2021-13-01", "2021-00-10", "2021-01-00", "2021-01-32"];
  const times = ["T24:00Z", "T23:60Z", "T12:00:60Z", "T12Z", "T12:00:00.5Z", "T12:00+01:00", "T", "Z", " 12:00"];
  const rubbish = ["2021-01-11 (a comment)", "2021-01-11T00:00Z rubbish", " 2021-01-11", "2021-1-11", "now", ""];
  for (const text of [...days, ...times.map((time) => `2021-01-11${time}`), ...rubbish]) {
    assert.equal(utcTimeOf(text), null, text);
  }
  assert.equal(utcTimeOf("2020-02-29"), Date.UTC(2020, 1, 29));
});
