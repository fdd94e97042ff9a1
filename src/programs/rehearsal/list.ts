import type { ScenarioContext } from "./context.ts";
import { disconnect, existingPosition, fullCycle, sessionRisk, stopHit, tenCycles } from "./scenarios/cycles.ts";
import { rateLimit } from "./scenarios/limits.ts";
import { connect, fill, placeAndCancel } from "./scenarios/link.ts";

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
  { name: "limits", about: "rate limit provoked and obeyed, an entry beyond the own budget", run: rateLimit },
  { name: "cycle", about: "the bot through one whole trade, closed by the operator", run: fullCycle },
  { name: "disconnect", about: "connections cut, degraded, connected again, recovered", run: disconnect },
  { name: "restart", about: "a start with an existing position", run: existingPosition },
  { name: "stop", about: "a trade that ends by its stop (waits for the market)", run: stopHit },
  { name: "ten", about: "ten trades in sequence, 14 attempts and 30 minutes at most", run: tenCycles },
  { name: "session-risk", about: "losses in a row until the day is over for entries", run: sessionRisk },
];
