/** Packs bytes off the caller's way; `done` gets null when it failed, never throws into the caller. */
export function packGzip(bytes: Uint8Array, done: (packed: Uint8Array | null) => void): void {
  const stream = new Blob([new Uint8Array(bytes)]).stream().pipeThrough(new CompressionStream("gzip"));
  new Response(stream).arrayBuffer().then((packed) => done(new Uint8Array(packed)), () => done(null));
}
