/** A list longer than this is put together from the texts of its elements. */
const LONG_LIST = 8;

/**
 * `JSON.stringify(state)`, character by character, for a state most parts of which stood in the one before: ended
 * orders, candles and configuration are 95 % of its 150 kB, and every order intent asks for its hash (F-11.7). A state is
 * a plain immutable value: a part that did not change is the very same object, and its text is kept here.
 */
export class StateTexts {
  readonly #texts = new WeakMap<object, string>();

  textOf(state: unknown): string {
    return composed(state, (guarded) => composed(guarded, (part) => this.#partText(part))) ?? "null";
  }

  #partText(part: unknown): string | undefined {
    if (!Array.isArray(part) || part.length <= LONG_LIST) return this.#kept(part);
    const elements: readonly unknown[] = part;
    return `[${elements.map((element) => this.#kept(element) ?? "null").join(",")}]`;
  }

  #kept(value: unknown): string | undefined {
    if (typeof value !== "object" || value === null) return JSON.stringify(value);
    const known = this.#texts.get(value);
    if (known !== undefined) return known;
    const text = JSON.stringify(value);
    this.#texts.set(value, text);
    return text;
  }
}

function isPlain(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** An object from the texts of its fields; a field without a text (undefined) is left out, as JSON does. */
function composed(value: unknown, textOf: (part: unknown) => string | undefined): string | undefined {
  if (!isPlain(value)) return JSON.stringify(value);
  const fields: [string, unknown][] = Object.entries(value);
  let text = "";
  for (const [name, part] of fields) {
    const said = textOf(part);
    if (said !== undefined) text += `${text === "" ? "" : ","}${JSON.stringify(name)}:${said}`;
  }
  return `{${text}}`;
}
