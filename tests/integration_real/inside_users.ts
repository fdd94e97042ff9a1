/**
 * Every command as the bot's own user, as root and as another user, with the bot alive, dead and never started, and its
 * folder for requests absent, its own and root's. Real processes with real users; run by `users_test.ts` as root.
 */
import assert from "node:assert/strict";
import { initialBot } from "../../src/application/transition/mod.ts";
import { epochMs } from "../../src/domain/units.ts";
import { permissionFlags } from "../../src/infrastructure/safety/permissions.ts";
import { statusOf } from "../../src/views/status.ts";
import { defaultTestConfig } from "../config_fixture.ts";
import { NO_VITALS } from "../core_values.ts";

const [folder = "", deno = "", project = ""] = Deno.args;
const BOT = 61_001;
const OTHER = 61_002;
const data = `${folder}/place/data`;
const control = `${data}/control`;

type Life = "alive" | "dead" | "never started";
type Control = "absent" | "own" | "root's";

/** Runs one of the project's files as a user, in the bot's folder. */
function as(user: number, args: readonly string[]): Deno.Command {
  const ids = [`--reuid=${user}`, `--regid=${user}`, "--clear-groups"];
  return new Deno.Command("setpriv", {
    args: [...ids, deno, "run", "--quiet", "--cached-only", "--no-lock", ...args],
    cwd: `${folder}/place`,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    env: { DENO_DIR: `${folder}/cache`, HOME: `${folder}/place`, DENO_NO_UPDATE_CHECK: "1" },
  });
}

async function abot(user: number, words: readonly string[]) {
  const done = await as(user, [...permissionFlags(), `${project}/src/programs/trader/main.ts`, ...words]).output();
  const text = new TextDecoder();
  return { code: done.code, text: (text.decode(done.stdout) + text.decode(done.stderr)).trim() };
}

function statusText(): string {
  const bot = initialBot({ config: defaultTestConfig(), accountUid: "1" });
  const facts = { writtenAt: epochMs(Date.now()), version: "0.1.0", commit: "abc", configHash: "00", journalSeq: 7 };
  const rest = { journalHead: "ab", start: null, observe: false, vitals: NO_VITALS };
  return JSON.stringify(statusOf({ bot, guardian: null }, { ...facts, ...rest }));
}

function owned(path: string, write: () => void, user = BOT): void {
  write();
  Deno.chownSync(path, user, user);
}

function prepare(life: Life, made: Control): void {
  Deno.removeSync(`${folder}/place`, { recursive: true });
  owned(`${folder}/place`, () => Deno.mkdirSync(`${folder}/place`));
  owned(data, () => Deno.mkdirSync(data, { mode: 0o700 }));
  if (made !== "absent") {
    owned(control, () => Deno.mkdirSync(control, { mode: 0o700 }), made === "own" ? BOT : 0);
  }
  if (life === "never started") return;
  owned(`${data}/lock`, () => Deno.writeTextFileSync(`${data}/lock`, "command_taker, process 1", { mode: 0o600 }));
  writeStatus();
}

function writeStatus(): void {
  owned(`${data}/status.json`, () => Deno.writeTextFileSync(`${data}/status.json`, statusText(), { mode: 0o600 }));
}

/** Starts the bot's side and returns how to end it. */
async function live(): Promise<() => Promise<void>> {
  const flags = ["--allow-read=data", "--allow-write=data"];
  const child = as(BOT, [...flags, `${project}/tests/support/command_taker.ts`]).spawn();
  const text = new TextDecoder();
  const lines = child.stdout.getReader();
  for (let said = ""; !said.includes("ready");) {
    const { value, done } = await lines.read();
    assert.ok(!done, `the bot's side ended: ${said}`);
    said += text.decode(value);
  }
  lines.releaseLock();
  return async () => {
    child.kill("SIGKILL");
    await child.output();
  };
}

/** Paths below the data directory with their owner. */
function owners(): ReadonlyMap<string, number | null> {
  const found = new Map<string, number | null>();
  for (const { name } of Deno.readDirSync(data)) {
    found.set(name, Deno.statSync(`${data}/${name}`).uid);
    if (name !== "control") continue;
    for (const inner of Deno.readDirSync(control)) {
      found.set(`control/${inner.name}`, Deno.statSync(`${control}/${inner.name}`).uid);
    }
  }
  return found;
}

