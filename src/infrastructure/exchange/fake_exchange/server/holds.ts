import { type Fields, fieldsOf, text } from "../trading/order_params.ts";
import type { RestReply, RestRequest } from "../types.ts";

/** before = the venue has not seen the request yet; after = it acted and its answer is under way; refuse = it says no. */
export type HoldWhen = "before" | "after" | "refuse";
export type HoldRule = {
  readonly action: "create" | "amend" | "cancel";
  /** Part of the orderLinkId; "" = every order. */
  readonly link: string;
  readonly when: HoldWhen;
  /** What `refuse` answers. */
  readonly retCode: number;
  /** Private frames wait as well, so that nothing tells of the order. */
  readonly frames: boolean;
};
export type Held = {
  readonly action: string;
  readonly orderLinkId: string;
  readonly when: HoldWhen;
  readonly at: number;
};

type Waiting = Held & { readonly go: (deliver: boolean) => void };

const LOST: RestReply = { status: 503, headers: { "content-type": "text/html" }, body: "held back and dropped" };

/** Holds requests of orders and private frames on their way, as a slow network would, until it is told to let go. */
export class Holds {
  readonly #now: () => number;
  readonly #waiting: Waiting[] = [];
  readonly #frames: (() => void)[] = [];
  readonly #rules: HoldRule[] = [];

  constructor(now: () => number) {
    this.#now = now;
  }

  /** From now on every request that fits is held; the first rule that fits counts. */
  hold(rule: HoldRule): void {
    this.#rules.push(rule);
  }
  held(): readonly Held[] {
    return this.#waiting.map(({ action, orderLinkId, when, at }) => ({ action, orderLinkId, when, at }));
  }
  /**
   * Ends every rule; what is held before the venue is delivered late, or lost; with `action` only requests of that kind
   * are delivered. Frames go out in their order.
   */
  release({ deliver, action }: { readonly deliver: boolean; readonly action?: string }): void {
    this.#rules.length = 0;
    for (const one of this.#waiting.splice(0)) one.go(deliver && (action === undefined || one.action === action));
    for (const send of this.#frames.splice(0)) send();
  }

  /** Carries a request to the venue and its answer back. */
  async carry(request: RestRequest, run: () => RestReply): Promise<RestReply> {
    const rule = this.#rules.find((one) => fits(one, request) !== null);
    if (rule === undefined) return run();
    const orderLinkId = fits(rule, request) ?? "";
    if (rule.when === "refuse") return refusal(rule.retCode, this.#now());
    if (rule.when === "before") return await this.#wait(rule, orderLinkId) ? run() : LOST;
    const reply = run();
    await this.#wait(rule, orderLinkId);
    return reply;
  }
  /** Sends a frame of a private stream now, or when frames go again. */
  frame(send: () => void): void {
    if (this.#frames.length > 0 || this.#rules.some((rule) => rule.frames)) this.#frames.push(send);
    else send();
  }

  #wait({ action, when }: HoldRule, orderLinkId: string): Promise<boolean> {
    return new Promise((go) => this.#waiting.push({ action, orderLinkId, when, at: this.#now(), go }));
  }
}

/** The order's id when the rule is about this request. */
function fits(rule: HoldRule, request: RestRequest): string | null {
  if (request.method !== "POST" || request.path !== `/v5/order/${rule.action}`) return null;
  const fields = fieldsOf(request.body);
  const orderLinkId = fields === null ? "" : text(fields, "orderLinkId");
  return orderLinkId.includes(rule.link) ? orderLinkId : null;
}

function refusal(retCode: number, at: number): RestReply {
  const body = `{"retCode":${retCode},"retMsg":"refused on request","result":{},"retExtInfo":{},"time":${at}}`;
  return { status: 200, headers: { "content-type": "application/json; charset=utf-8" }, body };
}

/** What a control call asks to hold; a string says what is wrong with it. */
export function holdRuleOf(fields: Fields): HoldRule | string {
  const { action, when, retCode } = fields;
  if (action !== "create" && action !== "amend" && action !== "cancel") return "action: create, amend or cancel";
  if (when !== "before" && when !== "after" && when !== "refuse") return "when: before, after or refuse";
  if (when === "refuse" && typeof retCode !== "number") return "retCode: the number to refuse with";
  return {
    action,
    when,
    link: text(fields, "link"),
    retCode: typeof retCode === "number" ? retCode : 0,
    frames: fields["frames"] === true,
  };
}
