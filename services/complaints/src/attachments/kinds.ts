import type { BusinessCalendar } from '@fenxiao/domain/business-calendar';
import { exifOf, type Exif } from './exif.js';
import { chunksOfPng, chunksOfWebp, dataOf, segmentsOfJpeg } from './stripping.js';

/** What a file is, by its content and never by its name, and what a photograph says of itself. */

/** Media type → how such a file's name ends. */
export const kinds: Readonly<Record<string, string>> = {
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'image/webp': 'webp',
  'image/heic': 'heic',
  'application/pdf': 'pdf',
};
const heicBrands = new Set(['heic', 'heix', 'hevc', 'hevx', 'heim', 'heis', 'mif1', 'msf1']);

/** @returns the media type, undefined for what is not taken */
export function kindOf(bytes: Buffer): string | undefined {
  const text = (from: number, to: number) => bytes.toString('latin1', from, to);
  if (text(0, 3) === '\u00ff\u00d8\u00ff') return 'image/jpeg';
  if (text(0, 8) === '\u0089PNG\r\n\u001a\n') return 'image/png';
  if (text(0, 4) === 'RIFF' && text(8, 12) === 'WEBP') return 'image/webp';
  if (text(4, 8) === 'ftyp' && heicBrands.has(text(8, 12))) return 'image/heic';
  return text(0, 5) === '%PDF-' ? 'application/pdf' : undefined;
}

export interface Taken {
  readonly at?: Date;
  /** degrees, six decimals */
  readonly latitude?: string;
  readonly longitude?: string;
}

/** When and where a photograph says it was taken: nothing where it says nothing, or nothing that can be. */
export function takenOf(bytes: Buffer, type: string, calendar: BusinessCalendar): Taken {
  const tiff = tiffOf(bytes, type);
  const exif = tiff ? exifOf(tiff) : {};
  const at = instantOf(exif, calendar);
  return { ...(at ? { at } : {}), ...placeOf(exif) };
}

const head = 'Exif\0\0';

/** Where the photograph has what the camera wrote. */
function tiffOf(bytes: Buffer, type: string): Buffer | undefined {
  switch (type) {
    case 'image/jpeg': {
      const exif = segmentsOfJpeg(bytes)?.find(({ data }) => bytes.toString('latin1', data, data + 6) === head);
      return exif && dataOf(bytes, exif).subarray(6);
    }
    case 'image/png': {
      const exif = chunksOfPng(bytes)?.find(({ name }) => name === 'eXIf');
      return exif && dataOf(bytes, exif);
    }
    case 'image/webp': {
      const exif = chunksOfWebp(bytes)?.find(({ name }) => name === 'EXIF');
      const chunk = exif && dataOf(bytes, exif);
      // Some write the head that JPEG wants.
      return chunk?.toString('latin1', 0, 6) === head ? chunk.subarray(6) : chunk;
    }
    case 'image/heic': {
      // One of many boxes leads to it; its head is telling enough.
      const at = bytes.indexOf(head, 0, 'latin1');
      return at === -1 ? undefined : bytes.subarray(at + head.length);
    }
    default:
      return undefined;
  }
}

function placeOf({ latitude, longitude }: Exif): Taken {
  if (latitude === undefined || longitude === undefined) return {};
  // Cameras that have not found out where they are write zeros.
  if (Math.abs(latitude) > 90 || Math.abs(longitude) > 180 || (latitude === 0 && longitude === 0)) return {};
  return { latitude: latitude.toFixed(6), longitude: longitude.toFixed(6) };
}

/** In the zone the photograph names, else the company's. */
function instantOf({ takenAt = '', zone }: Exif, calendar: BusinessCalendar): Date | undefined {
  const parts = /^((?:19|20)\d\d):(\d\d):(\d\d) (\d\d:\d\d):(\d\d)$/.exec(takenAt);
  if (!parts) return undefined;
  const [, year, month, day, time, seconds] = parts;
  const date = `${year}-${month}-${day}`;
  if (zone !== undefined && /^[+-]\d\d:\d\d$/.test(zone)) {
    const at = new Date(`${date}T${time}:${seconds}${zone}`);
    return Number.isNaN(at.getTime()) ? undefined : at;
  }
  try {
    return calendar.instantAt(date, time!);
  } catch {
    // no such day, no such time
    return undefined;
  }
}
