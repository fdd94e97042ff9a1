/**
 * A machine in virtual time: clock, timers, network, disk and randomness come from one seed and one queue, so a run is
 * repeated by its seed. Callbacks only: nothing waits for a real event loop (architecture.md, "Seams").
 */
import { nextInt, nextUnit, type RandomState, randomStream } from "../../../common/random.ts";
import { EventQueue } from "./event_queue.ts";
import {
  type FiredFault,
  PLATFORM_FAULT_NAMES,
  PLATFORM_FAULTS,
  type PlatformFaultName,
  type PlatformFaultPlan,
  PlatformFaults,
} from "./faults.ts";
import { VirtualDisk } from "./files.ts";
import { type Latency, VirtualNetwork, type WireVenue } from "./network.ts";
import { Call, type Host, type ProcessEnd, SimulatedProcess, type VirtualProcess } from "./process.ts";

export type { Latency, ProcessEnd, VirtualProcess, WireVenue };
/** True time for the venue and for whoever runs the simulation. */
export type TrueClock = {
  now(): number;
  /** Runs once at `timeMs`; returns the way to call it off. */
  at(timeMs: number, run: () => void): () => void;
};
export type VirtualPlatformOptions = {
  readonly seed: number;
  /** UTC ms. */
  readonly startAt: number;
  readonly connectVenue: (clock: TrueClock) => WireVenue;
  readonly faults?: PlatformFaultPlan;
  /** One way; without it 40–250 ms for a request, 10–200 ms for a frame. */
  readonly latency?: Latency;
  readonly onFault?: (fault: FiredFault) => void;
  /** A process died; told after the step it died in. Start the next with `newProcess`. */
  readonly onProcessDown?: (process: VirtualProcess, cause: ProcessEnd) => void;
  /** What an uncaught exception of the process was. */
  readonly onCrash?: (error: unknown) => void;
  /** The fault `core_throw`: make the core throw in one of its next steps. */
  readonly onCoreThrow?: () => void;
};
export type VirtualPlatform = {
  readonly clock: TrueClock;
  readonly disk: VirtualDisk;
  readonly faultCounts: Readonly<Partial<Record<PlatformFaultName, number>>>;
  /** Boots a process on this machine. The one before must be dead. */
  newProcess(): VirtualProcess;
  /** Ends the running process at once, as SIGKILL would. */
  kill(): void;
  /** Runs everything due up to and including `until`. `stop` is asked before every step. */
  run(until: number, stop?: () => boolean): void;
  /** Fires a fault now; request and frame faults at their next opportunity. */
  inject(name: PlatformFaultName, how?: { readonly durationMs?: number; readonly count?: number }): void;
  /** Steps queued so far. */
  queued(): number;
};

const MINUTE_MS = 60_000;
const FSYNC_MS = { from: 1, to: 4 };
const SLOW_FSYNC_MS = { from: 200, to: 3_000 };
/** How long a fault lasts unless told otherwise, ms. */
const DURATION: Readonly<Partial<Record<PlatformFaultName, { readonly from: number; readonly to: number }>>> = {
  network_outage: { from: 1_000, to: 6_000 },
  clock_step: { from: 60_000, to: 600_000 },
  clock_drift: { from: 600_000, to: 1_800_000 },
  suspend: { from: 12_000, to: 600_000 },
  disk_full: { from: 20_000, to: 180_000 },
  fsync_slow: { from: 30_000, to: 300_000 },
};
/** Beyond the 1 s that forces a new sync (F-3.5), within the half receive window a start allows (F-12.6), drift included. */
const CLOCK_STEP_MS = { from: 1_100, to: 1_600 };
const DRIFT_PPM = { from: 50, to: 500 };
/** A kill inside a step comes at one of the next effects, at the latest after this. */
const KILL_EFFECTS = { from: 1, to: 6 };
const KILL_LATEST_MS = 30_000;

class Machine implements Host {
  readonly queue: EventQueue;
  readonly disk = new VirtualDisk();
  readonly faults: PlatformFaults;
  readonly network: VirtualNetwork;
  readonly seed: number;
  readonly monotonicStops: boolean;
  readonly clock: TrueClock;
  process: SimulatedProcess | null = null;
  readonly #options: VirtualPlatformOptions;
  readonly #random: RandomState;
  #wallOffsetMs = 0;
  #driftPpm = 0;
  #driftFrom = 0;
  #slowUntil = 0;
  #processes = 0;

