import assert from "node:assert/strict";

const STREAMS = 500;
const SLOW = 40;
/** docs/performance.md: 500 open streams. */
const MOST_BYTES = 170_000_000;

function memoryOf(pid: number): number {
  const found = /VmRSS:\s+(\d+) kB/.exec(Deno.readTextFileSync(`/proc/${pid}/status`));
  return Number(found?.[1] ?? NaN) * 1024;
}

/** Opens streams that nobody reads and requests that never end, and measures the monitor meanwhile. */
export async function manyStreams(pid: number): Promise<string> {
  const before = memoryOf(pid);
  const connections: Deno.TcpConn[] = [];
  const say = async (text: string) => {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port: 8377 });
    await connection.write(new TextEncoder().encode(text));
    connections.push(connection);
  };
  try {
    for (let count = 0; count < SLOW; count++) await say("GET / HTTP/1.1\r\nHost: 127.0.0.1:8377\r\nX-Slow: ");
    for (let count = 0; count < STREAMS; count++) {
      await say("GET /events HTTP/1.1\r\nHost: 127.0.0.1:8377\r\n\r\n");
    }
    await new Promise((resolve) => setTimeout(resolve, 6_000));
    const during = memoryOf(pid);
    assert.ok(during <= MOST_BYTES, `${during} bytes with ${STREAMS} streams`);
    const slow = connections[0];
    const answer = new Uint8Array(200);
    const length = await slow?.read(answer) ?? 0;
    assert.match(
      new TextDecoder().decode(answer.subarray(0, length)),
      /^HTTP\/1\.1 408 /,
      "a half-sent request is ended",
    );
    const metrics = await (await fetch("http://127.0.0.1:8377/metrics")).text();
    assert.match(metrics, /^abot_monitor_streams 50\d$/m);
    const mb = (bytes: number) => `${Math.round(bytes / 1e6)} MB`;
    return `${mb(before)} before, ${mb(during)} with ${STREAMS} streams`;
  } finally {
    for (const connection of connections) connection.close();
  }
}
