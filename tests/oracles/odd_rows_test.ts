/** What the core makes of reads with rows it cannot read: no conclusion, one alert, and a start that says what it waits for. */
import { strict as assert } from "node:assert";
import { at, boot, newRig, open, openId, position, type Rig, send, skip, tick, wait } from "../core_rig.ts";
import { isOpenRow } from "../core_venue.ts";

const texts = (rig: Rig, code: string) =>
  rig.all.flatMap((one) => one.kind === "Alert" && one.code === code ? [one.text] : []);

function listWithout(rig: Rig, id: string, unread: readonly (string | null)[]): void {
  const orders = [...rig.venue.orders.values()].filter((row) => isOpenRow(row) && row.orderLinkId !== id);
  const base = { at: at(rig), askedAt: at(rig) };
  send(rig, { kind: "OpenOrdersAnswer", ...base, result: { kind: "orders", orders, unread } });
}

Deno.test("[F-4.8 F-10.4] an own order behind an odd row of the list is there: no look-up, no end, cover stays", () => {
  const rig = newRig();
  const { stop } = open(rig);
  wait(rig, 12_000);
  rig.deaf = true;
  for (let turn = 0; turn < 10; turn += 1) {
    skip(rig, 3_000);
    listWithout(rig, stop, [stop]);
    assert.equal(rig.bot.orders.find((order) => order.id === stop)?.look, null);
  }
  assert.equal(openId(rig, "stop"), stop);
  assert.equal(position(rig).stopStatus, "ACTIVE");
});

Deno.test("[F-4.8 F-10.4] an odd row without a name may be any own order: one that the list lacks is looked up, not concluded", () => {
  const rig = newRig();
  const { stop } = open(rig);
  wait(rig, 12_000);
  const row = rig.venue.orders.get(stop);
  assert.ok(row !== undefined);
  const status = { kind: "unknown", raw: "Odd" } as const;
  rig.bot = {
    ...rig.bot,
    orders: rig.bot.orders.map((one) => one.id === stop ? { ...one, row: { ...row, status } } : one),
  };
  rig.deaf = true;
  skip(rig, 3_000);
  listWithout(rig, stop, [null]);
  const order = rig.bot.orders.find((one) => one.id === stop);
  assert.ok(order !== undefined && order.look !== null);
  listWithout(rig, stop, []);
  assert.ok(!rig.bot.orders.some((one) => one.id === stop), "and without such a row the list decides");
});

Deno.test("[F-6.8] a list with an odd row is no list without own orders", () => {
  const rig = boot(newRig());
  const before = rig.bot.reconcile.noOrdersSeenAt;
  skip(rig, 5_000);
  listWithout(rig, "", ["x"]);
  assert.equal(rig.bot.reconcile.noOrdersSeenAt, before);
  listWithout(rig, "", []);
  assert.equal(rig.bot.reconcile.noOrdersSeenAt, at(rig));
});

Deno.test("[F-4.8] what cannot be read is alerted by its name when it is seen first, and then no more", () => {
  const rig = boot(newRig());
  const fault = {
    kind: "ParseFault",
    source: "rest:execution/list",
    detail: "row execId e7: Cannot read side",
  } as const;
  send(rig, { ...fault, at: at(rig), first: true });
  send(rig, { ...fault, at: at(rig) });
  const [text, ...more] = texts(rig, "unreadable");
  assert.match(text ?? "", /execution\/list.*e7/);
  assert.equal(more.length, 0);
});

Deno.test("[F-12.6] a start says what it waits for: with something open after 15 s, else after a minute", () => {
  for (
    const [held, ms, wants] of [[true, 15_000, /^No entries for 1[56] s/], [
      false,
      60_000,
      /^No entries for 1 min/,
    ]] as const
  ) {
    const rig = held ? newRig() : boot(newRig());
    if (held) open(rig);
    rig.deaf = true;
    send(rig, { kind: "Boot", at: at(rig), accountUid: "7", restart: true, upgraded: false });
    const base = { at: at(rig), askedAt: at(rig) };
    send(rig, { kind: "OpenOrdersAnswer", ...base, result: { kind: "orders", orders: [] } });
    for (let half = 0; half < ms / 500 - 1; half += 1) {
      skip(rig, 500);
      tick(rig);
    }
    assert.equal(texts(rig, "long_block:starting").length, 0);
    skip(rig, 1_000);
    tick(rig);
    const [text] = texts(rig, "long_block:starting");
    assert.match(text ?? "", wants);
    assert.match(text ?? "", /the position, the executions, the private stream, the public stream/);
    assert.doesNotMatch(text ?? "", /the open orders/);
  }
});

Deno.test("[F-12.6] a start that waits for its checks names them", () => {
  const rig = newRig();
  send(rig, { kind: "Boot", at: at(rig), accountUid: "7", restart: false, upgraded: false });
  rig.deaf = true;
  for (let half = 0; half < 122; half += 1) {
    skip(rig, 500);
    tick(rig);
  }
  assert.match(
    texts(rig, "long_block:starting")[0] ?? "",
    /waiting for the ticker, the private stream, the public stream, a price/,
  );
});
