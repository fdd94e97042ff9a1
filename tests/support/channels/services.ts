/**
 * The channels' services as they are documented: their answers, their limits, what they show to a reader, and their
 * faults on demand. Pure of network; `server.ts` puts them behind HTTP.
 */

export type ServiceRequest = {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};
export type ServiceAnswer = {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
};
/** What happens to the next requests instead of, or after, the service's own answer. */
export type Fault =
  | { readonly kind: "answer"; readonly answer: ServiceAnswer }
  /** Taken, but the answer never comes back. */
  | { readonly kind: "lost_answer" }
  /** Not taken: the connection breaks before. */
  | { readonly kind: "lost_request" }
  /** Nothing comes back for so long. */
  | { readonly kind: "slow"; readonly ms: number };

/** A message as its reader sees it. */
export type Shown = {
  readonly at: number;
  readonly text: string;
  readonly where: string;
  /** What a receiver tells repeats by, where there is such a thing. */
  readonly id: string;
  readonly loud: boolean;
};

export type Outcome =
  | { readonly kind: "answer"; readonly answer: ServiceAnswer; readonly delayMs: number }
  | { readonly kind: "lost" };

export abstract class Service {
  readonly shown: Shown[] = [];
  readonly requests: ServiceRequest[] = [];
  /** What a client must not do: too soon after a 429, markup in its text, a hook that is gone. */
  readonly misdeeds: string[] = [];
  readonly faults: Fault[] = [];
  readonly now: () => number;
  #notBefore = 0;

  constructor(now: () => number) {
    this.now = now;
  }

  protected abstract answer(request: ServiceRequest): ServiceAnswer;

  handle(request: ServiceRequest): Outcome {
    this.requests.push(request);
    if (this.now() < this.#notBefore - 1) this.misdeeds.push(`asked ${this.#notBefore - this.now()} ms too soon`);
    const fault = this.isPoll(request) ? undefined : this.faults.shift();
    if (fault?.kind === "lost_request") return { kind: "lost" };
    if (fault?.kind === "answer") return this.#told(fault.answer, 0);
    const answer = this.answer(request);
    if (fault?.kind === "lost_answer") return { kind: "lost" };
    return this.#told(answer, fault?.kind === "slow" ? fault.ms : 0);
  }

  protected isPoll(_request: ServiceRequest): boolean {
    return false;
  }

  #told(answer: ServiceAnswer, delayMs: number): Outcome {
    if (answer.status === 429) this.#notBefore = this.now() + this.waitOf(answer);
    return { kind: "answer", answer, delayMs };
  }
  protected waitOf(answer: ServiceAnswer): number {
    return Number(answer.headers?.["retry-after"] ?? 0) * 1000;
  }

  protected show(text: string, of: { readonly where: string; readonly id?: string; readonly loud: boolean }): void {
    this.shown.push({ at: this.now(), text, where: of.where, id: of.id ?? "", loud: of.loud });
  }
}

/** Requests within a window, as a service counts them. */
export class Limit {
  readonly #most: number;
  readonly #windowMs: number;
  #times: number[] = [];

  constructor(most: number, windowMs: number) {
    this.#most = most;
    this.#windowMs = windowMs;
  }
  /** Milliseconds until the next is allowed; 0 = it is, and is counted. */
  take(now: number): number {
    this.#times = this.#times.filter((at) => at > now - this.#windowMs);
    const oldest = this.#times[0];
    if (this.#times.length >= this.#most && oldest !== undefined) return oldest + this.#windowMs - now;
    this.#times.push(now);
    return 0;
  }
}

export function parse(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
export function json(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): ServiceAnswer {
  return { status, headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(body) };
}
