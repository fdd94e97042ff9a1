/** Who may ask: the names this page answers to, and the token. */
import { timingSafeEqual } from "node:crypto";
import { Buffer } from "node:buffer";

export const COOKIE = "abot_monitor";

/** True for the address of the page itself and the names given by `--public-host`; stops DNS rebinding. */
export function isKnownHost(host: string, of: { readonly port: number; readonly names: readonly string[] }): boolean {
  const known = ["127.0.0.1", "localhost"].flatMap((name) => [name, `${name}:${of.port}`]);
  const names = of.names.flatMap((name) => [name, `${name}:443`, `${name}:${of.port}`]);
  return [...known, ...names].includes(host.toLowerCase());
}

/** Compares in a time that does not tell where two texts differ. */
function isSame(given: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function cookieOf(header: string | null): string {
  const found = (header ?? "").split(/;\s*/).find((part) => part.startsWith(`${COOKIE}=`));
  return decodeOr(found?.slice(COOKIE.length + 1) ?? "");
}
function decodeOr(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}

/** True when no token is set, or the request brings it: `Authorization: Bearer`, or the cookie of `/login`. */
export function isAllowed(request: Request, token: string | null): boolean {
  if (token === null) return true;
  const bearer = /^Bearer (.+)$/.exec(request.headers.get("authorization") ?? "")?.[1] ?? "";
  return isSame(bearer, token) || isSame(cookieOf(request.headers.get("cookie")), token);
}

/** The cookie for a right token; null for a wrong one. */
export function loginCookie(given: string, token: string | null): string | null {
  if (token === null || !isSame(given, token)) return null;
  return `${COOKIE}=${encodeURIComponent(token)}; HttpOnly; SameSite=Strict; Path=/; Max-Age=31536000`;
}

export type TokenRead = { readonly token: string | null } | { readonly refusal: string };

/** The token from its first source that is there; an empty one is refused, because it would let everybody in. */
export function readToken(
  sources: readonly { readonly name: string; readonly value: () => string | null }[],
): TokenRead {
  for (const { name, value } of sources) {
    const text = value();
    if (text === null) continue;
    const token = text.trim();
    if (token === "") {
      return { refusal: `Cannot use the token of ${name} as it must not be empty: delete it, or set it` };
    }
    if (!/^[\x21-\x7e]{8,200}$/.test(token)) {
      return { refusal: `Cannot use the token of ${name} as it must be 8 to 200 printable characters without a space` };
    }
    return { token };
  }
  return { token: null };
}
