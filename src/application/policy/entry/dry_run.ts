import type { Config } from "../../../domain/limits.ts";
import type { MicroUsd } from "../../../domain/units.ts";

/** True when a dry run has used up `max_trades_total`; false outside a dry run (P-12). */
export function dryRunFull(tradesTotal: number, dryRun: Config["dry_run"]): boolean {
  return dryRun.dry_run && tradesTotal >= dryRun.max_trades_total;
}

/** Line for people when a dry run may not start, once, at the first start: equity below `min_equity_usd` (P-12). */
export function dryRunStartFault(equity: MicroUsd, dryRun: Config["dry_run"]): string | null {
  const usd = equity / 1_000_000;
  if (!dryRun.dry_run || usd >= dryRun.min_equity_usd) return null;
  return `Cannot start the dry run as P-12 needs ${dryRun.min_equity_usd} USD: current equity is ${usd} USD`;
}
