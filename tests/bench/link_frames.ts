/** Frames of every kind that comes often, each with the session that reads it. */
import { epochMs } from "../../src/domain/units.ts";
import { Session } from "../../src/infrastructure/exchange/bybit/bybit_ws_client.ts";
import { MarketView } from "../../src/infrastructure/exchange/bybit/market_view.ts";
import { SNAPSHOT } from "../unit/bybit_kit.ts";
import { textOf } from "../unit/bybit_samples.ts";

const AT = epochMs(1_790_369_126_000);
const FRAMES: readonly (readonly [string, string])[] = [
  ["pong", "ws_pong_private.json"],
  ["ticker", "ws_tickers_btcusd-snapshot-real-2026.json"],
  ["execution", "synthetic/ws_execution_inverse-partial.json"],
  ["order", "synthetic/ws_order_inverse-stop-untriggered.json"],
  ["position", "synthetic/ws_position_inverse-long.json"],
  ["wallet", "synthetic/ws_wallet_uta-isolated-margin-btc-empty-totals.json"],
];

/** Name and one reading, text to event. */
export const FRAME_READERS: readonly (readonly [string, () => void])[] = FRAMES.map(([name, sample]) => {
  const text = textOf(sample);
  const session = new Session({ stream: "private", topics: [], market: new MarketView(() => {}), onBars: () => {} });
  session.onText(SNAPSHOT, AT);
  return [name, () => void session.onText(text, AT)];
});
