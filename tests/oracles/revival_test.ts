/** Orders wrongly taken as absent: every own order, by each of the reads, coming back in every way (F-10.4, F-6.8). */
import { strict as assert } from "node:assert";
import type { Event } from "../../src/domain/events.ts";
import type { Intent, IntentKind } from "../../src/domain/intent.ts";
import { usdContracts } from "../../src/domain/units.ts";
import {
  at,
  cancelAnswer,
  command,
  count,
  enter,
  haltOf,
  newRig,
  open,
  openId,
  phaseOf,
  place,
  type Rig,
  send,
  show,
  wait,
} from "../core_rig.ts";
import { answerRead, change, create, fill, isOpenRow, OK, refused } from "../core_venue.ts";

const ROLES = ["stop", "target", "entry", "exit"] as const;
type Role = typeof ROLES[number];
const READS = ["QueryOpenOrders", "LookUpOrder", "QueryExecutions"] as const;
type Lies = ReadonlySet<IntentKind>;
const LIES: readonly (readonly [string, Lies])[] = [
  ["the list of open orders", new Set<IntentKind>(["QueryOpenOrders"])],
  ["the look-up", new Set<IntentKind>(["LookUpOrder"])],
  ["the executions", new Set<IntentKind>(["QueryExecutions"])],
  ["all three", new Set<IntentKind>(READS)],
];
const WAYS = ["unchanged", "changed", "filled", "cancelled"] as const;
type Way = typeof WAYS[number];
const NOTHING: Lies = new Set();

/** What a venue says that answers, but knows nothing. */
function lie(rig: Rig, intent: Intent): readonly Event[] {
  const base = { at: at(rig), askedAt: at(rig) };
  switch (intent.kind) {
    case "QueryOpenOrders":
      return [{ kind: "OpenOrdersAnswer", ...base, result: { kind: "orders", orders: [] } }];
    case "LookUpOrder":
      return [{ kind: "OrderLookup", ...base, orderLinkId: intent.orderLinkId, result: { kind: "absent" } }];
    case "QueryExecutions":
      return [{ kind: "ExecutionsAnswer", ...base, since: intent.since, result: { kind: "complete", count: 0 } }];
    default:
      return [];
  }
}

/** The venue carries out what the bot asks for; some of its reads lie. */
function carry(rig: Rig, intents: readonly Intent[], lies: Lies): void {
  const queue = [...intents];
  for (let intent = queue.shift(); intent !== undefined; intent = queue.shift()) {
    const reads = answerRead(rig.venue, intent, { at: at(rig), askedAt: at(rig), price: rig.price });
    if (reads !== null) {
      for (const event of lies.has(intent.kind) ? lie(rig, intent) : reads) queue.push(...send(rig, event));
      continue;
    }
    switch (intent.kind) {
      case "PlaceEntry":
      case "PlaceStop":
      case "PlaceTarget":
      case "PlaceExit": {
        const { ticket } = intent;
        const row = create(rig.venue, ticket, at(rig));
        queue.push(...place(rig, ticket.orderLinkId), ...send(rig, { kind: "OrderSeen", at: at(rig), order: row }));
        if (ticket.orderType === "Market" && ticket.trigger === null) fillNow(rig, ticket.orderLinkId, queue);
        break;
      }
      case "CancelOrder": {
        const id = intent.orderLinkId;
        const row = rig.venue.orders.get(id);
        if (row === undefined || !isOpenRow(row)) {
          queue.push(...cancelAnswer(rig, id, refused("order_gone", 110001)));
          break;
        }
        const status = row.status === "Untriggered" ? "Deactivated" : "Cancelled";
        const next = change(rig.venue, id, { status, updatedAt: at(rig) });
        queue.push(...cancelAnswer(rig, id, OK), ...send(rig, { kind: "OrderSeen", at: at(rig), order: next }));
        break;
      }
      default:
        break;
    }
  }
}

function fillNow(rig: Rig, id: string, queue: Intent[]): void {
  if (rig.venue.net === 0) return;
  const done = fill(rig.venue, id, { contracts: Math.abs(rig.venue.net), price: rig.price, at: at(rig) });
  queue.push(...send(rig, { kind: "Executed", at: at(rig), execution: done.execution, source: "stream" }));
  queue.push(...send(rig, { kind: "OrderSeen", at: at(rig), order: done.row }));
}

function run(rig: Rig, seconds: number, lies: Lies): void {
  for (let second = 0; second < seconds; second += 1) carry(rig, wait(rig, 1_000), lies);
}

