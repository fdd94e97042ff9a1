import { type ServedVenue, serveVenue } from "../../src/infrastructure/exchange/fake_exchange/server/server.ts";
import type { HoldRule } from "../../src/infrastructure/exchange/fake_exchange/server/holds.ts";
import { nextInt, pick, type RandomState, randomStream } from "../../src/common/random.ts";
import { type Status, statusSchema } from "../../src/views/status.ts";
import { liveFiles } from "../../src/infrastructure/platform/live/files.ts";
import { writeRequest } from "../../src/infrastructure/safety/control_files.ts";
import { verifyJournal } from "../../src/infrastructure/storage/journal/verify.ts";
import { KillJudge } from "./kill_judge.ts";

export const MOMENTS = [
  "entry sent",
  "partially filled",
  "amend in flight",
  "two stops live",
  "stop pending",
  "during boot",
  "exit live",
  "order_cleanup",
] as const;
export type Moment = (typeof MOMENTS)[number];

export type KillRunOptions = {
  readonly seed: number;
  /** 0 = any. */
  readonly port: number;
  readonly tls?: { readonly cert: string; readonly key: string };
  readonly key: string;
  readonly secret: string;
  /** Holds `config` and an empty `data`; the bot runs in it. */
  readonly folder: string;
  /** Starts the bot against the venue at this port. */
  readonly spawn: (port: number) => Deno.ChildProcess;
};

export type KillFigures = {
  readonly kills: Readonly<Record<Moment, number>>;
  readonly boots: number;
  /** Start of the process to every contract covered at the venue, of the starts that found some uncovered. Sorted. */
  readonly protectedMs: readonly number[];
  /** Longest time with uncovered contracts, time without a process included. */
  readonly uncoveredMsMax: number;
  readonly violations: readonly string[];
};

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
const LOOK_MS = 10;
/** Longest waits: for the grid of a new account (P-1), and for a request whose absence must be proven (F-10.4). */
const GRID_MS = 400_000;
const STEP_MS = 60_000;

type Hold = Omit<HoldRule, "retCode" | "frames"> & Partial<HoldRule>;

/** Kills a real bot process at wanted moments of trades before a real venue server, and judges it by the venue's log. */
export class KillRun {
  readonly served: ServedVenue;
  readonly judge = new KillJudge();
  readonly kills: Record<Moment, number>;
  readonly #options: KillRunOptions;
  readonly #random: RandomState;
  readonly #protectedMs: number[] = [];
  #child: Deno.ChildProcess | null = null;
  #exit: number | null = null;
  #boots = 0;
  #side: "Buy" | "Sell" = "Sell";

  constructor(options: KillRunOptions) {
    this.#options = options;
    this.#random = randomStream(options.seed, "kills");
    this.kills = Object.fromEntries(MOMENTS.map((name) => [name, 0])) as Record<Moment, number>;
    const { port, key, secret, seed, tls } = options;
    const onLog = (entry: Parameters<KillJudge["on"]>[0]) => this.judge.on(entry);
    this.served = serveVenue({ port, key, secret, seed, onLog, ...(tls === undefined ? {} : { tls }) });
  }

