import { domainError } from '@fenxiao/domain/domain-error';
import { Percentage } from '@fenxiao/domain/percentage';
import { UnitPrice } from '@fenxiao/domain/unit-price';
import type { Work } from '@fenxiao/service-kit/work';
import { settings } from '../config.js';
import { retiredProduct } from '../lines.js';
import { noListPrice } from '../pricing.js';
import { termsOf, unknownProduct } from '../product.js';
import type { CutForm, PriceCut } from './price-cut-table.js';

/** O-14: what a short price cut must be before it goes on: short, ahead, below the list, of known goods and regions, alone. */

/**
 * @returns the ids of its products, in the order of their codes, and of a price the tax basis of their lists
 * @throws the refusals below, each naming its field
 */
export async function requireSound(
  work: Work,
  form: CutForm,
): Promise<{ products: string[]; taxIncluded: boolean | null }> {
  requireDates(form, work);
  requireOneCut(form);
  await requireRegions(work, form.regionIds);
  await requireFamilies(work, form.families);
  return requireProducts(work, form);
}

/** @throws inThePast, notAfterStart, tooLong */
export function requireDates({ startsOn, endsOn }: Pick<CutForm, 'startsOn' | 'endsOn'>, work: Work): void {
  const days = settings(work).PRICE_CUT_MAX_DAYS;
  if (startsOn < work.today) throw inThePast({ date: startsOn }, { field: 'startsOn' });
  if (endsOn <= startsOn) throw notAfterStart({ date: endsOn }, { field: 'endsOn' });
  if (endsOn >= work.calendar.addDays(startsOn, days)) throw tooLong({ days }, { field: 'endsOn' });
}

function requireOneCut({ percentOff, cutPrice, families, productCodes }: CutForm): void {
  if (families.length + productCodes.length === 0) throw nothingCut({}, { field: 'productCodes' });
  if ((percentOff === undefined) === (cutPrice === undefined)) throw eitherOr({}, { field: 'percentOff' });
  if (cutPrice !== undefined && families.length > 0) throw priceOfFamily({}, { field: 'families' });
  if (percentOff === undefined) return;
  const percent = Percentage.of(percentOff);
  if (!percent.isPositive() || percent.compare(Percentage.hundred) >= 0) throw noCut({}, { field: 'percentOff' });
}

async function requireRegions(work: Work, ids: readonly string[]): Promise<void> {
  const rows = await work.query<{ id: string }>('SELECT id FROM known_region WHERE id = ANY($1)', [ids]);
  const known = new Set(rows.map(({ id }) => id));
  const unknown = ids.findIndex((id) => !known.has(id));
  if (unknown >= 0) throw unknownRegion({}, { field: `regionIds.${unknown}` });
}

async function requireFamilies(work: Work, families: readonly string[]): Promise<void> {
  const rows = await work.query<{ family: string }>(
    'SELECT family FROM unnest($1::text[]) f(family) WHERE EXISTS (SELECT FROM product p WHERE p.family = f.family)',
    [families],
  );
  const known = new Set(rows.map(({ family }) => family));
  const unknown = families.findIndex((family) => !known.has(family));
  if (unknown >= 0) throw unknownFamily({ family: families[unknown]! }, { field: `families.${unknown}` });
}

/** Each is on sale, has a list price on the first day, and costs less by the cut. */
async function requireProducts(work: Work, { productCodes, cutPrice, startsOn }: CutForm) {
  const found = await termsOf(work, { codes: productCodes }, startsOn, settings(work).STANDARD_TAX_RATE);
  const byCode = new Map(found.map((terms) => [terms.code, terms]));
  const bases = new Set(found.flatMap(({ list }) => list?.taxIncluded ?? []));
  if (cutPrice !== undefined && bases.size > 1) throw mixedTax({}, { field: 'productCodes' });
  const products = productCodes.map((code, i) => {
    const at = { field: `productCodes.${i}` };
    const terms = byCode.get(code);
    if (!terms) throw unknownProduct({ product: code }, at);
    if (!terms.active) throw retiredProduct({ product: code }, at);
    if (!terms.list) throw noListPrice({ product: code, date: startsOn }, at);
    if (cutPrice !== undefined && UnitPrice.of(cutPrice).compare(terms.list.price) >= 0)
      throw noCut({}, { field: 'cutPrice' });
    return terms.id;
  });
  return { products, taxIncluded: cutPrice === undefined ? null : ([...bases][0] ?? null) };
}

/** One at a time decides on overlaps. */
export const lockCuts = (work: Work) => work.query(`SELECT pg_advisory_xact_lock(hashtext('price cuts'))`);

