/**
 * Gives npm packages an empty environment. `yaml` and `commander` look at variables such as LOG_TOKENS or NO_COLOR:
 * this way they need no permission for it and no variable can change what a configuration means. Own code reads the
 * environment through Deno.env, where each name is a permission of its own (F-12.2). Import before the packages.
 */
import process from "node:process";

Object.defineProperty(process, "env", { value: {}, configurable: true, writable: true, enumerable: true });
