import type { ScenarioContext } from "./scenario_context.ts";
import { disconnect, fullCycle } from "./scenario_cycles.ts";
import { connect, fill, placeAndCancel } from "./scenario_link.ts";

export type Scenario = {
  readonly name: string;
  readonly about: string;
  /** Throws ScenarioFailure with its class. */
  readonly run: (context: ScenarioContext) => Promise<void>;
};

/** Every rehearsal there is, in the order of a full run. */
export const SCENARIOS: readonly Scenario[] = [
  { name: "connect", about: "connect, authenticate, subscribe, heartbeat", run: connect },
  { name: "order", about: "a small order far from the market, its id again, cancelled", run: placeAndCancel },
  { name: "fill", about: "a fill received and mapped", run: fill },
  { name: "cycle", about: "the bot through one whole trade, closed by the operator", run: fullCycle },
  { name: "disconnect", about: "connections cut, degraded, connected again, recovered", run: disconnect },
];
