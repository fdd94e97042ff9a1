/** The notifier: flags → permission audit → configuration → secrets → channels. */
import { programBuild } from "../../build_info.ts";
import { EXIT } from "../../common/exit_codes.ts";
import { createRedactor } from "../../infrastructure/logging/redactor.ts";
import { liveFiles } from "../../infrastructure/platform/live/files.ts";
import { onTermination } from "../../infrastructure/platform/live/signals.ts";
import { denoWorld } from "../../infrastructure/safety/deno_permissions.ts";
import { CREDENTIALS_NAME } from "../../infrastructure/safety/permissions.ts";
import { type CommandWorld, explainNotifier, resendLetters, showState, testChannels } from "./commands.ts";
import { loadNotifyConfig, type NotifyConfig } from "./config.ts";
import { livePlaces } from "./live_places.ts";
import { liveWorld, stopSwitch } from "./live_world.ts";
import { auditNotifier } from "./permissions.ts";
import { type Asked, type Handlers, runProgram } from "./program.ts";
import { runNotifier } from "./run.ts";
import { openChannels, type Opened, type SecretSource } from "./secrets.ts";

/** The one place of the data; the program has no permission elsewhere (N-2.1). */
const DATA_DIR = "data";

const redactor = createRedactor([]);
const stop = stopSwitch();
const world = liveWorld({ stop, redactor });
const of: CommandWorld = {
  world,
  dataDir: DATA_DIR,
  out: (line) => console.log(redactor.redact(line)),
  error: (line) => console.error(redactor.redact(line)),
};
const places = livePlaces((host) => denoWorld.granted({ name: "net", host }));
const source: SecretSource = {
  variable: denoWorld.variable,
  readText: liveFiles.readText,
  credentialsFolder: denoWorld.variable(CREDENTIALS_NAME) ?? null,
};

type Ready = { readonly config: NotifyConfig };

function ready({ config: path }: Asked): Ready | null {
  const audit = auditNotifier(denoWorld);
  for (const line of audit.refusals) of.error(line);
  if (audit.refusals.length > 0) return null;
  const loaded = loadNotifyConfig({ path, readText: liveFiles.readText });
  if (loaded.kind === "loaded") return { config: loaded.config };
  for (const line of loaded.errors) of.error(line);
  return null;
}

/** With secrets in hand, and out of every line from here on; null = refused. */
function open(config: NotifyConfig): Opened | null {
  const opened = openChannels(config, { source, places });
  for (const secret of opened.secrets) redactor.hide(secret);
  for (const line of opened.refusals) of.error(`Cannot start: ${line}`);
  return opened.refusals.length === 0 ? opened : null;
}

const handlers: Handlers = {
  async run(asked) {
    const config = ready(asked)?.config;
    const opened = config === undefined ? null : open(config);
    if (config === undefined || opened === null) return EXIT.refused;
    for (const line of auditNotifier(denoWorld).announcements) of.error(line);
    const quiet = onTermination(() => stop.stop());
    try {
      const processId = Deno.pid;
      return await runNotifier({ world, dataDir: DATA_DIR, config, opened, places, seam: liveFiles, processId });
    } finally {
      quiet();
    }
  },
  async test(asked) {
    const config = ready(asked)?.config;
    const opened = config === undefined ? null : open(config);
    if (opened === null) return EXIT.refused;
    return await testChannels(of, { channels: opened.channels, only: asked.channel });
  },
  state(asked) {
    const config = ready(asked)?.config;
    return config === undefined ? EXIT.refused : showState(of, { config, json: asked.json });
  },
  resend(asked) {
    const config = ready(asked)?.config;
    return config === undefined ? EXIT.refused : resendLetters(of, { config, only: asked.channel });
  },
  explain(asked) {
    const config = ready(asked)?.config;
    if (config === undefined) return EXIT.refused;
    const isSet = (name: string) => {
      if ((source.variable(name) ?? "") !== "") return true;
      const { credentialsFolder } = source;
      return credentialsFolder !== null && liveFiles.exists(`${credentialsFolder}/${name.toLowerCase()}`);
    };
    return explainNotifier(of, { config, isSet });
  },
};

if (import.meta.main) {
  const { build, args } = programBuild(Deno.args);
  try {
    Deno.exit(
      await runProgram(args, {
        handlers,
        version: `abot-notifier ${build.version} commit ${build.commit} built ${build.buildDate}`,
        out: (text) => console.log(text.trimEnd()),
        error: (text) => console.error(redactor.redact(text.trimEnd())),
      }),
    );
  } catch (error) {
    console.error(redactor.redact(error instanceof Error ? error.stack ?? error.message : String(error)));
    Deno.exit(EXIT.internal);
  }
}
