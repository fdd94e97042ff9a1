/**
 * A real Prometheus scrapes the monitor of a bot at the fake venue, and its rule fires when the stop is taken away. Needs
 * Linux, root, `unshare`, `ip`, `openssl` and Debian's package `prometheus`, which it installs; it never skips.
 */
import assert from "node:assert/strict";
import { runInside } from "../integration_real/kit.ts";
import { ensurePackage } from "../browser/package.ts";

Deno.test("[M-4.2] Prometheus scrapes the monitor of a bot, and the rule unprotected fires when the stop is taken away", async () => {
  await ensurePackage("prometheus", "/usr/bin/prometheus");
  const text = await runInside("../long/inside_prometheus.ts", "");
  for (const name of ["scraped, nothing fires", "unprotected fires", "unprotected ends"]) {
    assert.ok(text.includes(`PASS ${name}`), `${name}\n${text}`);
  }
});
