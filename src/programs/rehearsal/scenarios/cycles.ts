/** Rehearsals of the whole bot on the scenario profile: cycles, a cut connection. */
import { isBlocked } from "../../../application/transition/step.ts";
import type { Position } from "../../../domain/state.ts";
import { ScenarioBot } from "../bot.ts";
import { mustBe, type ScenarioContext } from "../context.ts";
import { ScenarioFailure } from "../failure_class.ts";
import { agreeWithVenue } from "../venue_ledger.ts";

/** A signal needs a bar and the market at a grid line; a quiet market needs longer. */
const ENTRY_WITHIN_MS = 20 * 60_000;
const EXIT_WITHIN_MS = 60 * 60_000;
const CYCLES = 10;
const ATTEMPTS = 14;
const CYCLES_WITHIN_MS = 30 * 60_000;
const CLOSE_WITHIN_MS = 60_000;
const CUT_MS = 3_000;
const RECOVERED_WITHIN_MS = 60_000;

/** Runs a bot on the folder of this rehearsal and leaves nothing open, whatever happens. */
async function withBot(context: ScenarioContext, work: (bot: ScenarioBot) => Promise<void>): Promise<void> {
  const bot = new ScenarioBot(context, `${context.evidence.folder}/bot-${context.attempt}`);
  let failure: unknown = null;
  try {
    await bot.ready();
    context.saw("start checks passed");
    await work(bot);
  } catch (error) {
    failure = error;
  }
  const open = await bot.leave();
  for (const line of open) context.saw(`LEFT OPEN: ${line}`);
  if (failure !== null) throw failure;
  if (open.length > 0) throw new ScenarioFailure("schema", `left open: ${open.join("; ")}`);
}

async function enter(context: ScenarioContext, bot: ScenarioBot): Promise<void> {
  const { direction, contracts, stop } = await bot.entered(ENTRY_WITHIN_MS);
  context.saw(`${direction} ${contracts} contracts, stop ${stop.wantedTrigger / 100} shown by the venue`);
}

/** FLAT → ENTRY_PENDING → IN_POSITION → EXIT_PENDING → FLAT by the operator's close. */
export async function fullCycle(context: ScenarioContext): Promise<void> {
  await withBot(context, async (bot) => {
    await enter(context, bot);
    bot.close();
    const trade = await bot.closed(1, CLOSE_WITHIN_MS);
    mustBe(trade.exit_reason === "manual", `closed by ${trade.exit_reason}`);
    mustBe(trade.fills.length >= 2, `${trade.fills.length} fills in the record`);
    context.saw(
      `closed by ${trade.exit_reason}, net ${trade.net_pnl_usd.toFixed(4)} USD, ${trade.naked_ms} ms without stop`,
    );
    await agreeWithVenue(context, [trade]);
  });
}

/** A trade that ends by its stop (F-5). The market decides whether it comes; an hour without it is a FAIL of class market. */
export async function stopHit(context: ScenarioContext): Promise<void> {
  await withBot(context, async (bot) => {
    await enter(context, bot);
    const trade = await bot.closed(1, EXIT_WITHIN_MS);
    if (!trade.fills.some((fill) => fill.role === "stop")) {
      throw new ScenarioFailure("market", `the market closed the trade by ${trade.exit_reason} before its stop`);
    }
    context.saw(`closed by the stop at ${trade.exit_price_avg}, ${trade.r_multiple} R`);
    await agreeWithVenue(context, [trade]);
  });
}

/**
 * Ten trades in sequence, each ended by its own target or stop: ten good ones within 30 minutes and 14 attempts. An
 * entry that nothing came of is an attempt too.
 */
export async function tenCycles(context: ScenarioContext): Promise<void> {
  await withBot(context, async (bot) => {
    const end = context.platform.clock.monotonicNow() + CYCLES_WITHIN_MS;
    const left = () => Math.max(0, end - context.platform.clock.monotonicNow());
    for (let done = 0; done < CYCLES;) {
      await bot.entered(left());
      const { exit_reason, net_pnl_usd } = await bot.closed(done + 1, left());
      done += 1;
      context.saw(`cycle ${done}: closed by ${exit_reason}, net ${net_pnl_usd.toFixed(4)} USD`);
      const attempts = bot.bot()?.operator.entryTimes.length ?? 0;
      if (attempts > ATTEMPTS) throw new ScenarioFailure("market", `${attempts} entries for ${done} trades`);
    }
    await agreeWithVenue(context, bot.trades);
  });
}

