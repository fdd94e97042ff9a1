import { CREDENTIALS_NAME, KEY_NAME, SECRET_NAME } from "../../infrastructure/safety/permissions.ts";

export type Credentials =
  | { readonly kind: "keys"; readonly key: string; readonly secret: string }
  | { readonly kind: "missing"; readonly lines: readonly string[] };

export type CredentialSource = {
  readonly variable: (name: string) => string | undefined;
  /** Text of a file; throws when it cannot be read. */
  readonly readText: (path: string) => string;
};

/** Key and secret as the venue hands them out; anything else is a paste that went wrong. */
const SHAPE = /^[A-Za-z0-9]{8,80}$/;

function fromFolder(source: CredentialSource, name: string): string | undefined {
  const folder = source.variable(CREDENTIALS_NAME);
  if (folder === undefined || folder === "") return undefined;
  try {
    return source.readText(`${folder}/${name.toLowerCase()}`).trim();
  } catch {
    // Not given this way: the line below says both ways.
    return undefined;
  }
}

/**
 * Key and secret from the environment, or from systemd's credentials folder (F-12.4, F-12.5). `openLine` is what the
 * journal says about an open position. No value is ever in a message.
 */
export function readCredentials(source: CredentialSource, openLine: string | null): Credentials {
  const lines: string[] = [];
  const read = (name: string): string => {
    const value = source.variable(name) ?? fromFolder(source, name) ?? "";
    if (value === "") {
      lines.push(
        `Cannot start without ${name} (F-12.4): set it in the environment, or as systemd credential ${name.toLowerCase()}`,
      );
    } else if (!SHAPE.test(value)) {
      lines.push(
        `Cannot start as ${name} is not a key: it holds ${value.length} characters, or others than letters and digits`,
      );
    }
    return value;
  };
  const key = read(KEY_NAME);
  const secret = read(SECRET_NAME);
  if (lines.length === 0) return { kind: "keys", key, secret };
  if (openLine !== null) lines.push(`${openLine} Without a running bot nobody repairs it.`);
  return { kind: "missing", lines };
}
