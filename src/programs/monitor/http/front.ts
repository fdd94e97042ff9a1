/**
 * The door of the monitor: HTTP/1.1 by hand, because no server library here limits how long a request may take to
 * arrive. It reads one request a connection, GET and HEAD without a body, and hands it to the routes.
 *
 * Invariants: 1. a request has 5 s and 16 kB to arrive whole. 2. No connection keeps more than one reply in memory.
 * 3. At most `MOST_CONNECTIONS` are open; the next one is told so and closed. 4. Nothing thrown here ends the program.
 */

/** Most bytes of a request line with its headers. */
export const MOST_HEADER_BYTES = 16_384;
/** A request that is not whole by then is dropped. */
export const REQUEST_WITHIN_MS = 5_000;
/** A reader that takes nothing for so long is dropped. */
const READ_WITHIN_MS = 30_000;
const MOST_CONNECTIONS = 600;

const encoder = new TextEncoder();
const decoder = new TextDecoder("latin1");

export type Connection = {
  read(into: Uint8Array): Promise<number | null>;
  write(bytes: Uint8Array): Promise<number>;
  close(): void;
};
export type Handler = (request: Request) => Response | Promise<Response>;

const REASONS: Readonly<Record<number, string>> = {
  200: "OK",
  302: "Found",
  304: "Not Modified",
  400: "Bad Request",
  401: "Unauthorized",
  404: "Not Found",
  405: "Method Not Allowed",
  408: "Request Timeout",
  413: "Content Too Large",
  421: "Misdirected Request",
  431: "Request Header Fields Too Large",
  500: "Internal Server Error",
  503: "Service Unavailable",
};

type Read =
  | { readonly kind: "request"; readonly request: Request }
  | { readonly kind: "refused"; readonly status: number; readonly why: string }
  | { readonly kind: "gone" };

function refused(status: number, why: string): Read {
  return { kind: "refused", status, why };
}

/** Bytes up to the empty line, or why there are none. */
async function headBytes(connection: Connection): Promise<Uint8Array | "large" | null> {
  let held = new Uint8Array(0);
  const chunk = new Uint8Array(4_096);
  while (true) {
    const count = await connection.read(chunk);
    if (count === null) return null;
    const both = new Uint8Array(held.length + count);
    both.set(held);
    both.set(chunk.subarray(0, count), held.length);
    held = both;
    const end = endOfHead(held);
    if (end >= 0) return end > MOST_HEADER_BYTES ? "large" : held.subarray(0, end);
    if (held.length > MOST_HEADER_BYTES) return "large";
  }
}

function endOfHead(bytes: Uint8Array): number {
  for (let at = Math.max(0, bytes.length - 4_100); at + 3 < bytes.length; at++) {
    if (bytes[at] === 13 && bytes[at + 1] === 10 && bytes[at + 2] === 13 && bytes[at + 3] === 10) return at;
  }
  return -1;
}

const REQUEST_LINE = /^([A-Z]{1,20}) (\/[\x21-\x7e]{0,2000}) HTTP\/1\.[01]$/;
const HEADER = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\x20-\x7e\x80-\xff]*?)[ \t]*$/;

/** The request of a head; a doubled Host, a body or anything odd is refused. */
export function parseHead(head: string): Read {
  const [first = "", ...lines] = head.split("\r\n");
  const line = REQUEST_LINE.exec(first);
  if (line === null) return refused(400, "This is no HTTP request that this page understands.");
  const headers = new Headers();
  let hosts = 0;
  for (const text of lines) {
    const header = HEADER.exec(text);
    if (header === null) return refused(400, "A header of the request is malformed.");
    const [, name = "", value = ""] = header;
    if (name.toLowerCase() === "host") hosts += 1;
    headers.append(name, value);
  }
  const [, method = "", target = ""] = line;
  if (hosts !== 1) return refused(400, "The request needs exactly one Host.");
  const body = headers.get("content-length") ?? "0";
  if (headers.has("transfer-encoding") || body !== "0") return refused(413, "This page takes no body.");
  if (method !== "GET" && method !== "HEAD") {
    return refused(405, `This page only shows: GET and HEAD, not ${method}.`);
  }
  try {
    // Put together as text: a target that begins with two slashes must not become another host.
    return { kind: "request", request: new Request(`http://monitor${target}`, { method, headers }) };
  } catch {
    return refused(400, "The path of the request is malformed.");
  }
}

async function readRequest(connection: Connection): Promise<Read> {
  const bytes = await headBytes(connection);
  if (bytes === null) return { kind: "gone" };
  if (bytes === "large") return refused(431, "The headers of the request are too large.");
  return parseHead(decoder.decode(bytes));
}

async function writeAll(connection: Connection, bytes: Uint8Array): Promise<void> {
  for (let from = 0; from < bytes.length;) from += await connection.write(bytes.subarray(from));
}

/** Resolves to null when `ms` pass first. */
export function within<T>(work: Promise<T>, ms: number): Promise<T | null> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(null), ms);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

async function writeReply(
  connection: Connection,
  { reply, method }: { readonly reply: Response; readonly method: string },
): Promise<void> {
  const head = [`HTTP/1.1 ${reply.status} ${REASONS[reply.status] ?? "Status"}`, "Connection: close"];
  for (const [name, value] of reply.headers) head.push(`${name}: ${value}`);
  const stream = reply.headers.get("content-type") === "text/event-stream";
  const whole = stream ? null : new Uint8Array(await reply.arrayBuffer());
  if (whole !== null) head.push(`Content-Length: ${whole.length}`);
  const send = async (bytes: Uint8Array): Promise<boolean> =>
    await within(writeAll(connection, bytes).then(() => true), READ_WITHIN_MS) === true;
  if (!await send(encoder.encode(`${head.join("\r\n")}\r\n\r\n`)) || method === "HEAD") {
    await reply.body?.cancel();
    return;
  }
  if (whole !== null) return void await send(whole);
  const reader = reply.body?.getReader();
  if (reader === undefined) return;
  // The other side sends nothing more: its end is how a closed page is noticed while nothing is written.
  const gone = connection.read(new Uint8Array(1)).then(() => null, () => null);
  try {
    while (true) {
      const next = await Promise.race([reader.read(), gone]);
      if (next === null || next.done || !await send(next.value)) break;
    }
  } finally {
    await reader.cancel();
  }
}

function plain(status: number, why: string): Response {
  return new Response(`${why}\n`, {
    status,
    headers: { "Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store" },
  });
}

/** Serves one connection to its end. Never throws. */
export async function serveConnection(connection: Connection, handler: Handler): Promise<void> {
  try {
    const read = await within(readRequest(connection), REQUEST_WITHIN_MS) ??
      refused(408, "The request took too long to arrive.");
    if (read.kind === "gone") return;
    if (read.kind === "refused") {
      return await writeReply(connection, { reply: plain(read.status, read.why), method: "GET" });
    }
    await writeReply(connection, { reply: await handler(read.request), method: read.request.method });
  } catch {
    // The other side went away in the middle: nothing is owed to it.
  } finally {
    try {
      connection.close();
    } catch {
      // Closed already.
    }
  }
}

/** Takes connections until the listener is closed. */
export async function serveAll(listener: AsyncIterable<Connection>, handler: Handler): Promise<void> {
  let open = 0;
  for await (const connection of listener) {
    open += 1;
    const busy = (): Response => plain(503, "Too many pages are open.");
    void serveConnection(connection, open > MOST_CONNECTIONS ? busy : handler).finally(() => void (open -= 1));
  }
}
