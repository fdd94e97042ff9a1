import { strict as assert } from "node:assert";
import { usdContracts } from "../../src/domain/units.ts";
import type { Intent } from "../../src/domain/intent.ts";
import { publicWord } from "../../src/application/transition/mod.ts";
import {
  at,
  boot,
  command,
  enter,
  filled,
  market,
  newRig,
  open,
  openId,
  openNaked,
  place,
  position,
  type Rig,
  seen,
  send,
  show,
  skip,
  tick,
  wait,
} from "../core_rig.ts";
import { change, fill, move, refused } from "../core_venue.ts";

/** Where a row begins; each leaves the rig just before the event. */
const GIVEN: Record<string, (rig: Rig) => void> = {
  flat: (rig) => void boot(rig),
  entry: (rig) => void show(rig, enter(rig)),
  entrySent: (rig) => void enter(rig),
  partial: (rig) => {
    const id = enter(rig);
    show(rig, id);
    filled(rig, id, { contracts: 40, price: 4_889_950 });
    const stop = openId(rig, "stop");
    place(rig, stop);
    show(rig, stop);
    skip(rig, 4000);
  },
  position: (rig) => {
    open(rig);
    skip(rig, 4000);
  },
  naked: (rig) => void openNaked(rig),
  exit: (rig) => {
    open(rig);
    skip(rig, 4000);
    command(rig, "close");
    const exit = openId(rig, "exit");
    place(rig, exit);
    show(rig, exit);
  },
};

const foreign = (rig: Rig, side: "Buy" | "Sell", contracts: number, to = {}) => {
  const execution = move(rig.venue, { side, contracts, price: rig.price, at: at(rig), change: to });
  return send(rig, { kind: "Executed", at: at(rig), execution, source: "stream" });
};
const stopFill = (rig: Rig, contracts: number) => {
  const id = openId(rig, "stop");
  change(rig.venue, id, { status: "Triggered" });
  return filled(rig, id, { contracts, price: 4_740_000 });
};

/** What happens; the intents of the step are what the row judges. */
const WHEN: Record<string, (rig: Rig) => readonly Intent[]> = {
  "entry fills 90": (rig) => filled(rig, openId(rig, "entry"), { contracts: 90, price: 4_889_950 }),
  "entry fills 40": (rig) => filled(rig, openId(rig, "entry"), { contracts: 40, price: 4_889_950 }),
  "entry fills 50": (rig) => filled(rig, openId(rig, "entry"), { contracts: 50, price: 4_889_950 }),
  "entry fills 10": (rig) => filled(rig, openId(rig, "entry"), { contracts: 10, price: 4_889_950 }),
  "entry refused": (rig) => place(rig, openId(rig, "entry"), refused("margin", 110007)),
  "entry cancelled": (rig) => seen(rig, openId(rig, "entry"), { status: "Cancelled" }),
  "entry cancelled with 40": (rig) =>
    seen(rig, openId(rig, "entry"), { status: "Cancelled", cumExecQty: usdContracts(40) }),
  "stop fills 50": (rig) => stopFill(rig, 50),
  "stop fills 90": (rig) => stopFill(rig, 90),
  "target fills 90": (rig) => filled(rig, openId(rig, "target"), { contracts: 90, price: 4_990_000 }),
  "stop cancelled": (rig) => seen(rig, openId(rig, "stop"), { status: "Deactivated" }),
  "stop rejected": (rig) => seen(rig, openId(rig, "stop"), { status: "Rejected" }),
  "exit fills 30": (rig) => filled(rig, openId(rig, "exit"), { contracts: 30, price: 4_890_000 }),
  "exit fills 90": (rig) => filled(rig, openId(rig, "exit"), { contracts: 90, price: 4_890_000 }),
  "exit refused": (rig) => {
    const id = rig.bot.orders.find((order) => order.role === "exit")?.id ?? "";
    return seen(rig, id, { status: "Rejected" });
  },
  "exit cancelled": (rig) => seen(rig, openId(rig, "exit"), { status: "Cancelled" }),
  "liquidated 90": (rig) =>
    foreign(rig, "Sell", 90, { execType: "BustTrade", createType: "CreateByTakeOver_PassThrough" }),
  "deleveraged 30": (rig) => foreign(rig, "Sell", 30, { execType: "AdlTrade" }),
  "foreign sells 30": (rig) => foreign(rig, "Sell", 30),
  "foreign buys 30": (rig) => foreign(rig, "Buy", 30),
  "foreign sells 200": (rig) => foreign(rig, "Sell", 200),
  "twin sells 30": (rig) => foreign(rig, "Sell", 30, { orderLinkId: "grid_0000000000_l_Buy" }),
  "zero quantity": (rig) => send(rig, { kind: "InvalidFill", at: at(rig), execId: "x", rawQty: "0" }),
  "late order row": (rig) => {
    const done = rig.bot.past.find((order) => order.role === "entry")?.row;
    assert.ok(done);
    return send(rig, {
      kind: "OrderSeen",
      at: at(rig),
      order: { ...done, status: "New", cumExecQty: usdContracts(0) },
    });
  },
  "foreign order row": (rig) => {
    const row = rig.bot.past.find((order) => order.role === "entry")?.row;
    assert.ok(row);
    return send(rig, {
      kind: "OrderSeen",
      at: at(rig),
      order: { ...row, orderId: "z", orderLinkId: "manual", status: "New", updatedAt: at(rig) },
    });
  },
};

