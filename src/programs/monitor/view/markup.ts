/** Small pieces of HTML. Everything that is filled in is escaped (M-5: hostile strings appear as text). */
import { html } from "hono/html";
import { ageText } from "../../../common/text.ts";
import { isStale } from "./headline.ts";

type Piece = string | number | Fragment | readonly Fragment[];
/** HTML that needs no escaping any more. */
export type Fragment = { readonly isEscaped: true; toString(): string };

/** A template whose values are escaped unless they are fragments themselves. */
export function markup(strings: TemplateStringsArray, ...values: readonly Piece[]): Fragment {
  const made = html(strings, ...values);
  if (made instanceof Promise) throw new TypeError("Cannot fill a page with something that is not there yet");
  return { isEscaped: true, toString: () => String(made) };
}
export const NOTHING: Fragment = markup``;

/** A sentence in which what stands in backticks is code. */
export function coded(text: string): Fragment {
  const parts = text.split("`");
  // An odd backtick at the end belongs to the text.
  if (parts.length % 2 === 0) return markup`${text}`;
  return markup`${parts.map((part, index) => (index % 2 === 1 ? markup`<code>${part}</code>` : markup`${part}`))}`;
}

/** `12:04 UTC`, with the day when it is another one; the script adds the reader's own zone. */
export function clock(at: number, now: number): Fragment {
  const iso = new Date(at).toISOString();
  const sameDay = iso.slice(0, 10) === new Date(now).toISOString().slice(0, 10);
  const text = `${sameDay ? "" : `${iso.slice(0, 10)} `}${iso.slice(11, 16)} UTC`;
  return markup`<time datetime="${iso}" data-local>${text}</time>`;
}

/** An age that goes on counting in the browser; with a period it says STALE in words. */
export function age(ms: number, period: number | null): Fragment {
  const stale = period !== null && isStale(ms, period);
  const word = stale ? markup` <strong class="stale">STALE</strong>` : NOTHING;
  const limit = period === null ? "" : String(period * 3);
  return markup`<span class="age" data-age="${Math.round(ms)}" data-stale="${limit}">${ageText(ms)} ago${word}</span>`;
}

/** `$31,640.50`. */
export function price(usd: number | null | undefined): string {
  if (usd === null || usd === undefined || !Number.isFinite(usd)) return "unknown";
  return `$${usd.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
}

/** `▲ +$1.20`, `▼ −$0.24`: sign, shape and colour, never colour alone. */
export function change(usd: number | null | undefined): Fragment {
  if (usd === null || usd === undefined || !Number.isFinite(usd)) return markup`<span>unknown</span>`;
  const cents = Math.round(usd * 100) / 100;
  const text = Math.abs(cents).toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  if (cents === 0) return markup`<span class="num">$0.00</span>`;
  return cents > 0
    ? markup`<span class="num up"><span aria-hidden="true">▲</span> +$${text}</span>`
    : markup`<span class="num down"><span aria-hidden="true">▼</span> −$${text}</span>`;
}

/** One line of a card: what, and how much. */
export function row(name: string, value: Fragment | string): Fragment {
  return markup`<div class="row"><dt>${name}</dt><dd>${value}</dd></div>`;
}

/** A table with its caption; each row is a row of cells. */
export function table(
  caption: string,
  columns: readonly { readonly name: string; readonly num?: true }[],
  rows: {
    readonly cells: readonly (readonly (Fragment | string)[])[];
    readonly empty: string;
    /** On a narrow screen `stack` puts the cells below each other; `scroll` keeps the columns and moves sideways. */
    readonly narrow: "stack" | "scroll";
  },
): Fragment {
  if (rows.cells.length === 0) return markup`<p class="quiet">${rows.empty}</p>`;
  const head = columns.map(({ name, num }) =>
    markup`<th scope="col" class="${num === true ? "num" : ""}">${name}</th>`
  );
  const body = rows.cells.map((cells) =>
    markup`<tr>${
      cells.map((cell, index) => markup`<td class="${columns[index]?.num === true ? "num" : ""}">${cell}</td>`)
    }</tr>`
  );
  return markup`<div class="scroll ${
    rows.narrow === "stack" ? "stack" : "wordy"
  }" tabindex="0" role="region" aria-label="${caption}, as a table"><table><caption>${caption}</caption><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div>`;
}
