import { EXIT } from "../../../common/exit_codes.ts";
import { ageText, dollarText, messageOf, timeText } from "../../../common/text.ts";
import { automaticPart, rollbackProtocol } from "../../../infrastructure/safety/rollback_protocol.ts";
import type { CliWorld } from "../../../bot/live/cli_world.ts";
import { readStatus, type Status, STATUS_SCHEMA, statusFile } from "../../../views/status.ts";

/** Written at least every 10 s by a running bot; older than this it is not running. */
const STALE_MS = 20_000;

function ageOf(at: number | null, now: number): string {
  return at === null ? "never" : `${ageText(now - at)} ago`;
}

function haltLines(status: Status): readonly string[] {
  if (status.halt === null) return [];
  const reason = status.halt.reason;
  const protocol = rollbackProtocol(reason);
  return [
    "",
    `HALT ${status.halt.reason} since ${timeText(status.halt.since_ms)}: ${status.halt.detail}`,
    protocol.cause,
    ...automaticPart(reason),
    ...protocol.steps.map((step, index) => `  ${index + 1}. ${step}`),
  ];
}

function positionLines(status: Status, now: number): readonly string[] {
  const { position } = status;
  if (position === null) return ["position     none"];
  const entry = position.entry_usd === null ? "unknown" : String(position.entry_usd);
  const uncovered = position.uncovered_since_ms === null
    ? ""
    : `, NOT COVERED for ${ageText(now - position.uncovered_since_ms)}`;
  const dead = position.protected_without_us
    ? `${dollarText(position.worst_usd)} (the stop is at the venue)`
    : "everything up to the liquidation: the venue has not shown the stop";
  return [
    `position     ${position.direction} ${position.contracts} contracts at ${entry}, open for ` +
    `${ageText(now - position.opened_at_ms)}, now ${dollarText(position.unrealised_usd)}` +
    (position.closing === null ? "" : `, being closed (${position.closing})`),
    `stop         ${position.stop_usd} ${position.stop_status}, shown by the venue ` +
    `${ageOf(position.stop_shown_at_ms, now)}${uncovered}`,
    `worst now    ${dollarText(position.worst_usd)} against the entry at the stop, before fees and slippage`,
    `if we died   ${dead}`,
  ];
}

function leftText(span: Status["limits"]["day"]): string {
  const cap = span.cap_usd === null ? "" : `, blocks at ${dollarText(-span.cap_usd)}`;
  return `${dollarText(span.realised_usd)}${cap}`;
}

/** Everything `abot status` prints, in the order of urgency. */
export function statusLines(status: Status, now: number): readonly string[] {
  const { limits, heard_at_ms: heard } = status;
  const reason = status.halt?.reason ?? status.blocks.map((block) => block.reason).join(", ");
  const blocks = status.blocks.map((block) =>
    `  ${block.class} ${block.reason} since ${timeText(block.since_ms)}` +
    (block.until_ms === null ? ", until its condition passes" : `, until ${timeText(block.until_ms)}`)
  );
  return [
    `${status.word}${status.observe ? " (observe: no order leaves)" : ""} for ${ageText(now - status.since_ms)}` +
    (reason === "" ? "" : `: ${reason}`),
    ...blocks,
    ...positionLines(status, now),
    ...status.open_orders.map((order) =>
      `order        ${order.role} ${order.id} ${order.state}, sent ${ageOf(order.sent_at_ms, now)}`
    ),
    `equity       ${dollarText(status.equity_usd)} of ${dollarText(status.goal_usd)}, floor ${
      dollarText(status.floor_usd)
    }`,
    `price        last ${status.last_usd ?? "unknown"}, mark ${status.mark_usd ?? "unknown"}`,
    `trades       ${limits.trades_today} of ${limits.trades_a_day} today, ${limits.loss_streak} losses in a row, ` +
    `${limits.orders_last_hour} of ${limits.orders_an_hour} orders this hour`,
    `today        ${leftText(limits.day)}`,
    `this week    ${leftText(limits.week)}`,
    `heard        private stream ${ageOf(heard.private_stream, now)}, public stream ${
      ageOf(heard.public_stream, now)
    }, market ${ageOf(heard.market, now)}, wallet ${ageOf(heard.wallet, now)}, agreement ${
      ageOf(heard.agreement, now)
    }`,
    `link         REST p95 ${
      status.rest_p95_ms === null ? "unknown" : `${Math.round(status.rest_p95_ms)} ms`
    }, clock ` +
    `${status.clock_skew_ms === null ? "not synced" : `off by ${Math.round(status.clock_skew_ms)} ms`}`,
    `key          ${
      status.key_days_left === null ? "does not expire, or not read yet" : `${status.key_days_left} days left`
    }`,
    ...status.next.map((line) => `next         ${line}`),
    `program      ${status.version} (${status.commit}), profile ${status.profile}, record ${status.journal_seq}`,
    ...haltLines(status),
  ];
}

/** `abot status [--json]`: works without keys and network, while the bot runs and after it; exit 1 when none runs. */
export function showStatus(world: CliWorld, options: { readonly dataDir: string; readonly json: boolean }): number {
  const path = statusFile(options.dataDir);
  if (!world.files.exists(path)) {
    world.error(`No bot has run in ${options.dataDir} yet: there is no ${path}.`);
    return EXIT.no;
  }
  try {
    const text = world.files.readText(path);
    const read = readStatus(text);
    if (read.kind === "version") {
      world.error(
        `Cannot read ${path} as this program knows version ${STATUS_SCHEMA}: it is of version ${read.found}. ` +
          "Use the abot that wrote it, or start the bot with this one.",
      );
      return EXIT.no;
    }
    if (read.kind === "unreadable") {
      world.error(`Cannot read ${path}: ${read.why}`);
      return EXIT.files;
    }
    const { status } = read;
    const now = world.now();
    const age = now - status.written_at_ms;
    const code = age > STALE_MS ? EXIT.no : EXIT.ok;
    if (options.json) {
      world.out(JSON.stringify(status));
      return code;
    }
    if (age > STALE_MS) {
      world.out(`NOT RUNNING: the last word is ${ageText(age)} old (${timeText(status.written_at_ms)}). It said:`);
    }
    for (const line of statusLines(status, now)) world.out(line);
    return code;
  } catch (error) {
    world.error(`Cannot read ${path}: ${messageOf(error)}`);
    return EXIT.files;
  }
}
