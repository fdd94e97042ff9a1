import type { Platform } from "../../application/engine/ports.ts";
import type { CliWorld } from "./cli_world.ts";
import type { AuditWorld } from "../../infrastructure/safety/permission_audit.ts";
import type { Packer } from "../../infrastructure/storage/journal/retention.ts";
import type { BuildFacts } from "../../infrastructure/storage/journal/segments.ts";

/** The one place of the live data; the program has no permission to write elsewhere (F-12.1). */
export const DATA_DIR = "data";

/** What the running program touches beyond a command. */
export type LiveWorld = CliWorld & {
  readonly platform: Platform;
  readonly audit: AuditWorld;
  readonly build: BuildFacts;
  readonly processId: number;
  /** A person watches: one line a minute instead of structured logs. */
  readonly terminal: boolean;
  readonly pack: Packer;
  /** Calls back for SIGINT and SIGTERM; returns how to stop listening. */
  readonly onSignal: (run: (name: string) => void) => () => void;
};
