import type {
  HttpOutcome,
  HttpRequest,
  HttpSeam,
  Socket,
  SocketHandlers,
  SocketSeam,
} from "../../../application/engine/ports.ts";
import { chance, nextInt, type RandomState, randomStream } from "../../../common/random.ts";
import { type EventQueue, Task } from "./event_queue.ts";
import type { PlatformFaults } from "./faults.ts";

/** The venue as the network sees it: text in, text out. */
export type WireVenue = {
  rest(request: {
    readonly method: string;
    readonly path: string;
    readonly query: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
  }): { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: string };
  connect(
    pathAndQuery: string,
    peer: { send(text: string, channel: string): void; close(reason: string): void },
  ): { receive(text: string): void; closed(): void };
};

/** Who uses the network: a process that may be dead or asleep when an answer comes. */
export type NetworkUser = {
  alive(): boolean;
  /** While asleep, what arrives is held and handed over, in order, when the process wakes. */
  asleep(): boolean;
  hold(act: () => void): void;
  /** Called before anything leaves; a process may be killed right here. */
  onSend(): void;
  /** What a callback of the process threw: the end of the process, unless it was dead already. */
  threw(error: unknown): void;
};

type Range = { readonly from: number; readonly to: number };
/** How long one way takes, ms; the usual one is that of the issue "fake venue", 1. */
export type Latency = { readonly restMs: Range; readonly streamMs: Range };
const USUAL: Latency = { restMs: { from: 40, to: 250 }, streamMs: { from: 10, to: 200 } };
/** TCP, TLS and the upgrade. */
const OPEN_MS: Range = { from: 120, to: 600 };
const LOST_MS: Range = { from: 50, to: 2_000 };
const REST_DELAY_MS: Range = { from: 1_000, to: 8_000 };
const REORDER_MS: Range = { from: 150, to: 2_500 };
const DUPLICATE_MS: Range = { from: 0, to: 3_000 };

/** The network between the processes of one machine and the venue; everything is late, by the seed. */
export class VirtualNetwork {
  readonly queue: EventQueue;
  readonly venue: WireVenue;
  readonly faults: PlatformFaults;
  readonly random: RandomState;
  readonly latency: Latency;
  readonly connections = new Set<Connection>();
  /** Until then nothing reaches the venue and sockets are cut. */
  outageUntil = 0;

  constructor(options: {
    readonly queue: EventQueue;
    readonly venue: WireVenue;
    readonly faults: PlatformFaults;
    readonly seed: number;
    readonly latency?: Latency;
  }) {
    this.latency = options.latency ?? USUAL;
    this.queue = options.queue;
    this.venue = options.venue;
    this.faults = options.faults;
    this.random = randomStream(options.seed, "network");
  }

  get down(): boolean {
    return this.queue.now < this.outageUntil;
  }

  /** Cuts every connection of this kind; `silent` leaves both ends believing in it (half-open). */
  cut(which: { readonly private: boolean; readonly public: boolean; readonly silent: boolean }): number {
    let hit = 0;
    for (const connection of [...this.connections]) {
      if (connection.isPrivate ? !which.private : !which.public) continue;
      if (!connection.open) continue;
      hit++;
      if (which.silent) connection.silent = true;
      else connection.drop("connection reset by peer");
    }
    return hit;
  }

  http(user: NetworkUser): HttpSeam {
    return {
      request: (request, done) => {
        if (!user.alive()) return;
        user.onSend();
        if (user.alive()) new HttpCall(this, { user, request, done }).start();
      },
    };
  }
  sockets(user: NetworkUser): SocketSeam {
    return {
      open: (url, handlers) => {
        if (user.alive()) user.onSend();
        return new Connection(this, { user, url, handlers });
      },
    };
  }
  /** The machine closes the sockets of a dead process; requests that have left still arrive. */
  forget(user: NetworkUser): void {
    for (const connection of [...this.connections]) if (connection.user === user) connection.abandon();
  }
}

function pathStart(url: string): number {
  const host = url.indexOf("://");
  const slash = url.indexOf("/", host < 0 ? 0 : host + 3);
  return slash < 0 ? url.length : slash;
}

const LOST: HttpOutcome = { kind: "failed", cause: "lost", message: "connection reset by peer" };
const REFUSED: HttpOutcome = { kind: "failed", cause: "refused", message: "connection refused" };

/** An end without an answer; null = it comes too late. */
class HttpEnd extends Task {
  constructor(readonly call: HttpCall, readonly outcome: HttpOutcome | null) {
    super();
  }
  fire(): void {
    this.call.end(this.outcome);
  }
}

