/**
 * The program before a data directory that is not its own to use: it says so in one line, ends with the right code, and
 * leaves every byte as it was. The lock beside the data is the one file it may touch.
 */
import assert from "node:assert/strict";
import { permissionFlags } from "../../src/infrastructure/safety/permissions.ts";
import { livePlatform } from "../../src/infrastructure/platform/live/mod.ts";

const PROJECT = new URL("../../", import.meta.url).pathname.replace(/\/$/, "");

/** A folder with the shipped configuration and, as `data`, what the case puts there. */
function withFolder(fill: (folder: string) => void): { readonly folder: string; readonly remove: () => void } {
  const folder = Deno.makeTempDirSync({ prefix: "abot-hostile-" });
  Deno.mkdirSync(`${folder}/config`);
  for (const name of ["testnet.yaml", "safety_limits.yaml"]) {
    Deno.copyFileSync(`${PROJECT}/config/${name}`, `${folder}/config/${name}`);
  }
  fill(folder);
  return { folder, remove: () => Deno.removeSync(folder, { recursive: true }) };
}

/** Path, mode and bytes of everything below, but for the lock. */
function picture(folder: string): string[] {
  const lines: string[] = [];
  const look = (path: string): void => {
    const { isDirectory, mode } = Deno.lstatSync(path);
    const bytes = isDirectory ? "" : [...Deno.readFileSync(path)].join(",");
    if (!/\/lock(\.lease)?$/.test(path)) lines.push(`${path.slice(folder.length)} ${mode} ${bytes}`);
    if (!isDirectory) return;
    for (const { name } of Deno.readDirSync(path)) look(`${path}/${name}`);
  };
  look(`${folder}/data`);
  return lines.toSorted();
}

/** Root may write anywhere; without these capabilities it may not. */
function asAnybody(): readonly string[] {
  if (Deno.uid() !== 0) return [];
  return ["setpriv", "--bounding-set=-dac_override,-dac_read_search,-fowner", "--inh-caps=-all"];
}

async function abot(folder: string, args: readonly string[]) {
  const flags = ["run", "--cached-only", "--no-lock", "--config", `${PROJECT}/deno.json`, ...permissionFlags()];
  const [program = "", ...rest] = [
    ...asAnybody(),
    Deno.execPath(),
    ...flags,
    `${PROJECT}/src/programs/trader/main.ts`,
    ...args,
  ];
  const output = await new Deno.Command(program, {
    args: rest,
    cwd: folder,
    env: {
      HOME: Deno.env.get("HOME") ?? "/",
      // Where the packages are, when they are not below HOME.
      ...(Deno.env.has("DENO_DIR") ? { DENO_DIR: Deno.env.get("DENO_DIR") ?? "" } : {}),
      PATH: Deno.env.get("PATH") ?? "",
      NO_COLOR: "1",
      BYBIT_TESTNET_API_KEY: "abotkey12345",
      BYBIT_TESTNET_API_SECRET: "abotsecret12345",
    },
    clearEnv: true,
    stdin: "null",
  }).output();
  const text = new TextDecoder();
  return { code: output.code, text: (text.decode(output.stdout) + text.decode(output.stderr)).trim() };
}

const header = (schema: number) => `{"header":{"schema":${schema},"start":"boot","first_seq":1}}\n`;
function write(path: string, text: string): void {
  Deno.mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  Deno.writeTextFileSync(path, text);
}

