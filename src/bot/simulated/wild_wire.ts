import { chance, nextInt, pick, type RandomState, randomStream } from "../../common/random.ts";
import type { FiredFault } from "../../infrastructure/platform/virtual/faults.ts";
import type { TrueClock, WireVenue } from "../../infrastructure/platform/virtual/mod.ts";

/**
 * What a venue's wire has done to bots and PROTOCOL.md does not foresee: changes of the text only, on its way from the
 * fake venue to the network. `list` faults get their chance at every answered list, `reply` at every answered request,
 * `frame` at every private frame, `candle` at every closed candle.
 */
export const WILD_FAULTS = {
  /** Lists leave out rows for some seconds, then show them again. */
  rows_missing: "list",
  /** A row among good ones that is none. */
  odd_row: "list",
  /** A final status under a word nobody knows, on stream and lists, for some minutes. */
  unknown_status: "list",
  /** "1e400" where a number stood. */
  number_beyond: "list",
  /** A key twice, the first time with another value. */
  duplicate_key: "list",
  /** 10 MB of it. */
  reply_huge: "reply",
  /** Arrays within arrays, fifty thousand deep. */
  reply_deep: "reply",
  /** A private frame with a key twice. */
  frame_duplicate_key: "frame",
  /** A closed candle again, with other prices. */
  corrected_candle: "candle",
} as const;
export type WildFaultName = keyof typeof WILD_FAULTS;

/** Probability per opportunity under `heavy`. */
const RATES: Readonly<Record<WildFaultName, number>> = {
  rows_missing: 0.0006,
  odd_row: 0.002,
  unknown_status: 0.0004,
  number_beyond: 0.001,
  duplicate_key: 0.001,
  reply_huge: 0.00005,
  reply_deep: 0.0002,
  frame_duplicate_key: 0.005,
  corrected_candle: 0.01,
};
const LISTS = /^\/v5\/(order\/(realtime|history)|execution\/list|position\/list)$/;
/** A position list without its row says "flat": no venue has been seen to do that for seconds on end. */
const MISSING_IN = /^\/v5\/(order\/(realtime|history)|execution\/list)$/;
const MISSING_MS = { from: 3_000, to: 25_000 };
const UNKNOWN_MS = { from: 60_000, to: 600_000 };
const CORRECTED_MS = { from: 2_000, to: 30_000 };
const HUGE = 10_000_000;
const DEEP = 50_000;
const FINAL_WORD = /"orderStatus":"(?:Cancelled|Deactivated|Rejected|PartiallyFilledCanceled)"/g;
const NUMBER = /"(price|avgPrice|triggerPrice|liqPrice|positionValue|execPrice)":"[^"]*"/g;

type Options = {
  readonly venue: WireVenue;
  readonly clock: TrueClock;
  readonly seed: number;
  /** Of `RATES`. */
  readonly share: number;
  readonly fromMs: number;
  readonly untilMs: number;
  readonly onFault: (fault: Omit<FiredFault, "name"> & { readonly name: WildFaultName }) => void;
};
type Reply = ReturnType<WireVenue["rest"]>;

/** The fake venue behind a wire that garbles what it says. */
export class WildWire implements WireVenue {
  readonly counts: Partial<Record<WildFaultName, number>> = {};
  readonly #options: Options;
  readonly #random: RandomState;
  /** The newest frame of an execution, and where frames of the account go. */
  #execution: string | null = null;
  #account: Parameters<WireVenue["connect"]>[1] | null = null;
  #falseFrames = 0;
  #missingUntil = 0;
  #unknownUntil = 0;

  constructor(options: Options) {
    this.#options = options;
    this.#random = randomStream(options.seed, "wild wire");
  }

  rest(request: Parameters<WireVenue["rest"]>[0]): Reply {
    const reply = this.#options.venue.rest(request);
    if (reply.status !== 200 || !reply.body.startsWith('{"retCode":0')) return reply;
    const lists = request.method === "GET" && LISTS.test(request.path);
    const changed = lists ? this.#list(reply.body, request.path) : reply.body;
    const body = this.#whole(changed, request.path);
    return body === reply.body ? reply : { ...reply, body };
  }

  connect(path: string, peer: Parameters<WireVenue["connect"]>[1]): ReturnType<WireVenue["connect"]> {
    if (path.includes("private")) this.#account = peer;
    return this.#options.venue.connect(path, {
      close: (reason) => peer.close(reason),
      send: (text, channel) => {
        if (channel === "execution") this.#execution = text;
        if (path.includes("private")) return peer.send(this.#frame(text, channel), channel);
        peer.send(text, channel);
        if (text.includes('"confirm":true') && this.#hits("corrected_candle")) this.#correct(text, { peer, channel });
      },
    });
  }

