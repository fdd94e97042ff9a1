import { type Command, InvalidArgumentError, Option } from "commander";
import { checkWindow, earliestStart, endOf, isoOf, LabWindowError } from "../driver/candles.ts";
import type { FillRule, LabCandles, PathKind, RunOptions } from "../driver/types.ts";
import { LAB_EXIT, LabInputError } from "../io.ts";

export const PATHS: readonly PathKind[] = ["seeded", "ohlc", "olhc", "worst", "best"];
export const FILLS: readonly FillRule[] = ["through", "touch"];

/** What every command that plays candles is given. */
export type PlayFlags = {
  readonly data: string;
  readonly config: string;
  readonly from?: number;
  readonly to?: number;
  readonly path: PathKind;
  readonly seed: number;
  readonly fill: FillRule;
  readonly halts: "lift" | "stop";
  readonly slippageBps: number;
  readonly wallet: number;
  readonly skip: boolean;
  readonly json?: boolean;
};

export function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError(`It must be a whole number, not "${text}".`);
  return Number(text);
}
export function positiveNumber(text: string): number {
  const value = Number(text);
  if (!(value >= 0 && value <= 1e9)) throw new InvalidArgumentError(`It must be a number from 0 on, not "${text}".`);
  return value;
}
/** `1..20`, or one number. */
export function seedsOf(text: string): { readonly first: number; readonly last: number } {
  const match = /^(\d{1,9})(?:\.\.(\d{1,9}))?$/.exec(text);
  const first = Number(match?.[1]);
  const last = Number(match?.[2] ?? match?.[1]);
  if (match === null || last < first) {
    throw new InvalidArgumentError(`It must be a range such as 1..20, not "${text}".`);
  }
  return { first, last };
}
/** A moment, on a whole minute. UTC ms. */
export function timeOf(text: string): number {
  const full = /^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00Z` : text;
  const at = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?Z$/.test(full) ? Date.parse(full) : NaN;
  if (Number.isNaN(at)) {
    throw new InvalidArgumentError(`It must be a UTC time such as 2020-01-01 or 2020-01-01T12:00Z, not "${text}".`);
  }
  return at - at % 60_000;
}

/** The flags of a command that plays one configuration through candles. */
export function playOptions(command: Command): Command {
  return marketOptions(command).option("--config <file>", "configuration of the bot", "config/testnet.yaml");
}

/** The flags of a command that plays candles, whatever configurations it plays. */
export function marketOptions(command: Command): Command {
  return command
    .requiredOption("--data <file>", "candles or trades, plain or gzip")
    .option("--from <time>", "first moment, UTC (default: the earliest with enough history before it)", timeOf)
    .option("--to <time>", "end, UTC (default: the end of the data)", timeOf)
    .addOption(new Option("--path <kind>", "how price moves inside a candle").choices(PATHS).default("seeded"))
    .option("--seed <n>", "what is drawn is drawn from it", wholeNumber, 1)
    .addOption(new Option("--fill <rule>", "when a resting order fills").choices(FILLS).default("through"))
    .addOption(
      new Option("--halts <rule>", "lift every HALT at the next 00:00 UTC, or stop as the live bot does").choices([
        "lift",
        "stop",
      ]).default("lift"),
    )
    .option("--slippage-bps <n>", "stops and market orders fill this much worse", positiveNumber, 0)
    .option("--wallet <usd>", "what the account holds at the start", positiveNumber, 100)
    .option("--no-skip", "play every candle, also those in which nothing can be decided")
    .option("--json", "end with one line of JSON");
}

/** The window of a run, checked against the data (L-1.5). Throws LabInputError. */
export function windowOf(
  candles: LabCandles,
  flags: { readonly from?: number; readonly to?: number },
): { readonly from: number; readonly to: number } {
  const window = { from: flags.from ?? earliestStart(candles), to: flags.to ?? endOf(candles) };
  try {
    checkWindow(candles, window);
    return window;
  } catch (error) {
    if (error instanceof LabWindowError) throw new LabInputError(error.message, LAB_EXIT.badData);
    throw error;
  }
}

export function runOptions(flags: PlayFlags): RunOptions {
  const { skip, halts, fill, wallet, slippageBps } = flags;
  return { skip, halts, fill, walletUsd: wallet, slippageBps, keepIntents: false };
}

export function windowText(window: { readonly from: number; readonly to: number }): string {
  return `${isoOf(window.from)} to ${isoOf(window.to)}`;
}
