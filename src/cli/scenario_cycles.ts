/** Rehearsals of the whole bot on the scenario profile: cycles, a cut connection. */
import { isBlocked } from "../application/step.ts";
import { ScenarioBot } from "./scenario_bot.ts";
import { mustBe, type ScenarioContext } from "./scenario_context.ts";
import { ScenarioFailure } from "./scenario_class.ts";

/** A signal needs a bar and the market at a grid line; a quiet market needs longer. */
const ENTRY_WITHIN_MS = 20 * 60_000;
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
