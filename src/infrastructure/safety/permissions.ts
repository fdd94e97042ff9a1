/**
 * What the live program may touch: the one place. The compile task, the audit's messages, the unit file's check and the
 * documents all come from here (F-12.1).
 */
export const VENUE_HOSTS = ["api-testnet.bybit.com", "stream-testnet.bybit.com"] as const;

export const KEY_NAME = "BYBIT_TESTNET_API_KEY";
export const SECRET_NAME = "BYBIT_TESTNET_API_SECRET";
/** Set by systemd for `LoadCredential=`; holds files named like the two variables, in lower case. */
export const CREDENTIALS_NAME = "CREDENTIALS_DIRECTORY";
/** Where systemd puts them for the unit of this program; the only folder outside `config` and `data` that is read. */
export const CREDENTIALS_FOLDER = "/run/credentials/abot.service";

/** Would carry the traffic elsewhere, write it down or weaken TLS (F-12.7). */
export const REFUSED_VARIABLES = [
  "HTTP_PROXY",
  "HTTPS_PROXY",
  "ALL_PROXY",
  "http_proxy",
  "https_proxy",
  "all_proxy",
  "OTEL_DENO",
  "OTEL_EXPORTER_OTLP_ENDPOINT",
  "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
  "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
  "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT",
  "SSLKEYLOGFILE",
  "NODE_TLS_REJECT_UNAUTHORIZED",
] as const;

/** Add trust for tests: announced and journaled, not refused (F-12.7). */
export const ANNOUNCED_VARIABLES = ["DENO_CERT", "DENO_TLS_CA_STORE", "NODE_EXTRA_CA_CERTS"] as const;

export const ENVIRONMENT = [
  KEY_NAME,
  SECRET_NAME,
  CREDENTIALS_NAME,
  ...REFUSED_VARIABLES,
  ...ANNOUNCED_VARIABLES,
] as const;

/** Relative to the folder the program is started in. */
export const READ_PATHS = ["config", "data", CREDENTIALS_FOLDER] as const;
export const WRITE_PATHS = ["data"] as const;

/** The flags of `deno compile` and of `deno run` alike. */
export function permissionFlags(): readonly string[] {
  return [
    "--no-prompt",
    `--allow-net=${VENUE_HOSTS.join(",")}`,
    `--allow-env=${ENVIRONMENT.join(",")}`,
    `--allow-read=${READ_PATHS.join(",")}`,
    `--allow-write=${WRITE_PATHS.join(",")}`,
  ];
}
