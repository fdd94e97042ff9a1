import type { ClockSeam, FileSeam, TimerId } from "../../application/engine/ports.ts";
import type { Event } from "../../domain/events.ts";
import type { EpochMs } from "../../domain/units.ts";
import { killFile, takeRequests, writeAnswer } from "./control_files.ts";

/** Twice within the shortest tick, so that a file is seen within one (F-13.1, F-13.6). */
const POLL_MS = 500;

export type KillSwitchOptions = {
  readonly files: FileSeam;
  readonly clock: ClockSeam;
  readonly dataDir: string;
  /** Server-corrected time for the events. */
  readonly serverNow: () => EpochMs;
  readonly submit: (event: Event) => void;
  /** The directory could not be read or written; told once until it works again. */
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
  let troubled = false;

  function look(): void {
    const present = files.exists(killFile(dataDir));
    if (present !== wasPresent) {
      options.submit({ kind: "KillSwitch", at: options.serverNow(), present });
    }
    wasPresent = present;
    for (const request of takeRequests({ files, dataDir }, { wallMs: clock.wallNow() })) {
      const { id, command, reason, accept } = request;
      options.submit({ kind: "OperatorCommand", at: options.serverNow(), id, command, reason, accept });
    }
  }

  function guarded(act: () => void): void {
    try {
      act();
      troubled = false;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      if (!troubled) options.onTrouble(`Cannot watch ${dataDir} for operator commands: ${why}`);
      troubled = true;
    }
  }

  function poll(): void {
    guarded(look);
    timer = clock.after(POLL_MS, poll);
  }

  poll();
  return {
    answer: (answer) => guarded(() => writeAnswer({ files, dataDir }, answer)),
    stop() {
      if (timer !== null) clock.cancel(timer);
      timer = null;
    },
  };
}
