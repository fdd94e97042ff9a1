/** Another fiction about fills than the venue's own, for those who compare settings. */
export type MatchingRule = {
  /** `through`: a resting order fills only when the price trades beyond its own, then in full; `touch` as the venue does. */
  readonly fill: "touch" | "through";
  /** Draws are keyed by (seed, order, point): a call more shifts no other draw. null = one shared stream. */
  readonly keyedSeed: number | null;
  /** Takers get a price this much worse than the level they take from. */
  readonly slippageBps: number;
};
