import type { AddressType, Places } from "./secrets.ts";

const HOSTS: Partial<Record<AddressType, string>> = { slack: "hooks.slack.com", discord: "discord.com" };

/** The real services; what an address may be, said without showing it. */
export function livePlaces(mayReach: (host: string) => boolean): Places {
  return {
    telegram: "https://api.telegram.org",
    objection(url, type) {
      if (url.protocol !== "https:") return "an address begins with https://";
      if (url.port !== "") return "an address names no port";
      const host = HOSTS[type];
      if (host !== undefined && url.hostname !== host) {
        return `the address of a ${type} channel begins with https://${host}/`;
      }
      if (mayReach(url.hostname)) return null;
      return `this program may not reach ${url.hostname}: build one that may, with ` +
        `deno task compile --notify-host ${url.hostname}`;
    },
  };
}
