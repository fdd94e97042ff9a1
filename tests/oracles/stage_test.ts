import { strict as assert } from "node:assert";
import {
  foldStage,
  leverageE2,
  type Stage,
  stageConfig,
  stageFor,
  type StageState,
} from "../../src/application/policy/entry/stage.ts";
import { emptyStageState } from "../../src/application/policy/entry/stage.ts";
import { defaultTestConfig } from "../config_fixture.ts";
import { after, NOON, usd } from "../core_values.ts";

const { stages } = defaultTestConfig();

Deno.test("[P-3 up_1_2 up_2_3 down_2_1 down_3_2] stages go up at 300 and 700 and down below 291 and 679", () => {
  const rows: [before: Stage | null, equity: number, stage: Stage][] = [
    [null, 100, 1],
    [null, 299.99, 1],
    [null, 299.9998, 1],
    [null, 300, 2],
    [null, 700, 3],
    [1, 299.99, 1],
    [1, 300, 2],
    [2, 291, 2],
    [2, 290.99, 1],
    [2, 699.99, 2],
    [2, 700, 3],
    [3, 679, 3],
    [3, 678.99, 2],
    [3, 290.99, 1],
    [3, 295, 2],
    [1, 700, 3],
    [1, 695, 2],
  ];
  for (const [before, equity, stage] of rows) assert.equal(stageFor(before, usd(equity), stages), stage, `${equity}`);
  const other = { ...stages, bounds_usd: { up_1_2: 301, up_2_3: 701, down_2_1: 292, down_3_2: 680 } };
  assert.deepEqual([stageFor(1, usd(300), other), stageFor(2, usd(700), other)], [1, 2]);
  assert.deepEqual([stageFor(2, usd(291), other), stageFor(3, usd(679), other)], [1, 2]);
});

function flap(rows: readonly [minute: number, equity: number, signal?: boolean][], limits = stages) {
  let state: StageState = emptyStageState;
  const blocked: number[] = [];
  let until: number | null = null;
  for (const [minute, equity, hasSignal = true] of rows) {
    const now = after(NOON, minute * 60);
    const step = foldStage(state, { equity: usd(equity), hasSignal, now }, limits);
    state = step.state;
    if (step.block !== null) {
      blocked.push(minute);
      until = step.block.until;
    }
  }
  return { blocked, until, state };
}

Deno.test("[P-3 stage_flap_max stage_flap_window_min stage_flap_block_min] more than 2 changes within 1 h block 60 min", () => {
  assert.deepEqual(flap([[0, 100], [10, 300], [20, 290]]).blocked, []);
  const three = flap([[0, 100], [10, 300], [20, 290], [69.99, 300]]);
  assert.deepEqual(three.blocked, [69.99]);
  assert.equal(three.until, after(NOON, (69.99 + 60) * 60));
  assert.deepEqual(flap([[0, 100], [10, 300], [20, 290], [70, 300]]).blocked, []);
  const wider = { ...stages, stage_flap_window_min: 61 };
  assert.deepEqual(flap([[0, 100], [10, 300], [20, 290], [70, 300]], wider).blocked, [70]);
  const looser = { ...stages, stage_flap_max: 3 };
  assert.deepEqual(flap([[0, 100], [10, 300], [20, 290], [30, 300]], looser).blocked, []);
  const longer = flap([[0, 100], [10, 300], [20, 290], [30, 300]], { ...stages, stage_flap_block_min: 61 });
  assert.equal(longer.until, after(NOON, 91 * 60));
});

Deno.test("[P-3] only evaluations with a signal count as changes, and the first one is none", () => {
  const quiet = flap([[0, 100], [1, 300, false], [2, 290, false], [3, 300, false], [4, 290]]);
  assert.deepEqual([quiet.blocked, quiet.state], [[], { candidate: 1, signalled: 1, changes: [] }]);
  const first = flap([[0, 300], [1, 290], [2, 300]]);
  assert.deepEqual([first.blocked, first.state.changes.length], [[], 2]);
  const loud = flap([[0, 100], [1, 300, false], [2, 300], [3, 290, false], [4, 290], [5, 300]]);
  assert.deepEqual(loud.blocked, [5]);
});

Deno.test("[P-3] hysteresis follows evaluations without a signal too", () => {
  const state: StageState = { candidate: 2, signalled: 1, changes: [] };
  const fold = (equity: number, hasSignal: boolean, from = state) =>
    foldStage(from, { equity: usd(equity), hasSignal, now: NOON }, stages);
  assert.equal(fold(295, false).stage, 2);
  assert.equal(fold(295, false).state, state);
  assert.deepEqual(fold(290, false).state, { candidate: 1, signalled: 1, changes: [] });
  assert.equal(fold(295, true, fold(290, false).state).stage, 1);
  assert.deepEqual(fold(295, true).state, { candidate: 2, signalled: 2, changes: [NOON] });
  const settled: StageState = { candidate: 2, signalled: 2, changes: [NOON] };
  assert.equal(fold(295, true, settled).state, settled);
  assert.deepEqual(fold(295, true, { ...settled, candidate: 3 }).stage, 2);
});

Deno.test("[P-3 default_leverage leverage] the stage's leverage counts unless the key is set", () => {
  assert.deepEqual([leverageE2(stages, 1), leverageE2(stages, 2), leverageE2(stages, 3)], [300, 300, 200]);
  assert.equal(leverageE2({ ...stages, leverage: 1.5 }, 3), 150);
  const half = { ...stages, stage_1: { ...stages.stage_1, default_leverage: 2.5 } };
  assert.equal(leverageE2(half, 1), 250);
  assert.deepEqual([stageConfig(stages, 1), stageConfig(stages, 2), stageConfig(stages, 3)], [
    stages.stage_1,
    stages.stage_2,
    stages.stage_3,
  ]);
});
