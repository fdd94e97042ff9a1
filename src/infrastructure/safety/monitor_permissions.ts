/** What the monitor may touch, and its look at itself before it listens (M-2.1): no write, no keys, no other host. */
import { KEY_NAME, SECRET_NAME, VENUE_HOSTS } from "./permissions.ts";
import type { AuditWorld } from "./permission_audit.ts";

export const MONITOR_ADDRESS = "127.0.0.1";
export const MONITOR_PORT = 8377;
export const TOKEN_NAME = "ABOT_MONITOR_TOKEN";
/** Set by systemd for `LoadCredential=`; holds the file `monitor_token`. */
export const MONITOR_CREDENTIALS_NAME = "CREDENTIALS_DIRECTORY";
export const MONITOR_CREDENTIALS_FOLDER = "/run/credentials/abot-monitor.service";

/**
 * The flags of `deno compile` and of `deno run` alike. `statfs` tells how much room the disk has, and nothing else. The
 * task in a checkout may look at any data directory, and on any port of the same address.
 */
export function monitorFlags(
  of: { readonly port: number | null; readonly readAll: boolean } = { port: MONITOR_PORT, readAll: false },
): readonly string[] {
  return [
    "--no-prompt",
    `--allow-net=${MONITOR_ADDRESS}${of.port === null ? "" : `:${of.port}`}`,
    `--allow-env=${TOKEN_NAME},${MONITOR_CREDENTIALS_NAME}`,
    of.readAll ? "--allow-read" : `--allow-read=data,${MONITOR_CREDENTIALS_FOLDER}`,
    "--allow-sys=statfs",
  ];
}

/** One line each; not empty = the program must not start. */
export function auditMonitor(world: AuditWorld, port: number): readonly string[] {
  const lines: string[] = [];
  const needs = monitorFlags().join(" ");
  for (const name of ["write", "run", "ffi"] as const) {
    if (world.granted({ name })) lines.push(`Cannot start as the monitor only looks: remove --allow-${name}`);
  }
  for (const name of ["net", "env", "sys"] as const) {
    if (world.granted({ name })) {
      lines.push(`Cannot start as the monitor needs no --allow-${name} without a list: use ${needs}`);
    }
  }
  const venue = VENUE_HOSTS.filter((host) => world.granted({ name: "net", host }));
  if (venue.length > 0 && !world.granted({ name: "net" })) {
    lines.push(`Cannot start as the monitor must not reach ${venue.join(", ")}: use ${needs}`);
  }
  const keys = [KEY_NAME, SECRET_NAME].filter((variable) => world.granted({ name: "env", variable }));
  if (keys.length > 0 && !world.granted({ name: "env" })) {
    lines.push(`Cannot start as the monitor must not see ${keys.join(" and ")}: use ${needs}`);
  }
  if (!world.granted({ name: "net", host: `${MONITOR_ADDRESS}:${port}` })) {
    lines.push(
      `Cannot listen on ${MONITOR_ADDRESS}:${port} without permission: add --allow-net=${MONITOR_ADDRESS}:${port}`,
    );
  }
  return lines;
}
