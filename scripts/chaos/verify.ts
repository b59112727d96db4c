import type { ClickHouseClient } from '@clickhouse/client';
import { holds, compareFacts, compareMoney } from '../../services/analytics/src/reconcile.js';
import { connect, rows } from '../../services/analytics/src/store.js';
import { verifyChain } from '@fenxiao/service-kit/audit';
import type { Poison } from './faults.js';
import type { Acknowledged } from './load.js';
import type { Rig } from './rig.js';

/** Services that keep subjects of procedures. */
const services = ['appraisals', 'complaints', 'distributors', 'orders', 'planning'] as const;
/** Everybody with an outbox, an audit trail and marks. */
const everybody = [...services, 'analytics', 'console'] as const;

/** What must be true once everything has come to rest. */
export interface Truth {
  readonly acknowledged: readonly Acknowledged[];
  readonly poison: readonly Poison[];
  /** before the first request: what came in by import earlier has no audit of every move */
  readonly since: Date;
}

/** Whatever does not hold, in words; nothing when all of it does. */
export async function differences(rig: Rig, truth: Truth): Promise<string[]> {
  const notReady = await rig.notReady();
  if (notReady.length > 0) return [`not ready: ${notReady.join(', ')}`];
  const restless = await unrest(rig);
  if (restless.length > 0) return restless;
  const store = connect(await rig.clickhouse());
  try {
    const found: string[] = [];
    for (const check of [
      ...services.flatMap((service) => [
        () => acknowledgedIsKept(rig, service, truth.acknowledged),
        () => sequencesAreWhole(rig, service),
      ]),
      () => auditIsWhole(rig),
      () => stockAndAccountsAddUp(rig),
      () => logIsInStore(rig, store),
      () => deadLettersAreCounted(rig, store, truth.poison),
      () => factsSayTheSame(rig, store, truth.since),
    ])
      found.push(...(await check()));
    return found;
  } finally {
    await store.close();
  }
}

/** How far each service is in what it reads. */
const marks = everybody
  .map((name) => `SELECT '${name}' AS grp, topic, part, off FROM ${name}.mark`)
  .join(' UNION ALL ');

/** What is still on its way: outboxes, marks, batches, links of the audit chain. */
async function unrest(rig: Rig): Promise<string[]> {
  const waiting = everybody.map(
    (name) =>
      `SELECT '${name}' AS name, (SELECT count(*) FROM ${name}.outbox)::int AS outbox, (SELECT count(*) FROM ${name}.audit_queue)::int AS links`,
  );
  const queued = await rig.sql<{ name: string; outbox: number; links: number }>(waiting.join(' UNION ALL '));
  const behind = await rig.sql<{ grp: string; topic: string; part: number; behind: number }>(
    `WITH marks AS (${marks} UNION ALL SELECT 'analytics-sink', topic, part, applied FROM analytics.sink_mark)
     SELECT r.grp, p.topic, p.part, (p.next - 1 - coalesce(m.off, 0))::int AS behind
     FROM (SELECT DISTINCT grp, topic FROM marks) r JOIN event_log.partition p USING (topic) LEFT JOIN marks m USING (grp, topic, part)
     WHERE p.next - 1 <> coalesce(m.off, 0)`,
  );
  return [
    ...queued.flatMap(({ name, outbox, links }) => [
      ...(outbox > 0 ? [`${outbox} rows wait in the outbox of ${name}`] : []),
      ...(links > 0 ? [`${links} links of the audit chain of ${name} are to be made`] : []),
    ]),
    ...behind.map(({ grp, topic, part, behind: by }) => `${grp} is ${by} behind in ${topic}/${part}`),
  ];
}

