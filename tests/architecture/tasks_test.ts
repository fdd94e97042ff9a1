/** The tasks that touch the testnet run with exactly the permissions of the shipped program; those that read, read. */
import { strict as assert } from "node:assert";
import { permissionFlags } from "../../src/infrastructure/safety/permissions.ts";

const READERS = ["replay", "verify"];

Deno.test("[F-12.1] the bot's task and the rehearsals hold the shipped permissions, readers only leave to read", () => {
  const { tasks }: { readonly tasks: Readonly<Record<string, string>> } = JSON.parse(
    Deno.readTextFileSync("deno.json"),
  );
  const found = Object.entries(tasks).filter(([, command]) =>
    /src\/programs\/(trader|rehearsal)\/main\.ts/.test(command)
  );
  assert.deepEqual(found.map(([name]) => name), ["abot", ...READERS, "testnet", "dry-run"]);
  for (const [name, command] of found) {
    const flags = (command.split(/ src\/[\w/]+\.ts/)[0] ?? "").split(" ").filter((word) => word.startsWith("--"));
    assert.deepEqual(flags, READERS.includes(name) ? ["--no-prompt", "--allow-read"] : permissionFlags(), name);
  }
});
