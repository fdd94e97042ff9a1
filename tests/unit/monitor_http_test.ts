/** Who gets in, and what hostile requests get (M-2.2, M-4.1, M-5). */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { isAllowed, isKnownHost, loginCookie, readToken } from "../../src/programs/monitor/http/access.ts";
import { createApp } from "../../src/programs/monitor/http/app.ts";
import { type Connection, parseHead, serveConnection } from "../../src/programs/monitor/http/front.ts";
import { EventStreams } from "../../src/programs/monitor/http/streams.ts";
import { DataDirectory } from "../../src/programs/monitor/follow/data_directory.ts";
import { snapshotOf } from "../../src/programs/monitor/view/document.ts";
import { auditMonitor } from "../../src/infrastructure/safety/monitor_permissions.ts";
import { newRig, open } from "../core_rig.ts";
import { MemoryData, statusIn } from "../support/monitor_data.ts";

function serving(token: string | null = null) {
  const data = new MemoryData();
  const directory = new DataDirectory({ seam: data, dataDir: "data", now: () => data.now });
  const rig = newRig();
  open(rig);
  data.put("data/status.json", JSON.stringify(statusIn(rig)));
  directory.poll();
  const streams = new EventStreams();
  const app = createApp({
    directory,
    streams,
    port: 8377,
    publicHosts: ["bot.example.org"],
    token,
    now: () => data.now,
    metricFacts: () => ({ version: "1", commit: 'a"b', streams: 0, diskFreeBytes: 5_000 }),
  });
  const ask = (path: string, headers: Record<string, string> = {}, method = "GET") =>
    app.fetch(new Request(`http://monitor${path}`, { method, headers: { host: "127.0.0.1:8377", ...headers } }));
  return { data, directory, streams, ask };
}

Deno.test("[M-2.2] only the page's own address and the public names are answered", async () => {
  const { ask } = serving();
  const of = { port: 8377, names: ["bot.example.org"] };
  for (const host of ["127.0.0.1:8377", "localhost:8377", "LOCALHOST", "bot.example.org", "bot.example.org:443"]) {
    equal(isKnownHost(host, of), true, host);
    equal((await ask("/healthz", { host })).status, 200, host);
  }
  for (const host of ["", "evil.example", "127.0.0.1:8378", "127.0.0.1.evil.example", "bot.example.org.evil.example"]) {
    equal(isKnownHost(host, of), false, host);
    equal((await ask("/", { host })).status, 421, host);
  }
});

Deno.test("[M-2.2] a token is asked of every path; Bearer or the cookie of /login, which cannot be read by a script", async () => {
  const { ask } = serving("correct-horse");
  for (const path of ["/", "/metrics", "/healthz", "/events", "/chart", "/page.js", "/nothing"]) {
    equal((await ask(path)).status, 401, path);
    equal((await ask(path, { authorization: "Bearer wrong-horse-x" })).status, 401, path);
  }
  equal((await ask("/metrics", { authorization: "Bearer correct-horse" })).status, 200);
  equal((await ask("/login?token=wrong")).status, 401);
  const login = await ask("/login?token=correct-horse");
  deepEqual([login.status, login.headers.get("location")], [302, "/"]);
  const cookie = login.headers.get("set-cookie") ?? "";
  match(cookie, /^abot_monitor=correct-horse; HttpOnly; SameSite=Strict; Path=\/;/);
  equal((await ask("/", { cookie: `other=1; ${cookie.split(";")[0]}` })).status, 200);
  equal(isAllowed(new Request("http://x/", { headers: { cookie: "abot_monitor=%E0%A4%A" } }), "correct-horse"), false);
  equal(loginCookie("anything", null), null);
});

Deno.test("[M-2.2] an empty or short token is refused, the first source that is there wins", () => {
  const source = (name: string, value: string | null) => ({ name, value: () => value });
  deepEqual(readToken([source("a", null), source("b", null)]), { token: null });
  deepEqual(readToken([source("a", null), source("b", " longenough\n"), source("c", "another-one")]), {
    token: "longenough",
  });
  for (const value of ["", "  \n", "short", "two words here"]) {
    const read = readToken([source("ABOT_MONITOR_TOKEN", value), source("b", "longenough")]);
    ok("refusal" in read && read.refusal.startsWith("Cannot use the token of ABOT_MONITOR_TOKEN"), value);
  }
});

Deno.test("[M-2.2] every reply has a strict policy: no inline code, no frame, no store, no foreign origin", async () => {
  const { ask } = serving("correct-horse");
  for (
    const [path, headers] of [["/", { authorization: "Bearer correct-horse" }], ["/", {}], ["/x", {
      host: "evil",
    }]] as const
  ) {
    const reply = await ask(path, headers);
    const policy = reply.headers.get("content-security-policy") ?? "";
    ok(
      policy.startsWith("default-src 'none'; script-src 'self'; style-src 'self';") && !policy.includes("unsafe"),
      policy,
    );
    equal(reply.headers.get("cache-control"), "no-store");
    equal(reply.headers.get("x-content-type-options"), "nosniff");
    equal(reply.headers.get("referrer-policy"), "no-referrer");
    equal(reply.headers.get("access-control-allow-origin"), null);
    equal(reply.headers.get("strict-transport-security"), null);
  }
  const page = await (await ask("/", { authorization: "Bearer correct-horse" })).text();
  equal(/<script(?![^>]*src=)|<style| style=| on[a-z]+=/.test(page), false, "nothing inline");
});

