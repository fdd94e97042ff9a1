/**
 * The chart library as text, so that the monitor serves it without reading a file:
 *
 *   deno run --allow-write=src/programs/monitor/page config/deploy/uplot_text.ts    # writes page/uplot_text.ts
 */
import script from "uplot/dist/uPlot.iife.min.js" with { type: "text" };
import style from "uplot/dist/uPlot.min.css" with { type: "text" };

/** Content of `src/programs/monitor/page/uplot_text.ts`. */
export function uplotText(): string {
  return [
    "// Made by config/deploy/uplot_text.ts from uPlot 1.6.32 (MIT, © Leon Sorokin). Do not edit.",
    "// deno-fmt-ignore-file",
    `export const UPLOT_JS = ${JSON.stringify(script)};`,
    `export const UPLOT_CSS = ${JSON.stringify(style)};`,
    "",
  ].join("\n");
}

if (import.meta.main) Deno.writeTextFileSync("src/programs/monitor/page/uplot_text.ts", uplotText());
