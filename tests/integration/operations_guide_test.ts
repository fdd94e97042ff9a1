/** What the operations guide and the unit file promise is what the program does. */
import assert from "node:assert/strict";
import { EXIT_CODES } from "../../src/common/exit_codes.ts";
import {
  CREDENTIALS_FOLDER,
  KEY_NAME,
  REFUSED_VARIABLES,
  SECRET_NAME,
} from "../../src/infrastructure/safety/permissions.ts";
import { ROLLBACK } from "../../src/views/halt_words.ts";

const plain = (text: string) => text.replaceAll(/\s+/g, " ");
const guide = () => plain(Deno.readTextFileSync("docs/operations.md"));

Deno.test("[F-13.5] the operations guide prints the same rollback steps as status, for every halt", () => {
  const text = guide();
  for (const [reason, { cause, steps }] of Object.entries(ROLLBACK)) {
    const from = text.indexOf(`### \`${reason}\``);
    assert.ok(from >= 0, reason);
    const section = text.slice(from, text.indexOf("###", from + 4) < 0 ? undefined : text.indexOf("###", from + 4));
    for (const sentence of [cause, ...steps]) assert.ok(section.includes(plain(sentence)), `${reason}: ${sentence}`);
  }
});

Deno.test("[F-13.3] the operations guide makes every folder that the unit needs, with the unit's user", () => {
  const unit = Deno.readTextFileSync("config/deploy/abot.service");
  const made = /install -d -o (\S+) -g \S+ -m 700 ([^\n`]*)/.exec(Deno.readTextFileSync("docs/operations.md"));
  const folders = (made?.[2] ?? "").trim().split(" ");
  for (const name of ["WorkingDirectory", "ReadWritePaths"]) {
    const path = new RegExp(`^${name}=(.*)$`, "m").exec(unit)?.[1] ?? "?";
    assert.ok(folders.includes(path), `${name} ${path}`);
  }
  assert.equal(made?.[1], /^User=(.*)$/m.exec(unit)?.[1]);
});

Deno.test("[F-13.3] the operations guide lists every exit code", () => {
  const text = guide();
  for (const [code] of EXIT_CODES) assert.ok(text.includes(`| ${code} |`), String(code));
});

Deno.test("[F-13.3 F-12.7] the unit restarts always but after 0 and 78, waits 40 s, alerts, and clears the environment", () => {
  const unit = Deno.readTextFileSync("config/deploy/abot.service");
  for (
    const line of [
      "Restart=always",
      "RestartPreventExitStatus=0 78",
      "StartLimitIntervalSec=0",
      "TimeoutStopSec=40",
      "OnFailure=abot-alert@%n.service",
    ]
  ) assert.ok(unit.split("\n").includes(line), line);
  for (const name of [KEY_NAME, SECRET_NAME]) assert.ok(unit.includes(`LoadCredential=${name.toLowerCase()}:`), name);
  assert.equal(CREDENTIALS_FOLDER, "/run/credentials/abot.service");
  const unset = /^UnsetEnvironment=(.*)$/m.exec(unit)?.[1]?.split(" ") ?? [];
  for (const name of REFUSED_VARIABLES) assert.ok(unset.includes(name), `${name} is not unset`);
});
