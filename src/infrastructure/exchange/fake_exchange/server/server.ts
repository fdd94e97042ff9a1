/**
 * The fake venue behind a real socket on 127.0.0.1: Bybit's paths for REST and WebSocket on one port, and what only a
 * test may do under /_venue/. Server time is this machine's clock.
 *
 *   GET  /_venue/state                        account, orders, market
 *   GET  /_venue/log?last=N                   the newest entries of the venue's own log
 *   GET  /_venue/faults                       names that can be injected, and how often each fired
 *   POST /_venue/price        {"price":"30000.5"}
 *   POST /_venue/fault        {"name":"ret_10016","detail":{…}}
 *   POST /_venue/person       {"side":"Sell","qty":200}
 *   POST /_venue/leverage     {"leverage":"50"}
 *   POST /_venue/deposit      {"btc":"0.001"}            negative = withdrawal
 *   POST /_venue/adl          {"qty":100}
 *   POST /_venue/liquidate    {}
 *   POST /_venue/outage       {"seconds":10}
 *   POST /_venue/maintenance  {"inSeconds":900,"seconds":60}
 *   POST /_venue/fill         {"link":"grid_","qty":20}    part of a resting order, at its own price
 *   POST /_venue/hold         {"action":"create","link":"_stop_","when":"before","frames":true}
 *                             create, amend or cancel of the orders whose id holds `link` wait on their way: before the
 *                             venue, after it, or "refuse" with a "retCode"; private frames too when asked
 *   GET  /_venue/held         what waits
 *   POST /_venue/release      {"deliver":true}           false = what waits before the venue is lost; "action": only these
 */
import { hmacSha256 } from "../wire/signature.ts";
import { holdRuleOf, Holds } from "./holds.ts";
import { liveFeed, walkFeed } from "../market/live_feed.ts";
import {
  createVenue,
  FAULT_NAMES,
  type FaultPlan,
  type InstrumentOptions,
  isFaultName,
  type MarketFeed,
  SAMPLE_SWITCHES,
  type Switches,
  type Venue,
  type VenueAccount,
  type VenueClock,
  type VenueLogEntry,
} from "../mod.ts";
import { centsOf, satOf } from "../money.ts";
import { type Fields, fieldsOf, text } from "../trading/order_params.ts";

export type ServeOptions = {
  /** 0 = any free port. */
  readonly port: number;
  readonly key?: string;
  readonly secret?: string;
  readonly account?: Partial<VenueAccount>;
  /** A recording in its own time; without it a seeded walk. */
  readonly feed?: MarketFeed;
  /** How many times as fast the recording's moves come; 1 unless given. */
  readonly speed?: number;
  readonly seed?: number;
  /** The newest samples' spellings unless given. */
  readonly switches?: Partial<Switches>;
  readonly faults?: FaultPlan;
  readonly instrument?: Partial<InstrumentOptions>;
  /** PEM texts; serves https and wss. */
  readonly tls?: { readonly cert: string; readonly key: string };
  readonly onLog?: (entry: VenueLogEntry) => void;
  /** Host name each request and socket was meant for. */
  readonly onHost?: (host: string) => void;
  /** Answers in the venue's place when it returns something: a host that redirects, a page of an intermediary. */
  readonly front?: (request: Request) => Response | null;
};

export type ServedVenue = {
  readonly port: number;
  readonly venue: Venue;
  readonly holds: Holds;
  shutdown(): Promise<void>;
};

const LOG_KEPT = 2_000;
const LONGEST_TIMEOUT_MS = 2_000_000_000;

