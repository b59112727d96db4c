/**
 * What a camera writes of itself into a photograph (Exif 2.32, a TIFF). Photographs come from strangers: each directory is read
 * once and nothing is followed that leads out of the bytes, so whatever stands there, it ends at once. Libraries were tried: one
 * never came back from a HEIC with a box of length nought.
 */
export interface Exif {
  /** which way up, 1 to 8 */
  readonly orientation?: number;
  /** as written: `2026:03:10 09:30:00`, and `+08:00` where the zone is said */
  readonly takenAt?: string;
  readonly zone?: string;
  /** degrees, north and east above zero */
  readonly latitude?: number;
  readonly longitude?: number;
}

const ORIENTATION = 0x0112;
const EXIF = 0x8769;
const GPS = 0x8825;
const DATE_TIME_ORIGINAL = 0x9003;
const OFFSET_TIME_ORIGINAL = 0x9011;
const mostEntries = 500;

export function exifOf(bytes: Buffer): Exif {
  const order = bytes.toString('latin1', 0, 4);
  if (bytes.length < 14 || (order !== 'II*\0' && order !== 'MM\0*')) return {};
  const tiff = new Tiff(bytes, order === 'II*\0');
  const first = tiff.directory(tiff.u32(4));
  const exif = tiff.directory(first.get(EXIF)?.value);
  const gps = tiff.directory(first.get(GPS)?.value);
  const orientation = first.get(ORIENTATION)?.short;
  const takenAt = tiff.text(exif.get(DATE_TIME_ORIGINAL));
  const zone = tiff.text(exif.get(OFFSET_TIME_ORIGINAL));
  const latitude = tiff.degrees(gps.get(2), gps.get(1), 'S');
  const longitude = tiff.degrees(gps.get(4), gps.get(3), 'W');
  return {
    ...(orientation !== undefined && orientation >= 1 && orientation <= 8 ? { orientation } : {}),
    ...(takenAt ? { takenAt, ...(zone ? { zone } : {}) } : {}),
    ...(latitude !== undefined && longitude !== undefined ? { latitude, longitude } : {}),
  };
}

interface Entry {
  readonly count: number;
  /** the value itself, or where it stands */
  readonly value: number | undefined;
  readonly short: number | undefined;
  /** where the value's own four bytes are */
  readonly at: number;
}

class Tiff {
  constructor(
    private readonly bytes: Buffer,
    private readonly little: boolean,
  ) {}

  u16(at: number): number | undefined {
    if (at + 2 > this.bytes.length) return undefined;
    return this.little ? this.bytes.readUInt16LE(at) : this.bytes.readUInt16BE(at);
  }

  u32(at: number): number | undefined {
    if (at + 4 > this.bytes.length) return undefined;
    return this.little ? this.bytes.readUInt32LE(at) : this.bytes.readUInt32BE(at);
  }

  directory(at: number | undefined): ReadonlyMap<number, Entry> {
    const entries = new Map<number, Entry>();
    const count = at === undefined ? undefined : this.u16(at);
    if (at === undefined || count === undefined) return entries;
    for (let i = 0; i < Math.min(count, mostEntries); i++) {
      const entry = at + 2 + 12 * i;
      const [tag, length] = [this.u16(entry), this.u32(entry + 4)];
      if (tag === undefined || length === undefined) break;
      entries.set(tag, { count: length, value: this.u32(entry + 8), short: this.u16(entry + 8), at: entry + 8 });
    }
    return entries;
  }

  /** @returns undefined for none, and for what is longer than a time is */
  text(entry: Entry | undefined): string | undefined {
    if (entry?.value === undefined || entry.count > 40) return undefined;
    const from = entry.count <= 4 ? entry.at : entry.value;
    return this.bytes.toString('latin1', from, from + entry.count).replace(/\0.*$/s, '');
  }

  /** Degrees, minutes and seconds as three fractions. */
  degrees(entry: Entry | undefined, reference: Entry | undefined, negative: string): number | undefined {
    const from = entry?.value;
    if (from === undefined || entry!.count !== 3) return undefined;
    const [degrees, minutes, seconds] = [0, 8, 16].map((step) => {
      const [top, bottom] = [this.u32(from + step), this.u32(from + step + 4)];
      return top === undefined || !bottom ? Number.NaN : top / bottom;
    });
    const whole = degrees! + minutes! / 60 + seconds! / 3600;
    if (Number.isNaN(whole)) return undefined;
    return this.text(reference) === negative ? -whole : whole;
  }
}
