/** The trade log beside the venue's closed profit and loss: two books kept by two parties (P-12). */
import { deepEqual, equal, ok } from "node:assert/strict";
import type { ScenarioContext } from "../../src/programs/rehearsal/context.ts";
import { differencesOf, readBothBooks } from "../../src/programs/rehearsal/venue_ledger.ts";
import { configOf } from "../unit/bybit_kit.ts";
import { WholeBot } from "../support/whole_bot.ts";

/** A rehearsal's surroundings in the dead bot's virtual time. */
function contextOf(bot: WholeBot): ScenarioContext {
  const { platform } = bot;
  return {
    platform: platform.newProcess(),
    config: configOf(),
    key: "sim-key",
    secret: "sim-secret",
    evidence: { wire: () => undefined },
    interrupted: () => false,
    world: {
      wait(ms: number) {
        platform.run(platform.clock.now() + ms);
        return Promise.resolve();
      },
    },
  } as unknown as ScenarioContext;
}

Deno.test("[P-12] [P-13] every trade of the log is the venue's closed-pnl to the satoshi; a changed one is told", async () => {
  const bot = new WholeBot();
  bot.run(2 * 3_600_000);
  const records = bot.journaled.flatMap(({ intents }) =>
    intents.flatMap((intent) => (intent.kind === "Record" ? [intent.record] : []))
  );
  const trades = records.filter((record) => record.type === "trade");
  const late = records.filter((record) => record.type === "adjustment");
  ok(trades.length >= 5, `${trades.length} trades`);
  bot.kill();
  const context = contextOf(bot);
  const books = await readBothBooks(context, { trades, late });
  equal(books.length, trades.length);
  deepEqual(differencesOf(books), []);
  ok(books.every(({ contracts, venue }) => contracts > 0 && venue !== 0));
  const [first, ...others] = trades;
  ok(first !== undefined);
  const wrong = [{ ...first, gross_pnl_sats: first.gross_pnl_sats + 1 + first.fills.length }, ...others];
  equal(differencesOf(await readBothBooks(context, { trades: wrong, late })).length, 1);
});
