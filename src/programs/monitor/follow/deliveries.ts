/** How the alerts get out: what the notifier keeps of each channel in `data/notify` (M-3.4). */
import { z } from "zod";
import { parseObject } from "../../../common/json.ts";
import type { ReadSeam } from "./tail.ts";

/** The part of a channel's cursor that a reader needs; the rest is the notifier's own. */
const cursor = z.object({
  schema: z.literal(1),
  sent: z.int(),
  dead: z.int(),
  sentAt: z.number().nullable(),
  trouble: z.object({ since: z.number(), why: z.string() }).nullable(),
  gone: z.object({ since: z.number(), why: z.string(), advice: z.string() }).nullable(),
});

export type Delivery = {
  readonly channel: string;
  readonly state: "delivers" | "waits" | "given up" | "unreadable";
  /** Since when it waits, or when it last delivered; UTC ms. */
  readonly at: number | null;
  readonly why: string;
  readonly sent: number;
  /** Alerts the channel will never take. */
  readonly dead: number;
};

const NAME = /^(.+)\.cursor\.json$/;
const MOST_BYTES = 1_000_000;

function deliveryOf(channel: string, text: string): Delivery {
  const parsed = cursor.safeParse(parseObject(text));
  if (!parsed.success) {
    return { channel, state: "unreadable", at: null, why: "its state is of another version", sent: 0, dead: 0 };
  }
  const { sent, dead, sentAt, trouble, gone } = parsed.data;
  if (gone !== null) {
    return { channel, state: "given up", at: gone.since, why: `${gone.why}: ${gone.advice}`, sent, dead };
  }
  if (trouble !== null) return { channel, state: "waits", at: trouble.since, why: trouble.why, sent, dead };
  return { channel, state: "delivers", at: sentAt, why: "", sent, dead };
}

/** Every channel, by name; none without a notifier. Throws what the seam throws. */
export function readDeliveries(seam: ReadSeam, dataDir: string): readonly Delivery[] {
  const directory = `${dataDir}/notify`;
  if (seam.stat(directory) === null) return [];
  return seam.list(directory).toSorted().flatMap((name) => {
    const channel = NAME.exec(name)?.[1];
    if (channel === undefined) return [];
    return [deliveryOf(channel, new TextDecoder().decode(seam.read(`${directory}/${name}`, 0, MOST_BYTES)))];
  });
}
