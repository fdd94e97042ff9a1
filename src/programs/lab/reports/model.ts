/** A report as values: one content for text, JSON, Markdown and HTML. Cells are texts ready to be read. */

export type Table = {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
};

export type ChartSeries = {
  readonly name: string;
  readonly kind: "line" | "bar" | "scatter";
  /** x is a number or, on a category axis, the position of its name. */
  readonly points: readonly (readonly [x: number, y: number])[];
};

export type Chart = {
  /** What a person who does not see it should know. */
  readonly summary: string;
  readonly x: { readonly name: string; readonly categories?: readonly string[]; readonly time?: boolean };
  readonly y: { readonly name: string };
  readonly series: readonly ChartSeries[];
  /** Upright lines at a value of x, or level ones at a value of y. */
  readonly marks?: readonly { readonly name: string; readonly x?: number; readonly y?: number }[];
};

export type Section = {
  readonly heading: string;
  readonly lines?: readonly string[];
  readonly table?: Table;
  readonly chart?: Chart;
};

export type Report = {
  readonly title: string;
  /** The finding in a sentence or two; first thing read. */
  readonly answer: string;
  readonly sections: readonly Section[];
  /** What reproduces this report. */
  readonly command: string;
};

/** `+0.074`, `-1.20`; never `-0.00`. */
export function signed(value: number, digits = 2): string {
  const text = Math.abs(value).toFixed(digits);
  const zero = Number(text) === 0;
  return zero ? text : value < 0 ? `-${text}` : `+${text}`;
}

/** `+0.07 R`. */
export const rText = (value: number, digits = 2): string => `${signed(value, digits)} R`;

/** `+$3.10`, `-$0.24`, `$0.00`. */
export function usdText(value: number, digits = 2): string {
  const text = signed(value, digits);
  return /^[+-]/.test(text) ? `${text.slice(0, 1)}$${text.slice(1)}` : `$${text}`;
}

/** `15 %`, `0.4 %`. */
export function shareText(share: number, digits = 0): string {
  return `${(100 * share).toFixed(digits)} %`;
}

/** `p = 0.043`; small ones `p < 0.001`. */
export function pText(p: number): string {
  return p < 0.001 ? "p < 0.001" : `p = ${p.toFixed(3)}`;
}

/** `3 trades`, `1 trade`, `12,870 splits`. */
export function countText(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString("en-US")} ${count === 1 ? one : many}`;
}

/** `between -0.31 and +0.14 R`. */
export function betweenText(low: number, high: number, unit = " R"): string {
  return `between ${signed(low)} and ${signed(high)}${unit}`;
}

/** Bars of how often values fall where; 20 bins of equal width by default. */
export function histogram(values: Iterable<number>, bins = 20): (readonly [middle: number, count: number])[] {
  const all = [...values];
  if (all.length === 0) return [];
  const low = all.reduce((a, b) => Math.min(a, b));
  const high = all.reduce((a, b) => Math.max(a, b));
  if (high === low) return [[low, all.length]];
  const width = (high - low) / bins;
  const counts = new Array<number>(bins).fill(0);
  for (const value of all) {
    const bin = Math.min(bins - 1, Math.floor((value - low) / width));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return counts.map((count, bin) => [Number((low + (bin + 0.5) * width).toPrecision(6)), count]);
}
