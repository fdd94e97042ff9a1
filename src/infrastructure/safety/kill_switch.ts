import type { ClockSeam, FileSeam, TimerId } from "../../application/engine/ports.ts";
import type { Event } from "../../domain/events.ts";
import type { EpochMs } from "../../domain/units.ts";
import { killFile, makeControlFolder, takeRequests, writeAnswer } from "./control_files.ts";

/** Twice within the shortest tick, so that a file is seen within one (F-13.1, F-13.6). */
const POLL_MS = 500;

export type KillSwitchOptions = {
  readonly files: FileSeam;
  readonly clock: ClockSeam;
  readonly dataDir: string;
  /** Server-corrected time for the events. */
  readonly serverNow: () => EpochMs;
  readonly submit: (event: Event) => void;
  /** Something could not be read or written, or was in the way; told once until it works again. */
  readonly onTrouble: (line: string) => void;
};
export type KillSwitch = {
  /** Passes the core's answer to the person who asked. */
  answer(answer: { readonly id: string; readonly ok: boolean; readonly text: string }): void;
  stop(): void;
};

/** Watches the file KILL and the control directory and turns both into events; decides nothing (F-13.1, F-13.6). */
export function watchKillSwitch(options: KillSwitchOptions): KillSwitch {
  const { files, clock, dataDir } = options;
  let timer: TimerId | null = null;
  let wasPresent: boolean | null = null;
  /** What was told and is not over, by place. */
  const troubles = new Map<string, string>();

  function lookForKill(): void {
    const present = files.exists(killFile(dataDir));
    if (present !== wasPresent) {
      options.submit({ kind: "KillSwitch", at: options.serverNow(), present });
    }
    wasPresent = present;
  }

  function lookForRequests(): void {
    const aside = makeControlFolder({ files, dataDir });
    if (aside !== null) {
      options.onTrouble(`${dataDir}/control could not be read: put aside as ${aside}, a new one is in its place`);
    }
    const { requests, stuck } = takeRequests({ files, dataDir }, { wallMs: clock.wallNow() });
    for (const request of requests) {
      const { id, command, reason, accept } = request;
      options.submit({ kind: "OperatorCommand", at: options.serverNow(), id, command, reason, accept });
    }
    const places = stuck.map(({ name }) => `request ${name}`);
    for (const place of troubles.keys()) {
      if (place.startsWith("request ") && !places.includes(place)) troubles.delete(place);
    }
    for (const { name, why } of stuck) {
      told(`request ${name}`, `Cannot take the request ${dataDir}/control/${name}: ${why}`);
    }
  }

  function told(place: string, line: string): void {
    if (troubles.get(place) === line) return;
    troubles.set(place, line);
    options.onTrouble(line);
  }

  function guarded(place: string, act: () => void): void {
    try {
      act();
      troubles.delete(place);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      told(place, `Cannot watch ${dataDir} for operator commands: ${why}`);
    }
  }

  function poll(): void {
    guarded("", lookForKill);
    guarded("control", lookForRequests);
    timer = clock.after(POLL_MS, poll);
  }

  poll();
  return {
    answer: (answer) => guarded("answer", () => writeAnswer({ files, dataDir }, answer)),
    stop() {
      if (timer !== null) clock.cancel(timer);
      timer = null;
    },
  };
}