/** A request on its way to the venue, then its reply on the way back. */
class HttpCall extends Task {
  readonly #net: VirtualNetwork;
  readonly #user: NetworkUser;
  readonly #request: HttpRequest;
  readonly #done: (outcome: HttpOutcome) => void;
  #finished = false;
  #outcome: HttpOutcome | null = null;

  constructor(
    net: VirtualNetwork,
    of: {
      readonly user: NetworkUser;
      readonly request: HttpRequest;
      readonly done: (outcome: HttpOutcome) => void;
    },
  ) {
    super();
    this.#net = net;
    this.#user = of.user;
    this.#request = of.request;
    this.#done = of.done;
  }

  start(): void {
    const { queue, random, faults } = this.#net;
    const { url, timeoutMs } = this.#request;
    const { now } = queue;
    queue.push(now + timeoutMs, new HttpEnd(this, null));
    let outMs = nextInt(random, this.#net.latency.restMs);
    if (this.#net.down) {
      if (chance(random, 0.5)) queue.push(now + nextInt(random, LOST_MS), new HttpEnd(this, REFUSED));
      return;
    }
    if (faults.hitsRequest("request_lost", url)) {
      if (chance(random, 0.3)) queue.push(now + nextInt(random, LOST_MS), new HttpEnd(this, LOST));
      return;
    }
    if (faults.hitsRequest("rest_delay", url)) outMs += nextInt(random, REST_DELAY_MS);
    queue.push(now + outMs, this);
  }

  fire(): void {
    if (this.#outcome === null) this.#arrive();
    else this.#finish(this.#outcome);
  }

  end(outcome: HttpOutcome | null): void {
    if (this.#finished) return;
    const { timeoutMs } = this.#request;
    this.#finish(outcome ?? { kind: "failed", cause: "timeout", message: `no answer in ${timeoutMs} ms` });
  }

  #arrive(): void {
    const { queue, random, venue, faults } = this.#net;
    const { method, url, headers, body } = this.#request;
    const from = pathStart(url);
    const mark = url.indexOf("?", from);
    const end = mark < 0 ? url.length : mark;
    const reply = venue.rest({
      method,
      path: url.slice(from, end),
      query: mark < 0 ? "" : url.slice(mark + 1),
      headers,
      body: body ?? "",
    });
    if (this.#net.down || faults.hitsRequest("reply_lost", url)) {
      if (chance(random, 0.3)) queue.push(queue.now + nextInt(random, LOST_MS), new HttpEnd(this, LOST));
      return;
    }
    // A byte a second: the client's own deadline comes first.
    if (faults.hitsRequest("slow_reply", url)) return;
    this.#outcome = { kind: "reply", status: reply.status, headers: reply.headers, body: reply.body };
    queue.push(queue.now + nextInt(random, this.#net.latency.restMs), this);
  }

  #finish(outcome: HttpOutcome): void {
    if (this.#finished) return;
    this.#finished = true;
    const user = this.#user;
    const done = this.#done;
    if (!user.alive()) return;
    if (user.asleep()) return user.hold(() => done(outcome));
    try {
      done(outcome);
    } catch (error) {
      user.threw(error);
    }
  }
}

const UP = 0;
const DOWN = 1;
const OPENED = 2;
const CLOSED = 3;
const DIALS = 4;
const GONE = 5;

class SocketStep extends Task {
  readonly #what: number;
  readonly #text: string;
  constructor(readonly connection: Connection, frame: { readonly what: number; readonly text: string }) {
    super();
    this.#what = frame.what;
    this.#text = frame.text;
  }
  fire(): void {
    this.connection.step(this.#what, this.#text);
  }
}

/** One WebSocket connection, both ends. */
export class Connection implements Socket {
  readonly user: NetworkUser;
  readonly isPrivate: boolean;
  /** Half-open: nothing passes any more and nobody is told. */
  silent = false;
  open = false;
  readonly #net: VirtualNetwork;
  readonly #path: string;
  readonly #handlers: SocketHandlers;
  /** When the last frame of each channel arrives. */
  readonly #channels = new Map<string, { at: number }>();
  #session: ReturnType<WireVenue["connect"]> | null = null;
  #abandoned = false;
  #closing = false;
  #openAt = 0;
  #upAt = 0;
  #downAt = 0;

  constructor(
    net: VirtualNetwork,
    of: { readonly user: NetworkUser; readonly url: string; readonly handlers: SocketHandlers },
  ) {
    this.#net = net;
    this.user = of.user;
    this.#handlers = of.handlers;
    this.#path = of.url.slice(pathStart(of.url));
    this.isPrivate = this.#path.includes("private");
    if (!of.user.alive()) {
      this.#abandoned = true;
      return;
    }
    net.connections.add(this);
    this.#push(net.queue.now + nextInt(net.random, OPEN_MS), { what: DIALS, text: "" });
  }

  send(text: string): void {
    if (this.#abandoned || this.#closing || !this.user.alive()) return;
    this.user.onSend();
    if (this.silent || !this.user.alive()) return;
    const at = this.#net.queue.now + nextInt(this.#net.random, this.#net.latency.streamMs);
    this.#upAt = at > this.#upAt ? at : this.#upAt;
    this.#push(this.#upAt, { what: UP, text: text });
  }

  abandon(): void {
    if (this.#abandoned) return;
    this.#abandoned = true;
    this.open = false;
    this.#net.connections.delete(this);
    const at = this.#net.queue.now + nextInt(this.#net.random, this.#net.latency.streamMs);
    // On a half-open connection the venue never hears of it; it drops the silent client by its own rules.
    if (this.#session !== null && !this.silent) this.#push(Math.max(at, this.#upAt), { what: GONE, text: "" });
  }

  /** The network drops both ends. */
  drop(reason: string): void {
    if (this.#closing) return;
    this.#closing = true;
    this.open = false;
    const now = this.#net.queue.now;
    this.#push(now + nextInt(this.#net.random, this.#net.latency.streamMs), { what: CLOSED, text: reason });
    this.#push(now, { what: GONE, text: "" });
  }

  step(what: number, text: string): void {
    switch (what) {
      case UP:
        if (!this.silent && !this.#closing) this.#session?.receive(text);
        return;
      case DOWN:
      case OPENED:
      case CLOSED:
        if (this.silent || this.#abandoned || !this.user.alive()) return;
        if (this.user.asleep()) this.user.hold(() => this.#deliver(what, text));
        else this.#deliver(what, text);
        return;
      case DIALS:
        return this.#dial();
      default: {
        const session = this.#session;
        this.#session = null;
        session?.closed();
      }
    }
  }

  #deliver(what: number, text: string): void {
    if (this.#abandoned) return;
    try {
      if (what === DOWN) return this.#handlers.onText(text);
      if (what === OPENED) return this.#handlers.onOpen();
      this.#abandoned = true;
      this.open = false;
      this.#net.connections.delete(this);
      this.#handlers.onClose(text);
    } catch (error) {
      this.user.threw(error);
    }
  }

  #dial(): void {
    if (this.#abandoned || !this.user.alive()) return;
    if (this.#net.down) {
      // Half of the attempts hang: the client must keep its own deadline.
      if (chance(this.#net.random, 0.5)) this.#push(this.#net.queue.now, { what: CLOSED, text: "connection refused" });
      return;
    }
    this.open = true;
    this.#openAt = this.#net.queue.now + nextInt(this.#net.random, this.#net.latency.streamMs);
    this.#push(this.#openAt, { what: OPENED, text: "" });
    this.#session = this.#net.venue.connect(this.#path, {
      send: (text, channel) => this.#fromVenue(text, channel),
      close: (reason) => this.#venueCloses(reason),
    });
    if (this.#closing) this.#session = null;
  }

  #venueCloses(reason: string): void {
    if (this.#closing) return;
    this.#closing = true;
    this.open = false;
    this.#session = null;
    const at = this.#net.queue.now + nextInt(this.#net.random, this.#net.latency.streamMs);
    this.#push(Math.max(at, this.#downAt), { what: CLOSED, text: reason });
  }

  /** Order is kept inside a channel only. */
  #fromVenue(text: string, channel: string): void {
    if (this.silent || this.#closing || this.#abandoned) return;
    const { queue, random } = this.#net;
    let at = queue.now + nextInt(random, this.#net.latency.streamMs);
    if (this.#net.faults.frames) {
      const { faults } = this.#net;
      const frame = { isPrivate: this.isPrivate, channel };
      if (faults.hitsFrame("frame_dropped", frame)) return;
      if (faults.hitsFrame("frame_reordered", frame)) {
        return this.#push(at + nextInt(random, REORDER_MS), { what: DOWN, text: text });
      }
      if (faults.hitsFrame("frame_duplicated", frame)) {
        this.#push(at + nextInt(random, DUPLICATE_MS), { what: DOWN, text: text });
      }
    }
    let last = this.#channels.get(channel);
    if (last === undefined) this.#channels.set(channel, last = { at: this.#openAt });
    if (at < last.at) at = last.at;
    last.at = at;
    if (at > this.#downAt) this.#downAt = at;
    this.#push(at, { what: DOWN, text: text });
  }

  #push(at: number, frame: { readonly what: number; readonly text: string }): void {
    this.#net.queue.push(at, new SocketStep(this, frame));
  }
}
