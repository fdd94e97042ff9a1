/** What starts a program does so with exactly the permissions of the table, and the table holds every program. */
import { strict as assert } from "node:assert";
import { PROGRAMS, programTasks } from "../../config/deploy/programs.ts";
import { permissionFlags } from "../../src/infrastructure/safety/permissions.ts";
import { filesUnder } from "./source.ts";

Deno.test("[F-12.1] the tasks that start a program are those of the table, with its permissions", () => {
  const { tasks }: { readonly tasks: Readonly<Record<string, string>> } = JSON.parse(
    Deno.readTextFileSync("deno.json"),
  );
  const found = Object.entries(tasks).filter(([, command]) => command.includes("src/programs/"));
  assert.deepEqual(
    Object.fromEntries(found),
    programTasks(),
    "deno run --allow-read --allow-write config/deploy/programs.ts writes them",
  );
});

Deno.test("[F-12.1] every main is a program of the table, and only those that trade may reach the venue", () => {
  const mains = filesUnder("src").filter((path) => /^src\/programs\/[a-z_]+\/main\.ts$/.test(path));
  assert.deepEqual(PROGRAMS.map(({ main }) => main).sort(), mains);
  for (const { name, permissions, tasks } of PROGRAMS) {
    const venue = name === "abot" || name === "abot-rehearsal";
    for (const flags of [permissions, ...tasks.map((task) => task.permissions ?? permissions)]) {
      const reaches = flags.some((flag) => flag.includes("bybit"));
      assert.equal(reaches && !venue, false, `${name} reaches the venue`);
      if (reaches) assert.deepEqual(flags, permissionFlags(), name);
    }
  }
});