/** Acknowledged = PostgreSQL: every answer is kept, every move was made once, and nothing beside. */
async function acknowledgedIsKept(rig: Rig, service: string, all: readonly Acknowledged[]): Promise<string[]> {
  const done = all.filter((entry) => entry.service === service && entry.status < 300);
  const kept = await rig.sql<{ key: string; status: number; id: string }>(
    // an answer that tells of people is sealed under its subject's key
    `SELECT key, status, CASE WHEN body LIKE 'sealed:%' THEN split_part(body, ':', 2) ELSE body::jsonb->>'id' END AS id
     FROM ${service}.idempotency WHERE key LIKE 'chaos-%'`,
  );
  const answers = new Map(kept.map((row) => [row.key, `${row.status} ${row.id}`]));
  const lost = done.filter(({ key, status, id }) => answers.get(key) !== `${status} ${id}`);
  const extra = answers.size - done.length;

  const ids = [...new Set(done.map(({ id }) => id!))];
  const subjects = await subjectsOf(rig, service);
  const older = done.filter(({ id, version, state }) => {
    const now = subjects.get(id!);
    return !now || now.version < version! || (now.version === version && now.state !== state);
  });
  const refused = all.filter((entry) => entry.service === service && entry.code);
  const [told] = await rig.sql<{ n: number }>(
    `SELECT count(*)::int AS n FROM ${service}.audit WHERE outcome = 'refused'`,
  );
  const moves = await rig.sql<{ move: string; n: number }>(
    `SELECT a.subject || ' ' || a.move AS move, count(*)::int AS n FROM ${service}.audit a JOIN unnest($1::uuid[]) i(id) ON i.id = a.subject
     WHERE a.outcome = 'done' AND a.role <> 'system' GROUP BY 1`,
    [ids],
  );
  const made = new Map(moves.map(({ move, n }) => [move, n]));
  const asked = Map.groupBy(done, ({ id, move }) => `${id} ${move}`);
  const counted = [...new Set([...made.keys(), ...asked.keys()])].filter(
    (move) => (made.get(move) ?? 0) !== (asked.get(move)?.length ?? 0),
  );
  return [
    ...some(
      'acknowledged, but the answer is not kept',
      service,
      lost.map(({ key }) => key),
    ),
    ...(lost.length === 0 && extra !== 0 ? [`${service} keeps ${extra} answers nobody got`] : []),
    ...some(
      'acknowledged, but older or gone now',
      service,
      older.map(({ key, id }) => `${key} ${id}`),
    ),
    ...(told!.n >= refused.length ? [] : [`${service}: ${refused.length} refusals, ${told!.n} in the audit`]),
    ...some('not made exactly as often as acknowledged', service, counted),
  ];
}

interface Kept {
  readonly id: string;
  readonly state: string;
  readonly version: number;
  readonly events: number;
}

/** Every subject of the service's procedures, from whatever tables it has. */
async function subjectsOf(rig: Rig, service: string): Promise<Map<string, Kept>> {
  const tables = await rig.sql<{ name: string }>(
    `SELECT format('%I.%I', table_schema, table_name) AS name FROM information_schema.columns
     WHERE table_schema = $1 AND column_name IN ('id', 'state', 'version', 'events') GROUP BY table_schema, table_name HAVING count(*) = 4`,
    [service],
  );
  const selects = tables.map(({ name }) => `SELECT id, state, version, events FROM ${name}`);
  const all = await rig.sql<Kept>(selects.join(' UNION ALL '));
  return new Map(all.map((row) => [row.id, row]));
}

/** PostgreSQL = log: the events of every aggregate are in the log once each, numbered from 1 without a gap, and in order. */
async function sequencesAreWhole(rig: Rig, service: string): Promise<string[]> {
  const logged = await rig.sql<{ key: string; n: number; last: number; ordered: boolean }>(
    `SELECT key, count(*)::int AS n, max(sequence)::int AS last, bool_and(sequence = nth) AS ordered
     FROM (SELECT key, (headers::jsonb->>'sequence')::int AS sequence, row_number() OVER (PARTITION BY key ORDER BY off) AS nth
           FROM event_log.record WHERE topic = $1 AND key NOT LIKE 'poison-%') r GROUP BY key`,
    [`fenxiao.${service}`],
  );
  const inLog = new Map(logged.map((row) => [row.key, row]));
  const gaps = logged.filter(({ n, last, ordered }) => n !== last || !ordered).map(({ key }) => key);
  const missing = [...(await subjectsOf(rig, service)).values()]
    .filter(({ id, events }) => (inLog.get(id)?.last ?? 0) !== events)
    .map(({ id, events }) => `${id} has ${events}, ${inLog.get(id)?.last ?? 0} in the log`);
  return [
    ...some('events with gaps, repeats or out of order', service, gaps),
    ...some('events missing in the log', service, missing),
  ];
}

