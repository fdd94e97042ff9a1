/** Seeds that once failed and take longer than the normal tests may. */
import { LONG_REGRESSIONS, runAgain } from "../simulation/regressions.ts";

runAgain(LONG_REGRESSIONS);
