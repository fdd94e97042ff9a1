/** What the monitor serves is what the packages hold, and small (M-2.3). */
import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { uplotText } from "../../config/deploy/uplot_text.ts";
import { CLIENT } from "../../src/programs/monitor/page/client.ts";
import { STYLE } from "../../src/programs/monitor/page/style.ts";
import { UPLOT_CSS, UPLOT_JS } from "../../src/programs/monitor/page/uplot_text.ts";

Deno.test("[M-3.3] the chart library in the page is the one of the lock file", () => {
  const path = "src/programs/monitor/page/uplot_text.ts";
  assert.equal(
    Deno.readTextFileSync(path),
    uplotText(),
    "deno run --allow-write=… config/deploy/uplot_text.ts writes it",
  );
});

Deno.test("[M-2.3] style, script and chart library are below 40 kB over the wire: the page has 60 kB for itself", () => {
  const bytes = [STYLE, CLIENT, UPLOT_CSS, UPLOT_JS].reduce((sum, text) => sum + gzipSync(text).length, 0);
  assert.ok(bytes < 40_000, `${bytes} bytes`);
});
