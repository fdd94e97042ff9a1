/** `goal.floor_basis`: dollars, or what trading alone left (ADR 0020). */
import { strict as assert } from "node:assert";
import { floorEquity } from "../../src/application/policy/risk/goal.ts";
import { microUsd, picoBtc, priceCents } from "../../src/domain/units.ts";
import { defaultTestConfig } from "../config_fixture.ts";
import { at, boot, command, haltOf, market, newRig, type Rig, send, tick, wait } from "../core_rig.ts";

const TRADING = defaultTestConfig((change) => {
  change.goal.floor_basis = "trading";
});
const BASE = picoBtc(2_000_000_000);

function left(btc: number): number | null {
  return floorEquity({ btc: picoBtc(btc), usd: microUsd(5), base: BASE }, TRADING.goal);
}

Deno.test("[P-2 floor_basis] trading measures the share of the capital that is left, in dollars of the start, rounded down", () => {
  assert.equal(left(2_000_000_000), 100_000_000);
  assert.equal(left(1_600_000_000), 80_000_000);
  assert.equal(left(1_599_999_999), 79_999_999);
  assert.equal(left(1_600_000_020), 80_000_001);
  assert.equal(left(2_500_000_000), 125_000_000);
});

Deno.test("[P-2 floor_basis] usd measures dollars; an unknown or empty account is judged by dollars under both", () => {
  const seen = { btc: picoBtc(1), usd: microUsd(90_000_000), base: BASE };
  assert.equal(floorEquity(seen, defaultTestConfig().goal), 90_000_000);
  assert.equal(floorEquity({ ...seen, btc: null }, TRADING.goal), 90_000_000);
  assert.equal(floorEquity({ ...seen, base: null }, TRADING.goal), 90_000_000);
  assert.equal(floorEquity({ ...seen, btc: picoBtc(0), usd: microUsd(0) }, TRADING.goal), 0);
});

/** Own results of so much, as bookings would have left them; then three updates a second apart. */
function realise(rig: Rig, pico: number): void {
  const { capital } = rig.bot;
  rig.bot = { ...rig.bot, capital: { ...capital, realised: picoBtc(pico) } };
  updates(rig);
}
function updates(rig: Rig): void {
  for (let update = 0; update < 4; update++) wait(rig, 1_000);
}
/** The base of a rig: $100 at $50,000. */
const RIG_BASE = 2_000_000_000;

Deno.test("[F-7.4 floor_basis] at the floor trading goes on, one step below it halts, one above it does not", () => {
  const rows: readonly [realised: number, halt: string][] = [
    [-0.2 * RIG_BASE, "none"],
    [-0.2 * RIG_BASE + 1, "none"],
    [-0.2 * RIG_BASE - 1, "equity_below_floor"],
  ];
  for (const [realised, expected] of rows) {
    const rig = boot(newRig(TRADING));
    assert.equal(rig.bot.capital.base, RIG_BASE);
    realise(rig, realised);
    assert.equal(rig.bot.halt === null ? "none" : haltOf(rig), expected, String(realised));
  }
});

function fallen(rig: Rig, price: number): void {
  market(rig, price, { mark: priceCents(price) });
  tick(rig);
  updates(rig);
}

Deno.test("[F-7.4 floor_basis] the BTC price alone reaches the floor in dollars and never the one on trading", () => {
  const usd = boot(newRig());
  fallen(usd, 3_900_000);
  assert.equal(haltOf(usd), "equity_below_floor");
  const trading = boot(newRig(TRADING));
  fallen(trading, 1_000_000);
  assert.equal(trading.bot.halt, null);
});

Deno.test("[F-13.2 floor_basis] a reset is refused with what trading left, and --accept puts the floor at 80 % of it", () => {
  const rig = boot(newRig(TRADING));
  realise(rig, -0.25 * RIG_BASE);
  // In dollars the account is above the floor: only the share that trading left is below it.
  market(rig, 5_500_000, { mark: priceCents(5_500_000) });
  updates(rig);
  const refused = command(rig, "reset").find((one) => one.kind === "Answer");
  assert.match(refused?.kind === "Answer" ? refused.text : "", /what trading left is 75 USD, the floor 80/);
  send(rig, { kind: "OperatorCommand", at: at(rig), id: "2", command: "reset", reason: "t", accept: true });
  assert.deepEqual([rig.bot.halt, rig.bot.goal.floorUsd], [null, 60]);
  // The new floor is in the state, so a start that reads it back measures the same (recovery).
  rig.bot = JSON.parse(JSON.stringify(rig.bot));
  realise(rig, -0.4 * RIG_BASE - 1);
  assert.equal(haltOf(rig), "equity_below_floor");
});
