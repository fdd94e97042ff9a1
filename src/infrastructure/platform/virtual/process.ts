import type { ClockSeam, Platform } from "../../../application/engine/ports.ts";
import { nextUnit, randomStream } from "../../../common/random.ts";
import { type EventQueue, Task } from "./event_queue.ts";
import type { PlatformFaultName } from "./faults.ts";
import type { VirtualDisk } from "./files.ts";
import type { VirtualNetwork } from "./network.ts";
import { simulatedSigner } from "./signer.ts";

export type VirtualProcess = Platform & {
  readonly number: number;
  alive(): boolean;
  /** Runs code of this process, e.g. its main: what it throws ends the process, not the simulation. */
  enter(act: () => void): void;
  /** Writes to disk and sends so far. */
  effects(): number;
  /** Dies right before its n-th effect from now. */
  dieAtEffect(count: number): void;
};
/** Why a process ended. `crash` = it threw. */
export type ProcessEnd = PlatformFaultName | "asked" | "crash";

/** What a process needs of the machine it runs on. */
export type Host = {
  readonly seed: number;
  readonly queue: EventQueue;
  readonly network: VirtualNetwork;
  readonly disk: VirtualDisk;
  /** The monotonic clock stands still while suspended. */
  readonly monotonicStops: boolean;
  wallNow(): number;
  fsyncMs(): number;
  crashed(error: unknown): void;
  end(process: SimulatedProcess, cause: ProcessEnd): void;
};

/** A function as a task. */
export class Call extends Task {
  #run: (() => void) | null;
  constructor(run: () => void) {
    super();
    this.#run = run;
  }
  cancel(): void {
    this.#run = null;
  }
  fire(): void {
    const run = this.#run;
    this.#run = null;
    run?.();
  }
}

/** A timer of a process; number and place are given when it is set. */
class ProcessTimer extends Task {
  id = 0;
  /** Where the process keeps it. */
  place = 0;
  live = true;
  constructor(readonly process: SimulatedProcess, readonly act: () => void) {
    super();
  }
  fire(): void {
    if (this.process.alive()) this.process.timerDue(this);
  }
}
/** Something a process waits for: it happens to the process when it is awake. */
class ProcessTask extends Task {
  constructor(readonly process: SimulatedProcess, readonly act: () => void) {
    super();
  }
  fire(): void {
    if (this.process.asleep()) this.process.hold(this.act);
    else this.process.enter(this.act);
  }
}

/** The world of one process. After its death every seam is inert. */
export class SimulatedProcess implements VirtualProcess {
  readonly clock: ClockSeam;
  readonly http: Platform["http"];
  readonly sockets: Platform["sockets"];
  readonly files: Platform["files"];
  readonly random: Platform["random"];
  /** Counts down with every effect; the process dies when it reaches 0. */
  effectsToLive = Infinity;
  asleepUntil = 0;
  #dead = false;
  /** Those set and not yet over, in no order: a handful. */
  readonly #timers: ProcessTimer[] = [];
  #nextTimer = 1;
  #held: (() => void)[] = [];
  #slept = 0;
  #effects = 0;

  constructor(readonly number: number, readonly machine: Host) {
    const bornAt = machine.queue.now;
    const random = randomStream(machine.seed, `process ${number}`);
    this.random = { next: () => nextUnit(random) };
    this.http = machine.network.http(this);
    this.sockets = machine.network.sockets(this);
    this.files = machine.disk.view(this);
    this.clock = {
      wallNow: () => machine.wallNow(),
      monotonicNow: () => machine.queue.now - bornAt - this.#slept,
      after: (delayMs, run) => this.#after(delayMs, run),
      cancel: (id) => this.#cancel(id),
    };
  }
  signer(secret: string): ReturnType<Platform["signer"]> {
    const sign = simulatedSigner(secret);
    return { sign: (text, done) => done(sign(text)) };
  }

  alive(): boolean {
    return !this.#dead;
  }
  die(): void {
    this.#dead = true;
    this.#timers.length = 0;
    this.#held = [];
  }
  asleep(): boolean {
    return this.machine.queue.now < this.asleepUntil || this.#held.length > 0;
  }
  hold(act: () => void): void {
    this.#held.push(act);
  }
  /** Wakes: everything that came due meanwhile, in the order it came. */
  wake(sleptMs: number): void {
    if (this.machine.monotonicStops) this.#slept += sleptMs;
    const held = this.#held;
    for (const act of held) if (!this.#dead) this.enter(act);
    this.#held = [];
  }
  timerDue(timer: ProcessTimer): void {
    // One that is held may be cancelled by what was held before it.
    if (this.asleep()) return this.hold(() => timer.live && this.#run(timer));
    this.#run(timer);
  }
  enter(act: () => void): void {
    if (this.#dead) return;
    try {
      act();
    } catch (error) {
      this.threw(error);
    }
  }
  threw(error: unknown): void {
    if (this.#dead) return;
    this.machine.crashed(error);
    this.machine.end(this, "crash");
  }

  later(act: () => void): void {
    const { queue } = this.machine;
    queue.push(queue.now + this.machine.fsyncMs(), new ProcessTask(this, act));
  }
  onWrite(): void {
    this.#effect();
  }
  onSend(): void {
    this.#effect();
  }

  effects(): number {
    return this.#effects;
  }
  dieAtEffect(count: number): void {
    this.effectsToLive = count;
  }

  #effect(): void {
    this.#effects += 1;
    if (this.effectsToLive === Infinity || --this.effectsToLive > 0) return;
    this.machine.end(this, "process_kill");
  }
  #after(delayMs: number, run: () => void): number {
    const id = this.#nextTimer++;
    if (this.#dead) return id;
    const { queue } = this.machine;
    const timer = new ProcessTimer(this, run);
    timer.id = id;
    timer.place = this.#timers.push(timer) - 1;
    queue.push(delayMs > 0 ? queue.now + delayMs : queue.now, timer);
    return id;
  }
  #cancel(id: number): void {
    const timers = this.#timers;
    for (let index = timers.length - 1; index >= 0; index--) {
      const timer = timers[index];
      if (timer?.id !== id) continue;
      this.#forget(timer);
      this.machine.queue.remove(timer);
      return;
    }
  }
  #run(timer: ProcessTimer): void {
    this.#forget(timer);
    this.enter(timer.act);
  }
  #forget(timer: ProcessTimer): void {
    timer.live = false;
    const last = this.#timers.pop();
    if (last === undefined || last === timer) return;
    this.#timers[timer.place] = last;
    last.place = timer.place;
  }
}
