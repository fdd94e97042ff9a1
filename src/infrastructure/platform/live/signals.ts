/** Calls back for what asks a process to end; Windows knows no SIGTERM. Returns how to stop listening. */
export function onTermination(run: (name: string) => void): () => void {
  const names: readonly Deno.Signal[] = Deno.build.os === "windows" ? ["SIGINT", "SIGBREAK"] : ["SIGINT", "SIGTERM"];
  const listeners = names.map((name) => {
    const listener = () => run(name);
    Deno.addSignalListener(name, listener);
    return { name, listener };
  });
  return () => {
    for (const { name, listener } of listeners) Deno.removeSignalListener(name, listener);
  };
}
