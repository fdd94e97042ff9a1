import type { Sign } from "./signature.ts";
import type { VenueConnection, VenuePeer } from "../types.ts";
import type { LogSession } from "../venue_log.ts";

export type ConnectionKind = "public" | "private" | "status" | "trade";
export type Connection = {
  readonly id: number;
  readonly kind: ConnectionKind;
  readonly path: string;
  readonly connId: string;
  /** A public connection's answer to a ping without a req_id: nothing in it changes. */
  readonly publicPong: string;
  readonly peer: VenuePeer;
  authenticated: boolean;
  open: boolean;
  /** Topic without its category → the topic as subscribed. */
  readonly topics: Map<string, string>;
};

export interface HubHost {
  now(): number;
  readonly key: string;
  readonly sign: Sign;
  /** "" = take the login, else the text to refuse it with. */
  loginFault(): string;
  /** First data of a fresh public subscription. */
  onSubscribed(connection: Connection, topic: string): void;
  session(entry: Omit<LogSession, "kind" | "at">): void;
  closedNow(): boolean;
  /** Order entry over the socket; returns the body of a REST answer. */
  trade(op: string, args: unknown): { readonly body: string; readonly headers: Readonly<Record<string, string>> };
}

type Message = Readonly<Record<string, unknown>>;
const PRIVATE_TOPICS = new Set(["order", "execution", "position", "wallet", "greeks", "dcp"]);
const PUBLIC_TOPIC =
  /^(tickers|publicTrade|allLiquidation|priceLimit)\.BTCUSD$|^orderbook\.(1|50|200|1000)\.BTCUSD$|^kline\.(1|3|5|15|30|60|120|240|360|720|D|W|M)\.BTCUSD$/;
const CATEGORIES = new Set(["inverse", "linear", "spot", "option"]);

/** Who receives a public topic, and the channel of its frames. */
type Subscribers = { readonly channel: string; readonly connections: readonly Connection[] };

/** All WebSocket connections: login, ping, subscriptions, delivery (PROTOCOL §1.2–1.4, §3). */
export class Hub {
  readonly #host: HubHost;
  readonly #connections = new Set<Connection>();
  readonly #public = new Map<string, Subscribers>();
  #lastId = 0;

  constructor(host: HubHost) {
    this.#host = host;
  }

  connect(pathAndQuery: string, peer: VenuePeer): VenueConnection {
    const path = pathAndQuery.split("?")[0] ?? "";
    const kind = kindOf(path);
    const id = ++this.#lastId;
    if (kind === null || this.#host.closedNow()) {
      this.#host.session({ connection: id, path, event: "refused", topics: [] });
      peer.close(kind === null ? "no such path" : "service unavailable");
      return { receive() {}, closed() {} };
    }
    const connId = `fake${id}-${(id * 2654435761 >>> 0).toString(36)}`;
    const connection: Connection = {
      id,
      kind,
      path,
      connId,
      publicPong: publicPong(connId, ""),
      peer,
      authenticated: false,
      open: true,
      topics: new Map(),
    };
    this.#connections.add(connection);
    this.#host.session({ connection: id, path, event: "opened", topics: [] });
    return {
      receive: (text) => this.#receive(connection, text),
      closed: () => this.#drop(connection),
    };
  }

