/** A worker of a sweep as seen from the parent, and the other end of it. */
import type { LabIo } from "../io.ts";
import type { Crew } from "./run_sweep.ts";
import { type Order, type Report, SweepWorker } from "./worker.ts";

/** Opens a worker that runs the program's own main again. */
export function openCrew(main: string): Crew {
  const worker = new Worker(main, { type: "module" });
  return {
    ask: (order) =>
      new Promise((resolve, reject) => {
        worker.onmessage = ({ data }: MessageEvent<Report>) => resolve(data);
        worker.onerror = (event) => {
          event.preventDefault();
          reject(new Error(`a worker ended: ${event.message}`));
        };
        worker.postMessage(order);
      }),
    close: () => worker.terminate(),
  };
}

/** True inside a worker that `openCrew` opened. */
export function isCrew(): boolean {
  return "WorkerGlobalScope" in globalThis;
}

/** Answers every order of the parent. */
export function serveCrew(io: LabIo): void {
  const worker = new SweepWorker(io);
  const answer = (report: Report) => {
    // In a worker the global scope has a postMessage of one argument, which the types of the main scope do not know.
    const post: unknown = Reflect.get(globalThis, "postMessage");
    if (typeof post === "function") Reflect.apply(post, globalThis, [report]);
  };
  addEventListener("message", (event) => {
    if (event instanceof MessageEvent) answer(worker.obey(orderOf(event)));
  });
}

function orderOf({ data }: MessageEvent<Order>): Order {
  return data;
}
