/** Rows of F-1 and codes of P-4 that need words the fake venue does not say: its answers are changed on the wire. */
import { equal, ok } from "node:assert/strict";
import { reachedOverTheWire } from "../support/tampered_bot.ts";

Deno.test("[F-1.27] an execution of quantity 0 on the wire: the whole bot refuses it and halts", () => {
  let spoilt = 0;
  const reached = reachedOverTheWire({
    hours: 6,
    frame(text) {
      if (spoilt > 0 || !text.includes('"topic":"execution')) return text;
      spoilt += 1;
      return text.replace(/"execQty":"\d+"/, '"execQty":"0"');
    },
  });
  equal(spoilt, 1);
  equal(reached["F-1.27"], 1);
  ok((reached["state_halt"] ?? 0) > 0);
});

Deno.test("[F-7.11 P-4] a position row of another mode: hedge_mode_detected", () => {
  let reads = 0;
  const reached = reachedOverTheWire({
    hours: 1,
    reply(path, body) {
      if (!path.endsWith("/position/list") || ++reads < 40) return body;
      return body.replace('"positionIdx":0', '"positionIdx":1');
    },
  });
  ok((reached["hedge_mode_detected"] ?? 0) > 0, Object.keys(reached).join(" "));
});

/** A venue that lists no risk tier, or one whose figures fit neither unit. */
const NO_TIER: readonly [name: string, spoil: (body: string) => string][] = [
  ["none listed", (body) => body.replace(/"list":\[.*?\]/, '"list":[]')],
  ["no figures", (body) => body.replace(/"maintenanceMargin":"[^"]*"/, '"maintenanceMargin":""')],
];
const withoutTier = (
  of: { readonly stopPct: number; readonly spoil: (body: string) => string; readonly from?: number },
) => {
  let asked = 0;
  return reachedOverTheWire({
    hours: 2,
    tune: (config) => ({ ...config, sizing: { ...config.sizing, stop_distance_min_pct: of.stopPct } }),
    reply(path, body) {
      if (!path.endsWith("/risk-limit")) return body;
      asked += 1;
      return asked > (of.from ?? Infinity) ? body : of.spoil(body);
    },
  });
};

for (const [name, spoil] of NO_TIER) {
  Deno.test(`[P-7 F-12.6] no risk tier from the venue (${name}), stop 4.5 % away: liquidation_unknown, nothing enters`, () => {
    const reached = withoutTier({ stopPct: 4.5, spoil });
    ok((reached["liquidation_unknown"] ?? 0) > 0, Object.keys(reached).join(" "));
    equal(Object.keys(reached).filter((row) => row.startsWith("F-1.")).length, 0);
  });
}

Deno.test("[P-7 F-12.6] the runs beside them: a near stop, or a tier that is told later, and it trades", () => {
  const [[, spoil] = ["", (body: string) => body]] = NO_TIER;
  for (const run of [{ stopPct: 3.9, spoil }, { stopPct: 4.5, spoil, from: 10 }]) {
    const reached = withoutTier(run);
    ok(Object.keys(reached).some((row) => row.startsWith("F-1.")), JSON.stringify(run));
  }
});
