import { createHmac } from "node:crypto";

/** How a venue judges a signature: lower-case hex of a text, for one secret (PROTOCOL §1.1). */
export type Sign = (text: string) => string;

/** HMAC-SHA256 in lower-case hex, what the real venue asks for. */
export function hmacSha256(secret: string): Sign {
  return (text) => createHmac("sha256", secret).update(text).digest("hex");
}
