/** Photographs as cameras write them, small: what stands in them of the place and the time is said here. */

interface Exif {
  /** 29° 33' 46.08", 106° 33' 2.52": six decimals make it 29.562800, 106.550700 */
  readonly placed?: boolean;
  readonly turned?: number;
}
export const where = { latitude: '29.562800', longitude: '106.550700' } as const;
/** in the zone the photograph names, +08:00 */
export const when = '2026-03-10T01:30:00.000Z';
/** what must not leave the company, as it stands in the file */
export const maker = 'SECRETCAM';

function tiff({ placed = true, turned = 1 }: Exif): Buffer {
  const bytes = Buffer.alloc(256);
  const entry = (at: number, tag: number, type: number, count: number, value: number) => {
    bytes.writeUInt16LE(tag, at);
    bytes.writeUInt16LE(type, at + 2);
    bytes.writeUInt32LE(count, at + 4);
    bytes.writeUInt32LE(value, at + 8);
  };
  bytes.write('II*\0', 0, 'latin1');
  bytes.writeUInt32LE(8, 4);
  bytes.writeUInt16LE(placed ? 4 : 3, 8);
  entry(10, 0x010f, 2, 10, 240);
  bytes.write(maker, 240, 'latin1');
  entry(22, 0x0112, 3, 1, turned);
  entry(34, 0x8769, 4, 1, 64);
  if (placed) entry(46, 0x8825, 4, 1, 96);
  bytes.writeUInt16LE(2, 64);
  entry(66, 0x9003, 2, 20, 160);
  entry(78, 0x9011, 2, 7, 180);
  bytes.write('2026:03:10 09:30:00', 160, 'latin1');
  bytes.write('+08:00', 180, 'latin1');
  bytes.writeUInt16LE(4, 96);
  entry(98, 1, 2, 2, 'N'.charCodeAt(0));
  entry(110, 2, 5, 3, 190);
  entry(122, 3, 2, 2, 'E'.charCodeAt(0));
  entry(134, 4, 5, 3, 214);
  [29, 1, 33, 1, 4608, 100].forEach((part, i) => bytes.writeUInt32LE(part, 190 + 4 * i));
  [106, 1, 33, 1, 252, 100].forEach((part, i) => bytes.writeUInt32LE(part, 214 + 4 * i));
  return bytes;
}

const segment = (marker: number, data: Buffer) => {
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(data.length + 2, 2);
  return Buffer.concat([head, data]);
};
/** one white point, progressive: two scans, and a stuffed zero in the coded data */
const jpegHead = Buffer.concat([
  Buffer.from([0xff, 0xd8]),
  segment(0xe0, Buffer.from('4a46494600010100000100010000', 'hex')),
]);
const jpegBody = Buffer.concat([
  segment(0xdb, Buffer.concat([Buffer.from([0]), Buffer.alloc(64, 0xff)])),
  segment(0xc2, Buffer.from('08000100010101110000'.slice(0, 18), 'hex')),
  segment(0xc4, Buffer.from('1000000000000000000000000000000000', 'hex')),
  segment(0xda, Buffer.from('010100000000', 'hex')),
  Buffer.from([0x12, 0xff, 0x00, 0x34]),
  segment(0xda, Buffer.from('010100013f10', 'hex')),
  Buffer.from([0x56, 0xff, 0xd3, 0x78, 0xff, 0xd9]),
]);

/** without anything said of it */
export const plainJpeg = Buffer.concat([jpegHead, jpegBody]);
export const jpeg = (exif: Exif = {}) =>
  Buffer.concat([
    jpegHead,
    segment(0xe1, Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), tiff(exif)])),
    segment(0xe1, Buffer.from(`http://ns.adobe.com/xap/1.0/\0<x>${maker}</x>`, 'latin1')),
    segment(0xed, Buffer.from(`Photoshop 3.0\0${maker}`, 'latin1')),
    segment(0xfe, Buffer.from(maker, 'latin1')),
    segment(0xf7, Buffer.from(maker, 'latin1')),
    jpegBody,
    // a second picture with its own, as telephones append it
    Buffer.from(`\u00ff\u00d8${maker}`, 'latin1'),
  ]);

const png = (...chunks: (readonly [name: string, data: Buffer])[]) =>
  Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    ...chunks.map(([name, data]) => {
      const whole = Buffer.alloc(12 + data.length);
      whole.writeUInt32BE(data.length, 0);
      whole.write(name, 4, 'latin1');
      data.copy(whole, 8);
      return whole;
    }),
  ]);
const pngHead = ['IHDR', Buffer.from('00000001000000010800000000', 'hex')] as const;
const pngBody = [
  ['IDAT', Buffer.from('789c63f80f00010101001bb6ee56'.slice(0, 28), 'hex')],
  ['IEND', Buffer.alloc(0)],
] as const;
export const plainPng = png(pngHead, ...pngBody);
export const placedPng = Buffer.concat([
  png(pngHead, ['eXIf', tiff({})], ['tEXt', Buffer.from(`Comment\0${maker}`, 'latin1')], ...pngBody),
  Buffer.from(maker),
]);

const webp = (...chunks: (readonly [name: string, data: Buffer])[]) => {
  const body = chunks.map(([name, data]) => {
    const whole = Buffer.alloc(8 + data.length + (data.length % 2));
    whole.write(name, 0, 'latin1');
    whole.writeUInt32LE(data.length, 4);
    data.copy(whole, 8);
    return whole;
  });
  const head = Buffer.from('RIFF....WEBP', 'latin1');
  const whole = Buffer.concat([head, ...body]);
  whole.writeUInt32LE(whole.length - 8, 4);
  return whole;
};
const vp8x = (flags: number) => ['VP8X', Buffer.from([flags, 0, 0, 0, 0, 0, 0, 0, 0, 0])] as const;
const vp8l = ['VP8L', Buffer.from('2f0000001007101111888808fe0700'.slice(0, 26), 'hex')] as const;
export const plainWebp = webp(vp8x(0), vp8l);
export const placedWebp = webp(vp8x(0x0c), vp8l, ['EXIF', tiff({})], ['XMP ', Buffer.from(maker)]);

export const movingWebp = webp(vp8x(0x02), ['ANIM', Buffer.alloc(6)], ['ANMF', Buffer.from(`frame${maker}`)]);

/** the beginning of one, as it is told by */
export const heic = Buffer.concat([
  Buffer.from('00000018667479706865696300000000686569636d696631', 'hex'),
  Buffer.alloc(64),
]);
const box = (name: string, data: Buffer) => {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(8 + data.length, 0);
  head.write(name, 4, 'latin1');
  return Buffer.concat([head, data]);
};
/** one whose boxes come to the end of the file */
export const wholeHeic = Buffer.concat([
  heic.subarray(0, 24),
  box('meta', Buffer.alloc(12)),
  box('mdat', Buffer.from('picture')),
]);
export const pdf = Buffer.from('%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n');
/** a page that claims to be a photograph */
export const page = Buffer.from('<!doctype html><script>alert(document.cookie)</script>');
