import { domainError } from '@fenxiao/domain/domain-error';
import { Money } from '@fenxiao/domain/money';
import { Percentage } from '@fenxiao/domain/percentage';
import { Quantity } from '@fenxiao/domain/quantity';
import { UnitPrice } from '@fenxiao/domain/unit-price';
import { hasRole, type Actor } from '@fenxiao/service-kit/actor';
import type { Work } from '@fenxiao/service-kit/work';
import { settings } from '../config.js';
import { unknownProduct } from '../product.js';
import { freeze, thaw } from './freeze.js';
import type { Slot, Stocktake, Variance } from './stocktake-table.js';
import { judge, totalsOf, type Verdict } from './variance.js';

/** O-24: the counting itself: what the books say is kept aside, two persons write what they see, then both are compared. */

export interface CountRow {
  readonly productCode: string;
  readonly batch: string;
  readonly quantity: string;
}

/** Freezes the warehouse and keeps what its books say. @returns how many places there are to count */
export async function keepBooks(work: Work, { id, warehouse }: Stocktake): Promise<number> {
  await freeze(work, warehouse, id);
  const lines = await work.query(
    `INSERT INTO stocktake_line (stocktake, line, product, product_code, batch, book, unit_value, basis, asked)
     SELECT $1, row_number() OVER (ORDER BY p.code, s.batch), p.id, p.code, s.batch, s.on_hand, ${value}
     FROM stock_item s JOIN product p ON p.id = s.product ${valued} WHERE s.warehouse = $3 AND s.on_hand > 0
     RETURNING line`,
    [id, work.today, warehouse],
  );
  return lines.length;
}

const value = `coalesce(c.cost, l.price, 0), CASE WHEN c.cost IS NOT NULL THEN 'cost' WHEN l.price IS NOT NULL THEN 'list' ELSE 'none' END, true`;
/** O-52 standard cost on the day, else the list price in force (O-10) */
const valued = `
LEFT JOIN LATERAL (SELECT cost FROM standard_cost WHERE product = p.id AND valid_from <= $2 ORDER BY valid_from DESC LIMIT 1) c ON true
LEFT JOIN LATERAL (
  SELECT pl.price FROM price_list_line pl JOIN price_list l ON l.id = pl.price_list
  WHERE pl.product = p.id AND l.state = 'approved' AND l.valid_from <= $2 ORDER BY l.valid_from DESC, l.version_number DESC LIMIT 1) l ON true`;

const holder = { clerk: { 'order-clerk': 'all' }, keeper: { 'finished-goods-keeper': 'all' } } as const;

/** Which count is this person's; whoever comes first for one makes it, never both, and none once replaced. @throws otherCounter */
export function slotOf(subject: Stocktake, actor: Actor): Slot {
  const { person } = actor;
  for (const slot of ['clerk', 'keeper'] as const) if (subject[slot] === person) return slot;
  for (const slot of ['clerk', 'keeper'] as const)
    if (subject[slot] === null && hasRole(actor, holder[slot]) && !hasCounted(subject, person)) {
      subject[slot] = person;
      return slot;
    }
  throw otherCounter();
}

const hasCounted = ({ former }: Stocktake, person: string) => former.some(({ personId }) => personId === person);

