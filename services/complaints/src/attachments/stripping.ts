import { exifOf } from './exif.js';

/**
 * a photograph without what it says of itself: where it was taken, by what and for whom. Only what is needed to show it
 * is copied, so nothing has to be known of what there may be; which way up it is stays. The picture is not touched.
 */

/** @returns the file to hand out; undefined where it can't be told what is in it, so it is handed out to nobody */
export function withoutMetadata(bytes: Buffer, type: string): Buffer | undefined {
  switch (type) {
    case 'image/jpeg':
      return jpeg(bytes);
    case 'image/png':
      return png(bytes);
    case 'image/webp':
      return webp(bytes);
    default:
      return undefined;
  }
}

// ---- JPEG (ITU T.81): segments up to the scans, which end at EOI; what stands behind that is other pictures.

const EOI = 0xd9;
const SOS = 0xda;
const APP0 = 0xe0;
const APP1 = 0xe1;
const APP2 = 0xe2;
const APP14 = 0xee;

/** A part of a file, from its head on: offsets, since a file made for it has millions of parts. */
export interface Part {
  readonly name: string;
  readonly from: number;
  /** where its data begin and end */
  readonly data: number;
  readonly dataEnd: number;
  readonly to: number;
}
/** A photograph has some tens beside its coded data: what has more than so many was made to keep us busy. */
const mostParts = 4000;

/** @returns every segment, with the coded data behind its head, up to and with EOI; undefined for what is no whole JPEG */
export function segmentsOfJpeg(bytes: Buffer): Part[] | undefined {
  const segments: Part[] = [];
  const add = (marker: number, from: number, dataEnd: number, to: number) =>
    segments.push({ name: marker.toString(16), from, data: from + 4, dataEnd, to });
  let at = 2;
  while (at + 2 <= bytes.length && bytes[at] === 0xff && segments.length < mostParts) {
    const marker = bytes[at + 1]!;
    if (marker === EOI) {
      add(marker, at, at + 2, at + 2);
      return segments;
    }
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    const length = at + 4 <= bytes.length ? bytes.readUInt16BE(at + 2) : 0;
    const headEnd = at + 2 + length;
    if (length < 2 || headEnd > bytes.length) return undefined;
    const end = marker === SOS ? endOfScan(bytes, headEnd) : headEnd;
    add(marker, at, headEnd, end);
    at = end;
  }
  return undefined;
}

/** What a part says. */
export const dataOf = (bytes: Buffer, { data, dataEnd }: Part) => bytes.subarray(data, dataEnd);
const wholeOf = (bytes: Buffer, { from, to }: Part) => bytes.subarray(from, to);

function jpeg(bytes: Buffer): Buffer | undefined {
  const segments = segmentsOfJpeg(bytes);
  if (!segments) return undefined;
  const kept = segments
    .map((part) => wholeOf(bytes, part))
    .flatMap((segment) => {
      const marker = segment[1]!;
      return marker === APP1 ? uprightOf(segment) : isShown(marker, segment) ? [segment] : [];
    });
  return Buffer.concat([bytes.subarray(0, 2), ...kept]);
}

/** JFIF without its thumbnail is not worth telling apart: APP0 goes but for its 18 bytes; colours are APP2 and APP14. */
function isShown(marker: number, segment: Buffer): boolean {
  if (marker === APP0) return segment.length === 18 && segment.toString('latin1', 4, 9) === 'JFIF\0';
  if (marker === APP2) return segment.toString('latin1', 4, 16) === 'ICC_PROFILE\0';
  if (marker === APP14) return segment.toString('latin1', 4, 9) === 'Adobe';
  // frames and tables of the coding; EOI to EXP
  return (marker >= 0xc0 && marker <= 0xcf) || (marker >= EOI && marker <= 0xdf);
}

