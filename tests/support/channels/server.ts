/** The channels' services behind HTTP: by name over TLS in a private namespace, or by port on this machine. */
import type { ServiceHouse } from "./rig.ts";
import type { Service } from "./services.ts";

async function respond(service: Service, request: Request): Promise<Response> {
  const { pathname, search } = new URL(request.url);
  const body = await request.text();
  // A long poll waits for what comes, as Telegram's does.
  const polls = pathname.endsWith("/getUpdates");
  const deadline = Date.now() + (polls ? 5_000 : 0);
  for (;;) {
    const outcome = service.handle({
      method: request.method,
      path: pathname + search,
      headers: Object.fromEntries(request.headers),
      body,
    });
    if (outcome.kind === "lost") {
      // A body that breaks off: the client sees a lost connection.
      return new Response(new ReadableStream({ start: (controller) => controller.error(new Error("lost")) }));
    }
    const { answer, delayMs } = outcome;
    if (polls && answer.status === 200 && answer.body.endsWith('"result":[]}') && Date.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      continue;
    }
    if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
    const empty = answer.status === 204 || answer.status === 304;
    return new Response(empty ? null : answer.body, {
      status: answer.status,
      ...(answer.headers === undefined ? {} : { headers: { ...answer.headers } }),
    });
  }
}

/** All names on one port; the Host header says which service is meant. */
export function serveByName(
  house: ServiceHouse,
  options: { readonly hostname: string; readonly port: number; readonly cert: string; readonly key: string },
): Deno.HttpServer {
  return Deno.serve({ ...options, onListen: () => undefined }, (request) => {
    const host = new URL(request.url).hostname;
    const service = house.hosts.get(host);
    return service === undefined ? new Response("no such host", { status: 421 }) : respond(service, request);
  });
}

/** One service on a port of its own. */
export function serveOne(service: Service): { readonly server: Deno.HttpServer; readonly base: string } {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => undefined },
    (request) => respond(service, request),
  );
  const { port } = server.addr as Deno.NetAddr;
  return { server, base: `http://127.0.0.1:${port}` };
}
