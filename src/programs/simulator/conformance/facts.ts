import { isObject, type Json, parsed, type Recorded, type WireMessage } from "./recordings.ts";

/** One thing a recording shows. It is reported only when what it belongs to (`under`) is known. */
export type Fact = { readonly key: string; readonly under: string | null; readonly text: string };
type Note = (fact: Fact) => void;

/** Fields that hold one word of a closed list. */
const WORDS = new Set(
  ("side orderType orderStatus timeInForce execType createType stopOrderType cancelType rejectReason triggerBy " +
    "positionStatus marginMode contractType status smpType accountType category").split(" "),
);

export type Noting = {
  readonly note: (fact: Fact, place: string) => void;
  /** Also note what a network whose channels overtake each other makes of the same messages. */
  readonly overtaking: boolean;
};

/** Everything these messages show of fields, words, codes and, when they are one conversation, of orders and sessions. */
export function factsOf(recorded: Recorded, { note, overtaking }: Noting): void {
  const nodes = new Nodes();
  const paths = new OrderPaths(overtaking);
  const sessions = new Sessions(overtaking);
  for (const message of recorded.messages) {
    const here: Note = (fact) => note(fact, message.place);
    messageFacts(message, { note: here, nodes });
    if (!recorded.inOrder || message.kind === "reply") continue;
    sessions.message(message, here);
    if (message.kind === "received" && message.stream !== "public") paths.frame(parsed(message.text), here);
  }
}

function messageFacts(message: WireMessage, { note, nodes }: { readonly note: Note; readonly nodes: Nodes }): void {
  const to = (where: string) => ({ where, note, node: nodes.root(where) });
  if (message.kind === "sent") return;
  if (message.kind === "received") {
    const json = parsed(message.text);
    if (!isObject(json)) return;
    const where = frameName(json);
    const refused = where.startsWith("op ") && typeof json.retCode === "number" && json.retCode !== 0;
    return refused ? refusalFacts(json, to(where)) : whereFacts(json, to(where));
  }
  if (message.status !== 200) {
    return note({ key: `http|${message.status}`, under: null, text: `HTTP status ${message.status}` });
  }
  const json = parsed(message.body);
  if (!isObject(json)) return note({ key: "http|200 no json", under: null, text: "a reply that is not JSON" });
  if (json.retCode !== 0 && json.retCode !== undefined) return refusalFacts(json, to("refusal"));
  if (message.call !== null) whereFacts(json, to(message.call));
}
type To = { readonly where: string; readonly node: Node; readonly note: Note };

function refusalFacts(json: Json, to: To): void {
  to.note({ key: `code|${json.retCode}`, under: null, text: `code ${json.retCode}` });
  whereFacts(json, to);
}
function whereFacts(json: Json, to: To): void {
  to.note(to.node.fact);
  for (const [name, value] of Object.entries(json)) fieldFacts(value, { ...to, path: name });
}

/** `topic order`, `topic tickers delta`, `op auth`, `op auth refused`. Depth, interval and category do not matter. */
export function frameName(json: Json): string {
  if (typeof json.topic === "string") {
    const head = json.topic.split(".")[0] ?? "";
    return typeof json.type === "string" && head !== "order" ? `topic ${head} ${json.type}` : `topic ${head}`;
  }
  const nested = isObject(json.request) ? json.request.op : undefined;
  const op = typeof json.op === "string" ? json.op : typeof nested === "string" ? nested : "without name";
  const refused = json.success === false || (typeof json.retCode === "number" && json.retCode !== 0);
  return refused ? `op ${op} refused` : `op ${op}`;
}

/** Facts of one field, made once: a recording says the same thing many thousand times. */
class Node {
  readonly fact: Fact;
  readonly #leaves = new Map<string, Fact>();
  readonly #children = new Map<string, Node>();

  constructor(fact: Fact) {
    this.fact = fact;
  }
  leaf(key: string, text: () => string): Fact {
    const known = this.#leaves.get(key);
    if (known !== undefined) return known;
    const made = { key: `${this.fact.key}|${key}`, under: this.fact.key, text: text() };
    this.#leaves.set(key, made);
    return made;
  }
  child(name: string, text: () => string): Node {
    const known = this.#children.get(name);
    if (known !== undefined) return known;
    const made = new Node({ key: `${this.fact.key}.${name}`, under: this.fact.key, text: text() });
    this.#children.set(name, made);
    return made;
  }
}
class Nodes {
  readonly #roots = new Map<string, Node>();
  root(where: string): Node {
    const known = this.#roots.get(where);
    if (known !== undefined) return known;
    const made = new Node({ key: `field|${where}|`, under: null, text: `message ${where}` });
    this.#roots.set(where, made);
    return made;
  }
}

