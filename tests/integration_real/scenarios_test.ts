/** The live rehearsals under the real names: same program, flags and code as against the testnet (kit.ts says what it needs). */
import assert from "node:assert/strict";
import { runInside } from "./kit.ts";

async function expectPasses(names: readonly string[]): Promise<string> {
  const text = await runInside("inside_scenarios.ts", names.join(","));
  for (const name of names) {
    const title = name === "failures"
      ? "no key, a wrong key and no venue"
      : name === "refusal"
      ? "an account that"
      : name;
    assert.ok(text.includes(`PASS ${title}`), text);
  }
  return text;
}

Deno.test("[F-11.4 F-12.5 F-7.10] rehearsals of the link and of orders pass, need a flat account, and fail with their class", async () => {
  const text = await expectPasses(["connect+order+fill+limits+disconnect", "refusal", "failures"]);
  for (
    const answer of ["topicName: plain", "postOnlyRefusal: Cancelled", "flatSide: empty", "frameOrder: order_first"]
  ) {
    assert.ok(text.includes(`observed  ${answer}`), `${answer}\n${text}`);
  }
});

Deno.test("[F-7.7 F-7.21 F-13.6 F-11.5 F-10.7 F-5.1 F-8.3 P-12] rehearsals of the whole bot pass, and a dry run is complete", async () => {
  await expectPasses(["cycle", "restart", "stop", "session-risk", "dry-run"]);
});

Deno.test("[F-1.29] ten trades in sequence, ten of ten", async () => {
  const text = await expectPasses(["ten"]);
  assert.ok(text.includes("cycle 10: closed by"), text);
});
