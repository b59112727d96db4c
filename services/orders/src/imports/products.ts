import type { ImportRow } from '@fenxiao/contracts/imports';
import { publish } from '@fenxiao/service-kit/engine';
import {
  historic,
  rejected,
  remember,
  seenBefore,
  stampOf,
  type Loader,
  type Outcome,
} from '@fenxiao/service-kit/imports';
import type { Work } from '@fenxiao/service-kit/work';
import { PriceList, priceList } from '../price-list.js';
import { Product, product, productColumns, stillNew, unknownProduct } from '../product.js';
import { receive } from '../stock.js';

/** O-42 with tax (O-51) and cost (O-52). */
export const products: Loader<'products'> = {
  kind: 'products',
  rule: 'O-42',
  load: async (rows, work) => {
    const { keyed, seen } = await seenBefore(work, 'products', rows);
    const found = await work.em.find(Product, { code: { $in: rows.map(({ code }) => code) } });
    const known = new Map(found.map((subject) => [subject.code, subject]));
    const outcomes = keyed.map(({ row, key, digest }): Outcome => {
      const old = known.get(key);
      if (old && seen.get(key)?.digest.equals(digest)) return { outcome: 'unchanged', id: old.id };
      const { taxRate: _, standardCost: __, costFrom: ___, retired, ...attributes } = row;
      const columns = { ...productColumns(attributes), state: stateOf(work, row) };
      const subject = old ?? work.em.create(Product, { ...historic(work, columns.state), ...columns });
      if (old) Object.assign(old, columns, { version: old.version + 1 });
      known.set(key, subject);
      publish(work, product, subject, old ? 'changed' : 'created', {}, stampOf(subject, 'product', 'O-42'));
      if (retired) publish(work, product, subject, 'retired', {}, { role: 'importer' });
      return { outcome: old ? 'changed' : 'created', id: subject.id };
    });
    await work.em.flush();
    await datedFacts(work, await remember(work, 'products', keyed, outcomes));
    return outcomes;
  },
};

const stateOf = (work: Work, { retired, launchedOn }: ImportRow<'products'>) =>
  retired ? 'retired' : stillNew(work, launchedOn ?? null) ? 'new' : 'active';

/** Tax and cost of the past hold from the beginning, unless a date is given. */
async function datedFacts(work: Work, brought: readonly { row: ImportRow<'products'>; id: string }[]): Promise<void> {
  const beginning = '1900-01-01';
  const taxed = brought.filter(({ row }) => row.taxRate !== undefined);
  const costed = brought.filter(({ row }) => row.standardCost !== undefined);
  await work.query(
    `INSERT INTO tax_rate (product, valid_from, rate) SELECT id, $2, rate FROM unnest($1::uuid[], $3::numeric[]) t(id, rate)
     ON CONFLICT (product, valid_from) DO UPDATE SET rate = excluded.rate`,
    [taxed.map(({ id }) => id), beginning, taxed.map(({ row }) => row.taxRate)],
  );
  await work.query(
    `INSERT INTO standard_cost (product, valid_from, cost) SELECT * FROM unnest($1::uuid[], $2::date[], $3::numeric[])
     ON CONFLICT (product, valid_from) DO UPDATE SET cost = excluded.cost`,
    [
      costed.map(({ id }) => id),
      costed.map(({ row }) => row.costFrom ?? beginning),
      costed.map(({ row }) => row.standardCost),
    ],
  );
}

/** O-10: rows of one list, date and basis are one approved version; more rows of it later are added to it. */
export const prices: Loader<'prices'> = {
  kind: 'prices',
  rule: 'O-10',
  load: async (rows, work) => {
    const known = await work.query<{ id: string; code: string }>('SELECT id, code FROM product WHERE code = ANY($1)', [
      rows.map(({ productCode }) => productCode),
    ]);
    const productOf = new Map(known.map(({ id, code }) => [code, id]));
    const lists = new Map<string, string>();
    const outcomes: Outcome[] = [];
    for (const row of rows) {
      const productId = productOf.get(row.productCode);
      if (productId === undefined) {
        outcomes.push(rejected(unknownProduct({ product: row.productCode }), 'productCode'));
        continue;
      }
      const key = `${row.listCode} ${row.validFrom} ${row.taxIncluded}`;
      const list = lists.get(key) ?? (await listOf(work, row));
      lists.set(key, list);
      const [written] = await work.query<{ inserted: boolean }>(
        `INSERT INTO price_list_line AS l (price_list, product, price) VALUES ($1, $2, $3)
         ON CONFLICT (price_list, product) DO UPDATE SET price = excluded.price WHERE l.price <> excluded.price RETURNING xmax = 0 AS inserted`,
        [list, productId, row.price],
      );
      outcomes.push({ outcome: !written ? 'unchanged' : written.inserted ? 'created' : 'changed', id: list });
    }
    for (const id of new Set(lists.values())) await recount(work, id);
    return outcomes;
  },
};

async function listOf(work: Work, { listCode: code, validFrom, taxIncluded }: ImportRow<'prices'>): Promise<string> {
  await work.query('SELECT pg_advisory_xact_lock(hashtext($1))', [`price list ${code}`]);
  const [old] = await work.query<{ id: string }>(
    `SELECT id FROM price_list WHERE code = $1 AND valid_from = $2 AND tax_included = $3 AND state = 'approved'`,
    [code, validFrom, taxIncluded],
  );
  if (old) return old.id;
  const [last] = await work.query<{ version: number }>(
    'SELECT coalesce(max(version_number), 0) AS version FROM price_list WHERE code = $1',
    [code],
  );
  const made = work.em.create(PriceList, {
    ...historic(work, 'approved'),
    code,
    versionNumber: last!.version + 1,
    taxIncluded,
    validFrom,
    lineCount: 0,
    evidence: null,
  });
  await work.em.flush();
  return made.id;
}

/** Says how many lines the version has now, once per batch. */
async function recount(work: Work, id: string): Promise<void> {
  const list = (await work.em.findOne(PriceList, { id }))!;
  const [counted] = await work.query<{ n: number }>(
    'SELECT count(*)::int AS n FROM price_list_line WHERE price_list = $1',
    [id],
  );
  if (list.lineCount === counted!.n) return;
  Object.assign(list, { lineCount: counted!.n, version: list.version + 1 });
  publish(work, priceList, list, 'approved', {}, stampOf(list, 'price-list', 'O-10'));
}

/** Opening stock: a batch that is here already is not brought in a second time. */
export const stocks: Loader<'stock'> = {
  kind: 'stock',
  rule: 'O-06',
  load: async (rows, work) => {
    const { keyed, seen } = await seenBefore(work, 'stock', rows);
    const known = await work.query<{ id: string; code: string }>('SELECT id, code FROM product WHERE code = ANY($1)', [
      rows.map(({ productCode }) => productCode),
    ]);
    const productOf = new Map(known.map(({ id, code }) => [code, id]));
    const outcomes: Outcome[] = [];
    for (const { row, key, digest } of keyed) {
      const id = productOf.get(row.productCode);
      if (id === undefined) outcomes.push(rejected(unknownProduct({ product: row.productCode }), 'productCode'));
      else if (seen.has(key)) outcomes.push({ outcome: 'unchanged', id });
      else {
        await receive(work, row);
        seen.set(key, { id, digest });
        outcomes.push({ outcome: 'created', id });
      }
    }
    await remember(work, 'stock', keyed, outcomes);
    return outcomes;
  },
};
