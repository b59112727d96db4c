import type { ClientBase } from 'pg';

/**
 * A million quality complaints, filled in by SQL as the years would have left them: customers, products, defects and regions of
 * very different weight, one in twenty still open. Ids, numbers and days rise together.
 */
export interface Company {
  readonly regions: readonly string[];
  readonly sellers: readonly string[];
  readonly handlers: readonly string[];
}

const YEARS = 3;

/** The share of the first is the largest: of n, about one in ln(n). */
const skewed = (n: string) => `floor(exp(random() * ln(${n})))::int`;
const of = (texts: readonly string[], index: string) => `(ARRAY['${texts.join("','")}'])[${index}]`;
const defects = ['色差', '破损', '尺寸偏差', '表面针孔', '缺棱掉角', '空鼓', '错发', '其他'];
const open = [
  'notified',
  'logged',
  'acknowledged',
  'cause-confirmed',
  'decision',
  'resolving',
  'waiting-for-customer',
  'reopened',
];
const severities = `CASE WHEN q < 0.6 THEN 'minor' WHEN q < 0.9 THEN 'medium' WHEN q < 0.99 THEN 'serious' ELSE 'grave' END`;

export async function fillComplaints(client: ClientBase, count: number, company: Company): Promise<void> {
  const { rows: indexes } = await client.query<{ name: string; text: string }>(
    `SELECT i.indexrelid::regclass::text AS name, pg_get_indexdef(i.indexrelid) AS text FROM pg_index i
     WHERE i.indrelid = 'complaint'::regclass AND NOT i.indisunique`,
  );
  for (const { name } of indexes) await client.query(`DROP INDEX ${name}`);
  await client.query('SELECT setseed(0.5)');
  await client.query(complaintsOf, [count, YEARS, company.regions, company.sellers, company.handlers]);
  for (const { text } of indexes) await client.query(text);
  await client.query('VACUUM (ANALYZE)');
}

const complaintsOf = `
WITH customers AS MATERIALIZED (SELECT array_agg(uuidv7()) AS ids FROM generate_series(1, 3000)),
products AS MATERIALIZED (SELECT array_agg(uuidv7()) AS ids FROM generate_series(1, 2000)),
drawn AS (
  SELECT n, now() - make_interval(secs => ($1 - n) * ($2 * 365 * 86400.0 / $1) + 60) AS at, ${skewed('3000')} AS d, ${skewed('2000')} AS p,
    ${skewed('cardinality($4::text[])')} AS s, ${skewed('9')} AS f, random() AS r, random() AS q
  FROM generate_series(1, $1::int) n),
stated AS (
  SELECT *, CASE WHEN n <= $1 * 0.93 THEN CASE WHEN r < 0.9 THEN 'archived' ELSE 'rejected' END
    WHEN r < 0.9 THEN ${of(open, `1 + least(floor(r * 9)::int, 7)`)} ELSE ${of(['resolved', 'followed-up'], '1 + floor(q * 2)::int')} END AS state
  FROM drawn)
INSERT INTO complaint (id, state, version, events, region, created_by, owner, created_at, entered_at, approvals, number, channel, severity, received_at, received_on,
  handler, handler_role, key_account, distributor, distributor_code, receipt, order_number, product, product_code, family, product_name, specification,
  grade, colour_number, batch, quantity, purchased_on, defect, description, areas, cause, finding, verdict, judged_on, evidence, remedy, estimated_cost,
  actual_cost, limits, response_minutes, resolution_minutes, informed_on, informed_by, satisfied, score)
SELECT uuidv7(at - now()), state, 8, 8, ($3::uuid[])[1 + d * 7 % cardinality($3::uuid[])], ($4::text[])[s], ($4::text[])[s], at, at, '[]',
  'TS-' || to_char(at, 'YYYY') || '-' || lpad(n::text, 7, '0'), 'telephone', ${severities}, at, at::date,
  ($5::uuid[])[CASE WHEN d % 10 = 1 THEN 2 ELSE 1 END], CASE WHEN d % 10 = 1 THEN 'deputy-general-manager-sales' ELSE 'sales-manager' END, d % 10 = 1,
  customers.ids[d], 'JXS' || lpad(d::text, 5, '0'), 'CH-' || n % 400000, 'DD-' || n % 400000, products.ids[p], 'TILE-' || lpad(p::text, 4, '0'), 'family ' || p % 12,
  'Tile ' || p, '600×600', 'A', 'C' || p % 40, 'B' || n % 20000, 10, at::date - 20, ${of(defects, 'f')}, 'Two shades in one room, seen by daylight.', '["production"]',
  CASE WHEN closed THEN 'production' END, CASE WHEN closed THEN 'Two batches were mixed.' END,
  CASE WHEN state = 'rejected' THEN 'not-justified' WHEN closed AND q < 0.8 THEN 'justified' WHEN closed THEN 'partly' END, CASE WHEN closed THEN at::date + 3 END,
  CASE WHEN closed THEN 'Photographs and a sample.' END, CASE WHEN closed THEN 'replace' END, CASE WHEN closed THEN 500 END, CASE WHEN closed THEN 480 END,
  '{"acknowledge":120,"notify":120,"cause":1440,"judge":960,"decide":480,"resolve":2400,"inform":480}', 40, CASE WHEN closed THEN 1800 END,
  CASE WHEN closed THEN at::date + 6 END, CASE WHEN closed THEN 'telephone' END, CASE WHEN closed THEN true END, CASE WHEN closed THEN 4 END
FROM customers, products, (SELECT *, state IN ('archived', 'rejected', 'resolved', 'followed-up') AS closed FROM stated) stated
ORDER BY n`;

