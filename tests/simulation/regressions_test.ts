/** Seeds that once failed; the rest of them runs with the long tests. */
import { REGRESSIONS, runAgain } from "./regressions.ts";

runAgain(REGRESSIONS);
