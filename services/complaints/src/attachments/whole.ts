import { chunksOfPng, chunksOfWebp, dataOf, segmentsOfJpeg } from './stripping.js';

/**
 * C-10: a photograph is one that can be read to its end: its head says how large the picture is, the picture is there, and
 * nothing is cut off. Four bytes that say "JPEG" are none.
 */

/** @returns undefined for what is no photograph */
export function isWhole(bytes: Buffer, type: string): boolean | undefined {
  switch (type) {
    case 'image/jpeg':
      return isWholeJpeg(bytes);
    case 'image/png':
      return isWholePng(bytes);
    case 'image/webp':
      return isWholeWebp(bytes);
    case 'image/heic':
      return isWholeHeic(bytes);
    default:
      return undefined;
  }
}

const SOS = 'da';
/** markers of a frame's head: C0 to CF without the tables and the reserved one among them */
const frames = new Set('c0 c1 c2 c3 c5 c6 c7 c9 ca cb cd ce cf'.split(' '));

function isWholeJpeg(bytes: Buffer): boolean {
  const segments = segmentsOfJpeg(bytes);
  const frame = segments?.find(({ name }) => frames.has(name));
  if (!frame || frame.dataEnd - frame.data < 6) return false;
  // lines may be nought: they are said after the first scan then
  const width = bytes.readUInt16BE(frame.data + 3);
  return width > 0 && segments!.some(({ name, dataEnd, to }) => name === SOS && to > dataEnd);
}

function isWholePng(bytes: Buffer): boolean {
  const [head, ...rest] = chunksOfPng(bytes) ?? [];
  if (head?.name !== 'IHDR' || head.dataEnd - head.data !== 13) return false;
  const [width, height] = [bytes.readUInt32BE(head.data), bytes.readUInt32BE(head.data + 4)];
  return width > 0 && height > 0 && rest.some(({ name, data, dataEnd }) => name === 'IDAT' && dataEnd > data);
}

function isWholeWebp(bytes: Buffer): boolean {
  const picture = chunksOfWebp(bytes)?.find(({ name }) => name === 'VP8 ' || name === 'VP8L');
  if (!picture) return false;
  const data = dataOf(bytes, picture);
  return picture.name === 'VP8L'
    ? data.length > 5 && data[0] === 0x2f
    : data.length > 10 && data.readUIntBE(3, 3) === 0x9d012a;
}

/** The boxes one after another to the end of the file (ISO 14496-12): what it is, what is in it, and the picture. */
function isWholeHeic(bytes: Buffer): boolean {
  const seen = new Set<string>();
  for (let at = 0, boxes = 0; at < bytes.length; boxes++) {
    if (at + 8 > bytes.length || boxes === 1000) return false;
    const short = bytes.readUInt32BE(at);
    if (short === 1 && at + 16 > bytes.length) return false;
    // 0: to the end of the file; 1: the size is behind the name
    const size = short === 0 ? bytes.length - at : short === 1 ? Number(bytes.readBigUInt64BE(at + 8)) : short;
    const name = bytes.toString('latin1', at + 4, at + 8);
    const empty = short === 1 ? 16 : 8;
    if (size < empty || at + size > bytes.length) return false;
    if (size > empty) seen.add(name);
    at += size;
  }
  return ['ftyp', 'meta', 'mdat'].every((name) => seen.has(name));
}
