/** Debian's packages that these tests need. */
/** Where Debian puts the browser of its package `chromium-headless-shell`. */
export const BROWSER = "/usr/bin/chromium-headless-shell";

function isThere(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

/** Installs a package as root, if its program is missing; throws the line that says how, where that cannot be done. */
export async function ensurePackage(name: string, program: string): Promise<void> {
  if (isThere(program)) return;
  const how = `These tests need ${program}: apt-get install -y --no-install-recommends ${name}`;
  if (Deno.uid() !== 0) throw new Error(how);
  for (const args of [["update"], ["install", "-y", "--no-install-recommends", name]]) {
    const done = await new Deno.Command("apt-get", { args, stdin: "null", stdout: "null", stderr: "null" }).output();
    if (!done.success) throw new Error(`${how} (apt-get ${args[0]} ended with ${done.code})`);
  }
  if (!isThere(program)) throw new Error(how);
}
