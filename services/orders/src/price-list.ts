import { priceListEvents } from '@fenxiao/contracts/prices';
import { CalendarDate, Code, Price } from '@fenxiao/contracts/wire';
import { domainError } from '@fenxiao/domain/domain-error';
import { approval } from '@fenxiao/procedures/approval';
import { procedure } from '@fenxiao/procedures/procedure';
import { columns, subjectColumns } from '@fenxiao/service-kit/columns';
import { bind } from '@fenxiao/service-kit/engine';
import type { Work } from '@fenxiao/service-kit/work';
import { defineEntity } from '@mikro-orm/core';
import { z } from 'zod';
import { settings } from './config.js';
import { keepApart } from './duties.js';
import { evidenceForm, requireAboveCost, requireObserved, type Evidence } from './price-setting.js';
import { unknownProduct } from './product.js';
import { requireLasting } from './promotions/short-lists.js';
import { staff } from '@fenxiao/procedures/powers';

/** O-10 Fixed list price 价格不得随意变动: lists are versioned, approved and effective-dated; an approved version can't be edited. */
const PriceListSchema = defineEntity({
  name: 'PriceList',
  tableName: 'price_list',
  properties: (p) => ({
    ...subjectColumns,
    code: p.text(),
    versionNumber: p.integer(),
    taxIncluded: p.boolean(),
    validFrom: columns.date(),
    lineCount: p.integer(),
    evidence: p.json<Evidence>().nullable(),
  }),
});
export class PriceList extends PriceListSchema.class {}
PriceListSchema.setClass(PriceList);

const lines = z
  .array(z.object({ productCode: Code, price: Price }))
  .min(1)
  .max(20_000);
const form = z.object({ code: Code, validFrom: CalendarDate, taxIncluded: z.boolean(), lines });

const drafters = { 'sales-manager': 'all', 'marketing-section': 'all' } as const;

export const priceList = bind(
  procedure({
    name: 'price-list',
    clause: 'O-10',
    events: priceListEvents,
    states: ['draft', 'submitted', 'approved', 'rejected'],
    read: staff,
    start: { move: 'draft', to: 'draft', by: drafters, form, fact: 'drafted' },
    moves: {
      edit: { from: 'draft', by: drafters, form: form.omit({ code: true }), fact: 'changed', edits: true },
      submit: { clause: 'O-13', from: 'draft', to: 'submitted', by: drafters, form: evidenceForm, fact: 'submitted' },
      // O-26: who sets prices can't approve them
      ...approval({
        clause: 'O-10',
        in: 'submitted',
        steps: [
          {
            name: 'approval',
            slots: [
              { 'deputy-general-manager-sales': 'all', 'sales-general-manager': 'all', 'general-manager': 'all' },
            ],
          },
        ],
        approved: 'approved',
        rejected: 'rejected',
        facts: { approved: 'approved', rejected: 'rejected' },
      }),
    },
  }),
  {
    entity: PriceList,
    create: async ({ code, validFrom, taxIncluded, lines: prices }, work, base) => {
      await work.query('SELECT pg_advisory_xact_lock(hashtext($1))', [`price list ${code}`]);
      const [last] = await work.query<{ version: number }>(
        'SELECT coalesce(max(version_number), 0) AS version FROM price_list WHERE code = $1',
        [code],
      );
      const list = work.em.create(PriceList, {
        ...base,
        region: null,
        code,
        versionNumber: last!.version + 1,
        taxIncluded,
        validFrom,
        lineCount: prices.length,
        evidence: null,
      });
      await work.em.flush();
      await writeLines(work, list.id, prices);
      return list;
    },
    effects: {
      edit: async (list, { validFrom, taxIncluded, lines: prices }, work) => {
        Object.assign(list, { validFrom, taxIncluded, lineCount: prices.length });
        await work.query('DELETE FROM price_list_line WHERE price_list = $1', [list.id]);
        await writeLines(work, list.id, prices);
      },
      submit: async (list, evidence, work) => {
        requireObserved(evidence, work.today);
        await requireLasting(work, list.id);
        list.evidence = evidence;
      },
      approve: async (list, _, work) => {
        await keepApart(work, 'price-list.approve', [list.id]);
        if (list.validFrom < work.today) throw inThePast({ date: list.validFrom });
        await requireLasting(work, list.id);
        await requireAboveCost(work, list.id, settings(work).STANDARD_TAX_RATE);
      },
    },
    facts: {
      drafted: (list, _, work) => ({ ...head(list), currency: work.currency }),
      changed: short,
      submitted: (list, { competitors }) => ({ ...short(list), competitors: competitors.length }),
      approved: (list, _, work) => ({ ...head(list), currency: work.currency }),
      rejected: ({ code, versionNumber }) => ({ code, versionNumber }),
    },
    view: (list) => ({
      ...head(list),
      createdBy: list.createdBy,
      ...(list.evidence ? { evidence: list.evidence } : {}),
    }),
    filters: { code: 'code' },
  },
);

function head({ code, versionNumber, taxIncluded, validFrom, lineCount }: PriceList) {
  return { code, versionNumber, taxIncluded, validFrom, lines: lineCount };
}
function short({ code, versionNumber, lineCount }: PriceList) {
  return { code, versionNumber, lines: lineCount };
}

/** @throws unknownProduct naming the first line whose product does not exist, productTwice */
export async function writeLines(
  work: Work,
  list: string,
  prices: readonly { productCode: string; price: string }[],
): Promise<void> {
  const codes = prices.map(({ productCode }) => productCode);
  const known = await work.query<{ id: string; code: string }>('SELECT id, code FROM product WHERE code = ANY($1)', [
    codes,
  ]);
  const idOf = new Map(known.map(({ id, code }) => [code, id]));
  const missing = codes.findIndex((code) => !idOf.has(code));
  if (missing >= 0) throw unknownProduct({ product: codes[missing]! }, { field: `lines.${missing}.productCode` });
  const seen = new Set<string>();
  const twice = codes.findIndex((code) => seen.has(code) || !seen.add(code));
  if (twice >= 0) throw productTwice({ product: codes[twice]! }, { field: `lines.${twice}.productCode` });
  await work.query(
    'INSERT INTO price_list_line (price_list, product, price) SELECT $1, * FROM unnest($2::uuid[], $3::numeric[])',
    [list, codes.map((code) => idOf.get(code)), prices.map(({ price }) => price)],
  );
}

const productTwice = domainError({
  code: 'orders.price-list.product-twice',
  kind: 'unprocessable',
  rule: 'O-10',
  en: 'Product {product} stands twice in the list.',
  zh: '价目表中产品{product}重复。',
});
const inThePast = domainError({
  code: 'orders.price-list.in-the-past',
  kind: 'unprocessable',
  rule: 'O-10',
  en: 'A list can not take effect in the past ({date}): orders have been priced since.',
  zh: '价目表的生效日期（{date}）不得早于今天：此后的订单已按原价目计价。',
});
