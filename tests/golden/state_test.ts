import assert from "node:assert/strict";
import { guardedStep } from "../../src/application/guardian/guardian.ts";
import { checkInvariants } from "../../src/application/transition/invariants.ts";
import { initialBot } from "../../src/application/transition/mod.ts";
import { stateReader } from "../../src/bot/state_reader.ts";
import { epochMs } from "../../src/domain/units.ts";
import { migrate, STATE_MIGRATIONS } from "../../src/infrastructure/storage/journal/migrations.ts";
import { readSnapshot, STATE_SCHEMA } from "../../src/infrastructure/storage/journal/snapshots.ts";
import { FaultFiles } from "../support/fault_files.ts";

const DIR = "tests/golden/state";

/** The released states, oldest first. */
function goldens(): readonly { readonly schema: number; readonly text: string }[] {
  return [...Deno.readDirSync(DIR)].flatMap(({ name }) => {
    const schema = /^state-v(\d+)\.jsonl$/.exec(name)?.[1];
    return schema === undefined ? [] : [{ schema: Number(schema), text: Deno.readTextFileSync(`${DIR}/${name}`) }];
  }).sort((a, b) => a.schema - b.schema);
}

function load(text: string) {
  const files = new FaultFiles();
  files.writeAtomic("golden", text);
  const snapshot = readSnapshot(files, "golden");
  if (typeof snapshot === "string") throw new Error(`The golden snapshot ${snapshot}`);
  const { stateSchema } = snapshot.meta;
  const moved = migrate(JSON.parse(snapshot.stateText), {
    from: stateSchema,
    to: STATE_SCHEMA,
    steps: STATE_MIGRATIONS,
  });
  if (moved.kind === "stuck") throw new Error(moved.reason);
  return { meta: snapshot.meta, state: stateReader("dev").parseState(moved.state) };
}

Deno.test("[F-11.7] there is a golden state of every schema up to the present one", () => {
  assert.deepEqual(goldens().map((golden) => golden.schema), Array.from({ length: STATE_SCHEMA }, (_, n) => n + 1));
});

Deno.test("[F-11.7] every released state migrates, keeps its position, and boots without a broken invariant", () => {
  for (const { schema, text } of goldens()) {
    const { meta, state } = load(text);
    assert.equal(meta.stateSchema, schema);
    assert.equal(state.bot.phase.kind, "position");
    assert.deepEqual(checkInvariants(state.bot), []);
    const at = epochMs(state.bot.now + 60_000);
    const boot = { kind: "Boot", at, accountUid: state.bot.accountUid, restart: true, upgraded: true } as const;
    const after = guardedStep(state, boot);
    assert.equal(after.state.bot.phase.kind, "position", "a position is never forgotten");
    assert.deepEqual(checkInvariants(after.state.bot), []);
    assert.ok(after.intents.some((intent) => intent.kind === "QueryPosition"));
  }
});

Deno.test("[F-11.7] a state with other fields than the golden one needs a new schema number", () => {
  const newest = goldens().at(-1);
  const { state } = load(newest?.text ?? "");
  const fresh = initialBot({ config: state.bot.config, accountUid: "1" });
  assert.deepEqual(Object.keys(fresh).sort(), Object.keys(state.bot).sort());
});
