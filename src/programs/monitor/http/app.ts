/** The routes. Nothing here writes, acts or knows a key (M-2). */
import { gzipSync } from "node:zlib";
import { type Context, Hono } from "hono";
import { CLIENT } from "../page/client.ts";
import { STYLE } from "../page/style.ts";
import { UPLOT_CSS, UPLOT_JS } from "../page/uplot_text.ts";
import { chartData, rangeOf } from "../view/chart.ts";
import { documentOf, glyphSvg, slugOf, snapshotOf } from "../view/document.ts";
import { HEADLINES } from "../view/headline.ts";
import { healthOf } from "../view/health.ts";
import { type MetricFacts, metricsText, OPEN_METRICS, PLAIN_METRICS } from "../view/metrics.ts";
import type { DataDirectory } from "../follow/data_directory.ts";
import { isAllowed, isKnownHost, loginCookie } from "./access.ts";
import type { EventStreams } from "./streams.ts";

export type AppOptions = {
  readonly directory: DataDirectory;
  readonly streams: EventStreams;
  readonly port: number;
  /** Names besides 127.0.0.1 and localhost under which the page is reached. */
  readonly publicHosts: readonly string[];
  readonly token: string | null;
  readonly now: () => number;
  readonly metricFacts: () => MetricFacts;
};

const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const HEADERS: Readonly<Record<string, string>> = {
  "Content-Security-Policy": POLICY,
  "Cache-Control": "no-store",
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Resource-Policy": "same-origin",
  "X-Frame-Options": "DENY",
};

/** A text, packed where the reader takes that. */
function packed(c: Context, { text, type }: { readonly text: string; readonly type: string }): Response {
  if (!/\bgzip\b/.test(c.req.header("accept-encoding") ?? "") || text.length < 1_000) {
    return c.body(text, 200, { "Content-Type": type });
  }
  return c.body(new Uint8Array(gzipSync(text)), 200, {
    "Content-Type": type,
    "Content-Encoding": "gzip",
    "Vary": "Accept-Encoding",
  });
}

const ASSETS: readonly (readonly [path: string, text: string, type: string])[] = [
  ["/page.css", STYLE, "text/css; charset=utf-8"],
  ["/page.js", CLIENT, "text/javascript; charset=utf-8"],
  ["/uplot.css", UPLOT_CSS, "text/css; charset=utf-8"],
  ["/uplot.js", UPLOT_JS, "text/javascript; charset=utf-8"],
];
const ICON_COLOURS: Readonly<Record<string, string>> = {
  PROTECTED: "#0a8a56",
  FLAT: "#6b7686",
  HALTED: "#d0312d",
  UNPROTECTED: "#d0312d",
  STARTING: "#c27a00",
  "NO NEWS": "#c27a00",
};

/** Every reply has the strict headers; a wrong name or token gets a short plain answer. */
export function createApp(options: AppOptions): Hono {
  const { directory, streams, token, now } = options;
  const app = new Hono();
  const seeing = () => ({ directory, now: now() });
  app.use(async (c, next) => {
    for (const [name, value] of Object.entries(HEADERS)) c.header(name, value);
    const host = c.req.header("host") ?? "";
    if (!isKnownHost(host, { port: options.port, names: options.publicHosts })) {
      return c.text("This page is not reached by that name. Add it with --public-host.\n", 421);
    }
    if (c.req.path !== "/login" && !isAllowed(c.req.raw, token)) {
      return c.text("A token is needed: open /login?token=… once, or send it as a Bearer token.\n", 401, {
        "WWW-Authenticate": "Bearer",
      });
    }
    await next();
  });
  app.get(
    "/",
    (c) =>
      packed(c, {
        text: documentOf(seeing(), rangeOf(c.req.query("range") ?? null)),
        type: "text/html; charset=utf-8",
      }),
  );
  for (const [path, text, type] of ASSETS) app.get(path, (c) => packed(c, { text, type }));
  for (const word of HEADLINES) {
    app.get(
      `/icon/${slugOf(word)}.svg`,
      (c) => c.body(glyphSvg(word, ICON_COLOURS[word] ?? "#6b7686"), 200, { "Content-Type": "image/svg+xml" }),
    );
  }
  app.get("/snapshot", (c) => packed(c, { text: JSON.stringify(snapshotOf(seeing())), type: "application/json" }));
  app.get(
    "/chart",
    (c) =>
      packed(c, {
        text: JSON.stringify(chartData(directory, rangeOf(c.req.query("range") ?? null))),
        type: "application/json",
      }),
  );
  app.get("/events", (c) => c.body(streams.open(snapshotOf(seeing())), 200, { "Content-Type": "text/event-stream" }));
  app.get("/metrics", (c) => {
    const open = (c.req.header("accept") ?? "").includes("application/openmetrics-text");
    const type = open ? OPEN_METRICS : PLAIN_METRICS;
    return packed(c, { text: metricsText(seeing(), { facts: options.metricFacts(), open }), type });
  });
  app.get("/healthz", (c) => {
    const { ok, sentence } = healthOf(seeing());
    return c.text(`${sentence}\n`, ok ? 200 : 503);
  });
  app.get("/login", (c) => {
    const cookie = loginCookie(c.req.query("token") ?? "", token);
    if (cookie === null) {
      return c.text(token === null ? "No token is set: open / .\n" : "That is not the token.\n", 401);
    }
    return c.body(null, 302, { "Set-Cookie": cookie, "Location": "/" });
  });
  app.notFound((c) => c.text("There is no such page here.\n", 404));
  app.onError((_, c) => c.text("The page could not be made.\n", 500));
  return app;
}
