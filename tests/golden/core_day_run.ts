/** A simulated day of the core against a calm venue, as text: what happened, word and phase, what left. */
import type { Event } from "../../src/domain/events.ts";
import type { Intent } from "../../src/domain/intent.ts";
import { publicWord } from "../../src/application/transition/mod.ts";
import { CALM, newWorld, run, start } from "../core_world.ts";

const HOUR_MS = 3_600_000;

function brief(intent: Intent): string | null {
  switch (intent.kind) {
    case "PlaceEntry":
    case "PlaceStop":
    case "PlaceTarget":
    case "PlaceExit": {
      const { ticket } = intent;
      const price = ticket.trigger?.price ?? ticket.price;
      const at = price === null ? "market" : (price / 100).toFixed(1);
      return `${intent.kind} ${ticket.orderLinkId} ${ticket.side} ${ticket.contracts} @ ${at}`;
    }
    case "AmendStop":
      return `AmendStop ${intent.orderLinkId} ${intent.contracts ?? "-"} @ ${(intent.triggerPrice ?? 0) / 100}`;
    case "CancelOrder":
      return `CancelOrder ${intent.orderLinkId}`;
    case "Alert":
      return `Alert ${intent.severity} ${intent.code}`;
    case "Record":
      if (intent.record.type === "change") return `change: ${intent.record.cause}`;
      if (intent.record.type === "trade") {
        const { exit_reason, direction, contracts, net_pnl_sats } = intent.record;
        return `trade: ${direction} ${contracts}, ${exit_reason}, net ${net_pnl_sats.toFixed(1)} sat`;
      }
      return null;
    default:
      return null;
  }
}

/** The lines of the day; equal for equal code, whatever the machine. */
export function coreDay(): string {
  const world = newWorld(7, CALM);
  const lines: string[] = [];
  world.rig.watch = (event: Event, before, intents) => {
    const after = world.rig.bot;
    const shown = intents.map(brief).filter((line) => line !== null);
    const [was, is] = [`${publicWord(before)}/${before.phase.kind}`, `${publicWord(after)}/${after.phase.kind}`];
    if (was === is && shown.length === 0) return;
    const time = new Date(event.at).toISOString().slice(0, 19);
    lines.push(`${time} ${event.kind} ${was === is ? is : `${was} → ${is}`}`, ...shown.map((line) => `    ${line}`));
  };
  start(world);
  for (let hour = 0; hour < 24; hour += 1) run(world, { ms: HOUR_MS, walk: 0.0025 });
  return `${lines.join("\n")}\n`;
}

if (import.meta.main) console.log(coreDay().trimEnd());