/** no link of any chain is broken, and no row is outside it. */
async function auditIsWhole(rig: Rig): Promise<string[]> {
  const found: string[] = [];
  const pool = await rig.pool();
  for (const service of everybody) {
    const client = await pool.connect();
    try {
      await client.query(`SET search_path = ${service}; SET timezone = 'UTC'`);
      const { brokenAt, verified, links } = await verifyChain({
        query: async <Row extends object>(text: string, values: readonly unknown[] = []) =>
          (await client.query<Row>(text, [...values])).rows,
      });
      if (brokenAt || verified !== links)
        found.push(`the audit chain of ${service} is broken: ${JSON.stringify(brokenAt)}, ${verified} of ${links}`);
    } finally {
      client.release(true);
    }
  }
  return found;
}

/** Stock is never negative, what is reserved is reserved for somebody, and every fen of every receipt is somewhere. */
async function stockAndAccountsAddUp(rig: Rig): Promise<string[]> {
  const wrong = await rig.sql<{ what: string; n: number }>(`
    SELECT * FROM (
      SELECT 'stock items with less than nothing, or reserved for nobody' AS what, count(*)::int AS n FROM orders.stock_item s
      WHERE on_hand < 0 OR reserved < 0 OR reserved > on_hand
        OR reserved <> coalesce((SELECT sum(quantity) FROM orders.reservation r WHERE r.stock_item = s.id), 0)
          + coalesce((SELECT sum(l.quantity) FROM orders.shipment_line l JOIN orders.shipment h ON h.id = l.shipment
                      WHERE l.stock_item = s.id AND h.state IN ('issued', 'picked')), 0)
      UNION ALL
      SELECT 'lines of orders that shipped other than their shipping orders say', count(*) FROM orders.order_line l
      JOIN orders."order" o ON o.id = l.order_id
      WHERE NOT o.historic AND l.shipped <> coalesce((SELECT sum(p.quantity) FROM orders.shipment_line p JOIN orders.shipment h ON h.id = p.shipment
        WHERE h.order_id = l.order_id AND p.order_line = l.line AND h.state IN ('shipped', 'signed')), 0)
      UNION ALL
      SELECT 'orders whose lines do not add up', count(*) FROM orders."order" o
      WHERE (net, tax, gross) IS DISTINCT FROM (SELECT (sum(net), sum(tax), sum(gross)) FROM orders.order_line l WHERE l.order_id = o.id)
      UNION ALL
      SELECT 'receipts that do not add up', count(*) FROM orders.payment p
      WHERE amount - unapplied <> coalesce((SELECT sum(amount) FROM orders.payment_match m WHERE m.payment = p.id), 0)
      UNION ALL
      SELECT 'invoices that do not add up', count(*) FROM orders.invoice i
      WHERE gross - open_amount <> (SELECT coalesce(sum(amount), 0) FROM (
        SELECT invoice, amount FROM orders.payment_match UNION ALL SELECT invoice, amount FROM orders.credit_match
        UNION ALL SELECT invoice, amount FROM orders.write_off WHERE state = 'approved') m WHERE m.invoice = i.id)
      UNION ALL
      SELECT 'credit notes that do not add up', count(*) FROM orders.credit_note n
      WHERE gross - unapplied <> coalesce((SELECT sum(amount) FROM orders.credit_match m WHERE m.credit_note = n.id), 0)
      UNION ALL
      SELECT 'goods shipped without one invoice of the same amount', count(*) FROM orders.shipment s
      WHERE NOT historic AND state IN ('shipped', 'signed') AND gross > 0
        AND (SELECT (count(*), sum(gross)) FROM orders.invoice i WHERE i.shipment = s.id) IS DISTINCT FROM (1::bigint, s.gross)
    ) t WHERE n > 0`);
  return wrong.map(({ what, n }) => `${n} ${what}`);
}

