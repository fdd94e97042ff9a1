import type { FaultDealer, FaultName } from "../faults.ts";
import type { History } from "../trading/history.ts";
import { type Fields, fieldsOf, isRefusal } from "../trading/order_params.ts";
import type { Sign } from "./signature.ts";
import type { RateLimits } from "./rate_limits.ts";
import { POST_HANDLERS, type PostHandler, QUERY_HANDLERS, type QueryHandler } from "./rest_account.ts";
import { type Answer, MARKET_HANDLERS, type MarketContext, type MarketHandler, type Query } from "./rest_market.ts";
import { ORDER_HANDLERS, type OrderHandler, requestedOrder } from "./rest_orders.ts";
import type { Core } from "../state.ts";
import type { RestReply, RestRequest, VenueAccount } from "../types.ts";
import type { RequestedOrder, VenueLogEntry } from "../venue_log.ts";

export type RestParts = {
  readonly core: Core;
  readonly history: History;
  readonly account: VenueAccount;
  readonly sign: Sign;
  readonly market: MarketContext;
  readonly limits: RateLimits;
  readonly faults: FaultDealer;
  readonly log: (entry: VenueLogEntry) => void;
  /** Refuses everything but system/status while true. */
  readonly down: () => boolean;
};

type Verdict = {
  readonly status: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly retCode: number | null;
  readonly applied: boolean;
  readonly fault: FaultName | null;
};
const JSON_TYPE = "application/json; charset=utf-8";
const JSON_HEADERS = Object.freeze({ "content-type": JSON_TYPE });
const HTML_HEADERS = Object.freeze({ "content-type": "text/html" });
const NO_FIELDS: Fields = Object.freeze({});

type SignedRoute =
  | { readonly kind: "order"; readonly path: string; readonly answer: OrderHandler }
  | { readonly kind: "post"; readonly path: string; readonly answer: PostHandler }
  | { readonly kind: "query"; readonly path: string; readonly answer: QueryHandler };
type Route = SignedRoute | { readonly kind: "market"; readonly path: string; readonly answer: MarketHandler };
/** What a signed request asks for. */
type Call = {
  readonly route: SignedRoute;
  readonly fields: Fields;
  readonly query: Query;
  readonly order: RequestedOrder | null;
};

const ROUTES: ReadonlyMap<string, Route> = new Map<string, Route>([
  ...Object.entries(ORDER_HANDLERS).map(([path, answer]) => [path, { kind: "order", path, answer }] as const),
  ...Object.entries(POST_HANDLERS).map(([path, answer]) => [path, { kind: "post", path, answer }] as const),
  ...Object.entries(QUERY_HANDLERS).map(([path, answer]) => [path, { kind: "query", path, answer }] as const),
  ...Object.entries(MARKET_HANDLERS).map(([path, answer]) => [path, { kind: "market", path, answer }] as const),
]);

/** The REST side: checks, limits, faults, then the handler (PROTOCOL §1.1, §2, §5, §6). */
export class RestServer {
  readonly #parts: RestParts;
  readonly #sign: (text: string) => string;

  constructor(parts: RestParts) {
    this.#parts = parts;
    this.#sign = parts.sign;
  }

