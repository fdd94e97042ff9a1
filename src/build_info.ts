/**
 * Who this program is. `deno task compile` puts the real values into the copy it compiles; a checkout is always `dev`.
 * `coreHash` is over src/domain and src/application: another one means another decider (F-11.7).
 */
export const BUILD_INFO = {
  version: "dev",
  commit: "dev",
  coreHash: "dev",
  buildDate: "dev",
} as const satisfies { readonly [Fact in "version" | "commit" | "coreHash" | "buildDate"]: string };
