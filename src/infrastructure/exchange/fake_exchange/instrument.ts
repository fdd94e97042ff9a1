/** The one contract this venue lists: BTCUSD, inverse perpetual, 1 contract = 1 USD. Prices in 0.01 USD. */
export type InstrumentOptions = {
  readonly tickCents: number;
  readonly minPriceCents: number;
  readonly maxPriceCents: number;
  readonly minQty: number;
  readonly qtyStep: number;
  readonly maxQty: number;
  readonly maxMarketQty: number;
  readonly minNotionalUsd: number;
  readonly status: "PreLaunch" | "Trading" | "Delivering" | "Closed";
  readonly maxLeverageE2: number;
  /** Price band ratios × 10⁸ (PROTOCOL §4.2). */
  readonly bandXE8: number;
  readonly bandYE8: number;
  /** How far a market order may go from mark, × 10⁸ (PROTOCOL §4.4; captures show 1 % and 5 %). */
  readonly marketCapE8: number;
  /** Maintenance margin rate of tier 1, × 10⁸ (PROTOCOL §7). */
  readonly maintenanceE8: number;
  readonly riskLimitBtc: number;
  /** Most resting conditional orders (PROTOCOL §4.10). */
  readonly maxConditional: number;
  readonly maxActive: number;
};

export const BTCUSD: InstrumentOptions = {
  tickCents: 10,
  minPriceCents: 10,
  maxPriceCents: 199_999_980,
  minQty: 1,
  qtyStep: 1,
  maxQty: 10_000_000,
  maxMarketQty: 2_000_000,
  minNotionalUsd: 5,
  status: "Trading",
  maxLeverageE2: 10_000,
  bandXE8: 5_000_000,
  bandYE8: 10_000_000,
  marketCapE8: 5_000_000,
  maintenanceE8: 500_000,
  riskLimitBtc: 150,
  maxConditional: 10,
  maxActive: 500,
};

export type Fees = {
  readonly makerE8: number;
  readonly takerE8: number;
  readonly maker: string;
  readonly taker: string;
};