  /** A frame of an execution that never was: somebody else's, of this side and size. Null before the first true one. */
  falseFrame(of: { readonly side: "Buy" | "Sell"; readonly qty: number }): string | null {
    const row = /"data":\[(\{[^{}]*\})/.exec(this.#execution ?? "")?.[1];
    if (row === undefined || this.#execution === null || this.#account === null) return null;
    const execId = `false-${++this.#falseFrames}`;
    const now = this.#options.clock.now();
    const facts = { execId, orderId: execId, orderLinkId: "", side: of.side, execQty: of.qty, orderQty: of.qty };
    const told = { ...facts, closedSize: 0, execPnl: 0, execTime: now };
    const changed = Object.entries(told).reduce(
      (text, [name, value]) => text.replace(new RegExp(`"${name}":"[^"]*"`), `"${name}":"${value}"`),
      row,
    );
    const head = this.#execution.slice(0, this.#execution.indexOf('"data":['));
    this.#account.send(`${head}"data":[${changed}]}`, "execution");
    return execId;
  }

  #list(body: string, path: string): string {
    const { clock } = this.#options;
    const now = clock.now();
    let text = body;
    if (MISSING_IN.test(path) && this.#hits("rows_missing")) {
      this.#missingUntil = now + nextInt(this.#random, MISSING_MS);
      this.#fired("rows_missing", { detail: path, untilMs: this.#missingUntil });
    }
    if (MISSING_IN.test(path) && now < this.#missingUntil) text = withoutRows(text);
    if (this.#hits("unknown_status")) {
      this.#unknownUntil = now + nextInt(this.#random, UNKNOWN_MS);
      this.#fired("unknown_status", { detail: path, untilMs: this.#unknownUntil });
    }
    if (now < this.#unknownUntil) text = renamed(text);
    if (this.#hits("odd_row")) text = this.#changed("odd_row", { path, from: text, to: withOddRow(text) });
    if (this.#hits("number_beyond")) {
      text = this.#changed("number_beyond", { path, from: text, to: this.#beyond(text) });
    }
    if (this.#hits("duplicate_key")) text = this.#changed("duplicate_key", { path, from: text, to: doubled(text) });
    return text;
  }

  #whole(body: string, path: string): string {
    const pad = (content: string): string => body.replace('{"retCode":0', `{"pad":${content},"retCode":0`);
    if (this.#hits("reply_huge")) {
      return this.#changed("reply_huge", { path, from: body, to: pad(`"${"x".repeat(HUGE)}"`) });
    }
    if (!this.#hits("reply_deep")) return body;
    return this.#changed("reply_deep", { path, from: body, to: pad("[".repeat(DEEP) + "]".repeat(DEEP)) });
  }

  #frame(text: string, channel: string): string {
    const told = this.#options.clock.now() < this.#unknownUntil ? renamed(text) : text;
    if (channel === "control" || !this.#hits("frame_duplicate_key")) return told;
    return this.#changed("frame_duplicate_key", { path: channel, from: told, to: doubled(told) });
  }

  #correct(text: string, to: { readonly peer: Parameters<WireVenue["connect"]>[1]; readonly channel: string }): void {
    const { clock } = this.#options;
    const factor = pick(this.#random, [0.995, 0.999, 1.001, 1.005]);
    const again = text.replace(/"close":"([\d.]+)"/g, (_, close) => `"close":"${(Number(close) * factor).toFixed(2)}"`);
    this.#fired("corrected_candle", { detail: to.channel, untilMs: null });
    clock.at(clock.now() + nextInt(this.#random, CORRECTED_MS), () => to.peer.send(again, to.channel));
  }

  #beyond(text: string): string {
    const found = [...text.matchAll(NUMBER)];
    if (found.length === 0) return text;
    const one = found[nextInt(this.#random, { from: 0, to: found.length - 1 })];
    if (one === undefined) return text;
    return text.slice(0, one.index) + `"${one[1]}":"1e400"` + text.slice(one.index + one[0].length);
  }

  #hits(name: WildFaultName): boolean {
    const { share, clock, fromMs, untilMs } = this.#options;
    const now = clock.now();
    return now >= fromMs && now < untilMs && chance(this.#random, RATES[name] * share);
  }
  /** Counts only what changed something. */
  #changed(name: WildFaultName, of: { readonly path: string; readonly from: string; readonly to: string }): string {
    if (of.to !== of.from) this.#fired(name, { detail: of.path, untilMs: null });
    return of.to;
  }
  #fired(name: WildFaultName, what: { readonly detail: string; readonly untilMs: number | null }): void {
    this.counts[name] = (this.counts[name] ?? 0) + 1;
    this.#options.onFault({ at: this.#options.clock.now(), name, ...what });
  }
}

function renamed(text: string): string {
  return text.replace(FINAL_WORD, '"orderStatus":"Expired"');
}
function doubled(text: string): string {
  return text.replace(/"side":"(Buy|Sell)"/, (pair, side) => `"side":"${side === "Buy" ? "Sell" : "Buy"}",${pair}`);
}
/** The list of a reply without its rows. */
function withoutRows(text: string): string {
  const span = listSpan(text);
  return span === null ? text : text.slice(0, span.from) + text.slice(span.to);
}
/** The rows and one more that names a side that is none and no quantity. */
function withOddRow(text: string): string {
  const span = listSpan(text);
  if (span === null || span.from === span.to) return text;
  return `${text.slice(0, span.to)},{"symbol":"BTCUSD","side":"None","orderId":"","execId":""}${text.slice(span.to)}`;
}
/** What stands between the brackets of `list`; strings in it hold no brackets that count. */
function listSpan(text: string): { readonly from: number; readonly to: number } | null {
  const mark = text.indexOf('"list":[');
  if (mark < 0) return null;
  const from = mark + '"list":['.length;
  let depth = 1;
  let quoted = false;
  for (let at = from; at < text.length; at++) {
    const char = text[at];
    if (char === '"' && text[at - 1] !== "\\") quoted = !quoted;
    if (quoted) continue;
    if (char === "[") depth++;
    else if (char === "]" && --depth === 0) return { from, to: at };
  }
  return null;
}
