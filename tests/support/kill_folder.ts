const PROJECT = new URL("../../", import.meta.url).pathname.replace(/\/$/, "");

export type KillFolder = {
  readonly path: string;
  remove(): void;
};

/**
 * A folder as the bot is started in: an empty `data` and the shipped configuration, but for the budget of a minute: a bot
 * killed every few seconds would wait out each of them (F-7.10, tests/simulation/restart_pace_test.ts).
 */
export function killFolder(): KillFolder {
  const path = Deno.makeTempDirSync({ prefix: "abot-kills-" });
  Deno.mkdirSync(`${path}/config`);
  Deno.mkdirSync(`${path}/data`);
  for (const name of ["testnet.yaml", "testnet_scenarios.yaml", "safety_limits.yaml"]) {
    Deno.copyFileSync(`${PROJECT}/config/${name}`, `${path}/config/${name}`);
  }
  const strategy = `${path}/config/testnet.yaml`;
  const shipped = Deno.readTextFileSync(strategy);
  const roomy = shipped.replace("rest_budget_per_min: 90", "rest_budget_per_min: 600")
    .replace("rest_budget_other_per_min: 70", "rest_budget_other_per_min: 599");
  if (roomy.length !== shipped.length + 2) throw new Error("config/testnet.yaml has other budgets than 90 and 70");
  Deno.writeTextFileSync(strategy, roomy);
  return { path, remove: () => Deno.removeSync(path, { recursive: true }) };
}

/** Runs `abot <word>` over the data directory of the folder. */
export async function readBack(folder: KillFolder, word: "verify" | "replay") {
  const output = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--allow-read", "--allow-env", "--config", `${PROJECT}/deno.json`].concat([
      `${PROJECT}/src/programs/trader/main.ts`,
      word,
    ]),
    cwd: folder.path,
    stdin: "null",
  }).output();
  const text = new TextDecoder();
  return { code: output.code, text: text.decode(output.stdout) + text.decode(output.stderr) };
}
