export type Fields = Readonly<Record<string, unknown>>;

/** The JSON object of a text; null for anything else. */
export function parseObject(text: string): Fields | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value as Fields : null;
  } catch {
    return null;
  }
}
