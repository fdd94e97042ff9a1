/** Rewrites what the bot reads from the recorded samples; the change is reviewed as a diff. */
import { allReadings } from "../../unit/bybit_samples.ts";
Deno.writeTextFileSync(new URL("./expected.json", import.meta.url), JSON.stringify(allReadings(), null, 1) + "\n");
