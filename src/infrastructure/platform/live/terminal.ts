import { EXIT } from "../../../common/exit_codes.ts";

const USUAL = 80;
const LEAST = 40;

/** Columns of the terminal behind stdout; 80 where there is none (a pipe, a file). */
export function terminalColumns(): number {
  try {
    return Math.max(LEAST, Deno.consoleSize().columns);
  } catch {
    return USUAL;
  }
}

const encoder = new TextEncoder();
type Outlet = {
  readonly writer: { writeSync(bytes: Uint8Array): number };
  /** Nothing more is written. */
  gone: boolean;
  /** Something could not be written although its reader is there. */
  unsaid: boolean;
};
const output: Outlet = { writer: Deno.stdout, gone: false, unsaid: false };
const complaints: Outlet = { writer: Deno.stderr, gone: false, unsaid: false };

/** Why a line could not be written; null = it was, or its reader has gone and wants no more. */
function write(outlet: Outlet, line: string): string | null {
  if (outlet.gone) return null;
  try {
    const bytes = encoder.encode(`${line}\n`);
    for (let from = 0; from < bytes.length;) from += outlet.writer.writeSync(bytes.subarray(from));
    return null;
  } catch (error) {
    outlet.gone = true;
    if (error instanceof Deno.errors.BrokenPipe) return null;
    return error instanceof Error ? error.message : String(error);
  }
}

/** A line of the answer, to stdout. Never throws: a closed pipe is the reader's wish, a full disk is said once. */
export function say(line: string): void {
  const why = write(output, line);
  if (why === null) return;
  output.unsaid = true;
  complain(`Cannot write the output: ${why}`);
}

/** A line about what is wrong, to stderr. Never throws. */
export function complain(line: string): void {
  write(complaints, line);
}

/** Ends the process; an answer that could not be written is none. */
export function endWith(code: number): never {
  Deno.exit(output.unsaid && code === EXIT.ok ? EXIT.files : code);
}
