/** What a channel is: a way to write a message, to ask its service to take it, and to read the service's answer. */

export type Severity = "info" | "warning" | "critical";

/** A message before it has a channel's form. */
export type Message = {
  /** Of the line, or of the digest: what a receiver tells repeats by. */
  readonly id: string;
  readonly at: number;
  readonly severity: Severity;
  readonly code: string;
  /** First line; begins with a sign of ours, never with data. */
  readonly head: string;
  /** The lines below it. */
  readonly body: readonly string[];
};

/** One piece of a message, as long as the service takes. `boldUntil` = end of the head in it, UTF-16 units. */
export type Part = { readonly text: string; readonly boldUntil: number };

export type Ask = {
  readonly method: "GET" | "POST";
  /** Holds the secret: never to be shown. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

export type Reply =
  | {
    readonly kind: "reply";
    readonly status: number;
    /** Names in lower case. */
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
  }
  | {
    readonly kind: "unreached";
    readonly why: string;
    /** The request may have arrived. */
    readonly perhaps: boolean;
  };

/** What an answer means for the message, in words for a person. */
export type Verdict =
  | { readonly kind: "sent" }
  /** The service asks to wait exactly so long. */
  | { readonly kind: "wait"; readonly ms: number; readonly why: string }
  /** Not now; `perhaps` = it may have been taken all the same. */
  | { readonly kind: "later"; readonly why: string; readonly perhaps: boolean }
  /** Never, as it is. */
  | { readonly kind: "refused"; readonly why: string; readonly advice: string }
  /** The address is no longer there and must not be asked again. */
  | { readonly kind: "gone"; readonly why: string; readonly advice: string };

/** A token bucket: `burst` at once, then one every `everyMs`. */
export type Pace = { readonly burst: number; readonly everyMs: number };

export type Channel = {
  readonly name: string;
  readonly kind: "telegram" | "slack" | "discord" | "ntfy" | "webhook";
  /** Tells one secret from another without being it. */
  readonly fingerprint: string;
  readonly pace: Pace;
  readonly parts: (message: Message) => readonly Part[];
  readonly ask: (part: Part, of: { readonly message: Message; readonly index: number; readonly now: number }) => Ask;
  readonly judge: (reply: Reply) => Verdict;
};

/** Longest wait that is believed; a service that names more is asked again after this. */
const WAIT_MAX_MS = 3_600_000;

/** A wait in seconds as a service names it, in milliseconds; null when it names none. */
export function waitMs(seconds: unknown): number | null {
  const value = typeof seconds === "string" && seconds.trim() !== "" ? Number(seconds) : seconds;
  if (typeof value !== "number" || !Number.isFinite(value) || value < 0) return null;
  return Math.min(Math.ceil(value * 1000), WAIT_MAX_MS);
}

export function jsonOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

/** What every service's answers have in common: nothing came, 2xx, 3xx, 429, 5xx. null = the service's own to say. */
export function commonVerdict(reply: Reply): Verdict | null {
  if (reply.kind === "unreached") return { kind: "later", why: reply.why, perhaps: reply.perhaps };
  const { status } = reply;
  if (status >= 300 && status < 400) {
    return {
      kind: "refused",
      why: `it answers with a redirect (${status}), which is not followed`,
      advice: "Check the address: it must be the one the service shows, copied whole.",
    };
  }
  if (status === 429) {
    return { kind: "wait", ms: waitMs(reply.headers["retry-after"]) ?? 5_000, why: "it asks to slow down (429)" };
  }
  if (status >= 500 || status === 408) return { kind: "later", why: `it has trouble (${status})`, perhaps: true };
  return null;
}
