import type {
  ClockSeam,
  HttpOutcome,
  HttpRequest,
  HttpSeam,
  Platform,
  RandomSeam,
  SignerSeam,
  Socket,
  SocketHandlers,
  SocketSeam,
  TimerId,
} from "../../../application/engine/ports.ts";
import { liveFiles } from "./files.ts";

/** The real world behind the seams. Promises end in this file; everything inside takes callbacks (architecture.md). */
export function livePlatform(): Platform {
  return {
    clock: liveClock(),
    http: liveHttp,
    sockets: liveSockets,
    files: liveFiles,
    random: liveRandom,
    signer: liveSigner,
  };
}

const encoder = new TextEncoder();

/** The machine's clock. What setTimeout returns differs between Deno versions, so timers are numbered here. */
export function liveClock(): ClockSeam {
  const timers = new Map<TimerId, ReturnType<typeof setTimeout>>();
  let lastTimer: TimerId = 0;
  return {
    wallNow: () => Date.now(),
    monotonicNow: () => performance.now(),
    after(delayMs, run) {
      const id = ++lastTimer;
      const fire = () => {
        timers.delete(id);
        run();
      };
      timers.set(id, setTimeout(fire, delayMs));
      return id;
    },
    cancel(id) {
      clearTimeout(timers.get(id));
      timers.delete(id);
    },
  };
}

export const liveRandom: RandomSeam = { next: () => Math.random() };

/**
 * The one pool of kept connections. HTTP/1.1 only: a dead connection then holds back one call, not all, and a server's
 * wish to have streams repeated does not exist. A connection idle for longer is not used again: its other end may be
 * gone, and an order would wait out its deadline on it.
 */
const pool = Deno.createHttpClient({ http2: false, poolMaxIdlePerHost: 2, poolIdleTimeout: 20_000 });

/**
 * Fetch sends a request a second time by itself when a kept connection ends without a reply and it has the body at hand
 * (seen on Deno 2.9.6; the fetch standard asks for it). The second create would be a transmission nobody recorded. A
 * Blob is read as a stream, which is spent after the first time, yet its length is known: Content-Length stands and
 * nothing is repeated (ADR 0010). Its own stream reads in steps that cost 20 µs; this one has the bytes at hand.
 */
class SentOnce extends Blob {
  readonly #bytes: Uint8Array<ArrayBuffer>;
  constructor(bytes: Uint8Array<ArrayBuffer>) {
    super([bytes]);
    this.#bytes = bytes;
  }
  override stream(): ReadableStream<Uint8Array<ArrayBuffer>> {
    return new ReadableStream({
      start: (controller) => {
        controller.enqueue(this.#bytes);
        controller.close();
      },
    });
  }
}

/** Native fetch: no redirect is followed (F-12.7), one deadline covers head and body. */
export const liveHttp: HttpSeam = {
  request(request, done) {
    // Two arguments to `then`: what `done` throws must surface, not come back as a second answer.
    exchange(request).then(done, (error: unknown) => done(failureOf(error)));
  },
};

async function exchange({ method, url, headers, body, timeoutMs }: HttpRequest): Promise<HttpOutcome> {
  try {
    const response = await fetch(url, {
      method,
      headers,
      // GET never carries a body: the venue answers 403 to one (PROTOCOL §1.1).
      body: method === "GET" || body === null ? null : new SentOnce(encoder.encode(body)),
      redirect: "error",
      client: pool,
      signal: AbortSignal.timeout(timeoutMs),
    });
    const text = await textOf(response);
    if (text === null) return { kind: "failed", cause: "lost", message: TOO_LONG };
    return { kind: "reply", status: response.status, headers: Object.fromEntries(response.headers), body: text };
  } catch (error) {
    return failureOf(error);
  }
}

/** The longest reply in use, a page of bars, has 0.2 MB. */
const REPLY_BYTES_MOST = 8_388_608;
const TOO_LONG = `the reply is longer than ${REPLY_BYTES_MOST} bytes`;

/** The body, unpacked as it comes; null = longer than any reply may be: the rest is not read and the connection ends. */
async function textOf(response: Response): Promise<string | null> {
  const reader = response.body?.getReader();
  if (reader === undefined) return "";
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return text + decoder.decode();
    size += value.length;
    if (size > REPLY_BYTES_MOST) {
      await reader.cancel();
      return null;
    }
    text += decoder.decode(value, { stream: true });
  }
}

