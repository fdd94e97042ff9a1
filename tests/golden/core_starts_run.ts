/** Starts of the core, step by step as text: what is asked, checked, refused, halted and protected (F-12.6, F-11.5). */
import type { Event, EventOf } from "../../src/domain/events.ts";
import type { Intent } from "../../src/domain/intent.ts";
import { picoBtc, usdContracts } from "../../src/domain/units.ts";
import { nextDeadline, publicWord } from "../../src/application/transition/mod.ts";
import { at, DIP, enter, newRig, observation, open, openNaked, type Rig, send, show, vitalsAt } from "../core_rig.ts";
import { answerRead, fill, move, positionRow, refused } from "../core_venue.ts";

/** How one start differs from an undisturbed one. */
type Start = {
  readonly of: () => Rig;
  /** The answer as it arrives, or null = lost; `ms` since the start. */
  readonly answer?: (event: Event, ms: number) => Event | null;
  readonly boot?: Partial<EventOf<"Boot">>;
  readonly skewMs?: number;
  readonly forMs?: number;
};

/** The answers of one kind changed, all others as they are. */
function changed<K extends Event["kind"]>(kind: K, change: (event: EventOf<K>) => Event | null) {
  return (event: Event): Event | null => event.kind === kind ? change(event as EventOf<K>) : event;
}
/** The answer's result with some fields changed. */
function result(kind: "AccountAnswer" | "KeyAnswer", to: Readonly<Record<string, unknown>>) {
  return (event: Event): Event | null =>
    event.kind === kind ? { ...event, result: { ...event.result, ...to } } as Event : event;
}
const key = (to: Readonly<Record<string, unknown>>) => result("KeyAnswer", to);

function opened(): Rig {
  const rig = newRig();
  open(rig);
  rig.all.length = 0;
  return rig;
}
function naked(): Rig {
  const rig = newRig();
  openNaked(rig);
  rig.all.length = 0;
  return rig;
}
/** The entry fills in part while the bot is down. */
function entryFilled(): Rig {
  const rig = newRig();
  const entry = enter(rig);
  show(rig, entry);
  rig.all.length = 0;
  fill(rig.venue, entry, { contracts: 40, price: DIP - 50, at: at(rig), maker: true });
  return rig;
}
/** Somebody moved the account while the bot was down. */
function moved(contracts: number): Rig {
  const rig = opened();
  const side = contracts > 0 ? "Buy" as const : "Sell" as const;
  move(rig.venue, { side, contracts: Math.abs(contracts), price: rig.price, at: at(rig) });
  rig.venue.executions.length = 0;
  return rig;
}

/** Lists that lag behind: of before the fills. */
function beforeFills(event: Event): Event | null {
  if (event.kind === "Executed" || event.kind === "OrderLookup") return null;
  if (event.kind !== "OpenOrdersAnswer" || event.result.kind !== "orders") return event;
  const orders = event.result.orders.map((row) => ({ ...row, cumExecQty: usdContracts(0) }));
  return { ...event, result: { ...event.result, orders } };
}

const STARTS: Readonly<Record<string, Start>> = {
  "a new account": { of: newRig },
  "no answer for 5 s": { of: newRig, answer: (event, ms) => ms < 5_000 ? null : event, forMs: 12_000 },
  "no list of orders for 3 s": {
    of: newRig,
    answer: (event, ms) => event.kind === "OpenOrdersAnswer" && ms < 3_000 ? null : event,
    forMs: 6_000,
  },
  "hedge mode": {
    of: newRig,
    answer: changed("PositionAnswer", (event) => ({
      ...event,
      result: { kind: "position", position: positionRow(newRig().venue, event.at, { positionIdx: 1 }) },
    })),
  },
  "an account of the older kind": { of: newRig, answer: result("AccountAnswer", { unified: false }) },
  "cross margin, something open": { of: opened, answer: result("AccountAnswer", { marginMode: "REGULAR_MARGIN" }) },
  "a key that may withdraw": { of: newRig, answer: key({ canWithdrawOrTransfer: true, excess: ["Wallet: Withdraw"] }) },
  "a key that only reads": { of: newRig, answer: key({ readOnly: true }) },
  "a key without the right to trade": { of: newRig, answer: key({ canTrade: false }) },
  "a key of another account": { of: newRig, answer: key({ uid: "8" }) },
  "a key of 15 days": { of: newRig, answer: key({ daysLeft: 15 }), forMs: 1_000 },
  "a key of 14 days": { of: newRig, answer: key({ daysLeft: 14 }), forMs: 1_000 },
  "a key of 1 day": { of: newRig, answer: key({ daysLeft: 1 }), forMs: 1_000 },
  "price adjustment cannot be turned off": {
    of: newRig,
    answer: changed("PriceAdjustAnswer", (event) => ({ ...event, outcome: refused("other", 7) })),
  },
  "a clock 1 s off": { of: newRig, skewMs: 1_000, forMs: 1_500 },
  "a clock 1.001 s off": { of: newRig, skewMs: -1_001, forMs: 1_500 },
  "a clock 2.5 s off": { of: newRig, skewMs: 2_500, forMs: 1_500 },
  "a clock 2.501 s off": { of: newRig, skewMs: 2_501, forMs: 1_500 },
  "no wallet": { of: newRig, answer: changed("WalletAnswer", () => null) },
  "an empty wallet": {
    of: newRig,
    answer: changed(
      "WalletAnswer",
      (event) =>
        event.result.kind === "wallet"
          ? { ...event, result: { kind: "wallet", wallet: { ...event.result.wallet, walletBalance: picoBtc(0) } } }
          : event,
    ),
  },
  "again with a position, its stop and its target": { of: opened, boot: { restart: true } },
  "again with a position and a stop nobody heard of": { of: naked, boot: { restart: true } },
  "again with an unprotected position, no answer for 5 s": {
    of: naked,
    boot: { restart: true },
    answer: (event, ms) => ms < 5_000 ? null : event,
    forMs: 8_000,
  },
  "again, and the entry filled in part": { of: entryFilled, boot: { restart: true } },
  "again, and the entry filled in part, which no list shows for 1 s": {
    of: entryFilled,
    boot: { restart: true },
    answer: (event, ms) => ms < 1_000 ? beforeFills(event) : event,
  },
  "again, and less is held than was": { of: () => moved(-20), boot: { restart: true }, forMs: 12_000 },
  "again, and nothing is held any more": { of: () => moved(-90), boot: { restart: true }, forMs: 12_000 },
  "again, and more is held than was": { of: () => moved(30), boot: { restart: true } },
  "again with another core": { of: opened, boot: { restart: true, upgraded: true } },
  "again with a damaged journal": { of: opened, boot: { restart: true, damaged: "segment 3" } },
};