/** Serves the venue until `shutdown`. Throws when the port is taken. */
export function serveVenue(options: ServeOptions): ServedVenue {
  const clock = new RealClock();
  const startAt = Date.now();
  const seed = options.seed ?? 1;
  const feed = options.feed === undefined
    ? liveFeed(walkFeed(seed, startAt), { startAt, speed: options.speed ?? 1 })
    : liveFeed(options.feed, { startAt, speed: options.speed ?? 1 });
  const kept: VenueLogEntry[] = [];
  const venue = createVenue({
    signer: hmacSha256,
    seed,
    clock,
    feed,
    account: {
      uid: "100000001",
      walletBtc: "0.1",
      ...options.account,
      key: options.key ?? "venue-key",
      secret: options.secret ?? "venue-secret",
    },
    switches: { ...SAMPLE_SWITCHES, ...options.switches },
    ...(options.faults === undefined ? {} : { faults: options.faults }),
    ...(options.instrument === undefined ? {} : { instrument: options.instrument }),
    onLog: (entry) => {
      if (entry.kind !== "price") kept.push(entry);
      if (kept.length > LOG_KEPT) kept.splice(0, LOG_KEPT / 2);
      options.onLog?.(entry);
    },
  });
  venue.start();
  const sockets = new Set<WebSocket>();
  const holds = new Holds(() => clock.now());
  const handle = (request: Request) => {
    options.onHost?.(new URL(request.url).hostname);
    const instead = options.front?.(request) ?? null;
    if (instead !== null) return instead;
    return answer(request, { venue, kept, sockets, holds });
  };
  const at = { hostname: "127.0.0.1", port: options.port, onListen: () => {} };
  const server = options.tls === undefined ? Deno.serve(at, handle) : Deno.serve({ ...at, ...options.tls }, handle);
  return {
    port: server.addr.port,
    venue,
    holds,
    async shutdown() {
      clock.stop();
      holds.release({ deliver: false });
      for (const socket of sockets) socket.close();
      await server.shutdown();
    },
  };
}

/** This machine's clock. Timers do not keep the process alive beyond `stop`. */
class RealClock implements VenueClock {
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  now(): number {
    return Date.now();
  }
  at(timeMs: number, run: () => void): () => void {
    const delay = Math.min(LONGEST_TIMEOUT_MS, Math.max(0, timeMs - Date.now()));
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      run();
    }, delay);
    this.#timers.add(timer);
    return () => {
      clearTimeout(timer);
      this.#timers.delete(timer);
    };
  }
  stop(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }
}

type Served = {
  readonly venue: Venue;
  readonly kept: VenueLogEntry[];
  readonly sockets: Set<WebSocket>;
  readonly holds: Holds;
};

async function answer(request: Request, served: Served): Promise<Response> {
  const { path, query } = splitUrl(request.url);
  if (request.headers.get("upgrade")?.toLowerCase() === "websocket") return upgrade(request, served);
  const body = await request.text();
  if (path.startsWith("/_venue/")) return control({ method: request.method, path, query, body }, served);
  const headers: Record<string, string> = {};
  for (const [name, value] of request.headers) headers[name] = value;
  const sent = { method: request.method, path, query, headers, body };
  const reply = await served.holds.carry(sent, () => served.venue.rest(sent));
  return new Response(reply.body, { status: reply.status, headers: reply.headers });
}

/** The query exactly as sent: the signature covers its bytes. */
function splitUrl(url: string): { path: string; query: string } {
  const rest = url.slice(url.indexOf("/", url.indexOf("//") + 2));
  const mark = rest.indexOf("?");
  return mark < 0 ? { path: rest, query: "" } : { path: rest.slice(0, mark), query: rest.slice(mark + 1) };
}

const PRIVATE: ReadonlySet<string> = new Set(["order", "execution", "position", "wallet"]);

function upgrade(request: Request, served: Served): Response {
  const { path, query } = splitUrl(request.url);
  const { socket, response } = Deno.upgradeWebSocket(request, { idleTimeout: 0 });
  let line: ReturnType<Venue["connect"]> | null = null;
  socket.onopen = () => {
    served.sockets.add(socket);
    line = served.venue.connect(query === "" ? path : `${path}?${query}`, {
      send: (frame, channel) => {
        const send = () => {
          if (socket.readyState === WebSocket.OPEN) socket.send(frame);
        };
        if (PRIVATE.has(channel)) served.holds.frame(send);
        else send();
      },
      close: (reason) => socket.close(1000, reason.slice(0, 100)),
    });
  };
  socket.onmessage = (event) => line?.receive(String(event.data));
  const ended = () => {
    served.sockets.delete(socket);
    line?.closed();
  };
  socket.onclose = ended;
  socket.onerror = ended;
  return response;
}

type ControlRequest = {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly body: string;
};

