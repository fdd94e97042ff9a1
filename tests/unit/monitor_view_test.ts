/** What the page says of goal, charts and times (M-3.3, M-3.5). */
import { STYLE } from "../../src/programs/monitor/page/style.ts";
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { HistoryStore, type Point, thinned } from "../../src/programs/monitor/follow/history_store.ts";
import type { HistoryLine } from "../../src/infrastructure/storage/history/history_schema.ts";
import { chartData, shadesOf } from "../../src/programs/monitor/view/chart.ts";
import { DataDirectory } from "../../src/programs/monitor/follow/data_directory.ts";
import { goalSection, monthsAtPace, paceWords } from "../../src/programs/monitor/view/goal.ts";
import { age, change, clock, coded, markup } from "../../src/programs/monitor/view/markup.ts";
import { boot, newRig, wait } from "../core_rig.ts";
import { MemoryData, statusIn } from "../support/monitor_data.ts";

Deno.test("[M-3.5] the pace so far: too early, never, in so many months, too late, reached", () => {
  const from = (nowUsd: number) => ({ startUsd: 100, nowUsd, goalUsd: 1000 });
  const words = (nowUsd: number, months: number) =>
    paceWords(monthsAtPace(from(nowUsd), months), { months, failAfter: 18 });
  equal(words(110, 0.2), "At the pace so far: too early to say.");
  equal(words(99, 3), "At the pace so far: never.");
  equal(words(100, 3), "At the pace so far: never.");
  equal(words(100.1, 6), "At the pace so far: never.");
  // Doubled in 3 months: ten times takes log2(10) = 3.32 doublings, 2.32 more, 6.97 months.
  equal(words(200, 3), "At the pace so far: in 7 more months.");
  equal(words(150, 12), "At the pace so far: in 57 more months, after the 18 months are over.");
  equal(words(1000, 12), "The goal is reached.");
});

Deno.test("[M-3.5] the goal shows the way, the months used, and trading apart from the BTC price", () => {
  const rig = boot(newRig());
  wait(rig, 2_000);
  const status = statusIn(rig, (one) => ({
    ...one,
    equity_usd: 550,
    trading_usd: 95,
    held_usd: 600,
    start: { at_ms: one.written_at_ms - 3 * 30.4375 * 86_400_000, capital_usd: 100, btc_usd: 50_000 },
  }));
  const text = String(goalSection({ status, at: status.written_at_ms }));
  match(text, /\$550\.00 on the way from \$100\.00 to \$1,000\.00/);
  match(text, /value="50\.0"/);
  match(text, /3\.0 of 12 until the review, 18 at most/);
  match(text, /Trading alone<\/dt><dd><span class="num down"><span aria-hidden="true">▼<\/span> −\$5\.00/);
});

const point = (at: number, word = "FLAT"): Point => ({
  ...{ at, word, price: at, total: 1, trading: 1, held: 1, stop: NaN, target: NaN, contracts: 0 },
});

Deno.test("[M-3.3] halts and cooldowns are spans that touch; the last one ends where the history does", () => {
  const words = ["FLAT", "HALT", "HALT", "COOLDOWN", "FLAT", "COOLDOWN", "COOLDOWN"];
  deepEqual(shadesOf(words.map((word, index) => point(index * 1_000, word))), [
    { from: 1, to: 3, word: "HALT" },
    { from: 3, to: 4, word: "COOLDOWN" },
    { from: 5, to: 6, word: "COOLDOWN" },
  ]);
  deepEqual(shadesOf([]), []);
});

Deno.test("[M-3.3] thinning keeps the last point of each step", () => {
  deepEqual(thinned([0, 10, 59, 60, 61, 200].map((at) => point(at)), 60).map(({ at }) => at), [59, 61, 200]);
});

const line = (at_ms: number): HistoryLine => ({
  ...{ schema: 1, at_ms, last_usd: 1, mark_usd: 1, equity_btc: 1, equity_usd: 1, trading_usd: 1, held_usd: null },
  ...{ word: "FLAT", phase: "flat", contracts: 0, left: { trades: 1, day_usd: 1, week_usd: 1, losses: 1 } },
});

Deno.test("[M-2.3] a year of history is kept by the half hour but for its last week, also while it grows", () => {
  const store = new HistoryStore();
  const from = Date.UTC(2026, 0, 1);
  for (let minute = 0; minute < 30 * 1_440; minute++) store.add(line(from + minute * 60_000));
  const points = store.since(0, 1);
  ok(points.length < 16_000 && points.length > 11_000, `${points.length} points`);
  const before = Array.from({ length: 1_440 }, (_, minute) => line(from - 86_400_000 + minute * 60_000));
  store.prepend(before);
  equal(store.since(0, 1).length, points.length + 48);
  const ordered = store.since(0, 1).map(({ at }) => at);
  deepEqual(ordered, ordered.toSorted((a, b) => a - b));
});

Deno.test("[M-3.3] a chart has at most 1,500 points whatever its range, and unknown values are gaps", () => {
  const data = new MemoryData();
  const directory = new DataDirectory({ seam: data, dataDir: "data", now: () => data.now });
  for (let minute = 0; minute < 9 * 1_440; minute++) {
    directory.history.add(line(Date.UTC(2026, 0, 1) + minute * 60_000));
  }
  for (const range of ["1d", "7d", "30d", "all"] as const) {
    const chart = chartData(directory, range);
    ok(chart.at.length <= 1_501 && chart.at.length > 1_000, `${range}: ${chart.at.length}`);
    equal(chart.held[0], null);
    equal(chart.at.length, chart.price.length);
  }
});

Deno.test("[M-3.1] times, ages, results and code in words: UTC, STALE in words, sign and shape beside colour", () => {
  const at = Date.UTC(2026, 0, 5, 12, 4);
  equal(String(clock(at, at)), '<time datetime="2026-01-05T12:04:00.000Z" data-local>12:04 UTC</time>');
  match(String(clock(at, at + 86_400_000)), />2026-01-05 12:04 UTC</);
  match(String(age(2_101, 700)), /2 s ago <strong class="stale">STALE<\/strong>/);
  equal(String(age(2_100, 700)).includes("STALE"), false);
  equal(String(change(-0.004)), '<span class="num">$0.00</span>');
  match(String(change(1_234.5)), /class="num up".*▲.* \+\$1,234\.50/);
  equal(String(coded("run `abot <x>` now")), "run <code>abot &lt;x&gt;</code> now");
  equal(String(coded("a ` alone")), "a ` alone");
  equal(String(markup`${"<b>"}${markup`<i>${"&"}</i>`}`), "&lt;b&gt;<i>&amp;</i>");
});

Deno.test("[M-3.8] one type scale and one accent: every size is of the scale or relative, the accent is set once a scheme", () => {
  const sizes = [...STYLE.matchAll(/font-size:([^;}]+)/g)].map((found) => found[1] ?? "");
  ok(sizes.length > 10);
  for (const size of sizes) ok(/var\(--s\d\)|^clamp\(15px,|em$/.test(size), size);
  equal([...STYLE.matchAll(/--accent:/g)].length, 2);
});
