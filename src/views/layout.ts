/** Lines for a terminal: wrapped at words, with a hanging indent. */

/** A space that stands before a unit never breaks: `1.6 %`, `3 s`. */
const BREAK = / (?!(?:%|R|sat|s|min|h|d|UTC)(?:[\s.,;:)]|$))/;

/** Wraps at spaces; a word longer than the line stays whole. `first` and `rest` stand before the first and later lines. */
export function wrap(
  text: string,
  layout: { readonly columns: number; readonly first?: string; readonly rest?: string },
): readonly string[] {
  const { columns, first = "", rest = first === "" ? "" : " ".repeat(first.length) } = layout;
  const lines: string[] = [];
  let line = first;
  let empty = true;
  for (const word of text.split(BREAK)) {
    if (!empty && line.length + 1 + word.length > columns) {
      lines.push(line);
      [line, empty] = [rest, true];
    }
    line += empty ? word : ` ${word}`;
    empty = false;
  }
  return [...lines, line.trimEnd()];
}

const NAME_WIDTH = 12;

/** `name        text`, the text wrapped beside its name. */
export function row(name: string, text: string, { columns }: { readonly columns: number }): readonly string[] {
  return wrap(text, { columns, first: name.padEnd(NAME_WIDTH), rest: " ".repeat(NAME_WIDTH) });
}

/** `  1. step`, wrapped beside its number. */
export function numbered(steps: readonly string[], columns: number): readonly string[] {
  return steps.flatMap((step, index) => wrap(step, { columns, first: `  ${index + 1}. `, rest: "     " }));
}
