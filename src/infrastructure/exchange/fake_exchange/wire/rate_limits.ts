/** Requests a second and key, inverse, default tier (PROTOCOL §6). Paths without an entry are public: only the IP limit. */
const PER_SECOND: Readonly<Record<string, number>> = {
  "/v5/order/create": 10,
  "/v5/order/amend": 10,
  "/v5/order/cancel": 10,
  "/v5/order/cancel-all": 10,
  "/v5/order/realtime": 50,
  "/v5/order/history": 50,
  "/v5/execution/list": 50,
  "/v5/position/list": 50,
  "/v5/position/closed-pnl": 50,
  "/v5/position/set-leverage": 10,
  "/v5/position/trading-stop": 10,
  "/v5/account/wallet-balance": 50,
  "/v5/account/info": 50,
  "/v5/account/user-setting-config": 50,
  "/v5/account/fee-rate": 5,
  "/v5/account/transaction-log": 25,
  "/v5/account/set-margin-mode": 5,
  "/v5/account/set-limit-px-action": 10,
  "/v5/user/query-api": 10,
};
const OTHERS_PER_SECOND = 50;
const IP_REQUESTS = 600;
const IP_WINDOW_MS = 5_000;
const IP_BAN_MS = 600_000;

export type Allowance = {
  readonly allowed: boolean;
  readonly limit: number;
  readonly remaining: number;
  readonly resetAt: number;
};

/** The moments of the requests taken within the last second, oldest first, in a ring that holds as many as may be. */
class SecondWindow {
  readonly #limit: number;
  readonly #times: Float64Array;
  #first = 0;
  #count = 0;

  constructor(limit: number) {
    this.#limit = limit;
    this.#times = new Float64Array(limit);
  }

  take(now: number): Allowance {
    const limit = this.#limit;
    while (this.#count > 0 && (this.#times[this.#first] ?? 0) <= now - 1_000) {
      this.#first = (this.#first + 1) % limit;
      this.#count--;
    }
    if (this.#count === limit) {
      return { allowed: false, limit, remaining: 0, resetAt: (this.#times[this.#first] ?? 0) + 1_000 };
    }
    this.#times[(this.#first + this.#count) % limit] = now;
    this.#count++;
    return { allowed: true, limit, remaining: limit - this.#count, resetAt: now };
  }
}

/** Rolling one-second windows for every endpoint and the IP window over all of them. */
export class RateLimits {
  readonly #windows = new Map<string, SecondWindow>();
  readonly #ip: number[] = [];
  #ipHead = 0;
  #bannedUntil = 0;

  /** Counts a request against the IP window; false = answer 403. A request during the ban prolongs nothing here. */
  admitAddress(now: number): boolean {
    if (now < this.#bannedUntil) return false;
    this.#ip.push(now);
    while ((this.#ip[this.#ipHead] ?? now) <= now - IP_WINDOW_MS) this.#ipHead++;
    if (this.#ipHead > 2_000) {
      this.#ip.splice(0, this.#ipHead);
      this.#ipHead = 0;
    }
    if (this.#ip.length - this.#ipHead <= IP_REQUESTS) return true;
    this.ban(now);
    return false;
  }

  ban(now: number): void {
    this.#bannedUntil = now + IP_BAN_MS;
  }

  /** Counts a signed request against its endpoint. */
  take(path: string, now: number): Allowance {
    let window = this.#windows.get(path);
    if (window === undefined) {
      this.#windows.set(path, window = new SecondWindow(PER_SECOND[path] ?? OTHERS_PER_SECOND));
    }
    return window.take(now);
  }
}
