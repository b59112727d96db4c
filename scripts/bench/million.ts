import type { ClientBase } from 'pg';

/**
 * A million orders, filled in by SQL as the years would have left them: distributors, products, sellers and regions of
 * very different weight, most orders done with, a few thousand still under way or held. Ids, numbers and days rise together.
 */
export interface Company {
  /** leaves of the tree of regions: distributors belong to these */
  readonly regions: readonly string[];
  readonly sellers: readonly string[];
}

const YEARS = 3;

export async function fillOrders(client: ClientBase, count: number, { regions, sellers }: Company): Promise<void> {
  const indexes = await dropIndexes(client);
  await fillMaster(client, regions);
  await client.query('SELECT setseed(0.5)');
  await client.query(ordersOf, [count, YEARS, sellers]);
  await client.query(linesOf);
  for (const index of indexes) await client.query(index);
  await client.query('VACUUM (ANALYZE)');
}

/** 3,000 distributors `JXS00001` on, 2,000 products `TILE-0001` on. */
export async function fillMaster(client: ClientBase, regions: readonly string[]): Promise<void> {
  await client.query(distributors, [regions]);
  await client.query(products);
}

/** What keeps no promise of uniqueness, made again once the rows are in. @returns how */
async function dropIndexes(client: ClientBase): Promise<string[]> {
  const { rows } = await client.query<{ name: string; text: string }>(
    `SELECT i.indexrelid::regclass::text AS name, pg_get_indexdef(i.indexrelid) AS text FROM pg_index i
     WHERE i.indrelid IN ('"order"'::regclass, 'order_line'::regclass) AND NOT i.indisunique`,
  );
  for (const { name } of rows) await client.query(`DROP INDEX ${name}`);
  return rows.map(({ text }) => text);
}

/** The share of the first is the largest: of n, about one in ln(n). */
const skewed = (n: string) => `floor(exp(random() * ln(${n})))::int`;

const distributors = `
INSERT INTO known_distributor (id, code, name, region, segment, class, terms, payment_days, state)
SELECT uuidv7(), 'JXS' || lpad(n::text, 5, '0'),
  (ARRAY['重庆','成都','贵阳','昆明','西安','武汉','长沙','南宁'])[1 + n % 8] ||
  (ARRAY['鸿运','嘉和','恒丰','天成','瑞祥','金鼎','永盛','万家','百川','福临','兴隆','广源'])[1 + n % 11 + n % 2] ||
  (ARRAY['建材','陶瓷','装饰','石材'])[1 + n % 4] || (ARRAY['有限公司','经营部','商行'])[1 + n % 3],
  ($1::uuid[])[1 + n * 7 % cardinality($1::uuid[])], 'regional-distributor', (ARRAY['A','B','C'])[1 + n % 3], 'credit', 30, 'active'
FROM generate_series(1, 3000) n`;

const products = `
INSERT INTO product (id, state, version, events, created_by, created_at, entered_at, approvals, code, name, specification, grade, colour_number, family, sales_unit)
SELECT uuidv7(), 'active', 1, 1, 'system', now(), now(), '[]', 'TILE-' || lpad(n::text, 4, '0'), 'Tile ' || n, '600×600', 'A', 'C' || n % 40, 'family ' || n % 12, 'm²'
FROM generate_series(1, 2000) n`;

const ordersOf = `
WITH known AS MATERIALIZED (SELECT array_agg(id ORDER BY code) AS ids, array_agg(code ORDER BY code) AS codes, array_agg(region ORDER BY code) AS regions FROM known_distributor WHERE code LIKE 'JXS%'),
drawn AS (
  SELECT n, now() - make_interval(secs => ($1 - n) * ($2 * 365 * 86400.0 / $1)) AS at, ${skewed('3000')} AS d, ${skewed('cardinality($3::text[])')} AS s, random() AS r, random() AS q
  FROM generate_series(1, $1::int) n)
INSERT INTO "order" (id, state, version, events, region, created_by, owner, created_at, entered_at, approvals, number, distributor, distributor_code, segment, channel,
  ordered_on, promised_on, reference, partial_allowed, net, tax, gross, unshipped, holds, held_once, price_cleared, submitted_at, historic, findings)
SELECT uuidv7(at - now()), state, 3, 3, k.regions[d], person, person, at, at, '[]', 'DD-' || to_char(at, 'YYYY') || '-' || lpad(n::text, 7, '0'), k.ids[d], k.codes[d],
  'regional-distributor', CASE WHEN q < 0.80 THEN 'direct' WHEN q < 0.97 THEN 'telephone' WHEN q < 0.9995 THEN 'shop' ELSE 'online' END, at::date,
  CASE WHEN state <> 'draft' THEN at::date + (3 + 40 * q * q * q)::int END, CASE WHEN q > 0.3 THEN 'PO-' || n % 400000 END, true, 1500, 195, 1695,
  CASE WHEN state IN ('allocated', 'backordered', 'partially-shipped') THEN 1695 ELSE 0 END,
  CASE WHEN state = 'on-hold' THEN ARRAY[CASE WHEN q < 0.6 THEN 'credit' WHEN q < 0.95 THEN 'price' ELSE 'stock' END] ELSE '{}' END, state = 'on-hold', 'band', at, false, '[]'
FROM known k, LATERAL (SELECT *, ($3::text[])[s] AS person,
  CASE WHEN at > now() - interval '14 days' THEN (ARRAY['draft','on-hold','allocated','backordered','partially-shipped','shipped','delivered','completed'])[1 + floor(r * 8)::int]
       WHEN r < 0.0005 THEN 'on-hold' WHEN r < 0.002 THEN 'backordered' WHEN r < 0.04 THEN 'cancelled' ELSE 'completed' END AS state FROM drawn) drawn
ORDER BY n`;

const linesOf = `
WITH known AS MATERIALIZED (SELECT array_agg(id ORDER BY code) AS ids, array_agg(code ORDER BY code) AS codes, array_agg(family ORDER BY code) AS families FROM product WHERE code LIKE 'TILE-%')
INSERT INTO order_line (order_id, line, product, product_code, family, quantity, list_price, unit_price, discount, gift, deviation, tax_rate, tax_included, net, tax, gross, allocated, issued, shipped)
SELECT id, line, k.ids[p], k.codes[p], k.families[p], 10, 50, 50, 0, false, 0, 13, false, 500, 65, 565, 0, 0, 0
FROM known k, LATERAL (SELECT o.id, line, ${skewed('2000')} AS p FROM "order" o, generate_series(1, 1 + get_byte(uuid_send(o.id), 15) % 5) line) drawn`;