/** @throws overlaps naming a cut, approved or running, of one of the products for customers of one of the regions */
export async function requireAlone(work: Work, cut: PriceCut): Promise<void> {
  const { id, products, families, regions, startsOn, endsOn } = cut;
  const [other] = await work.query<{ number: string }>(overlapping, [
    id,
    startsOn,
    endsOn,
    regions,
    products,
    families,
  ]);
  if (other) throw overlaps({ number: other.number }, { field: 'startsOn' });
}

/** $1 itself, $2 first day, $3 last, $4 regions, $5 products, $6 families. Regions share customers where one lies in the other. */
const overlapping = `
WITH RECURSIVE above AS (
  SELECT id, parent FROM known_region WHERE id = ANY($4::uuid[])
  UNION SELECT r.id, r.parent FROM known_region r JOIN above a ON r.id = a.parent),
below AS (
  SELECT id FROM known_region WHERE id = ANY($4::uuid[])
  UNION SELECT r.id FROM known_region r JOIN below b ON r.parent = b.id)
SELECT c.number FROM price_cut c
WHERE c.id <> $1 AND c.state IN ('approved', 'running') AND c.starts_on <= $3 AND c.ends_on >= $2
  AND c.regions && (SELECT array_agg(id) FROM (SELECT id FROM above UNION SELECT id FROM below) r)
  AND (c.products && $5::uuid[] OR c.families && $6::text[]
    OR EXISTS (SELECT FROM product p WHERE p.id = ANY($5::uuid[]) AND p.family = ANY(c.families))
    OR EXISTS (SELECT FROM product p WHERE p.id = ANY(c.products) AND p.family = ANY($6::text[])))
ORDER BY c.starts_on, c.id LIMIT 1`;

const inThePast = domainError({
  code: 'orders.price-cut.in-the-past',
  kind: 'unprocessable',
  rule: 'O-14',
  en: 'A price cut can not start in the past ({date}).',
  zh: '短期削价的开始日期（{date}）不得早于今天。',
});
const notAfterStart = domainError({
  code: 'orders.price-cut.not-after-start',
  kind: 'unprocessable',
  rule: 'O-14',
  en: 'A price cut ends after its start, not on {date}.',
  zh: '短期削价的结束日期（{date}）必须晚于开始日期。',
});
const tooLong = domainError({
  code: 'orders.price-cut.too-long',
  kind: 'unprocessable',
  rule: 'O-14',
  en: 'A short price cut holds for {days} days at most; what is to last is a change of the price list (O-13).',
  zh: '短期削价最长{days}天；长期降价须变更价目表（O-13）。',
});
const nothingCut = domainError({
  code: 'orders.price-cut.nothing-cut',
  kind: 'unprocessable',
  rule: 'O-14',
  en: 'A price cut names its products, or families of them.',
  zh: '短期削价须列明产品或产品系列。',
});
const eitherOr = domainError({
  code: 'orders.price-cut.percent-or-price',
  kind: 'unprocessable',
  rule: 'O-14',
  en: 'A price cut states either what is taken off in percent, or the price.',
  zh: '短期削价须填写降价百分比或削价后单价，二者填其一。',
});
const priceOfFamily = domainError({
  code: 'orders.price-cut.price-of-family',
  kind: 'unprocessable',
  rule: 'O-14',
  en: 'One price can not hold for a whole family; state the percentage.',
  zh: '整个产品系列不能使用同一单价，请填写降价百分比。',
});
const noCut = domainError({
  code: 'orders.price-cut.no-cut',
  kind: 'unprocessable',
  rule: 'O-14',
  en: 'The price must be below the list, and more than nothing must be left of it.',
  zh: '削价后的价格必须低于统一报价，且降价百分比须小于100%。',
});
const mixedTax = domainError({
  code: 'orders.price-cut.mixed-tax',
  kind: 'unprocessable',
  rule: 'O-14',
  en: 'Some of these lists include tax and some do not: one price can not hold for both.',
  zh: '所选产品的价目表有含税与不含税之分，不能使用同一单价。',
});
const unknownRegion = domainError({
  code: 'orders.price-cut.unknown-region',
  kind: 'unprocessable',
  rule: 'O-14',
  en: 'There is no such region.',
  zh: '不存在该区域。',
});
const unknownFamily = domainError({
  code: 'orders.price-cut.unknown-family',
  kind: 'unprocessable',
  rule: 'O-14',
  en: 'There is no product of the family {family}.',
  zh: '不存在系列为{family}的产品。',
});
const overlaps = domainError({
  code: 'orders.price-cut.overlaps',
  kind: 'conflict',
  rule: 'O-14',
  en: '{number} cuts one of these products for one of these regions at that time.',
  zh: '{number}已在同一时间对相同产品和区域削价。',
});
