/** Where something stands in a configuration file; line and column count from 1. */
export type Place = { readonly file: string; readonly line: number; readonly column: number };

/** One thing wrong with the configuration, in words for the person who edits the file. */
export type Problem = { readonly place: Place; readonly path: string; readonly text: string };

/** `file:line:column: text`, the form editors jump to. */
export function renderProblem(problem: Problem): string {
  const { file, line, column } = problem.place;
  return `${file}:${line}:${column}: ${problem.text}`;
}

/** Order of reading: by file as given, then line, then column. */
export function inReadingOrder(problems: readonly Problem[], files: readonly string[]): readonly Problem[] {
  const rank = (problem: Problem) => files.indexOf(problem.place.file);
  return problems.toSorted((a, b) =>
    rank(a) - rank(b) || a.place.line - b.place.line || a.place.column - b.place.column
  );
}
