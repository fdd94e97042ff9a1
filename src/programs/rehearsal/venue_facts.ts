/**
 * What a rehearsal's frames answer of the questions that the fake venue leaves open (its switches): read from the wire
 * log, never asked for. A question that no frame answered is not in the result.
 */

type Json = { readonly [name: string]: unknown };
/** Question → answer, in the words of the fake venue's switches. */
export type Answers = ReadonlyMap<string, string>;

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
function parsed(text: unknown): Json | null {
  if (typeof text !== "string") return null;
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}
function rowsOf(value: unknown): readonly Json[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/** Answers in the order they were first seen. `lines` = the lines of a wire log, in order. */
export function observeSwitches(lines: Iterable<string>): Answers {
  const seen = new FactsWatch();
  for (const line of lines) seen.line(line);
  return seen.answers;
}

class FactsWatch {
  readonly answers = new Map<string, string>();
  /** orderId of each conditional order by its own id, while it waits for its trigger. */
  readonly #waiting = new Map<string, string>();
  #firstOfFill: string | null = null;

  line(text: string): void {
    const line = parsed(text);
    if (line === null || line["way"] !== "in") return;
    if (line["stream"] === "private") return this.#frame(parsed(line["text"]));
    const rest = line["rest"];
    if (typeof rest === "string") this.#reply(rest, line);
  }

  #answer(question: string, answer: string): void {
    if (!this.answers.has(question)) this.answers.set(question, answer);
  }

  #reply(rest: string, line: Json): void {
    const body = parsed(line["body"]);
    if (body === null) return;
    if (body["retCode"] === 10006) {
      const headers = isObject(line["headers"]) ? line["headers"] : {};
      const given = headers["x-bapi-limit-reset-timestamp"] !== undefined;
      this.#answer("limitHeadersOn10006", given ? "present" : "absent");
    }
    if (body["retCode"] !== 0 || !isObject(body["result"])) return;
    const rows = rowsOf(body["result"]["list"]);
    if (rest.endsWith("/v5/position/list")) { for (const row of rows) this.#positionRow(row); }
    if (rest.endsWith("/v5/order/realtime")) { for (const row of rows) this.#orderRow(row); }
  }

  #positionRow(row: Json): void {
    if (row["symbol"] !== "BTCUSD" || Number(row["size"]) !== 0) return;
    this.#answer("flatSide", row["side"] === "" ? "empty" : String(row["side"]));
    this.#answer("flatDecimals", row["avgPrice"] === "" ? "empty" : "zero");
  }

  #orderRow(row: Json): void {
    this.#answer("restCreateType", row["createType"] === undefined ? "absent" : "present");
    if (Number(row["cumExecQty"]) === 0) this.#answer("unfilledAvgPrice", row["avgPrice"] === "" ? "empty" : "zero");
  }

  #frame(frame: Json | null): void {
    const topic = frame?.["topic"];
    if (frame === null || typeof topic !== "string") return;
    if (/^(execution|order|position)/.test(topic)) {
      this.#answer("topicName", topic.includes(".") ? "categorised" : "plain");
    }
    const rows = rowsOf(frame["data"]);
    if (topic.startsWith("order")) { for (const row of rows) this.#orderFrame(row); }
    if (topic.startsWith("execution")) { for (const row of rows) this.#executionFrame(row); }
  }

  #orderFrame(row: Json): void {
    const id = String(row["orderLinkId"]);
    const status = row["orderStatus"];
    if (row["timeInForce"] === "PostOnly" && row["rejectReason"] === "EC_PostOnlyWillTakeLiquidity") {
      this.#answer("postOnlyRefusal", String(status));
    }
    if (status === "Filled" || status === "PartiallyFilled") this.#first(String(row["orderId"]), "order_first");
    if (status === "Untriggered") {
      this.#waiting.set(id, String(row["orderId"]));
      this.#answer("stopCreateType", String(row["createType"]));
      if (row["closeOnTrigger"] === true && row["qty"] === "0") this.#answer("closeAllShownAs", "zero");
      return;
    }
    const before = this.#waiting.get(id);
    if (before === undefined) return;
    if (status === "Triggered") this.#answer("triggeredStatus", "shown");
    else if (status === "New" || status === "PartiallyFilled" || status === "Filled") {
      this.#answer("triggeredStatus", "skipped");
    }
    if (status === "Filled") {
      this.#answer("orderIdAfterTrigger", row["orderId"] === before ? "same" : "new");
      this.#waiting.delete(id);
    }
  }

  #executionFrame(row: Json): void {
    if (row["execType"] !== "Trade") return;
    this.#first(String(row["orderId"]), "execution_first");
    const extra = row["extraFees"];
    this.#answer("extraFees", extra === undefined ? "absent" : extra === "" ? "empty" : "array");
  }

  /** The first frame of the first fill decides. */
  #first(orderId: string, answer: "order_first" | "execution_first"): void {
    this.#firstOfFill ??= orderId;
    if (this.#firstOfFill === orderId) this.#answer("frameOrder", answer);
  }
}
