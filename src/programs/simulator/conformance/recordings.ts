import { messageOf } from "../../../common/text.ts";

/** One message of a recording. `place` is `file:line`, or the sample's name. */
export type WireMessage =
  | {
    readonly kind: "reply";
    readonly place: string;
    /** `GET /v5/order/realtime`; null when the recording does not say which call it answers. */
    readonly call: string | null;
    readonly status: number;
    readonly body: string;
  }
  | { readonly kind: "received"; readonly place: string; readonly stream: string; readonly text: string }
  | { readonly kind: "sent"; readonly place: string; readonly stream: string; readonly text: string };

/** `inOrder`: the messages are one conversation; samples are not. */
export type Recorded = { readonly messages: readonly WireMessage[]; readonly inOrder: boolean };

/** A recording that cannot be read; the message names file and line. */
export class ConformInputError extends Error {}

export type Json = { readonly [key: string]: unknown };
export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Lines of `abot --wire-log DIR` (wire_log.ts). Throws ConformInputError with file:line. */
export function readWireLog(file: string, text: string): Recorded {
  const messages: WireMessage[] = [];
  const lines = text.split("\n");
  for (const [index, line] of lines.entries()) {
    if (line === "") continue;
    const place = `${file}:${index + 1}`;
    const json = parsed(line);
    // The last line of a log whose writer was killed has no end; it is no message.
    if (json === undefined && index === lines.length - 1) continue;
    const message = lineOf(json, place);
    if (message !== null) messages.push(message);
  }
  return { messages, inOrder: true };
}

/** null = a line that carries nothing to compare: a request, a failure of the network, a withheld body. */
function lineOf(json: unknown, place: string): WireMessage | null {
  const bad = (what: string) => new ConformInputError(`Cannot read ${place}: ${what}`);
  if (!isObject(json)) throw bad("expected one JSON object per line, as `abot --wire-log DIR` writes");
  const { way, rest, stream, text, status, body } = json;
  if (way !== "in" && way !== "out") throw bad(`way: expected "in" or "out", got ${JSON.stringify(way)}`);
  if (typeof stream === "string") {
    if (typeof text !== "string") throw bad("text: expected the frame as text");
    return { kind: way === "in" ? "received" : "sent", place, stream, text };
  }
  if (typeof rest !== "string") throw bad("expected `rest` or `stream`");
  if (way === "out" || json.failed !== undefined) return null;
  if (typeof status !== "number") throw bad("status: expected a number");
  if (typeof body !== "string") throw bad("body: expected the reply as text");
  return body.startsWith("[withheld") ? null : { kind: "reply", place, call: rest, status, body };
}

/** Names of sample files that are not the last words of the path they answer. */
const NICKNAMES: Readonly<Record<string, string>> = {
  "apikey-info": "GET /v5/user/query-api",
  "funding-history": "GET /v5/market/funding/history",
  "position-list": "GET /v5/position/list",
  "position-switch-isolated": "POST /v5/position/switch-isolated",
};

/**
 * One sample payload, `rest_<endpoint>_<what>` or `ws_<topic>_<what>`; keys that begin with `_` were added by whoever
 * recorded it. `calls` are the calls the fake venue serves; an endpoint it does not serve keeps its sample's name.
 */
export function readSample(
  name: string,
  sample: { readonly place: string; readonly json: unknown; readonly calls: readonly string[] },
): WireMessage | null {
  const { place, json } = sample;
  const [sort, topic = ""] = (name.split("/").at(-1) ?? "").replace(/\.json$/, "").split("_");
  if (!isObject(json)) throw new ConformInputError(`Cannot read ${place}: expected one JSON object`);
  const own = Object.fromEntries(Object.entries(json).filter(([key]) => !key.startsWith("_")));
  if (sort === "ws") {
    // What a client sends is in some collections too.
    if (own.op !== undefined && own.args !== undefined && own.conn_id === undefined) return null;
    const isRow = own.topic === undefined && own.op === undefined && own.retCode === undefined &&
      own.success === undefined && own.type === undefined;
    const frame = isRow ? { topic, data: [own] } : own;
    return { kind: "received", place, stream: "", text: JSON.stringify(frame) };
  }
  const status = typeof json._http_status === "number" ? json._http_status : 200;
  const whole = typeof own.retCode === "number" || "result" in own;
  const body = typeof json._body_text === "string"
    ? json._body_text
    : JSON.stringify(whole ? own : { retCode: 0, result: { list: [own] } });
  return { kind: "reply", place, call: callNamed(topic, sample.calls), status, body };
}
function callNamed(name: string, calls: readonly string[]): string | null {
  if (name === "any" || name.startsWith("generic")) return null;
  const known = NICKNAMES[name] ?? calls.find((call) => {
    const words = call.slice(call.indexOf("/v5/") + 4).replaceAll("/", "-");
    return words === name || words.slice(words.indexOf("-") + 1) === name;
  });
  return known ?? name;
}

export type FoundFile = { readonly path: string; readonly text: string };

/** Every recording among these files: wire logs (`*.jsonl`) and samples. Throws ConformInputError. */
export function readRecordings(files: readonly FoundFile[], calls: readonly string[]): readonly Recorded[] {
  const out: Recorded[] = [];
  const samples: WireMessage[] = [];
  const log: WireMessage[] = [];
  const add = (name: string, sample: { readonly place: string; readonly json: unknown }) => {
    const message = readSample(name, { ...sample, calls });
    if (message !== null) samples.push(message);
  };
  for (const { path, text } of files) {
    // The days of one log follow each other.
    if (path.endsWith(".jsonl")) log.push(...readWireLog(path, text).messages);
    else if (/(^|\/)(rest|ws)_[^/]*\.json$/.test(path)) add(path, { place: path, json: jsonOf(path, text) });
    else if (path.endsWith(".json")) {
      for (const [name, payload] of collection(jsonOf(path, text))) {
        add(name, { place: `${path}, ${name}`, json: payload });
      }
    }
  }
  if (log.length > 0) out.push({ messages: log, inOrder: true });
  if (samples.length > 0) out.push({ messages: samples, inOrder: false });
  return out;
}
function jsonOf(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const at = /position (\d+)/.exec(messageOf(error))?.[1];
    const line = at === undefined ? text.split("\n").length : text.slice(0, Number(at)).split("\n").length;
    throw new ConformInputError(`Cannot read ${path}:${line}: not JSON`);
  }
}
/** A file of many samples: name → { payload }. Other JSON has none. */
function collection(json: unknown): readonly (readonly [string, unknown])[] {
  if (!isObject(json)) return [];
  const out: (readonly [string, unknown])[] = [];
  for (const [name, entry] of Object.entries(json)) {
    if (isObject(entry) && "payload" in entry && /(^|\/)(rest|ws)_/.test(name)) out.push([name, entry.payload]);
  }
  return out;
}