/** Which clocks end when; all others run for days. */
export interface Ends {
  readonly start: Date;
  /** so many end one by one over `seconds` from `start` */
  readonly spread: number;
  readonly seconds: number;
  /** and so many at one instant a minute later */
  readonly atOnce: number;
}

/** The move whose clock runs in a state. */
const moves = {
  logged: 'acknowledge',
  acknowledged: 'notifyDepartments',
  reopened: 'notifyDepartments',
  notified: 'confirmCause',
  'cause-confirmed': 'judge',
  decision: 'decide',
  resolving: 'resolve',
};

/** Clocks of open complaints: of those that end, the many are to be acknowledged, the others wait for their cause. */
export async function fillClocks(client: ClientBase, running: number, ends: Ends): Promise<void> {
  const { start, spread, seconds, atOnce } = ends;
  const { rowCount } = await client.query(
    `WITH found AS (
       SELECT id, state, row_number() OVER (PARTITION BY state ORDER BY id DESC) AS n FROM complaint WHERE $6::jsonb ? state),
     timed AS (
       SELECT *, CASE WHEN state = 'notified' AND n <= $3 THEN $2::timestamptz + make_interval(secs => n * $4::float8 / $3)
         WHEN state = 'logged' AND n <= $5 THEN $2::timestamptz + make_interval(secs => $4 + 60)
         ELSE now() + make_interval(hours => 24 + (n % 90)::int) END AS due
       FROM found ORDER BY due LIMIT $1)
     INSERT INTO clock (procedure, subject, move, rule, state, started_at, warnings, due_at, next_at, calendar)
     SELECT 'complaint', id, $6::jsonb->>state, 'C-03', state, now(), '{}', due, due, revision FROM timed, calendar_revision`,
    [running, start, spread, seconds, atOnce, JSON.stringify(moves)],
  );
  if (rowCount !== running) throw new Error(`only ${rowCount} open complaints`);
  await client.query('VACUUM (ANALYZE) clock');
}

const pick = (texts: readonly string[], index: string) => `['${texts.join("','")}'][toUInt8(${index})]`;
const facts = [
  'logged',
  'acknowledged',
  'department-notified',
  'cause-found',
  'verdict-given',
  'decided',
  'resolved',
  'customer-informed',
  'followed-up',
  'archived',
];
const stamped = (count: number) =>
  `map(${facts
    .slice(0, count)
    .map((fact, i) => `'${fact}', at + ${i * i * 10_000}`)
    .join(', ')})`;
/** The share of the first is the largest; the same for the same number, however often it is asked. */
const chance = (of: string, stream: number, most: number) =>
  `exp(sipHash64(${of}, ${stream}) / 18446744073709551616. * log(${most}))`;
const nullAtOpen = (value: string) => `if(is_open, NULL, ${value})`;
const asOf = (value: string) => `argMaxState(toNullable(${value}), toUInt64(8))`;

