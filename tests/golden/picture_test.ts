/** The picture and the page of a run: what they are made of, and that they need nothing else. */
import { deepEqual, doesNotMatch, equal, match, ok } from "node:assert/strict";
import { chartSvg, pictureOption } from "../../src/programs/simulator/chart.ts";
import { pageOf } from "../../src/programs/simulator/page.ts";
import { drawdownOf, type Picture, type PictureFacts, pictureOf } from "../../src/programs/simulator/picture.ts";

const HOUR = 3_600_000;
const DAY = Date.UTC(2021, 0, 11);

const trade = {
  trade_id: "t1",
  direction: "long" as const,
  contracts: 100,
  entry_price_avg: 20_000,
  exit_price_avg: 19_000,
  opened_at_ms: DAY + HOUR,
  closed_at_ms: DAY + 2 * HOUR,
  exit_reason: "stop_loss" as const,
  r_multiple: -1.05,
  fees_sats: 100,
  funding_sats: 0,
  net_pnl_sats: -26_000,
  net_pnl_usd: -5.2,
  naked_ms: 100,
  stop_price: 19_010,
  gate_results: [{ gate: 4, code: null, inputs: { atr_pct_24h: 5.123456789, atr_pct_24h_min: 3 } }],
  slippage_usd: 0.01,
  market_regime: "high_vol" as const,
};

function sampled(): Picture {
  const sample = (hour: number, price: number, sat: number) => ({
    at: DAY + hour * HOUR,
    price,
    equitySat: sat,
    equityUsd: (sat / 1e8) * price,
  });
  const result: PictureFacts = {
    samples: [sample(0, 0, 0), sample(0, 20_000, 500_000), sample(2, 24_000, 474_000), sample(3, 30_000, 474_000)],
    trades: [trade],
    spans: [
      { from: DAY + HOUR, to: DAY + 2 * HOUR, word: "COOLDOWN", reason: "daily_loss" },
      { from: DAY + 2 * HOUR, to: null, word: "HALT", reason: "kill_switch" },
    ],
    endAt: DAY + 3 * HOUR,
  };
  return pictureOf(result, {
    title: "Trading lost <b>$5.20</b>",
    subtitle: "Just holding …",
    floorUsd: 80,
    goalUsd: 1000,
  });
}

Deno.test("the three curves: a losing run in a rising market rises in total, falls in trading, and holding beats both", () => {
  const { total, trading, held } = sampled();
  deepEqual(total.map(([, usd]) => usd), [100, 113.76, 142.2]);
  deepEqual(trading.map(([, usd]) => usd), [100, 94.8, 94.8]);
  deepEqual(held.map(([, usd]) => usd), [100, 120, 150]);
});

Deno.test("drawdownOf() is how far under the highest value so far, in percent", () => {
  deepEqual(drawdownOf([[0, 100], [1, 80], [2, 120], [3, 90]]), [[0, 0], [1, -20], [2, 0], [3, -25]]);
});

Deno.test("a halt that lasts to the end is shaded to the end", () => {
  deepEqual(sampled().spans.map(({ to }) => to), [DAY + 2 * HOUR, DAY + 3 * HOUR]);
});

Deno.test("the image names every key, light and dark, and no two keys share their room", () => {
  const names = ["BTC price", "long opened", "short opened", "closed", "stopped out", "paused", "halted"];
  for (const look of ["light", "dark"] as const) {
    const svg = chartSvg(sampled(), look);
    for (const name of [...names, "account", "trading only", "just held", "floor $80"]) ok(svg.includes(name), name);
    doesNotMatch(svg, /goal \$1000/);
  }
  const { graphic } = pictureOption(sampled(), "light");
  const places = graphic.flatMap((part) => ("style" in part && "text" in part.style ? [part.style] : []));
  const rows = Map.groupBy(places, ({ y }) => y);
  for (const row of rows.values()) {
    for (const [index, { x, text }] of row.entries()) {
      const next = row[index + 1];
      // 11 px a letter at 17 px is wider than any usual font.
      if (next !== undefined) ok(x + text.length * 11 <= next.x - 32, text);
    }
  }
});

Deno.test("the page needs nothing from elsewhere, and a text cannot end its script or its markup", () => {
  const picture = sampled();
  const options = { light: pictureOption(picture, "light"), dark: pictureOption(picture, "dark") };
  const page = pageOf(picture, { report: ["a </script> <b>"], options, command: "deno task demo" });
  // The charting library itself is the first script; what stands around it is ours.
  const [before = "", ...scripts] = page.split("<script");
  const own = before + scripts.slice(-2).join("<script");
  doesNotMatch(own, /<(?:link|img|iframe)|(?:src|href)=/);
  doesNotMatch(scripts.join(""), /^[^>]*src=/m);
  match(own, /<h1>Trading lost &lt;b&gt;\$5\.20&lt;\/b&gt;<\/h1>/);
  equal(page.split("</script>").length, 4);
  match(own, /Why opened: the price fell to the grid's buy line, and one gate passed \(market: high vol\)\./);
  match(own, /Market gate: daily range 5\.1 %, needed 3 %\./);
  match(own, /closed at \$19,000, because the stop was hit\./);
});