/** phase, word, signed quantity, stop status and halt of the bot, and the intents that matter. */
function picture(rig: Rig, intents: readonly Intent[]): string {
  const { phase, ledger, halt } = rig.bot;
  const open = phase.kind === "position" || phase.kind === "exit" ? phase.position : null;
  const shown = intents.flatMap((intent): string[] => {
    switch (intent.kind) {
      case "PlaceStop":
        return [`PlaceStop(${intent.ticket.contracts} ${intent.ticket.side})`];
      case "PlaceExit":
        return [`PlaceExit(${intent.ticket.contracts} ${intent.ticket.side})`];
      case "PlaceTarget":
        return [`PlaceTarget(${intent.ticket.contracts})`];
      case "AmendStop":
        return [`AmendStop(${intent.contracts})`];
      case "CancelOrder":
        return [`Cancel(${rig.bot.orders.concat(rig.bot.past).find((one) => one.id === intent.orderLinkId)?.role})`];
      default:
        return [];
    }
  });
  return [
    phase.kind,
    publicWord(rig.bot),
    String(ledger.net),
    open === null ? "-" : `${open.stopStatus}${open.entryWorking ? " working" : ""}`,
    halt === null ? "-" : halt.reason,
    shown.length === 0 ? "-" : shown.join(" "),
  ].join(" | ");
}

const TABLE = `
id     | given     | when                    | phase    | word          | qty  | stop            | halt                  | intents
F-1.10 | entry     | entry fills 90          | position | IN_POSITION   | 90   | PENDING         | -                     | PlaceStop(90 Sell) PlaceTarget(90)
F-1.11 | entry     | entry fills 40          | position | IN_POSITION   | 40   | PENDING working | -                     | PlaceStop(40 Sell)
F-1.12 | entrySent | entry refused           | flat     | FLAT          | 0    | -               | -                     | -
F-1.13 | entry     | entry cancelled         | flat     | FLAT          | 0    | -               | -                     | -
F-1.14 | entry     | entry cancelled with 40 | position | IN_POSITION   | 40   | PENDING         | -                     | PlaceStop(40 Sell) PlaceTarget(40)
F-1.15 | partial   | entry fills 10          | position | IN_POSITION   | 50   | PENDING working | -                     | AmendStop(50)
F-1.16 | partial   | entry fills 50          | position | IN_POSITION   | 90   | PENDING         | -                     | AmendStop(90) PlaceTarget(90)
F-1.17 | partial   | entry cancelled         | position | IN_POSITION   | 40   | ACTIVE          | -                     | PlaceTarget(40)
F-1.18 | position  | stop fills 50           | position | IN_POSITION   | 40   | ACTIVE          | -                     | Cancel(target)
F-1.19 | position  | stop fills 90           | flat     | FLAT          | 0    | -               | -                     | Cancel(target)
F-1.19 | position  | target fills 90         | flat     | FLAT          | 0    | -               | -                     | Cancel(stop)
F-1.20 | position  | stop cancelled          | position | IN_POSITION   | 90   | PENDING         | -                     | PlaceStop(90 Sell)
F-1.20 | exit      | stop cancelled          | exit     | EXIT_PENDING  | 90   | PENDING         | -                     | PlaceStop(90 Sell)
F-1.21 | exit      | exit fills 30           | exit     | EXIT_PENDING  | 60   | PENDING         | -                     | AmendStop(60)
F-1.22 | exit      | exit fills 90           | flat     | FLAT          | 0    | -               | -                     | Cancel(stop)
F-1.22 | exit      | stop fills 90           | flat     | FLAT          | 0    | -               | -                     | Cancel(exit)
F-1.23 | exit      | exit refused            | position | IN_POSITION   | 90   | ACTIVE          | -                     | -
F-1.23 | exit      | exit cancelled          | position | IN_POSITION   | 90   | ACTIVE          | -                     | -
F-1.24 | position  | liquidated 90           | flat     | HALT          | 0    | -               | liquidation           | Cancel(target) Cancel(stop)
F-1.25 | position  | deleveraged 30          | position | HALT          | 60   | PENDING         | adl                   | AmendStop(60) Cancel(target)
F-1.26 | flat      | foreign buys 30         | position | HALT          | 30   | PENDING         | unexpected_fill       | PlaceStop(30 Sell)
F-1.26 | flat      | twin sells 30           | position | HALT          | -30  | PENDING         | second_instance       | PlaceStop(30 Buy)
F-1.27 | position  | zero quantity           | position | HALT          | 90   | ACTIVE          | invalid_fill_quantity | -
F-1.27 | position  | foreign sells 200       | position | HALT          | -110 | PENDING         | foreign_activity      | Cancel(target) PlaceStop(110 Buy)
F-1.28 | position  | foreign sells 30        | position | HALT          | 60   | PENDING         | foreign_activity      | AmendStop(60) Cancel(target)
F-1.28 | position  | foreign buys 30         | position | HALT          | 120  | PENDING         | foreign_activity      | AmendStop(120) PlaceExit(30 Sell) Cancel(target)
F-1.28 | position  | foreign order row       | position | HALT          | 90   | ACTIVE          | foreign_activity      | -
F-1.29 | position  | late order row          | position | IN_POSITION   | 90   | ACTIVE          | -                     | -
`;

