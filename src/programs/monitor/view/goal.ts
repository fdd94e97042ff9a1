/** How far the account is on its way, said honestly (M-3.5). */
import { dollarText } from "../../../common/text.ts";
import type { Status } from "../../../views/status.ts";
import { change, clock, type Fragment, markup, price, row } from "./markup.ts";

/** A mean month, ms. */
const MONTH_MS = 30.4375 * 86_400_000;
/** Below this a pace is noise. */
const FIRST_WORD_MONTHS = 0.5;

/** Months until the goal if the account grew as it did so far: `Infinity` = never; null = too early to say. */
export function monthsAtPace(
  from: { readonly startUsd: number; readonly nowUsd: number; readonly goalUsd: number },
  months: number,
): number | null {
  const { startUsd, nowUsd, goalUsd } = from;
  if (months < FIRST_WORD_MONTHS || startUsd <= 0 || nowUsd <= 0) return null;
  if (nowUsd >= goalUsd) return 0;
  const growth = Math.log(nowUsd / startUsd) / months;
  return growth <= 0 ? Infinity : Math.log(goalUsd / nowUsd) / growth;
}

/** `left` = months to go at the pace so far, `months` = months used. */
export function paceWords(
  left: number | null,
  { months, failAfter }: { readonly months: number; readonly failAfter: number },
): string {
  if (left === null) return "At the pace so far: too early to say.";
  if (left === 0) return "The goal is reached.";
  // A pace that needs a human life is no pace.
  if (left > 600) return "At the pace so far: never.";
  const late = months + left > failAfter ? `, after the ${failAfter} months are over` : "";
  return `At the pace so far: in ${Math.ceil(left)} more month${Math.ceil(left) === 1 ? "" : "s"}${late}.`;
}

export function goalSection(told: { readonly status: Status; readonly at: number } | null): Fragment {
  if (told === null) return markup`<p class="quiet">Unknown.</p>`;
  const { status, at } = told;
  const { start, equity_usd: equity, goal_usd: goal, floor_usd: floor, goal_months: months } = status;
  if (start === null || equity === null) return markup`<p class="quiet">The account has not been read yet.</p>`;
  const passed = Math.max(0, (at - start.at_ms) / MONTH_MS);
  const left = monthsAtPace({ startUsd: start.capital_usd, nowUsd: equity, goalUsd: goal }, passed);
  const share = Math.max(0, Math.min(100, 100 * (equity - start.capital_usd) / (goal - start.capital_usd)));
  return markup`<p class="lead">${price(equity)} on the way from ${price(start.capital_usd)} to ${
    price(goal)
  }.</p><meter min="0" max="100" value="${share.toFixed(1)}" aria-label="Share of the way to the goal">${
    share.toFixed(0)
  } %</meter><p>${paceWords(left, { months: passed, failAfter: months.fail_after })}</p><dl>${
    row("Total since the start", change(equity - start.capital_usd))
  }${row("Trading alone", status.trading_usd === null ? "unknown" : change(status.trading_usd - start.capital_usd))}${
    row("Had it been held", status.held_usd === null ? "unknown" : change(status.held_usd - start.capital_usd))
  }${
    row("Months used", `${passed.toFixed(1)} of ${months.review_after} until the review, ${months.fail_after} at most`)
  }${row("Floor", `${dollarText(floor)}: below it the bot halts`)}${row("Started", clock(start.at_ms, at))}</dl>`;
}
