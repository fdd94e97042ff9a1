import type { AuditWorld, Permission } from "./permission_audit.ts";

function descriptor(permission: Permission): Deno.PermissionDescriptor {
  return permission;
}

/** The running process as the audit sees it. */
export const denoWorld: AuditWorld = {
  granted: (permission) => Deno.permissions.querySync(descriptor(permission)).state === "granted",
  variable(name) {
    try {
      return Deno.env.get(name);
    } catch {
      // Not readable: reported by the audit as a permission that is missing.
      return undefined;
    }
  },
};
