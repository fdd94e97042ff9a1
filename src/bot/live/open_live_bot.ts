import type { Platform, Sinks } from "../../application/engine/ports.ts";
import type { IntentOf } from "../../domain/intent.ts";
import type { Config } from "../../domain/limits.ts";
import type { Keeping } from "../../infrastructure/config/load.ts";
import type { Log } from "../../infrastructure/logging/log.ts";
import type { Redactor } from "../../infrastructure/logging/redactor.ts";
import type { Journal } from "../../infrastructure/storage/journal/journal.ts";
import type { Packer } from "../../infrastructure/storage/journal/retention.ts";
import type { BuildFacts } from "../../infrastructure/storage/journal/segments.ts";
import { alertWords } from "../../views/alert_words.ts";
import type { Status } from "../../views/status.ts";
import { type BotProcess, startBot } from "../bot_process.ts";
import type { Remembered } from "../memory.ts";
import { type History, keepHistory } from "./history_log.ts";
import { createLiveSinks, literal, type LiveSinks } from "./sinks.ts";
import { startStatusWriter } from "./status_writer.ts";

export type LiveBotOptions = {
  readonly platform: Platform;
  readonly dataDir: string;
  readonly config: Config;
  readonly configHash: string;
  readonly keeping: Keeping;
  readonly build: BuildFacts;
  readonly key: string;
  readonly secret: string;
  readonly observe: boolean;
  /** What the data directory held; read once a start. */
  readonly remembered: Remembered;
  readonly log: Log;
  readonly redactor: Redactor;
  /** Packs old days of journal and history; null leaves them. */
  readonly pack: Packer | null;
  readonly wireLog: ((line: string) => void) | null;
  /** The process cannot start; one line for the operator. */
  readonly onRefused: (line: string) => void;
  /** The venue has not said which account the key belongs to, and why. */
  readonly onUnknown?: (why: string) => void;
  readonly onAnswer: (answer: IntentOf<"Answer">) => void;
  /** Every record, before the trade log takes it. */
  readonly onRecord?: Sinks["record"];
  /** A line for the person at the terminal. */
  readonly say: (line: string) => void;
  readonly stderr: (line: string) => void;
};

export type LiveBot = {
  readonly process: BotProcess;
  /** What `status.json` said last; null until the account is known. */
  readonly latest: () => Status | null;
  /** An alert of the program itself, about what the core does not see. */
  readonly raise: LiveSinks["raise"];
  /** Writes the last word, abandons the connections and closes every file. Asks nothing of the venue. */
  readonly close: () => void;
};

/**
 * The one wiring of a bot on the real venue: memory, link and core, and all that is written for people: alerts, trade
 * log, audit log, history and status (P-13, F-13.4, M-1). The caller holds the lock on the data directory. Throws when
 * the journal cannot be opened.
 */
export function openLiveBot(options: LiveBotOptions): LiveBot {
  const { platform, dataDir, config, build, remembered } = options;
  const logger = options.log.logger("program");
  const onTrouble = (line: string) => logger.error(literal(line));
  let running: BotProcess | null = null;
  const outlets = openSinks(options, () => running?.state()?.bot ?? null);
  const history = keepHistory({
    platform,
    dataDir,
    keepDays: options.keeping.history_keep_days,
    pack: options.pack,
    onTrouble,
  });
  outlets.remembered(remembered.records);
  for (const line of remembered.lines) logger.info(literal(line));
  const process = startBot({
    platform,
    config,
    build,
    dataDir,
    remembered,
    key: options.key,
    secret: options.secret,
    observe: options.observe,
    pack: options.pack,
    wireLog: options.wireLog,
    sinks: (journal) => listened(outlets.sinks(journal), options.onRecord),
    onRefused: options.onRefused,
    ...(options.onUnknown === undefined ? {} : { onUnknown: options.onUnknown }),
    afterStep: (_event, { bot }) => {
      history.step(bot);
      outlets.step(bot);
      status.step();
    },
  });
  running = process;
  const status = startStatusWriter({
    platform,
    dataDir,
    state: () => process.state(),
    now: () => process.serverNow(),
    facts: () => statusFacts(options, { process, history }),
    onTrouble,
  });
  return {
    process,
    latest: () => status.latest(),
    raise: outlets.raise,
    close() {
      status.stop();
      process.stop();
      outlets.close();
      history.close();
    },
  };
}

function openSinks(options: LiveBotOptions, bot: Parameters<typeof createLiveSinks>[0]["bot"]): LiveSinks {
  const { platform, dataDir, redactor, log, configHash, build, keeping, onRefused, onAnswer, say, stderr } = options;
  return createLiveSinks({
    ...{ platform, dataDir, redactor, log, configHash, bot, onRefused, onAnswer, say, stderr },
    version: build.version,
    commit: build.commit,
    alertsKeepMonths: keeping.alerts_keep_months,
    alertWords,
  });
}

function listened(sinks: Sinks, onRecord: Sinks["record"] | undefined): Sinks {
  if (onRecord === undefined) return sinks;
  return {
    ...sinks,
    record(record, seq) {
      onRecord(record, seq);
      sinks.record(record, seq);
    },
  };
}

function statusFacts(
  { build, configHash, observe }: LiveBotOptions,
  parts: { readonly process: BotProcess; readonly history: History },
) {
  const journal: Journal | null = parts.process.journal();
  return {
    version: build.version,
    commit: build.commit,
    configHash,
    journalSeq: journal?.lastSeq() ?? 0,
    journalHead: journal?.head() ?? "",
    start: parts.history.start(),
    observe,
    vitals: parts.process.vitals(),
  };
}
