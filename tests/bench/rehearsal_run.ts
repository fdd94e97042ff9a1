/**
 * Rehearsals against the fake venue under the real names (Linux, root), as long as one likes: `dry-run=30`, `ten`, …
 *
 *   deno run -A tests/bench/rehearsal_run.ts dry-run=30
 */
import { runInside } from "../integration_real/kit.ts";

console.log(await runInside("inside_scenarios.ts", Deno.args.join(",")));
