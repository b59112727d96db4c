import { DomainError } from '@fenxiao/domain/domain-error';
import { divideRounded, formatDecimal } from '@fenxiao/domain/decimal';
import { plainDate } from '@fenxiao/domain/calendar-date';
import * as refusals from './refusals.js';

/** What stands in a cell, read as what it is meant to be. Decimals are exact: text to bigint to text. */

/** Full-width forms (as an input method leaves them) in their ordinary width, spaces of every kind as one, trimmed. */
export function ordinaryWidth(text: string): string {
  return text
    .replace(/[\uff01-\uff5e]/g, (wide) => String.fromCharCode(wide.charCodeAt(0) - 0xfee0))
    .replace(/[\u3000\u00a0\u2000-\u200b\u202f\ufeff]/g, ' ')
    .trim();
}

export interface Decimal {
  readonly units: bigint;
  /** decimals after the point */
  readonly scale: number;
}

const currencySign = /^(?:[¥￥$€£]|RMB|CNY|USD|人民币)\s*|\s*(?:RMB|CNY|USD|元)$/gi;
const plain = /^(-?)(\d+)(?:\.(\d*))?$/;
const multiples: Readonly<Record<string, number>> = { 万: 4, 亿: 8 };

/**
 * Reads `¥1,234.50`, `１２３`, `(5.00)`, `1.2万元`, `-3`; not `1.2E+05`, which a spreadsheet has rounded already.
 * @throws DomainError not-a-number
 */
