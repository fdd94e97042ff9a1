import type { Bot } from "../../domain/state.ts";
import type { ChangeRecord, PublicWord, SnapshotRecord } from "../../domain/records.ts";
import { emit, positionOf, type Step } from "./step.ts";
import { equityOf } from "./ledger/money.ts";

/** The word people see: HALT over COOLDOWN over the phase (F-1). */
export function publicWord(bot: Bot): PublicWord {
  if (bot.halt !== null) return "HALT";
  for (const one of bot.blocks) if (one.class === "COOLDOWN") return "COOLDOWN";
  switch (bot.phase.kind) {
    case "flat":
      return "FLAT";
    case "entry":
      return "ENTRY_PENDING";
    case "position":
      return "IN_POSITION";
    case "exit":
      return "EXIT_PENDING";
    default: {
      const never: never = bot.phase;
      return never;
    }
  }
}

/** Records of what changed in this step, with its cause (F-1.5), and snapshots of new halts and cooldowns (F-13.4). */
export function report(step: Step): void {
  const { before, bot } = step;
  const same = before.halt === bot.halt && before.blocks === bot.blocks && before.phase.kind === bot.phase.kind;
  if (same && step.causes.length === 0) return;
  for (const old of before.blocks) {
    // A timed block that ran out pushed no cause of its own.
    const over = `${old.reason} over`;
    if (!bot.blocks.some((one) => one.reason === old.reason) && !step.causes.includes(over)) step.causes.push(over);
  }
  const cause = step.causes.length > 0 ? step.causes.join(", ") : step.event.kind;
  const record: ChangeRecord = {
    type: "change",
    at: step.at,
    wordBefore: publicWord(before),
    wordAfter: publicWord(bot),
    phaseBefore: before.phase.kind,
    phaseAfter: bot.phase.kind,
    cause,
  };
  emit(step, { kind: "Record", record });
  if (bot.halt !== null && (bot.halt.reason !== before.halt?.reason || bot.halt.since !== before.halt.since)) {
    snapshot(step, { lid: "HALT", reason: bot.halt.reason });
  }
  for (const one of bot.blocks) {
    if (one.class !== "COOLDOWN" || one.reason === "starting") continue;
    if (before.blocks.some((old) => old.reason === one.reason)) continue;
    snapshot(step, { lid: "COOLDOWN", reason: one.reason });
    emit(step, {
      kind: "Alert",
      severity: "warning",
      code: `cooldown:${one.reason}`,
      text: `entries stop until ${one.until === null ? "it is over" : new Date(one.until).toISOString()}`,
    });
  }
}

/** What a person needs to understand a halt or cooldown without a debugger (F-13.4). */
function snapshot(step: Step, of: { readonly lid: SnapshotRecord["lid"]; readonly reason: string }): void {
  const { bot } = step;
  const position = positionOf(bot);
  const equity = equityOf(bot);
  const { seen } = bot.market;
  emit(step, {
    kind: "Record",
    record: {
      type: "snapshot",
      at: step.at,
      reason: of.reason,
      lid: of.lid,
      context: {
        detail: bot.halt?.detail ?? null,
        event: step.event.kind,
        last: seen.last,
        mark: seen.mark,
        bid: seen.bid,
        ask: seen.ask,
        equity_usd: equity.usd === null ? null : equity.usd / 1_000_000,
        stage_candidate: bot.stage.candidate,
        rest_p95_ms: bot.vitals?.restP95 ?? null,
        rest_calls_60s: bot.vitals?.restCalls60s ?? null,
        drops_60s: bot.vitals?.drops60s ?? null,
        private_stream: bot.privateStream.status,
        public_stream: bot.publicStream.status,
        degraded_since: bot.degradedSince,
        phase: bot.phase.kind,
        net: bot.ledger.net,
        entry_price: position?.entryPrice ?? null,
        stop_status: position?.stopStatus ?? null,
        stop_trigger: position?.stop.wantedTrigger ?? null,
        uncovered_since: position?.uncoveredSince ?? null,
        blocks: bot.blocks.map((one) => ({ reason: one.reason, until: one.until })),
        orders: bot.orders.map((order) => ({ id: order.id, role: order.role, state: order.state })),
        recent: bot.recent,
      },
    },
  });
}

const REMEMBERED = 20;

/** The last twenty events by kind and time, markets and ticks left out (F-13.4). */
export function noteRecent(step: Step): void {
  const { kind, bot } = step;
  if (kind === "Market" || kind === "Tick") return;
  const recent = bot.recent.slice(-REMEMBERED);
  // The oldest goes before the newest comes: a copy that has to grow is twice as long.
  if (recent.length === REMEMBERED) recent.shift();
  recent.push(`${step.at} ${kind}`);
  bot.recent = recent;
}
