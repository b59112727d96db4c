import { describe, expect, it } from '@jest/globals';
import { DomainError } from '@fenxiao/domain/domain-error';
import {
  decimalText,
  isDateFormat,
  numberText,
  readBoolean,
  readDate,
  readDecimal,
  readMinute,
  rounded,
  times,
} from './values.js';

const codeOf = (run: () => unknown): string => {
  try {
    return `no error: ${String(run())}`;
  } catch (error) {
    return error instanceof DomainError ? error.code : String(error);
  }
};

describe('numbers', () => {
  it.each([
    ['1234.50', '1234.5'],
    ['1,234.50', '1234.5'],
    ['12,345,678', '12345678'],
    ['1 234', '1234'],
    ['¥1,234.50', '1234.5'],
    ['￥ 88', '88'],
    ['$-3', 'refused'],
    ['-$3', '-3'],
    ['88.5元', '88.5'],
    ['RMB 7', '7'],
    ['１２３．４５', '123.45'],
    ['（5.00）', '-5'],
    ['−3', '-3'],
    ['+4', '4'],
    ['.5', '0.5'],
    ['3.', '3'],
    ['1.2万', '12000'],
    ['3亿元', '300000000'],
    ['0012', '12'],
    ['0', '0'],
    ['1,23', 'refused'],
    ['1.234,56', 'refused'],
    ['1.2E+05', 'refused'],
    ['12a', 'refused'],
    ['--1', 'refused'],
    ['1/2', 'refused'],
  ])('%s is %s', (written, expected) => {
    if (expected === 'refused') expect(codeOf(() => readDecimal(written))).toBe('console.import.not-a-number');
    else expect(decimalText(readDecimal(written), 6)).toBe(expected);
  });

  it('multiplies exactly', () => {
    expect(decimalText(times(readDecimal('0.15'), readDecimal('100')), 6)).toBe('15');
    expect(decimalText(times(readDecimal('12345678.9012'), readDecimal('10000')), 6)).toBe('123456789012');
    expect(decimalText(times(readDecimal('0.1'), readDecimal('0.2')), 6)).toBe('0.02');
  });

  it('never drops decimals unasked, and rounds half up when asked', () => {
    expect(codeOf(() => decimalText(readDecimal('1.005'), 2))).toBe('console.import.too-many-decimals');
    expect(decimalText(rounded(readDecimal('1.005'), 2), 2)).toBe('1.01');
    expect(decimalText(rounded(readDecimal('-1.005'), 2), 2)).toBe('-1.01');
    expect(decimalText(readDecimal('1.500'), 2)).toBe('1.5');
  });

  it.each([
    [9.8000000000000007, '9.8'],
    [0.1 + 0.2, '0.3'],
    [1234567.89, '1234567.89'],
    [1e15, '1000000000000000'],
    [-0.0000125, '-0.0000125'],
    [0, '0'],
    [120, '120'],
    [0.15, '0.15'],
  ])('a spreadsheet shows %d as %s', (number, text) => expect(numberText(number)).toBe(text));
});

describe('dates', () => {
  it.each([
    ['2026-03-05', [], '2026-03-05'],
    ['2026-3-5', [], '2026-03-05'],
    ['2026/3/5', [], '2026-03-05'],
    ['2026.03.05', [], '2026-03-05'],
    ['2026年3月5日', [], '2026-03-05'],
    ['２０２６年３月５日', [], '2026-03-05'],
    ['20260305', [], '2026-03-05'],
    ['46086', [], '2026-03-05'],
    ['2026-03-05 18:30:00', [], '2026-03-05'],
    ['2026-03-05T00:00:00.000Z', [], '2026-03-05'],
    ['3/5/2026', ['M/D/YYYY'], '2026-03-05'],
    ['05/03/2026', ['DD/MM/YYYY'], '2026-03-05'],
    ['5.3.2026', ['D.M.YYYY'], '2026-03-05'],
    ['3/5/2026', ['YYYY-MM-DD', 'M/D/YYYY'], '2026-03-05'],
    ['3/5/2026', [], 'refused'],
    ['2026-02-29', [], 'refused'],
    ['2024-02-29', [], '2024-02-29'],
    ['26-03-05', [], 'refused'],
    ['2026-13-01', [], 'refused'],
    ['1850-01-01', [], 'refused'],
    ['soon', [], 'refused'],
  ])('%s (%j) is %s', (written, formats, expected) => {
    if (expected === 'refused') expect(codeOf(() => readDate(written, formats))).toBe('console.import.not-a-date');
    else expect(readDate(written, formats)).toBe(expected);
  });

  it.each([
    ['2026-03-05 16:05', [], '2026-03-05T16:05'],
    ['2026-03-05T00:00:59', [], '2026-03-05T00:00'],
    ['2026年3月5日 9:07', [], '2026-03-05T09:07'],
    ['3/5/2026 12:30 AM', ['M/D/YYYY'], '2026-03-05T00:30'],
    ['3/5/2026 12:30 pm', ['M/D/YYYY'], '2026-03-05T12:30'],
    ['3/5/2026 13:30 PM', ['M/D/YYYY'], 'console.import.not-a-time'],
    ['2026-03-05', [], 'console.import.not-a-time'],
    ['2026-03-05 24:00', [], 'console.import.not-a-time'],
    ['2026-03-05T16:05Z', [], 'console.import.not-a-time'],
    ['2026-02-29 16:05', [], 'console.import.not-a-date'],
  ])('%s (%j) is the minute %s', (written, formats, expected) => {
    if (expected.startsWith('console')) expect(codeOf(() => readMinute(written, formats))).toBe(expected);
    else expect(readMinute(written, formats)).toBe(expected);
  });

  it.each([
    ['2026年3月', '2026-03-01'],
    ['2026-03', '2026-03-01'],
    ['202603', '2026-03-01'],
    ['2026/3/15', '2026-03-15'],
  ])('the month %s is %s', (written, expected) => expect(readDate(written, [], true)).toBe(expected));

  it('knows what a format is', () => {
    for (const good of ['YYYY-MM-DD', 'M/D/YYYY', 'YYYY年M月D日', 'excel', 'YYYYMM'])
      expect(isDateFormat(good)).toBe(true);
    for (const bad of ['DD/MM', 'yyyy-mm-dd', 'MMM D YYYY', 'YYYYY-MM']) expect(isDateFormat(bad)).toBe(false);
  });
});

it.each([
  ['是', true],
  ['√', true],
  ['TRUE', true],
  ['１', true],
  ['否', false],
  ['no', false],
  ['0', false],
])('%s means %s', (written, expected) => expect(readBoolean(written)).toBe(expected));

it('takes nothing else for yes or no', () => {
  expect(codeOf(() => readBoolean('maybe'))).toBe('console.import.not-yes-or-no');
});