/** `node` is what holds the field; the last word of `path` its name there. */
function fieldFacts(value: unknown, at: To & { readonly path: string }): void {
  const { where, path, note } = at;
  const name = path.endsWith("[]") ? "[]" : path.slice(path.lastIndexOf(".") + 1);
  const node = at.node.child(name, () => `${where}: field ${path}`);
  note(node.fact);
  const type = typeOf(value);
  note(node.leaf(type, () => `${where}: ${path} as ${type}`));
  if (Array.isArray(value)) {
    for (const item of value) fieldFacts(item, { where, note, node, path: `${path}[]` });
  } else if (isObject(value)) {
    for (const key of Object.keys(value)) fieldFacts(value[key], { where, note, node, path: `${path}.${key}` });
  } else if (typeof value === "string" && WORDS.has(name)) {
    note(node.leaf(`=${value}`, () => `${where}: ${path} = ${JSON.stringify(value)}`));
  }
}
function typeOf(value: unknown): string {
  if (value === null) return "null";
  if (value === "") return "empty text";
  if (Array.isArray(value)) return "list";
  return typeof value === "string" ? "text" : typeof value;
}

type Life = { sort: string; status: string; token: string; readonly tokens: Set<string> };

/** Status paths of orders, and how their fills lie among them. */
class OrderPaths {
  readonly #overtaking: boolean;
  readonly #lives = new Map<string, Life>();

  constructor(overtaking: boolean) {
    this.#overtaking = overtaking;
  }

  frame(json: unknown, note: Note): void {
    if (!isObject(json) || typeof json.topic !== "string" || !Array.isArray(json.data)) return;
    const head = json.topic.split(".")[0];
    for (const row of json.data) {
      if (!isObject(row)) continue;
      if (head === "order") this.#order(row, note);
      if (head === "execution" && row.execType !== "Funding") {
        this.#step(this.#life(row), { token: `execution ${row.execType}`, note });
      }
    }
  }
  #order(row: Json, note: Note): void {
    const life = this.#life(row);
    const status = String(row.orderStatus);
    life.sort = sortOf(row);
    if (life.status === status) return;
    const key = `path|${life.sort}|${life.status}|${status}`;
    note({ key, under: null, text: `order path: ${life.sort} goes ${life.status} > ${status}` });
    if (this.#overtaking) note(orderFact(`order ${life.status}`, `order ${status}`));
    life.status = status;
    this.#step(life, { token: `order ${status}`, note });
  }
  #step(life: Life, next: { readonly token: string; readonly note: Note }): void {
    const { token, note } = next;
    if (life.token === token) return;
    note(orderFact(life.token, token));
    if (this.#overtaking) {
      note(orderFact("start", token));
      for (const earlier of life.tokens) {
        if (earlier.split(" ")[0] === token.split(" ")[0]) continue;
        note(orderFact(earlier, token));
        note(orderFact(token, earlier));
      }
    }
    life.token = token;
    life.tokens.add(token);
  }
  #life(row: Json): Life {
    const { orderLinkId, orderId } = row;
    const id = typeof orderLinkId === "string" && orderLinkId !== "" ? orderLinkId : String(orderId);
    const known = this.#lives.get(id);
    if (known !== undefined) return known;
    const life: Life = { sort: "", status: "start", token: "start", tokens: new Set() };
    this.#lives.set(id, life);
    return life;
  }
}
function orderFact(from: string, to: string): Fact {
  return { key: `order|${from}|${to}`, under: null, text: `message order: ${from} > ${to}` };
}
function sortOf(row: Json): string {
  const conditional = typeof row.triggerPrice === "string" && Number(row.triggerPrice) > 0;
  const force = row.orderType === "Limit" ? ` ${row.timeInForce}` : "";
  return `${conditional ? "conditional " : ""}${row.orderType}${force}`;
}

const HANDSHAKE = ["op auth", "op subscribe"];
type Session = { phase: string; readonly seen: Set<string> };

/** What each stream says first, and after which step of its handshake (PROTOCOL §1.2, §1.4). */
class Sessions {
  readonly #overtaking: boolean;
  readonly #sessions = new Map<string, Session>();

  constructor(overtaking: boolean) {
    this.#overtaking = overtaking;
  }

  message(message: Extract<WireMessage, { readonly stream: string }>, note: Note): void {
    const json = parsed(message.text);
    if (!isObject(json)) return;
    if (message.kind === "sent") return this.#sent(message.stream, json.op);
    const session = this.#sessions.get(message.stream);
    const name = frameName(json);
    const answer = HANDSHAKE.includes(name);
    if (session === undefined || (!answer && !name.startsWith("topic ")) || session.seen.has(topicOf(name))) return;
    note(sessionFact(name, session.phase));
    // Data may arrive before the answer to its subscription.
    if (this.#overtaking && session.phase === "op subscribe answered") note(sessionFact(name, "op subscribe sent"));
    if (answer) session.phase = `${name} answered`;
    else session.seen.add(topicOf(name));
  }
  #sent(stream: string, op: unknown): void {
    if (op !== "auth" && op !== "subscribe") return;
    const begun = this.#sessions.get(stream);
    const phase = `op ${op} sent`;
    // A public session begins with its subscription, a private one with its login.
    const goesOn = begun !== undefined && op === "subscribe" && begun.phase === "op auth answered";
    if (goesOn) begun.phase = phase;
    else this.#sessions.set(stream, { phase, seen: new Set() });
  }
}
function topicOf(name: string): string {
  return name.split(" ").slice(0, 2).join(" ");
}
function sessionFact(name: string, phase: string): Fact {
  return { key: `session|${name}|${phase}`, under: null, text: `message order: first ${name} after ${phase}` };
}
