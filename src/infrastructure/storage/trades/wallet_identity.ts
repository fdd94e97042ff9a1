import { isAdjustment, type LedgerLine } from "./trade_schema.ts";

/** Satoshi with decimals below one → whole 10⁻¹² BTC (1 satoshi is 10,000 of them), so that sums are exact. */
function pico(sats: number): number {
  return Math.round(sats * 10_000);
}

export type LedgerCheck = {
  readonly trades: number;
  readonly adjustments: number;
  /** Σ of the log, 10⁻¹² BTC: gross − fees − funding of every line. */
  readonly logPico: number;
  readonly cashPico: number;
  readonly walletPico: number;
  /** Wallet change minus log minus cash flows; 0 = the identity holds. */
  readonly differencePico: number;
  /** Lines whose own figures do not add up. */
  readonly faults: readonly string[];
};

/**
 * The ledger identity: Σ of the trade log + external cash flows = change of the wallet (issue "Memory"). Between two
 * moments without a position. Money in 10⁻¹² BTC.
 */
export function checkLedger(options: {
  readonly lines: Iterable<LedgerLine>;
  readonly cashFlowsPico: readonly number[];
  readonly walletBeforePico: number;
  readonly walletAfterPico: number;
}): LedgerCheck {
  const faults: string[] = [];
  let [trades, adjustments, logPico] = [0, 0, 0];
  for (const line of options.lines) {
    const net = pico(line.gross_pnl_sats) - pico(line.fees_sats) - pico(line.funding_sats);
    logPico += net;
    if (isAdjustment(line)) {
      adjustments += 1;
      continue;
    }
    trades += 1;
    const name = `trade ${line.trade_id}`;
    if (pico(line.net_pnl_sats) !== net) faults.push(`${name}: net_pnl_sats is not gross − fees − funding`);
    const fees = line.fills.reduce((sum, fill) => sum + pico(fill.fee_sats), 0);
    if (pico(line.fees_sats) !== fees) faults.push(`${name}: fees_sats is not the sum of its fills`);
  }
  const cashPico = options.cashFlowsPico.reduce((sum, flow) => sum + flow, 0);
  const walletPico = options.walletAfterPico - options.walletBeforePico;
  return {
    trades,
    adjustments,
    logPico,
    cashPico,
    walletPico,
    differencePico: walletPico - logPico - cashPico,
    faults,
  };
}

/** The check in lines; the last one says whether the identity holds. */
export function ledgerText(check: LedgerCheck): readonly string[] {
  const btc = (value: number): string => `${(value / 1e12).toFixed(12)} BTC`;
  const holds = check.differencePico === 0 && check.faults.length === 0;
  const sums = `log ${btc(check.logPico)} + cash flows ${btc(check.cashPico)} against wallet ${btc(check.walletPico)}`;
  const what = `${check.trades} trades, ${check.adjustments} adjustments`;
  const closing = holds
    ? `ledger holds: ${what}, ${sums}`
    : `LEDGER DIFFERS by ${btc(check.differencePico)}, ${check.faults.length} faulty lines: ${what}, ${sums}`;
  return [...check.faults, closing];
}
