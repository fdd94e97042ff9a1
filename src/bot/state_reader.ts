import { type Guarded, guardedStep } from "../application/guardian/guardian.ts";
import { adoptRecordedIntents } from "../application/transition/mod.ts";
import { parseGuarded } from "./parse_state.ts";
import { STATE_MIGRATIONS } from "../infrastructure/storage/journal/migrations.ts";
import type { RecoverOptions } from "../infrastructure/storage/journal/recovery.ts";

/** How the bot's state is read back and stepped; recovery and replay use the same (F-3.3). */
export function stateReader(coreHash: string, equalCores: readonly string[] = []): Pick<
  RecoverOptions<Guarded>,
  "step" | "coreHash" | "equalCores" | "parseState" | "migrations" | "register"
> {
  return {
    step: guardedStep,
    coreHash,
    equalCores,
    parseState: parseGuarded,
    migrations: STATE_MIGRATIONS,
    register: (state, { event, intents }) => ({
      bot: adoptRecordedIntents(state.bot, { at: event.at, intents }),
      guardian: state.guardian,
    }),
  };
}
