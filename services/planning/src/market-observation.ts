import { Confidence, marketObservationEvents } from '@fenxiao/contracts/planning';
import { CalendarDate, Code, Line, PositiveAmount, QuantityText } from '@fenxiao/contracts/wire';
import { domainError } from '@fenxiao/domain/domain-error';
import { Money } from '@fenxiao/domain/money';
import { Quantity } from '@fenxiao/domain/quantity';
import type { Sql } from '@fenxiao/messaging/sql';
import { staff } from '@fenxiao/procedures/powers';
import { procedure, type Powers } from '@fenxiao/procedures/procedure';
import { columns, subjectColumns } from '@fenxiao/service-kit/columns';
import { bind } from '@fenxiao/service-kit/engine';
import type { Work } from '@fenxiao/service-kit/work';
import { defineEntity } from '@mikro-orm/core';
import { z } from 'zod';
import { OTHER } from './competitor.js';

/** P-42 Market share 市场占有率, in part: what a source says a vendor sold in a region, category and month. */
const MarketObservationSchema = defineEntity({
  name: 'MarketObservation',
  tableName: 'market_observation',
  properties: (p) => ({
    ...subjectColumns,
    month: columns.date(),
    category: p.text(),
    vendor: p.text(),
    vendorName: p.text(),
    value: columns.money(),
    volume: columns.quantity().strictNullable(),
    source: p.text(),
    confidence: p.text().$type<z.infer<typeof Confidence>>(),
  }),
});
export class MarketObservation extends MarketObservationSchema.class {}
MarketObservationSchema.setClass(MarketObservation);

const figures = { value: PositiveAmount, volume: QuantityText.optional(), confidence: Confidence };
const form = z.object({
  month: CalendarDate,
  regionCode: Code,
  category: Line,
  vendor: Line,
  source: Line,
  ...figures,
});
const researchers: Powers = { 'market-researcher': 'all', 'marketing-section': 'all', 'regional-manager': 'region' };

export const marketObservation = bind(
  procedure({
    name: 'market-observation',
    clause: 'P-42',
    events: marketObservationEvents,
    states: ['recorded'],
    read: staff,
    start: { move: 'record', to: 'recorded', by: researchers, form, fact: 'recorded' },
    moves: {
      correct: {
        from: 'recorded',
        by: researchers,
        form: z.object(figures),
        fact: 'recorded',
        edits: true,
        reason: true,
      },
    },
  }),
  {
    entity: MarketObservation,
    create: async ({ regionCode, vendor: name, month, value, volume, ...rest }, work, base) => {
      const [region] = await work.query<{ id: string }>('SELECT id FROM known_region WHERE code = $1', [regionCode]);
      if (!region) throw unknownRegion({ region: regionCode }, { field: 'regionCode' });
      const vendor = (await vendors(work)).get(name.toLowerCase()) ?? OTHER;
      const key = {
        month: monthOf(month),
        region: region.id,
        category: rest.category,
        vendorName: name,
        source: rest.source,
      };
      if (await work.em.findOne(MarketObservation, key)) throw alreadyRecorded({ vendor: name, source: rest.source });
      return work.em.create(MarketObservation, {
        ...base,
        ...rest,
        ...key,
        vendor,
        value: Money.of(value),
        volume: volume === undefined ? null : Quantity.of(volume),
      });
    },
    effects: {
      correct: (subject, { value, volume, confidence }) => {
        Object.assign(subject, {
          confidence,
          value: Money.of(value),
          volume: volume === undefined ? null : Quantity.of(volume),
        });
      },
    },
    facts: {
      recorded: (subject, _, work) => ({
        month: subject.month,
        regionId: subject.region!,
        category: subject.category,
        vendor: subject.vendor,
        vendorName: subject.vendorName,
        value: String(subject.value),
        currency: work.currency,
        source: subject.source,
        confidence: subject.confidence,
        ...(subject.volume ? { volume: String(subject.volume) } : {}),
      }),
    },
    view: ({ month, region, category, vendor, vendorName, value, volume, source, confidence }) => ({
      month,
      regionId: region,
      category,
      vendor,
      vendorName,
      value,
      volume,
      source,
      confidence,
    }),
    filters: { month: 'month', category: 'category', vendor: 'vendor', source: 'source' },
  },
);

/** First day of a date's month. */
export const monthOf = (date: string) => `${date.slice(0, 7)}-01`;

/** Codes of the registered vendors, by code and by name, in lower case. */
export async function vendors(sql: Sql): Promise<Map<string, string>> {
  const rows = await sql.query<{ code: string; name: string }>('SELECT code, name FROM competitor');
  return new Map(
    rows.flatMap(({ code, name }) => [[code.toLowerCase(), code] as const, [name.toLowerCase(), code] as const]),
  );
}

export const unknownRegion = domainError({
  code: 'planning.region.unknown',
  kind: 'unprocessable',
  rule: 'P-42',
  en: 'No region {region} is known.',
  zh: '未知的区域：{region}。',
});
const alreadyRecorded = domainError({
  code: 'planning.market-observation.already-recorded',
  kind: 'conflict',
  rule: 'P-42',
  en: 'What {source} says of {vendor} there is recorded already; correct it instead.',
  zh: '{source}关于{vendor}的该项数据已登记，请使用更正。',
});

/** A row to be stored, and the statement's answer. */
export interface ObservationColumns {
  readonly month: string;
  readonly region: string;
  readonly category: string;
  readonly vendor: string;
  readonly vendorName: string;
  readonly value: string;
  readonly volume: string | null;
  readonly source: string;
  readonly confidence: z.infer<typeof Confidence>;
}

/**
 * Stores many at once: new ones, and those that say something else than before.
 * @returns per key those that were written, with their event counter raised; the others were there already
 */
export async function storeObservations(
  work: Work,
  ids: readonly string[],
  rows: readonly ObservationColumns[],
): Promise<{ id: string; events: number; key: string; inserted: boolean }[]> {
  const column = (name: keyof ObservationColumns) => rows.map((row) => row[name]);
  return work.query(
    `INSERT INTO market_observation AS m (id, state, version, events, region, created_by, created_at, entered_at, approvals, month, category, vendor, vendor_name, value, volume, source, confidence)
     SELECT r.id, 'recorded', 1, 1, r.region, $2, $3, $3, '[]', r.month, r.category, r.vendor, r.vendor_name, r.value, r.volume, r.source, r.confidence
     FROM unnest($1::uuid[], $4::date[], $5::uuid[], $6::text[], $7::text[], $8::text[], $9::numeric[], $10::numeric[], $11::text[], $12::text[])
       r(id, month, region, category, vendor, vendor_name, value, volume, source, confidence)
     ON CONFLICT (month, region, category, vendor_name, source) DO UPDATE
       SET value = excluded.value, volume = excluded.volume, vendor = excluded.vendor, confidence = excluded.confidence, events = m.events + 1, version = m.version + 1
       WHERE (m.value, m.volume, m.vendor, m.confidence) IS DISTINCT FROM (excluded.value, excluded.volume, excluded.vendor, excluded.confidence)
     RETURNING id, events, concat_ws('|', month::text, region, category, vendor_name, source) AS key, xmax = 0 AS inserted`,
    [
      ids,
      work.actor.person,
      work.now,
      ...(
        ['month', 'region', 'category', 'vendor', 'vendorName', 'value', 'volume', 'source', 'confidence'] as const
      ).map(column),
    ],
  );
}
export const keyOf = ({ month, region, category, vendorName, source }: ObservationColumns) =>
  [month, region, category, vendorName, source].join('|');
