import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { root } from '../declarations.js';
import { lacking, passedTests, strangers, table, type Clause } from './report.js';

const catalogue: Clause[] = [
  { id: 'O-01', service: 'orders', en: 'Order states', zh: '订单' },
  { id: 'O-11', service: 'orders', en: 'Price float', zh: '价格浮动' },
  { id: 'D-20', service: 'distributors', en: 'Personal guarantee', zh: '资金担保' },
];
const line = (id: string, aspect: string, behaviour = 'so it is') => `${JSON.stringify({ id, aspect, behaviour })}\n`;
const passed = passedTests(
  [
    line('O-01', 'allowed') + line('O-01', 'refused') + line('O-01', 'boundary'),
    line('O-11', 'allowed') + line('O-11', 'allowed', 'another case') + line('O-11', 'allowed', 'another case'),
  ].join(''),
);

describe('the report on clauses', () => {
  it('shows what passed for each clause and adds up each service', () => {
    expect(table(catalogue, passed).split('\n')).toEqual([
      '      ORDERS                                 allowed   refused  boundary',
      'O-01  Order states                                 1         1         1  订单',
      'O-11  Price float                                  2         ·         ·  价格浮动',
      '      1 of 2 with all three, 1 in part             3         1         1',
      '',
      '      DISTRIBUTORS                           allowed   refused  boundary',
      'D-20  Personal guarantee                           ·         ·         ·  资金担保',
      '      0 of 1 with all three, 0 in part             ·         ·         ·',
    ]);
  });

  it('says what a required clause lacks', () => {
    expect(lacking(['O-01'], catalogue, passed)).toEqual([]);
    expect(lacking(['O-11', 'D-20', 'O-99'], catalogue, passed)).toEqual([
      'O-11: no test that passed for refused, boundary',
      'D-20: no test that passed for allowed, refused, boundary',
      'O-99: no such clause',
    ]);
  });

  it('finds ids that no catalogue has', () => {
    expect(strangers(catalogue, passedTests(line('O-1', 'allowed') + line('O-01', 'allowed')))).toEqual(['O-1']);
  });
});

it('the catalogue names every clause once, in both languages', () => {
  const clauses = JSON.parse(readFileSync(new URL('docs/clauses.json', root), 'utf8')) as Clause[];
  expect(new Set(clauses.map(({ id }) => id)).size).toBe(clauses.length);
  expect(
    clauses.filter(({ id, en, zh }) => !/^[A-Z]-\d\d[a-z]?$/.test(id) || !en || !/\p{Script=Han}/u.test(zh)),
  ).toEqual([]);
});