  /** One trade with at least one kill of every moment. */
  async trade(): Promise<void> {
    this.#side = this.#side === "Buy" ? "Sell" : "Buy";
    if (this.#child === null) this.#start();
    await this.#entrySent();
    await this.#partlyFilled();
    await this.#amendInFlight();
    await this.#twoStops();
    await this.#stopPending();
    await this.#duringBoot();
    await this.#exitLive();
    await this.#cleanUp();
  }

  figures(): KillFigures {
    return {
      kills: { ...this.kills },
      boots: this.#boots,
      protectedMs: this.#protectedMs.toSorted((a, b) => a - b),
      uncoveredMsMax: this.judge.protection.uncoveredMsMax,
      violations: this.judge.violations,
    };
  }
  /** Ends the process and the venue; the data directory stays. */
  async end(): Promise<void> {
    await this.#die();
    await this.served.shutdown();
  }

  get #entryLink(): string {
    return this.#side === "Buy" ? "_l_Buy" : "_s_Sell";
  }
  get #state() {
    return this.served.venue.control.state();
  }
  get #entry() {
    return this.#state.orders.find((order) => order.orderLinkId.includes(this.#entryLink));
  }

  async #entrySent(): Promise<void> {
    this.#hold({ action: "create", link: this.#entryLink, when: this.#when(), frames: true });
    await this.#until("an entry on its way", () => this.#isHeld("create", this.#entryLink), {
      ms: GRID_MS,
      each: () => this.#toTheLine(),
    });
    this.#away();
    const first = this.served.holds.held()[0]?.orderLinkId;
    await this.#kill("entry sent", { deliver: this.#chance() });
    this.#start();
    await this.#settled();
    // The start cancels an entry it finds (F-1.4); what follows wants one of its own.
    await this.#until("the first entry gone", () => this.#entry?.orderLinkId !== first);
  }

  async #partlyFilled(): Promise<void> {
    const resting = () => this.#entry !== undefined || this.#state.size > 0;
    await this.#until("a resting entry", resting, { ms: GRID_MS, each: () => this.#toTheLine() });
    const { control } = this.served.venue;
    this.#away();
    const order = this.#entry;
    if (order === undefined) return;
    control.fillResting({ link: order.orderLinkId, qty: Math.ceil(order.qty * 0.2) });
    await this.#kill("partially filled", { deliver: false });
    // The start cancels the working entry (F-1.4): held back, so that it can fill once more.
    this.#hold({ action: "cancel", link: this.#entryLink, when: "before" });
    this.#start();
    await this.#until("cover after a partial fill", () => this.judge.stops().length > 0);
  }

  async #amendInFlight(): Promise<void> {
    const order = this.#entry;
    if (order === undefined) return;
    this.#hold({ action: "amend", link: "_stop_", when: this.#when() });
    this.served.venue.control.fillResting({ link: order.orderLinkId, qty: Math.ceil(order.qty * 0.3) });
    await this.#until("an amend on its way", () => this.#isHeld("amend", "_stop_"));
    await this.#kill("amend in flight", { deliver: this.#chance(), action: "amend" });
    this.#hold({ action: "cancel", link: this.#entryLink, when: "before" });
    this.#start();
    await this.#settled();
  }

  /** Amends are refused until the stop is replaced; the old one's cancel does not arrive. */
  async #twoStops(): Promise<void> {
    const order = this.#entry;
    if (order === undefined) return;
    this.#hold({ action: "amend", link: "_stop_", when: "refuse", retCode: 10001 });
    this.#hold({ action: "cancel", link: "_stop_", when: "before" });
    this.served.venue.control.fillResting({ link: order.orderLinkId, qty: order.leavesQty });
    // Back to the entry, so that the target does not fill at once.
    this.served.venue.control.setPrice(this.#state.entryPrice);
    await this.#until("two stops at the venue", () => this.judge.stops().length === 2);
    await this.#kill("two stops live", { deliver: false });
    this.#start();
    await this.#settled();
  }

  async #stopPending(): Promise<void> {
    if (this.#state.size === 0) return;
    this.#takeStopAway();
    this.#hold({ action: "create", link: "_stop_", when: this.#when(), frames: true });
    await this.#until("a stop on its way", () => this.#isHeld("create", "_stop_"));
    await this.#kill("stop pending", { deliver: this.#chance() });
    this.#start();
    await this.#settled();
  }

  /** The first start finds the position without a stop, the second as the first left it. */
  async #duringBoot(): Promise<void> {
    if (this.#state.size === 0) return;
    await this.#die();
    this.#takeStopAway();
    this.#start();
    await pause(nextInt(this.#random, { from: 50, to: 2_000 }));
    await this.#kill("during boot", { deliver: false });
    this.#start();
    await this.#settled();
  }

  async #exitLive(): Promise<void> {
    if (this.#state.size === 0) return;
    // A little in favour: trades that lose would end the day (F-8.3).
    const { entryPrice } = this.#state;
    this.served.venue.control.setPrice(Math.round(entryPrice * (this.#side === "Buy" ? 1.0012 : 0.9988)));
    this.#hold({ action: "create", link: "_exit_", when: this.#when(), frames: true });
    this.#hold({ action: "cancel", link: "_stop_", when: "before" });
    const asked = Date.now();
    const request = { id: `${asked}-close`, command: "close", reason: "kill test", accept: false } as const;
    writeRequest({ files: liveFiles, dataDir: `${this.#options.folder}/data` }, { ...request, asked_at_ms: asked });
    await this.#until("an exit on its way", () => this.#isHeld("create", "_exit_"));
    await this.#kill("exit live", { deliver: this.#chance(), action: "create" });
    this.#hold({ action: "cancel", link: "_stop_", when: "before" });
    this.#start();
    await this.#until("flat", () => this.#state.size === 0);
  }

  async #cleanUp(): Promise<void> {
    const clean = () => this.#state.orders.length === 0;
    await this.#until("the stop's cancel on its way", () => clean() || this.#isHeld("cancel", "_stop_"));
    if (!clean()) {
      await this.#kill("order_cleanup", { deliver: this.#chance() });
      this.#start();
    } else this.served.holds.release({ deliver: true });
    await this.#until("no order", clean);
    await this.#settled();
  }

  #when(): "before" | "after" {
    return this.#chance() ? "before" : "after";
  }
  #chance(): boolean {
    return pick(this.#random, [true, false]);
  }
  #hold(rule: Hold): void {
    this.served.holds.hold({ retCode: 0, frames: false, ...rule });
  }
  #isHeld(action: string, link: string): boolean {
    return this.served.holds.held().some((one) => one.action === action && one.orderLinkId.includes(link));
  }
  #takeStopAway(): void {
    this.served.venue.control.injectFault("stop_cancelled");
  }

  /** Away from the entry, so that the market does not fill it. */
  #away(): void {
    this.served.venue.control.setPrice(Math.round(this.#state.last * (this.#side === "Buy" ? 1.003 : 0.997)));
  }
  /** Beyond the grid line of this side, when the bot is flat and has one. */
  #toTheLine(): void {
    const grid = this.#status()?.grid ?? null;
    if (grid === null || this.#state.size > 0) return;
    const line = Math.round((this.#side === "Buy" ? grid.buy_at_usd : grid.sell_at_usd) * 100);
    // Once beyond it stays: a price that goes on would meet the order before it rests, and PostOnly would refuse it.
    const beyond = this.#side === "Buy" ? this.#state.last <= line : this.#state.last >= line;
    if (!beyond) this.served.venue.control.setPrice(Math.round(line * (this.#side === "Buy" ? 0.996 : 1.004)));
  }

  #start(): void {
    const began = performance.now();
    this.#boots += 1;
    try {
      Deno.removeSync(`${this.#options.folder}/data/status.json`);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
    const child = this.#options.spawn(this.served.port);
    this.#child = child;
    this.#exit = null;
    this.judge.process("up");
    void child.status.then(({ code }) => {
      if (this.#child === child) this.#exit = code;
    });
    if (!this.judge.isCovered()) void this.#timeProtection(child, began);
  }
  async #timeProtection(child: Deno.ChildProcess, began: number): Promise<void> {
    while (this.#child === child) {
      if (this.judge.isCovered()) return void this.#protectedMs.push(Math.round(performance.now() - began));
      await pause(LOOK_MS);
    }
  }

  async #die(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null || this.#exit !== null) return;
    child.kill("SIGKILL");
    await child.status;
    this.judge.process("down");
  }

  /** SIGKILL at a random instant of the moment; what was held before the venue arrives late, or never. */
  async #kill(moment: Moment, held: { readonly deliver: boolean; readonly action?: string }): Promise<void> {
    await pause(nextInt(this.#random, { from: 0, to: 200 }));
    await this.#die();
    this.kills[moment] += 1;
    this.served.holds.release(held);
    const { faults } = verifyJournal(liveFiles, `${this.#options.folder}/data`);
    if (faults.length > 0) throw new Error(`killed at ${moment}: the journal is not whole: ${faults[0]}`);
  }

  #status(): Status | null {
    try {
      return statusSchema.parse(JSON.parse(Deno.readTextFileSync(`${this.#options.folder}/data/status.json`)));
    } catch {
      return null;
    }
  }

  /** The bot's word agrees with the venue, and everything is protected. */
  #settled(): Promise<void> {
    return this.#until("bot and venue agree", () => {
      const { size } = this.#state;
      const position = this.#status()?.position;
      if (position === undefined || this.judge.stops().length > 1 || !this.judge.isCovered()) return false;
      return position === null ? size === 0 : position.contracts === size && position.protected_without_us;
    });
  }

  async #until(
    what: string,
    holds: () => boolean,
    { ms = STEP_MS, each = () => {} }: { readonly ms?: number; readonly each?: () => void } = {},
  ): Promise<void> {
    const end = performance.now() + ms;
    for (let look = 0; !holds(); look += 1) {
      if (this.#exit === 75) {
        // Bases older than Deno 2.9 hold the lock of a killed process for five seconds; the unit tries again as well.
        await pause(500);
        this.#start();
      } else if (this.#exit !== null) this.#fail(`${what}: the bot ended with ${this.#exit}`);
      if (look % 20 === 19) {
        each();
        const halt = this.#status()?.halt;
        if (halt !== null && halt !== undefined) this.#fail(`${what}: HALT ${halt.reason}: ${halt.detail}`);
      }
      if (this.judge.violations.length > 0) this.#fail(`${what}: ${this.judge.violations[0]}`);
      if (performance.now() > end) this.#fail(`${what} was not seen in ${ms} ms`);
      await pause(LOOK_MS);
    }
  }

  #fail(why: string): never {
    const { word, blocks, position, open_orders } = this.#status() ?? {};
    const bot = JSON.stringify({ word, blocks: blocks?.map((one) => one.reason), position, open_orders });
    throw new Error(`${why}\nkills ${JSON.stringify(this.kills)}\nbot ${bot}\nvenue ${JSON.stringify(this.#state)}`);
  }
}
