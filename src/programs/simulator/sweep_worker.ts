import { messageOf } from "../../common/text.ts";
import { preparer, type SeedRun, type SimFlags, SimInputError, type SimIo, sweepSeed } from "./run.ts";
import type { Runner } from "./sweep.ts";

type Reply =
  | { readonly kind: "run"; readonly run: SeedRun }
  | { readonly kind: "input" | "crash"; readonly message: string };

/** True in a worker: the program then serves seeds instead of reading a command line. */
export function isWorker(): boolean {
  return "WorkerGlobalScope" in globalThis;
}

/**
 * Serves a worker's seeds: the first message brings the flags and a port, each message of the port is a seed. A heap
 * beyond its limit ends the whole process (docs/sweeps.md), whoever's it is.
 */
export function serveSeeds(io: SimIo): void {
  addEventListener("message", (event) => {
    if (!(event instanceof MessageEvent)) return;
    const [port] = event.ports;
    const flags: SimFlags = event.data;
    const prepare = preparer(io);
    port?.addEventListener("message", ({ data: seed }: MessageEvent<number>) => {
      port.postMessage(answer(() => sweepSeed(io, { prepare, flags, seed })));
    });
    port?.start();
  }, { once: true });
}

function answer(run: () => SeedRun): Reply {
  try {
    return { kind: "run", run: run() };
  } catch (error) {
    const text = error instanceof Error ? error.stack ?? error.message : String(error);
    return error instanceof SimInputError
      ? { kind: "input", message: messageOf(error) }
      : { kind: "crash", message: text };
  }
}

/** A worker that runs `program`, which is a module that calls `serveSeeds`. */
export function openWorker(program: string, flags: SimFlags): Runner {
  const worker = new Worker(program, { type: "module" });
  const { port1, port2 } = new MessageChannel();
  let settle: { readonly done: (run: SeedRun) => void; readonly fail: (error: Error) => void } | null = null;
  port1.addEventListener("message", ({ data }: MessageEvent<Reply>) => {
    if (data.kind === "run") settle?.done(data.run);
    else settle?.fail(data.kind === "input" ? new SimInputError(data.message) : new Error(data.message));
  });
  port1.start();
  worker.addEventListener("error", (event) => {
    event.preventDefault();
    settle?.fail(new Error(`A worker ended: ${event.message}`));
  });
  worker.postMessage(flags, [port2]);
  return {
    run: (seed) =>
      new Promise((done, fail) => {
        settle = { done, fail };
        port1.postMessage(seed);
      }),
    close() {
      worker.terminate();
      port1.close();
    },
  };
}
