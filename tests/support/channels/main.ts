/**
 * The fake channels for `deno task try`: what they are sent is appended to FOLDER/messages, and lines of FOLDER/phone
 * are what a person types. Prints the secrets of its bots and hooks as shell variables.
 */
import { serveByName } from "./server.ts";
import { SECRETS, ServiceHouse } from "./rig.ts";

const [folder = "."] = Deno.args;
const house = new ServiceHouse(() => Date.now());
serveByName(house, {
  hostname: "127.0.0.2",
  port: 443,
  cert: Deno.readTextFileSync(`${folder}/venue.pem`),
  key: Deno.readTextFileSync(`${folder}/venue.key`),
});
for (const [name, value] of Object.entries(SECRETS)) {
  if (!name.includes("_HOOK_")) console.log(`export ${name}=${value}`);
}
const told = new Map(house.all().map((service) => [service, 0]));
let typed = 0;
setInterval(() => {
  for (const [host, service] of house.hosts) {
    const from = told.get(service) ?? 0;
    for (const { text } of service.shown.slice(from)) {
      Deno.writeTextFileSync(`${folder}/messages`, `--- ${host}\n${text}\n`, { append: true });
    }
    told.set(service, service.shown.length);
  }
  const lines = Deno.readTextFileSync(`${folder}/phone`).split("\n").slice(0, -1);
  for (const line of lines.slice(typed)) house.telegram.write(line);
  typed = lines.length;
}, 100);
