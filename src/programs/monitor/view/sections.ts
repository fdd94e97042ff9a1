/** The page, section by section. Each is HTML that the server renders whole and the stream replaces when it changed. */
import { ageText, dollarText } from "../../../common/text.ts";
import { automaticPart, haltSentence, rollbackProtocol } from "../../../views/halt_words.ts";
import { rText } from "../../../views/numbers.ts";
import { type Inputs, whySentence } from "../../../views/refusal_words.ts";
import { exitClause } from "../../../views/trade_words.ts";
import { nextSteps, stateSentence } from "../../../views/state_words.ts";
import type { Status } from "../../../views/status.ts";
import type { DataDirectory } from "../follow/data_directory.ts";
import { goalSection } from "./goal.ts";
import { botNow, type Headline, headlineOf, LOOK_EVERY_MS, WRITE_EVERY_MS } from "./headline.ts";
import { age, change, clock, coded, type Fragment, markup, NOTHING, price, row, table } from "./markup.ts";
import { gateName, plainWords } from "./words.ts";

const DAY_MS = 86_400_000;
const TRADES_SHOWN = 30;
const ALERTS_SHOWN = 30;

export type Sections = Readonly<Record<SectionName, Fragment>>;
export const SECTIONS = [
  "facts",
  "doing",
  "position",
  "room",
  "gate",
  "goal",
  "trades",
  "refused",
  "alerts",
  "halts",
  "engine",
] as const;
export type SectionName = typeof SECTIONS[number];

export type Seeing = {
  readonly directory: DataDirectory;
  /** This machine's clock, UTC ms. */
  readonly now: number;
};

function statusOf(
  { directory, now }: Seeing,
): { readonly status: Status; readonly at: number; readonly heardAt: number } | null {
  const seen = directory.seen();
  return seen.kind === "none" ? null : { status: seen.status, at: botNow(seen, now), heardAt: seen.heardAt };
}

/** The ages under the first line: venue, bot; the page's own is counted in the browser. */
function factsSection(seeing: Seeing): Fragment {
  const told = statusOf(seeing);
  if (told === null) return markup`<p class="ages">The page has nothing of a bot to show.</p>`;
  const { status, at, heardAt } = told;
  const shown = status.position?.stop_shown_at_ms ?? null;
  const venue = status.position === null
    ? agreement(status, at)
    : shown === null
    ? markup`the venue has never shown the stop`
    : markup`the venue last showed the stop ${age(at - shown, LOOK_EVERY_MS)}`;
  return markup`<ul class="ages"><li>${venue}</li><li>the bot last wrote ${
    age(seeing.now - heardAt, WRITE_EVERY_MS)
  }</li><li>this page last heard <span id="heard">0 s ago</span></li></ul>`;
}

function agreement(status: Status, at: number): Fragment {
  const agreed = status.heard_at_ms.agreement;
  if (agreed === null) return markup`the venue has not confirmed yet that nothing is open`;
  return markup`the venue last confirmed that nothing is open ${age(Math.max(0, at - agreed), 30_000)}`;
}

function doingSection(seeing: Seeing): Fragment {
  const told = statusOf(seeing);
  if (told === null) {
    return markup`<p class="lead">There is no bot to show.</p><p>Start one with <code>abot --config config/testnet.yaml</code>; this page shows it as soon as it has written.</p>`;
  }
  const { status, at } = told;
  const next = nextSteps(status, at).map((line) => markup`<li>${coded(line)}</li>`);
  return markup`<p class="lead">${coded(stateSentence(status, at))}</p><ul class="next">${next}</ul>`;
}

function positionSection(seeing: Seeing): Fragment {
  const told = statusOf(seeing);
  if (told === null || told.status.position === null) {
    const last = told?.status.last_usd ?? null;
    return markup`<dl>${row("Position", "none")}${row("Last price", price(last))}${
      row("Mark price", price(told?.status.mark_usd))
    }</dl>`;
  }
  const { status, at } = told;
  const { position } = status;
  if (position === null) return NOTHING;
  const shown = position.stop_shown_at_ms === null
    ? markup`<strong class="bad">never shown by the venue</strong>`
    : markup`${price(position.stop_shown_usd)}, shown ${age(at - position.stop_shown_at_ms, LOOK_EVERY_MS)}`;
  const dead = position.protected_without_us
    ? markup`${change(position.worst_usd)} at the stop, which works without the bot`
    : markup`<strong class="bad">up to everything in it: no shown stop</strong>`;
  return markup`<dl>${row("Holds", `${position.direction} ${position.contracts} contracts`)}${
    row("Entry", markup`${price(position.entry_usd)}, ${age(at - position.opened_at_ms, null)}`)
  }${row("Result now", change(position.unrealised_usd))}${row("Stop at the venue", shown)}${
    row("Target", position.target_usd === null ? "none" : price(position.target_usd))
  }${row("Worst loss", change(position.worst_usd))}${row("If the bot died now", dead)}${
    row("Last / mark", `${price(status.last_usd)} / ${price(status.mark_usd)}`)
  }</dl><p class="small">Results at the stop are before fees and slippage.</p>`;
}

