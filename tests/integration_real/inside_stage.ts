/** What the programs inside the private network namespace share: the fake venue under the real names, the bot's folder. */
import { walkFeed } from "../../src/infrastructure/exchange/fake_exchange/market/live_feed.ts";
import type { MarketFeed, Switches } from "../../src/infrastructure/exchange/fake_exchange/mod.ts";
import { serveVenue } from "../../src/infrastructure/exchange/fake_exchange/server/server.ts";
import { type Status, statusSchema } from "../../src/views/status.ts";

export const KEY = "abotkey12345";
export const SECRET = "abotsecret12345";
/** What the bot may reach. Everything else in the hosts file leads here too, so that a call there would be seen. */
export const TWO_NAMES = ["api-testnet.bybit.com", "stream-testnet.bybit.com"];

/** A market that moves only where the test puts it: a bot's newest quote is then never an old one. */
function stillFeed(startAt: number): MarketFeed {
  const walk = walkFeed(5, startAt);
  const { startAt: first, endAt } = walk;
  const start = walk.next();
  let at = startAt - 1_000;
  return {
    startAt: first,
    endAt,
    next: () => (start === null ? null : { ...start, at: at += 1_000 }),
    candles: (range) => walk.candles(range),
    fundingRateE8: (time) => walk.fundingRateE8(time),
  };
}

export type Front = (request: Request) => Response | null;

export class Stage {
  readonly folder: string;
  readonly hostsSeen = new Set<string>();
  readonly served: ReturnType<typeof serveVenue>;
  readonly env: Readonly<Record<string, string>>;
  /** Answers in the place of the venue while set. */
  front: Front | null = null;

  constructor({ tls, project, ...given }: {
    readonly tls: string;
    readonly project: string;
    readonly switches?: Partial<Switches>;
  }) {
    this.folder = Deno.makeTempDirSync({ prefix: "abot-real-" });
    this.served = serveVenue({
      port: 443,
      key: KEY,
      secret: SECRET,
      seed: 5,
      feed: stillFeed(Date.now()),
      ...(given.switches === undefined ? {} : { switches: given.switches }),
      onHost: (host) => void this.hostsSeen.add(host),
      front: (request) => this.front?.(request) ?? null,
      tls: { cert: Deno.readTextFileSync(`${tls}/venue.pem`), key: Deno.readTextFileSync(`${tls}/venue.key`) },
    });
    Deno.mkdirSync(`${this.folder}/config`);
    for (const name of ["testnet.yaml", "testnet_scenarios.yaml", "safety_limits.yaml"]) {
      Deno.copyFileSync(`${project}/config/${name}`, `${this.folder}/config/${name}`);
    }
    Deno.mkdirSync(`${this.folder}/data`);
    this.env = {
      HOME: Deno.env.get("HOME") ?? "/",
      PATH: Deno.env.get("PATH") ?? "",
      NO_COLOR: "1",
      DENO_CERT: `${tls}/ca.pem`,
      BYBIT_TESTNET_API_KEY: KEY,
      BYBIT_TESTNET_API_SECRET: SECRET,
    };
  }

  get control() {
    return this.served.venue.control;
  }

  /** Files below the bot's folder whose path matches, in the order of their names. */
  filesLike(pattern: RegExp, below = `${this.folder}/data`): string[] {
    const found: string[] = [];
    for (const { name, isDirectory } of [...Deno.readDirSync(below)].toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = `${below}/${name}`;
      if (isDirectory) found.push(...this.filesLike(pattern, path));
      else if (pattern.test(path)) found.push(path);
    }
    return found;
  }

  /** The newest status a bot below the folder wrote; null = none. */
  status(): Status | null {
    let newest: Status | null = null;
    for (const path of this.filesLike(/\/status\.json$/)) {
      const parsed = statusSchema.safeParse(JSON.parse(Deno.readTextFileSync(path)));
      if (parsed.success && parsed.data.written_at_ms > (newest?.written_at_ms ?? 0)) newest = parsed.data;
    }
    return newest;
  }

  stops() {
    return this.control.state().orders.filter((order) => order.orderLinkId.includes("_stop_"));
  }

  async close(): Promise<void> {
    await this.served.shutdown();
    Deno.removeSync(this.folder, { recursive: true });
  }
}

export const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

export function pass(name: string, detail = ""): void {
  console.log(`PASS ${name}${detail === "" ? "" : ` (${detail})`}`);
}

/**
 * Moves the market to the bot's orders: beyond the grid line of a flat bot, buying and selling in turn, then to its
 * resting entry, then where the trade should end.
 */
export class Driver {
  /** Where the open trade is driven, by its number from 1; `nothing` leaves it open. */
  end: (trade: number) => "nothing" | "stop" | "target" = () => "nothing";
  /** While true no entry is let happen. */
  paused = false;
  /** No entry is let happen after so many trades. */
  last = Infinity;
  #trades = 0;
  readonly #stage: Stage;
  readonly #timer: ReturnType<typeof setInterval>;
  #wasOpen = false;
  #buys = true;

  constructor(stage: Stage) {
    this.#stage = stage;
    this.#timer = setInterval(() => {
      try {
        this.#look();
      } catch (error) {
        // A file that is just being replaced; the next look finds it.
        if (!(error instanceof SyntaxError || error instanceof Deno.errors.NotFound)) throw error;
      }
    }, 250);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const { control } = this.#stage;
    const state = control.state();
    if (this.#wasOpen && state.size === 0) this.#buys = !this.#buys;
    if (!this.#wasOpen && state.size > 0) this.#trades += 1;
    this.#wasOpen = state.size > 0;
    if (state.size > 0) return this.#toEnd(state);
    if (this.paused || this.#trades >= this.last) return;
    const entry = state.orders.find((order) => order.owner === "bot" && !order.reduceOnly && order.status === "New");
    if (entry !== undefined) {
      if (Math.abs(entry.price / state.last - 1) > 0.03) return;
      return control.setPrice(Math.round(entry.price * (entry.side === "Buy" ? 0.9997 : 1.0003)));
    }
    const status = this.#stage.status();
    if (status?.word !== "FLAT") return;
    const { grid } = status;
    if (grid === null) return;
    const [line, beyond] = this.#buys ? [grid.buy_at_usd, 0.9993] : [grid.sell_at_usd, 1.0007];
    const cents = Math.round(line * 100);
    if (this.#buys ? state.last > cents : state.last < cents) control.setPrice(Math.round(cents * beyond));
  }

  #toEnd(state: ReturnType<Stage["control"]["state"]>): void {
    const { control } = this.#stage;
    const long = state.side === "Buy";
    const stop = state.orders.find((order) => order.triggerPrice > 0);
    const target = state.orders.find((order) => order.reduceOnly && order.triggerPrice === 0);
    const wanted = this.end(this.#trades);
    if (wanted === "stop" && stop !== undefined) {
      control.setPrice(Math.round(stop.triggerPrice * (long ? 0.9995 : 1.0005)));
    }
    if (wanted === "target" && target !== undefined) {
      control.setPrice(Math.round(target.price * (long ? 1.0005 : 0.9995)));
    }
  }
}
