/** Long messages become several, cut at lines, never inside a character (N-3.4). */
import type { Message, Part } from "./channels/types.ts";

/** More pieces than this help nobody on a phone; the rest is in the outbox. */
const PARTS_MAX = 5;
const CUT = "… (the rest is in the outbox)";

export type Measure = (text: string) => number;
export const utf16Length: Measure = (text) => text.length;
const encoder = new TextEncoder();
export const byteLength: Measure = (text) => encoder.encode(text).length;

/** The longest start of a text that fits, by whole characters. */
function startThatFits(
  text: string,
  { limit, measure }: { readonly limit: number; readonly measure: Measure },
): string {
  let end = 0;
  let size = 0;
  for (const character of text) {
    size += measure(character);
    if (size > limit) break;
    end += character.length;
  }
  return text.slice(0, end);
}

function pieces(lines: readonly string[], size: { readonly limit: number; readonly measure: Measure }): string[] {
  const found: string[] = [];
  let piece: string | null = null;
  for (const line of lines) {
    let rest = line;
    const joined: string = piece === null ? rest : `${piece}\n${rest}`;
    if (size.measure(joined) <= size.limit) {
      piece = joined;
      continue;
    }
    if (piece !== null) found.push(piece);
    while (size.measure(rest) > size.limit && found.length <= PARTS_MAX) {
      const start = startThatFits(rest, size);
      found.push(start);
      rest = rest.slice(start.length);
    }
    piece = rest;
    if (found.length > PARTS_MAX) break;
  }
  if (piece !== null) found.push(piece);
  return found;
}

/** The parts of a message for a service that takes `limit` at once; `form` is how its text is written there. */
export function partsOf(
  message: Message,
  service: { readonly limit: number; readonly measure: Measure; readonly form?: (text: string) => string },
): readonly Part[] {
  const form = service.form ?? ((text: string) => text);
  const measure: Measure = (text) => service.measure(form(text));
  const whole = [message.head, ...message.body].join("\n");
  if (measure(whole) <= service.limit) return [{ text: form(whole), boldUntil: form(message.head).length }];
  // Room for "(2/5)" and for the word about the cut.
  const limit = service.limit - measure(`(${PARTS_MAX}/${PARTS_MAX}) \n${CUT}`);
  const all = pieces([message.head, ...message.body], { limit, measure });
  const kept = all.slice(0, PARTS_MAX);
  return kept.map((piece, index) => {
    const number = `(${index + 1}/${kept.length}) `;
    const tail = index === kept.length - 1 && all.length > kept.length ? `\n${CUT}` : "";
    const head = index === 0 ? Math.min(form(number + message.head).length, form(number + piece).length) : 0;
    return { text: form(`${number}${piece}${tail}`), boldUntil: head };
  });
}