function roomRow(
  name: string,
  { span, at }: { readonly span: Status["limits"]["day"]; readonly at: number },
): Fragment {
  const left = span.left_usd === null ? "unknown" : dollarText(span.left_usd);
  const limit = span.cap_usd === null ? "unknown" : dollarText(span.cap_usd);
  return row(
    name,
    markup`<b>${left}</b><br><span class="small">limit ${limit}, result so far ${
      dollarText(span.realised_usd)
    }<br>anew at ${clock(span.resets_at_ms, at)}</span>`,
  );
}

function roomSection(seeing: Seeing): Fragment {
  const told = statusOf(seeing);
  if (told === null) return markup`<p class="quiet">Unknown.</p>`;
  const { limits } = told.status;
  const trades = Math.max(0, limits.trades_a_day - limits.trades_today);
  const losses = Math.max(0, limits.loss_streak_day - limits.loss_streak);
  return markup`<dl>${roomRow("May still be lost today", { span: limits.day, at: told.at })}${
    roomRow("… this week", { span: limits.week, at: told.at })
  }${row("Trades today", `${trades} left of ${limits.trades_a_day}`)}${
    row(
      "Losses in a row",
      losses === 0
        ? `${limits.loss_streak}; that is why it pauses`
        : `${limits.loss_streak}; it pauses after ${losses} more`,
    )
  }${row("Orders this hour", `${limits.orders_last_hour} of ${limits.orders_an_hour}`)}</dl>`;
}

function inputText(value: string | number | boolean | null): string {
  if (value === null) return "none";
  if (typeof value === "boolean") return value ? "yes" : "no";
  return typeof value === "number" ? String(Math.round(value * 1e6) / 1e6) : plainWords(value);
}

function gateSection(seeing: Seeing): Fragment {
  const told = statusOf(seeing);
  if (told === null) return markup`<p class="quiet">Unknown.</p>`;
  const { entry } = told.status;
  if (entry.refusal === null) return markup`<p class="lead">Nothing: an entry would be sent.</p>`;
  const { grid, last_usd } = told.status;
  const why = whySentence({ refusal: entry.refusal, inputs: entry.inputs, grid, last_usd });
  if (entry.gate === null) {
    return markup`<p class="lead">${coded(why)}</p><p class="quiet">All eight gates are open.</p>`;
  }
  const inputs = Object.entries(entry.inputs).map(([name, value]) =>
    name.endsWith("_e2") && typeof value === "number"
      ? row(plainWords(name.slice(0, -3)), inputText(value / 100))
      : row(plainWords(name), inputText(value))
  );
  return markup`<p class="lead">${coded(why)}</p><p class="quiet">Gate ${
    gateName(entry.gate)
  }</p><details id="inputs"><summary>What it judged by</summary><dl>${inputs}</dl></details>`;
}

function tradesSection({ directory, now }: Seeing): Fragment {
  const rows = directory.trades.slice(-TRADES_SHOWN).toReversed().map((trade) => [
    clock(trade.closedAt, now),
    `${trade.direction} ${trade.contracts}`,
    price(trade.entryUsd),
    price(trade.exitUsd),
    rText(trade.r),
    change(trade.netUsd),
    `grid signal, stage ${trade.stage}, ${plainWords(trade.regime)}`,
    exitClause(trade.exitReason),
    dollarText(trade.feesUsd),
    dollarText(trade.slippageUsd),
  ]);
  const name = directory.trades.length > TRADES_SHOWN
    ? `The last ${TRADES_SHOWN} of ${directory.trades.length} closed trades`
    : "Closed trades";
  return table(name, [
    { name: "Closed" },
    { name: "Held" },
    { name: "Entry", num: true },
    { name: "Exit", num: true },
    { name: "R", num: true },
    { name: "Result", num: true },
    { name: "Opened because" },
    { name: "Closed because" },
    { name: "Fees", num: true },
    { name: "Slippage", num: true },
  ], { cells: rows, empty: "No trade is closed yet.", narrow: "scroll" });
}

function refusedSection({ directory, now }: Seeing): Fragment {
  const told = statusOf({ directory, now });
  const at = told?.at ?? now;
  const sums = new Map<string, { readonly times: number; readonly last: number; readonly inputs: Inputs }>();
  for (const line of directory.audit) {
    if (line.kind !== "refusal" || line.at < at - DAY_MS) continue;
    // The newest one says with what figures.
    sums.set(line.code, { times: (sums.get(line.code)?.times ?? 0) + line.times, last: line.at, inputs: line.inputs });
  }
  const rows = [...sums].sort(([, a], [, b]) => b.times - a.times).map(([code, { times, last, inputs }]) => [
    whySentence({ refusal: code, inputs }),
    String(times),
    clock(last, at),
  ]);
  return table(
    "Refused entries of the last day",
    [{ name: "Because, the last time" }, { name: "Times", num: true }, { name: "Last" }],
    {
      cells: rows,
      empty: "No signal was refused in the last day.",
      narrow: "stack",
    },
  );
}

