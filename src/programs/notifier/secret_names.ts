export type SecretKind = "TOKEN" | "URL" | "SECRET";

/** The variable that holds a channel's secret; as a systemd credential it is named the same, in lower case. */
export function secretName(channel: string, kind: SecretKind): string {
  return `ABOT_NOTIFY_${channel.toUpperCase()}_${kind}`;
}
