import { describe, expect, it } from '@jest/globals';
import { DomainError, definedErrors, domainError } from './domain-error.js';

const outsideBand = domainError({
  code: 'test.price.outside-authority',
  kind: 'forbidden',
  rule: 'O-11',
  en: 'Line {line} deviates by {deviation}, outside your authority',
  zh: '第{line}行价格偏离{deviation}，超出您的审批权限',
});

describe('domainError', () => {
  it('makes an error that speaks both languages', () => {
    const error = outsideBand({ line: 1, deviation: '-4.2%' }, { field: 'lines.0.unitPrice' });
    expect(error).toBeInstanceOf(DomainError);
    expect(error.message).toBe('Line 1 deviates by -4.2%, outside your authority');
    expect(error.text('en')).toBe(error.message);
    expect(error.text('zh')).toBe('第1行价格偏离-4.2%，超出您的审批权限');
    expect(error).toMatchObject({
      name: 'DomainError',
      code: 'test.price.outside-authority',
      kind: 'forbidden',
      rule: 'O-11',
      field: 'lines.0.unitPrice',
      params: { line: 1, deviation: '-4.2%' },
    });
  });

  it('carries cause and extra, and leaves out what was not given', () => {
    const cause = new Error('below');
    const error = outsideBand({}, { cause, extra: { approver: 'sales-manager' } });
    expect(error.cause).toBe(cause);
    expect(error.extra).toEqual({ approver: 'sales-manager' });
    expect('field' in error).toBe(false);
    expect('cause' in outsideBand()).toBe(false);
  });

  it('shows a place that was not filled, and inserts params as they are', () => {
    expect(outsideBand({ line: '$&' }).message).toBe('Line $& deviates by {deviation}, outside your authority');
    expect(outsideBand({ line: 0, deviation: '' }).message).toBe('Line 0 deviates by , outside your authority');
  });

  it('lists every declared error by code', () => {
    expect(definedErrors().get('test.price.outside-authority')).toBe(outsideBand.definition);
  });

  it.each([
    ['a code declared twice', 'test.price.outside-authority', 'a', 'a'],
    ['a code without a dot', 'test', 'a', 'a'],
    ['a code with an underscore', 'test.out_of_range', 'a', 'a'],
    ['texts that name different places', 'test.places', '{line}', '{lines}'],
  ])('refuses %s', (_, code, en, zh) => {
    expect(() => domainError({ code, kind: 'invalid', en, zh })).toThrow(code);
  });
});
