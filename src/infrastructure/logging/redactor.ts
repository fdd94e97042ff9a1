/** Removes what must never be written (F-12.5). */
export type Redactor = {
  /** The text without keys, secrets and signatures. */
  redact(text: string): string;
  /** Registers a value that must not appear anywhere. Shorter than 4 characters is refused: it would hide everything. */
  hide(value: string): void;
};

const HIDDEN = "[redacted]";

/**
 * Shapes that carry keys or signatures whatever their value: signing headers, `sign` parameters, the private stream's auth
 * frame, and the signed string that 10004 echoes (PROTOCOL §1). Each keeps its first group.
 */
const SHAPES: readonly RegExp[] = [
  /(x-bapi-(?:sign|api-key)\\?["']?\s*[:=,]\s*\\?["']?)[^"'\\\s,}]+/gi,
  /((?:\bsign|\bsignature|api_?key|api_?secret|\bsecret)\\?["']?\s*[:=]\s*\\?["']?)[^"'\\\s,&}]+/gi,
  /(origin_string\s*\[)[^\]]*/gi,
  /("op\\?"\s*:\s*\\?"auth\\?"\s*,\s*\\?"args\\?"\s*:\s*\[)[^\]]*/gi,
];

function forms(value: string): readonly string[] {
  const json = JSON.stringify(value).slice(1, -1);
  return [...new Set([value, json, encodeURIComponent(value)])];
}

/** Hides the given values in every form they are written in, and everything of a signing shape. */
export function createRedactor(values: readonly string[]): Redactor {
  const hidden = new Set<string>();
  const hide = (value: string): void => {
    if (value.length < 4) throw new RangeError("Cannot hide a value of fewer than 4 characters");
    for (const form of forms(value)) hidden.add(form);
  };
  values.forEach(hide);
  return {
    hide,
    redact(text) {
      let clean = text;
      for (const value of hidden) if (clean.includes(value)) clean = clean.replaceAll(value, HIDDEN);
      for (const shape of SHAPES) clean = clean.replace(shape, `$1${HIDDEN}`);
      return clean;
    },
  };
}