/** One live order of the role; the streams say nothing about it any more. */
function shown(role: Role): { readonly rig: Rig; readonly id: string } {
  const rig = newRig();
  if (role === "entry") {
    const id = enter(rig);
    place(rig, id);
    show(rig, id);
    rig.deaf = true;
    return { rig, id };
  }
  const { stop, target } = open(rig);
  wait(rig, 12_000);
  rig.deaf = true;
  if (role === "stop") return { rig, id: stop };
  if (role === "target") return { rig, id: target };
  const sent = command(rig, "close");
  carry(rig, sent.filter((one) => one.kind !== "PlaceExit"), NOTHING);
  const id = openId(rig, "exit");
  place(rig, id);
  show(rig, id);
  return { rig, id };
}

/** What happens to the order at the venue while it counts as absent. */
function meanwhile(rig: Rig, id: string, way: Way): void {
  const row = rig.venue.orders.get(id);
  if (row === undefined || !isOpenRow(row)) return;
  if (way === "changed") change(rig.venue, id, { updatedAt: at(rig) });
  if (way === "cancelled") change(rig.venue, id, { status: "Cancelled", updatedAt: at(rig) });
  if (way !== "filled") return;
  const held = Math.abs(rig.venue.net);
  const contracts = row.reduceOnly ? Math.min(held, row.contracts) : row.contracts;
  if (contracts > 0) fill(rig.venue, id, { contracts, price: rig.price, at: at(rig) });
}

function judge(rig: Rig, what: string): void {
  const listed = [...rig.venue.orders.values()].filter(isOpenRow).map((row) => row.orderLinkId ?? "");
  const known = rig.bot.orders.map((order) => order.id);
  assert.deepEqual(listed.filter((id) => !known.includes(id)), [], `${what}: at the venue and unknown`);
  assert.deepEqual(known.filter((id) => !listed.includes(id)), [], `${what}: known and not at the venue`);
  assert.equal(rig.bot.ledger.net, rig.venue.net, `${what}: quantity`);
  const stops = rig.bot.orders.filter((order) => order.role === "stop");
  const targets = rig.bot.orders.filter((order) => order.role === "target");
  if (rig.venue.net === 0) {
    if (phaseOf(rig) === "entry") {
      assert.deepEqual(rig.bot.orders.map((order) => order.role), ["entry"], `${what}: beside the entry`);
      return;
    }
    assert.deepEqual(listed, [], `${what}: orders in flat`);
    assert.equal(rig.bot.blocks.some((one) => one.reason === "order_cleanup"), false, `${what}: order_cleanup`);
    assert.equal(phaseOf(rig), "flat", what);
    return;
  }
  assert.equal(stops.length, 1, `${what}: ${stops.length} stops`);
  assert.ok((stops[0]?.row?.contracts ?? 0) >= Math.abs(rig.venue.net), `${what}: cover`);
  assert.ok(targets.length <= 1, `${what}: ${targets.length} targets`);
}

for (const role of ROLES) {
  for (const [name, lies] of LIES) {
    for (const way of WAYS) {
      Deno.test(`[F-10.4 F-6.8] a live ${role} that ${name} did not show for 25 s and that comes back ${way} is managed to its end`, () => {
        const { rig, id } = shown(role);
        const hinted = new Set<IntentKind>([...lies, "QueryOpenOrders"]);
        run(rig, 8, lies.has("LookUpOrder") ? hinted : lies);
        meanwhile(rig, id, way);
        run(rig, 17, lies);
        run(rig, 45, NOTHING);
        const what = `${role}, ${name}, ${way}`;
        const grounds = ["-", "unexpected_fill", "foreign_activity"];
        assert.ok(way === "filled" ? grounds.includes(haltOf(rig)) : haltOf(rig) === "-", `${what}: ${haltOf(rig)}`);
        judge(rig, what);
      });
    }
  }
}

Deno.test("[F-10.4] evidence of life need not be news: the same row again brings an order back that counts as absent", () => {
  const { rig, id } = shown("stop");
  run(rig, 25, new Set<IntentKind>(READS));
  const past = rig.bot.past.find((order) => order.id === id);
  assert.equal(past?.end, "Absent");
  const row = rig.venue.orders.get(id);
  assert.ok(row !== undefined && past?.row !== null && row.updatedAt === past?.row.updatedAt);
  const alerts = count(rig.all, "Alert");
  send(rig, { kind: "OrderSeen", at: at(rig), order: row });
  assert.ok(rig.bot.orders.some((order) => order.id === id));
  assert.ok(count(rig.all, "Alert") > alerts);
});

