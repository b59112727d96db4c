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
const APP15 = 0xef;
const COM = 0xfe;

function jpeg(bytes: Buffer): Buffer | undefined {
  if (bytes.readUInt16BE(0) !== 0xffd8) return undefined;
  const kept = [bytes.subarray(0, 2)];
  let at = 2;
  while (at + 4 <= bytes.length) {
    if (bytes[at] !== 0xff) return undefined;
    const marker = bytes[at + 1]!;
    if (marker === 0xff) at += 1;
    else if (marker === EOI) return Buffer.concat([...kept, bytes.subarray(at, at + 2)]);
    else {
      const length = bytes.readUInt16BE(at + 2);
      let end = at + 2 + length;
      if (length < 2 || end > bytes.length) return undefined;
      if (marker === SOS) end = endOfScan(bytes, end);
      const segment = bytes.subarray(at, end);
      if (marker === APP1) kept.push(...uprightOf(segment));
      else if (isShown(marker, segment)) kept.push(segment);
      at = end;
    }
  }
  return bytes[at] === 0xff && bytes[at + 1] === EOI ? Buffer.concat([...kept, bytes.subarray(at, at + 2)]) : undefined;
}

/** JFIF without its thumbnail is not worth telling apart: APP0 goes but for its 18 bytes; colours are APP2 and APP14. */
function isShown(marker: number, segment: Buffer): boolean {
  if (marker === APP0) return segment.length === 18 && segment.toString('latin1', 4, 9) === 'JFIF\0';
  if (marker === APP2) return segment.toString('latin1', 4, 16) === 'ICC_PROFILE\0';
  if (marker === APP14) return segment.toString('latin1', 4, 9) === 'Adobe';
  return !(marker > APP2 && marker <= APP15) && marker !== COM;
}

/** The first marker after the coded data: no stuffed zero, no restart. */
function endOfScan(bytes: Buffer, from: number): number {
  for (let at = bytes.indexOf(0xff, from); at !== -1 && at + 1 < bytes.length; at = bytes.indexOf(0xff, at + 1)) {
    const next = bytes[at + 1]!;
    if (next !== 0 && next !== 0xff && !(next >= 0xd0 && next <= 0xd7)) return at;
  }
  return bytes.length;
}

/** Of Exif, which way up the picture is, and nothing else. */
function uprightOf(segment: Buffer): Buffer[] {
  if (segment.toString('latin1', 4, 10) !== 'Exif\0\0') return [];
  const turned = orientationOf(segment.subarray(10));
  if (turned === undefined || turned === 1) return [];
  const upright = Buffer.from('ffe1002245786966000049492a0008000000010012010300010000000000000000000000', 'hex');
  upright.writeUInt16LE(turned, 28);
  return [upright];
}

function orientationOf(tiff: Buffer): number | undefined {
  const little = tiff.toString('latin1', 0, 2) === 'II';
  const u16 = (at: number) => (at + 2 > tiff.length ? 0 : little ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at));
  if (tiff.length < 10) return undefined;
  const first = little ? tiff.readUInt32LE(4) : tiff.readUInt32BE(4);
  for (let i = 0; i < u16(first); i++) {
    const entry = first + 2 + 12 * i;
    if (entry + 12 > tiff.length) return undefined;
    const value = u16(entry + 8);
    if (u16(entry) === 0x0112) return value >= 1 && value <= 8 ? value : undefined;
  }
  return undefined;
}

// ---- PNG: chunks up to IEND.

const shownInPng = new Set('IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB iCCP sBIT bKGD pHYs cICP mDCV cLLI'.split(' '));

function png(bytes: Buffer): Buffer | undefined {
  const kept = [bytes.subarray(0, 8)];
  for (let at = 8; at + 12 <= bytes.length;) {
    const end = at + 12 + bytes.readUInt32BE(at);
    if (end > bytes.length) return undefined;
    const name = bytes.toString('latin1', at + 4, at + 8);
    if (shownInPng.has(name)) kept.push(bytes.subarray(at, end));
    if (name === 'IEND') return Buffer.concat(kept);
    at = end;
  }
  return undefined;
}

// ---- WebP (RFC 9649): chunks of a RIFF; VP8X says by flags which there are.

const shownInWebp = new Set(['VP8X', 'VP8 ', 'VP8L', 'ALPH', 'ANIM', 'ANMF', 'ICCP']);
const EXIF_AND_XMP = 0x08 | 0x04;

/** @returns undefined for what is cut short */
export function chunksOfWebp(bytes: Buffer): { name: string; data: Buffer; whole: Buffer }[] | undefined {
  const chunks = [];
  const last = 8 + bytes.readUInt32LE(4);
  if (last > bytes.length + (last % 2)) return undefined;
  for (let at = 12; at + 8 <= last;) {
    const size = bytes.readUInt32LE(at + 4);
    const end = at + 8 + size;
    if (end > bytes.length) return undefined;
    const padded = end + (size % 2);
    const name = bytes.toString('latin1', at, at + 4);
    chunks.push({ name, data: bytes.subarray(at + 8, end), whole: bytes.subarray(at, padded) });
    at = padded;
  }
  return chunks;
}

function webp(bytes: Buffer): Buffer | undefined {
  const chunks = chunksOfWebp(bytes)?.filter(({ name }) => shownInWebp.has(name));
  if (!chunks || chunks.length === 0) return undefined;
  const parts = chunks.map(({ name, whole }) => {
    if (name !== 'VP8X') return whole;
    const copy = Buffer.from(whole);
    copy[8]! &= ~EXIF_AND_XMP;
    return copy;
  });
  const body = Buffer.concat(parts);
  const head = Buffer.from(bytes.subarray(0, 12));
  head.writeUInt32LE(4 + body.length, 4);
  return Buffer.concat([head, body]);
}