  constructor(options: VirtualPlatformOptions) {
    this.#options = options;
    this.seed = options.seed;
    this.queue = new EventQueue(options.startAt);
    this.#random = randomStream(options.seed, "machine");
    this.monotonicStops = nextUnit(this.#random) < 0.5;
    this.clock = {
      now: () => this.queue.now,
      at: (timeMs, run) => {
        const call = new Call(run);
        this.queue.push(timeMs, call);
        return () => call.cancel();
      },
    };
    const plan = options.faults ?? { rates: {} };
    this.faults = new PlatformFaults({
      seed: options.seed,
      plan,
      now: () => this.queue.now,
      onFired: (fault) => options.onFault?.(fault),
    });
    this.network = new VirtualNetwork({
      queue: this.queue,
      venue: options.connectVenue(this.clock),
      faults: this.faults,
      seed: options.seed,
      ...(options.latency === undefined ? {} : { latency: options.latency }),
    });
    if (PLATFORM_FAULT_NAMES.some((name) => PLATFORM_FAULTS[name] === "hour" && (plan.rates[name] ?? 0) > 0)) {
      this.#everyMinute();
    }
  }

  /** The machine's own idea of UTC. */
  wallNow(): number {
    const { now } = this.queue;
    return Math.floor(now + this.#wallOffsetMs + (now - this.#driftFrom) * this.#driftPpm / 1e6);
  }
  fsyncMs(): number {
    return nextInt(this.#random, this.queue.now < this.#slowUntil ? SLOW_FSYNC_MS : FSYNC_MS);
  }

  newProcess(): SimulatedProcess {
    if (this.process?.alive() === true) throw new Error("Cannot start a process: the one before is alive");
    return this.process = new SimulatedProcess(++this.#processes, this);
  }
  end(process: SimulatedProcess, cause: ProcessEnd): void {
    if (!process.alive()) return;
    process.die();
    this.network.forget(process);
    this.queue.push(this.queue.now, new Call(() => this.#options.onProcessDown?.(process, cause)));
  }

  crashed(error: unknown): void {
    this.#options.onCrash?.(error);
  }

  #everyMinute(): void {
    this.queue.push(
      this.queue.now + MINUTE_MS,
      new Call(() => {
        this.#everyMinute();
        for (const name of PLATFORM_FAULT_NAMES) {
          if (PLATFORM_FAULTS[name] === "hour" && this.faults.hitsMinute(name)) this.inject(name, {});
        }
      }),
    );
  }

  inject(name: PlatformFaultName, how: { readonly durationMs?: number; readonly count?: number }): void {
    if (PLATFORM_FAULTS[name] !== "hour") return this.faults.arm(name, how.count ?? 1);
    const range = DURATION[name];
    const lasts = how.durationMs ?? (range === undefined ? 0 : nextInt(this.#random, range));
    const detail = this.#begin(name, lasts);
    if (detail === null) return;
    this.faults.fired(name, { detail, untilMs: lasts > 0 ? this.queue.now + lasts : null });
  }

  /** Starts a fault and says what it does; null when there is nothing for it to hit. */
  #begin(name: PlatformFaultName, lasts: number): string | null {
    const { process } = this;
    const until = this.queue.now + lasts;
    switch (name) {
      case "disconnect":
      case "half_open":
        return this.#cut(name === "half_open");
      case "network_outage":
        this.network.outageUntil = until;
        this.network.cut({ private: true, public: true, silent: nextUnit(this.#random) < 0.5 });
        return `${lasts} ms`;
      case "clock_step":
        return this.#step(lasts);
      case "clock_drift":
        return this.#drift(lasts);
      case "suspend":
        return process?.alive() === true ? this.#suspend(process, lasts) : null;
      case "process_kill":
        return process?.alive() === true ? this.#killSoon(process) : null;
      case "power_loss":
        if (process?.alive() !== true) return null;
        this.end(process, "power_loss");
        return `${this.disk.losePower(() => nextUnit(this.#random))} bytes lost`;
      case "disk_full":
        this.disk.full = true;
        this.#later(lasts, () => this.disk.full = false);
        return `${lasts} ms`;
      case "fsync_slow":
        this.#slowUntil = until;
        return `${lasts} ms`;
      case "core_throw":
        this.#options.onCoreThrow?.();
        return this.#options.onCoreThrow === undefined ? null : "armed";
      default:
        return null;
    }
  }

  #cut(silent: boolean): string | null {
    const which = nextInt(this.#random, { from: 0, to: 2 });
    const hit = this.network.cut({ private: which !== 1, public: which !== 0, silent });
    return hit === 0 ? null : ["private", "public", "both"][which] ?? null;
  }
  #step(lasts: number): string {
    const ahead = nextUnit(this.#random) < 0.5 ? 1 : -1;
    const stepMs = ahead * nextInt(this.#random, CLOCK_STEP_MS);
    this.#wallOffsetMs += stepMs;
    this.#later(lasts, () => this.#wallOffsetMs -= stepMs);
    return `${stepMs} ms`;
  }
  #drift(lasts: number): string {
    const ahead = nextUnit(this.#random) < 0.5 ? 1 : -1;
    this.#driftPpm = ahead * nextInt(this.#random, DRIFT_PPM);
    this.#driftFrom = this.queue.now;
    this.#later(lasts, () => this.#driftPpm = 0);
    return `${this.#driftPpm} ppm`;
  }
  #suspend(process: SimulatedProcess, lasts: number): string {
    process.asleepUntil = Math.max(process.asleepUntil, this.queue.now + lasts);
    // `hold` keeps the process asleep until the queue reaches the wake-up, even for tasks of the same moment.
    process.hold(() => undefined);
    this.#later(lasts, () => {
      if (process.alive() && this.queue.now >= process.asleepUntil) process.wake(lasts);
    });
    return `${lasts} ms`;
  }
  #killSoon(process: SimulatedProcess): string {
    if (nextUnit(this.#random) < 0.4) {
      this.end(process, "process_kill");
      return "between steps";
    }
    process.effectsToLive = nextInt(this.#random, KILL_EFFECTS);
    this.#later(KILL_LATEST_MS, () => this.end(process, "process_kill"));
    return `inside a step, at effect ${process.effectsToLive}`;
  }
  #later(delayMs: number, run: () => void): void {
    this.queue.push(this.queue.now + delayMs, new Call(run));
  }
}

/** Builds the machine and its line to the venue; nothing runs before `run`. */
export function createVirtualPlatform(options: VirtualPlatformOptions): VirtualPlatform {
  const machine = new Machine(options);
  const never = (): boolean => false;
  return {
    clock: machine.clock,
    disk: machine.disk,
    faultCounts: machine.faults.counts,
    newProcess: () => machine.newProcess(),
    kill() {
      if (machine.process !== null) machine.end(machine.process, "asked");
    },
    run: (until, stop = never) => machine.queue.run(until, stop),
    inject: (name, how = {}) => machine.inject(name, how),
    queued: () => machine.queue.queued,
  };
}
