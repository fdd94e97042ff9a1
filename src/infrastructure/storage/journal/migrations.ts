/** One step of a state's shape: `from` → `from + 1`. Pure; gets and gives plain JSON data. */
export type Migration = { readonly from: number; readonly apply: (state: unknown) => unknown };

/** Steps between released state schemas, oldest first. Each has a golden snapshot it is tested on (F-11.7). */
export const STATE_MIGRATIONS: readonly Migration[] = [];

/**
 * Brings a state of schema `from` to schema `to`. Returns the reason when there is no way: a newer state than this program
 * knows, or a missing step.
 */
export function migrate(
  state: unknown,
  options: { readonly from: number; readonly to: number; readonly steps: readonly Migration[] },
): { readonly kind: "state"; readonly state: unknown } | { readonly kind: "stuck"; readonly reason: string } {
  const { from, to, steps } = options;
  if (from > to) return { kind: "stuck", reason: `state schema ${from} is newer than this program's ${to}` };
  let current = state;
  for (let version = from; version < to; version += 1) {
    const step = steps.find((candidate) => candidate.from === version);
    if (step === undefined) return { kind: "stuck", reason: `no migration from state schema ${version}` };
    current = step.apply(current);
  }
  return { kind: "state", state: current };
}
