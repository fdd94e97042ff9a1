/** Codes in words, where the shared sentences say nothing of them. */

const GATES: readonly string[] = [
  "",
  "state and market data",
  "limits of the day",
  "stage and leverage",
  "volatility and order book",
  "expected value",
  "maker rule",
  "win rate",
  "position mode",
];

/** `3 of 8: stage and leverage`. */
export function gateName(gate: number): string {
  const name = GATES[gate];
  return name === undefined ? String(gate) : `${gate} of 8: ${name}`;
}

/** `stop_loss_local` → `stop loss local`. */
export function plainWords(code: string): string {
  return code.replaceAll(/[_:]+/g, " ");
}