Deno.test("[M-3.6] the page is whole without a script: word, ages, numbers and table stand in the HTML", async () => {
  const { ask } = serving();
  const page = await (await ask("/")).text();
  for (
    const text of [
      "PROTECTED",
      "the venue last showed the stop",
      "the bot last wrote",
      "Stop at the venue",
      "Room left",
    ]
  ) {
    ok(page.includes(text), text);
  }
  equal((await ask("/nothing")).status, 404);
});

const chunk = (text: string) => new TextEncoder().encode(text);
/** A connection in memory that says one request and keeps what it is told. */
function connection(said: readonly Uint8Array[], options: { readonly stays?: boolean } = {}) {
  const left = [...said];
  let told = "";
  let closed = false;
  let end: () => void = () => undefined;
  const over = new Promise<null>((resolve) => (end = () => resolve(null)));
  const side: Connection = {
    read(into) {
      const next = left.shift();
      if (next === undefined) return options.stays === true ? over : Promise.resolve(null);
      into.set(next.subarray(0, into.length));
      if (next.length > into.length) left.unshift(next.subarray(into.length));
      return Promise.resolve(Math.min(next.length, into.length));
    },
    write(bytes) {
      told += new TextDecoder().decode(bytes);
      return Promise.resolve(bytes.length);
    },
    close: () => {
      closed = true;
      end();
    },
  };
  return { side, told: () => told, closed: () => closed };
}

const HOSTILE: readonly (readonly [name: string, text: string, status: number])[] = [
  ["a POST", "POST / HTTP/1.1\r\nHost: 127.0.0.1:8377\r\nContent-Length: 0\r\n\r\n", 405],
  ["a DELETE", "DELETE / HTTP/1.1\r\nHost: 127.0.0.1:8377\r\n\r\n", 405],
  ["a body", "GET / HTTP/1.1\r\nHost: 127.0.0.1:8377\r\nContent-Length: 5\r\n\r\nhello", 413],
  ["a chunked body", "GET / HTTP/1.1\r\nHost: 127.0.0.1:8377\r\nTransfer-Encoding: chunked\r\n\r\n", 413],
  ["no host", "GET / HTTP/1.1\r\n\r\n", 400],
  ["two hosts", "GET / HTTP/1.1\r\nHost: 127.0.0.1:8377\r\nHost: evil\r\n\r\n", 400],
  ["a whole address", "GET http://evil/ HTTP/1.1\r\nHost: 127.0.0.1:8377\r\n\r\n", 400],
  ["another protocol", "GET / HTTP/2\r\nHost: 127.0.0.1:8377\r\n\r\n", 400],
  ["a folded header", "GET / HTTP/1.1\r\nHost: 127.0.0.1:8377\r\n x\r\n\r\n", 400],
  ["a header with a zero byte", "GET / HTTP/1.1\r\nHost: 127.0.0.1:8377\r\nA: \0\r\n\r\n", 400],
  ["noise", "\x16\x03\x01\x02\r\n\r\n", 400],
  ["a path that climbs", "GET /../../etc/passwd HTTP/1.1\r\nHost: 127.0.0.1:8377\r\n\r\n", 404],
  ["a path that climbs, encoded", "GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\nHost: 127.0.0.1:8377\r\n\r\n", 404],
  ["a double slash", "GET //evil.example/ HTTP/1.1\r\nHost: 127.0.0.1:8377\r\n\r\n", 404],
  ["a long path", `GET /${"a".repeat(3_000)} HTTP/1.1\r\nHost: 127.0.0.1:8377\r\n\r\n`, 400],
];
for (const [name, text, status] of HOSTILE) {
  Deno.test(`[M-5] ${name} gets ${status} and a short plain answer`, async () => {
    const { ask } = serving();
    const { side, told, closed } = connection([chunk(text)]);
    await serveConnection(side, (request) => ask(new URL(request.url).pathname, Object.fromEntries(request.headers)));
    match(told(), new RegExp(`^HTTP/1\\.1 ${status} `));
    ok(told().length < 900, `${told().length} bytes`);
    equal(closed(), true);
  });
}

Deno.test("[M-5] ten megabytes of headers are cut off after 16 kB", async () => {
  let given = 0;
  const endless: Connection = {
    read(into) {
      given += into.length;
      into.fill(97);
      return Promise.resolve(given > 10_000_000 ? null : into.length);
    },
    write: (bytes) => Promise.resolve(bytes.length),
    close: () => undefined,
  };
  await serveConnection(endless, () => new Response("never"));
  ok(given <= 24_576, `${given} bytes read`);
});