  handle(request: RestRequest): RestReply {
    const fields = request.method === "POST" ? fieldsOf(request.body) : NO_FIELDS;
    const route = ROUTES.get(request.path);
    const order = route?.kind !== "order" || fields === null ? null : requestedOrder(route.path, fields);
    const verdict = this.#decide(request, { route, fields, order });
    this.#parts.log({
      kind: "request",
      at: this.#parts.core.state.now,
      method: request.method,
      path: request.path,
      query: request.query,
      httpStatus: verdict.status,
      retCode: verdict.retCode,
      applied: verdict.applied,
      fault: verdict.fault,
      order,
    });
    return { status: verdict.status, headers: verdict.headers, body: verdict.body };
  }

  /** Order entry over the trade socket: the same limits and handlers without the header check. */
  trade(op: string, args: unknown): { readonly body: string; readonly headers: Readonly<Record<string, string>> } {
    const path = `/v5/${op.replace(".", "/")}`;
    const fields: Fields = typeof args === "object" && args !== null ? { ...args } : NO_FIELDS;
    const route = ROUTES.get(path);
    const verdict = route?.kind !== "order" || path.endsWith("cancel-all")
      ? this.#refusal(10404, "op is not found")
      : this.#signed({ route, fields, query: emptyQuery, order: requestedOrder(path, fields) });
    return { body: verdict.body, headers: verdict.headers };
  }

  #decide(
    request: RestRequest,
    read: { readonly route: Route | undefined; readonly fields: Fields | null; readonly order: RequestedOrder | null },
  ): Verdict {
    const parts = this.#parts;
    const { route } = read;
    const get = request.method === "GET";
    if (parts.down() && request.path !== "/v5/system/status") return page(503, "Service Unavailable");
    if (!parts.limits.admitAddress(parts.core.state.now) || (get && request.body !== "")) {
      return page(403, "access too frequent");
    }
    if (route === undefined || get !== (route.kind === "query" || route.kind === "market")) {
      return page(404, "404 page not found");
    }
    const query = queryOf(request.query);
    if (route.kind === "market") return this.#answer(route.answer(parts.market, query), JSON_HEADERS);
    const unsigned = this.#signatureProblem(request);
    if (unsigned !== null) return unsigned;
    if (read.fields === null) return this.#refusal(10001, "params error: request body is not JSON");
    return this.#signed({ route, fields: read.fields, query, order: read.order });
  }

  #signed(call: Call): Verdict {
    const parts = this.#parts;
    const allowance = parts.limits.take(call.route.path, parts.core.state.now);
    const headers = {
      "content-type": JSON_TYPE,
      "x-bapi-limit": String(allowance.limit),
      "x-bapi-limit-status": String(allowance.remaining),
      "x-bapi-limit-reset-timestamp": String(allowance.resetAt),
    };
    if (!allowance.allowed) return this.#tooMany(headers, null);
    const fault = this.#drawFault(call);
    if (fault !== null) {
      return this.#faulty(fault, {
        headers,
        run: () => this.#run(call),
        isOrder: call.order !== null,
      });
    }
    if (parts.account.readOnly === true && call.order !== null) {
      return this.#refusal(10005, "Permission denied, please check your API key permissions.");
    }
    return this.#answer(this.#run(call), headers);
  }

  #run({ route, fields, query }: Call): Answer {
    const parts = this.#parts;
    if (route.kind === "query") return route.answer(parts, query);
    return route.answer(parts, fields);
  }

  #answer(answer: Answer, headers: Readonly<Record<string, string>>): Verdict {
    if (isRefusal(answer)) {
      return { ...this.#refusal(answer.retCode, answer.retMsg), headers };
    }
    const now = this.#parts.core.state.now;
    return {
      status: 200,
      headers,
      body: `{"retCode":0,"retMsg":"OK","result":${answer},"retExtInfo":{},"time":${now}}`,
      retCode: 0,
      applied: true,
      fault: null,
    };
  }

  #refusal(retCode: number, retMsg: string): Verdict {
    const now = this.#parts.core.state.now;
    return {
      status: 200,
      headers: JSON_HEADERS,
      body: `{"retCode":${retCode},"retMsg":${JSON.stringify(retMsg)},"result":{},"retExtInfo":{},"time":${now}}`,
      retCode,
      applied: false,
      fault: null,
    };
  }

  #tooMany(headers: Readonly<Record<string, string>>, fault: FaultName | null): Verdict {
    const shown = this.#parts.core.config.switches.limitHeadersOn10006 === "present" ? headers : JSON_HEADERS;
    return { ...this.#refusal(10006, "Too many visits! Exceeded the API Rate Limit."), headers: shown, fault };
  }

  #signatureProblem(request: RestRequest): Verdict | null {
    const { account, core } = this.#parts;
    const key = header(request.headers, "X-BAPI-API-KEY");
    const stamp = header(request.headers, "X-BAPI-TIMESTAMP");
    const sign = header(request.headers, "X-BAPI-SIGN");
    const window = header(request.headers, "X-BAPI-RECV-WINDOW");
    if (key === "" || stamp === "" || sign === "") {
      const said = `empty value: apiTimestamp[${stamp}] apiKey[${key}] apiSignature[${sign && "xxx"}]`;
      const verdict = this.#refusal(10001, `${said}: openapi sign params error!`);
      return { ...verdict, body: verdict.body.replace(`"result":{}`, `"result":null`) };
    }
    if (key !== account.key) return this.#refusal(10003, "API key is invalid.");
    if (typeof account.daysLeft === "number" && account.daysLeft < 0) {
      return this.#refusal(33004, "Your api key has expired.");
    }
    const now = core.state.now;
    const at = Number(stamp);
    const receive = window === "" ? 5000 : Number(window);
    if (!(now - receive <= at && at < now + 1000)) {
      const said = `req_timestamp[${stamp}],server_timestamp[${now}],recv_window[${receive}]`;
      return this.#refusal(10002, `invalid request, please check your server timestamp or recv_window param. ${said}`);
    }
    const payload = request.method === "POST" ? request.body : request.query;
    const origin = stamp + key + window + payload;
    return sign === this.#sign(origin) ? null : this.#refusal(10004, `error sign! origin_string[${origin}]`);
  }

  #drawFault({ order }: Call): FaultName | null {
    const { faults, core } = this.#parts;
    const now = core.state.now;
    const any = faults.draw("request", now);
    if (any !== null) return any;
    if (order === null) return null;
    const busy = faults.draw("order", now);
    if (busy !== null) return busy;
    if (order.action === "amend" || order.action === "cancel") return faults.draw("amend_cancel", now);
    const entry = order.action === "create" && !order.reduceOnly && !order.conditional;
    return entry ? faults.draw("entry_ack", now) : null;
  }

  /** Some faults hit before the venue acted, some after: an order request may have been executed (class U, §5). */
  #faulty(
    fault: FaultName,
    call: { readonly headers: Readonly<Record<string, string>>; readonly run: () => Answer; readonly isOrder: boolean },
  ): Verdict {
    const { faults, limits, core } = this.#parts;
    core.faultFired(fault, "");
    const mayHaveRun = fault === "http_5xx" || fault === "http_html" || fault === "ret_10016";
    let applied = false;
    if (mayHaveRun && call.isOrder && faults.half()) applied = !isRefusal(call.run());
    const refusal = (code: number, said: string): Verdict => ({ ...this.#refusal(code, said), applied, fault });
    switch (fault) {
      case "http_5xx":
        return { ...page(faults.pick([500, 502, 503, 504]), "<html>502 Bad Gateway</html>"), applied, fault };
      case "http_html":
        return { ...page(200, "<html><body>Please verify you are human</body></html>"), applied, fault };
      case "http_403":
        limits.ban(core.state.now);
        return { ...page(403, "access too frequent"), applied, fault };
      case "ret_10002":
        return refusal(10002, "invalid request, please check your server timestamp or recv_window param.");
      case "ret_10006":
        return this.#tooMany(call.headers, fault);
      case "ret_10016":
        return refusal(10016, "Request timeout, please try again later");
      case "ret_110001":
        return refusal(110001, "order not exists or too late to cancel");
      case "ret_110007":
        return refusal(110007, "ab not enough for new order");
      default:
        return refusal(110079, "The order is processing and can not be operated, please try again later");
    }
  }
}

function page(status: number, body: string): Verdict {
  return { status, headers: HTML_HEADERS, body, retCode: null, applied: false, fault: null };
}

function header(headers: Readonly<Record<string, string>>, name: string): string {
  return headers[name] ?? headers[name.toLowerCase()] ?? "";
}

const emptyQuery: Query = () => "";

/**
 * Reads a query string as sent; the first value of a name counts. URLSearchParams says the same and took 3 % of a
 * simulated day.
 */
export function queryOf(text: string): Query {
  if (text === "") return emptyQuery;
  const values = new Map<string, string>();
  for (const pair of text.split("&")) {
    const at = pair.indexOf("=");
    const name = pair.slice(0, at);
    if (at >= 0 && !values.has(name)) values.set(name, decoded(pair.slice(at + 1)));
  }
  return (name) => values.get(name) ?? "";
}

function decoded(value: string): string {
  if (!value.includes("%") && !value.includes("+")) return value;
  try {
    return decodeURIComponent(value.replaceAll("+", " "));
  } catch {
    return value;
  }
}
