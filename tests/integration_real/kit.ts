/** What the tests of the real names share. Needs Linux, root, `unshare`, `ip` and `openssl`; fails without them. */
import assert from "node:assert/strict";

export const PROJECT = new URL("../../", import.meta.url).pathname.replace(/\/$/, "");

/** Runs a program to its end. */
export async function run(program: string, args: readonly string[], cwd: string) {
  const output = await new Deno.Command(program, { args: [...args], cwd, stdin: "null" }).output();
  const text = new TextDecoder();
  return { code: output.code, text: text.decode(output.stdout) + text.decode(output.stderr) };
}

/** Names that lead to this machine in the namespace: the two of the bot, and two it must never ask, so that it would show. */
const NAMES = ["api-testnet.bybit.com", "stream-testnet.bybit.com", "api.bybit.com", "stream.bybit.com"];

/** Names of the notifier's channels; they lead to another address of this machine. */
export const CHANNEL_NAMES = ["api.telegram.org", "hooks.slack.com", "discord.com", "ntfy.sh", "hc-ping.com"];
export const CHANNEL_ADDRESS = "127.0.0.2";

/** A throw-away authority and one certificate for all names. */
async function makeCertificates(folder: string): Promise<void> {
  const names = `subjectAltName=${
    [...NAMES, ...CHANNEL_NAMES].map((name) => `DNS:${name}`).join(",")
  }\nbasicConstraints=CA:FALSE\n`;
  Deno.writeTextFileSync(`${folder}/ext`, names);
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  const steps = [
    ["req", "-x509", ...key, "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=throw-away"],
    ["req", ...key, "-keyout", "venue.key", "-out", "venue.csr", "-subj", "/CN=api-testnet.bybit.com"],
    ["x509", "-req", "-in", "venue.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial"].concat([
      ...["-out", "venue.pem", "-days", "2", "-extfile", "ext"],
    ]),
  ];
  for (const step of steps) {
    const done = await run("openssl", step, folder);
    assert.equal(done.code, 0, done.text);
  }
}

/**
 * Runs one of the files beside this in a private network namespace in which the venue's names are this machine. The
 * file gets the folder of the certificates, the project and `last` as arguments. Fails with everything it printed.
 */
export async function runInside(file: string, last: string): Promise<string> {
  const folder = Deno.makeTempDirSync({ prefix: "abot-tls-" });
  try {
    await makeCertificates(folder);
    Deno.writeTextFileSync(
      `${folder}/hosts`,
      `127.0.0.1 localhost ${NAMES.join(" ")}\n${CHANNEL_ADDRESS} ${CHANNEL_NAMES.join(" ")}\n`,
    );
    const inner = `${PROJECT}/tests/integration_real/${file}`;
    const script = `ip link set lo up && mount --bind ${folder}/hosts /etc/hosts && ` +
      `exec "${Deno.execPath()}" run --no-prompt --allow-all ${inner} ${folder} ${PROJECT} "${last}"`;
    const done = await run("unshare", ["-n", "-m", "bash", "-c", script], PROJECT);
    assert.equal(done.code, 0, done.text);
    return done.text;
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}
