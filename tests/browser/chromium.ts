/** The browser of the tests: Debian's, driven by playwright-core. */
import type { Browser } from "playwright-core";
import { ensurePackage } from "./package.ts";

const PATH = "/usr/bin/chromium-headless-shell";
const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
  .concat(["--disable-component-update", "--disable-sync"]);

/** Installs the browser as root; throws the line that says how, where that cannot be done. */
export function ensureBrowser(): Promise<void> {
  return ensurePackage("chromium-headless-shell", PATH);
}

export async function launch(): Promise<Browser> {
  // Only here: playwright-core reads the machine as soon as it is loaded, and titles are read without that permission.
  const { chromium } = await import("playwright-core");
  return chromium.launch({ executablePath: PATH, args: FLAGS });
}
