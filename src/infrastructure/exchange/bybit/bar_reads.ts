import type { Event } from "../../../domain/events.ts";
import type { BarInterval } from "../../../domain/market.ts";
import type { EpochMs } from "../../../domain/units.ts";
import { createBarGaps } from "./bar_gaps.ts";
import { readBars } from "./parse_odd_rows.ts";
import { klineQuery } from "./render.ts";
import type { VenueReads } from "./venue_reads.ts";
import { BAR_MS, BAR_WORDS, ENDPOINTS } from "./venue_words.ts";

/** The venue's largest page of candles (PROTOCOL §2.1). */
const LIMIT_MAX = 1000;

export type BarReads = {
  /** Closed candles by REST, for warm-up; answered by a Bars event, empty when the venue has none. */
  query(wanted: { readonly interval: BarInterval; readonly count: number }): void;
  /** Closed candles came by stream. */
  seen(interval: BarInterval, starts: readonly EpochMs[]): void;
  /** Reads what the stream owes, if anything (TRAPS 67). */
  fillGaps(): void;
};

export function createBarReads(
  options: {
    readonly reads: VenueReads;
    readonly emit: (event: Event) => void;
    readonly now: () => EpochMs;
    readonly intervals: readonly BarInterval[];
  },
): BarReads {
  const { reads, emit, now } = options;
  const gaps = createBarGaps(options.intervals);

  function query({ interval, count }: { readonly interval: BarInterval; readonly count: number }): void {
    // One more than wanted: the newest row is usually still open.
    const payload = klineQuery(BAR_WORDS[interval], Math.min(LIMIT_MAX, count + 1));
    reads.one({ endpoint: ENDPOINTS.kline, payload, lane: "other" }, {
      parse: (result) => readBars(result, { interval, now: now() }),
      done(read) {
        if (read.kind !== "read") return;
        const { bars, odd } = read.value;
        reads.tellOdd(ENDPOINTS.kline, odd);
        gaps.seen(interval, bars.map((bar) => bar.startAt));
        emit({ kind: "Bars", at: now(), interval, bars, source: "history" });
      },
    });
  }
  return {
    query,
    seen: gaps.seen,
    fillGaps() {
      for (const { interval, from } of gaps.due(now())) {
        query({ interval, count: Math.ceil((now() - from) / BAR_MS[interval]) });
      }
    },
  };
}
