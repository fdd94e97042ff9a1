/**
 * Each check of the observer against the careless edit it is for: the edit is applied to a copy of the program, and a
 * run of the copy must be found out by that check. An edit whose text is gone fails: then the edit is to be renewed.
 * Edits that a day of a hundred seeds meets too seldom (a stop cancelled first, look-ups left out of the budget, leverage)
 * have their firing logs in tests/unit/observer_test.ts.
 */
import { ok } from "node:assert/strict";

type Edit = {
  readonly check: string;
  readonly rule: string;
  readonly what: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
  /** A run that the unedited program passes. */
  readonly run: string;
};

const EDITS: readonly Edit[] = [
  {
    check: "cover_unshown",
    rule: "F-2.1",
    what: "a stop that was sent counts as cover",
    file: "src/application/transition/protection/stop_manager.ts",
    from: 'if (order.role !== "stop" || order.state !== "live" || row === null) return 0;',
    to:
      'if (order.role !== "stop" || order.state === "final") return 0;\n  if (row === null) return order.ticket.contracts;',
    run: "--seed 1 --hours 24 --faults none",
  },
  {
    check: "unsafe_trigger",
    rule: "F-5.2",
    what: "the trigger is rounded away from the entry",
    file: "src/domain/inverse.ts",
    from: "return price < to.anchor ? ticksUp(price, to.tick) : ticksDown(price, to.tick);",
    to: "return price < to.anchor ? ticksDown(price, to.tick) : ticksUp(price, to.tick);",
    run: "--seed 1 --hours 24 --faults none",
  },
  {
    check: "block_lost",
    rule: "F-8.11",
    what: "a start forgets the blocks of the day",
    file: "src/application/transition/boot.ts",
    from: '  block(step, { reason: "starting", until: null });\n  setBoot(step, {',
    to: '  bot.blocks = [];\n  block(step, { reason: "starting", until: null });\n  setBoot(step, {',
    run: "--seeds 1..12 --hours 24 --faults heavy",
  },
];

function copyTree(from: string, to: string): void {
  Deno.mkdirSync(to, { recursive: true });
  for (const { name, isDirectory } of Deno.readDirSync(from)) {
    if (isDirectory) copyTree(`${from}/${name}`, `${to}/${name}`);
    else Deno.copyFileSync(`${from}/${name}`, `${to}/${name}`);
  }
}

/** What a run of the edited copy prints. */
function runEdited(edit: Edit): string {
  const folder = Deno.makeTempDirSync({ prefix: "abot-edit-" });
  try {
    for (const name of ["src", "config"]) copyTree(name, `${folder}/${name}`);
    for (const name of ["deno.json", "deno.lock"]) Deno.copyFileSync(name, `${folder}/${name}`);
    const path = `${folder}/${edit.file}`;
    const parts = Deno.readTextFileSync(path).split(edit.from);
    ok(parts.length === 2, `${edit.file} holds the text of the edit ${parts.length - 1} times: renew the edit`);
    Deno.writeTextFileSync(path, parts.join(edit.to));
    const flags = ["run", "--no-check", "--no-prompt", "--allow-read", "--allow-write"];
    const program = ["src/programs/simulator/main.ts", "sim", ...edit.run.split(" ")];
    const args = [...flags, ...program];
    const { stdout, stderr } = new Deno.Command(Deno.execPath(), { args, cwd: folder, stdin: "null" }).outputSync();
    return new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

for (const edit of EDITS) {
  Deno.test(`[${edit.rule}] the observer finds out by ${edit.check} that ${edit.what}`, () => {
    const said = runEdited(edit);
    ok(said.includes(`${edit.check} [${edit.rule}]`), said.slice(-2_000));
  });
}
