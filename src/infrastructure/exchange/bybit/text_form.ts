/** Finds an open place: a field's name up to the quote of its value, and the decimal behind it. */
export type OpenPlaces = RegExp;
export function openAt(...names: readonly string[]): OpenPlaces {
  return new RegExp(`("(?:${names.join("|")})":\\[?")[0-9.-]+`, "g");
}

/**
 * The form of a JSON text that comes again and again: the text itself, but for a few decimals inside quotes that are
 * left open. Another text of this form is JSON exactly when the first one is, and says the same but in these places.
 */
export class TextForm {
  readonly #pieces: readonly string[];

  constructor(pieces: readonly string[]) {
    this.#pieces = pieces;
  }

  /** True when the first `end` characters of `text` have this form: a comparison, for a fifth of the price of reading. */
  fits(text: string, end: number): boolean {
    const pieces = this.#pieces;
    let at = 0;
    for (let i = 0; i < pieces.length; i++) {
      if (i > 0) { while (isDecimal(text.charCodeAt(at))) at++; }
      const piece = pieces[i] ?? "";
      const to = at + piece.length;
      // Cutting out and comparing is twice as fast as `startsWith`.
      if (text.slice(at, to) !== piece) return false;
      at = to;
    }
    return at === end;
  }
}

/** The form of the first `end` characters of `text`, open in these places. */
export function formOf(text: string, how: { readonly end: number; readonly open: OpenPlaces | null }): TextForm {
  const { end, open } = how;
  const pieces: string[] = [];
  let start = 0;
  if (open !== null) {
    open.lastIndex = 0;
    for (let found = open.exec(text); found !== null && open.lastIndex < end; found = open.exec(text)) {
      pieces.push(text.slice(start, found.index + (found[1] ?? "").length));
      start = open.lastIndex;
    }
  }
  pieces.push(text.slice(start, end));
  return new TextForm(pieces);
}
/** Digits, point and sign: no character that means anything to JSON inside a string. */
function isDecimal(code: number): boolean {
  return (code >= 48 && code <= 57) || code === 46 || code === 45;
}
