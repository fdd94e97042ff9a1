/** Quiet hours: from a local time to another, in a zone, over midnight too (N-2.2). Never for what is critical. */

export type Quiet = { readonly from: string; readonly to: string; readonly zone: string };

/** Minutes since midnight of a moment in a zone. */
export function localMinutes(at: number, zone: string): number {
  const parts = new Intl.DateTimeFormat("en-GB", {
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
    timeZone: zone,
  }).formatToParts(at);
  const of = (type: string) => Number(parts.find((part) => part.type === type)?.value ?? 0);
  return of("hour") * 60 + of("minute");
}
/** `2026-12-01` of a moment in a zone. */
export function localDay(at: number, zone: string): string {
  return new Intl.DateTimeFormat("en-CA", { year: "numeric", month: "2-digit", day: "2-digit", timeZone: zone }).format(
    at,
  );
}
/** `monday` … `sunday`. */
export function localWeekday(at: number, zone: string): string {
  return new Intl.DateTimeFormat("en-GB", { weekday: "long", timeZone: zone }).format(at).toLowerCase();
}

export function minutesOf(clock: string): number {
  const [hours = 0, minutes = 0] = clock.split(":").map(Number);
  return hours * 60 + minutes;
}

/** When the quiet hours that hold now end; null = it is not quiet. A day with a changed clock ends by the clock. */
export function quietUntil(quiet: Quiet | null, now: number): number | null {
  if (quiet === null) return null;
  const [from, to, at] = [minutesOf(quiet.from), minutesOf(quiet.to), localMinutes(now, quiet.zone)];
  const inside = from <= to ? at >= from && at < to : at >= from || at < to;
  if (!inside) return null;
  const start = now - (now % 60_000);
  let end = start + ((to - at + 1440) % 1440) * 60_000;
  // When the clock changes meanwhile, the end is up to an hour off: put it right by what the clock says then.
  const off = localMinutes(end, quiet.zone) - to;
  if (off !== 0 && Math.abs(off) <= 120) end -= off * 60_000;
  return Math.max(end, now + 1_000);
}
