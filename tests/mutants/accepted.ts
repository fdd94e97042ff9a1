/** Survivors that stand with a reason: one a line in `accepted.txt`, `KEY | reason`. */
const ACCEPTED = "tests/mutants/accepted.txt";

/** Reasons by key; none when the file does not exist. */
export function acceptedReasons(): ReadonlyMap<string, string> {
  const lines = readAccepted().split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(lines.map((line) => {
    const at = line.lastIndexOf(" | ");
    return [line.slice(0, at), line.slice(at + 3)];
  }));
}
function readAccepted(): string {
  try {
    return Deno.readTextFileSync(ACCEPTED);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}