/** The columns of `complaint_facts` and what each is made of; the others are empty. */
const columns = {
  kind: `if(i % 10 < 8, 'quality', if(i % 10 = 8, 'service', 'after-sales'))`,
  received_on: 'toDate(at)',
  region_id: 'region',
  id: 'about',
  number: `concat('TS-', toString(i))`,
  received_at: 'at',
  distributor_code: `concat('JXS', leftPad(toString(d), 5, '0'))`,
  channel: `'telephone'`,
  product_code: `concat('TILE-', leftPad(toString(p), 4, '0'))`,
  family: `concat('family ', toString(p % 12))`,
  grade: `'A'`,
  colour_number: `concat('C', toString(p % 40))`,
  batch: `concat('B', toString(i % 20000))`,
  defect: pick(defects, chance('i', 3, 9)),
  quantity: 'toDecimal64(10, 3)',
  severity: asOf(pick(['minor', 'medium', 'serious', 'grave'], '1 + i % 4')),
  state: asOf(`if(is_open, 'notified', 'archived')`),
  cause: asOf(nullAtOpen(`'production'`)),
  verdict: asOf(nullAtOpen(`if(i % 7 = 0, 'not-justified', 'justified')`)),
  remedy: asOf(nullAtOpen(`'replace'`)),
  estimated_cost: asOf(nullAtOpen('toDecimal64(480, 2)')),
  actual_cost: asOf(nullAtOpen('toDecimal64(480, 2)')),
  satisfied: asOf(nullAtOpen(`CAST(i % 20 != 0, 'Bool')`)),
  score: asOf(nullAtOpen('toUInt8(1 + i % 5)')),
  repeat: 'toUInt32(2 * (i % 40 = 0))',
  response_minutes: 'toUInt32(20 + i % 300)',
  notice_minutes: 'toUInt32(10 + i % 40)',
  decision_minutes: nullAtOpen('toUInt32(200 + i % 3000)'),
  resolution_minutes: nullAtOpen('toUInt32(800 + i % 6000)'),
  waited_minutes: 'toUInt32(0)',
  informed_on: nullAtOpen('toDate(at) + 6'),
  decided_by: `'sales-manager'`,
  fact_times: `if(is_open, ${stamped(3)}, ${stamped(10)})`,
  events: 'groupBitmapState(toUInt32(8))',
};

/**
 * As many complaints in ClickHouse, each as it stands after its facts, closed but for one in twenty, and the moves of each; then what
 * has become of the latest in ten small parts, as they lie beside the large ones before they are merged.
 */
export const complaintFacts = (count: number): string[] => {
  const now = new Date().toISOString().slice(0, 19).replace('T', ' ');
  const drawn = (from: number, to: number) =>
    `SELECT number AS i, toDateTime64('${now}', 3, 'UTC') - toUInt64((${count} - number) * ${YEARS * 365 * 86_400} / ${count}) - 60 AS at,
     reinterpretAsUUID(sipHash128(number)) AS about, i > ${count * 0.95} AS is_open, toUInt32(${chance('number', 1, 3000)}) AS d,
     toUInt32(${chance('number', 2, 2000)}) AS p, toUUID(concat('00000000-0000-4000-8000-0000000000', toString(10 + d * 7 % 24))) AS region
     FROM numbers(${from}, ${to - from})`;
  const rows = (from: number, to: number) =>
    `INSERT INTO complaint_facts (${Object.keys(columns).join()}) SELECT ${Object.entries(columns)
      .map(([name, text]) => `${text} AS c_${name}`)
      .join()} FROM (${drawn(from, to)}) GROUP BY i, at, about, is_open, d, p, region`;
  return [
    rows(0, count),
    'OPTIMIZE TABLE complaint_facts FINAL',
    ...Array.from({ length: 10 }, (_, i) => rows(count - (i + 1) * 2000, count - i * 2000)),
    `INSERT INTO moves (kind, service, procedure, move, from_state, to_state, subject_id, actor, role, region_id, rule, entered_at, due_at, time, day)
     SELECT if(nth = 5 AND i % 20 = 0, 'breach', 'move'), 'complaints', 'complaint', f, '', f, about, 'x', 'sales-manager', region, 'C-01', at, at + 86400, at + nth * nth * 10000 AS t, toDate(t)
     FROM (${drawn(0, count)}) ARRAY JOIN ['${facts.join("','")}'] AS f, range(10) AS nth WHERE NOT is_open`,
  ];
};
