/**
 * A position that REST made the truth, and the executions behind it that come afterwards: whatever the order of looks, rows,
 * executions and copies, quantity and money end as the venue has them (F-4.3).
 */
import { strict as assert } from "node:assert";
import fc from "fast-check";
import type { Event } from "../../src/domain/events.ts";
import type { Execution, OrderRow, PositionRow } from "../../src/domain/orders.ts";
import { picoBtc } from "../../src/domain/units.ts";
import { at, newRig, open, type Rig, send } from "../core_rig.ts";
import { fill, move, positionRow } from "../core_venue.ts";

/** One thing that happened at the venue, and what the venue holds right after it. */
type Deed = { readonly execution: Execution; readonly row: OrderRow | null; readonly position: PositionRow };
type Act = { readonly kind: "target" | "sells" | "buys"; readonly share: number; readonly price: number };
/** What is told: an execution, its order's row, three looks at the position of that moment, a copy of something before. */
type Tale =
  | { readonly kind: "execution" | "row" | "looks"; readonly deed: number }
  | { readonly kind: "again"; readonly of: number };

const price = fc.integer({ min: 4_700_000, max: 5_300_000 });
const act: fc.Arbitrary<Act> = fc.record({
  kind: fc.constantFrom("target", "sells", "buys"),
  share: fc.integer({ min: 1, max: 9 }),
  price,
});
/** Where each thing stands in the telling, as a rank; what has none is not told before the end. */
const telling = fc.record({
  executions: fc.array(fc.nat(99), { minLength: 8, maxLength: 8 }),
  rows: fc.array(fc.option(fc.nat(99), { nil: null }), { minLength: 8, maxLength: 8 }),
  looks: fc.array(fc.tuple(fc.nat(99), fc.nat(7)), { minLength: 1, maxLength: 2 }),
  again: fc.array(fc.tuple(fc.nat(99), fc.nat(30)), { maxLength: 6 }),
  restart: fc.nat(99),
});
type Telling = typeof telling extends fc.Arbitrary<infer T> ? T : never;

/**
 * The venue does it; the PnL is what its wallet gained before the fee. Sells alone may come to zero; with buys among them
 * something of what was held at first is left, so that no order of them is two trades.
 */
function done(rig: Rig, target: string, acts: readonly Act[]): Deed[] {
  let left = rig.venue.net - (acts.some((one) => one.kind === "buys") ? 1 : 0);
  const deeds: Deed[] = [];
  for (const { kind, share, price } of acts) {
    const contracts = kind === "buys" ? share * 3 : Math.min(left, Math.ceil(left * share / 9));
    if (contracts === 0) continue;
    if (kind !== "buys") left -= contracts;
    rig.now += 10;
    const before = rig.venue.walletBtc;
    const of = { contracts, price, at: at(rig) };
    const made = kind === "target"
      ? fill(rig.venue, target, { ...of, maker: true })
      : { row: null, execution: move(rig.venue, { ...of, side: kind === "buys" ? "Buy" : "Sell" }) };
    const gained = Math.round((rig.venue.walletBtc - before) * 1e12) + made.execution.fee;
    const execution = { ...made.execution, pnl: kind === "buys" ? null : picoBtc(gained) };
    deeds.push({ execution, row: made.row, position: positionRow(rig.venue, at(rig)) });
  }
  return deeds;
}

function told(deeds: readonly Deed[], how: Telling): Tale[] {
  const ranked: (readonly [number, Tale])[] = [];
  deeds.forEach((_, deed) => {
    ranked.push([how.executions[deed] ?? 99, { kind: "execution", deed }]);
    const rank = how.rows[deed] ?? null;
    if (rank !== null) ranked.push([rank, { kind: "row", deed }]);
  });
  for (const [rank, deed] of how.looks) ranked.push([rank, { kind: "looks", deed: Math.min(deed, deeds.length - 1) }]);
  for (const [rank, of] of how.again) ranked.push([rank, { kind: "again", of }]);
  return ranked.sort((a, b) => a[0] - b[0]).map(([, tale]) => tale);
}

/** While executions are owed to an override the ledger holds its position and what came after it, at every moment. */
function assertHeld(rig: Rig, deeds: readonly Deed[], known: ReadonlySet<string>): void {
  const { owed, net } = rig.bot.ledger;
  const taken = deeds.find(({ position }) => position.seq === owed?.seq);
  if (owed === null || taken === undefined) return;
  let wanted: number = taken.position.size;
  for (const { execution } of deeds) {
    if ((execution.seq ?? 0) <= (owed.seq ?? 0) || !known.has(execution.execId)) continue;
    wanted += execution.side === "Buy" ? execution.contracts : -execution.contracts;
  }
  assert.equal(net, wanted);
}

function tell(rig: Rig, deeds: readonly Deed[], tales: readonly Tale[], restartAt: number): void {
  const sent: Event[] = [];
  const known = new Set<string>();
  let shown = 0;
  const give = (event: Event) => {
    rig.now += 10;
    sent.push(event);
    send(rig, { ...event, at: at(rig) });
    if (event.kind === "Executed") known.add(event.execution.execId);
    assertHeld(rig, deeds, known);
  };
  tales.forEach((tale, index) => {
    // What survives a restart is what a snapshot holds.
    if (index === restartAt) rig.bot = JSON.parse(JSON.stringify(rig.bot));
    if (tale.kind === "again") {
      const copy = sent[tale.of];
      if (copy !== undefined) give(copy);
      return;
    }
    const deed = deeds[tale.deed];
    if (deed === undefined) return;
    if (tale.kind === "execution") {
      return give({ kind: "Executed", at: at(rig), execution: deed.execution, source: "stream" });
    }
    if (tale.kind === "row") {
      if (deed.row === null) return;
      shown = Math.max(shown, tale.deed);
      return give({ kind: "OrderSeen", at: at(rig), order: deed.row });
    }
    // REST does not stay behind a row for the three seconds of three looks.
    const { position } = deeds[Math.max(shown, tale.deed)] ?? deed;
    for (let look = 0; look < 3; look += 1) {
      rig.now += 1_000;
      const result = { kind: "position", position } as const;
      send(rig, { kind: "PositionAnswer", at: at(rig), askedAt: at(rig), result });
    }
  });
}

function play(acts: readonly Act[], how: Telling) {
  const rig = newRig();
  const { target } = open(rig);
  rig.deaf = true;
  const deeds = done(rig, target, acts);
  const own = rig.bot.capital.realised;
  const tales = told(deeds, how);
  tell(rig, deeds, tales, how.restart % Math.max(1, tales.length));
  const earned = deeds.reduce((sum, { execution }) => sum + (execution.pnl ?? 0) - execution.fee, 0);
  const fees = deeds.reduce((sum, { execution }) => sum + execution.fee, 0);
  return { rig, earned, counted: rig.bot.capital.realised - own, fees };
}

Deno.test("[F-4.3 F-4.1 F-7.16] an override and the executions behind it, in any order: quantity and money as the venue has them", () => {
  const fresh = newRig();
  open(fresh);
  const entryFees = fresh.bot.trade?.fees ?? 0;
  fc.assert(
    fc.property(fc.array(act, { minLength: 1, maxLength: 8 }), telling, (acts, how) => {
      const { rig, earned, counted, fees } = play(acts, how);
      assert.equal(rig.bot.ledger.net, rig.venue.net);
      assert.equal((rig.bot.trade ?? rig.bot.closedTrade)?.fees, entryFees + fees);
      assert.ok(Math.abs(counted - earned) <= 10, `counted ${counted}, the venue booked ${earned}`);
    }),
    { numRuns: 1_000 },
  );
});
