import { createHash, createHmac } from "node:crypto";
import type { HttpRequest, Platform, SocketHandlers } from "../../src/application/engine/ports.ts";
import type { Event, EventKind, EventOf } from "../../src/domain/events.ts";
import type { Config } from "../../src/domain/limits.ts";
import { type BybitAdapter, createBybitAdapter } from "../../src/infrastructure/exchange/bybit/bybit_adapter.ts";
import { livePlatform } from "../../src/infrastructure/platform/live/mod.ts";
import { configOf, KEY, SECRET, SNAPSHOT } from "../unit/bybit_kit.ts";

export type Seen = { readonly method: string; readonly path: string; readonly query: string; readonly body: string };
/** What the server does with a request: a reply, or something that is none. */
export type Act =
  | {
    readonly kind: "reply";
    readonly status?: number;
    readonly body: string;
    readonly headers?: Record<string, string>;
    /** Closes the connection behind the reply, as a server does with one it kept long enough. */
    readonly last?: true;
  }
  /** Closes the connection without a word, after "applying". */
  | { readonly kind: "drop" }
  /** Never answers. */
  | { readonly kind: "silence" }
  | { readonly kind: "wait"; readonly until: Promise<unknown>; readonly then: Act };

export function okBody(result: unknown): Act {
  return {
    kind: "reply",
    body: JSON.stringify({ retCode: 0, retMsg: "OK", result, retExtInfo: {}, time: Date.now() }),
  };
}

/** A TCP server that speaks just enough HTTP/1.1 and WebSocket, so that it can also break them. */
export class LoopbackVenue {
  readonly seen: Seen[] = [];
  readonly badSignatures: string[] = [];
  readonly sockets: LoopbackSocket[] = [];
  /** HTTP connections that carried at least one request. */
  served = 0;
  on: (seen: Seen) => Act = () => okBody({});
  /** Decides what a new WebSocket does with each text; default: a working session. */
  onSocket: (socket: LoopbackSocket) => void = (socket) => socket.behave();
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #connections = new Set<Deno.Conn>();
  readonly #running: Promise<void>[] = [];
  #closed = false;

