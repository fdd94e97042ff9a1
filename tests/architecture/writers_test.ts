/** Every slice of the bot is written by the files that the table names, and by no other (writers.ts). */
import { strict as assert } from "node:assert";
import { filesUnder, none, type Source, source, ts, visit } from "./source.ts";
import { WRITERS } from "./writers.ts";

const ROOM = "src/application/transition/";

/** Slices that a file assigns: `bot.slice = …`, `step.bot.slice = …`. */
export function slicesWritten(file: Source): readonly string[] {
  const found = new Set<string>();
  visit(file.tree, (node) => {
    if (!ts.isBinaryExpression(node) || !ts.isPropertyAccessExpression(node.left)) return;
    const { kind } = node.operatorToken;
    if (kind < ts.SyntaxKind.FirstAssignment || kind > ts.SyntaxKind.LastAssignment) return;
    const owner = node.left.expression.getText(file.tree);
    if (owner === "bot" || owner === "step.bot") found.add(node.left.name.text);
  });
  return [...found];
}

Deno.test("[F-1.1] an assignment to a slice is seen, a read is not", () => {
  const text =
    "bot.halt = null; step.bot.risk = fold(bot.metrics); bot.tradesTotal += 1; other.phase = 1; read(bot.goal);";
  const tree = ts.createSourceFile("e.ts", text, ts.ScriptTarget.Latest, true);
  assert.deepEqual(slicesWritten({ path: "e.ts", text, tree }), ["halt", "risk", "tradesTotal"]);
});

Deno.test("[F-1.1] each slice of the bot is written by the files of the table alone, several only with a reason", () => {
  const faults: string[] = [];
  const written = new Map<string, string[]>();
  for (const path of filesUnder("src/application/transition")) {
    for (const slice of slicesWritten(source(path))) {
      written.set(slice, [...written.get(slice) ?? [], path.slice(ROOM.length)]);
    }
  }
  for (const { slice, files, because } of WRITERS) {
    if (files.length > 1 && because === undefined) faults.push(`${slice} has several writers and no reason`);
    const found = written.get(slice) ?? [];
    for (const file of files) if (!found.includes(file)) faults.push(`${file} does not write ${slice} any more`);
  }
  for (const [slice, files] of written) {
    const named = WRITERS.find((one) => one.slice === slice)?.files ?? [];
    for (const file of files) {
      if (!named.includes(file)) faults.push(`${file} writes ${slice}, which is not in the table`);
    }
  }
  none(faults, "Slices have the writers of the table");
});
