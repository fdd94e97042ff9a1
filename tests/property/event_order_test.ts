/** One story of fills, told in any order the channels allow: the books end the same (F-4.1, F-4.2, F-4.9). */
import { strict as assert } from "node:assert";
import fc from "fast-check";
import type { Event } from "../../src/domain/events.ts";
import { at, enter, newRig, openId, place, type Rig, send, show } from "../core_rig.ts";
import { fill, positionRow } from "../core_venue.ts";

type Story = {
  readonly rig: Rig;
  /** Channels; within one the venue keeps the order. */
  readonly executions: readonly Event[];
  readonly rows: readonly Event[];
  readonly positions: readonly Event[];
};

/** Fills an order at the venue in parts; nothing of it has reached the bot yet. */
function parts(rig: Rig, id: string, of: { readonly shares: readonly number[]; readonly price: number }) {
  const executions: Event[] = [];
  const rows: Event[] = [];
  const positions: Event[] = [];
  for (const contracts of of.shares) {
    rig.now += 10;
    const done = fill(rig.venue, id, { contracts, price: of.price, at: at(rig), maker: true });
    executions.push({ kind: "Executed", at: at(rig), execution: done.execution, source: "stream" });
    rows.push({ kind: "OrderSeen", at: at(rig), order: done.row });
    positions.push({ kind: "PositionSeen", at: at(rig), position: positionRow(rig.venue, at(rig)) });
  }
  return { executions, rows, positions };
}

/** `total` in as many whole parts as there are weights, none empty. */
function shares(total: number, weights: readonly number[]): number[] {
  const sum = weights.reduce((a, b) => a + b, 0);
  const found = weights.map((weight) => Math.max(1, Math.floor(total * weight / sum)));
  const rest = total - found.slice(1).reduce((a, b) => a + b, 0);
  return [rest, ...found.slice(1)];
}

/** An entry of several fills, told completely or not at all yet. */
function entryStory(weights: readonly number[]): Story {
  const rig = newRig();
  const entry = enter(rig);
  place(rig, entry);
  show(rig, entry);
  rig.deaf = true;
  const contracts = rig.bot.orders.find((one) => one.id === entry)?.ticket.contracts ?? 0;
  return { rig, ...parts(rig, entry, { shares: shares(contracts, weights), price: 4_889_950 }) };
}

/** The same, and then part or all of the target's fills on top of a fully told entry. */
function exitStory(weights: readonly number[], whole: boolean): Story {
  const story = entryStory([1]);
  for (const event of [...story.executions, ...story.rows]) send(story.rig, event);
  const { rig } = story;
  const stop = openId(rig, "stop");
  place(rig, stop);
  show(rig, stop);
  const target = openId(rig, "target");
  place(rig, target);
  show(rig, target);
  const contracts = Math.abs(rig.venue.net) - (whole ? 0 : 20);
  return { rig, ...parts(rig, target, { shares: shares(contracts, weights), price: 4_990_000 }) };
}

/** What stays of a story: quantity, worth, phase, sums of the trade. */
function ending(rig: Rig) {
  const { ledger, phase, trade, closedTrade } = rig.bot;
  const book = trade ?? closedTrade;
  return {
    net: ledger.net,
    phase: phase.kind,
    fees: book?.fees,
    closed: book?.closedContracts,
    opened: book?.openedContracts,
    losses: rig.bot.risk.lossStreak,
  };
}

const weights = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 });
/** Whose turn it is, what is told again later, and which executions come out of order. */
const telling = fc.record({
  turns: fc.array(fc.nat(2), { minLength: 12, maxLength: 40 }),
  again: fc.array(fc.nat(40), { maxLength: 12 }),
  swaps: fc.array(fc.tuple(fc.nat(5), fc.nat(5)), { maxLength: 4 }),
  silent: fc.constantFrom("none", "rows", "positions"),
});
type Telling = typeof telling extends fc.Arbitrary<infer T> ? T : never;

/** The channels interleaved; executions may be swapped among themselves, as a backfill does; copies come late. */
function told(story: Story, how: Telling): Event[] {
  const executions = [...story.executions];
  for (const [from, to] of how.swaps) {
    const [a, b] = [executions[from], executions[to]];
    if (a !== undefined && b !== undefined) [executions[from], executions[to]] = [b, a];
  }
  const queues = [
    executions,
    how.silent === "rows" ? [] : [...story.rows],
    how.silent === "positions" ? [] : [...story.positions],
  ];
  const list: Event[] = [];
  for (const turn of how.turns) {
    const next = queues[turn]?.shift();
    if (next !== undefined) list.push(next);
  }
  list.push(...queues.flat());
  for (const index of how.again) {
    const copy = list[index];
    if (copy !== undefined) list.splice(Math.min(list.length, index + 1 + (index * 7) % 11), 0, copy);
  }
  return list;
}
/** The same ending; the worth of what is left may differ by a rounding (10⁻¹² BTC) for each part. */
function assertSame(found: Rig, wanted: Rig): void {
  assert.deepEqual(ending(found), ending(wanted));
  assert.ok(Math.abs(found.bot.ledger.openValue - wanted.bot.ledger.openValue) <= 6);
  assert.equal(found.bot.ledger.net, found.venue.net);
}
function tell(story: Story, events: readonly Event[]): Rig {
  for (const event of events) send(story.rig, event);
  return story.rig;
}
function plainly(story: Story): Event[] {
  return story.executions.flatMap((event, index) => [event, story.rows[index] ?? event]);
}

Deno.test("[F-4.1 F-4.2 F-4.9] an entry told in any order, twice and late ends in the same position", () => {
  fc.assert(fc.property(weights, telling, (parted, how) => {
    const story = entryStory(parted);
    assertSame(tell(story, told(story, how)), tell(entryStory(parted), plainly(entryStory(parted))));
  }));
});

Deno.test("[F-4.1 F-4.2 F-4.9] a target's fills told in any order, twice and late end the same, partly and to zero", () => {
  fc.assert(fc.property(weights, telling, fc.boolean(), (parted, how, whole) => {
    const story = exitStory(parted, whole);
    assertSame(tell(story, told(story, how)), tell(exitStory(parted, whole), plainly(exitStory(parted, whole))));
    assert.equal(story.rig.bot.phase.kind, whole ? "flat" : "position");
  }));
});
