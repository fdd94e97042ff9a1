import { strict as assert } from "node:assert";
import { monthsLater } from "../../src/application/policy/risk/goal.ts";
import { epochMs } from "../../src/domain/units.ts";
import { defaultTestConfig } from "../config_fixture.ts";
import { boot, market, newRig, PRICE, type Rig, skip, START, tick } from "../core_rig.ts";

const refusals = (rig: Rig) => rig.all.flatMap((intent) => (intent.kind === "RefuseStart" ? [intent.line] : []));
const reviews = (rig: Rig) =>
  rig.all.filter((intent) => intent.kind === "Alert" && intent.code === "strategy_review_required").length;
const dryRun = (capital: number) =>
  boot(newRig(defaultTestConfig((own) => {
    own.dry_run = { ...own.dry_run, dry_run: true };
    own.goal.capital_usd = capital;
  })));

Deno.test("[P-12] the first start of a dry run below 99 USD is refused, with 99 it runs", () => {
  assert.match(refusals(dryRun(98.9))[0] ?? "", /P-12 needs 99 USD/);
  assert.equal(dryRun(98.9).bot.goal.startedAt, null);
  assert.deepEqual(refusals(dryRun(100)), []);
  assert.notEqual(dryRun(100).bot.goal.startedAt, null);
});

Deno.test("[P-2] below 200 USD after 12 months the flag strategy_review_required is raised once, and falls with equity", () => {
  const rig = boot(newRig());
  const since = (months: number) => {
    const startedAt = epochMs(2 * START - monthsLater(START, months) - 86_400_000 * 2);
    rig.bot = { ...rig.bot, goal: { ...rig.bot.goal, startedAt } };
    skip(rig, 1000);
    market(rig, PRICE);
    tick(rig);
    return [rig.bot.goal.reviewRequired, reviews(rig)];
  };
  assert.deepEqual(since(11), [false, 0]);
  assert.deepEqual(since(12), [true, 1]);
  assert.deepEqual(since(12), [true, 1]);
  assert.deepEqual(since(11), [false, 1]);
});
