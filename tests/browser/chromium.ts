/** The browser of the tests: Debian's, driven by playwright-core. */
import { type Browser, chromium } from "playwright-core";
import { BROWSER } from "./package.ts";

const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
  .concat(["--disable-component-update", "--disable-sync"]);

export function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: BROWSER, args: FLAGS });
}
