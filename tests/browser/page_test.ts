/**
 * The monitor's page in a real browser, on the real program before the fake venue. Needs Linux, root, `unshare`, `ip`,
 * `openssl` and Debian's browser, which it installs; without them it fails and says so.
 */
import assert from "node:assert/strict";
import { runInside } from "../integration_real/kit.ts";
import { BROWSER, ensurePackage } from "./package.ts";

const EXPECTED = [
  "[M-3.1] FLAT is read",
  "[M-3.1] PROTECTED is read within 3 s",
  "[M-3.1] UNPROTECTED is read within 3 s",
  "[M-3.1] PROTECTED again is read within 3 s",
  "[M-3.1] HALTED is read within 3 s",
  "[M-3.1] NO NEWS of a stopped bot is read within 3 s",
  "[M-5] the bot goes on: HALTED is read within 3 s",
  "[M-5] monitor killed: NO NEWS, and HALTED after its restart",
  "[M-5] bot killed: NO NEWS, and its word after its restart",
  "[M-5] a reader's clock that is wrong by an hour changes nothing",
  "[M-5] a page that slept shows the present when it wakes",
  "[M-3.3] the charts are drawn and have their table",
  "[M-3.6] the page is whole without a script",
  "[M-3.7] no violation of axe-core at any width, light and dark",
  "[M-3.7] nothing moves sideways at 320 px",
  "[M-5] 500 idle streams and slow callers: bounded memory, the bot untouched",
  "[M-5] no error on the console",
];

Deno.test("[M-3.1 M-3.3 M-3.6 M-3.7 M-5] the page of a bot at the venue, in a browser", async () => {
  await ensurePackage("chromium-headless-shell", BROWSER);
  const text = await runInside("../browser/inside_page.ts", Deno.env.get("ABOT_PICTURES") ?? "");
  for (const name of EXPECTED) assert.ok(text.includes(`PASS ${name}`), `${name}\n${text}`);
});
