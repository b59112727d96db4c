/**
 * `npm run bench:complaints`: a million quality complaints. What staff look for among them, asked of the service over HTTP,
 * with its ratio to the baseline, one complaint read by its id; 50,000 clocks that run, of which some end, and how long after
 * its end each breach was published, beside a row updated and committed by hand; every panel of the dashboards of complaints
 * over as many in ClickHouse, beside a count of them. `--complaints N` (default 1,000,000), `--clocks N` (50,000),
 * `--times N` of each question (default 40), `--only lists|clocks|panels`.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { choices, dashboards } from '@fenxiao/dashboards/catalogue';
import { expand } from '@fenxiao/dashboards/macros';
import { startPostgres } from '@fenxiao/embedded/postgres';
import { newId } from '@fenxiao/domain/id';
import { harness } from '@fenxiao/testing/harness';
import { until } from '@fenxiao/testing/wait';
import { Client } from 'pg';
import { startEngine } from '../../dashboards/test/engine.js';
import { complaints } from '../../services/complaints/src/service.js';
import { percentile, percentiles, say, sayMachine, thousands } from './measuring.ts';
import { complaintFacts, fillClocks, fillComplaints } from './million-complaints.ts';
import { agent, ask, serve, stop } from './serving.ts';

const { values } = parseArgs({
  options: {
    complaints: { type: 'string', default: '1000000' },
    clocks: { type: 'string', default: '50000' },
    times: { type: 'string', default: '40' },
    only: { type: 'string' },
  },
});
const count = Number(values.complaints);
const times = Number(values.times);
const wanted = (part: string) => !values.only || values.only === part;
sayMachine();
if (wanted('lists') || wanted('clocks')) await service();
if (wanted('panels')) await panels();
process.exit(process.exitCode ?? 0); // what the harness keeps open has no database any more

async function service(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'fenxiao-bench-'));
  const postgres = await startPostgres({ folder: join(folder, 'postgres'), superPassword: 'bench', durable: false });
  process.env['TEST_POSTGRES_URL'] = postgres.superuserUrl;
  const h = await harness(complaints, { now: new Date().toISOString() });
  try {
    const areas = [];
    for (const area of ['SW', 'NW', 'S', 'N']) areas.push(await h.region(area));
    const regions: string[] = [];
    for (let i = 0; i < 24; i++) regions.push(await h.region(`R${i}`, areas[i % 4]));
    const manager = await h.staff('sales-manager');
    const deputy = await h.staff('deputy-general-manager-sales');
    const seller = await h.staff('salesperson', { regionId: regions[0]! });
    const staff = {
      head: await h.staff('general-manager'),
      area: await h.staff('regional-manager', { regionId: areas[0]! }),
      small: await h.staff('regional-manager', { regionId: regions[23]! }),
      seller,
    };
    const people = Object.fromEntries(
      await Promise.all(
        Object.entries(staff).map(async ([name, { subject }]) => [name, `Bearer ${await h.token(subject)}`]),
      ),
    ) as Record<keyof typeof staff, string>;
    await h.service.close();
    const client = new Client({
      connectionString: h.databaseUrl,
      options: '-c search_path=complaints,public -c timezone=UTC',
    });
    await client.connect();
    const started = performance.now();
    const sellers = [seller.id, ...Array.from({ length: 119 }, newId)];
    await fillComplaints(client, count, { regions, sellers, handlers: [manager.id, deputy.id] });
    say('complaints', `${thousands(count)}; ${Math.round((performance.now() - started) / 1000)} s to fill in`);
    const environment = { ...h.environment, DATABASE_URL: h.databaseUrl, DATABASE_POOL: '10' };
    if (wanted('lists')) {
      const running = await serve('complaints', environment);
      await lists(client, running.url, people, { regions, manager: manager.id, deputy: deputy.id });
      await stop(running);
    }
    if (wanted('clocks')) await clocks(client, environment);
    await client.end();
  } catch (error) {
    process.stderr.write(`${String(error)}\n`); // what still talks to the database fails at once when that is stopped
    process.exitCode = 1;
  } finally {
    agent.destroy();
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function lists(
  client: Client,
  url: string,
  people: Readonly<Record<'head' | 'area' | 'small' | 'seller', string>>,
  { regions, manager, deputy }: { regions: readonly string[]; manager: string; deputy: string },
): Promise<void> {
  const one = async <T extends object>(text: string) => (await client.query<T>(text)).rows;
  const some = await one<{ id: string }>('SELECT id FROM complaint TABLESAMPLE SYSTEM (0.1) LIMIT 200');
  const customers = await one<{ distributor: string; distributor_code: string; receipt: string; batch: string }>(
    'SELECT distributor, distributor_code, receipt, batch FROM complaint WHERE batch IS NOT NULL ORDER BY distributor_code LIMIT 1',
  );
  const [found] = customers;
  const midway = async (where: string) =>
    (
      await one<{ id: string }>(
        `SELECT id FROM complaint WHERE ${where} ORDER BY received_on DESC, id DESC OFFSET (SELECT count(*) / 2 FROM complaint WHERE ${where}) LIMIT 1`,
      )
    )[0]!.id;
  const inArea = `region IN ('${regions.filter((_, i) => i % 4 === 0).join("', '")}')`;
  const day = (ago: number) => new Date(Date.now() - ago * 86_400_000).toISOString().slice(0, 10);
  const received = (from: number, to: number) => `receivedOnFrom=${day(from)}&receivedOnTo=${day(to)}`;
  const defect = (name: string) => `defect=${encodeURIComponent(name)}`;
  const year = new Date().getUTCFullYear();
  const product = (n: number) => `productCode=TILE-${String(n).padStart(4, '0')}`;
  /** who asks, and for what; several take turns */
  const questions: [who: keyof typeof people, ...queries: string[]][] = [
    ['head', ''],
    ['head', 'state=logged'],
    ['head', 'state=archived'],
    ['head', 'state=waiting-for-customer'],
    ['head', 'severity=grave'],
    ['head', 'severity=grave&state=resolving'],
    ['head', 'severity=minor&state=notified'],
    ['head', `handlerId=${manager}`],
    ['head', `handlerId=${deputy}`],
    ['head', `handlerId=${manager}&state=cause-confirmed`],
    ['head', `handlerId=${deputy}&severity=grave`],
    ['head', `handlerId=${deputy}&${received(900, 870)}`],
    ['head', `distributorId=${found!.distributor}`],
    ['head', `distributorId=${found!.distributor}&${defect('色差')}`],
    ['head', `receipt=${found!.receipt}`],
    ['head', `batch=${found!.batch}`],
    ['head', product(1)],
    ['head', ...Array.from({ length: 40 }, (_, i) => product(1500 + 7 * i))],
    ['head', `${product(1)}&${defect('破损')}`],
    ['head', `${product(900)}&${defect('错发')}`],
    ['head', `${product(3)}&state=resolved`],
    ['head', defect('色差')],
    ['head', defect('其他')],
    ['head', `${defect('其他')}&state=logged`],
    ['head', 'verdict=partly'],
    ['head', `verdict=not-justified&${received(900, 880)}`],
    ['head', received(7, 0)],
    ['head', received(730, 700)],
    ['head', `${received(1000, 400)}&state=reopened`],
    ['head', `numberPrefix=TS-${year - 1}-`],
    ['head', `region=${regions[3]}`],
    ['head', `region=${regions[3]}&state=resolving`],
    ['head', `cursor=${await midway('true')}`],
    ['head', `state=archived&limit=200&cursor=${await midway(`state = 'archived'`)}`],
    ['area', ''],
    ['area', 'state=logged'],
    ['area', 'severity=grave'],
    ['area', defect('其他')],
    ['area', product(1700)],
    ['area', received(1000, 970)],
    ['area', `cursor=${await midway(inArea)}`],
    ['small', ''],
    ['small', 'severity=grave&state=archived'],
    ['small', product(1700)],
    ['seller', ''],
    ['seller', 'state=resolving'],
    ['seller', product(1700)],
    ['seller', received(1000, 970)],
  ];
  const [floor] = await measured('baseline: one complaint by its id', (i) => ['head', `/${some[i % some.length]!.id}`]);
  const worst: number[] = [];
  for (const [who, ...queries] of questions) {
    const label = `${who}: ${decodeURIComponent(queries[0]!) || 'all'}`.replace(/[\da-f]{8}-[\da-f-]{27}/g, '…');
    const [, p95] = await measured(label, (i) => [who, `?${queries[i % queries.length]}`], floor);
    worst.push(p95);
  }
  say('the slowest of these lists', `p95 ${Math.max(...worst).toFixed(1)} ms (aim: below 100)`);

  async function measured(
    label: string,
    question: (i: number) => readonly [keyof typeof people, string],
    baseline?: number,
  ) {
    const ms: number[] = [];
    let rows = 0;
    for (let i = -3; i < times; i++) {
      const [who, query] = question(Math.max(i, 0));
      const begun = performance.now();
      const { items } = await ask<{ items?: unknown[] }>('GET', `${url}/complaints${query}`, people[who]);
      rows = items?.length ?? 1;
      if (i >= 0) ms.push(performance.now() - begun);
    }
    const median = percentile(ms, 0.5);
    say(label, `${percentiles(ms)}; ${rows} found${baseline ? `, ratio ${(median / baseline).toFixed(1)}` : ''}`);
    return [median, percentile(ms, 0.95)] as const;
  }
}

