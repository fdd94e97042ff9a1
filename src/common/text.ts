/** `2026-11-21 00:17:05Z`. */
export function timeText(ms: number): string {
  return new Date(ms).toISOString().replace("T", " ").replace(/\.\d+Z$/, "Z");
}

const UTC_TIME = /^(\d{4}-\d{2}-\d{2})(?:T(\d{2}:\d{2})(?::(\d{2}))?Z?)?$/;

/** A day or a time as people write it, always in UTC, with or without its Z; null when it is none or does not exist. */
export function utcTimeOf(text: string): number | null {
  const [, day, minute = "00:00", second = "00"] = UTC_TIME.exec(text) ?? [];
  if (day === undefined) return null;
  const whole = `${day}T${minute}:${second}.000Z`;
  const ms = Date.parse(whole);
  // The 30th of February would be the 2nd of March, and 24:00 the next day.
  return Number.isNaN(ms) || new Date(ms).toISOString() !== whole ? null : ms;
}

/** `3 s`, `12 min`, `5 h`, `9 d`; an age for people. */
export function ageText(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}

/** `$3.10`, `-$0.24`. */
export function dollarText(value: number | null): string {
  if (value === null) return "unknown";
  const text = Math.abs(value).toFixed(2);
  return value < 0 && Number(text) !== 0 ? `-$${text}` : `$${text}`;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Text as it is inside HTML or SVG, also between double quotes of an attribute. */
export function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