/** Log = raw_events: every record once, byte for byte. */
async function logIsInStore(rig: Rig, store: ClickHouseClient): Promise<string[]> {
  const logged = await rig.sql<{ name: string; content: string }>(
    `SELECT p.topic || '/' || p.part AS name, p.next - 1 || ' ' || coalesce(r.hash, '') AS content FROM event_log.partition p LEFT JOIN
       (SELECT topic, part, md5(string_agg(off || md5(headers || value), '' ORDER BY off)) AS hash FROM event_log.record GROUP BY topic, part) r USING (topic, part)`,
  );
  const stored = await rows<{ name: string; content: string }>(
    store,
    `SELECT concat(topic, '/', toString(partition)) AS name,
       concat(toString(count()), ' ', lower(hex(MD5(arrayStringConcat(arrayMap(r -> concat(toString(r.1), r.2), arraySort(groupArray((offset, lower(hex(MD5(concat(headers, data))))))))))))) AS content
     FROM raw_events GROUP BY topic, partition`,
  );
  const contents = new Map(stored.map(({ name, content }) => [name, content]));
  const other = logged.filter(({ name, content }) => (contents.get(name) ?? '0 ') !== content);
  return some(
    'not the same in the log and in raw_events',
    'analytics',
    other.map(({ name, content }) => `${name}: ${content} and ${contents.get(name)}`),
  );
}

/** Each poison message is a dead letter of everybody who reads it, here and there; nothing else is. */
async function deadLettersAreCounted(rig: Rig, store: ClickHouseClient, poison: readonly Poison[]): Promise<string[]> {
  const address = `(value::jsonb->'original'->>'topic') || '/' || (value::jsonb->'original'->>'partition') || '/' || (value::jsonb->'original'->>'offset')`;
  const logged = await rig.sql<{ name: string }>(
    `SELECT split_part(topic, '.', 2) || ' ' || ${address} AS name FROM event_log.record WHERE topic LIKE '%.dead'`,
  );
  const stored = await rows<{ name: string }>(
    store,
    `SELECT concat(consumer, ' ', topic, '/', toString(partition), '/', toString(offset)) AS name FROM dead_letters`,
  );
  const groups = await rig.sql<{ grp: string; topic: string }>(`SELECT DISTINCT grp, topic FROM (${marks}) m`);
  const sink = poison.map(({ topic, part, off }) => `analytics ${topic}/${part}/${off}`);
  // Who handles no such event passes the one that is against its contract; nobody passes what is no JSON.
  const certain = poison
    .filter(({ kind }) => kind === 'malformed')
    .flatMap(({ topic, part, off }) =>
      groups.filter((group) => group.topic === topic).map(({ grp }) => `${grp} ${topic}/${part}/${off}`),
    );
  const contrary = poison
    .filter(({ kind }) => kind === 'against-contract')
    .map(({ topic, part, off }) => `orders ${topic}/${part}/${off}`);
  const services = [...certain, ...contrary].toSorted();
  const inLog = logged.map(({ name }) => name).toSorted();
  const inStore = stored.map(({ name }) => name).toSorted();
  const both = [...services, ...sink].toSorted();
  return [
    ...unequal('dead letters in the log', services, inLog),
    ...unequal('dead letters in ClickHouse', both, inStore),
  ];
}

