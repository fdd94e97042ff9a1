/**
 * What the running program costs: start, memory and processor time on a quiet market, in the private network namespace
 * of the tests under the real names (Linux, root).
 *
 *   deno run -A tests/bench/program_report.ts [minutes of idling] [starts] [executable]
 */
import { runInside } from "../integration_real/kit.ts";

const [minutes = "10", starts = "5", executable = ""] = Deno.args;
console.log(await runInside("inside_idle.ts", `${minutes},${starts},${executable}`));
