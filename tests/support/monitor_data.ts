/** A data directory in memory, as the monitor sees one. */
import { epochMs } from "../../src/domain/units.ts";
import type { ReadSeam } from "../../src/programs/monitor/follow/tail.ts";
import { type Status, statusOf } from "../../src/views/status.ts";
import { NO_VITALS } from "../core_values.ts";
import type { Rig } from "../core_rig.ts";

const encoder = new TextEncoder();

export class MemoryData implements ReadSeam {
  readonly files = new Map<string, { bytes: Uint8Array; inode: number; modifiedAt: number }>();
  readonly folders = new Set<string>(["data"]);
  /** Throws to make a look fail. */
  fault: ((path: string) => void) | null = null;
  now = Date.UTC(2026, 0, 5, 12);
  #inodes = 0;

  /** Replaces a file, as a rename does. */
  put(path: string, content: string | Uint8Array): void {
    const bytes = typeof content === "string" ? encoder.encode(content) : content;
    this.files.set(path, { bytes, inode: ++this.#inodes, modifiedAt: this.now });
    this.folders.add(path.slice(0, path.lastIndexOf("/")));
  }
  add(path: string, text: string): void {
    const old = this.files.get(path);
    if (old === undefined) return this.put(path, text);
    const both = encoder.encode(new TextDecoder().decode(old.bytes) + text);
    this.files.set(path, { ...old, bytes: both, modifiedAt: this.now });
  }
  readonly stat: ReadSeam["stat"] = (path) => {
    this.fault?.(path);
    const file = this.files.get(path);
    if (file !== undefined) return { size: file.bytes.length, inode: file.inode, modifiedAt: file.modifiedAt };
    return this.folders.has(path) ? { size: 0, inode: 0, modifiedAt: 0 } : null;
  };
  readonly read: ReadSeam["read"] = (path, from, most) => {
    this.fault?.(path);
    const file = this.files.get(path);
    if (file === undefined) throw new Error(`ENOENT ${path}`);
    return file.bytes.slice(from, from + most);
  };
  readonly list: ReadSeam["list"] = (path) => {
    this.fault?.(path);
    const names = [...this.files.keys()].filter((file) => file.startsWith(`${path}/`));
    return names.map((file) => file.slice(path.length + 1));
  };
}

/** The status a bot in this state writes. */
export function statusIn(rig: Rig, change: (status: Status) => Status = (status) => status): Status {
  return change(statusOf({ bot: rig.bot, guardian: null }, {
    writtenAt: epochMs(rig.now),
    version: "0.1.0",
    commit: "abc",
    configHash: "0011223344556677",
    journalSeq: 7,
    journalHead: "aabbccddeeff0011",
    start: { at_ms: rig.now - 3_600_000, capital_usd: 100, btc_usd: 50_000 },
    observe: false,
    vitals: NO_VITALS,
  }));
}