/** Clocks that run, a few of which end each second, then many at one instant, as on a morning of clocks set by the day. */
async function clocks(client: Client, environment: Readonly<Record<string, string>>): Promise<void> {
  const running = Number(values.clocks);
  const [spread, atOnce] = [1200, 3000];
  const start = new Date(Date.now() + 15_000);
  await fillClocks(client, running, { start, spread, seconds: 60, atOnce });
  const ticking = await serve('complaints', environment);
  await until(
    'every breach',
    async () => {
      const { rows } = await client.query<{ n: string }>(
        `SELECT count(*) AS n FROM clock WHERE breached_at IS NOT NULL`,
      );
      return Number(rows[0]!.n) >= spread + atOnce;
    },
    600_000,
  );
  // published: the event is in the log
  const late = async (move: string) =>
    (
      await client.query<{ ms: number }>(
        `SELECT (extract(epoch FROM breached_at - due_at) * 1000)::float8 AS ms FROM clock WHERE move = $1 AND breached_at IS NOT NULL`,
        [move],
      )
    ).rows.map(({ ms }) => ms);
  const [published] = (
    await client.query<{ n: string }>(
      `SELECT count(*) AS n FROM event_log.record WHERE headers::text LIKE '%clock-breached%'`,
    )
  ).rows;
  say(
    `${thousands(running)} clocks, 20 a second end`,
    `published ${percentiles(await late('confirmCause'))} after their end (aim: below 30 s)`,
  );
  const together = await late('acknowledge');
  const seconds = (Math.max(...together) - Math.min(...together)) / 1000;
  say(
    `  ${thousands(atOnce)} end at one instant`,
    `${percentiles(together)} after it, ${thousands(atOnce / seconds)} a second`,
  );
  say('  breaches in the log', thousands(Number(published!.n)));
  await stop(ticking);
}

