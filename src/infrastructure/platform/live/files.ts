import type { AppendFile, FileSeam } from "../../../application/engine/ports.ts";

/** Files are the owner's alone (P-14). */
const FILE_MODE = 0o600;
const DIRECTORY_MODE = 0o700;
const encoder = new TextEncoder();

/** The disk. Everything is synchronous and throws, but the fsync of an append file, which runs off the main thread. */
export const liveFiles: FileSeam = {
  makeDirectory: (path) => Deno.mkdirSync(path, { recursive: true, mode: DIRECTORY_MODE }),
  list: (path) => [...Deno.readDirSync(path)].map((entry) => entry.name).sort(),
  exists(path) {
    try {
      Deno.lstatSync(path);
      return true;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return false;
      throw error;
    }
  },
  readText: (path) => Deno.readTextFileSync(path),
  readBytes: (path) => Deno.readFileSync(path),
  openAppend: (path) => appendFile(path, Deno.openSync(path, { append: true, create: true, mode: FILE_MODE })),
  writeAtomic(path, content, { durable } = { durable: true }) {
    const part = `${path}.part`;
    const file = Deno.openSync(part, { write: true, create: true, truncate: true, mode: FILE_MODE });
    try {
      writeAll(file, typeof content === "string" ? encoder.encode(content) : content);
      if (durable) file.syncSync();
    } finally {
      file.close();
    }
    Deno.renameSync(part, path);
    if (durable) syncDirectoryOf(path);
  },
  truncate: (path, size) => Deno.truncateSync(path, size),
  rename(from, to) {
    Deno.renameSync(from, to);
    syncDirectoryOf(to);
  },
  remove: (path) => Deno.removeSync(path),
  lock: lockFile,
  lockHolder,
  owner: (path) => Deno.statSync(path).uid,
  shareOwner(path, like) {
    const [has, wanted] = [Deno.statSync(path), Deno.statSync(like)];
    if (has.uid !== wanted.uid) Deno.chownSync(path, wanted.uid, wanted.gid);
  },
};

function appendFile(path: string, file: Deno.FsFile): AppendFile {
  return {
    write(text) {
      const bytes = encoder.encode(text);
      // One call per line (P-14): a short write is a full disk, and half a line is the reader's to cut (F-11.3).
      const written = file.writeSync(bytes);
      if (written !== bytes.length) throw new Error(`Cannot write a whole record: ${written} of ${bytes.length} bytes`);
    },
    sync(done) {
      file.syncData().then(() => done(null), (error: unknown) => done(asError(error)));
    },
    syncNow: () => file.syncDataSync(),
    close: () => file.close(),
    size: () => file.statSync().size,
    isAtItsPath() {
      try {
        const [named, held] = [Deno.statSync(path), file.statSync()];
        return named.ino === held.ino && named.dev === held.dev;
      } catch (error) {
        if (error instanceof Deno.errors.NotFound) return false;
        throw error;
      }
    },
  };
}

function writeAll(file: Deno.FsFile, bytes: Uint8Array): void {
  for (let from = 0; from < bytes.length;) from += file.writeSync(bytes.subarray(from));
}

/** A rename is only durable once its directory is; platforms that cannot open one are left as they are. */
function syncDirectoryOf(path: string): void {
  const cut = Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\"));
  let directory: Deno.FsFile;
  try {
    directory = Deno.openSync(cut < 0 ? "." : path.slice(0, Math.max(cut, 1)), { read: true });
  } catch {
    return;
  }
  try {
    directory.syncSync();
  } finally {
    directory.close();
  }
}

type Locked = ReturnType<FileSeam["lock"]>;

/** Lock of the operating system, gone with the process. The file's text names the holder, for the refusal's message. */
function lockFile(path: string, holder: string): Locked {
  const file = Deno.openSync(path, { read: true, write: true, create: true, mode: FILE_MODE });
  const taken = tryLock(file);
  if (taken === null) {
    file.close();
    return leaseFile(`${path}.lease`, holder);
  }
  if (!taken) {
    const text = new TextDecoder().decode(readStart(file));
    file.close();
    return { kind: "held", holder: text };
  }
  try {
    file.truncateSync(0);
    writeAll(file, encoder.encode(holder));
  } catch {
    // The lock holds without its holder's name: a full disk must not keep a bot from its position (F-11.9).
  }
  return { kind: "locked", release: () => file.close() };
}
function readStart(file: Deno.FsFile): Uint8Array {
  const bytes = new Uint8Array(256);
  return bytes.subarray(0, file.readSync(bytes) ?? 0);
}
/** null = this Deno (before 2.9) can only lock by waiting, which would hang a second instance for ever. */
function tryLock(file: Deno.FsFile, shared = false): boolean | null {
  const method: unknown = Reflect.get(file, "tryLockSync");
  return typeof method === "function" ? Boolean(Reflect.apply(method, file, [!shared])) : null;
}

function lockHolder(path: string): string | null {
  let file: Deno.FsFile;
  try {
    file = Deno.openSync(path, { read: true });
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
  try {
    const free = tryLock(file, true);
    if (free === null) return leaseHolder(`${path}.lease`);
    return free ? null : new TextDecoder().decode(readStart(file));
  } finally {
    file.close();
  }
}

function leaseHolder(path: string): string | null {
  try {
    const touched = Deno.statSync(path).mtime?.getTime() ?? 0;
    return Date.now() - touched < LEASE_MS ? Deno.readTextFileSync(path) : null;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

const LEASE_MS = 5_000;
const RENEW_MS = 1_000;

/** Where nothing better exists: a file created exclusively and touched every second; five seconds old is abandoned. */
export function leaseFile(path: string, holder: string): Locked {
  const create = () => Deno.openSync(path, { write: true, createNew: true, mode: FILE_MODE });
  let file: Deno.FsFile;
  try {
    file = create();
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    const touched = Deno.statSync(path).mtime?.getTime() ?? 0;
    if (Date.now() - touched < LEASE_MS) return { kind: "held", holder: Deno.readTextFileSync(path) };
    Deno.removeSync(path);
    file = create();
  }
  writeAll(file, encoder.encode(holder));
  file.close();
  const timer = setInterval(() => Deno.utimeSync(path, new Date(), new Date()), RENEW_MS);
  return {
    kind: "locked",
    release() {
      clearInterval(timer);
      Deno.removeSync(path);
    },
  };
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
