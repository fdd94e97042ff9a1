/**
 * HMAC-SHA256 of text with the two key pads compressed once. node:crypto's createHmac costs about 10 µs a call in
 * Deno, most of it buffers; this costs about 1.5 µs, and a simulated minute checks eight signatures.
 */
const K = roundConstants();
const W = new Int32Array(64);
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

type Sign = (text: string) => string;

// deno-lint-ignore no-control-regex
const ASCII = /^[\x00-\x7f]*$/;

/** Texts whose signature is kept: more than a client has under way at once. */
const KEPT = 4;
let newest: { readonly secret: string; readonly sign: Sign } | null = null;

/**
 * Returns lower-case hex signatures of texts, as their UTF-8. Throws on a secret that is long or not ASCII. In a
 * simulation both ends of the wire run here: who checks a text that was signed a moment ago finds the signature kept.
 */
export function hmacSha256(secret: string): Sign {
  if (newest?.secret !== secret) newest = { secret, sign: remembering(signer(secret)) };
  return newest.sign;
}

/** The last signatures are kept: a signature follows from secret and text alone, so that a kept one is the right one. */
function remembering(sign: Sign): Sign {
  const texts: string[] = new Array(KEPT).fill("");
  const signatures: string[] = new Array(KEPT).fill(sign(""));
  let at = 0;
  return (text) => {
    const known = texts.indexOf(text);
    if (known >= 0) return signatures[known]!;
    const signature = sign(text);
    texts[at] = text;
    signatures[at] = signature;
    at = (at + 1) % KEPT;
    return signature;
  };
}

function signer(secret: string): Sign {
  if (secret.length > 64 || !ASCII.test(secret)) {
    throw new RangeError("Cannot sign with a secret longer than 64 characters or not ASCII");
  }
  const inner = padState(secret, 0x36363636);
  const outer = padState(secret, 0x5c5c5c5c);
  const state = new Int32Array(8);
  let words = new Int32Array(64);
  return (signed) => {
    const text = ASCII.test(signed) ? signed : String.fromCharCode(...new TextEncoder().encode(signed));
    const count = ((text.length + 9 + 63) >> 6) << 4;
    if (count > words.length) words = new Int32Array(count * 2);
    pack(text, words);
    words.fill(0, (text.length >> 2) + 1, count);
    words[count - 1] = (text.length + 64) * 8;
    state.set(inner);
    for (let at = 0; at < count; at += 16) {
      expand(words, at);
      compress(state);
    }
    words.set(state);
    words[8] = 0x80 << 24;
    words.fill(0, 9, 15);
    words[15] = (32 + 64) * 8;
    state.set(outer);
    expand(words, 0);
    compress(state);
    let hex = "";
    for (let i = 0; i < 8; i++) {
      const word = state[i]!;
      hex += HEX[word >>> 24]! + HEX[(word >>> 16) & 255]! + HEX[(word >>> 8) & 255]! + HEX[word & 255]!;
    }
    return hex;
  };
}

/** Big-endian words of the text, one byte a character, closed by the bit that ends a message; the rest of the last word is zero. */
function pack(text: string, words: Int32Array): void {
  const { length } = text;
  let word = 0;
  for (let i = 0; i < length; i++) {
    word = (word << 8) | text.charCodeAt(i);
    if ((i & 3) === 3) words[i >> 2] = word;
  }
  const left = length & 3;
  words[length >> 2] = left === 0 ? 0x80 << 24 : ((word << 8) | 0x80) << (24 - left * 8);
}

function padState(secret: string, pad: number): Int32Array {
  const words = new Int32Array(17);
  pack(secret, words);
  // The end bit of `pack` is no part of a key.
  const at = secret.length >> 2;
  words[at] = words[at]! ^ (0x80 << (24 - (secret.length & 3) * 8));
  for (let i = 0; i < 16; i++) words[i] = words[i]! ^ pad;
  const state = Int32Array.of(
    0x6a09e667,
    0xbb67ae85 | 0,
    0x3c6ef372,
    0xa54ff53a | 0,
    0x510e527f,
    0x9b05688c | 0,
    0x1f83d9ab,
    0x5be0cd19,
  );
  expand(words, 0);
  compress(state);
  return state;
}

function expand(words: Int32Array, at: number): void {
  for (let i = 0; i < 16; i++) W[i] = words[at + i]!;
  for (let i = 16; i < 64; i++) {
    const x = W[i - 15]!;
    const y = W[i - 2]!;
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    W[i] = (W[i - 16]! + s0 + W[i - 7]! + s1) | 0;
  }
}

/** Works the block that `expand` has just laid out into the state (FIPS 180-4 §6.2.2). */
function compress(state: Int32Array): void {
  let a = state[0]!, b = state[1]!, c = state[2]!, d = state[3]!;
  let e = state[4]!, f = state[5]!, g = state[6]!, h = state[7]!;
  for (let i = 0; i < 64; i++) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const t1 = (h + s1 + (g ^ (e & (f ^ g))) + K[i]! + W[i]!) | 0;
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const t2 = (s0 + ((a & b) | (c & (a | b)))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + t2) | 0;
  }
  state[0] = state[0]! + a;
  state[1] = state[1]! + b;
  state[2] = state[2]! + c;
  state[3] = state[3]! + d;
  state[4] = state[4]! + e;
  state[5] = state[5]! + f;
  state[6] = state[6]! + g;
  state[7] = state[7]! + h;
}

/** First 32 bits of the fractional parts of the cube roots of the first 64 primes. */
function roundConstants(): Int32Array {
  const constants = new Int32Array(64);
  let found = 0;
  for (let candidate = 2; found < 64; candidate++) {
    let prime = true;
    for (let factor = 2; factor * factor <= candidate; factor++) if (candidate % factor === 0) prime = false;
    if (prime) constants[found++] = cubeRootFraction(candidate);
  }
  return constants;
}

/** floor(frac(∛n) · 2³²), by integer search: floating cube roots are not exact everywhere. */
function cubeRootFraction(n: number): number {
  const target = BigInt(n) << 96n;
  let low = 0n;
  let high = 1n << 36n;
  while (high - low > 1n) {
    const middle = (low + high) >> 1n;
    if (middle * middle * middle <= target) low = middle;
    else high = middle;
  }
  return Number(BigInt.asIntN(32, low));
}
