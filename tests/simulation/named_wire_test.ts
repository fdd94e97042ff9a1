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

Deno.test("[P-7 F-12.6] no risk tier from the venue: no entry, whatever the stop; liquidation_unknown is the belt behind it", () => {
  const reached = reachedOverTheWire({
    hours: 3,
    tune: (config) => ({ ...config, sizing: { ...config.sizing, stop_distance_min_pct: 4.5 } }),
    reply: (path, body) => path.endsWith("/risk-limit") ? body.replace(/"list":\[.*?\]/, '"list":[]') : body,
  });
  ok((reached["state_cooldown"] ?? 0) > 100, "it stays in its start");
  equal(Object.keys(reached).filter((name) => name.startsWith("F-1.")).length, 0);
});
