import { type Envelope, parseEnvelope } from "./parse_rest.ts";
import { formOf, type TextForm } from "./text_form.ts";
import type { Endpoint } from "./venue_words.ts";

const TIME_KEY = ',"time":';
/** Length of a body's usual ending: the key, 13 digits and the closing brace. */
const TIME_TAIL = TIME_KEY.length + 13 + 1;
/** The form of the last body of each endpoint without its time, and what was in it. */
const lastReplies = new WeakMap<Endpoint, { readonly form: TextForm; readonly envelope: Envelope }>();

/**
 * `parseEnvelope`, remembering one body per endpoint: most replies to a repeated question differ from the one before in
 * their time and in figures that move with the price (`Endpoint.moving`). `result` is then the very object of the reply
 * before, which nobody changes, with the unread figures of that reply.
 */
export function parseReply(body: string, endpoint: Endpoint): Envelope | null {
  const end = body.length - TIME_TAIL;
  const time = stampAt(body, end);
  if (time === null) return parseEnvelope(body);
  const follow = endpoint.moving?.follow ?? null;
  const last = lastReplies.get(endpoint);
  if (last !== undefined && last.form.fits(body, end)) {
    const { envelope } = last;
    return { ...envelope, result: follow?.(envelope.result, body) ?? envelope.result, time };
  }
  const envelope = parseEnvelope(body);
  if (envelope === null) return null;
  const mayMove = follow === null || follow(envelope.result, body) !== null;
  const open = mayMove ? endpoint.moving?.figures ?? null : null;
  lastReplies.set(endpoint, { form: formOf(body, { end, open }), envelope });
  return envelope;
}
/** The time in a body's usual ending, null for any other ending. */
function stampAt(body: string, end: number): number | null {
  if (end <= 0 || !body.startsWith(TIME_KEY, end) || !body.endsWith("}")) return null;
  let stamp = 0;
  for (let at = end + TIME_KEY.length; at < body.length - 1; at++) {
    const digit = body.charCodeAt(at) - 48;
    if (digit < 0 || digit > 9 || stamp === 0 && digit === 0) return null;
    stamp = stamp * 10 + digit;
  }
  return stamp;
}
