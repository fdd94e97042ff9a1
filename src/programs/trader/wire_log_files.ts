import type { Platform } from "../../application/engine/ports.ts";
import { messageOf } from "../../common/text.ts";
import { AppendLog } from "../../infrastructure/logging/append_log.ts";
import type { Redactor } from "../../infrastructure/logging/redactor.ts";

/**
 * Every frame and reply of the wire, one line each, in daily files of `directory`; the lines are redacted before and
 * here again. Throws one clear line when nothing can be written there.
 */
export function openWireLog(
  options: { readonly platform: Platform; readonly directory: string; readonly redactor: Redactor },
): { readonly write: (line: string) => void; readonly close: () => void } {
  const { platform, directory, redactor } = options;
  const { files, clock } = platform;
  const today = () => `wire-${new Date(clock.wallNow()).toISOString().slice(0, 10)}.jsonl`;
  try {
    files.makeDirectory(directory);
    files.openAppend(`${directory}/${today()}`).close();
  } catch (error) {
    const denied = error instanceof Error && error.name === "NotCapable";
    const why = denied ? "this program writes only below data of where it is started" : messageOf(error);
    throw new Error(`Cannot write the wire log to ${directory}: ${why}; expected a folder such as data/wire`);
  }
  const log = new AppendLog({
    files,
    clock,
    directory,
    // A wire log that cannot be written is missed by nobody: trading goes on, the log's own health shows it.
    onHealth: () => undefined,
  });
  return {
    write(line) {
      log.write(redactor.redact(line), { file: today(), critical: false });
    },
    close: () => void log.close(),
  };
}
