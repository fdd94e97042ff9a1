/** The band of prices the venue allows now, for `abot check`. No decision uses it (ADR 0011). */
import type { Config } from "../../domain/limits.ts";
import type { PriceCents } from "../../domain/units.ts";
import { RestClient } from "../../infrastructure/exchange/bybit/bybit_rest_client.ts";
import { parsePriceBand, type PriceBand } from "../../infrastructure/exchange/bybit/parse_audit.ts";
import { ParseFailure } from "../../infrastructure/exchange/bybit/parse_decimal.ts";
import { parseTickerReply } from "../../infrastructure/exchange/bybit/parse_rest.ts";
import { marketQuery } from "../../infrastructure/exchange/bybit/render.ts";
import { type Endpoint, ENDPOINTS, REST_URL } from "../../infrastructure/exchange/bybit/venue_words.ts";
import { createWireLog } from "../../infrastructure/exchange/bybit/wire_log.ts";
import type { LiveWorld } from "../../bot/live/world.ts";
import { outcomeText } from "../../bot/outcome_text.ts";

const ANSWER_WITHIN_MS = 10_000;
/** The exit's limit stands this far from mark (F-5.9, ADR 0007); between two reads mark moves a little. */
const EXIT_LIMIT_PCT = 1;
const MOVED_PCT = 0.1;

type Keys = { readonly key: string; readonly secret: string };
type Read<Value> = { readonly value: Value } | { readonly trouble: string };

/** `a buy up to 80800.5 (1.00 % above mark), …`; a note when exits by limit would be refused. Prices in cents. */
export function bandLine({ maxBuy, minSell }: PriceBand, mark: PriceCents | null): string {
  const price = (cents: number) => (cents / 100).toFixed(2);
  if (mark === null) return `a buy up to ${price(maxBuy)}, a sell down to ${price(minSell)}; mark is unknown`;
  const above = (maxBuy / mark - 1) * 100;
  const below = (1 - minSell / mark) * 100;
  const narrow = Math.min(above, below) < EXIT_LIMIT_PCT - MOVED_PCT;
  return `a buy up to ${price(maxBuy)} (${above.toFixed(2)} % above mark), a sell down to ${price(minSell)} ` +
    `(${below.toFixed(2)} % below)` +
    (narrow ? `; an exit by limit stands ${EXIT_LIMIT_PCT} % from mark and can be refused here (F-5.9)` : "");
}

/** Asks for band and mark; resolves with one line within 10 s whatever the venue does. Needs no key. */
export function readPriceBand(world: LiveWorld, { key, secret, config }: Keys & { config: Config }): Promise<string> {
  const { platform } = world;
  const { clock } = platform;
  const rest = new RestClient({
    platform,
    signer: platform.signer(secret),
    key,
    restUrl: REST_URL,
    runtime: config.runtime,
    wire: createWireLog({ write: undefined, now: () => clock.wallNow(), key, secret }),
    onBan: () => undefined,
    onTimeGap: () => undefined,
    onFirstSync: () => undefined,
  });
  return new Promise((resolve) => {
    let band: Read<PriceBand> | null = null;
    let mark: PriceCents | null | undefined;
    const timer = clock.after(
      ANSWER_WITHIN_MS,
      () => finish(`not known: no answer within ${ANSWER_WITHIN_MS / 1000} s`),
    );
    const finish = (line: string): void => {
      clock.cancel(timer);
      rest.close();
      resolve(line);
    };
    const look = (): void => {
      if (band === null || mark === undefined) return;
      finish("trouble" in band ? `not known: ${band.trouble}` : bandLine(band.value, mark));
    };
    ask(rest, { endpoint: ENDPOINTS.priceLimit, parse: parsePriceBand, done: (read) => void (band = read, look()) });
    ask(rest, {
      endpoint: ENDPOINTS.tickers,
      parse: parseTickerReply,
      done(read) {
        mark = "trouble" in read ? null : read.value.mark ?? null;
        look();
      },
    });
  });
}

function ask<Value>(
  rest: RestClient,
  call: {
    readonly endpoint: Endpoint;
    readonly parse: (result: unknown) => Value;
    readonly done: (read: Read<Value>) => void;
  },
): void {
  const { endpoint, parse, done } = call;
  rest.call({
    endpoint,
    payload: marketQuery(),
    lane: "other",
    done({ outcome, result }) {
      if (outcome.kind !== "ok") return done({ trouble: outcomeText(outcome) });
      try {
        done({ value: parse(result) });
      } catch (error) {
        if (!(error instanceof ParseFailure)) throw error;
        done({ trouble: error.message });
      }
    },
  });
}
