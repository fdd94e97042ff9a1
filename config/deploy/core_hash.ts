import { createHash } from "node:crypto";

/** What `computeCoreHash` needs of a file tree. Paths are relative to the project, with `/`. */
export type SourceReader = {
  /** Names in a directory; those of directories end in `/`. */
  readonly readDir: (path: string) => readonly string[];
  readonly readFile: (path: string) => Uint8Array;
};

/** The directories whose sources decide (F-11.7). */
export const CORE_DIRECTORIES = ["src/domain", "src/application"] as const;

function filesOf(path: string, reader: SourceReader): readonly string[] {
  return [...reader.readDir(path)].sort().flatMap((name) => {
    if (name.endsWith("/")) return filesOf(`${path}/${name.slice(0, -1)}`, reader);
    return name.endsWith(".ts") ? [`${path}/${name}`] : [];
  });
}

/**
 * SHA-256 over names and contents of every source of the core, hex (F-11.7). Two programs with the same hash decide alike.
 * Line endings do not count: a checkout may change them.
 */
export function computeCoreHash(reader: SourceReader): string {
  const total = createHash("sha256");
  for (const path of CORE_DIRECTORIES.flatMap((directory) => filesOf(directory, reader)).sort()) {
    const text = new TextDecoder().decode(reader.readFile(path)).replaceAll("\r\n", "\n");
    total.update(`${path}\n${createHash("sha256").update(text).digest("hex")}\n`);
  }
  return total.digest("hex");
}
