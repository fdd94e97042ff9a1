/** Every rule of the constitution and every key of the policy has a test whose title names it. */
import { strict as assert } from "node:assert";
import { none } from "./source.ts";
import { definedIds, names, pending, policyKeys, proves, ruleIds, sequences, testTitles } from "./traceability.ts";

// Read before any test begins: what a loaded module opens for good is no leak of the test that looks at its titles.
const { broken, titles } = await testTitles();

Deno.test("ids, keys and titles are read as they are written", () => {
  assert.deepEqual(definedIds("- **F-1.1** One\n| F-1.10 | entry |\n| SR-2 | x |\n## P-3 Stages (see F-9.9)"), [
    "F-1.1",
    "F-1.10",
    "SR-2",
    "P-3",
  ]);
  assert.deepEqual(definedIds("## F-9 Breaker\n## F-2 Invariants\n**F-2.1** x"), ["F-2.1", "F-9"]);
  assert.equal(proves("[F-1.1] one door", "F-1.1"), true);
  assert.equal(proves("[F-1.10 F-2.1] fill", "F-1.1"), false);
  assert.equal(proves("[F-1.10, F-2.1] fill", "F-2.1"), true);
  assert.equal(proves("observer (F-2.1) fires", "F-2.1"), false);
  assert.equal(proves("[P-10] fees", "P-1"), false);
  assert.equal(names("stop_debounce_s at 2", "stop_debounce_s"), true);
  assert.ok(policyKeys().includes("cooldown_min") && !policyKeys().includes("safety"));
});

Deno.test("every test file can be read for its titles", () => {
  none(broken, "Test files load");
});

Deno.test("no rule id was lost from the documents", () => {
  none(ruleIds().lost, "Rules stand in docs/constitution/flow.md and docs/specs/account_builder_policy.md");
});

Deno.test("every rule id is named by the title of a test, or is pending with its owner", () => {
  const { ids } = ruleIds();
  assert.ok(ids.length >= 150, `only ${ids.length} rule ids found`);
  const waiting = pending();
  none(ids.filter((id) => !waiting.has(id) && !titles.some((title) => proves(title, id))), "Rules have a test");
});

Deno.test("every sequence of F-14 is the title of a test, word for word", () => {
  const wanted = sequences();
  assert.ok(wanted.length >= 26, `only ${wanted.length} sequences`);
  const said = titles.map((title) => title.toLowerCase());
  none(wanted.filter((one) => !said.some((title) => title.includes(one.toLowerCase()))), "Sequences have a test");
});

Deno.test("every policy key is named by the title of a test, or is pending with its owner", () => {
  const waiting = pending();
  const missing = policyKeys().filter((key) => !waiting.has(key) && !titles.some((title) => names(title, key)));
  none(missing, "Policy keys have a test");
});

Deno.test("the pending list names only rules and keys that exist", () => {
  const known = new Set([...ruleIds().ids, ...policyKeys()]);
  none([...pending().keys()].filter((id) => !known.has(id)), "Pending ids exist");
});
