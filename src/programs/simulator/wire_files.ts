/** About this much text goes into one file, so that a long run is not held in memory. */
const PART_CHARACTERS = 8_000_000;

/** A simulated run's wire log as `DIR/wire-0001.jsonl` and on, in the order of names; `close` writes the last. */
export function wireFiles(
  directory: string,
  writeFile: (path: string, content: string) => void,
): { readonly write: (line: string) => void; readonly close: () => void } {
  let lines: string[] = [];
  let characters = 0;
  let part = 0;
  const close = (): void => {
    if (lines.length === 0) return;
    part++;
    writeFile(`${directory}/wire-${String(part).padStart(4, "0")}.jsonl`, `${lines.join("\n")}\n`);
    lines = [];
    characters = 0;
  };
  return {
    write(line) {
      lines.push(line);
      characters += line.length;
      if (characters >= PART_CHARACTERS) close();
    },
    close,
  };
}