/**
 * Session risk on purpose: trades closed at once lose their fees; as many in a row as F-8.3 allows, and entries are
 * refused for the day.
 */
export async function sessionRisk(context: ScenarioContext): Promise<void> {
  await withBot(context, async (bot) => {
    const { loss_streak_day } = context.config.safety;
    for (let done = 0; !lossBlocked(bot);) {
      if (done >= loss_streak_day * 2) throw new ScenarioFailure("market", `${done} trades and no streak of losses`);
      await bot.entered(ENTRY_WITHIN_MS);
      bot.close();
      done += 1;
      const { net_pnl_usd } = await bot.closed(done, CLOSE_WITHIN_MS);
      const streak = bot.bot()?.risk.lossStreak ?? 0;
      context.saw(`trade ${done}: net ${net_pnl_usd.toFixed(4)} USD, losses in a row ${streak}`);
    }
    const streak = bot.bot()?.risk.lossStreak ?? 0;
    mustBe(streak >= loss_streak_day, `blocked after ${streak} losses`);
    const wait = { what: "a refused entry", withinMs: 30_000, failClass: "schema" } as const;
    const refusal = await bot.until(wait, ({ evaluation }) => evaluation.lastRefusal);
    context.saw(`loss_streak_day holds after ${streak} losses; entries are refused: ${refusal}`);
  });
}

function lossBlocked(bot: ScenarioBot): boolean {
  const seen = bot.bot();
  return seen !== null && isBlocked(seen, "loss_streak_day");
}

/** A start with a position from an earlier run: found, kept, its stop not replaced (F-11.5, F-10.7). */
export async function existingPosition(context: ScenarioContext): Promise<void> {
  const folder = `${context.evidence.folder}/bot-${context.attempt}`;
  const first = new ScenarioBot(context, folder);
  let before: Position;
  try {
    await first.ready();
    await enter(context, first);
    before = await first.entered(CLOSE_WITHIN_MS);
    first.crash();
    context.saw("ended without a word, position and stop stay at the venue");
  } catch (error) {
    await first.leave();
    throw error;
  }
  await withBot(context, async (bot) => {
    const after = await bot.entered(RECOVERED_WITHIN_MS);
    mustBe(after.contracts === before.contracts, `${before.contracts} contracts became ${after.contracts}`);
    mustBe(after.stop.id === before.stop.id, `stop ${before.stop.id} became ${after.stop.id}`);
    context.saw(`the next start found ${after.contracts} contracts and kept stop ${after.stop.id}`);
    bot.close();
    await bot.closed(1, CLOSE_WITHIN_MS);
  });
}

/** Both connections cut for three seconds: degraded, connected again, recovered, entries still blocked (F-7.7, F-7.21). */
export async function disconnect(context: ScenarioContext): Promise<void> {
  await withBot(context, async (bot) => {
    const cut = bot.sockets.cut(CUT_MS);
    mustBe(cut === 2, `${cut} connections were there to cut`);
    const degraded = { what: "degraded", withinMs: 10_000, failClass: "schema" } as const;
    await bot.until(degraded, (seen) => (seen.degradedSince !== null ? true : null));
    context.saw("degraded after the cut");
    const recovered = { what: "the recovery", withinMs: RECOVERED_WITHIN_MS, failClass: "network" } as const;
    await bot.until(recovered, (seen) => {
      const streams = seen.privateStream.status === "ready" && seen.publicStream.status === "ready";
      return streams && seen.degradedSince === null ? true : null;
    });
    const blocked = { what: "the block after a recovery", withinMs: 5_000, failClass: "schema" } as const;
    await bot.until(blocked, (seen) => (isBlocked(seen, "ws_recovery") ? true : null));
    context.saw("connected again, reconciled, entries blocked by ws_recovery");
  });
}
