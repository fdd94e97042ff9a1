/** The program's look at itself before it does anything (F-12.2, F-12.7). */
import { ANNOUNCED_VARIABLES, ENVIRONMENT, permissionFlags, REFUSED_VARIABLES, VENUE_HOSTS } from "./permissions.ts";

export type Permission =
  | { readonly name: "net"; readonly host?: string }
  | { readonly name: "read" | "write"; readonly path?: string }
  | { readonly name: "env"; readonly variable?: string }
  | { readonly name: "run" | "ffi" | "sys" };

export type AuditWorld = {
  /** True when the process holds this permission now. */
  readonly granted: (permission: Permission) => boolean;
  /** Value of an environment variable; undefined when unset or not readable. */
  readonly variable: (name: string) => string | undefined;
};
export type Audit = {
  /** One line each, with the flag to fix; not empty = the program must end with exit 78. */
  readonly refusals: readonly string[];
  readonly announcements: readonly string[];
};

/** A permission list cannot be enumerated, so hosts that must not be granted are asked for one by one (F-12.2). */
const PROBES = ["api.bybit.com", "stream.bybit.com", "api.bytick.com", "example.com", "1.1.1.1", "127.0.0.1"];

function flag(name: string): string {
  return permissionFlags().find((one) => one.startsWith(`--allow-${name}=`)) ?? "";
}

function tooWide(world: AuditWorld): readonly string[] {
  const lines: string[] = [];
  for (const name of ["net", "read", "write", "env"] as const) {
    if (!world.granted({ name })) continue;
    lines.push(`Cannot start as F-12.2 forbids --allow-${name} without a list: replace it by ${flag(name)}`);
  }
  for (const name of ["run", "ffi", "sys"] as const) {
    if (world.granted({ name })) lines.push(`Cannot start as F-12.2 forbids --allow-${name}: remove it`);
  }
  if (world.granted({ name: "net" })) return lines;
  const reachable = PROBES.filter((host) => world.granted({ name: "net", host }));
  if (reachable.length > 0) {
    const hosts = reachable.join(", ");
    lines.push(
      `Cannot start as F-12.1 allows two hosts only and ${hosts} could be reached: replace --allow-net by ${
        flag("net")
      }`,
    );
  }
  return lines;
}

function tooNarrow(world: AuditWorld): readonly string[] {
  const lines: string[] = [];
  if (VENUE_HOSTS.some((host) => !world.granted({ name: "net", host }))) {
    lines.push(`Cannot start as the venue cannot be reached without permission: add ${flag("net")}`);
  }
  if (ENVIRONMENT.some((variable) => !world.granted({ name: "env", variable }))) {
    lines.push(`Cannot start as the environment cannot be checked without permission: add ${flag("env")}`);
  }
  if (!world.granted({ name: "read", path: "config" }) || !world.granted({ name: "read", path: "data" })) {
    lines.push(`Cannot start as configuration and journal cannot be read without permission: add ${flag("read")}`);
  }
  if (!world.granted({ name: "write", path: "data" })) {
    lines.push(`Cannot start as the journal cannot be written without permission: add ${flag("write")}`);
  }
  return lines;
}

/** True when a refused variable is set to something that switches it off. */
function harmless(name: string, value: string): boolean {
  if (value === "") return true;
  if (name === "OTEL_DENO") return value === "false" || value === "0";
  if (name === "NODE_TLS_REJECT_UNAUTHORIZED") return value !== "0";
  return false;
}

/** Judges permissions and environment. Never throws; no value of a variable is shown. */
export function auditPermissions(world: AuditWorld): Audit {
  const refusals = [...tooWide(world), ...tooNarrow(world)];
  const announcements: string[] = [];
  for (const name of REFUSED_VARIABLES) {
    const value = world.variable(name);
    if (value === undefined || harmless(name, value)) continue;
    refusals.push(`Cannot start as F-12.7 allows no proxy, exporter or weaker TLS: unset ${name}`);
  }
  for (const name of ANNOUNCED_VARIABLES) {
    const value = world.variable(name);
    if (value === undefined || value === "") continue;
    announcements.push(`${name} is set: certificates beyond the built-in ones are trusted (F-12.7)`);
  }
  return { refusals, announcements };
}
