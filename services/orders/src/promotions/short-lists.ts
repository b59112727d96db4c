import { domainError } from '@fenxiao/domain/domain-error';
import type { Work } from '@fenxiao/service-kit/work';
import { settings } from '../config.js';

/**
 * O-14 No short lists 短期削价不得变更价目表: a price that falls only to rise again is a price cut, not a list change. So a
 * version is refused, when it is submitted and when it is approved, if it lowers the price of a product that a later
 * version, proposed or approved, raises again within the longest duration of a cut. Prices are compared before tax.
 * A raise is never refused: whether it was meant when the price fell, nobody can tell.
 * @throws shortCut naming the product and the later version
 */
export async function requireLasting(work: Work, list: string): Promise<void> {
  const { PRICE_CUT_MAX_DAYS: days, STANDARD_TAX_RATE: rate } = settings(work);
  const [found] = await work.query<{ product: string; later: string; from: string }>(risesAgain, [list, rate, days]);
  if (found) throw shortCut({ ...found, days }, { field: 'validFrom' });
}

/** A list price before tax: of a line `x`, its list `b`, by the rate of tax that the row `t` says. */
const net = (line: string, list: string) =>
  `CASE WHEN ${list}.tax_included THEN ${line}.price / (1 + coalesce(t.rate, $2::numeric) / 100) ELSE ${line}.price END`;

const risesAgain = `
SELECT p.code AS product, later.code || ' ' || later.version_number AS later, later.valid_from::text AS "from"
FROM price_list h JOIN price_list_line l ON l.price_list = h.id JOIN product p ON p.id = l.product
LEFT JOIN LATERAL (SELECT rate FROM tax_rate WHERE product = l.product AND valid_from <= h.valid_from ORDER BY valid_from DESC LIMIT 1) t ON true
CROSS JOIN LATERAL (SELECT ${net('l', 'h')} AS price) own
JOIN LATERAL (
  SELECT ${net('x', 'b')} AS price FROM price_list_line x JOIN price_list b ON b.id = x.price_list
  WHERE x.product = l.product AND b.state = 'approved' AND b.id <> h.id AND b.valid_from <= h.valid_from
  ORDER BY b.valid_from DESC, b.version_number DESC LIMIT 1) until ON until.price > own.price
JOIN LATERAL (
  SELECT b.code, b.version_number, b.valid_from FROM price_list_line x JOIN price_list b ON b.id = x.price_list
  WHERE x.product = l.product AND b.state IN ('submitted', 'approved') AND b.valid_from > h.valid_from
    AND b.valid_from <= h.valid_from + $3::int AND ${net('x', 'b')} > own.price
  ORDER BY b.valid_from LIMIT 1) later ON true
WHERE h.id = $1 ORDER BY p.code LIMIT 1`;

const shortCut = domainError({
  code: 'orders.price-list.short-cut',
  kind: 'unprocessable',
  rule: 'O-14',
  en: 'The price of {product} would fall only until {from} ({later}); a cut of {days} days or less is a price cut (/price-cuts), not a change of the list.',
  zh: '产品{product}的价格仅降至{from}（{later}）；{days}天以内的降价须按短期削价（/price-cuts）办理，不得变更价目表。',
});