export function readDecimal(text: string): Decimal {
  let rest = ordinaryWidth(text).replace(/[−–]/g, '-');
  const inBrackets = /^\((.+)\)$/.exec(rest);
  if (inBrackets) rest = `-${inBrackets[1]!}`;
  const sign = /^[+-]/.exec(rest)?.[0];
  rest = (sign ? rest.slice(1) : rest).trim().replace(currencySign, '').trim();
  const multiple = multiples[rest.at(-1) ?? ''] ?? 0;
  if (multiple > 0) rest = rest.slice(0, -1).trim();
  if (/^\d{1,3}([, ']\d{3})+(\.\d*)?$/.test(rest)) rest = rest.replace(/[, ']/g, '');
  if (/^\.\d+$/.test(rest)) rest = `0${rest}`;
  const match = plain.exec(rest);
  if (!match || match[1] || rest.length > 60) throw refusals.notANumber({ value: shown(text) });
  const decimals = match[3] ?? '';
  const units = BigInt(match[2]! + decimals) * 10n ** BigInt(multiple);
  return { units: sign === '-' ? -units : units, scale: decimals.length };
}

export const times = (a: Decimal, b: Decimal): Decimal => ({ units: a.units * b.units, scale: a.scale + b.scale });

/** Half-up (halves away from zero) to that many decimals. */
export function rounded({ units, scale }: Decimal, decimals: number): Decimal {
  if (scale <= decimals) return { units, scale };
  return { units: divideRounded(units, 10n ** BigInt(scale - decimals)), scale: decimals };
}

/**
 * Without trailing zeros: 12.50 is `12.5`.
 * @throws DomainError too-many-decimals
 */
export function decimalText(value: Decimal, mostDecimals: number): string {
  let { units, scale } = value;
  while (scale > 0 && units % 10n === 0n) [units, scale] = [units / 10n, scale - 1];
  if (scale > mostDecimals) throw refusals.tooManyDecimals({ value: formatDecimal(units, scale), scale: mostDecimals });
  return formatDecimal(units, scale);
}

/** A spreadsheet's number (IEEE 754, shown with 15 digits) as a plain decimal: 9.8000000000000007 is `9.8`. */
export function numberText(number: number): string {
  const [mantissa = '', exponent] = Math.abs(number).toExponential(14).split('e');
  const digits = BigInt(mantissa.replace('.', ''));
  const scale = 14 - Number(exponent);
  const units = scale < 0 ? digits * 10n ** BigInt(-scale) : digits;
  return decimalText({ units: number < 0 ? -units : units, scale: Math.max(scale, 0) }, Infinity);
}

const standardFormats = ['YYYY-MM-DD', 'YYYY/M/D', 'YYYY.M.D', 'YYYY年M月D日', 'YYYYMMDD'];
const monthFormats = ['YYYY-MM', 'YYYY/M', 'YYYY年M月', 'YYYYMM'];
const compiled = new Map<string, RegExp>();

/** `M/D/YYYY` as an expression: a doubled letter wants both digits only where nothing else parts them. */
function expressionOf(format: string): RegExp {
  let found = compiled.get(format);
  if (!found) {
    const dense = !/[^YMD]/.test(format);
    const source = format
      .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
      .replace(/YYYY|MM?|DD?/g, (part) =>
        part === 'YYYY' ? '(?<y>\\d{4})' : `(?<${part.startsWith('M') ? 'm' : 'd'}>${dense ? '\\d\\d' : '\\d{1,2}'})`,
      );
    // A time may follow, with or without a zone: the date as written counts.
    compiled.set(
      format,
      (found = new RegExp(
        `^${source}(?:[T ]\\s*\\d{1,2}:\\d\\d(?::\\d\\d(?:\\.\\d+)?)?\\s*(?:Z|[+-]\\d\\d:?\\d\\d|[AP]M)?)?$`,
        'i',
      )),
    );
  }
  return found;
}

/** Whether the text names a way to write dates: YYYY, M or MM, D or DD once each, or `excel`. */
export const isDateFormat = (format: string): boolean =>
  format === 'excel' ||
  (/YYYY/.test(format) && /M/.test(format) && !/Y(?!YYY)/.test(format.replace('YYYY', '')) && !/MMM|DDD/.test(format));

/** Days since 1899-12-30, as spreadsheets count them: 45356 is 2024-03-05. Before 60 they believe in a 1900-02-29. */
export const serialDate = (serial: number): string =>
  new Date((Math.floor(serial) + (serial < 60 ? 1 : 0) - 25_569) * 86_400_000).toISOString().slice(0, 10);

/**
 * `2026-03-05`, `2026/3/5`, `2026年3月5日`, `20260305`, a serial day, or one of the formats given instead; a time after it
 * is passed over. `3/5/2026` is nobody's guess: it needs a format.
 * @param month a day is not needed: the first of the month stands for it
 * @throws DomainError not-a-date
 */
export function readDate(text: string, formats: readonly string[] = [], month = false): string {
  const value = ordinaryWidth(text);
  const wanted = formats.length > 0 ? formats : [...standardFormats, 'excel'];
  for (const format of month ? [...wanted, ...monthFormats] : wanted) {
    if (format === 'excel') {
      if (/^\d{5}(\.\d+)?$/.test(value)) return serialDate(Number(value));
      continue;
    }
    const { y, m, d = '1' } = expressionOf(format).exec(value)?.groups ?? {};
    if (!y || !m) continue;
    const date = `${y}-${m.padStart(2, '0')}-${d.padStart(2, '0')}`;
    try {
      plainDate(date);
      return date;
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
    }
  }
  throw refusals.notADate({ value: shown(text), formats: wanted.join(', ') });
}

/**
 * A date as `readDate` takes it, and a time: `2025-03-14 01:20`, `3/14/2025 1:20 PM`; seconds are passed over.
 * @returns `2025-03-14T01:20`, on the clocks it was written by
 * @throws DomainError not-a-date, not-a-time; a time of another zone is not guessed at
 */
export function readMinute(text: string, formats: readonly string[] = []): string {
  const date = readDate(text, formats);
  const time = /[T ]\s*(\d{1,2}):([0-5]\d)(?::[0-5]\d(?:\.\d+)?)?\s*([AP]M)?$/i.exec(ordinaryWidth(text));
  const [, hours = '', minutes = '', half] = time ?? [];
  const hour = half ? (Number(hours) % 12) + (half.toUpperCase() === 'PM' ? 12 : 0) : Number(hours);
  if (!time || hour > 23 || (half && (Number(hours) < 1 || Number(hours) > 12)))
    throw refusals.notATime({ value: shown(text) });
  return `${date}T${String(hour).padStart(2, '0')}:${minutes}`;
}

const yes = ['true', 'yes', 'y', '1', '是', '√', '✓', '有'];
const no = ['false', 'no', 'n', '0', '否', '×', '✗', '无'];

/** @throws DomainError not-yes-or-no */
export function readBoolean(text: string): boolean {
  const value = ordinaryWidth(text).toLowerCase();
  if (yes.includes(value)) return true;
  if (no.includes(value)) return false;
  throw refusals.notYesOrNo({ value: shown(text) });
}

/** What a message quotes of a cell. */
export const shown = (text: string): string => (text.length > 60 ? `${text.slice(0, 60)}…` : text);
