/**
 * Who writes which slice of the bot: the files below `src/application/transition/` that assign it. A slice should have
 * one writer, whose file is where its rules are found. Where it has more, `because` says why; a further writer is a
 * decision, made here.
 */
export type Slice = { readonly slice: string; readonly files: readonly string[]; readonly because?: string };

export const WRITERS: readonly Slice[] = [
  {
    slice: "account",
    files: [
      "boot.ts",
      "emergency_step.ts",
      "ledger/money.ts",
      "observe.ts",
      "phases/flat.ts",
      "reconcile/reconcile.ts",
    ],
    because: "each answer about the account is folded where it arrives",
  },
  { slice: "blocks", files: ["emergency_step.ts", "step.ts"], because: "an emergency sets its block in the same step" },
  {
    slice: "boot",
    files: ["boot.ts", "reconcile/reconcile.ts"],
    because: "the start waits for the position that reconcile reads",
  },
  {
    slice: "capital",
    files: ["emergency_step.ts", "ledger/money.ts"],
    because: "cash flow is told from PnL in one place and judged in another",
  },
  {
    slice: "closedTrade",
    files: ["ledger/execution_ledger.ts", "ledger/money.ts", "step.ts"],
    because: "a trade is closed by its last fill or by a read",
  },
  { slice: "tradesTotal", files: ["ledger/money.ts"] },
  { slice: "credentialRefusals", files: ["observe.ts"] },
  { slice: "days", files: ["observe.ts"] },
  {
    slice: "degradedSince",
    files: ["boot.ts", "emergency_step.ts", "observe.ts", "ws_health.ts"],
    because: "degraded mode begins in four ways and ends in one",
  },
  { slice: "equityWatch", files: ["emergency_step.ts", "operator.ts"], because: "a reset forgets what was watched" },
  { slice: "evaluation", files: ["phases/flat.ts"] },
  { slice: "experiment", files: ["experiment.ts"] },
  {
    slice: "fees",
    files: ["ledger/money.ts", "observe.ts"],
    because: "the rates come as an answer, a fee with a fill",
  },
  {
    slice: "goal",
    files: ["emergency_step.ts", "ledger/fills.ts", "operator.ts"],
    because: "a reset confirms goal, floor and review",
  },
  { slice: "halt", files: ["operator.ts", "step.ts"], because: "a reset lifts what a step has set" },
  {
    slice: "healthySince",
    files: ["boot.ts", "emergency_step.ts", "observe.ts", "ws_health.ts"],
    because: "the streams are judged where they are seen",
  },
  { slice: "hours", files: ["observe.ts"] },
  { slice: "lastTradeId", files: ["ledger/money.ts"] },
  {
    slice: "ledger",
    files: ["boot.ts", "ledger/execution_ledger.ts", "ledger/money.ts", "ledger/owed_executions.ts"],
    because: "quantities, money and what is owed of them are three files of one ledger",
  },
  {
    slice: "maker",
    files: ["phases/entry_pending.ts", "phases/flat.ts"],
    because: "a maker entry is counted when it is sent and when it ends",
  },
  { slice: "market", files: ["observe.ts"] },
  { slice: "metrics", files: ["ledger/money.ts", "operator.ts"], because: "a reset may begin the counting anew" },
  {
    slice: "operator",
    files: ["boot.ts", "observe.ts", "operator.ts", "orders/order_answers.ts", "phases/flat.ts"],
    because: "each answer to a person is given where it is decided",
  },
  {
    slice: "orders",
    files: ["ledger/owed_executions.ts", "orders/order_table.ts"],
    because: "an owed execution belongs to an order that ended",
  },
  {
    slice: "past",
    files: ["ledger/owed_executions.ts", "orders/evidence.ts", "orders/order_table.ts"],
    because: "an order that ended may come back",
  },
  {
    slice: "phase",
    files: ["phases/flat.ts", "phases/lifecycle.ts", "step.ts"],
    because: "each phase begins in the file that decides it",
  },
  { slice: "prices", files: ["observe.ts"] },
  { slice: "privateStream", files: ["boot.ts", "ws_health.ts"], because: "a start forgets the streams of before" },
  { slice: "publicStream", files: ["boot.ts", "ws_health.ts"], because: "a start forgets the streams of before" },
  { slice: "recent", files: ["reporting.ts"] },
  { slice: "reconcile", files: ["asking.ts"] },
  { slice: "rejections", files: ["phases/entry_pending.ts"] },
  {
    slice: "risk",
    files: ["ledger/money.ts", "phases/entry_pending.ts", "ws_health.ts"],
    because: "losses, entries and reconnects are counted where they happen",
  },
  {
    slice: "schedule",
    files: ["emergency_step.ts", "ledger/money.ts", "observe.ts", "phases/flat.ts", "reconcile/schedule.ts"],
    because: "a read that was made moves its own time",
  },
  {
    slice: "signal",
    files: ["ledger/fills.ts", "orders/order_answers.ts", "phases/entry_pending.ts", "phases/flat.ts"],
    because: "a signal is used up where its entry ends",
  },
  { slice: "stage", files: ["phases/flat.ts"] },
  {
    slice: "trade",
    files: [
      "ledger/execution_ledger.ts",
      "ledger/money.ts",
      "phases/entry_pending.ts",
      "phases/flat.ts",
      "phases/lifecycle.ts",
      "step.ts",
    ],
    because: "a trade begins with an entry, grows with fills and ends flat",
  },
  { slice: "vitals", files: ["boot.ts", "observe.ts"], because: "a start forgets the vitals of before" },
  { slice: "walletWatch", files: ["ledger/money.ts"] },
];