/** What one of the two has counted. What the books do not have is a find. @throws unknownProduct, notAsked, twice */
export async function enterCounts(
  work: Work,
  subject: Stocktake,
  slot: Slot,
  rows: readonly CountRow[],
): Promise<void> {
  const products = await productsOf(work, rows);
  const seen = new Set<string>();
  rows.forEach(({ productCode, batch }, i) => {
    if (seen.has(`${productCode} ${batch}`))
      throw twice({ product: productCode, batch }, { field: `counts.${i}.batch` });
    seen.add(`${productCode} ${batch}`);
  });
  const columns = [rows.map(({ productCode }) => products.get(productCode)!), rows.map(({ batch }) => batch)];
  const quantities = rows.map(({ quantity }) => quantity);
  const written = await work.query<{ product: string; batch: string }>(
    `UPDATE stocktake_line l SET ${slot}_count = c.quantity FROM unnest($2::uuid[], $3::text[], $4::numeric[]) c(product, batch, quantity)
     WHERE l.stocktake = $1 AND l.product = c.product AND l.batch = c.batch AND l.asked RETURNING l.product, l.batch`,
    [subject.id, ...columns, quantities],
  );
  const known = new Set(written.map(({ product, batch }) => `${product} ${batch}`));
  const finds = rows.filter(({ productCode, batch }) => !known.has(`${products.get(productCode)} ${batch}`));
  if (finds.length === 0) return;
  if (subject.round > 1) throw notAsked({ product: finds[0]!.productCode, batch: finds[0]!.batch });
  await work.query(
    `INSERT INTO stocktake_line (stocktake, line, product, product_code, batch, book, unit_value, basis, asked, ${slot}_count)
     SELECT $1, (SELECT coalesce(max(line), 0) FROM stocktake_line WHERE stocktake = $1) + f.ord, p.id, p.code, f.batch, 0, ${value}, f.quantity
     FROM unnest($3::uuid[], $4::text[], $5::numeric[]) WITH ORDINALITY f(product, batch, quantity, ord)
     JOIN product p ON p.id = f.product ${valued}`,
    [
      subject.id,
      work.today,
      finds.map(({ productCode }) => products.get(productCode)!),
      finds.map(({ batch }) => batch),
      finds.map(({ quantity }) => quantity),
    ],
  );
}

async function productsOf(work: Work, rows: readonly CountRow[]): Promise<Map<string, string>> {
  const found = await work.query<{ id: string; code: string }>('SELECT id, code FROM product WHERE code = ANY($1)', [
    [...new Set(rows.map(({ productCode }) => productCode))],
  ]);
  const products = new Map(found.map(({ id, code }) => [code, id]));
  const i = rows.findIndex(({ productCode }) => !products.has(productCode));
  if (i >= 0) throw unknownProduct({ product: rows[i]!.productCode }, { field: `counts.${i}.productCode` });
  return products;
}

/** One of the two is through. @throws alreadyFinished: the other count needs another person; uncounted */
export async function finish(work: Work, subject: Stocktake, slot: Slot): Promise<void> {
  if (subject[`${slot}Done`]) throw alreadyFinished();
  const [open] = await work.query<{ left: number; product: string; batch: string }>(
    `SELECT count(*) OVER ()::int AS left, product_code AS product, batch FROM stocktake_line
     WHERE stocktake = $1 AND asked AND ${slot}_count IS NULL AND (book > 0 OR $2 > 1) ORDER BY line LIMIT 1`,
    [subject.id, subject.round],
  );
  if (open) throw uncounted({ left: open.left, product: open.product, batch: open.batch });
  subject[`${slot}Done`] = true;
}

export type Comparison = Readonly<Record<Verdict, number>>;

interface LineRow {
  readonly line: number;
  readonly book: string;
  readonly unit_value: string;
  readonly clerk: string;
  readonly keeper: string;
}

/** Compares the two counts of this round; what has to be counted again is asked for with both counts forgotten. */
export async function compare(work: Work, subject: Stocktake): Promise<Comparison> {
  const { STOCKTAKE_RECOUNT_PERCENT, STOCKTAKE_RECOUNT_AMOUNT } = settings(work);
  const limits = { percent: Percentage.of(STOCKTAKE_RECOUNT_PERCENT), amount: Money.of(STOCKTAKE_RECOUNT_AMOUNT) };
  const rows = await work.query<LineRow>(
    `SELECT line, book::text, unit_value::text, coalesce(clerk_count, 0)::text AS clerk, coalesce(keeper_count, 0)::text AS keeper
     FROM stocktake_line WHERE stocktake = $1 AND asked`,
    [subject.id],
  );
  const verdicts = rows.map(({ line, book, unit_value, clerk, keeper }) => ({
    line,
    verdict: judge(
      {
        book: Quantity.of(book),
        unitValue: UnitPrice.of(unit_value),
        clerk: Quantity.of(clerk),
        keeper: Quantity.of(keeper),
      },
      limits,
      subject.round,
    ),
  }));
  const linesOf = (wanted: Verdict) => verdicts.filter(({ verdict }) => verdict === wanted).map(({ line }) => line);
  await work.query(
    `UPDATE stocktake_line SET counted = coalesce(clerk_count, 0), asked = false WHERE stocktake = $1 AND line = ANY($2)`,
    [subject.id, linesOf('agreed')],
  );
  await work.query(`UPDATE stocktake_line SET clerk_count = NULL, keeper_count = NULL WHERE stocktake = $1 AND asked`, [
    subject.id,
  ]);
  return {
    agreed: linesOf('agreed').length,
    differing: linesOf('differing').length,
    'over-limit': linesOf('over-limit').length,
  };
}

