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
