// The live program as a process of its own, with its two hosts led to a fake venue on this machine. Everything else is
// src/programs/trader/main.ts: the same assembly, the real clock, the real disk. Only tests may know another address than the two.
//   deno run --allow-net=127.0.0.1 --allow-read --allow-write --allow-env tests/support/kill_bot.ts <port> <config>
import { runLive } from "../../src/programs/trader/run.ts";
import { SIMULATED_BUILD } from "../../src/build_info.ts";
import type { Platform } from "../../src/application/engine/ports.ts";
import { livePlatform } from "../../src/infrastructure/platform/live/mod.ts";
import { packGzip } from "../../src/infrastructure/platform/live/gzip.ts";
import { onTermination } from "../../src/infrastructure/platform/live/signals.ts";
import { VENUE_HOSTS } from "../../src/infrastructure/safety/permissions.ts";

const [port = "", config = ""] = Deno.args;

function here(url: string): string {
  const found = new URL(url);
  if (!VENUE_HOSTS.some((host) => host === found.hostname)) throw new Error(`a host that is not the venue: ${url}`);
  const scheme = found.protocol === "wss:" ? "ws" : "http";
  return url.replace(`${found.protocol}//${found.host}`, `${scheme}://127.0.0.1:${port}`);
}

const live = livePlatform();
const platform: Platform = {
  ...live,
  http: { request: (request, done) => live.http.request({ ...request, url: here(request.url) }, done) },
  sockets: { open: (url, handlers) => live.sockets.open(here(url), handlers) },
};

Deno.exit(
  await runLive({
    files: platform.files,
    now: () => Date.now(),
    wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    columns: () => 80,
    out: (line) => console.log(line),
    error: (line) => console.error(line),
    platform,
    // The permissions of the program itself are what the tests under the real names look at.
    audit: {
      granted: (permission) =>
        permission.name === "net"
          ? VENUE_HOSTS.some((host) => host === permission.host)
          : permission.name === "read" || permission.name === "write"
          ? permission.path !== undefined
          : permission.name === "env" && permission.variable !== undefined,
      variable: (name) => Deno.env.get(name),
    },
    build: SIMULATED_BUILD,
    processId: Deno.pid,
    terminal: false,
    pack: packGzip,
    onSignal: onTermination,
  }, { config, observe: false, wireLog: false }),
);