/** Only what certainly never reached the venue is `refused`: no permission, no name, no connection, no TLS. */
function failureOf(error: unknown): Extract<HttpOutcome, { kind: "failed" }> {
  const message = messagesOf(error);
  if (error instanceof DOMException && error.name === "TimeoutError") {
    return { kind: "failed", cause: "timeout", message: "no complete reply in time" };
  }
  if (error instanceof Deno.errors.NotCapable) return { kind: "failed", cause: "refused", message };
  if (/redirect/i.test(message)) return { kind: "failed", cause: "redirect", message: "the host answered a redirect" };
  if (/client error \(Connect\)|tcp connect error|dns error|connection refused/i.test(message)) {
    return { kind: "failed", cause: "refused", message };
  }
  return { kind: "failed", cause: "lost", message };
}

/** Deno says "fetch failed" and puts what happened into the causes. */
function messagesOf(error: unknown): string {
  const texts: string[] = [];
  for (let each = error; each instanceof Error && texts.length < 5; each = each.cause) texts.push(each.message);
  return texts.join(": ") || String(error);
}

/** Native WebSocket. The message handler is synchronous, so a flood is held back by TCP instead of memory. */
export const liveSockets: SocketSeam = {
  open(url, handlers) {
    const socket = connect(url);
    if (typeof socket === "string") {
      let dropped = false;
      queueMicrotask(() => dropped || handlers.onClose(socket));
      return { send() {}, abandon: () => void (dropped = true) };
    }
    return attach(socket, handlers);
  },
};

/** A host without permission throws here instead of closing later (deno.md). */
function connect(url: string): WebSocket | string {
  try {
    return new WebSocket(url);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/**
 * The longest message in use, a private snapshot, has some 20,000 characters. A single frame ends at 64 MB in Deno; one
 * message in endless fragments it collects without a limit and shows only when whole (ADR 0014).
 */
const MESSAGE_LENGTH_MOST = 4_194_304;

function attach(socket: WebSocket, handlers: SocketHandlers): Socket {
  let live = true;
  let why = "";
  socket.onopen = () => live && handlers.onOpen();
  socket.onmessage = (event: MessageEvent<unknown>) => {
    if (!live || typeof event.data !== "string") return;
    if (event.data.length <= MESSAGE_LENGTH_MOST) return handlers.onText(event.data);
    live = false;
    socket.close();
    handlers.onClose(`dropped: a message of ${event.data.length} characters`);
  };
  socket.onerror = (event) => {
    if (event instanceof ErrorEvent) why = event.message;
  };
  socket.onclose = (event) => {
    if (!live) return;
    live = false;
    handlers.onClose(`closed with code ${event.code}${event.reason || why ? `: ${event.reason || why}` : ""}`);
  };
  return {
    send(text) {
      if (live && socket.readyState === WebSocket.OPEN) socket.send(text);
    },
    abandon() {
      if (!live) return;
      live = false;
      // Starts the close handshake and forgets it: on a half-open connection it never ends (deno.md).
      socket.close();
    },
  };
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));
const HMAC = { name: "HMAC", hash: "SHA-256" } as const;

/** HMAC-SHA256 by Web Crypto; the key is imported once and cannot be read back. */
export function liveSigner(secret: string): SignerSeam {
  const key = crypto.subtle.importKey("raw", encoder.encode(secret), HMAC, false, ["sign"]);
  return {
    sign(text, done) {
      key.then((ready) => crypto.subtle.sign(HMAC, ready, encoder.encode(text))).then((mac) => {
        let hex = "";
        for (const byte of new Uint8Array(mac)) hex += HEX[byte];
        done(hex);
      });
    },
  };
}
