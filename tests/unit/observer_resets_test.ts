/** Each reset of the operator is judged by itself: logs after which nothing comes of one, and near misses. */
import { strict as assert } from "node:assert";
import type { JournalRecord } from "../../src/domain/records.ts";
import { evaluation, Story, T0 } from "./observer_kit.ts";

type Case = {
  readonly title: string;
  readonly check: "reset_silence" | "reset_refused";
  readonly fires: (story: Story) => Story;
  readonly near: (story: Story) => Story;
};

/** HALT for a listed cause, and a reset at second 1200 that is answered within a second. */
const halted = (story: Story, phase = "flat") => {
  if (phase !== "flat") story.change(0, { phase: ["flat", "entry"] }).change(1, { phase: ["entry", phase] });
  return story.fault(1, "adl").halt(2, "adl").prices(1_190, 1_199).reset(1_200);
};
const lifted = (story: Story, phase = "flat") =>
  halted(story, phase).prices(1_201, 1_201).resetAnswered(1_201, null, phase);
const slept = (story: Story, second: number, untilSecond: number) => {
  const [at, untilMs] = [T0 + second * 1000, T0 + untilSecond * 1000];
  story.observer.onWorld({ kind: "fault", at, name: "suspend", untilMs, cutsOff: true });
  return story;
};
const snapshot = (second: number): JournalRecord => {
  const { at } = evaluation(second);
  return { type: "snapshot", at, reason: "adl", lid: "HALT", context: {} };
};
const asks = [{ kind: "QueryPosition", protective: false }] as const;

const CASES: readonly Case[] = [
  {
    title: "observer (F-13.2) after a reset in flat an evaluation is recorded within a minute",
    check: "reset_silence",
    fires: (story) => lifted(story).prices(1_202, 1_265).record(1_265, evaluation(1_265, "atr_too_low")),
    near: (story) => lifted(story).prices(1_202, 1_263).record(1_263, evaluation(1_263, "atr_too_low")),
  },
  {
    title: "observer (F-13.2) an evaluation that still says HALT is no consequence of a reset",
    check: "reset_silence",
    fires: (story) => lifted(story).record(1_210, evaluation(1_210, "state_halt")),
    near: (story) => lifted(story).record(1_210, evaluation(1_210, "state_cooldown")),
  },
  {
    title: "observer (P-4) a refusal that policy does not list is no consequence of a reset",
    check: "reset_silence",
    fires: (story) =>
      lifted(story).record(1_210, {
        ...evaluation(1_210, "state_cooldown"),
        refusal: JSON.parse('"not_in_the_mood"'),
      }),
    near: (story) => lifted(story).record(1_210, evaluation(1_210, "session_risk:daily_loss")),
  },
  {
    title: "observer (F-13.2) price within the grid is an evaluation that every gate passed",
    check: "reset_silence",
    fires: (story) => lifted(story),
    near: (story) => lifted(story).record(1_204, evaluation(1_204, "no_signal")),
  },
  {
    title: "observer (F-13.2) an entry is one",
    check: "reset_silence",
    fires: (story) => lifted(story).change(1_204, { cause: "latency" }),
    near: (story) => lifted(story).record(1_204, evaluation(1_204)),
  },
  {
    title: "observer (F-13.2) a position is looked after again",
    check: "reset_silence",
    fires: (story) => lifted(story, "position").journal(1_205, [{ kind: "QueryWallet" }]),
    near: (story) => lifted(story, "position").journal(1_205, asks),
  },
  {
    title: "observer (F-13.2) a position looked after under HALT is no consequence of a reset",
    check: "reset_silence",
    fires: (story) =>
      lifted(story, "position").change(1_202, { word: ["IN_POSITION", "HALT"], phase: ["position", "position"] })
        .journal(1_205, asks),
    near: (story) =>
      lifted(story, "position").change(1_202, { word: ["IN_POSITION", "COOLDOWN"], phase: ["position", "position"] })
        .journal(1_205, asks),
  },
  {
    title: "observer (F-13.2) another HALT is a consequence",
    check: "reset_silence",
    fires: (story) => lifted(story).change(1_210, { word: ["FLAT", "HALT"], cause: "adl" }),
    near: (story) => lifted(story).fault(1_209, "adl").halt(1_210, "adl"),
  },
  {
    title: "observer (F-13.2 P-4) another HALT in the step of an evaluation that it refuses",
    check: "reset_silence",
    fires: (story) => lifted(story).record(1_210, evaluation(1_210, "state_halt")),
    near: (story) => lifted(story).fault(1_209, "adl").record(1_210, evaluation(1_210, "state_halt"), snapshot(1_210)),
  },
  {
    title: "observer (F-13.6) a reset is answered within a tick",
    check: "reset_silence",
    fires: (story) => halted(story).prices(1_201, 1_205).resetAnswered(1_205, null).record(1_206, evaluation(1_206)),
    near: (story) => halted(story).prices(1_201, 1_204).resetAnswered(1_204, null).record(1_206, evaluation(1_206)),
  },
  {
    title: "observer (F-13.3) a reset that was not in the journal when the process ended is gone",
    check: "reset_silence",
    fires: (story) => halted(story).prices(1_201, 1_205).process(1_206, "down"),
    near: (story) => halted(story).prices(1_201, 1_202).process(1_202, "down").process(1_204, "up"),
  },
  {
    title: "observer (F-13.2) a process that begins has the same time",
    check: "reset_silence",
    fires: (story) => lifted(story).process(1_210, "down").process(1_250, "up").prices(1_251, 1_314),
    near: (story) =>
      lifted(story).process(1_210, "down").process(1_250, "up").prices(1_251, 1_313)
        .record(1_313, evaluation(1_313, "state_cooldown")),
  },
  {
    title: "observer (F-13.2) a machine asleep has it after it woke",
    check: "reset_silence",
    fires: (story) => slept(lifted(story), 1_210, 1_500).prices(1_501, 1_564),
    near: (story) =>
      slept(lifted(story), 1_210, 1_500).prices(1_501, 1_563).record(1_563, evaluation(1_563, "market_data_stale")),
  },
  {
    title: "observer (F-13.2) a reset is refused with a reason that flow lists",
    check: "reset_refused",
    fires: (story) => halted(story).resetAnswered(1_201, "not now"),
    near: (story) => halted(story).fault(1_199, "stop_cancelled").resetAnswered(1_201, "100 contracts are not covered"),
  },
  {
    title: "observer (F-13.2) a refusal of a moment needs something that happened within 11 minutes",
    check: "reset_refused",
    fires: (story) =>
      halted(story.fault(0, "adl", 540)).price(1_201).resetAnswered(1_201, "the venue and the ledger disagree"),
    near: (story) =>
      halted(story.fault(0, "adl", 541)).price(1_201).resetAnswered(1_201, "the venue and the ledger disagree"),
  },
  {
    title: "observer (F-13.2) a cause that still holds may hold for ever",
    check: "reset_refused",
    fires: (story) => halted(story).resetAnswered(1_201, "an exit is under way"),
    near: (story) =>
      halted(story).resetAnswered(1_201, "foreign_activity still holds: second size overflow: 90 contracts"),
  },
];

