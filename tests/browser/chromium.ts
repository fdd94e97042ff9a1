/** The browser of the tests: Debian's, driven by playwright-core. */
import { type Browser, chromium } from "playwright-core";

const PATH = "/usr/bin/chromium-headless-shell";
const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
  .concat(["--disable-component-update", "--disable-sync"]);

function there(): boolean {
  try {
    return Deno.statSync(PATH).isFile;
  } catch {
    return false;
  }
}

/** Installs the browser as root; throws the line that says how, where that cannot be done. */
export async function ensureBrowser(): Promise<void> {
  if (there()) return;
  const how = "The browser tests need Debian's browser: apt-get install -y chromium-headless-shell";
  if (Deno.uid() !== 0) throw new Error(how);
  for (const args of [["update"], ["install", "-y", "--no-install-recommends", "chromium-headless-shell"]]) {
    const done = await new Deno.Command("apt-get", { args, stdin: "null", stdout: "null", stderr: "null" }).output();
    if (!done.success) throw new Error(`${how} (apt-get ${args[0]} ended with ${done.code})`);
  }
  if (!there()) throw new Error(how);
}

export function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: PATH, args: FLAGS });
}
