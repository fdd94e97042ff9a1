/**
 * The walls of the house (docs/architecture.md): which room may import which. A room is a folder or a file under `src`;
 * a file stands in the longest room that holds it. `may` names rooms, whole folders included; `types` may be imported
 * for their types alone; `not` takes rooms out of what `may` names. A room may always import itself.
 */
export type Wall = {
  readonly room: string;
  readonly may: readonly string[];
  readonly types?: readonly string[];
  readonly not?: readonly string[];
  /** Why an import between rooms of one floor is allowed, or what a wall is for. */
  readonly because?: string;
};

const FAKE = "infrastructure/exchange/fake_exchange";
const VIRTUAL = "infrastructure/platform/virtual";
const PORTS = "application/engine/ports.ts";
/** What a program that speaks to the real venue never holds. */
const PRETENCE = [FAKE, VIRTUAL, "bot/simulated", "observer"];

export const WALLS: readonly Wall[] = [
  { room: "common", may: [] },
  { room: "build_info.ts", may: [] },
  { room: "domain", may: [] },
  { room: "application/policy", may: ["domain"], because: "pure functions of plain values: never the step" },
  { room: "application/transition", may: ["domain", "application/policy"] },
  { room: "application/guardian", may: ["domain", "application/transition"] },
  { room: PORTS, may: [], types: ["domain"] },
  { room: "application/engine", may: ["domain", "application/transition", "application/guardian", PORTS] },
  { room: "infrastructure/market_data", may: ["common"] },
  {
    room: FAKE,
    may: ["common", "infrastructure/market_data"],
    because: "the venue shares no word with the bot, not even the seams, so that both cannot share a misunderstanding",
  },
  { room: "infrastructure/exchange/bybit", may: ["domain", "common"], types: [PORTS] },
  { room: "infrastructure/platform", may: ["common", "domain"], types: [PORTS] },
  {
    room: VIRTUAL,
    may: ["common", "domain"],
    types: [PORTS, FAKE],
    because: "the simulated network carries the fake venue's texts",
  },
  { room: "infrastructure/storage", may: ["common", "domain"], types: [PORTS] },
  {
    room: "infrastructure/storage/trades",
    may: ["common", "domain", "infrastructure/storage"],
    types: [PORTS],
    because: "the trade log is judged against the journal",
  },
  {
    room: "infrastructure/storage/history",
    may: ["common", "domain"],
    types: [PORTS, "infrastructure/storage/journal/retention.ts"],
    because: "days are packed as segments are",
  },
  {
    room: "infrastructure/logging",
    may: ["common", "domain", "infrastructure/storage/log_storage.ts"],
    types: [PORTS],
    because: "logs are kept as trade logs are: append, rotate, tell of trouble once",
  },
  { room: "infrastructure/safety", may: ["common", "domain"], types: [PORTS] },
  { room: "infrastructure/config", may: ["common", "domain"], types: [PORTS] },
  {
    room: "observer",
    may: ["common", "domain", "infrastructure/storage/trades/trade_schema.ts"],
    types: [FAKE],
    because: "the judge shares no code with the accused: never application, never the venue link",
  },
  {
    room: "views",
    may: [
      "common",
      "domain",
      "application",
      "infrastructure/storage/trades/trade_schema.ts",
      "infrastructure/storage/history/history_schema.ts",
    ],
    not: ["application/engine"],
  },
  { room: "bot", may: ["common", "domain", "application", "infrastructure"], not: PRETENCE },
  { room: "bot/live", may: ["common", "domain", "application", "infrastructure", "bot", "views"], not: PRETENCE },
  {
    room: "bot/simulated",
    may: ["common", "domain", "application", "infrastructure", "bot", "observer", "build_info.ts"],
    not: ["bot/live"],
    because: "the simulated world, which simulator and lab share",
  },
  {
    room: "programs/trader",
    may: ["common", "domain", "application", "infrastructure", "bot", "views", "build_info.ts"],
    not: PRETENCE,
  },
  {
    room: "programs/monitor",
    may: ["common", "views", "infrastructure/storage", "infrastructure/logging/alert_line.ts", "infrastructure/safety"]
      .concat(["infrastructure/platform/live/signals.ts", "build_info.ts"]),
    because: "it reads what the bot wrote, by the readers of those files, and reaches nothing else",
  },
  {
    room: "programs/rehearsal",
    may: ["common", "domain", "application", "infrastructure", "bot", "views", "build_info.ts"],
    not: PRETENCE,
  },
  {
    room: "programs/notifier",
    may: [
      "common",
      "domain",
      "views",
      "build_info.ts",
      "infrastructure/logging",
      "infrastructure/config",
      "infrastructure/safety",
      "infrastructure/platform/live",
    ],
    types: [PORTS],
    because: "it reads what the bot wrote and asks by control files: no venue, no journal, no decision",
  },
  {
    room: "programs/simulator",
    may: ["common", "domain", "application", "infrastructure", "bot", "views", "observer", "build_info.ts"],
  },
  {
    room: "programs/lab",
    may: [
      ...["common", "domain", "application/policy", "application/transition", "infrastructure/market_data"],
      ...[
        `${FAKE}/market`,
        `${FAKE}/trading`,
        `${FAKE}/state.ts`,
        `${FAKE}/matching_rule.ts`,
        `${FAKE}/instrument.ts`,
        `${FAKE}/money.ts`,
      ],
      ...[
        `${FAKE}/switches.ts`,
        "programs/lab/parity/fidelity_wire.ts",
        "infrastructure/config",
        "infrastructure/storage",
        "views",
        "build_info.ts",
      ],
    ],
    because: "the same core and the same matching as everywhere else, and nothing that speaks to a venue",
  },
  {
    room: "programs/lab/parity/fidelity_wire.ts",
    may: [
      "common",
      "domain",
      "infrastructure/market_data",
      `${FAKE}/state.ts`,
      `${FAKE}/switches.ts`,
      "bot/simulated",
      "programs/lab",
    ],
    because: "the one file of the lab that plays through the simulated world, to judge the rest of the lab by it",
  },
];

/** The wall around a file; null for a file that stands in no room. */
export function wallOf(path: string, walls: readonly Wall[] = WALLS): Wall | null {
  const holding = walls.filter(({ room }) => holds(room, path));
  return holding.sort((a, b) => b.room.length - a.room.length)[0] ?? null;
}

function holds(room: string, path: string): boolean {
  return path === `src/${room}` || path.startsWith(`src/${room}/`);
}

/** Whether a file may import another; `type` = for its types alone. */
export function mayImport(from: string, to: string, options: { readonly type: boolean }): boolean {
  const wall = wallOf(from);
  if (wall === null) return false;
  // A room within a room is another room: what the outer one holds is imported only where the table says so.
  if (wallOf(to)?.room === wall.room) return true;
  const named = (rooms: readonly string[] | undefined) => (rooms ?? []).some((room) => holds(room, to));
  if (named(wall.not)) return false;
  return named(wall.may) || (options.type && named(wall.types));
}
