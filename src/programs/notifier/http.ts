/** One request to a channel's service. No redirect is followed, no address is ever part of an answer. */
import type { Ask, Reply } from "./channels/types.ts";

/** Nothing of interest is longer. Bytes. */
const BODY_MAX = 65_536;

async function bodyOf(response: Response): Promise<string> {
  if (response.body === null) return "";
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  const reader = response.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    size += value.length;
    text += decoder.decode(value, { stream: true });
    if (size > BODY_MAX) {
      await reader.cancel();
      return text.slice(0, BODY_MAX);
    }
  }
}

/** Words for what went wrong on the way; Deno's own would show the address and with it the secret. */
function unreached(error: unknown, timeoutMs: number): Reply {
  const say = (why: string, perhaps: boolean): Reply => ({ kind: "unreached", why, perhaps });
  const [name, text] = error instanceof Error ? [error.name, error.message] : ["", ""];
  if (name === "TimeoutError" || name === "AbortError") {
    return say(`no answer within ${Math.round(timeoutMs / 1000)} s`, true);
  }
  if (name === "NotCapable" || name === "PermissionDenied") return say("this program may not reach that host", false);
  if (/dns|lookup|resolve/i.test(text)) return say("its name could not be found: is this machine online?", false);
  if (/refused/i.test(text)) return say("it refuses the connection", false);
  if (/certificate|tls|handshake|UnknownIssuer/i.test(text)) return say("its certificate is not trusted", false);
  if (/unreachable|no route/i.test(text)) return say("it cannot be reached: is this machine online?", false);
  return say("the connection was lost", true);
}

/** Never throws. */
export async function sendHttp(
  ask: Ask,
  { timeoutMs, stop }: { readonly timeoutMs: number; readonly stop: AbortSignal | null },
): Promise<Reply> {
  const limit = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(ask.url, {
      method: ask.method,
      headers: { ...ask.headers },
      ...(ask.method === "POST" ? { body: ask.body } : {}),
      redirect: "manual",
      signal: stop === null ? limit : AbortSignal.any([limit, stop]),
    });
    const body = await bodyOf(response);
    return { kind: "reply", status: response.status, headers: Object.fromEntries(response.headers), body };
  } catch (error) {
    return unreached(error, timeoutMs);
  }
}
