/** What the notifier may touch: the one place. Tasks, executables, the audit and the documents come from here (N-2.1). */
import type { Audit, AuditWorld } from "../../infrastructure/safety/permission_audit.ts";
import {
  ANNOUNCED_VARIABLES,
  CREDENTIALS_NAME,
  KEY_NAME,
  REFUSED_VARIABLES,
  SECRET_NAME,
  VENUE_HOSTS,
} from "../../infrastructure/safety/permissions.ts";

export const NOTIFY_HOSTS = ["api.telegram.org", "hooks.slack.com", "discord.com", "ntfy.sh", "hc-ping.com"] as const;
export const NOTIFY_CREDENTIALS = "/run/credentials/abot-notifier.service";
const SECRETS = "ABOT_NOTIFY_*";

/** The flags of `deno compile` and of `deno run` alike; `hosts` are those a build adds. */
export function notifierFlags(hosts: readonly string[] = []): readonly string[] {
  return [
    "--no-prompt",
    `--allow-net=${[...NOTIFY_HOSTS, ...hosts].join(",")}`,
    `--allow-env=${[SECRETS, CREDENTIALS_NAME, ...REFUSED_VARIABLES, ...ANNOUNCED_VARIABLES].join(",")}`,
    `--allow-read=config,data,${NOTIFY_CREDENTIALS}`,
    "--allow-write=data/notify,data/control",
  ];
}

/** A permission list cannot be enumerated: hosts that must not be granted are asked for one by one. */
const PROBES = [...VENUE_HOSTS, "api.bybit.com", "stream.bybit.com", "example.com", "1.1.1.1", "127.0.0.1"];

function flag(name: string): string {
  return notifierFlags().find((one) => one.startsWith(`--allow-${name}=`)) ?? "";
}

function tooWide(world: AuditWorld): readonly string[] {
  const lines: string[] = [];
  for (const name of ["net", "read", "write", "env"] as const) {
    if (!world.granted({ name })) continue;
    lines.push(`Cannot start with --allow-${name} without a list: replace it by ${flag(name)}`);
  }
  for (const name of ["run", "ffi", "sys"] as const) {
    if (world.granted({ name })) lines.push(`Cannot start with --allow-${name}: remove it`);
  }
  if (!world.granted({ name: "net" })) {
    const reachable = PROBES.filter((host) => world.granted({ name: "net", host }));
    if (reachable.length > 0) {
      lines.push(`Cannot start as ${reachable.join(", ")} could be reached: replace --allow-net by ${flag("net")}`);
    }
  }
  if (!world.granted({ name: "env" })) {
    for (const variable of [KEY_NAME, SECRET_NAME]) {
      if (world.granted({ name: "env", variable })) {
        lines.push(`Cannot start as the venue's key could be read: replace --allow-env by ${flag("env")}`);
        break;
      }
    }
  }
  for (const path of ["data/journal", "data/status.json", "config"]) {
    if (!world.granted({ name: "write" }) && world.granted({ name: "write", path })) {
      lines.push(`Cannot start as ${path} could be written: replace --allow-write by ${flag("write")}`);
    }
  }
  return lines;
}

function tooNarrow(world: AuditWorld): readonly string[] {
  const lines: string[] = [];
  if (NOTIFY_HOSTS.some((host) => !world.granted({ name: "net", host }))) {
    lines.push(`Cannot start as the channels cannot be reached without permission: add ${flag("net")}`);
  }
  if (["config", "data"].some((path) => !world.granted({ name: "read", path }))) {
    lines.push(`Cannot start as configuration and alerts cannot be read without permission: add ${flag("read")}`);
  }
  if (["data/notify", "data/control"].some((path) => !world.granted({ name: "write", path }))) {
    lines.push(`Cannot start as places and requests cannot be written without permission: add ${flag("write")}`);
  }
  return lines;
}

/** Judges permissions and environment. Never throws; no value of a variable is shown. */
export function auditNotifier(world: AuditWorld): Audit {
  const refusals = [...tooWide(world), ...tooNarrow(world)];
  for (const name of REFUSED_VARIABLES) {
    const value = world.variable(name);
    const off = value === undefined || value === "" || (name === "OTEL_DENO" && (value === "false" || value === "0")) ||
      (name === "NODE_TLS_REJECT_UNAUTHORIZED" && value !== "0");
    if (!off) refusals.push(`Cannot start with a proxy, an exporter or weaker TLS: unset ${name}`);
  }
  const announcements = ANNOUNCED_VARIABLES.filter((name) => (world.variable(name) ?? "") !== "")
    .map((name) => `${name} is set: certificates beyond the built-in ones are trusted`);
  return { refusals, announcements };
}
