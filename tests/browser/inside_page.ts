/// <reference lib="dom" />
/**
 * Runs inside a private network namespace: fake venue, the live program with its shipped permissions, the monitor with
 * its own, and a browser on its page. Prints `PASS <name>` for what was seen; throws at the first thing that was not.
 * Arguments: folder with certificates, project folder, folder for pictures or "".
 */
import assert from "node:assert/strict";
import type { BrowserContext, Page } from "playwright-core";
import { monitorFlags } from "../../src/infrastructure/safety/monitor_permissions.ts";
import { permissionFlags } from "../../src/infrastructure/safety/permissions.ts";
import { Driver, pass, pause, Stage } from "../integration_real/inside_stage.ts";
import { axeFaults } from "./axe.ts";
import { launch } from "./chromium.ts";
import { manyStreams } from "./many_streams.ts";

const [tls = "", project = "", pictures = ""] = Deno.args;
const URL_OF_PAGE = "http://127.0.0.1:8377/";
const WITHIN_MS = 3_000;
const stage = new Stage({ tls, project });
const { folder, control } = stage;
const driver = new Driver(stage);
const children: Deno.ChildProcess[] = [];

function start(main: string, flags: readonly string[], args: readonly string[]): Deno.ChildProcess {
  const program = ["run", "--cached-only", "--config", `${project}/deno.json`, ...flags, `${project}/${main}`, ...args];
  const child = new Deno.Command(Deno.execPath(), {
    args: program,
    cwd: folder,
    env: { ...stage.env },
    clearEnv: true,
    stdin: "null",
    stdout: "null",
    stderr: "inherit",
  }).spawn();
  children.push(child);
  return child;
}
const startBot = () =>
  start("src/programs/trader/main.ts", permissionFlags(), ["--config", "config/testnet_scenarios.yaml"]);
const startMonitor = () => start("src/programs/monitor/main.ts", monitorFlags(), ["--data", "data"]);

async function answers(): Promise<void> {
  const end = performance.now() + 20_000;
  while (performance.now() < end) {
    try {
      await (await fetch(`${URL_OF_PAGE}healthz`)).body?.cancel();
      return;
    } catch {
      await pause(50);
    }
  }
  throw new Error("the monitor does not answer");
}
async function untilTrue(what: string, holds: () => boolean, withinMs = 90_000): Promise<void> {
  const end = performance.now() + withinMs;
  while (performance.now() < end) {
    if (holds()) return;
    await pause(20);
  }
  throw new Error(`${what} was not seen in ${withinMs} ms; ${JSON.stringify(control.state())}`);
}

/** Waits for the first line to be read as text; returns how long it took. Milliseconds. */
async function read(page: Page, word: string, withinMs: number): Promise<number> {
  const from = performance.now();
  for (;;) {
    const seen = await page.evaluate(() => [document.querySelector(".word")?.textContent, document.title] as const);
    const took = performance.now() - from;
    if (seen[0] === word && seen[1] === `${word} · abot`) return took;
    if (took > withinMs) {
      throw new Error(`${word} was not read in ${withinMs} ms: the page says ${JSON.stringify(seen)}`);
    }
    await pause(40);
  }
}
async function readSoon(page: Page, { word, name }: { readonly word: string; readonly name: string }): Promise<void> {
  pass(name, `${Math.round(await read(page, word, WITHIN_MS))} ms`);
}

