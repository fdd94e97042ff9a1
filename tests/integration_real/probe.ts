/**
 * Tries every way out of the bot's permissions there is, one line each: its name and the error that closed it. Runs with
 * the bot's own flags; `LET THROUGH` is what must never stand there.
 */
const npm = "npm:left-pad@1.3.0";
const remote = "https://deno.land/std@0.224.0/version.ts";
const tries: readonly (readonly [string, () => unknown])[] = [
  ["api.bybit.com", () => fetch("https://api.bybit.com/")],
  ["its address", () => fetch("https://13.33.88.1/")],
  ["this machine's address", () => fetch("https://127.0.0.1/")],
  ["stream.bybit.com", () => new WebSocket("wss://stream.bybit.com/v5/private")],
  ["a redirect to api.bybit.com", () => fetch("https://api-testnet.bybit.com/redirect")],
  ["a package at run time", () => import(npm)],
  ["a remote module at run time", () => import(remote)],
  ["a program", () => new Deno.Command("curl", { args: ["https://api.bybit.com"] }).output()],
  ["a file elsewhere", () => Deno.readTextFileSync("/etc/passwd")],
];
for (const [name, attempt] of tries) {
  try {
    await attempt();
    console.log(`${name}: LET THROUGH`);
  } catch (error) {
    console.log(`${name}: ${error instanceof Error ? error.name : String(error)}`);
  }
}