const OPERATIONS: readonly (readonly string[])[] = [["halt"], ["reset", "--reason", "seen"], ["close", "--confirm"]];
const READERS: readonly (readonly string[])[] = [["status"], ["why"], ["report"], ["verify"], ["replay"]];

async function operation(words: readonly string[], at: { readonly user: number; readonly life: Life }): Promise<void> {
  const [word = ""] = words;
  const { code, text } = await abot(at.user, words);
  if (at.life === "alive") return assert.deepEqual({ code, text }, { code: 0, text: `done: ${word}` });
  if (word === "halt") {
    assert.deepEqual([code, text.split(":")[0]], [0, "No bot is running in data"]);
    assert.equal(owners().get("KILL"), BOT);
    return Deno.removeSync(`${data}/KILL`);
  }
  assert.equal(code, 1);
  assert.ok(
    text.startsWith(`No bot is running in data: nothing was done. \`abot ${word}\` works while it runs.`),
    text,
  );
}

async function reader(words: readonly string[], at: { readonly user: number; readonly life: Life }): Promise<void> {
  // A slow machine must not make the last word of a live bot old.
  if (at.life === "alive") writeStatus();
  const { code, text } = await abot(at.user, words);
  assert.ok(code === 0 || code === 1, `${code} ${text}`);
  if (words[0] !== "status") return;
  assert.equal(code, at.life === "alive" ? 0 : 1, text);
  if (at.life === "dead") assert.match(text, /^NOT RUNNING/);
}

/** Nothing of root's is left where the bot would meet it, and only a bot made the folder for requests. */
function assertOwners(life: Life, made: Control): void {
  for (const [name, owner] of owners()) {
    if (name.startsWith("control.unreadable-") || (name === "control" && life !== "alive" && made === "root's")) {
      continue;
    }
    assert.equal(owner, BOT, `${name} belongs to ${owner}`);
  }
  assert.equal(owners().has("control"), life === "alive" || made !== "absent");
  assert.equal([...owners().keys()].filter((name) => name.endsWith(".request.json")).length, 0);
}

let cases = 0;
for (const life of ["alive", "dead", "never started"] as const) {
  for (const made of ["absent", "own", "root's"] as const) {
    prepare(life, made);
    const end = life === "alive" ? await live() : async () => {};
    try {
      for (const words of [...OPERATIONS, ...READERS]) {
        for (const user of [BOT, 0, OTHER]) {
          const name = `${words[0]} by ${user}, bot ${life}, control ${made}`;
          cases += 1;
          try {
            const before = owners();
            if (user === OTHER) {
              const told = await abot(user, words);
              assert.equal(told.code, 74, told.text);
              assert.match(
                told.text,
                /^Cannot use data: it belongs to user 61001: run this as that user .* or as root$/,
              );
              assert.deepEqual(owners(), before);
            } else if (OPERATIONS.includes(words)) await operation(words, { user, life });
            else await reader(words, { user, life });
            assertOwners(life, made);
          } catch (error) {
            throw new Error(`${name}: ${error instanceof Error ? error.message : String(error)}`);
          }
        }
      }
      if (life === "alive") await takenAway(made);
    } finally {
      await end();
    }
  }
}

/** While the bot runs root takes its folder, and leaves a request that the bot may not read. */
async function takenAway(made: Control): Promise<void> {
  Deno.writeTextFileSync(`${control}/0-halt.request.json`, "{}", { mode: 0o600 });
  const { code, text } = await abot(BOT, ["close", "--confirm"]);
  assert.deepEqual({ code, text }, { code: 0, text: "done: close" }, `beside root's request, control ${made}`);
  Deno.chownSync(control, 0, 0);
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  const again = await abot(BOT, ["close", "--confirm"]);
  assert.deepEqual(again, { code: 0, text: "done: close" }, `after root took the folder, control ${made}`);
}
console.log(`${cases} cases`);
