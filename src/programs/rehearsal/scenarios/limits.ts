/** Rehearsal of the rate limits: provoked past the bot's own limiter, obeyed by it, and its own budget. */
import { restSigningText } from "../../../infrastructure/exchange/bybit/bybit_rest_client.ts";
import { classify } from "../../../infrastructure/exchange/bybit/classify.ts";
import { createBody, marketQuery } from "../../../infrastructure/exchange/bybit/render.ts";
import { ENDPOINTS, REST_URL } from "../../../infrastructure/exchange/bybit/venue_words.ts";
import { createWireLog } from "../../../infrastructure/exchange/bybit/wire_log.ts";
import type { HttpOutcome } from "../../../application/engine/ports.ts";
import { entryLinkId, signalId } from "../../../domain/ids.ts";
import { epochMs, priceCents, usdContracts } from "../../../domain/units.ts";
import { outcomeText } from "../../../bot/outcome_text.ts";
import { mustBe, type ScenarioContext, until } from "../context.ts";
import { atDesk, Desk } from "../desk.ts";

/** Six times the limit of five a second, once: enough to be refused, too little for a ban (PROTOCOL §6). */
const BURST = 30;
const ENDPOINT = ENDPOINTS.feeRate;
/** Budget of the last step: small, so that it is used up without tiring the venue. */
const SMALL_BUDGET = 3;

type Burst = { readonly throttled: number; readonly resets: readonly number[] };

/** Signed reads of the fee rate all at once, without any limiter. */
async function burst(context: ScenarioContext, desk: Desk): Promise<Burst> {
  const { platform, key, secret, config, evidence } = context;
  const signer = platform.signer(secret);
  const wire = createWireLog({ write: evidence.wire, now: () => platform.clock.wallNow(), key, secret });
  const window = config.runtime.recv_window_ms;
  const replies: HttpOutcome[] = [];
  for (let sent = 0; sent < BURST; sent += 1) {
    const timestamp = desk.rest.serverClock.signingNow();
    const text = restSigningText({ timestamp, key, window, payload: marketQuery() });
    signer.sign(text, (signature) => {
      const headers = {
        "X-BAPI-API-KEY": key,
        "X-BAPI-TIMESTAMP": String(timestamp),
        "X-BAPI-RECV-WINDOW": String(window),
        "X-BAPI-SIGN": signature,
      };
      const url = `${REST_URL}${ENDPOINT.path}?${marketQuery()}`;
      wire.request(ENDPOINT, marketQuery());
      platform.http.request({ method: "GET", url, headers, body: null, timeoutMs: 10_000 }, (reply) => {
        wire.reply(ENDPOINT, { reply, code: classify(reply, ENDPOINT).code });
        replies.push(reply);
      });
    });
  }
  const wait = { what: `${BURST} answers`, withinMs: 15_000, failClass: "network" } as const;
  await until(context, wait, () => (replies.length === BURST ? true : null));
  const throttled = replies.filter((reply) => classify(reply, ENDPOINT).code === 10006);
  const resets = throttled.flatMap((reply) => {
    const reset = reply.kind === "reply" ? Number(reply.headers["x-bapi-limit-reset-timestamp"]) : NaN;
    return Number.isFinite(reset) ? [reset] : [];
  });
  return { throttled: throttled.length, resets };
}

/** 10006 provoked, the bot's client waits as the header says and then succeeds, and its own budget refuses an entry. */
export async function rateLimit(context: ScenarioContext): Promise<void> {
  await atDesk(context, async (desk) => {
    const { throttled, resets } = await burst(context, desk);
    mustBe(throttled > 0, `${BURST} reads at once were all answered`);
    context.saw(`${throttled} of ${BURST} reads at once refused with 10006, ${resets.length} with a reset time`);
    const first = await desk.ask(ENDPOINT, marketQuery());
    const second = await desk.ask(ENDPOINT, marketQuery());
    const waited = second.askedAt - first.askedAt;
    mustBe(second.outcome.kind === "ok", `after the pause: ${outcomeText(second.outcome)}`);
    if (first.outcome.kind === "ok") context.saw("the second was over before the bot's client asked");
    else context.saw(`the bot's client was refused, waited ${waited} ms and was answered`);
  });
  await ownBudget(context);
}

/** F-7.10: when the budget of the minute is used up an entry is not sent. */
async function ownBudget(context: ScenarioContext): Promise<void> {
  const desk = new Desk(context, { rest_budget_other_per_min: SMALL_BUDGET });
  try {
    await desk.open();
    for (let asked = 0; asked < SMALL_BUDGET; asked += 1) await desk.ask(ENDPOINTS.tickers, marketQuery());
    const at = epochMs(Math.round(context.platform.clock.wallNow()));
    const signal = signalId(context.config.strategy_name, { barCloseAt: at, side: "Buy" });
    const ticket = {
      orderLinkId: entryLinkId(signal, { side: "Buy", generation: 1 }),
      side: "Buy",
      contracts: usdContracts(1),
      orderType: "Limit",
      price: priceCents(100),
      timeInForce: "PostOnly",
      trigger: null,
      reduceOnly: false,
      closeOnTrigger: false,
    } as const;
    const { outcome } = await desk.ask(ENDPOINTS.create, createBody(ticket));
    const refused = outcome.kind === "notSent" && outcome.reason === "rest_budget_exhausted";
    mustBe(refused, `an entry beyond the budget: ${outcomeText(outcome)}`);
    const left = context.evidence.lines().some((line) => line.includes(ticket.orderLinkId));
    mustBe(!left, "the refused entry is in the wire log");
    context.saw("an entry beyond the budget was not sent: rest_budget_exhausted");
  } finally {
    desk.close();
  }
}