for (const one of CASES) {
  Deno.test(`${one.title}: ${one.check} fires`, () => {
    const story = one.fires(new Story()).prices(1_600, 1_601);
    assert.ok(story.checks().includes(one.check), `said only: ${story.checks().join(", ")}`);
  });
  Deno.test(`${one.title}: ${one.check} does not fire on the near miss`, () => {
    const story = one.near(new Story()).prices(1_600, 1_601);
    assert.ok(!story.checks().includes(one.check), `said: ${story.checks().join(", ")}`);
  });
}

Deno.test("observer (F-7.14) a banned address looks after its position by the streams alone", () => {
  const story = lifted(new Story().change(0, { cause: "ip_banned" }), "position");
  const at = evaluation(1_203).at;
  story.journal(1_203, [], JSON.parse(JSON.stringify({ kind: "Tick", at })));
  assert.deepEqual(story.prices(1_600, 1_601).observer.resets, { "position managed": 1 });
});

Deno.test("observer (F-13.2) it counts what the resets were followed by", () => {
  const story = lifted(new Story()).record(1_210, evaluation(1_210, "no_signal"));
  story.fault(1_220, "adl").halt(1_221, "adl").reset(1_230).resetAnswered(1_230, "the venue and the ledger disagree");
  story.reset(1_240).resetAnswered(1_240, null);
  const refused = evaluation(1_242, "session_risk:daily_loss");
  story.record(1_242, refused).reset(1_250).process(1_251, "down").process(1_253, "up");
  story.reset(1_260).resetAnswered(1_260, null).process(1_261, "down").process(1_263, "up");
  story.record(1_265, evaluation(1_265, "state_halt")).reset(1_270).end(1_271);
  assert.deepEqual(story.observer.resets, {
    "evaluated: no_signal": 1,
    "refused disagreement": 1,
    "evaluated: session_risk:daily_loss": 1,
    "lost with the process": 2,
    "end of the run": 1,
  });
});

Deno.test("observer (F-13.2) an entry counts once, for the last reset before it", () => {
  const entry = [JSON.parse('{"kind":"PlaceEntry","ticket":{"orderLinkId":"e1"}}')];
  const entered = lifted(new Story()).record(1_210, evaluation(1_210, "no_signal")).journal(1_400, entry);
  assert.equal(entered.journal(1_500, entry).observer.resets["entry before the next HALT"], 1);
});
