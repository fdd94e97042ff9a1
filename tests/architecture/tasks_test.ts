/** The tasks that touch the testnet run with exactly the permissions of the shipped program. */
import { strict as assert } from "node:assert";
import { permissionFlags } from "../../src/infrastructure/safety/permissions.ts";

Deno.test("[F-12.1] the bot's task and the rehearsals hold the shipped permissions, no more", () => {
  const { tasks }: { readonly tasks: Readonly<Record<string, string>> } = JSON.parse(
    Deno.readTextFileSync("deno.json"),
  );
  const found = Object.entries(tasks).filter(([, command]) => /src\/(scenario_)?main\.ts/.test(command));
  assert.deepEqual(found.map(([name]) => name), ["abot", "testnet", "dry-run"]);
  for (const [name, command] of found) {
    const flags = command.split(" ").filter((word) => word.startsWith("--"));
    assert.deepEqual(flags, permissionFlags(), name);
  }
});
