import { say } from "../../infrastructure/platform/live/terminal.ts";
import { DataFileError, readRecording } from "../../infrastructure/market_data/recording.ts";
import { createMarketFeed } from "../../infrastructure/exchange/fake_exchange/market/market_feed.ts";
import { serveVenue } from "../../infrastructure/exchange/fake_exchange/server/server.ts";
import { SimInputError } from "./run.ts";

export type VenueFlags = {
  readonly port: number;
  readonly key?: string;
  readonly secret?: string;
  readonly data?: string;
  readonly speed?: number;
  readonly seed?: number;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
};

/** Serves the fake venue until the process is told to stop (SIGINT, SIGTERM). Prints one line with its address. */
export async function venueServer(flags: VenueFlags): Promise<number> {
  const { tlsCert, tlsKey, data, speed } = flags;
  if ((tlsCert === undefined) !== (tlsKey === undefined)) {
    throw new SimInputError("Cannot serve TLS: --tls-cert and --tls-key come together");
  }
  if (speed !== undefined && !(speed > 0)) throw new SimInputError("Cannot use --speed: it must be a number above 0");
  const seed = flags.seed ?? 1;
  const served = serveVenue({
    port: flags.port,
    seed,
    ...(flags.key === undefined ? {} : { key: flags.key }),
    ...(flags.secret === undefined ? {} : { secret: flags.secret }),
    ...(speed === undefined ? {} : { speed }),
    ...(data === undefined ? {} : { feed: feedOf(data, seed) }),
    ...(tlsCert === undefined || tlsKey === undefined
      ? {}
      : { tls: { cert: Deno.readTextFileSync(tlsCert), key: Deno.readTextFileSync(tlsKey) } }),
  });
  const scheme = tlsCert === undefined ? "http" : "https";
  say(`fake venue at ${scheme}://127.0.0.1:${served.port}, control under /_venue/`);
  await new Promise<void>((stop) => {
    const signals: readonly Deno.Signal[] = ["SIGINT", "SIGTERM"];
    for (const signal of signals) Deno.addSignalListener(signal, () => stop());
  });
  await served.shutdown();
  return 0;
}

function feedOf(data: string, seed: number): ReturnType<typeof createMarketFeed> {
  try {
    const recording = readRecording(data, Deno.readFileSync(data));
    return createMarketFeed({ recording, seed, market: "normal" });
  } catch (error) {
    if (error instanceof DataFileError || error instanceof Deno.errors.NotFound) throw new SimInputError(error.message);
    throw error;
  }
}
