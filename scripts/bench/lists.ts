/**
 * `npm run bench:lists`: what staff look for among a million orders, asked of the orders service over HTTP, by every
 * filter alone and by those they combine, first pages and deep ones. Beside each its ratio to the baseline: one order read
 * by its id over the same HTTP. `--orders N` (default 1,000,000), `--times N` of each question (default 40).
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startPostgres } from '@fenxiao/embedded/postgres';
import { newId } from '@fenxiao/domain/id';
import { Client } from 'pg';
import { world } from '../../services/orders/test/world.js';
import { percentile, percentiles, say, sayMachine, thousands } from './measuring.ts';
import { fillOrders } from './million.ts';
import { agent, ask, serve, stop } from './serving.ts';

const { values } = parseArgs({
  options: {
    orders: { type: 'string', default: '1000000' },
    times: { type: 'string', default: '40' },
    only: { type: 'string', default: '' },
  },
});
const count = Number(values.orders);
const times = Number(values.times);
const folder = await mkdtemp(join(tmpdir(), 'fenxiao-bench-'));
const postgres = await startPostgres({ folder: join(folder, 'postgres'), superPassword: 'bench', durable: false });
process.env['TEST_POSTGRES_URL'] = postgres.superuserUrl;
const w = await world(new Date().toISOString());
try {
  sayMachine();
  const areas = [];
  for (const area of ['SW', 'NW', 'S', 'N']) areas.push(await w.h.region(area));
  const regions: string[] = [];
  for (let i = 0; i < 24; i++) regions.push(await w.h.region(`R${i}`, areas[i % 4]));
  const area = await w.h.staff('regional-manager', { regionId: areas[0]! });
  const small = await w.h.staff('regional-manager', { regionId: regions[23]! });
  const seller = await w.h.staff('salesperson', { regionId: regions[0]! });
  const sellers = [w.seller.id, seller.id, ...Array.from({ length: 118 }, newId)];
  const bearer = async ({ subject }: { subject: string }) => `Bearer ${await w.h.token(subject)}`;
  const people = {
    head: await bearer(w.gm),
    area: await bearer(area),
    small: await bearer(small),
    seller: await bearer(seller),
  };
  await w.h.service.close();

  const client = new Client({
    connectionString: w.h.databaseUrl,
    options: '-c search_path=orders,public -c timezone=UTC',
  });
  await client.connect();
  const started = performance.now();
  await fillOrders(client, count, { regions, sellers });
  const lines = await client.query<{ n: string }>('SELECT count(*) AS n FROM order_line');
  const size = await client.query<{ mb: string }>('SELECT (pg_database_size(current_database()) >> 20)::text AS mb');
  say(
    'orders, lines',
    `${thousands(count)}, ${thousands(Number(lines.rows[0]!.n))}; ${thousands(Number(size.rows[0]!.mb))} MB; ${Math.round((performance.now() - started) / 1000)} s to fill in`,
  );

  const service = await serve('orders', { ...w.h.environment, DATABASE_URL: w.h.databaseUrl, DATABASE_POOL: '10' });
  const one = async <T extends object>(text: string) => (await client.query<T>(text)).rows;
  const some = await one<{ id: string }>('SELECT id FROM "order" TABLESAMPLE SYSTEM (0.1) LIMIT 200');
  const [floor] = await measured('baseline: one order by its id', (i) => ['head', `/${some[i % some.length]!.id}`]);
  say('  every list below: ratio to that median', '');

  const day = (ago: number) => new Date(Date.now() - ago * 86_400_000).toISOString().slice(0, 10);
  const between = (name: string, from: number, to: number) => `${name}From=${day(from)}&${name}To=${day(to)}`;
  const customers = await one<{ id: string; code: string }>(
    `SELECT id, code FROM known_distributor WHERE code LIKE 'JXS%' ORDER BY code`,
  );
  const product = (n: number) => `productCode=TILE-${String(n).padStart(4, '0')}`;
  const midway = async (where: string) =>
    (
      await one<{ id: string }>(
        `SELECT id FROM "order" WHERE ${where} ORDER BY ordered_on DESC, id DESC OFFSET (SELECT count(*) / 2 FROM "order" WHERE ${where}) LIMIT 1`,
      )
    )[0]!.id;
  const inArea = `region IN ('${regions.filter((_, i) => i % 4 === 0).join("', '")}')`;
  const [reference] = await one<{ number: string; reference: string }>(
    'SELECT number, reference FROM "order" WHERE reference IS NOT NULL LIMIT 1',
  );
  const year = new Date().getUTCFullYear();
  const name = encodeURIComponent;

  /** who asks, and for what; several take turns */
  const questions: [who: keyof typeof people, ...queries: string[]][] = [
    ['head', ''],
    ['head', 'state=completed'],
    ['head', 'state=on-hold'],
    ['head', 'state=backordered'],
    ['head', 'state=checked'],
    ['head', 'hold=credit'],
    ['head', 'hold=stock'],
    ['head', 'hold=trial'],
    ['head', `distributorId=${customers[0]!.id}`],
    ['head', ...customers.slice(100, 140).map(({ id }) => `distributorId=${id}`)],
    ['head', `distributorId=${customers[0]!.id}&state=backordered`],
    ['head', `distributorId=${customers[0]!.id}&${between('orderedOn', 800, 790)}`],
    ['head', `distributorId=${customers[0]!.id}&${product(1777)}`],
    ['head', `customer=${name('鸿运')}`],
    ['head', `customer=${name('有限公司')}`],
    ['head', `customer=${name('昆明嘉和石材')}`],
    ['head', 'customer=jxs0277'],
    ['head', 'customer=nobody'],
    ['head', `customer=${name('成都')}&state=on-hold`],
    ['head', `customer=${name('成都')}&${between('orderedOn', 730, 700)}`],
    ['head', `number=${reference!.number}`],
    ['head', `numberPrefix=${reference!.number.slice(0, -2)}`],
    ['head', `numberPrefix=DD-${year - 1}-`],
    ['head', `numberPrefix=DD-${year - 2}-00`],
    ['head', `reference=${reference!.reference}`],
    ['head', 'referencePrefix=PO-1234'],
    ['head', 'referencePrefix=PO-'],
    ['head', between('orderedOn', 7, 0)],
    ['head', between('orderedOn', 730, 700)],
    ['head', between('orderedOn', 1000, 400)],
    ['head', between('orderedOn', 800, 770) + '&state=cancelled'],
    ['head', between('orderedOn', 1090, 400) + '&state=backordered'],
    ['head', between('promisedOn', -1, -7)],
    ['head', between('promisedOn', 500, 470)],
    ['head', `promisedOnTo=${day(1)}&state=allocated`],
    ['head', `promisedOnTo=${day(1)}&state=backordered`],
    ['head', `promisedOnTo=${day(1)}&state=on-hold&customer=${name('成都')}`],
    ['head', 'channel=direct'],
    ['head', 'channel=online'],
    ['head', 'channel=online&state=backordered'],
    ['head', 'channel=shop&state=cancelled'],
    ['head', product(1)],
    ['head', ...Array.from({ length: 40 }, (_, i) => product(20 + i))],
    ['head', ...Array.from({ length: 40 }, (_, i) => product(1500 + 7 * i))],
    ['head', `${product(1)}&state=on-hold`],
    ['head', `${product(300)}&state=backordered`],
    ['head', `${product(300)}&${between('orderedOn', 1000, 900)}`],
    ['head', `${product(3)}&${between('orderedOn', 1000, 900)}&state=cancelled`],
    ['head', `salespersonId=${sellers[0]}`],
    ['head', `salespersonId=${sellers[60]}&state=backordered`],
    ['head', `salespersonId=${sellers[0]}&${between('orderedOn', 730, 700)}`],
    ['head', `region=${regions[3]}`],
    ['head', `region=${regions[3]}&state=on-hold`],
    ['head', `region=${regions[3]}&channel=shop&${between('orderedOn', 900, 700)}`],
    ['area', ''],
    ['area', 'state=completed'],
    ['area', 'state=on-hold'],
    ['area', 'state=checked'],
    ['area', between('orderedOn', 1000, 970)],
    ['area', `promisedOnTo=${day(1)}&state=allocated`],
    ['area', `customer=${name('鸿运')}`],
    ['area', product(1700)],
    ['area', `${product(5)}&state=cancelled`],
    ['area', `numberPrefix=DD-${year - 1}-00`],
    ['area', 'channel=online'],
    ['area', `region=${regions[4]}&state=cancelled`],
    ['small', ''],
    ['small', 'state=backordered'],
    ['small', product(1700)],
    ['small', 'channel=online'],
    ['small', between('orderedOn', 1000, 970)],
    ['seller', ''],
    ['seller', 'state=on-hold'],
    ['seller', 'channel=online'],
    ['seller', between('orderedOn', 1000, 970)],
    ['seller', product(1700)],
    ['seller', `customer=${name('鸿运')}`],
    ['head', `cursor=${await midway('true')}`],
    ['head', `state=completed&cursor=${await midway(`state = 'completed'`)}`],
    ['head', `state=completed&limit=200&cursor=${await midway(`state = 'completed'`)}`],
    ['head', `${product(700)}&cursor=${await midway('true')}`],
    ['area', `cursor=${await midway(inArea)}`],
    ['area', `state=cancelled&cursor=${await midway(`state = 'cancelled' AND ${inArea}`)}`],
    ['seller', `cursor=${await midway(`owner = '${seller.id}'`)}`],
  ];
  const worst: number[] = [];
  for (const [who, ...queries] of questions) {
    if (!queries[0]!.includes(values.only)) continue;
    const label = `${who}: ${decodeURIComponent(queries[0]!) || 'all'}`.replace(/[\da-f]{8}-[\da-f-]{27}/g, '…');
    const [median, p95] = await measured(label, (i) => [who, `?${queries[i % queries.length]}`], floor);
    if (median > 0) worst.push(p95);
  }
  say('the slowest of these lists', `p95 ${Math.max(...worst).toFixed(1)} ms (aim: below 100)`);
  const all: number[] = [];
  const turns = questions.flatMap(([who, ...queries]) => queries.slice(0, 1).map((query) => [who, query] as const));
  await Promise.all(
    Array.from({ length: 10 }, async (_, client) => {
      for (let i = client; i < turns.length * 3; i += 10) {
        const [who, query] = turns[(i * 31) % turns.length]!;
        const begun = performance.now();
        await ask('GET', `${service.url}/orders?${query}`, people[who]);
        all.push(performance.now() - begun);
      }
    }),
  );
  say('all of them in turns, 10 clients', percentiles(all));

  async function measured(
    label: string,
    question: (i: number) => readonly [keyof typeof people, string],
    baseline?: number,
  ) {
    const ms: number[] = [];
    let found = 0;
    for (let i = -3; i < times; i++) {
      const [who, query] = question(Math.max(i, 0));
      const begun = performance.now();
      const { items } = await ask<{ items?: unknown[] }>('GET', `${service.url}/orders${query}`, people[who]);
      found = items?.length ?? 1;
      if (i >= 0) ms.push(performance.now() - begun);
    }
    const median = percentile(ms, 0.5);
    say(label, `${percentiles(ms)}; ${found} found${baseline ? `, ratio ${(median / baseline).toFixed(1)}` : ''}`);
    return [median, percentile(ms, 0.95)] as const;
  }
  await stop(service);
  await client.end();
} finally {
  agent.destroy();
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
}
process.exit(); // what the harness keeps open has no database any more