/** Both counts are in: the totals are drawn and the warehouse opens again. */
export async function conclude(work: Work, subject: Stocktake): Promise<void> {
  const rows = await work.query<{ book: string; counted: string; unit_value: string }>(
    'SELECT book::text, counted::text, unit_value::text FROM stocktake_line WHERE stocktake = $1',
    [subject.id],
  );
  const totals = totalsOf(
    rows.map(({ book, counted, unit_value }) => ({
      book: Quantity.of(book),
      counted: Quantity.of(counted),
      unitValue: UnitPrice.of(unit_value),
    })),
  );
  Object.assign(subject, totals, { countedOn: work.today });
  subject.variances = await largestVariances(work, subject.id);
  await thaw(work, subject.warehouse);
}

/** What the sheet shows; all of them are read from the lines. */
const ON_THE_SHEET = 200;
export const largestVariances = (work: Work, stocktake: string): Promise<Variance[]> =>
  work.query<Variance>(
    `SELECT product_code AS "productCode", batch, book::text, counted::text, (counted - book)::text AS difference, reason
     FROM stocktake_line WHERE stocktake = $1 AND counted <> book ORDER BY abs(counted - book) * unit_value DESC, line LIMIT ${ON_THE_SHEET}`,
    [stocktake],
  );

/** Every variance is counted once more, against what the books say now. */
export async function askAgain(work: Work, { id, warehouse }: Stocktake): Promise<void> {
  await freeze(work, warehouse, id);
  await work.query(
    `UPDATE stocktake_line l SET asked = true, counted = NULL, clerk_count = NULL, keeper_count = NULL, reason = NULL,
       book = coalesce((SELECT s.on_hand FROM stock_item s WHERE s.product = l.product AND s.batch = l.batch AND s.warehouse = $2), 0)
     WHERE l.stocktake = $1 AND l.counted <> l.book`,
    [id, warehouse],
  );
}

const otherCounter = domainError({
  code: 'orders.stocktake.other-counter',
  kind: 'forbidden',
  rule: 'O-24',
  en: 'Both counts of this stocktake are made by others.',
  zh: '本次盘点的两名盘点人均已由他人担任。',
});
const alreadyFinished = domainError({
  code: 'orders.stocktake.already-finished',
  kind: 'forbidden',
  rule: 'O-24',
  en: 'Your count is complete; the other one needs another person.',
  zh: '您的盘点已完成；另一份盘点须由他人进行。',
});
const uncounted = domainError({
  code: 'orders.stocktake.uncounted',
  kind: 'unprocessable',
  rule: 'O-24',
  en: '{left} places are not counted yet, the first of them {product} batch {batch}.',
  zh: '尚有{left}项未盘点，首项为{product}批次{batch}。',
});
const notAsked = domainError({
  code: 'orders.stocktake.not-asked',
  kind: 'unprocessable',
  rule: 'O-24',
  en: 'Product {product} batch {batch} is not to be counted again.',
  zh: '产品{product}批次{batch}无须复盘。',
});
const twice = domainError({
  code: 'orders.stocktake.twice',
  kind: 'unprocessable',
  rule: 'O-24',
  en: 'Product {product} batch {batch} stands in this batch of counts twice.',
  zh: '产品{product}批次{batch}在本批盘点数据中重复。',
});
