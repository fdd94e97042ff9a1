/** One order over loopback, and one frame to its event. Medians of a paired run: link_paired.ts. */
import { FRAME_READERS } from "./link_frames.ts";
import { contenders } from "./link_rig.ts";

const { list } = await contenders();
for (const [index, { name, send }] of list.entries()) {
  Deno.bench(name, { group: "order", baseline: index === 0 }, send);
}
for (const [name, read] of FRAME_READERS) Deno.bench(`${name} frame to event`, { group: "frame" }, read);
