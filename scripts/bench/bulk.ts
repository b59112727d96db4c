/**
 * `npm run bench:bulk`: order lines of the past, in batches as the console sends them, three under way at once, shipped and
 * billed; beside the same rows written through `pg` in the same batches, with nothing of ours between. Then orders of a
 * thousand lines through their life. `--lines N` (default 100,000), `--orders N` of a thousand lines (default 20).
 */
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { newId } from '@fenxiao/domain/id';
import { startPostgres } from '@fenxiao/embedded/postgres';
import { Client } from 'pg';
import { world } from '../../services/orders/test/world.js';
import { during, percentile, say, sayMachine, thousands } from './measuring.ts';
import { fillMaster } from './million.ts';
import { agent, ask, serve, stop } from './serving.ts';

const { values } = parseArgs({
  options: { lines: { type: 'string', default: '100000' }, orders: { type: 'string', default: '20' } },
});
const PER_ORDER = 4;
const BATCH = 500; // rows, as the console sends them
const UNDER_WAY = 3;
const count = Math.ceil(Number(values.lines) / PER_ORDER);
const folder = await mkdtemp(join(tmpdir(), 'fenxiao-bench-'));
const postgres = await startPostgres({ folder: join(folder, 'postgres'), superPassword: 'bench' });
process.env['TEST_POSTGRES_URL'] = postgres.superuserUrl;
const w = await world(new Date().toISOString());
const options = '-c search_path=orders,public -c timezone=UTC';
try {
  sayMachine();
  const tiles = Array.from({ length: 1000 }, (_, i) => `TILE-${String(i + 1).padStart(4, '0')}`);
  const client = new Client({ connectionString: w.h.databaseUrl, options });
  await client.connect();
  await fillMaster(client, [w.east, w.west]);
  const importer = await w.h.staff('importer');
  const prices = tiles.map((productCode) => ({ listCode: 'ALL', validFrom: '2020-01-01', productCode, price: '50' }));
  const { body: priced } = await importer.post('/imports/prices', { importId: newId(), rows: prices });
  if (priced.results?.[0]?.outcome !== 'created') throw new Error(JSON.stringify(priced));
  await client.query(
    `INSERT INTO stock_item (id, state, version, events, created_by, created_at, entered_at, approvals, product, warehouse, batch, grade, received_on, on_hand, reserved)
     SELECT uuidv7(), 'on-hand', 1, 1, 'system', now(), now(), '[]', id, 'MAIN', 'B1', grade, current_date, 10000000, 0 FROM product WHERE code LIKE 'TILE-%'`,
  );
  await client.query(
    `INSERT INTO known_credit_limit (distributor, credit_limit) SELECT id, 999999999 FROM known_distributor ON CONFLICT DO NOTHING`,
  );
  const bearer = async ({ subject }: { subject: string }) => `Bearer ${await w.h.token(subject)}`;
  const [asImporter, asClerk, asKeeper] = [await bearer(importer), await bearer(w.clerk), await bearer(w.keeper)];
  await w.h.service.close();
  await client.query('VACUUM ANALYZE');
  await client.end();
  await w.h.pool.end();
  const admin = new Client({ connectionString: postgres.superuserUrl });
  admin.on('error', () => {}); // the server is stopped
  await admin.connect();
  const template = new URL(w.h.databaseUrl).pathname.slice(1);
  await admin.query('CREATE DATABASE plain TEMPLATE ' + template);

  const service = await serve('orders', { ...w.h.environment, DATABASE_URL: w.h.databaseUrl, DATABASE_POOL: '10' });
  const empty = peakMb(service.child.pid!);
  const batches = Array.from({ length: Math.ceil(count / BATCH) }, (_, i) =>
    Array.from({ length: Math.min(BATCH, count - i * BATCH) }, (_, k) => rowOf(i * BATCH + k, tiles)),
  );
  const imported = await during({ orders: service.child.pid!, postgres: postgres.pid }, async () => {
    const waiting = batches.values();
    let halfway = 0;
    let sent = 0;
    await Promise.all(
      Array.from({ length: UNDER_WAY }, async () => {
        for (const rows of waiting) {
          const body = { importId: newId(), rows };
          const { results } = await ask<{ results: { outcome: string }[] }>(
            'POST',
            `${service.url}/imports/orders`,
            asImporter,
            body,
          );
          const refused = results.find(({ outcome }) => outcome !== 'created');
          if (refused) throw new Error(JSON.stringify(refused));
          if ((sent += 1) === batches.length >> 1) halfway = peakMb(service.child.pid!);
        }
      }),
    );
    return halfway;
  });
  const lines = count * PER_ORDER;
  say(
    'lines imported',
    `${thousands(lines)} in ${imported.seconds.toFixed(1)} s: ${thousands(lines / imported.seconds)}/s (aim: 100,000 in 300 s)`,
  );
  say(
    '  peak memory of the service',
    `${Math.round(peakMb(service.child.pid!))} MB; halfway ${Math.round(imported.value)}, before ${Math.round(empty)}`,
  );
  say(
    '  CPU s',
    Object.entries(imported.cpu)
      .map(([name, cpu]) => `${name} ${cpu.toFixed(1)}`)
      .join(', '),
  );
  const plain = await writtenPlainly();
  say(
    '  baseline: the same rows through pg',
    `${plain.seconds.toFixed(1)} s: ${thousands(lines / plain.seconds)}/s; ratio ${(plain.seconds / imported.seconds).toFixed(2)}`,
  );

  const took = new Map<string, number[]>();
  for (let i = 0; i < Number(values.orders); i++) await life(i);
  for (const [what, ms] of took)
    say(
      `1,000 lines: ${what}`,
      `median ${percentile(ms, 0.5).toFixed(0)} ms, slowest ${Math.max(...ms).toFixed(0)} ms`,
    );
  say('  peak memory of the service', `${Math.round(peakMb(service.child.pid!))} MB`);
  await stop(service);
  await admin.end();

  /** One order of a thousand lines: placed, submitted, on a shipping order, sent with its invoice, signed for. */
  async function life(i: number): Promise<void> {
    const timed = async (what: string, authorization: string, path: string, body: object = {}) => {
      const begun = performance.now();
      const answer = await ask<{ id: string; state: string }>('POST', `${service.url}${path}`, authorization, body);
      took.set(what, [...(took.get(what) ?? []), performance.now() - begun]);
      return answer;
    };
    const wanted = Array.from({ length: 1000 }, (_, k) => ({
      productCode: tiles[(k * 7 + i) % tiles.length],
      quantity: '2',
    }));
    const placed = await timed('place', asClerk, '/orders', { distributorCode: customerOf(2900 + i), lines: wanted });
    const { state } = await timed('submit', asClerk, `/orders/${placed.id}/submit`);
    if (state !== 'allocated') throw new Error(`the order is ${state}`);
    const issued = await timed('shipping order', asClerk, '/shipments', { orderId: placed.id });
    await timed('dispatch, with invoice', asKeeper, `/shipments/${issued.id}/dispatch`);
    await timed('sign', asClerk, `/shipments/${issued.id}/sign`);
  }

  /** Reads what was imported and writes it to the copy: one statement a table and batch, each batch a transaction. */
  async function writtenPlainly() {
    const from = new Client({ connectionString: w.h.databaseUrl, options });
    const to = new Client({
      connectionString: Object.assign(new URL(w.h.databaseUrl), { pathname: '/plain' }).href,
      options,
    });
    await Promise.all([from.connect(), to.connect()]);
    const tables = { '"order"': 'id', order_line: 'order_id', shipment: 'order_id', invoice: 'order_id' };
    const texts: { table: string; rows: string }[][] = [];
    for (const rows of batches) {
      const numbers = rows.map(({ number }) => number);
      const batch: (typeof texts)[number] = [];
      const read = async (table: string, where: string) => {
        const found = await from.query<{ rows: string }>(
          `SELECT jsonb_agg(to_jsonb(t))::text AS rows FROM ${table} t WHERE ${where}`,
          [numbers],
        );
        batch.push({ table, rows: found.rows[0]!.rows });
      };
      const ids = '(SELECT id FROM "order" WHERE number = ANY($1))';
      for (const [table, key] of Object.entries(tables)) await read(table, `${key} IN ${ids}`);
      await read('shipment_line', `shipment IN (SELECT id FROM shipment WHERE order_id IN ${ids})`);
      await read('imported', `kind = 'orders' AND key = ANY($1)`);
      await read(
        'event_log.record',
        `topic = 'fenxiao.orders' AND key IN (SELECT id::text FROM "order" WHERE number = ANY($1) UNION ALL
        SELECT id::text FROM shipment WHERE order_id IN ${ids} UNION ALL SELECT id::text FROM invoice WHERE order_id IN ${ids})`,
      );
      texts.push(batch);
    }
    const written = await during({ postgres: postgres.pid }, async () => {
      for (const batch of texts) {
        await to.query('BEGIN');
        for (const { table, rows } of batch)
          await to.query(`INSERT INTO ${table} SELECT * FROM jsonb_populate_recordset(NULL::${table}, $1)`, [rows]);
        await to.query('COMMIT');
      }
    });
    await Promise.all([from.end(), to.end()]);
    return written;
  }
} finally {
  agent.destroy();
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
}
process.exit(); // what the harness keeps open has no database any more

function customerOf(i: number): string {
  return `JXS${String(1 + i).padStart(5, '0')}`;
}

/** An order of two years ago and since: sent the next day, billed, most of them signed for. */
function rowOf(i: number, tiles: readonly string[]) {
  const day = (later: number) => new Date(Date.UTC(2024, 0, 1 + (i % 700) + later)).toISOString().slice(0, 10);
  const lines = Array.from({ length: PER_ORDER }, (_, k) => ({
    productCode: tiles[(i * 13 + k * 7) % tiles.length]!,
    quantity: String(1 + ((i + k) % 40)),
    unitPrice: k === 3 ? '48.5' : '50',
  }));
  const sent = { shippedOn: day(1), ...(i % 10 ? { deliveredOn: day(3) } : {}), invoiceNumber: `OLD-${i}` };
  return { number: `OLD-${i}`, distributorCode: customerOf(i % 2900), orderedOn: day(0), lines, ...sent };
}

/** The most memory a process has had so far, in MB. */
function peakMb(pid: number): number {
  return Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024;
}