/** Whether alerts get out, channel by channel. */
function deliveriesTable(directory: DataDirectory, at: number): Fragment {
  const rows = directory.deliveries.map((one) => [
    one.channel,
    one.state === "delivers" ? one.state : markup`<strong class="bad">${one.state}</strong>`,
    one.at === null ? "–" : clock(one.at, at),
    String(one.sent),
    String(one.dead),
    one.why === "" ? "–" : one.why,
  ]);
  return table("Channels of the alerts", [
    { name: "Channel" },
    { name: "State" },
    { name: "Since, or last" },
    { name: "Sent", num: true },
    { name: "Refused", num: true },
    { name: "Why" },
  ], {
    cells: rows,
    empty: "No notifier runs here: alerts reach nobody who does not look.",
    narrow: "stack",
  });
}

function alertsSection({ directory, now }: Seeing): Fragment {
  const at = statusOf({ directory, now })?.at ?? now;
  const rows = directory.alerts.slice(-ALERTS_SHOWN).toReversed().map((alert) => [
    clock(alert.at, at),
    markup`<span class="severity ${alert.severity}">${alert.severity}</span>`,
    coded(alert.sentence),
  ]);
  const list = table("Alerts", [{ name: "At" }, { name: "Weight" }, { name: "What" }], {
    cells: rows,
    empty: "No alert yet.",
    narrow: "stack",
  });
  return markup`${deliveriesTable(directory, at)}${list}`;
}

function haltsSection(seeing: Seeing): Fragment {
  const told = statusOf(seeing);
  if (told === null) return markup`<p class="quiet">Unknown.</p>`;
  const { status, at } = told;
  const sums = [...seeing.directory.halts].map(([reason, times]) => [plainWords(reason), String(times)]);
  const past = table("Halts so far", [{ name: "Because" }, { name: "Times", num: true }], {
    cells: sums,
    empty: "The bot has never halted here.",
    narrow: "stack",
  });
  if (status.halt === null) return past;
  const protocol = rollbackProtocol(status.halt.reason);
  const steps = protocol.steps.map((step) => markup`<li>${coded(step)}</li>`);
  const automatic = automaticPart(status.halt.reason).map((line) => markup`<p>${coded(line)}</p>`);
  return markup`<p class="lead">${coded(haltSentence(status.halt.reason, status))}</p><p>Since ${
    clock(status.halt.since_ms, at)
  }: ${status.halt.detail}</p>${automatic}<ol>${steps}</ol>${past}`;
}

function engineSection(seeing: Seeing): Fragment {
  const told = statusOf(seeing);
  const notes = seeing.directory.notes().map((note) => markup`<li>${note}</li>`);
  const list = notes.length === 0 ? NOTHING : markup`<ul class="notes">${notes}</ul>`;
  if (told === null) return list;
  const { status, at } = told;
  const heard = status.heard_at_ms;
  const source = (ms: number | null) => ms === null ? "never" : age(Math.max(0, at - ms), null);
  const skew = status.clock_skew_ms === null
    ? "not measured"
    : `${Math.round(status.clock_skew_ms)} ms off the venue's`;
  const key = status.key_days_left === null
    ? "does not expire, or not read yet"
    : `${Math.floor(status.key_days_left)} days left`;
  const p95 = status.rest_p95_ms === null ? "" : `, 95 % within ${Math.round(status.rest_p95_ms)} ms`;
  return markup`${list}<dl class="facts-in-two">${
    row(
      "Program",
      `${status.version} (${status.commit}), profile ${status.profile}${status.observe ? ", observing only" : ""}`,
    )
  }${
    row("Journal", markup`record ${String(status.journal_seq)}, head <code>${status.journal_head.slice(0, 16)}</code>`)
  }${row("Configuration", markup`<code>${status.config_hash.slice(0, 16)}</code>`)}${
    row("Account", status.account_uid)
  }${row("Private stream", source(heard.private_stream))}${row("Public stream", source(heard.public_stream))}${
    row("Wallet read", source(heard.wallet))
  }${row("Calls", `${status.rest_calls_60s} in the last minute${p95}`)}${
    row("Lost stream messages", `${status.stream_drops_60s} in the last minute`)
  }${row("Clock", skew)}${row("API key", key)}${
    row(
      "Running since",
      status.started_at_ms === null
        ? "unknown"
        : markup`${clock(status.started_at_ms, at)} (${ageText(at - status.started_at_ms)})`,
    )
  }</dl>`;
}

/** Every section as it is now. */
export function sectionsOf(seeing: Seeing): Sections {
  return {
    facts: factsSection(seeing),
    doing: doingSection(seeing),
    position: positionSection(seeing),
    room: roomSection(seeing),
    gate: gateSection(seeing),
    goal: goalSection(statusOf(seeing)),
    trades: tradesSection(seeing),
    refused: refusedSection(seeing),
    alerts: alertsSection(seeing),
    halts: haltsSection(seeing),
    engine: engineSection(seeing),
  };
}

export function headline({ directory, now }: Seeing): Headline {
  return headlineOf(directory.seen(), now);
}