/** The first marker after the coded data: no stuffed zero, no restart. */
function endOfScan(bytes: Buffer, from: number): number {
  for (let at = from; at + 1 < bytes.length; at++) {
    if (bytes[at] !== 0xff) continue;
    const next = bytes[at + 1]!;
    if (next !== 0 && next !== 0xff && !(next >= 0xd0 && next <= 0xd7)) return at;
  }
  return bytes.length;
}

/** Of Exif, which way up the picture is, and nothing else. */
function uprightOf(segment: Buffer): Buffer[] {
  if (segment.toString('latin1', 4, 10) !== 'Exif\0\0') return [];
  const { orientation = 1 } = exifOf(segment.subarray(10));
  if (orientation === 1) return [];
  const upright = Buffer.from('ffe1002245786966000049492a0008000000010012010300010000000000000000000000', 'hex');
  upright.writeUInt16LE(orientation, 28);
  return [upright];
}

// ---- PNG: chunks up to IEND.

const shownInPng = new Set('IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB iCCP sBIT bKGD pHYs cICP mDCV cLLI'.split(' '));

/** Encoders write the picture in chunks of some thousand bytes: only shorter ones are counted. */
const shortIdat = 1024;

/** @returns undefined for what does not come to its end */
export function chunksOfPng(bytes: Buffer): Part[] | undefined {
  const chunks: Part[] = [];
  let counted = 0;
  for (let at = 8; at + 12 <= bytes.length;) {
    const size = bytes.readUInt32BE(at);
    const to = at + 12 + size;
    if (to > bytes.length) return undefined;
    const name = bytes.toString('latin1', at + 4, at + 8);
    chunks.push({ name, from: at, data: at + 8, dataEnd: to - 4, to });
    if (name === 'IEND') return chunks;
    if (name !== 'IDAT' || size < shortIdat) counted += 1;
    if (counted > mostParts) return undefined;
    at = to;
  }
  return undefined;
}

function png(bytes: Buffer): Buffer | undefined {
  const kept = chunksOfPng(bytes)?.filter(({ name }) => shownInPng.has(name));
  return kept && Buffer.concat([bytes.subarray(0, 8), ...kept.map((chunk) => wholeOf(bytes, chunk))]);
}

// ---- WebP (RFC 9649): chunks of a RIFF; VP8X says by flags which there are.

/** One that moves is no photograph, and its frames may hold chunks of their own: it is not told apart. */
const shownInWebp = new Set(['VP8X', 'VP8 ', 'VP8L', 'ALPH', 'ICCP']);
const EXIF_AND_XMP = 0x08 | 0x04;

/** @returns undefined for what is cut short */
export function chunksOfWebp(bytes: Buffer): Part[] | undefined {
  if (bytes.length < 12) return undefined;
  const chunks: Part[] = [];
  const last = 8 + bytes.readUInt32LE(4);
  if (last > bytes.length + (last % 2)) return undefined;
  for (let at = 12; at + 8 <= last;) {
    const size = bytes.readUInt32LE(at + 4);
    const dataEnd = at + 8 + size;
    if (dataEnd > bytes.length || chunks.length === mostParts) return undefined;
    const to = dataEnd + (size % 2);
    chunks.push({ name: bytes.toString('latin1', at, at + 4), from: at, data: at + 8, dataEnd, to });
    at = to;
  }
  return chunks;
}

function webp(bytes: Buffer): Buffer | undefined {
  const chunks = chunksOfWebp(bytes);
  if (!chunks?.some(({ name }) => name.startsWith('VP8')) || chunks.some(({ name }) => name === 'ANMF'))
    return undefined;
  const shown = chunks.filter(({ name }) => shownInWebp.has(name));
  const parts = shown.map((chunk) => {
    if (chunk.name !== 'VP8X') return wholeOf(bytes, chunk);
    const copy = Buffer.from(wholeOf(bytes, chunk));
    copy[8]! &= ~EXIF_AND_XMP;
    return copy;
  });
  const body = Buffer.concat(parts);
  const head = Buffer.from(bytes.subarray(0, 12));
  head.writeUInt32LE(4 + body.length, 4);
  return Buffer.concat([head, body]);
}