const complaints: string[] = [];
async function open(context: BrowserContext): Promise<Page> {
  const page = await context.newPage();
  page.on("console", (message) => {
    // The stream that breaks when the monitor is killed is what that test is about.
    const lost =
      /ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|net::ERR_FAILED/;
    if (message.type() === "error" && !lost.test(message.text())) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  await page.goto(URL_OF_PAGE);
  return page;
}

async function picture(page: Page, name: string): Promise<void> {
  if (pictures !== "") await page.screenshot({ path: `${pictures}/${name}.png`, fullPage: true });
}

/** Widths and colours, judged by axe-core, at whatever the page shows now. */
async function looks(context: BrowserContext, name: string): Promise<void> {
  const page = await open(context);
  for (const width of [320, 768, 1440]) {
    for (const colorScheme of ["light", "dark"] as const) {
      await page.setViewportSize({ width, height: 900 });
      await page.emulateMedia({ colorScheme });
      await pause(150);
      assert.deepEqual(await axeFaults(page), [], `${name}, ${width} px, ${colorScheme}`);
      const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(over <= 0, `${name}: ${over} px too wide at ${width} px`);
      await picture(page, `${name}-${width}-${colorScheme}`);
    }
  }
  await page.close();
}

async function position(page: Page): Promise<void> {
  await untilTrue("a position with a stop", () => control.state().size > 0 && stage.stops().length === 1);
  driver.paused = true;
  await readSoon(page, { word: "PROTECTED", name: "[M-3.1] PROTECTED is read within 3 s" });
}
/** The venue takes the stop away, and the next one is held on its way. */
async function stopTakenAway(page: Page, context: BrowserContext): Promise<void> {
  stage.served.holds.hold({ action: "create", link: "_stop_", when: "before", retCode: 0, frames: false });
  control.injectFault("stop_cancelled");
  assert.equal(stage.stops().length, 0);
  await readSoon(page, { word: "UNPROTECTED", name: "[M-3.1] UNPROTECTED is read within 3 s" });
  assert.equal(await page.getAttribute("#hero", "role"), "alert");
  const [health, metrics] = await Promise.all([fetch(`${URL_OF_PAGE}healthz`), fetch(`${URL_OF_PAGE}metrics`)]);
  assert.equal(health.status, 503);
  assert.match(await health.text(), /^UNPROTECTED: /);
  assert.match(await metrics.text(), /^abot_covered 0$/m);
  await picture(page, "unprotected");
  stage.served.holds.release({ deliver: true });
  await readSoon(page, { word: "PROTECTED", name: "[M-3.1] PROTECTED again is read within 3 s" });
  await looks(context, "protected");
}
async function halted(page: Page, context: BrowserContext): Promise<void> {
  Deno.writeTextFileSync(`${folder}/data/KILL`, "");
  await readSoon(page, { word: "HALTED", name: "[M-3.1] HALTED is read within 3 s" });
  await looks(context, "halted");
}

async function silence(page: Page, bot: Deno.ChildProcess): Promise<void> {
  bot.kill("SIGSTOP");
  await readSoon(page, { word: "NO NEWS", name: "[M-3.1] NO NEWS of a stopped bot is read within 3 s" });
  assert.match(await page.textContent("#s-facts") ?? "", /the bot last wrote \d+ s ago STALE/);
  await picture(page, "no-news");
  bot.kill("SIGCONT");
  await readSoon(page, { word: "HALTED", name: "[M-5] the bot goes on: HALTED is read within 3 s" });
}

async function killMonitor(page: Page, monitor: Deno.ChildProcess): Promise<Deno.ChildProcess> {
  monitor.kill("SIGKILL");
  await monitor.status;
  const silent = await read(page, "NO NEWS", 4_000);
  assert.match(await page.textContent(".sentence") ?? "", /heard nothing from the monitor for/);
  const again = startMonitor();
  await answers();
  const back = await read(page, "HALTED", 4_000);
  pass(
    "[M-5] monitor killed: NO NEWS, and HALTED after its restart",
    `${Math.round(silent)} ms, ${Math.round(back)} ms`,
  );
  return again;
}
async function killBot(page: Page, bot: Deno.ChildProcess): Promise<Deno.ChildProcess> {
  bot.kill("SIGKILL");
  await bot.status;
  const silent = await read(page, "NO NEWS", 4_000);
  const again = startBot();
  const back = await read(page, "HALTED", 60_000);
  pass("[M-5] bot killed: NO NEWS, and its word after its restart", `${Math.round(silent)} ms, ${Math.round(back)} ms`);
  return again;
}

const HOUR_LATE = `{
  const Real = Date;
  globalThis.Date = class extends Real {
    constructor(...given) { given.length === 0 ? super(Real.now() + 3600000) : super(...given); }
    static now() { return Real.now() + 3600000; }
  };
}`;
async function wrongClock(context: BrowserContext): Promise<void> {
  await context.addInitScript(HOUR_LATE);
  const page = await open(context);
  await read(page, "HALTED", WITHIN_MS);
  await pause(1_500);
  assert.doesNotMatch(await page.textContent("#s-facts") ?? "", /STALE|min ago| h ago/);
  await page.close();
  pass("[M-5] a reader's clock that is wrong by an hour changes nothing");
}

/** A background tab: its script is frozen, as browsers do with tabs that nobody looks at. */
async function asleep(context: BrowserContext, bot: () => Deno.ChildProcess): Promise<void> {
  const page = await open(context);
  await read(page, "HALTED", WITHIN_MS);
  const session = await context.newCDPSession(page);
  await session.send("Page.setWebLifecycleState", { state: "frozen" });
  bot().kill("SIGSTOP");
  await pause(8_000);
  bot().kill("SIGCONT");
  await pause(1_500);
  await session.send("Page.setWebLifecycleState", { state: "active" });
  await read(page, "HALTED", WITHIN_MS);
  assert.doesNotMatch(await page.textContent("#s-facts") ?? "", /STALE/);
  await page.close();
  pass("[M-5] a page that slept shows the present when it wakes");
}

async function charts(page: Page): Promise<void> {
  await page.click("text=7 days");
  await untilTrue("a minute of history", () => stage.filesLike(/\/history\/.*\.jsonl$/).length > 0);
  const drawn = await page.evaluate(async () => {
    for (let tries = 0; tries < 200; tries++) {
      const canvases = [...document.querySelectorAll<HTMLCanvasElement>(".chart canvas")];
      if (canvases.length === 2 && canvases.every((one) => one.width > 100)) return canvases.length;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    return 0;
  });
  assert.equal(drawn, 2);
  await page.click("#numbers summary");
  assert.match(await page.textContent("#numbers table") ?? "", /Trading only/);
  pass("[M-3.3] the charts are drawn and have their table");
}

async function main(): Promise<void> {
  let monitor = startMonitor();
  let bot = startBot();
  await answers();
  const browser = await launch();
  try {
    const context = await browser.newContext({ timezoneId: "Europe/Berlin", viewport: { width: 1440, height: 900 } });
    const page = await open(context);
    await read(page, "FLAT", 60_000);
    pass("[M-3.1] FLAT is read");
    await position(page);
    await stopTakenAway(page, context);
    await halted(page, context);
    await charts(page);
    await silence(page, bot);
    monitor = await killMonitor(page, monitor);
    bot = await killBot(page, bot);
    await wrongClock(await browser.newContext());
    await asleep(context, () => bot);
    await withoutScript(await browser.newContext({ javaScriptEnabled: false }));
    pass("[M-3.7] no violation of axe-core at any width, light and dark");
    pass("[M-3.7] nothing moves sideways at 320 px");
    const before = stage.status()?.journal_seq ?? 0;
    const figures = await manyStreams(monitor.pid);
    await untilTrue("the bot goes on", () => (stage.status()?.journal_seq ?? 0) > before);
    pass("[M-5] 500 idle streams and slow callers: bounded memory, the bot untouched", figures);
    assert.deepEqual(complaints, []);
    pass("[M-5] no error on the console");
  } finally {
    await browser.close();
  }
}

async function withoutScript(context: BrowserContext): Promise<void> {
  const page = await context.newPage();
  await page.goto(URL_OF_PAGE);
  for (const text of ["HALTED", "Stop at the venue", "the bot last wrote", "Price", "What would refuse an entry now"]) {
    assert.ok((await page.textContent("body") ?? "").includes(text), text);
  }
  await context.close();
  pass("[M-3.6] the page is whole without a script");
}

try {
  await main();
} finally {
  driver.stop();
  for (const child of children) {
    try {
      child.kill("SIGKILL");
      await child.status;
    } catch {
      // It has ended by itself.
    }
  }
  await stage.close();
}
Deno.exit(0);
