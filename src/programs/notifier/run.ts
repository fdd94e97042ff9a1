/** Configuration and secrets to running channels; each in its own loop, none waits for another. */
import type { FileSeam } from "../../application/engine/ports.ts";
import { EXIT } from "../../common/exit_codes.ts";
import { createAnswers } from "./answers.ts";
import { Bucket } from "./bucket.ts";
import { cursorPath, freshCursor, NOTIFY_FOLDER, readCursor } from "./cursor.ts";
import { Keeper } from "./keeper.ts";
import { endOf, Follower } from "./outbox.ts";
import { ownSource } from "./own_lines.ts";
import { Times } from "./message.ts";
import { Phone } from "./phone.ts";
import { QuietHours } from "./quiet.ts";
import { Queue } from "./queue.ts";
import type { NotifyConfig } from "./config.ts";
import type { Opened, Places } from "./secrets.ts";
import { outboxSource, Summaries } from "./summaries.ts";
import { Watch } from "./watch.ts";
import { Worker } from "./worker.ts";
import type { NotifyWorld } from "./world.ts";

export type RunOptions = {
  readonly world: NotifyWorld;
  readonly dataDir: string;
  readonly config: NotifyConfig;
  readonly opened: Opened;
  readonly places: Places;
  /** For `data/control` and the lock. */
  readonly seam: FileSeam;
  readonly processId: number;
};

type Runner = { readonly run: () => Promise<void> };

/** The worker of a channel, at the place where the process before this one left it. */
export function workerOf(
  { world, dataDir }: Pick<RunOptions, "world" | "dataDir">,
  of: Opened["channels"][number] & { readonly bucket: Bucket },
): Worker {
  const { channel, config, bucket } = of;
  const { name } = channel;
  const [outbox, own] = [outboxSource(world.files, dataDir), ownSource(world.files, dataDir)];
  const known = readCursor(world.files, cursorPath(dataDir, name));
  const cursor = known ?? freshCursor({ now: world.now(), outbox: endOf(outbox), own: endOf(own) });
  const keeper = new Keeper(world, { dataDir, name, cursor });
  // A channel begins now: what comes while it is off must be found by its next start.
  if (known === null) keeper.save();
  const queue = new Queue({
    world,
    dataDir,
    name,
    rules: {
      minimum: config.minimum,
      off: config.off,
      quiet: config.quiet === null ? null : new QuietHours(config.quiet),
      times: new Times(config),
    },
    keeper,
    outbox: new Follower(outbox, cursor.outbox),
    own: new Follower(own, cursor.own),
  });
  return new Worker({ world, dataDir, channel, bucket, keeper, queue });
}

function phoneOf(options: RunOptions, of: Opened["channels"][number] & { readonly bucket: Bucket }): Phone | null {
  const { world, dataDir, opened, places, seam } = options;
  const { channel, config, bucket } = of;
  const token = opened.tokens.get(channel.name);
  if (config.type !== "telegram" || config.users.length === 0 || token === undefined) return null;
  const times = new Times(config);
  return new Phone({
    world,
    dataDir,
    name: channel.name,
    base: places.telegram,
    token,
    chat: config.chat,
    topic: config.topic,
    users: config.users,
    bucket,
    answers: createAnswers({ world, dataDir, times, control: seam }),
  });
}

/** Runs until the world is asked to stop. Returns the exit code. */
export async function runNotifier(options: RunOptions): Promise<number> {
  const { world, dataDir, config, opened, seam, processId } = options;
  if (!seam.exists(dataDir)) {
    world.log("error", `There is no folder ${dataDir} here. Run this in the bot's folder.`);
    return EXIT.files;
  }
  seam.makeDirectory(`${dataDir}/${NOTIFY_FOLDER}`);
  const lock = seam.lock(`${dataDir}/${NOTIFY_FOLDER}/lock`, `abot-notifier, process ${processId}`);
  if (lock.kind === "held") {
    world.log("error", `Cannot start as another notifier runs in ${dataDir}: ${lock.holder}`);
    return EXIT.notYet;
  }
  try {
    const runners: Runner[] = [new Watch({ world, dataDir, heartbeat: opened.heartbeat })];
    if (config.daily !== null) runners.push(new Summaries(world, { dataDir, daily: config.daily }));
    for (const one of opened.channels) {
      const bucket = new Bucket(one.channel.pace, world.now());
      runners.push(workerOf(options, { ...one, bucket }));
      const phone = phoneOf(options, { ...one, bucket });
      if (phone !== null) runners.push(phone);
    }
    const names = opened.channels.map(({ channel }) => `${channel.name} (${channel.kind})`).join(", ");
    world.log("info", `following ${dataDir}: ${names}${opened.heartbeat === null ? "" : ", heartbeat"}`);
    await Promise.all(runners.map((runner) => runner.run()));
    return EXIT.ok;
  } finally {
    lock.release();
  }
}
