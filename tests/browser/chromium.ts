/** The browser of the tests: Debian's, driven by playwright-core. */
import type { Browser } from "playwright-core";
import { BROWSER } from "./package.ts";

const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
  .concat(["--disable-component-update", "--disable-sync"]);

export async function launch(): Promise<Browser> {
  // Only here: playwright-core reads the machine as soon as it is loaded, and titles are read without that permission.
  const { chromium } = await import("playwright-core");
  return chromium.launch({ executablePath: BROWSER, args: FLAGS });
}
