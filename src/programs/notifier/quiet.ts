/** Quiet hours: from a local time to another, in a zone, over midnight too (N-2.2). Never for what is critical. */

export type Quiet = { readonly from: string; readonly to: string; readonly zone: string };

/** Clock and calendar of a zone. Each formatter holds memory that the garbage collector does not see: one set a zone. */
export class LocalTime {
  readonly #clock: Intl.DateTimeFormat;
  readonly #day: Intl.DateTimeFormat;
  readonly #weekday: Intl.DateTimeFormat;

  constructor(timeZone: string) {
    this.#clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone });
    this.#day = new Intl.DateTimeFormat("en-CA", { year: "numeric", month: "2-digit", day: "2-digit", timeZone });
    this.#weekday = new Intl.DateTimeFormat("en-GB", { weekday: "long", timeZone });
  }

  /** Minutes since midnight. */
  minutes(at: number): number {
    return minutesOf(this.#clock.format(at));
  }
  /** `2026-12-01`. */
  day(at: number): string {
    return this.#day.format(at);
  }
  /** `monday` … `sunday`. */
  weekday(at: number): string {
    return this.#weekday.format(at).toLowerCase();
  }
}

export function minutesOf(clock: string): number {
  const [hours = 0, minutes = 0] = clock.split(":").map(Number);
  return hours * 60 + minutes;
}

export class QuietHours {
  readonly #quiet: Quiet;
  readonly #time: LocalTime;

  constructor(quiet: Quiet) {
    this.#quiet = quiet;
    this.#time = new LocalTime(quiet.zone);
  }

  /** When the quiet hours that hold now end; null = it is not quiet. A day with a changed clock ends by the clock. */
  until(now: number): number | null {
    const [from, to, at] = [minutesOf(this.#quiet.from), minutesOf(this.#quiet.to), this.#time.minutes(now)];
    const inside = from <= to ? at >= from && at < to : at >= from || at < to;
    if (!inside) return null;
    const start = now - (now % 60_000);
    let end = start + ((to - at + 1440) % 1440) * 60_000;
    // When the clock changes meanwhile, the end is up to an hour off: put it right by what the clock says then.
    const off = this.#time.minutes(end) - to;
    if (off !== 0 && Math.abs(off) <= 120) end -= off * 60_000;
    return Math.max(end, now + 1_000);
  }
}
