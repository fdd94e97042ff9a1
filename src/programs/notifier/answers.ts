/** What the phone's commands say. */
import { ageText, dollarText } from "../../common/text.ts";
import { blockText, haltSentence, priceText, protectionSentence, resultText } from "../../views/alert_words.ts";
import type { Status } from "../../views/status.ts";
import { takeAnswer, withdrawRequest, writeRequest } from "../../infrastructure/safety/control_files.ts";
import type { FileSeam } from "../../application/engine/ports.ts";
import { contextOf, readStatus } from "./bot_status.ts";
import type { Times } from "./message.ts";
import type { Answers } from "./phone.ts";
import { summaryOf } from "./summaries.ts";
import type { NotifyWorld } from "./world.ts";

/** A running bot writes at least every 10 s. */
const STALE_MS = 20_000;
/** The bot answers within a tick, 3 s at most; longer than this nobody is there. */
const ANSWER_WITHIN_MS = 6_000;
const LOOK_MS = 100;
const DAY_MS = 86_400_000;
const NO_BOT = "No bot is running. If a position may be open, close it at the venue.";

export type AnswersOptions = {
  readonly world: NotifyWorld;
  readonly dataDir: string;
  readonly times: Times;
  /** For the requests and answers of `data/control`. */
  readonly control: FileSeam;
};

function notRunning(status: Status, now: number): string | null {
  const age = now - status.written_at_ms;
  return age > STALE_MS ? `NOT RUNNING: its last word is ${ageText(age)} old. It said:` : null;
}

function statusLines(status: Status): readonly string[] {
  const { position, limits } = status;
  const lines: string[] = [];
  if (status.halt !== null) lines.push(haltSentence(status.halt.reason, contextOf(status)));
  else if (position !== null) lines.push("A position is open.");
  else lines.push(status.blocks.length === 0 ? "Flat, waiting for a signal." : "Flat, entries pause.");
  lines.push(protectionSentence(contextOf(status)));
  if (position !== null) {
    const entry = position.entry_usd === null ? "" : `, entered at ${priceText(position.entry_usd)}`;
    lines.push(`Now ${resultText(position.unrealised_usd)}${entry}; at the stop ${resultText(position.worst_usd)}.`);
  }
  for (const block of status.blocks) lines.push(`Entries pause: ${blockText(block.reason)}.`);
  lines.push(`Price ${priceText(status.last_usd)}. The account holds ${dollarText(status.equity_usd)}.`);
  lines.push(`Today ${limits.trades_today} of ${limits.trades_a_day} trades, ${resultText(limits.day.realised_usd)}.`);
  return lines;
}

export function createAnswers(options: AnswersOptions): Answers {
  const { world, dataDir, times } = options;
  const withStatus = (tell: (status: Status) => readonly string[]): readonly string[] => {
    const seen = readStatus(world.files, dataDir);
    if (seen.kind === "none") return ["No bot has run here yet."];
    if (seen.kind === "unreadable") return [`The bot's status cannot be read: ${seen.why}.`];
    const stale = notRunning(seen.status, world.now());
    return [...(stale === null ? [] : [stale]), ...tell(seen.status)];
  };
  return {
    status: () => withStatus(statusLines),
    why: () => withStatus((status) => (status.next.length === 0 ? ["Nothing is being waited for."] : status.next)),
    report() {
      const place = { files: world.files, dataDir, times };
      const day = summaryOf(place, { what: "Last 24 hours", since: world.now() - DAY_MS, before: null });
      const week = summaryOf(place, { what: "Last 7 days", since: world.now() - 7 * DAY_MS, before: null });
      return [day.sentence, ...day.lines, week.sentence];
    },
    halt: (reason) => halt(options, reason),
  };
}

/** Leaves the request that `abot halt` leaves, waits for the bot's answer and passes it on. */
async function halt(options: AnswersOptions, said: string): Promise<readonly string[]> {
  const { world, dataDir, control: files } = options;
  const place = { files, dataDir };
  const asked = world.now();
  const id = `${asked}-halt-phone`;
  const words = [...said.replace(/\p{C}/gu, " ").trim()].slice(0, 400).join("");
  const reason = `by phone: ${words === "" ? "no reason given" : words}`;
  writeRequest(place, { id, command: "halt", reason, accept: false, asked_at_ms: asked });
  for (let waited = 0; waited < ANSWER_WITHIN_MS && !world.stopping(); waited += LOOK_MS) {
    const answer = takeAnswer(place, id);
    if (answer !== null) return told(answer, options);
    await world.wait(LOOK_MS);
  }
  const answer = takeAnswer(place, id);
  if (answer !== null) return told(answer, options);
  if (withdrawRequest(place, id)) return [NO_BOT];
  return ["The bot took the request and has not answered yet. Ask /status in a moment."];
}

function told(answer: { readonly ok: boolean; readonly text: string }, options: AnswersOptions): readonly string[] {
  const seen = readStatus(options.world.files, options.dataDir);
  const head = answer.ok ? "Halted." : "Not halted.";
  const money = seen.kind === "status" ? [protectionSentence(contextOf(seen.status))] : [];
  return [
    head,
    answer.text,
    ...money,
    ...(answer.ok ? ["Nothing will be traded until you reset at the machine."] : []),
  ];
}
