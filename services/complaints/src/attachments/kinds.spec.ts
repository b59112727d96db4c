import { BusinessCalendar } from '@fenxiao/domain/business-calendar';
import { chinaHolidays } from '@fenxiao/domain/holidays';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  heic,
  jpeg,
  maker,
  movingWebp,
  placedPng,
  placedWebp,
  plainJpeg,
  plainPng,
  when,
  where,
} from '../../test/photographs.js';
import { kindOf, kinds, takenOf } from './kinds.js';
import { withoutMetadata } from './stripping.js';

const calendar = new BusinessCalendar({ holidays: chinaHolidays() });
const samples = { 'image/jpeg': jpeg(), 'image/png': placedPng, 'image/webp': placedWebp } as const;

it('is told by the content', () => {
  expect(Object.values(samples).map(kindOf)).toEqual(Object.keys(samples));
  expect(kindOf(heic)).toBe('image/heic');
  for (const text of ['', 'GIF89a', '<html>', 'MZ', ' %PDF-1.4']) expect(kindOf(Buffer.from(text))).toBeUndefined();
});

it('reads time and place out of a HEIC, wherever it has them', () => {
  const tiff = jpeg().subarray(jpeg().indexOf('Exif\0\0'));
  expect(takenOf(Buffer.concat([heic, tiff]), 'image/heic', calendar)).toEqual({ at: new Date(when), ...where });
  expect(takenOf(heic, 'image/heic', calendar)).toEqual({});
});

describe('whatever a stranger sends', () => {
  /** a photograph with some bytes changed, or cut short */
  const broken = (bytes: Buffer) =>
    fc
      .tuple(
        fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { maxLength: 12 }),
        fc.integer({ min: 12, max: bytes.length }),
      )
      .map(([changes, length]) => {
        const copy = Buffer.from(bytes);
        for (const [at, to] of changes) copy[at] = to;
        return copy.subarray(0, length);
      });

  it.each(Object.entries(samples))('%s: reading it ends, and what is handed out keeps no words', (type, bytes) => {
    fc.assert(
      fc.property(broken(bytes), (file) => {
        const { latitude = '0', longitude = '0' } = takenOf(file, type, calendar);
        expect(Math.abs(Number(latitude))).toBeLessThanOrEqual(90);
        expect(Math.abs(Number(longitude))).toBeLessThanOrEqual(180);
        const shown = withoutMetadata(file, type);
        if (shown) expect(shown.length).toBeLessThanOrEqual(file.length + 36);
      }),
      { numRuns: 2000 },
    );
  });

  it.each(Object.keys(kinds))('%s: any bytes at all', (type) => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const file = Buffer.from(bytes);
        takenOf(file, type, calendar);
        withoutMetadata(file, type);
      }),
      { numRuns: 500 },
    );
  });
});

it('knows that zeros are no place, and no day is no time', () => {
  const nowhere = Buffer.from(jpeg());
  nowhere.fill(0, nowhere.indexOf('+08:00') + 10, nowhere.indexOf('+08:00') + 58);
  expect(takenOf(nowhere, 'image/jpeg', calendar)).toEqual({ at: new Date(when) });
  const never = Buffer.from(jpeg());
  never.write('2026:02:30', never.indexOf('2026:03:10'), 'latin1');
  never.fill(0, never.indexOf('+08:00'), never.indexOf('+08:00') + 6);
  expect(takenOf(never, 'image/jpeg', calendar)).toEqual(where);
  expect(withoutMetadata(jpeg(), 'image/jpeg')!.includes(maker)).toBe(false);
  expect(withoutMetadata(movingWebp, 'image/webp')).toBeUndefined();
});

describe('a file made to keep us busy', () => {
  const repeated = (unit: string, size: number) => Buffer.alloc(size, Buffer.from(unit, 'hex'));
  const size = 20 * 1024 * 1024;
  const files = {
    'JPEG of empty segments': ['image/jpeg', Buffer.concat([jpeg().subarray(0, 2), repeated('ffe10002', size)])],
    'JPEG of stuffed zeros': ['image/jpeg', Buffer.concat([plainJpeg.subarray(0, -2), repeated('ff00', size)])],
    'PNG of empty chunks': [
      'image/png',
      Buffer.concat([plainPng.subarray(0, 33), repeated('000000007445587400000000', size)]),
    ],
    'PNG of empty IDAT': [
      'image/png',
      Buffer.concat([plainPng.subarray(0, 33), repeated('000000004944415400000000', size)]),
    ],
    'WebP of empty chunks': ['image/webp', hugeWebp(size)],
  } as const;

  it.each(Object.entries(files))('%s: is given up without being held in memory part by part', (_, [type, file]) => {
    // warmed up, so that it is the reading that is measured
    takenOf(Buffer.from(file.subarray(0, 4096)), type, calendar);
    const [heap, from] = [process.memoryUsage().heapUsed, performance.now()];
    expect(takenOf(file, type, calendar)).toEqual({});
    withoutMetadata(file, type);
    expect(process.memoryUsage().heapUsed - heap).toBeLessThan(16 * 1024 * 1024);
    expect(performance.now() - from).toBeLessThan(5000);
  });

  it('does not take a large photograph for one: a PNG is written in thousands of chunks', () => {
    const idat = Buffer.alloc(12 + 8192);
    idat.writeUInt32BE(8192);
    idat.write('IDAT', 4, 'latin1');
    const large = Buffer.concat([plainPng.subarray(0, 33), ...Array<Buffer>(6000).fill(idat), plainPng.subarray(-12)]);
    expect(withoutMetadata(large, 'image/png')!.equals(large)).toBe(true);
  });

  function hugeWebp(bytes: number): Buffer {
    const file = Buffer.concat([placedWebp.subarray(0, 12), repeated('4142434400000000', bytes)]);
    file.writeUInt32LE(file.length - 8, 4);
    return file;
  }
});
