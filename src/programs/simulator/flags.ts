import type { DemoPagePlace } from "./demo_page.ts";
import type { FaultPreset } from "../../bot/simulated/fault_presets.ts";
import type { WorldNumber } from "../../bot/simulated/wide_world.ts";

/** What a person gave on the command line is not drawn. */
export type Fixed = "data" | "config" | "hours" | "market";

export type SimFlags = {
  readonly data: string;
  readonly config: string;
  readonly faults: FaultPreset;
  /** null: one seed in four is thin. */
  readonly market: "normal" | "thin" | null;
  readonly from: number | null;
  readonly to: number | null;
  /** null: the rest of the recording. */
  readonly hours: number | null;
  readonly out: string | null;
  /** Keep every frame and reply below `out`, for `conform`. */
  readonly wireLog?: boolean;
  readonly json: boolean;
  /** Lists every trade, as a table or as comma-separated values. */
  readonly trades?: "none" | "text" | "csv";
  /** Write what a live bot writes for the monitor, at a pace a person can follow. */
  readonly page?: DemoPagePlace;
  /** 1 unless given; 2 draws more (docs/sweeps.md). */
  readonly world?: WorldNumber;
  /** What the second world does not draw. */
  readonly fixed?: readonly Fixed[];
};
