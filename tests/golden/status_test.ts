/** `abot status` as text, at 60, 80 and 120 columns (reviewed as a diff). */
import { strict as assert } from "node:assert";
import { screens } from "../support/screens.ts";

Deno.test("[F-13.5] golden: status of a flat, trading, unprotected, halted and stopped bot", () => {
  assert.equal(screens().join("\n") + "\n", Deno.readTextFileSync("tests/golden/status.txt"));
});

Deno.test("[F-13.5] golden: no line of status is wider than the terminal", () => {
  let columns = 0;
  for (const line of screens()) {
    columns = Number(/^## .*, (\d+) columns/.exec(line)?.[1] ?? columns);
    if (!line.startsWith("##")) assert.ok(line.length <= columns, `${columns}: ${line}`);
  }
});

Deno.test("[F-13.5] golden: status announces no buy while a gate refuses or after a shutdown", () => {
  const text = screens().join("\n");
  const stopped = text.slice(text.indexOf("## stopped, 80"), text.indexOf("## stopped, 120"));
  assert.doesNotMatch(stopped, /buys at|sells at/);
  assert.match(stopped, /Nothing new is traded until it is started again/);
});

Deno.test("[F-13.5] golden: a flat bot whose market is too quiet names the gate before the lines of its grid", () => {
  const text = screens().join("\n");
  const quiet = text.slice(text.indexOf("## quiet, 120"), text.indexOf("## trade, 60"));
  assert.match(quiet, /^next {8}No entry now\. Market too quiet: the daily range is [\d.]+ %, it needs 50 %\./m);
});