Deno.test("[F-10.4 F-6.8] after the trade, stops that counted as absent are cancelled and the block ends", () => {
  const { rig, id } = shown("stop");
  const all = new Set<IntentKind>(READS);
  run(rig, 25, all);
  assert.equal(rig.bot.past.find((order) => order.id === id)?.end, "Absent");
  const target = [...rig.venue.orders.values()].find((row) => row.price !== null && row.reduceOnly && isOpenRow(row));
  assert.ok(target !== undefined);
  const queue: Intent[] = [];
  fillNow(rig, target.orderLinkId ?? "", queue);
  carry(rig, queue, NOTHING);
  assert.equal(phaseOf(rig), "flat");
  run(rig, 15, NOTHING);
  judge(rig, "after the target");
});

Deno.test("[F-10.4 F-6.8] an order the venue called ended, and lists as open 3 s later, is looked up and acted on", () => {
  for (const status of ["Cancelled", "Filled", "Rejected", "Deactivated"] as const) {
    const { rig, id } = shown("stop");
    const real = rig.venue.orders.get(id);
    assert.ok(real !== undefined);
    // A false frame: the order stands.
    send(rig, { kind: "OrderSeen", at: at(rig), order: { ...real, status, updatedAt: at(rig) } });
    rig.venue.orders.set(id, real);
    carry(rig, wait(rig, 1_000), NOTHING);
    run(rig, 30, NOTHING);
    judge(rig, status);
  }
});

Deno.test("[F-10.4] a list that was asked for before an order ended brings nothing back", () => {
  const { rig, id } = shown("target");
  const row = rig.venue.orders.get(id);
  assert.ok(row !== undefined);
  const asked = at(rig);
  const gone = change(rig.venue, id, { status: "Cancelled", updatedAt: at(rig) });
  send(rig, { kind: "OrderSeen", at: at(rig), order: gone });
  for (const ms of [0, 2_999]) {
    rig.now = asked + ms;
    const orders = [row];
    send(rig, { kind: "OpenOrdersAnswer", at: at(rig), askedAt: at(rig), result: { kind: "orders", orders } });
    assert.equal(rig.bot.orders.some((order) => order.id === id), false, `${ms}`);
  }
});

Deno.test("[F-10.4] an entry that had ended and is questioned ends once: its signal is not counted twice", () => {
  const { rig, id } = shown("entry");
  const row = rig.venue.orders.get(id);
  assert.ok(row !== undefined);
  const rejected = change(rig.venue, id, { status: "Rejected", updatedAt: at(rig), leavesQty: usdContracts(0) });
  send(rig, { kind: "OrderSeen", at: at(rig), order: rejected });
  const before = JSON.stringify(rig.bot.rejections);
  rig.now += 4_000;
  const base = { at: at(rig), askedAt: at(rig) };
  carry(rig, send(rig, { kind: "OpenOrdersAnswer", ...base, result: { kind: "orders", orders: [row] } }), NOTHING);
  assert.ok(count(rig.all, "LookUpOrder") > 0);
  assert.ok(!rig.bot.orders.some((order) => order.id === id));
  assert.equal(JSON.stringify(rig.bot.rejections), before);
});

Deno.test("[F-10.4] the list of open orders clears the misses of a look-up", () => {
  const { rig, id } = shown("stop");
  const noLook = new Set<IntentKind>(["LookUpOrder"]);
  carry(rig, wait(rig, 1_000), NOTHING);
  rig.bot = { ...rig.bot, reconcile: { ...rig.bot.reconcile, nextAt: at(rig) } };
  const lists = new Set<IntentKind>(READS);
  for (let second = 0; second < 30; second += 1) {
    // Every second list is honest, every look-up lies: never two misses without a sight between them.
    carry(rig, wait(rig, 1_000), second % 2 === 0 ? lists : noLook);
    const base = { at: at(rig), askedAt: at(rig) };
    const orders = [...rig.venue.orders.values()].filter(isOpenRow);
    send(rig, { kind: "OpenOrdersAnswer", ...base, result: { kind: "orders", orders } });
  }
  assert.ok(rig.bot.orders.some((order) => order.id === id));
  assert.equal(rig.bot.past.some((order) => order.end === "Absent"), false);
});
