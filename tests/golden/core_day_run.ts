/** The core against a simulated venue as text, a calm day and rough hours: what happened, word and phase, what left. */
import type { Event } from "../../src/domain/events.ts";
import type { Intent } from "../../src/domain/intent.ts";
import { publicWord } from "../../src/application/transition/mod.ts";
import { CALM, newWorld, ROUGH, run, start, type World } from "../core_world.ts";

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

/** Lines of a world: a step that changes word or phase, or of which something worth a line leaves. */
function printed(
  world: World,
  of: { readonly briefly: (intent: Intent) => string | null; readonly timeDigits: number },
): string[] {
  const lines: string[] = [];
  world.rig.watch = (event: Event, before, intents) => {
    const after = world.rig.bot;
    const shown = intents.map(of.briefly).filter((line) => line !== null);
    const [was, is] = [`${publicWord(before)}/${before.phase.kind}`, `${publicWord(after)}/${after.phase.kind}`];
    if (was === is && shown.length === 0) return;
    const time = new Date(event.at).toISOString().slice(0, of.timeDigits);
    lines.push(`${time} ${event.kind} ${was === is ? is : `${was} → ${is}`}`, ...shown.map((line) => `    ${line}`));
  };
  return lines;
}

/** The lines of the day; equal for equal code, whatever the machine. */
export function coreDay(): string {
  const world = newWorld(7, CALM);
  const lines = printed(world, { briefly: brief, timeDigits: 19 });
  start(world);
  for (let hour = 0; hour < 24; hour += 1) run(world, { ms: HOUR_MS, walk: 0.0025 });
  return `${lines.join("\n")}\n`;
}

/** Looks count here, with the milliseconds: what is asked, when, is what a venue that loses messages is met with. */
function briefRough(intent: Intent): string | null {
  if (intent.kind === "LookUpOrder") return `LookUpOrder ${intent.orderLinkId}`;
  if (intent.kind === "QueryPosition" && intent.protective) return "QueryPosition protective";
  return brief(intent);
}

/** Ten minutes with a venue that loses, refuses, repeats and reorders; seed 10 with a foreign hand. */
export function rough(seed: number, watch: (world: World) => void): World {
  const world = newWorld(seed, CALM);
  start(world);
  watch(world);
  world.trouble = { ...ROUGH, foreign: seed === 10 ? 0.005 : 0 };
  run(world, { ms: HOUR_MS / 6, walk: 0.012 });
  return world;
}

/** The lines of ten rough worlds. */
export function roughHours(): string {
  const parts: string[] = [];
  for (const seed of [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]) {
    let lines: readonly string[] = [];
    const world = rough(seed, (one) => lines = printed(one, { briefly: briefRough, timeDigits: 23 }));
    const { ledger, risk, metrics, capital } = world.rig.bot;
    const ends = `net ${ledger.net}, day ${risk.day?.realised}, streak ${metrics.streak}, realised ${capital.realised}`;
    parts.push([`seed ${seed}`, ...lines, ends].join("\n"));
  }
  return `${parts.join("\n\n")}\n`;
}

if (import.meta.main) console.log((Deno.args.includes("rough") ? roughHours() : coreDay()).trimEnd());