function control(request: ControlRequest, served: Served): Response {
  const name = request.path.slice("/_venue/".length);
  if (request.method === "GET") {
    if (name === "state") return json(served.venue.control.state());
    if (name === "log") {
      const last = Number(/last=(\d+)/.exec(request.query)?.[1] ?? 100);
      return json(served.kept.slice(-last));
    }
    if (name === "held") return json(served.holds.held());
    if (name === "faults") return json({ names: FAULT_NAMES, fired: served.venue.faultCounts() });
    return json({ error: `no such call: GET /_venue/${name}` }, 404);
  }
  const fields = fieldsOf(request.body === "" ? "{}" : request.body);
  if (fields === null) return json({ error: "the body is not a JSON object" }, 400);
  const problem = onTheWay(name, { fields, holds: served.holds }) ?? act(name, { fields, venue: served.venue });
  return problem === "" ? json(served.venue.control.state()) : json({ error: problem }, 400);
}

/** What holds requests back and lets them go; null = the call is none of these. */
function onTheWay(name: string, { fields, holds }: { readonly fields: Fields; readonly holds: Holds }): string | null {
  if (name === "hold") {
    const rule = holdRuleOf(fields);
    if (typeof rule === "string") return rule;
    holds.hold(rule);
    return "";
  }
  if (name !== "release") return null;
  const action = text(fields, "action");
  holds.release({ deliver: fields["deliver"] === true, ...(action === "" ? {} : { action }) });
  return "";
}

/** Does what was asked; "" = done, else what is wrong with the call. */
function act(name: string, call: { readonly fields: Fields; readonly venue: Venue }): string {
  const { fields, venue } = call;
  const number = (key: string) => typeof fields[key] === "number" ? fields[key] : NaN;
  switch (name) {
    case "price": {
      const cents = centsOf(text(fields, "price"));
      if (cents === null || !(cents > 0)) {
        return `price: expected a decimal string, got ${JSON.stringify(fields["price"])}`;
      }
      venue.control.setPrice(cents);
      return "";
    }
    case "fault": {
      const fault = text(fields, "name");
      if (!isFaultName(fault)) return `name: expected one of ${FAULT_NAMES.join(", ")}`;
      venue.control.injectFault(fault, detailOf(fields["detail"]));
      return "";
    }
    case "person": {
      const side = fields["side"];
      if ((side !== "Buy" && side !== "Sell") || !Number.isInteger(number("qty")) || number("qty") <= 0) {
        return "side: Buy or Sell; qty: a number > 0";
      }
      venue.control.personTrades({ side, qty: number("qty") });
      return "";
    }
    case "fill": {
      if (!(Number.isInteger(number("qty")) && number("qty") > 0)) return "qty: a whole number > 0";
      const filled = venue.control.fillResting({ link: text(fields, "link"), qty: number("qty") });
      return filled > 0 ? "" : "link: no resting order has it in its orderLinkId";
    }
    case "leverage": {
      const leverage = Number(text(fields, "leverage"));
      if (!(leverage >= 1 && leverage <= 100)) return "leverage: a decimal string from 1 to 100";
      venue.control.personSetsLeverage(Math.round(leverage * 100));
      return "";
    }
    case "deposit":
      if (!/^-?\d+(\.\d{1,8})?$/.test(text(fields, "btc"))) return "btc: a decimal string with at most 8 places";
      venue.control.deposit(satOf(text(fields, "btc")));
      return "";
    case "adl":
      if (!(number("qty") > 0)) return "qty: a number > 0";
      venue.control.adl(number("qty"));
      return "";
    case "liquidate":
      venue.control.liquidateNow();
      return "";
    case "outage":
      if (!(number("seconds") > 0)) return "seconds: a number > 0";
      venue.control.outage(Date.now() + number("seconds") * 1000);
      return "";
    case "maintenance": {
      if (!(number("inSeconds") >= 0 && number("seconds") > 0)) {
        return "inSeconds: a number >= 0; seconds: a number > 0";
      }
      const fromMs = Date.now() + number("inSeconds") * 1000;
      venue.control.maintenance({ fromMs, toMs: fromMs + number("seconds") * 1000 });
      return "";
    }
    default:
      return `no such call: POST /_venue/${name}`;
  }
}

function detailOf(value: unknown): Record<string, string | number | boolean> {
  const detail: Record<string, string | number | boolean> = {};
  if (typeof value !== "object" || value === null) return detail;
  for (const [key, part] of Object.entries(value)) {
    if (typeof part === "string" || typeof part === "number" || typeof part === "boolean") detail[key] = part;
  }
  return detail;
}

function json(value: unknown, status = 200): Response {
  return new Response(JSON.stringify(value), { status, headers: { "content-type": "application/json" } });
}
