/** What the phone's commands say. */
import { ageText, dollarText } from "../../common/text.ts";
import { protectionSentence } from "../../views/alert_words.ts";
import { priceText, resultText } from "../../views/numbers.ts";
import { whySentence } from "../../views/refusal_words.ts";
import { coverSentence, deathSentence, headlineOf, nextSteps, stateSentence } from "../../views/state_words.ts";
import type { Status } from "../../views/status.ts";
import { takeAnswer, takesRequests, withdrawRequest, writeRequest } from "../../infrastructure/safety/control_files.ts";
import type { FileSeam } from "../../application/engine/ports.ts";
import { contextOf, statusIn } from "./bot_status.ts";
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

function statusLines(status: Status, now: number): readonly string[] {
  const { position, limits } = status;
  const lines = [
    `${headlineOf(status)} for ${ageText(now - status.since_ms)}. ${stateSentence(status, now)}`,
    coverSentence(position, now),
    ...nextSteps(status, now),
  ];
  if (position !== null) lines.push(`Now ${resultText(position.unrealised_usd)}. ${deathSentence(position)}`);
  lines.push(
    `Price ${priceText(status.last_usd)}; the account holds ${dollarText(status.equity_usd)}.`,
    `Today ${limits.trades_today} of ${limits.trades_a_day} trades, ${resultText(limits.day.realised_usd)}.`,
  );
  return lines;
}

function whyLines(status: Status, now: number): readonly string[] {
  const { entry, grid, last_usd } = status;
  const refused = status.position === null && status.halt === null && entry.refusal !== null
    ? [whySentence({ refusal: entry.refusal, inputs: entry.inputs, grid, last_usd })]
    : [];
  return [`${headlineOf(status)}. ${stateSentence(status, now)}`, ...refused, ...nextSteps(status, now)];
}

export function createAnswers(options: AnswersOptions): Answers {
  const { world, dataDir, times } = options;
  const withStatus = (tell: (status: Status, now: number) => readonly string[]): readonly string[] => {
    const seen = statusIn(world.files, dataDir);
    if (seen.kind === "none") return ["No bot has run here yet."];
    if (seen.kind === "unreadable") return [`The bot's status cannot be read: ${seen.why}.`];
    const stale = notRunning(seen.status, world.now());
    return [...(stale === null ? [] : [stale]), ...tell(seen.status, world.now())];
  };
  return {
    status: () => withStatus(statusLines),
    why: () => withStatus(whyLines),
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
  // The bot makes the folder for requests; without it none has ever been here.
  if (!takesRequests(place)) return [NO_BOT];
  const asked = world.now();
  const id = `${asked}-halt-phone`;
  const words = [...said.replace(/[\p{C}\s]+/gu, " ").trim()].slice(0, 400).join("");
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
  const seen = statusIn(options.world.files, options.dataDir);
  const head = answer.ok ? "Halted." : "Not halted.";
  const money = seen.kind === "status" ? [protectionSentence(contextOf(seen.status))] : [];
  return [
    head,
    answer.text,
    ...money,
    ...(answer.ok ? ["Nothing will be traded until you reset at the machine."] : []),
  ];
}