Deno.test("[M-2.2] HEAD has the headers and no body; a request in pieces is put together", async () => {
  const { ask } = serving();
  const { side, told } = connection(["HEAD /heal", "thz HTTP/1.1\r\nHo", "st: 127.0.0.1:8377\r\n\r", "\n"].map(chunk));
  await serveConnection(
    side,
    (request) => ask(new URL(request.url).pathname, Object.fromEntries(request.headers), request.method),
  );
  match(told(), /^HTTP\/1\.1 200 OK\r\n/);
  equal(told().endsWith("\r\n\r\n"), true);
  equal(parseHead("GET / HTTP/1.1\r\nHost: a").kind, "request");
});

Deno.test("[M-5] a reader that takes nothing keeps one message; when it reads again it gets everything", async () => {
  const { directory, data, streams } = serving();
  const stream = streams.open(snapshotOf({ directory, now: data.now }));
  const snapshot = snapshotOf({ directory, now: data.now });
  for (let beat = 0; beat < 20_000; beat++) {
    streams.beat({ ...snapshot, hero: `hero ${beat}`, sections: { ...snapshot.sections, facts: `facts ${beat}` } });
  }
  const reader = stream.getReader();
  let bytes = 0;
  const drain = async () => {
    while (true) {
      const next = await Promise.race([
        reader.read(),
        new Promise<null>((resolve) => setTimeout(() => resolve(null), 20)),
      ]);
      if (next === null || next.done) return;
      bytes += next.value.length;
    }
  };
  const drained = drain();
  await drained;
  ok(bytes < 150_000, `${bytes} bytes were kept for it`);
  await reader.cancel();
  equal(streams.count(), 0);
});

Deno.test("[M-3.6] a beat carries what changed only, and an empty one says that the monitor lives", async () => {
  const { directory, data, streams } = serving();
  const now = snapshotOf({ directory, now: data.now });
  const reader = streams.open(now).getReader();
  deepEqual(new TextDecoder().decode((await reader.read()).value), "retry: 1000\n\n");
  const next = async () => {
    const { value } = await reader.read();
    return JSON.parse(new TextDecoder().decode(value).slice("data: ".length));
  };
  deepEqual(Object.keys((await next()).sections).length, Object.keys(now.sections).length);
  streams.beat(now);
  await next();
  streams.beat(now);
  deepEqual(await next(), {});
  streams.beat({ ...now, word: "HALTED", hero: "h", sections: { ...now.sections, halts: "x" } });
  deepEqual(await next(), { word: "HALTED", slug: now.slug, alarm: now.alarm, hero: "h", sections: { halts: "x" } });
  await reader.cancel();
});

Deno.test("[M-4.1] metrics: base units, counters end in _total, hostile labels are escaped, OpenMetrics ends with EOF", async () => {
  const { ask } = serving();
  const plain = await ask("/metrics");
  equal(plain.headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  const text = await plain.text();
  for (
    const line of [
      "# TYPE abot_covered gauge",
      "abot_covered 1",
      'abot_word{word="IN_POSITION"} 1',
      "# TYPE abot_trades_total counter",
      'abot_trades_total{direction="long"} 0',
      "abot_disk_free_bytes 5000",
      'abot_monitor_build_info{version="1",commit="a\\"b"} 1',
    ]
  ) ok(text.includes(`${line}\n`), `${line}\n in\n${text}`);
  const open = await ask("/metrics", { accept: "application/openmetrics-text;version=1.0.0" });
  equal(open.headers.get("content-type"), "application/openmetrics-text; version=1.0.0; charset=utf-8");
  const openText = await open.text();
  ok(openText.endsWith("# EOF\n") && openText.includes("# TYPE abot_trades counter\n"));
  equal(text.includes("grid_"), false, "no order id is a label");
});

Deno.test("[M-2.1] the monitor refuses to start with more than it needs, and names the flag", () => {
  const world = (granted: readonly string[]) => ({
    granted: (permission: { readonly name: string; readonly host?: string; readonly variable?: string }) =>
      granted.includes(
        `${permission.name}${permission.host === undefined ? "" : `=${permission.host}`}${
          permission.variable === undefined ? "" : `=${permission.variable}`
        }`,
      ),
    variable: () => undefined,
  });
  deepEqual(auditMonitor(world(["net=127.0.0.1:8377"]), 8377), []);
  match(auditMonitor(world([]), 8377).join(), /Cannot listen on 127\.0\.0\.1:8377 without permission/);
  for (
    const [extra, words] of [
      ["write", "remove --allow-write"],
      ["run", "remove --allow-run"],
      ["net", "needs no --allow-net without a list"],
      ["net=api-testnet.bybit.com", "must not reach api-testnet.bybit.com"],
      ["env=BYBIT_TESTNET_API_KEY", "must not see BYBIT_TESTNET_API_KEY"],
    ] as const
  ) {
    const lines = auditMonitor(world(["net=127.0.0.1:8377", extra]), 8377).join("\n");
    ok(lines.includes(words), `${extra}: ${lines}`);
  }
});
