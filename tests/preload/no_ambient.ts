/**
 * Loaded before every core test: a call of an ambient clock or of randomness throws when the code that called it stands
 * in src/domain or src/application (engine aside). The test library itself may still read a clock.
 */
const CORE = /\/src\/(domain|application)\/(?!engine\/)/;
const OWN = import.meta.url;

function calledFromCore(): boolean {
  const frames = (new Error().stack ?? "").split("\n").slice(1).filter((line) => !line.includes(OWN));
  return frames.length > 0 && CORE.test(frames[0] ?? "");
}
function refuse(name: string): void {
  if (calledFromCore()) throw new Error(`Core may not call ${name}: time and chance arrive as events (F-1.1)`);
}

const RealDate = Date;
class GuardedDate extends RealDate {
  constructor(...words: []) {
    if (words.length === 0) refuse("new Date()");
    super(...words);
  }
  static override now(): number {
    refuse("Date.now");
    return RealDate.now();
  }
}
Object.defineProperty(globalThis, "Date", { value: GuardedDate, writable: true, configurable: true });

type Method = (...words: unknown[]) => unknown;
function guard(owner: object, name: string, shown: string): void {
  const real: Method = Reflect.get(owner, name);
  Object.defineProperty(owner, name, {
    value: (...words: unknown[]) => {
      refuse(shown);
      return Reflect.apply(real, owner, words);
    },
    writable: true,
    configurable: true,
  });
}
guard(Math, "random", "Math.random");
guard(performance, "now", "performance.now");
guard(crypto, "getRandomValues", "crypto.getRandomValues");
guard(crypto, "randomUUID", "crypto.randomUUID");
guard(globalThis, "setTimeout", "setTimeout");
guard(globalThis, "setInterval", "setInterval");
guard(globalThis, "queueMicrotask", "queueMicrotask");
guard(globalThis, "fetch", "fetch");
for (const name of ["log", "info", "warn", "error", "debug"]) guard(console, name, `console.${name}`);
