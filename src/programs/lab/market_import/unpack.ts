/** The text files inside what was downloaded: plain, gzip, or zip (stored or deflated). */
import { Buffer } from "node:buffer";
import { gunzipSync, inflateRawSync } from "node:zlib";

export type Unpacked = { readonly name: string; readonly text: string };

const END_OF_CENTRAL = 0x06054b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
const STORED = 0;
const DEFLATED = 8;

/** Throws RangeError for what is none of the three, or is damaged. */
export function unpack(file: string, bytes: Uint8Array): readonly Unpacked[] {
  const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (data[0] === 0x1f && data[1] === 0x8b) return [{ name: file, text: gunzipSync(data).toString("utf8") }];
  if (data.length >= 4 && data.readUInt32LE(0) === LOCAL) return unzip(file, data);
  return [{ name: file, text: data.toString("utf8") }];
}

function unzip(file: string, data: Buffer): readonly Unpacked[] {
  const end = data.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]));
  if (end < 0 || end + 22 > data.length || data.readUInt32LE(end) !== END_OF_CENTRAL) {
    throw new RangeError("the zip archive has no end; it was not downloaded whole");
  }
  const count = data.readUInt16LE(end + 10);
  let at = data.readUInt32LE(end + 16);
  const files: Unpacked[] = [];
  for (let index = 0; index < count; index++) {
    if (at + 46 > data.length || data.readUInt32LE(at) !== CENTRAL) throw new RangeError("the zip archive is damaged");
    const method = data.readUInt16LE(at + 10);
    const size = data.readUInt32LE(at + 20);
    const nameLength = data.readUInt16LE(at + 28);
    const local = data.readUInt32LE(at + 42);
    const name = data.toString("utf8", at + 46, at + 46 + nameLength);
    at += 46 + nameLength + data.readUInt16LE(at + 30) + data.readUInt16LE(at + 32);
    if (name.endsWith("/")) continue;
    const from = local + 30 + data.readUInt16LE(local + 26) + data.readUInt16LE(local + 28);
    const packed = data.subarray(from, from + size);
    if (method !== STORED && method !== DEFLATED) {
      throw new RangeError(`${name}: packed by method ${method}, which is not read`);
    }
    files.push({
      name: `${file}/${name}`,
      text: (method === STORED ? packed : inflateRawSync(packed)).toString("utf8"),
    });
  }
  return files;
}
