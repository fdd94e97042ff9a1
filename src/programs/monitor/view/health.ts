import { headlineOf } from "./headline.ts";
import type { Seeing } from "./sections.ts";

/** True only while the bot writes, and what is open is covered by a shown stop (M-4.3). */
export function healthOf({ directory, now }: Seeing): { readonly ok: boolean; readonly sentence: string } {
  const seen = directory.seen();
  const { word, sentence } = headlineOf(seen, now);
  const ok = word === "PROTECTED" || word === "FLAT" || word === "HALTED";
  return { ok, sentence: `${word}: ${sentence}` };
}