  constructor() {
    this.#running.push(this.#accept());
  }
  get port(): number {
    return this.#listener.addr.transport === "tcp" ? this.#listener.addr.port : 0;
  }
  async close(): Promise<void> {
    this.#closed = true;
    this.#listener.close();
    for (const connection of this.#connections) closeQuietly(connection);
    await Promise.all(this.#running);
  }

  async #accept(): Promise<void> {
    try {
      for await (const connection of this.#listener) {
        this.#connections.add(connection);
        this.#running.push(this.#serve(connection).catch(() => {}).finally(() => closeQuietly(connection)));
      }
    } catch (error) {
      if (!this.#closed) throw error;
    }
  }
  async #serve(connection: Deno.Conn): Promise<void> {
    const reader = new Buffered(connection);
    for (let requests = 0;; requests++) {
      const head = await reader.until("\r\n\r\n");
      if (head === null) return;
      const [first = "", ...lines] = head.split("\r\n");
      const headers = new Map(lines.map((line) => {
        const cut = line.indexOf(":");
        return [line.slice(0, cut).toLowerCase(), line.slice(cut + 1).trim()] as const;
      }));
      const [method = "", target = ""] = first.split(" ");
      const wsKey = headers.get("sec-websocket-key");
      if (wsKey !== undefined) return await this.#upgrade({ connection, reader, wsKey, target });
      if (requests === 0) this.served++;
      const body = await reader.bytes(Number(headers.get("content-length") ?? 0));
      const [path = "", query = ""] = target.split("?");
      const seen = { method, path, query, body: new TextDecoder().decode(body) };
      this.#check(seen, headers);
      this.seen.push(seen);
      if (!(await this.#act(connection, this.on(seen)))) return;
    }
  }
  async #act(connection: Deno.Conn, act: Act): Promise<boolean> {
    switch (act.kind) {
      case "drop":
        return false;
      case "silence":
        await new Promise<void>((resolve) => this.#silent.push(resolve));
        return false;
      case "wait":
        await act.until;
        return this.#act(connection, act.then);
      case "reply": {
        const bytes = new TextEncoder().encode(act.body);
        const extra = Object.entries(act.headers ?? {}).map(([name, value]) => `${name}: ${value}\r\n`).join("");
        const head = `HTTP/1.1 ${act.status ?? 200} X\r\ncontent-length: ${bytes.length}\r\n${extra}\r\n`;
        await writeAll(connection, new TextEncoder().encode(head));
        await writeAll(connection, bytes);
        return act.last !== true;
      }
    }
  }
  readonly #silent: (() => void)[] = [];
  /** Lets silent requests end, so that nothing is left open. */
  release(): void {
    for (const resolve of this.#silent.splice(0)) resolve();
  }
  #check(seen: Seen, headers: ReadonlyMap<string, string>): void {
    const signature = headers.get("x-bapi-sign");
    if (signature === undefined) return;
    const payload = seen.method === "GET" ? seen.query : seen.body;
    const text = `${headers.get("x-bapi-timestamp")}${KEY}${headers.get("x-bapi-recv-window")}${payload}`;
    if (createHmac("sha256", SECRET).update(text).digest("hex") !== signature) this.badSignatures.push(seen.path);
  }
  async #upgrade(
    how: { connection: Deno.Conn; reader: Buffered; wsKey: string; target: string },
  ): Promise<void> {
    const accept = createHash("sha1").update(how.wsKey + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest("base64");
    const head = `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\n` +
      `sec-websocket-accept: ${accept}\r\n\r\n`;
    await writeAll(how.connection, new TextEncoder().encode(head));
    const socket = new LoopbackSocket(how.connection, how.target);
    this.sockets.push(socket);
    this.onSocket(socket);
    await socket.run(how.reader);
  }
}

/** The server's end of one WebSocket. */
export class LoopbackSocket {
  readonly texts: string[] = [];
  onText: (text: string) => void = () => {};
  readonly #connection: Deno.Conn;
  readonly target: string;
  #writing: Promise<void> = Promise.resolve();
  #open = true;

  constructor(connection: Deno.Conn, target: string) {
    this.#connection = connection;
    this.target = target;
  }
  get isPrivate(): boolean {
    return this.target.startsWith("/v5/private");
  }
  /** Answers auth, subscriptions and pings as the venue does. */
  behave(): void {
    this.onText = (text) => {
      const { op, req_id } = JSON.parse(text);
      if (op === "auth") this.send('{"success":true,"ret_msg":"","op":"auth","conn_id":"c"}');
      if (op === "ping") this.send('{"op":"pong","args":["1"],"conn_id":"c"}');
      if (op === "subscribe") {
        this.send(JSON.stringify({ success: true, ret_msg: "", op, req_id }));
        if (!this.isPrivate) this.send(SNAPSHOT);
      }
    };
  }
  send(text: string): void {
    this.raw(frame(new TextEncoder().encode(text)));
  }
  raw(bytes: Uint8Array): void {
    this.#writing = this.#writing.then(() => writeAll(this.#connection, bytes)).catch(() => {});
  }
  /** Everything sent so far is on its way. */
  flushed(): Promise<void> {
    return this.#writing;
  }
  /** Half a frame, then the end of the connection. */
  async breakInFrame(): Promise<void> {
    this.raw(frame(new TextEncoder().encode('{"topic":"tickers.BTCUSD"')).subarray(0, 9));
    await this.#writing;
    this.cut();
  }
  cut(): void {
    closeQuietly(this.#connection);
  }
  async run(reader: Buffered): Promise<void> {
    while (this.#open) {
      const head = await reader.bytes(2);
      const masked = head[1] ?? 0;
      let length = masked & 0x7f;
      if (length === 126) {
        const [high = 0, low = 0] = await reader.bytes(2);
        length = high * 256 + low;
      }
      const mask = await reader.bytes(4);
      const data = (await reader.bytes(length)).map((byte, i) => byte ^ (mask[i % 4] ?? 0));
      const opcode = (head[0] ?? 0) & 15;
      if (opcode === 8) {
        this.raw(new Uint8Array([0x88, 0]));
        await this.#writing;
        return;
      }
      if (opcode !== 1) continue;
      const text = new TextDecoder().decode(data);
      this.texts.push(text);
      this.onText(text);
    }
  }
}

function frame(bytes: Uint8Array): Uint8Array {
  const head = bytes.length < 126 ? [0x81, bytes.length] : [0x81, 126, bytes.length >> 8, bytes.length & 255];
  const all = new Uint8Array(head.length + bytes.length);
  all.set(head);
  all.set(bytes, head.length);
  return all;
}
async function writeAll(connection: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let from = 0; from < bytes.length;) from += await connection.write(bytes.subarray(from));
}
function closeQuietly(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch {
    // Closed before.
  }
}

/** Reads a connection by delimiter or by count; null or a throw at its end. */
class Buffered {
  #bytes = new Uint8Array(0);
  readonly #connection: Deno.Conn;
  constructor(connection: Deno.Conn) {
    this.#connection = connection;
  }
  async #more(): Promise<boolean> {
    const chunk = new Uint8Array(16_384);
    const count = await this.#connection.read(chunk);
    if (count === null) return false;
    const joined = new Uint8Array(this.#bytes.length + count);
    joined.set(this.#bytes);
    joined.set(chunk.subarray(0, count), this.#bytes.length);
    this.#bytes = joined;
    return true;
  }
  async until(mark: string): Promise<string | null> {
    for (;;) {
      const text = new TextDecoder("latin1").decode(this.#bytes);
      const at = text.indexOf(mark);
      if (at >= 0) {
        this.#bytes = this.#bytes.slice(at + mark.length);
        return text.slice(0, at);
      }
      if (!(await this.#more())) return null;
    }
  }
  async bytes(count: number): Promise<Uint8Array> {
    while (this.#bytes.length < count) if (!(await this.#more())) throw new Error("The connection ended");
    const taken = this.#bytes.slice(0, count);
    this.#bytes = this.#bytes.slice(count);
    return taken;
  }
}

/** The live platform, with the two testnet hosts led to this machine: only the way to the host is another. */
export function platformTo(port: number): Platform {
  const live = livePlatform();
  const http = (url: string) => url.replace("https://api-testnet.bybit.com", `http://127.0.0.1:${port}`);
  const ws = (url: string) => url.replace("wss://stream-testnet.bybit.com", `ws://127.0.0.1:${port}`);
  return {
    ...live,
    http: {
      request: (request: HttpRequest, done) => live.http.request({ ...request, url: http(request.url) }, done),
    },
    sockets: { open: (url: string, handlers: SocketHandlers) => live.sockets.open(ws(url), handlers) },
  };
}

/** One adapter against one loopback venue; events can be waited for. */
export class LinkRig {
  readonly venue = new LoopbackVenue();
  readonly events: Event[] = [];
  readonly adapter: BybitAdapter;
  readonly #waiting: { readonly test: () => boolean; readonly resolve: () => void }[] = [];

  constructor(runtime: Partial<Config["runtime"]> = {}, port?: number) {
    this.adapter = createBybitAdapter({
      platform: platformTo(port ?? this.venue.port),
      key: KEY,
      secret: SECRET,
      restUrl: "https://api-testnet.bybit.com",
      wsUrl: "wss://stream-testnet.bybit.com",
      config: configOf("1h", runtime),
      emit: (event) => {
        this.events.push(event);
        for (const each of this.#waiting.splice(0)) {
          if (each.test()) each.resolve();
          else this.#waiting.push(each);
        }
      },
      recheckEntry: () => null,
    });
  }
  of<K extends EventKind>(kind: K): EventOf<K>[] {
    return this.events.filter((event): event is EventOf<K> => event.kind === kind);
  }
  /** Resolves when the events so far satisfy the test; the test run's own limit is the deadline. */
  until(test: () => boolean): Promise<void> {
    if (test()) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ test, resolve }));
  }
  links(stream: "private" | "public"): string[] {
    return this.of("Link").filter((event) => event.stream === stream).map((event) => event.status);
  }
  async ready(): Promise<this> {
    this.venue.on = (seen) => seen.path === "/v5/market/time" ? timeNow() : okBody({});
    this.adapter.connect();
    await this.until(() => this.links("private").includes("ready") && this.links("public").includes("ready"));
    return this;
  }
  async close(): Promise<void> {
    this.adapter.close();
    this.venue.release();
    await this.venue.close();
  }
}
export function timeNow(): Act {
  const now = Date.now();
  return okBody({ timeSecond: String(Math.floor(now / 1000)), timeNano: `${now}000000` });
}
