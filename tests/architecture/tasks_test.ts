/** The tasks that touch the testnet run with exactly the permissions of the shipped program. */
import { strict as assert } from "node:assert";
import { permissionFlags } from "../../src/infrastructure/safety/permissions.ts";

Deno.test("[F-12.1] the rehearsal tasks hold the shipped permissions, no more", () => {
  const { tasks }: { readonly tasks: Readonly<Record<string, string>> } = JSON.parse(
    Deno.readTextFileSync("deno.json"),
  );
  const found = Object.entries(tasks).filter(([, command]) => command.includes("src/scenario_main.ts"));
  assert.ok(found.length > 0);
  for (const [name, command] of found) {
    const flags = command.split(" ").filter((word) => word.startsWith("--"));
    assert.deepEqual(flags, permissionFlags(), name);
  }
});
