import { isUtf8 } from 'node:buffer';
import type { Readable } from 'node:stream';

/** How the bytes of a text file are to be read: a label of the WHATWG encoding standard. */
export type Encoding = string;

/**
 * By its mark (UTF-8, UTF-16); UTF-16 without one by the zeros in it; else UTF-8 if all of it is, else GB18030, as
 * spreadsheets in China are saved. Reads no further than the first byte that is not UTF-8.
 */
export async function encodingOf(bytes: Readable): Promise<Encoding> {
  let rest: Buffer = Buffer.alloc(0);
  let first = true;
  for await (const chunk of bytes as AsyncIterable<Buffer>) {
    if (first) {
      const marked = markOf(chunk);
      if (marked) return marked;
      first = false;
    }
    const all = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
    const whole = all.length - unfinished(all);
    if (!isUtf8(all.subarray(0, whole))) return 'gb18030';
    rest = all.subarray(whole);
  }
  return rest.length > 0 ? 'gb18030' : 'utf-8';
}

function markOf(chunk: Buffer): Encoding | undefined {
  const mark = chunk.subarray(0, 3).toString('hex');
  if (mark === 'efbbbf') return 'utf-8';
  if (mark.startsWith('fffe')) return 'utf-16le';
  if (mark.startsWith('feff')) return 'utf-16be';
  const sample = chunk.subarray(0, 1000);
  const zeros = (from: number) => sample.filter((byte, i) => byte === 0 && i % 2 === from).length;
  if (zeros(1) > sample.length / 8) return 'utf-16le';
  if (zeros(0) > sample.length / 8) return 'utf-16be';
  return undefined;
}

/** How many bytes at the end begin a UTF-8 character that the next chunk finishes. */
function unfinished(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back]!;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) > back ? back : 0;
  }
  return 0;
}

/** The text, chunk by chunk, without its mark; U+FFFD stands for bytes that mean nothing in the encoding. */
export async function* decoded(bytes: Readable, encoding: Encoding): AsyncIterable<string> {
  const decoder = new TextDecoder(encoding);
  for await (const chunk of bytes as AsyncIterable<Buffer>) yield decoder.decode(chunk, { stream: true });
  yield decoder.decode();
}

/** @returns whether the runtime can read it */
export function isEncoding(label: string): boolean {
  try {
    return new TextDecoder(label) instanceof TextDecoder;
  } catch {
    return false;
  }
}