  /** Ends every connection, as an outage does. */
  closeAll(reason: string): void {
    for (const connection of [...this.#connections]) {
      this.#drop(connection);
      connection.peer.close(reason);
    }
  }

  wants(topic: string): boolean {
    return this.#public.has(topic);
  }

  /** Sends one public frame to every subscriber. */
  publish(topic: string, text: string): void {
    const subscribers = this.#public.get(topic);
    if (subscribers === undefined) return;
    for (const connection of subscribers.connections) connection.peer.send(text, subscribers.channel);
  }

  /** Private connections that receive this topic, with the spelling they asked for. */
  forEachPrivate(topic: string, visit: (connection: Connection, subscribed: string) => void): void {
    for (const connection of this.#connections) {
      if (connection.kind !== "private" || !connection.authenticated) continue;
      const subscribed = connection.topics.get(topic);
      if (subscribed !== undefined) visit(connection, subscribed);
    }
  }

  send(connection: Connection, text: string): void {
    if (connection.open) connection.peer.send(text, "control");
  }

  #drop(connection: Connection): void {
    if (!connection.open) return;
    connection.open = false;
    this.#connections.delete(connection);
    for (const topic of this.#public.keys()) this.#leave(connection, topic);
    this.#host.session({ connection: connection.id, path: connection.path, event: "closed", topics: [] });
  }

  #receive(connection: Connection, text: string): void {
    if (!connection.open) return;
    if (text === '{"op":"ping"}') return this.#pong(connection, "");
    const message = parse(text);
    const op = message?.["op"];
    if (message === null || typeof op !== "string") {
      return this.send(connection, `{"success":false,"ret_msg":"error:invalid json","conn_id":"${connection.connId}"}`);
    }
    const reqId = typeof message["req_id"] === "string" ? `,"req_id":${JSON.stringify(message["req_id"])}` : "";
    switch (op) {
      case "ping":
        return this.#pong(connection, reqId);
      case "auth":
        return this.#login(connection, { args: message["args"], reqId });
      case "subscribe":
      case "unsubscribe":
        return this.#subscribe(connection, { op, args: message["args"], reqId });
      default:
        return connection.kind === "trade" ? this.#trade(connection, message) : this.send(
          connection,
          `{"success":false,"ret_msg":"error:invalid op","conn_id":"${connection.connId}"${reqId},"op":"${op}"}`,
        );
    }
  }

  #pong(connection: Connection, reqId: string): void {
    const { connId, kind } = connection;
    const now = this.#host.now();
    if (kind === "private") {
      this.send(connection, `{"op":"pong","args":["${now}"],"conn_id":"${connId}"${reqId}}`);
    } else if (kind === "trade") {
      this.send(connection, `{"retCode":0,"retMsg":"OK","op":"pong","data":["${now}"],"connId":"${connId}"}`);
    } else {
      this.send(connection, reqId === "" ? connection.publicPong : publicPong(connId, reqId));
    }
  }

  #login(connection: Connection, login: { readonly args: unknown; readonly reqId: string }): void {
    const { connId, kind } = connection;
    const problem = kind === "public" || kind === "status" ? "error:request" : this.#loginProblem(login.args);
    connection.authenticated = problem === "";
    this.#host.session({
      connection: connection.id,
      path: connection.path,
      event: problem === "" ? "authenticated" : "auth_refused",
      topics: [],
    });
    if (kind === "trade") {
      const code = problem === "" ? `"retCode":0,"retMsg":"OK"` : `"retCode":10004,"retMsg":${JSON.stringify(problem)}`;
      return this.send(connection, `{${code},"op":"auth","connId":"${connId}"}`);
    }
    this.send(
      connection,
      `{"success":${problem === ""},"ret_msg":${
        JSON.stringify(problem)
      },"op":"auth","conn_id":"${connId}"${login.reqId}}`,
    );
    if (problem !== "") {
      this.#drop(connection);
      connection.peer.close("auth failed");
    }
  }

  #loginProblem(args: unknown): string {
    if (!Array.isArray(args) || args.length < 3) return "Params Error";
    const [key, expires, signature] = args;
    if (key !== this.#host.key) return "API key is invalid.";
    if (!/^\d{1,16}$/.test(String(expires)) || !(Number(expires) > this.#host.now())) {
      return "Params Error: expires is in the past";
    }
    const right = this.#host.sign(`GET/realtime${expires}`);
    return signature === right ? this.#host.loginFault() : "Error sign, please check your signature generation.";
  }

  #subscribe(
    connection: Connection,
    wish: { readonly op: "subscribe" | "unsubscribe"; readonly args: unknown; readonly reqId: string },
  ): void {
    const topics = Array.isArray(wish.args) ? wish.args.filter((topic) => typeof topic === "string") : [];
    const problem = this.#topicProblem(connection, topics);
    this.send(
      connection,
      `{"success":${problem === ""},"ret_msg":${
        JSON.stringify(problem)
      },"conn_id":"${connection.connId}"${wish.reqId},` +
        `"op":"${wish.op}"}`,
    );
    if (problem !== "") return;
    const fresh: string[] = [];
    for (const topic of topics) {
      const base = connection.kind === "private" ? baseOf(topic) : topic;
      if (base === null) continue;
      if (wish.op === "unsubscribe") this.#unsubscribe(connection, base);
      else {
        if (!connection.topics.has(base)) fresh.push(base);
        connection.topics.set(base, topic);
      }
    }
    if (wish.op === "unsubscribe") return;
    this.#host.session({ connection: connection.id, path: connection.path, event: "subscribed", topics });
    if (connection.kind === "private") return;
    for (const topic of fresh) {
      const others = this.#public.get(topic)?.connections ?? [];
      this.#public.set(topic, { channel: channelOf(topic), connections: [...others, connection] });
      this.#host.onSubscribed(connection, topic);
    }
  }

  #unsubscribe(connection: Connection, topic: string): void {
    connection.topics.delete(topic);
    this.#leave(connection, topic);
  }

  #leave(connection: Connection, topic: string): void {
    const subscribers = this.#public.get(topic);
    if (subscribers === undefined) return;
    const connections = subscribers.connections.filter((other) => other !== connection);
    if (connections.length === 0) this.#public.delete(topic);
    else this.#public.set(topic, { ...subscribers, connections });
  }

  #topicProblem(connection: Connection, topics: readonly string[]): string {
    if (topics.length === 0) return "error:args is empty";
    if (connection.kind === "trade") return "error:invalid op";
    if (connection.kind === "status") {
      const bad = topics.find((topic) => topic !== "system.status");
      return bad === undefined ? "" : `error:handler not found,topic:${bad}`;
    }
    if (connection.kind === "public") {
      const bad = topics.find((topic) => !PUBLIC_TOPIC.test(topic));
      return bad === undefined ? "" : `error:handler not found,topic:${bad}`;
    }
    if (!connection.authenticated) return "Request not authorized";
    const bad = topics.find((topic) => baseOf(topic) === null && !CATEGORIES.has(topic.split(".")[1] ?? ""));
    if (bad !== undefined) return `error:handler not found,topic:${bad}`;
    const mixed = topics.find((topic) => topic.includes(".") && topics.includes(topic.split(".")[0] ?? ""));
    return mixed === undefined ? "" : `error:all-in-one and categorised topics in one request,topic:${mixed}`;
  }

  #trade(connection: Connection, message: Message): void {
    const op = String(message["op"]);
    const reqId = JSON.stringify(message["reqId"] ?? "");
    if (!connection.authenticated) {
      return this.send(connection, `{"reqId":${reqId},"retCode":10003,"retMsg":"not authenticated","op":"${op}"}`);
    }
    const args: unknown = Array.isArray(message["args"]) ? message["args"][0] : null;
    const answer = this.#host.trade(op, args);
    const body = parse(answer.body) ?? {};
    const header = {
      "X-Bapi-Limit": answer.headers["x-bapi-limit"] ?? "10",
      "X-Bapi-Limit-Status": answer.headers["x-bapi-limit-status"] ?? "9",
      "X-Bapi-Limit-Reset-Timestamp": answer.headers["x-bapi-limit-reset-timestamp"] ?? String(this.#host.now()),
      Traceid: connection.connId,
      Timenow: String(this.#host.now()),
    };
    this.send(
      connection,
      `{"reqId":${reqId},"retCode":${JSON.stringify(body["retCode"] ?? 10016)},"retMsg":${
        JSON.stringify(body["retMsg"] ?? "")
      },"op":"${op}","data":${JSON.stringify(body["result"] ?? {})},"retExtInfo":{},"header":${
        JSON.stringify(header)
      },` +
        `"connId":"${connection.connId}"}`,
    );
  }
}

function publicPong(connId: string, reqId: string): string {
  return `{"success":true,"ret_msg":"pong","conn_id":"${connId}"${reqId},"op":"ping"}`;
}

function kindOf(path: string): ConnectionKind | null {
  if (path === "/v5/public/inverse") return "public";
  if (path === "/v5/private") return "private";
  if (path === "/v5/public/misc/status") return "status";
  return path === "/v5/trade" ? "trade" : null;
}

/** "order.inverse" → "order"; null for another category or an unknown topic. */
function baseOf(topic: string): string | null {
  const [base = "", category] = topic.split(".");
  if (!PRIVATE_TOPICS.has(base)) return null;
  return category === undefined || category === "inverse" ? base : null;
}

/** "kline.1.BTCUSD" → "kline"; the network delays channels independently. */
export function channelOf(topic: string): string {
  const dot = topic.indexOf(".");
  return dot < 0 ? topic : topic.slice(0, dot);
}

function parse(text: string): Message | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : null;
  } catch {
    return null;
  }
}
