/** One group of tests: the directories it holds and exactly the permissions they get. */
export type TestGroup = {
  readonly name: string;
  readonly directories: readonly string[];
  readonly flags: readonly string[];
};

/** The core gets no permission at all, and a preload under which it cannot read a clock (architecture.md, walls). */
const CORE: TestGroup = {
  name: "core",
  directories: ["tests/oracles", "tests/unit", "tests/property"],
  flags: ["--parallel", "--preload=tests/preload/no_ambient.ts"],
};

/** What `deno task test` runs, in this order; `core` and `golden` are also what the mutants are judged by. */
export const NORMAL_GROUPS: readonly TestGroup[] = [
  { name: "architecture", directories: ["tests/architecture"], flags: ["--allow-read=.", "--allow-env"] },
  CORE,
  { name: "golden", directories: ["tests/golden"], flags: ["--allow-read=."] },
  { name: "lab", directories: ["tests/lab"], flags: ["--parallel", "--allow-read", "--allow-write", "--allow-env"] },
  { name: "simulation", directories: ["tests/simulation"], flags: ["--allow-read=.", "--allow-env"] },
  {
    name: "integration",
    directories: ["tests/integration"],
    flags: [
      "--allow-net=127.0.0.1,localhost",
      "--allow-read",
      "--allow-write",
      "--allow-env",
      "--allow-run",
      "--allow-sys",
    ],
  },
];

/** What `deno task test:browser` runs: the page in a real browser, which it installs. */
export const BROWSER_GROUPS: readonly TestGroup[] = [
  { name: "browser", directories: ["tests/browser"], flags: ["--allow-all"] },
];

/** What `deno task test:long` runs: the long variants, as the README names them. */
export const LONG_GROUPS: readonly TestGroup[] = [
  ...BROWSER_GROUPS,
  { name: "long", directories: ["tests/long"], flags: ["--allow-all"] },
  { name: "integration_real", directories: ["tests/integration_real"], flags: ["--allow-all"] },
];
