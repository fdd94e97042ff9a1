/** `config/notify.yaml`: which alerts go where (N-2.2). Every problem at once, each with its place and the nearest key. */
import { z } from "zod";
import { ALERT_FAMILIES } from "../../domain/alert_codes.ts";
import { firstOfEachPath, type Judged, nearest, schemaProblems } from "../../infrastructure/config/load.ts";
import { inReadingOrder, type Problem, renderProblem } from "../../infrastructure/config/problem.ts";
import { readYaml, type Section, type Value, type YamlTree } from "../../infrastructure/config/yaml_tree.ts";
import { secretName } from "./secret_names.ts";

function isZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: zone }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}
function isLanguage(language: string): boolean {
  try {
    return Intl.DateTimeFormat.supportedLocalesOf([language]).length === 1;
  } catch {
    return false;
  }
}

const ZONE_RULE = "must be a time zone such as UTC or Europe/Berlin";
const zone = z.string({ error: ZONE_RULE }).refine(isZone, { error: ZONE_RULE });
const LANGUAGE_RULE = "must be a language such as en-GB or de";
const language = z.string({ error: LANGUAGE_RULE }).refine(isLanguage, { error: LANGUAGE_RULE });
const CLOCK_RULE = 'must be a time of day in quotes, such as "22:30"';
const clock = z.string({ error: CLOCK_RULE }).regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, { error: CLOCK_RULE });
const SEVERITY_RULE = "must be info, warning or critical";
const codeRule = (code: unknown) => {
  const near = nearest(String(code), ALERT_FAMILIES).word;
  return `is no alert; did you mean ${near}? \`explain\` lists them`;
};
const code = z.string({ error: "must be the name of an alert" }).refine((word) => ALERT_FAMILIES.includes(word), {
  error: (issue) => codeRule(issue.input),
});
const SECTION_RULE = "must be a section of `key: value` lines, indented";
const sectionError = (issue: { readonly code?: string | undefined }) =>
  issue.code === "invalid_type" ? SECTION_RULE : undefined;

const shared = {
  minimum: z.enum(["info", "warning", "critical"], { error: SEVERITY_RULE }).default("info"),
  off: z.array(code, { error: "must be a list of alerts such as [day_closed, trade_opened]" }).default([]),
  quiet: z.strictObject({ from: clock, to: clock, zone }, { error: sectionError })
    .refine((quiet) => quiet.from !== quiet.to, { error: "from and to must differ" }).nullable().default(null),
  zone: zone.default("UTC"),
  language: language.default("en-GB"),
};
const CHAT_RULE = "must be the number of a chat; groups have negative ones";
const USERS_RULE = "must be a list of the numbers of Telegram users, at most ten";
const user = z.int({ error: USERS_RULE }).min(1, { error: USERS_RULE });
const channel = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("telegram"),
    chat: z.int({ error: CHAT_RULE }).refine((chat) => chat !== 0, { error: CHAT_RULE }),
    topic: z.int({ error: "must be the number of a topic" }).min(1).nullable().default(null),
    users: z.array(user, { error: USERS_RULE }).max(10, { error: USERS_RULE }).default([]),
    ...shared,
  }),
  z.strictObject({ type: z.literal("slack"), ...shared }),
  z.strictObject({ type: z.literal("discord"), ...shared }),
  z.strictObject({ type: z.literal("ntfy"), ...shared }),
  z.strictObject({ type: z.literal("webhook"), ...shared }),
], { error: "must be telegram, slack, discord, ntfy or webhook" });

const DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] as const;
const NAME_RULE = "channels are named with a-z, 0-9 and _, up to 20, not heartbeat";
const notifySchema = z.strictObject({
  channels: z.record(
    z.string().regex(/^(?!heartbeat$)[a-z][a-z0-9_]{0,19}$/, { error: NAME_RULE }),
    channel,
    { error: sectionError },
  ).refine((channels) => Object.keys(channels).length > 0, { error: "must hold at least one channel" }),
  daily: z.strictObject({
    at: clock,
    zone: zone.default("UTC"),
    weekly_on: z.enum(DAYS, { error: `must be one of ${DAYS.join(", ")}` }).nullable().default(null),
  }, { error: sectionError }).nullable().default(null),
  heartbeat: z.boolean({ error: "must be true or false" }).default(false),
});
export type NotifyConfig = z.infer<typeof notifySchema>;
export type ChannelConfig = NotifyConfig["channels"][string];

/** What a secret looks like, whatever its key: told without showing it. */
const SECRET_SHAPES: readonly RegExp[] = [
  /^\d{6,}:[A-Za-z0-9_-]{20,}$/,
  /^https?:\/\//i,
  /^whsec_/,
  /^tk_[a-z0-9]{20,}$/i,
  /^[A-Za-z0-9+/_-]{32,}={0,2}$/,
];
const SECRET_KEY = /token|secret|password|url|key|credential/i;

function secretProblems(tree: YamlTree): readonly Problem[] {
  const problems: Problem[] = [];
  for (const [path, place] of tree.places) {
    const text = (tree.texts.get(path) ?? "").replace(/^["']|["']$/g, "");
    const key = path.split(".").at(-1) ?? path;
    const shaped = SECRET_SHAPES.some((shape) => shape.test(text));
    if (!shaped && !(SECRET_KEY.test(key) && path.startsWith("channels."))) continue;
    const name = path.split(".")[1] ?? "NAME";
    const kind = /token|\d:/i.test(`${key}${text}`)
      ? "TOKEN"
      : /secret|whsec/i.test(`${key}${text}`)
      ? "SECRET"
      : "URL";
    problems.push({
      place,
      path,
      text: `${path}: secrets are never read from files; set ${secretName(name, kind)} in the environment or as a ` +
        "systemd credential, and if a real one stood here, make a new one",
    });
  }
  return problems;
}

function isSection(value: Value | undefined): value is Section {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Every key there may be, for the channels that the file names. */
function knownKeys(root: Section): readonly string[] {
  const known = ["channels", "daily", "daily.at", "daily.zone", "daily.weekly_on", "heartbeat"];
  const channels = root["channels"];
  if (!isSection(channels)) return known;
  for (const [name, value] of Object.entries(channels)) {
    const telegram = isSection(value) && value["type"] === "telegram" ? ["chat", "topic", "users"] : [];
    const keys = ["type", ...telegram, ...Object.keys(shared), "quiet.from", "quiet.to", "quiet.zone"];
    known.push(`channels.${name}`, ...keys.map((key) => `channels.${name}.${key}`));
  }
  return known;
}

export type LoadedNotify =
  | { readonly kind: "loaded"; readonly config: NotifyConfig }
  | { readonly kind: "errors"; readonly errors: readonly string[] };

/** Reads the file. Never throws; nothing that looks like a secret is in a message. */
export function loadNotifyConfig(
  options: { readonly path: string; readonly readText: (path: string) => string },
): LoadedNotify {
  const { path } = options;
  let text: string;
  try {
    text = options.readText(path);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { kind: "errors", errors: [`${path}:1:1: cannot be read: ${why}`] };
  }
  const tree = readYaml(text, path);
  const secrets = secretProblems(tree);
  const found: Problem[] = [...secrets, ...tree.problems];
  const parsed = notifySchema.safeParse(tree.root);
  if (tree.readable && !parsed.success) {
    const judged: Judged = { tree, file: path, known: knownKeys(tree.root), elsewhere: new Map() };
    found.push(...schemaProblems(judged, parsed.error.issues));
  }
  if (found.length > 0 || !parsed.success) {
    const told = firstOfEachPath(found);
    return { kind: "errors", errors: inReadingOrder(told, [path]).map(renderProblem) };
  }
  return { kind: "loaded", config: parsed.data };
}