async function panels(): Promise<void> {
  const engine = await startEngine();
  const started = performance.now();
  for (const statement of complaintFacts(count)) await engine.execute(statement);
  say(
    'complaints in ClickHouse',
    `${thousands(count)}; ${Math.round((performance.now() - started) / 1000)} s to fill in`,
  );
  const timed = async (sql: string) => {
    const ms: number[] = [];
    for (let i = -2; i < Math.min(times, 20); i++) {
      const begun = performance.now();
      await engine.query('viewer', sql);
      if (i >= 0) ms.push(performance.now() - begun);
    }
    return ms;
  };
  const floor = percentile(await timed('SELECT count(), max(received_on) FROM complaint_facts'), 0.5);
  say('baseline: how many there are', `p50 ${floor.toFixed(1)} ms`);
  const worst: number[] = [];
  const now = new Date();
  const from = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - 11, 1);
  for (const board of dashboards('en').filter(({ uid }) =>
    ['fenxiao-complaints', 'fenxiao-aftersales', 'fenxiao-satisfaction'].includes(uid),
  ))
    for (const { title, targets } of board.panels)
      for (const { rawSql } of targets) {
        const variables = choices(board, {}, () => true);
        const ms = await timed(expand(rawSql, { from, to: Date.now(), intervalMs: 86_400_000, variables }));
        say(
          `${board.title}: ${title}`.slice(0, 60),
          `${percentiles(ms)}, ratio ${(percentile(ms, 0.5) / floor).toFixed(1)}`,
        );
        worst.push(percentile(ms, 0.95));
      }
  say('the slowest of these panels', `p95 ${Math.max(...worst).toFixed(0)} ms (aim: below 200)`);
  await engine.close();
}
