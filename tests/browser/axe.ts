/// <reference lib="dom" />
import axe from "axe-core";
import type { Page } from "playwright-core";

/** Violations of WCAG 2.2 AA by axe-core, one line each. Its text is evaluated: a script element is not allowed there. */
export async function axeFaults(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source);
  return await page.evaluate(async () => {
    const run: unknown = Reflect.get(Reflect.get(globalThis, "axe"), "run");
    if (typeof run !== "function") throw new Error("axe-core is not there");
    const found = await run(document, {
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    });
    type Violation = {
      readonly id: string;
      readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
    };
    return found.violations.map(({ id, nodes }: Violation) =>
      `${id}: ${
        nodes.map(({ html, failureSummary }) => `${html.slice(0, 120)} ${failureSummary.slice(0, 200)}`).join(" | ")
      }`
    );
  });
}
