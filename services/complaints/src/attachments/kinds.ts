import type { BusinessCalendar } from '@fenxiao/domain/business-calendar';
import exifr from 'exifr';
import { fileTypeFromBuffer } from 'file-type';
import { chunksOfWebp } from './stripping.js';

/** What a file is, by its content and never by its name, and what a photograph says of itself. */

/** Media type → how such a file's name ends. */
export const kinds: Readonly<Record<string, string>> = {
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'image/webp': 'webp',
  'image/heic': 'heic',
  'image/heif': 'heif',
  'application/pdf': 'pdf',
};

/** @returns the media type, undefined for what is not taken */
export async function kindOf(bytes: Buffer): Promise<string | undefined> {
  const found = await fileTypeFromBuffer(bytes).catch(() => undefined);
  return found && found.mime in kinds ? found.mime : undefined;
}

export interface Taken {
  readonly at?: Date;
  /** degrees, six decimals */
  readonly latitude?: string;
  readonly longitude?: string;
}

/** When and where a photograph says it was taken: nothing where it says nothing, or nothing that can be. */
export async function takenOf(bytes: Buffer, type: string, calendar: BusinessCalendar): Promise<Taken> {
  const exif = type === 'image/webp' ? exifOfWebp(bytes) : type.startsWith('image/') ? bytes : undefined;
  if (!exif) return {};
  const tags = ((await exifr
    .parse(exif, { gps: true, exif: true, tiff: true, reviveValues: false, translateValues: false })
    .catch(() => undefined)) ?? {}) as Tags;
  const at = instantOf(tags, calendar);
  return { ...(at ? { at } : {}), ...placeOf(tags) };
}

interface Tags {
  readonly latitude?: number;
  readonly longitude?: number;
  readonly DateTimeOriginal?: string;
  readonly OffsetTimeOriginal?: string;
}

function placeOf({ latitude, longitude }: Tags): Taken {
  if (typeof latitude !== 'number' || typeof longitude !== 'number') return {};
  // Cameras that have not found out where they are write zeros.
  if (!(Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180) || (latitude === 0 && longitude === 0)) return {};
  return { latitude: latitude.toFixed(6), longitude: longitude.toFixed(6) };
}

/** `2026:03:10 09:30:00`, in the zone the file names, else the company's. */
function instantOf({ DateTimeOriginal: text, OffsetTimeOriginal: offset }: Tags, calendar: BusinessCalendar) {
  const parts = /^(\d{4}):(\d\d):(\d\d) (\d\d:\d\d):(\d\d)/.exec(typeof text === 'string' ? text : '');
  if (!parts) return undefined;
  const [, year, month, day, time, seconds] = parts;
  const date = `${year}-${month}-${day}`;
  try {
    if (typeof offset !== 'string' || !/^[+-]\d\d:\d\d$/.test(offset)) return calendar.instantAt(date, time!);
    const at = new Date(`${date}T${time}:${seconds}${offset}`);
    return Number.isNaN(at.getTime()) ? undefined : at;
  } catch {
    return undefined;
  }
}

function exifOfWebp(bytes: Buffer): Buffer | undefined {
  const chunk = chunksOfWebp(bytes)?.find(({ name }) => name === 'EXIF')?.data;
  // Some write the head that JPEG wants.
  return chunk?.subarray(0, 6).toString('latin1') === 'Exif\0\0' ? chunk.subarray(6) : chunk;
}