type Row = { readonly id: string; readonly given: string; readonly when: string; readonly then: string };

function rows(text: string): Row[] {
  return text.trim().split("\n").slice(1).map((line) => {
    const [id = "", given = "", when = "", ...then] = line.split("|").map((cell) => cell.trim());
    return { id, given, when, then: then.join(" | ") };
  });
}

for (const row of rows(TABLE)) {
  Deno.test(`[${row.id}] ${row.given}: ${row.when}`, () => {
    const rig = newRig();
    const [given, when] = [GIVEN[row.given], WHEN[row.when]];
    assert.ok(given !== undefined && when !== undefined, `${row.given} / ${row.when}`);
    given(rig);
    assert.equal(picture(rig, when(rig)), row.then);
  });
}

Deno.test("[F-1.12 F-9] a refused entry counts one rejection", () => {
  const rig = newRig();
  const id = enter(rig);
  place(rig, id, refused("margin"));
  assert.equal(rig.bot.rejections.inRow, 1);
});

Deno.test("[F-1.14] executions that arrive after cumExecQty fill in price and fee without adding quantity", () => {
  const rig = newRig();
  const id = enter(rig);
  show(rig, id);
  const done = fill(rig.venue, id, { contracts: 40, price: 4_880_000, at: at(rig) });
  seen(rig, id, { ...done.row, status: "Cancelled" });
  assert.equal(rig.bot.ledger.net, 40);
  send(rig, { kind: "Executed", at: at(rig), execution: done.execution, source: "stream" });
  assert.equal(rig.bot.ledger.net, 40);
  assert.equal(position(rig).entryPrice, 4_880_000);
  assert.equal(rig.bot.trade?.fills.length, 1);
});

Deno.test("[F-1.5 F-13.4] a change of word is recorded with its cause, and a halt leaves a snapshot", () => {
  const rig = newRig();
  open(rig);
  const sent = send(rig, { kind: "InvalidFill", at: at(rig), execId: "x", rawQty: "-1" });
  const records = sent.flatMap((one) => (one.kind === "Record" ? [one.record] : []));
  const changes = records.filter((one) => one.type === "change");
  assert.equal(changes[0]?.wordBefore, "IN_POSITION");
  assert.equal(changes[0]?.wordAfter, "HALT");
  assert.equal(changes[0]?.cause, "invalid_fill_quantity");
  assert.ok(records.some((one) => one.type === "snapshot" && one.reason === "invalid_fill_quantity"));
});

Deno.test("[F-1.6] starting is a cooldown without alert and lifts once", () => {
  const rig = newRig();
  const sent = send(rig, { kind: "Boot", at: at(rig), accountUid: "7", restart: false, upgraded: false });
  assert.equal(publicWord(rig.bot), "COOLDOWN");
  assert.equal(sent.filter((one) => one.kind === "Alert").length, 0);
  for (const stream of ["private", "public"] as const) {
    send(rig, { kind: "Link", at: at(rig), stream, status: "ready", cause: "" });
  }
  market(rig, rig.price);
  tick(rig);
  wait(rig, 2000);
  assert.equal(publicWord(rig.bot), "FLAT");
});
