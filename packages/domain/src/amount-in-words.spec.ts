import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { amountInWords } from './amount-in-words.js';
import { Money } from './money.js';

const words = (amount: string) => amountInWords(Money.of(amount));

describe('amountInWords', () => {
  // the examples printed in 正确填写票据和结算凭证的基本规定; where it allows two forms, one of them
  it.each([
    ['1409.50', ['壹仟肆佰零玖元伍角', '壹仟肆佰零玖元伍角整']],
    ['6007.14', ['陆仟零柒元壹角肆分']],
    ['1680.32', ['壹仟陆佰捌拾元零叁角贰分', '壹仟陆佰捌拾元叁角贰分']],
    ['107000.53', ['壹拾万柒仟元零伍角叁分', '壹拾万零柒仟元伍角叁分', '壹拾万柒仟元伍角叁分']],
    ['16409.02', ['壹万陆仟肆佰零玖元零贰分']],
    ['325.04', ['叁佰贰拾伍元零肆分']],
  ])('writes the official example %s', (amount, allowed) => {
    expect(allowed).toContain(words(amount));
  });

  it.each([
    ['0', '零元整'],
    ['0.01', '壹分'],
    ['0.10', '壹角整'],
    ['0.11', '壹角壹分'],
    ['1', '壹元整'],
    ['1.50', '壹元伍角整'],
    ['10', '壹拾元整'],
    ['15', '壹拾伍元整'],
    ['20.02', '贰拾元零贰分'],
    ['500.01', '伍佰元零壹分'],
    ['10001', '壹万零壹元整'],
    ['100000', '壹拾万元整'],
    ['10010000', '壹仟零壹万元整'],
    ['100000000', '壹亿元整'],
    ['100000010', '壹亿零壹拾元整'],
    ['100010000', '壹亿零壹万元整'],
    ['100100010001.10', '壹仟零壹亿零壹万零壹元壹角整'],
    ['999999999999.99', '玖仟玖佰玖拾玖亿玖仟玖佰玖拾玖万玖仟玖佰玖拾玖元玖角玖分'],
    ['-1234.50', '负壹仟贰佰叁拾肆元伍角整'],
    ['-0.05', '负伍分'],
  ])('writes %s as %s', (amount, expected) => {
    expect(words(amount)).toBe(expected);
  });

  it('keeps the rules of 零, 整 and 壹拾 and can be read back, for every amount', () => {
    const digits = fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 9 })), { minLength: 1, maxLength: 14 });
    const fen = fc.tuple(digits, fc.boolean()).map(([list, minus]) => BigInt(list.join('')) * (minus ? -1n : 1n));
    fc.assert(
      fc.property(fen, (fen) => {
        const text = amountInWords(Money.fen(fen));
        expect(read(text)).toBe(fen);
        expect(text).not.toMatch(/零零|零[万亿角分]|(?<!^负?)零元|零整/); // 零 only before a figure, or alone
        expect(text).not.toMatch(/(?<![壹贰叁肆伍陆柒捌玖])[拾佰仟角分]/); // 壹拾, not 拾
        expect(text.endsWith('整')).toBe(fen % 10n === 0n); // 整 after 元 and 角, never after 分
        expect(text.slice(0, -1)).not.toContain('整');
        expect(text.startsWith('负')).toBe(fen < 0n);
        for (const { before, after } of gapsThatNeedZero(fen)) expect(text).toMatch(new RegExp(`${before}零${after}`));
      }),
      { numRuns: 3000 },
    );
  });
});

const figures = '零壹贰叁肆伍陆柒捌玖';
const units = new Map(Object.entries({ 拾: 10n, 佰: 100n, 仟: 1000n }));

/** The words as fen again: a reader of its own, that knows nothing of how they are written. */
function read(words: string): bigint {
  let total = 0n; // in yuan, complete groups
  let group = 0n; // below the next 万, 亿 or 元
  let figure = 0n;
  let fen = 0n;
  for (const character of words.replace(/^负/, '').replace(/整$/, '')) {
    if (figures.includes(character)) figure = BigInt(figures.indexOf(character));
    else if (character === '角') [fen, figure] = [fen + figure * 10n, 0n];
    else if (character === '分') [fen, figure] = [fen + figure, 0n];
    else if (units.has(character)) [group, figure] = [group + figure * units.get(character)!, 0n];
    else if (character === '亿') [total, group, figure] = [total + (group + figure) * 10n ** 8n, 0n, 0n];
    else if (character === '万') [total, group, figure] = [total + (group + figure) * 10n ** 4n, 0n, 0n];
    else if (character === '元') [total, group, figure] = [total + group + figure, 0n, 0n];
    else throw new Error(`Unknown character ${character}`);
  }
  return (words.startsWith('负') ? -1n : 1n) * (total * 100n + fen);
}

/**
 * Where zeros stand between two figures of the yuan, one 零 must, unless they only end a group of four (107000 may be
 * 壹拾万柒仟); likewise between 元 and 分 when there is no 角.
 */
function gapsThatNeedZero(fen: bigint): { before: string; after: string }[] {
  const digits = (fen < 0n ? -fen : fen).toString().padStart(3, '0');
  const gaps: { before: string; after: string }[] = [];
  const yuan = digits.slice(0, -2);
  for (const match of yuan.matchAll(/(?<=[1-9])0+(?=[1-9])/g)) {
    const places = [...match[0]].map((_, i) => yuan.length - 1 - (match.index + i)); // powers of ten of the zeros
    const leadsAGroup = places.some((place) => place % 4 === 3);
    const within = Math.floor((places[0]! + 1) / 4) === Math.floor((places.at(-1)! - 1) / 4);
    const after = figures[Number(yuan[match.index + match[0].length])]!;
    if (leadsAGroup || within) gaps.push({ before: '[拾佰仟万亿]', after });
  }
  if (yuan !== '0' && digits.at(-2) === '0' && digits.at(-1) !== '0') {
    gaps.push({ before: '元', after: `${figures[Number(digits.at(-1))]}分` });
  }
  return gaps;
}