const CASES: readonly (readonly [what: string, fill: (folder: string) => void, code: number, line: RegExp])[] = [
  [
    "one that cannot be written",
    (folder) => {
      Deno.mkdirSync(`${folder}/data`);
      Deno.chmodSync(`${folder}/data`, 0o555);
    },
    74,
    /^Cannot use data as it must be writable: .*Permission denied/,
  ],
  [
    "a file of that name",
    (folder) => write(`${folder}/data`, "notes\n"),
    74,
    /^Cannot use data as it must be writable: /,
  ],
  [
    "a journal of a newer version",
    (folder) => write(`${folder}/data/journal/2026-11-21.0000.jsonl`, header(99)),
    78,
    /^Cannot use data as its journal is of a newer version: schema is 99, this program knows \d+; use the abot that wrote it\. Nothing was changed$/,
  ],
  [
    "foreign files where the journal should be",
    (folder) => {
      write(`${folder}/data/journal/2026-11-21.0000.jsonl`, "timestamp;price\n1;2\n");
      write(`${folder}/data/journal/2026-11-22.0000.jsonl`, "\u0000\u0001\u0002\n");
      write(`${folder}/data/notes.txt`, "mine\n");
    },
    78,
    /^Cannot use data as no segment of its journal can be read: 2 in data\/journal\. Look with `abot verify`, restore a backup, or start in an empty folder with a flat account\. Nothing was changed$/,
  ],
];

for (const [what, fill, code, line] of CASES) {
  Deno.test(`[F-11.4 F-11.7] a data directory that is unusable is refused (${what}): one clear line, nothing changed`, async () => {
    const { folder, remove } = withFolder(fill);
    try {
      const before = picture(folder);
      const refused = await abot(folder, ["--config", "config/testnet.yaml"]);
      assert.match(refused.text, line);
      assert.equal(refused.text.split("\n").length, 1);
      assert.equal(refused.code, code);
      assert.deepEqual(picture(folder), before);
    } finally {
      remove();
    }
  });
}

for (
  const [what, path] of [
    ["the newest segment is a directory", "journal/2026-11-21.0000.jsonl"],
    ["the trade log is a directory", "trades/trades-2026-11-21.jsonl"],
  ] as const
) {
  Deno.test(`[F-12.4] ${what}: the refused start names it and says what is known of a position`, async () => {
    const { folder, remove } = withFolder((at) => Deno.mkdirSync(`${at}/data/${path}`, { recursive: true }));
    try {
      const refused = await abot(folder, ["--config", "config/testnet.yaml"]);
      const [first = "", ...rest] = refused.text.split("\n");
      assert.match(first, /^Cannot start as data cannot be read: .*Is a directory \(os error 21\)/);
      assert.deepEqual(rest, ["Whether a position is open is not known here: look at the venue's page."]);
      assert.equal(refused.code, 74);
    } finally {
      remove();
    }
  });
}

Deno.test("[F-11.4] a data directory under somebody else's lock: its holder is named, nothing changed", async () => {
  const { folder, remove } = withFolder((at) => write(`${at}/data/notes.txt`, "mine\n"));
  const lock = livePlatform().files.lock(`${folder}/data/lock`, "abot 9.9.9, process 4711, since yesterday");
  try {
    assert.equal(lock.kind, "locked");
    const before = picture(folder);
    const refused = await abot(folder, ["--config", "config/testnet.yaml"]);
    assert.equal(
      refused.text,
      "Cannot use data as one data directory has one writer (F-11.4): " +
        "it is held by abot 9.9.9, process 4711, since yesterday",
    );
    assert.equal(refused.code, 75);
    assert.deepEqual(picture(folder), before);
    assert.match(Deno.readTextFileSync(`${folder}/data/lock`), /4711/);
  } finally {
    if (lock.kind === "locked") lock.release();
    remove();
  }
});

Deno.test("[F-13.6] readers of a hostile data directory end with words, and change nothing", async () => {
  const { folder, remove } = withFolder((at) => {
    write(`${at}/data/journal/2026-11-21.0000.jsonl`, "timestamp;price\n1;2\n");
    write(`${at}/data/status.json`, "{}");
    write(`${at}/data/trades/trades-2026-11-21.jsonl`, "no trade\n");
  });
  try {
    const before = picture(folder);
    for (const command of ["status", "why", "report", "verify", "replay"]) {
      const answer = await abot(folder, [command]);
      assert.ok([0, 1, 74].includes(answer.code), `${command}: ${answer.code} ${answer.text}`);
      assert.doesNotMatch(answer.text, /^\s+at /m, `${command}: ${answer.text}`);
    }
    assert.deepEqual(picture(folder), before);
  } finally {
    remove();
  }
});
