/**
 * HMAC-SHA256 of text with the two key pads compressed once. node:crypto's createHmac costs about 10 µs a call in
 * Deno, most of it buffers; this costs about 1.5 µs, and a simulated minute checks eight signatures.
 */
const K = roundConstants();
const W = new Int32Array(64);
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

type Sign = (text: string) => string;

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
  if (secret.length > 64) throw new RangeError("Cannot sign with a secret longer than 64 characters");
  const inner = padState(secret, 0x36363636);
  const outer = padState(secret, 0x5c5c5c5c);
  const state = new Int32Array(8);
  let words = new Int32Array(64);
  const load = (text: string): boolean => {
    if (wordsFor(text) > words.length) words = new Int32Array(wordsFor(text) * 2);
    return pack(text, words);
  };
  return (signed) => {
    let text = signed;
    if (!load(text)) load(text = utf8Of(signed));
    const count = wordsFor(text);
    for (let i = (text.length >> 2) + 1; i < count; i++) words[i] = 0;
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

/** One character for each byte. */
function utf8Of(text: string): string {
  let bytes = "";
  for (const byte of new TextEncoder().encode(text)) bytes += String.fromCharCode(byte);
  return bytes;
}

/** Words of all blocks that a text of so many bytes fills together with its end and its length. */
function wordsFor(text: string): number {
  return ((text.length + 9 + 63) >> 6) << 4;
}

/**
 * Big-endian words of the text, one byte a character, closed by the bit that ends a message; the rest of the last word is
 * zero. False = not ASCII.
 */
function pack(text: string, words: Int32Array): boolean {
  const { length } = text;
  let word = 0;
  let seen = 0;
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i);
    seen |= code;
    word = (word << 8) | code;
    if ((i & 3) === 3) words[i >> 2] = word;
  }
  const left = length & 3;
  words[length >> 2] = left === 0 ? 0x80 << 24 : ((word << 8) | 0x80) << (24 - left * 8);
  return seen < 128;
}

function padState(secret: string, pad: number): Int32Array {
  const words = new Int32Array(17);
  if (!pack(secret, words)) throw new RangeError("Cannot sign with a secret that is not ASCII");
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
  // Eight rounds a turn: instead of every word moving on a place, each place takes the next role.
  for (let i = 0; i < 64; i += 8) {
    h = (h + big1(e) + (g ^ (e & (f ^ g))) + K[i]! + W[i]!) | 0;
    d = (d + h) | 0;
    h = (h + big0(a) + ((a & b) | (c & (a | b)))) | 0;
    g = (g + big1(d) + (f ^ (d & (e ^ f))) + K[i + 1]! + W[i + 1]!) | 0;
    c = (c + g) | 0;
    g = (g + big0(h) + ((h & a) | (b & (h | a)))) | 0;
    f = (f + big1(c) + (e ^ (c & (d ^ e))) + K[i + 2]! + W[i + 2]!) | 0;
    b = (b + f) | 0;
    f = (f + big0(g) + ((g & h) | (a & (g | h)))) | 0;
    e = (e + big1(b) + (d ^ (b & (c ^ d))) + K[i + 3]! + W[i + 3]!) | 0;
    a = (a + e) | 0;
    e = (e + big0(f) + ((f & g) | (h & (f | g)))) | 0;
    d = (d + big1(a) + (c ^ (a & (b ^ c))) + K[i + 4]! + W[i + 4]!) | 0;
    h = (h + d) | 0;
    d = (d + big0(e) + ((e & f) | (g & (e | f)))) | 0;
    c = (c + big1(h) + (b ^ (h & (a ^ b))) + K[i + 5]! + W[i + 5]!) | 0;
    g = (g + c) | 0;
    c = (c + big0(d) + ((d & e) | (f & (d | e)))) | 0;
    b = (b + big1(g) + (a ^ (g & (h ^ a))) + K[i + 6]! + W[i + 6]!) | 0;
    f = (f + b) | 0;
    b = (b + big0(c) + ((c & d) | (e & (c | d)))) | 0;
    a = (a + big1(f) + (h ^ (f & (g ^ h))) + K[i + 7]! + W[i + 7]!) | 0;
    e = (e + a) | 0;
    a = (a + big0(b) + ((b & c) | (d & (b | c)))) | 0;
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

function big0(a: number): number {
  return ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
}

function big1(e: number): number {
  return ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
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