function text(intent: Intent): string {
  const { kind, ...rest } = intent;
  if (intent.kind === "Record") return `Record ${intent.record.type}`;
  return Object.keys(rest).length === 0 ? kind : `${kind} ${JSON.stringify(rest)}`;
}

function live(name: string, start: Start): string[] {
  const rig = start.of();
  rig.deaf = true;
  rig.now += 1_000;
  const from = rig.now;
  if (start.skewMs !== undefined) rig.vitals = { clockSkewMs: start.skewMs };
  const lines = [`start: ${name}`];
  let queue: { readonly due: number; readonly event: Event }[] = [];
  const give = (event: Event): void => {
    const before = rig.bot;
    const intents = send(rig, { ...event, at: at(rig) });
    const [was, is] = [before, rig.bot].map((bot) => `${publicWord(bot)}/${bot.phase.kind}/${bot.boot.stage}`);
    const shown = intents.map(text).filter((line) => line !== "Record evaluation" && line !== "Record change");
    if (was !== is || shown.length > 0) {
      lines.push(
        `+${rig.now - from} ${event.kind} ${was === is ? is : `${was} → ${is}`}`,
        ...shown.map((one) => `    ${one}`),
      );
    }
    for (const intent of intents) {
      for (const answer of answerRead(rig.venue, intent, { at: at(rig), askedAt: at(rig), price: rig.price }) ?? []) {
        const arrives = (start.answer ?? ((one: Event) => one))(answer, rig.now - from);
        if (arrives !== null) queue.push({ due: rig.now + 100, event: arrives });
      }
    }
  };
  give({ kind: "Boot", at: at(rig), accountUid: "7", restart: false, upgraded: false, ...start.boot });
  for (const stream of ["private", "public"] as const) {
    give({ kind: "Link", at: at(rig), stream, status: "ready", cause: "" });
  }
  const until = from + (start.forMs ?? 3_000);
  while (rig.now < until) {
    rig.now += 50;
    const due = queue.filter((one) => one.due <= rig.now);
    queue = queue.filter((one) => one.due > rig.now);
    for (const one of due) give(one.event);
    if ((rig.now - from) % 1_000 === 500) give({ kind: "Market", at: at(rig), seen: observation(rig.price) });
    const deadline = nextDeadline(rig.bot);
    if ((rig.now - from) % 1_000 === 0 || (deadline !== null && deadline <= rig.now)) {
      give({ kind: "Tick", at: at(rig), vitals: vitalsAt(rig) });
    }
  }
  const { halt, blocks, ledger, boot, orders } = rig.bot;
  const ends = [
    halt?.reason ?? "no halt",
    blocks.map((one) => one.reason).join(" ") || "no block",
    `net ${ledger.net}`,
  ];
  return [...lines, [...ends, boot.stage, `${orders.length} orders`].join(", ")];
}

/** All of it as text. */
export function coreStarts(): string {
  return `${Object.entries(STARTS).map(([name, start]) => live(name, start).join("\n")).join("\n\n")}\n`;
}

if (import.meta.main) console.log(coreStarts().trimEnd());