/** raw_events = facts + dead letters = rollups = PostgreSQL, in events, in moves and in fen. */
async function factsSayTheSame(rig: Rig, store: ClickHouseClient, since: Date): Promise<string[]> {
  const scope = { from: '2000-01-01', to: '2099-12-31', timeZone: 'Asia/Shanghai' };
  const compared = [...(await compareFacts(store, scope)), ...(await compareMoney(store, scope))];
  const sums = (table: string) =>
    rows<{ name: string }>(
      store,
      `SELECT concat(toString(basis), ' ', toString(booked_on), ' ', toString(sum(net)), ' ', toString(sum(tax)), ' ', toString(sum(gross))) AS name
       FROM ${table} GROUP BY basis, booked_on`,
    );
  const booked = await rig.sql<{ name: string }>(`
    SELECT concat_ws(' ', basis, day, sum(net), sum(tax), sum(gross)) AS name FROM (
      SELECT 'order' AS basis, o.ordered_on AS day, l.net, l.tax, l.gross FROM orders."order" o JOIN orders.order_line l ON l.order_id = o.id
      WHERE o.submitted_at IS NOT NULL AND o.state <> 'cancelled'
      UNION ALL
      SELECT 'ship', s.shipped_on, l.net, l.tax, l.gross FROM orders.shipment s JOIN orders.shipment_line l ON l.shipment = s.id WHERE s.state IN ('shipped', 'signed')
      UNION ALL
      SELECT 'invoice', invoiced_on, net, tax, gross FROM orders.invoice
      UNION ALL
      SELECT unnest(ARRAY['ship', 'invoice']), credited_on, -net, -tax, -gross FROM orders.credit_note
      UNION ALL
      SELECT 'receipt', received_on, amount, 0, amount FROM orders.payment) b
    GROUP BY basis, day`);
  const facts = await sums('sales_facts');
  const rollup = await sums('sales_by_day');
  const [counts] = await rows<{ moves: string; rolled: string }>(
    store,
    `SELECT (SELECT count() FROM moves) AS moves, (SELECT sum(moves) FROM moves_by_day) AS rolled`,
  );
  const audit = services.map(
    (service) =>
      `SELECT concat_ws(' ', '${service}', outcome, count(*)) AS name FROM ${service}.audit WHERE at >= $1 GROUP BY outcome`,
  );
  const audited = await rig.sql<{ name: string }>(audit.join(' UNION ALL '), [since]);
  const moved = await rows<{ name: string }>(
    store,
    `SELECT concat(service, ' ', if(kind = 'move', 'done', 'refused'), ' ', toString(count())) AS name FROM moves
     WHERE kind IN ('move', 'refusal') AND time >= {since:String} GROUP BY service, kind`,
    { since: since.toISOString().slice(0, -1) },
  );
  const orders = await rig.sql<{ name: string }>(`SELECT concat_ws(' ', id, state, net) AS name FROM orders."order"`);
  const orderFacts = await rows<{ name: string }>(
    store,
    `SELECT concat(toString(order_id), ' ', assumeNotNull(argMaxMerge(state)), ' ', toString(argMaxMerge(net))) AS name FROM order_facts GROUP BY region_id, order_id`,
  );
  const names = (list: readonly { name: string }[]) => list.map(({ name }) => amounts(name)).toSorted();
  return [
    ...compared
      .filter((row) => !holds(row))
      .map(
        ({ check, topic, basis, day, expected, actual }) =>
          `${check} ${topic} ${basis} ${day ?? ''}: ${expected} expected, ${actual} found`,
      ),
    ...unequal('sums by day, facts', names(booked), names(facts)),
    ...unequal('sums by day, rollup', names(booked), names(rollup)),
    ...unequal('moves by service', names(audited), names(moved)),
    ...unequal('orders', names(orders), names(orderFacts)),
    ...(counts!.moves === counts!.rolled ? [] : [`${counts!.moves} moves, ${counts!.rolled} in the rollup`]),
  ];
}

/** Amounts in one spelling: 12.3 is 12.30. */
const amounts = (text: string) =>
  text.replace(
    / (-?\d+)(?:\.(\d+))?(?= |$)/g,
    (_, whole: string, cents: string = '') => ` ${whole}.${cents.padEnd(2, '0')}`,
  );

/** Both lists hold the same, each name as often. */
function unequal(what: string, expected: readonly string[], found: readonly string[]): string[] {
  const counts = (list: readonly string[]) => Map.groupBy(list, (name) => name);
  const [here, there] = [counts(expected), counts(found)];
  const differ = [...new Set([...expected, ...found])].flatMap((name) => {
    const [wanted, had] = [here.get(name)?.length ?? 0, there.get(name)?.length ?? 0];
    return wanted === had ? [] : [`${name} (${wanted} expected, ${had} found)`];
  });
  return some(`${what} differ`, '', differ);
}

function some(what: string, where: string, list: readonly string[]): string[] {
  if (list.length === 0) return [];
  const shown = list.slice(0, 5).join('; ');
  return [`${where}${where ? ': ' : ''}${list.length} ${what}: ${shown}${list.length > 5 ? '; …' : ''}`];
}
