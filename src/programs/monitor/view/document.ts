/** The whole page, as the server renders it: useful without a script (M-3.6). */
import { type Headline } from "./headline.ts";
import { chartTable, type RangeName, RANGES } from "./chart.ts";
import { coded, type Fragment, markup, NOTHING } from "./markup.ts";
import { headline, type SectionName, type Sections, sectionsOf, type Seeing } from "./sections.ts";

const GLYPHS: Readonly<Record<Headline["word"], string>> = {
  PROTECTED: "M12 2 20 5v6c0 5-3.4 9-8 11-4.6-2-8-6-8-11V5zM8 12l3 3 5-6",
  FLAT: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM7 12h10",
  HALTED: "M8 2h8l6 6v8l-6 6H8l-6-6V8zM9 8v8M15 8v8",
  UNPROTECTED: "M12 2 23 21H1zM12 9v6M12 17.5v.5",
  STARTING: "M12 3a9 9 0 1 0 9 9M12 7v5l4 2",
  "NO NEWS": "M4 4l16 16M12 3a9 9 0 0 1 8.6 11.6M17.5 19.1A9 9 0 0 1 4.9 6.5",
};

/** The shape of a word; shape, colour and word say the same. */
export function glyphSvg(word: Headline["word"], colour: string): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke="${colour}" stroke-width="2" ` +
    `stroke-linecap="round" stroke-linejoin="round"><path d="${GLYPHS[word]}"/></svg>`;
}

export function slugOf(word: Headline["word"]): string {
  return word.toLowerCase().replace(" ", "-");
}

function glyph(word: Headline["word"]): Fragment {
  return markup`<svg class="glyph" viewBox="0 0 24 24" aria-hidden="true"><path d="${GLYPHS[word]}"/></svg>`;
}

/** The first line. `role=alert` only where money may be at stake. */
export function heroInner({ word, sentence }: Headline): Fragment {
  return markup`${glyph(word)}<div><h1 class="word">${word}</h1><p class="sentence">${coded(sentence)}</p></div>`;
}

const TITLES: Readonly<Record<SectionName, string>> = {
  facts: "How old this is",
  doing: "What it does, and what comes next",
  position: "Position",
  room: "Room left",
  gate: "What would refuse an entry now",
  goal: "The way to the goal",
  trades: "Trades",
  refused: "Refused entries",
  alerts: "Alerts",
  halts: "Halts",
  engine: "Engine room",
};

function card(
  sections: Sections,
  name: SectionName,
  width: "third" | "third last" | "half" | "two-thirds" | "full",
): Fragment {
  return markup`<section class="card ${width} c-${name}" aria-labelledby="t-${name}"><h2 id="t-${name}">${
    TITLES[name]
  }</h2><div id="s-${name}">${sections[name]}</div></section>`;
}

function rangeLinks(range: RangeName): Fragment {
  const links = Object.entries(RANGES).map(([name, { label }]) =>
    markup`<a href="/?range=${name}" data-range="${name}"${
      name === range ? markup` aria-current="true"` : NOTHING
    }>${label}</a>`
  );
  return markup`<nav class="ranges" aria-label="Range of the charts">${links}</nav>`;
}

const KEY = [["total", "total"], ["trading", "trading only"], ["held", "just held"]] as const;

function charts(seeing: Seeing, range: RangeName): Fragment {
  const key = KEY.map(([name, label]) => markup`<li class="k-${name}">${label}</li>`);
  return markup`<section class="card" aria-labelledby="t-charts"><div class="head"><h2 id="t-charts">Price and account</h2>${
    rangeLinks(range)
  }</div><div id="charts" data-range="${range}" hidden><h3>Price of one BTC, with stop and target, entries and exits</h3><div id="price-chart" class="chart" role="img" aria-label="Price over time; the table below holds the numbers"></div><h3>The account in dollars</h3><ul class="key">${key}</ul><div id="money-chart" class="chart" role="img" aria-label="Account over time; the table below holds the numbers"></div><p class="small" id="loading" hidden></p></div><details id="numbers"><summary>The same numbers as a table</summary><div id="s-table">${
    chartTable(seeing.directory, range)
  }</div></details></section>`;
}

/** The page of this moment. */
export function documentOf(seeing: Seeing, range: RangeName): string {
  const sections = sectionsOf(seeing);
  const head = headline(seeing);
  const slug = slugOf(head.word);
  const alarm = head.word === "UNPROTECTED" || head.word === "HALTED";
  return `<!doctype html>${markup`<html lang="en" data-word="${slug}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><title>${head.word} · abot</title><link rel="icon" id="icon" type="image/svg+xml" href="/icon/${slug}.svg"><link rel="stylesheet" href="/uplot.css"><link rel="stylesheet" href="/page.css"><script src="/uplot.js" defer></script><script src="/page.js" defer></script></head><body><a class="skip" href="#main">To the numbers</a><header><div class="top"><span class="name">abot</span><span class="small">BTCUSD on the Bybit testnet</span></div><div id="hero" class="hero" data-word="${head.word}" role="${
    alarm ? "alert" : "status"
  }" aria-live="${alarm ? "assertive" : "polite"}">${
    heroInner(head)
  }</div><div id="s-facts">${sections.facts}</div></header><main id="main">${card(sections, "doing", "two-thirds")}${
    card(sections, "gate", "third last")
  }${card(sections, "position", "third")}${card(sections, "room", "third")}${card(sections, "goal", "third last")}${
    charts(seeing, range)
  }${card(sections, "trades", "full")}${card(sections, "alerts", "full")}${card(sections, "refused", "half")}${
    card(sections, "halts", "half")
  }${
    card(sections, "engine", "full")
  }</main><footer class="small">This page only shows. Times are UTC<span id="zone"></span>.</footer></body></html>`}\n`;
}

/** What the stream and a refetch carry. */
export type Snapshot = {
  readonly word: string;
  readonly slug: string;
  readonly alarm: boolean;
  readonly hero: string;
  readonly sections: Readonly<Record<string, string>>;
  /** Changes when the charts should be fetched again. */
  readonly charts: number;
};

export function snapshotOf(seeing: Seeing): Snapshot {
  const head = headline(seeing);
  const sections = Object.entries(sectionsOf(seeing)).map(([name, fragment]) => [name, String(fragment)] as const);
  return {
    word: head.word,
    slug: slugOf(head.word),
    alarm: head.word === "UNPROTECTED" || head.word === "HALTED",
    hero: String(heroInner(head)),
    sections: Object.fromEntries(sections),
    charts: seeing.directory.version,
  };
}
