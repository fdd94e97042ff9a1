/** The paper venue and the fake venue agree on money, satoshi for satoshi (L-1.3). */
import { strict as assert } from "node:assert";
import fc from "fast-check";
import type { OrderTicket } from "../../src/domain/orders.ts";
import { epochMs, usdContracts } from "../../src/domain/units.ts";
import type { Event } from "../../src/domain/events.ts";
import { satOf } from "../../src/infrastructure/exchange/fake_exchange/money.ts";
import { PaperVenue } from "../../src/programs/lab/driver/paper_venue.ts";
import { Bench, point, START } from "./fake_exchange_harness.ts";

const EIGHT_HOURS_MS = 28_800_000;

function ticketOf(index: number, of: { readonly buy: boolean; readonly contracts: number }): OrderTicket {
  return {
    orderLinkId: `order-${index}`,
    side: of.buy ? "Buy" : "Sell",
    contracts: usdContracts(of.contracts),
    orderType: "Market",
    price: null,
    timeInForce: "IOC",
    trigger: null,
    reduceOnly: false,
    closeOnTrigger: false,
  };
}

const trade = fc.record({
  buy: fc.boolean(),
  contracts: fc.integer({ min: 5, max: 4_000 }),
  cents: fc.integer({ min: 280_000, max: 320_000 }).map((value) => value * 10),
});

Deno.test("[L-1.3] for the same orders, prices and funding both venues book fees, entry, funding and wallet alike", () => {
  let booked = 0;
  fc.assert(
    fc.property(fc.array(trade, { minLength: 1, maxLength: 12 }), (trades) => {
      // The book is full again before each order: what takers ate waits at most 550 ms.
      const points = trades.map(({ cents }, index) => point(cents, { at: START + index * 1_000 }));
      const bench = new Bench(points);
      const paper = new PaperVenue({
        seed: 7,
        at: START,
        walletSat: satOf("1"),
        rule: { fill: "touch", keyedSeed: 7, slippageBps: 0 },
      });
      const events: Event[] = [];
      trades.forEach((one, index) => {
        const at = START + index * 1_000;
        bench.clock.to(at);
        const next = points[index];
        if (next !== undefined) paper.advance(next);
        const ticket = ticketOf(index, one);
        const fields = {
          side: ticket.side,
          orderType: "Market",
          qty: String(one.contracts),
          orderLinkId: ticket.orderLinkId,
        };
        bench.post("/v5/order/create", fields);
        paper.place(ticket);
        paper.take(epochMs(at), events);
      });
      const fundedAt = (Math.floor(START / EIGHT_HOURS_MS) + 1) * EIGHT_HOURS_MS;
      bench.clock.to(fundedAt);
      paper.settleFunding(fundedAt, 10_000);
      paper.take(epochMs(fundedAt), events);
      const fake = bench.venue.control.state();
      assert.equal(paper.core.state.walletSat, fake.walletSat);
      assert.equal(paper.core.state.position.size, fake.size);
      const executions = bench.log.filter((entry) => entry.kind === "execution");
      const own = events.filter((event) => event.kind === "Executed").map(({ execution }) => execution);
      assert.deepEqual(
        own.map(({ fee, price, contracts, pnl }) => [fee / 10_000, price, contracts, (pnl ?? 0) / 10_000]),
        executions.map(({ feeSat, price, qty, pnlSat }) => [feeSat, price, qty, pnlSat]),
      );
      const shown = paper.positionRow().avgPrice;
      assert.equal(shown, fake.size === 0 ? null : Math.round(fake.entryPrice));
      booked += own.length;
    }),
    { numRuns: 40 },
  );
  assert.ok(booked > 100, `only ${booked} executions`);
});
