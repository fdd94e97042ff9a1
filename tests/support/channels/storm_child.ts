/** A notifier process with one webhook on this machine, to be killed. Arguments: data directory, address of the hook. */
import { createRedactor } from "../../../src/infrastructure/logging/redactor.ts";
import { liveFiles } from "../../../src/infrastructure/platform/live/files.ts";
import { liveWorld, stopSwitch } from "../../../src/programs/notifier/live_world.ts";
import { runNotifier } from "../../../src/programs/notifier/run.ts";
import { openChannels } from "../../../src/programs/notifier/secrets.ts";
import { configOf } from "./rig.ts";
import { HOOK_SECRET } from "./others.ts";

const [dataDir = "data", url = ""] = Deno.args;
const config = configOf("channels:\n  hook:\n    type: webhook\n");
const values: Readonly<Record<string, string>> = { ABOT_NOTIFY_HOOK_URL: url, ABOT_NOTIFY_HOOK_SECRET: HOOK_SECRET };
const places = { telegram: "", objection: () => null };
const source = { variable: (name: string) => values[name], readText: () => "", credentialsFolder: null };
const opened = openChannels(config, { source, places });
// The storm is about kills, not about pace.
const channels = opened.channels.map((one) => ({
  ...one,
  channel: { ...one.channel, pace: { burst: 1e6, everyMs: 1 } },
}));
const world = liveWorld({ stop: stopSwitch(), redactor: createRedactor(opened.secrets) });
const options = { world, dataDir, config, opened: { ...opened, channels }, places, seam: liveFiles };
await runNotifier({ ...options, processId: Deno.pid });
