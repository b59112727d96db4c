import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { choices, dashboards } from '@fenxiao/dashboards/catalogue';
import { expand } from '@fenxiao/dashboards/macros';
import { readRunning, readSecrets } from '@fenxiao/embedded/data-folder';
import { depth } from '@fenxiao/testing/depth';
import { kafkaAtHand, startKafka, type RunningKafka } from '@fenxiao/testing/kafka';
import { until } from '@fenxiao/testing/wait';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newFolder, remove, root, startStack, type Stack } from './stack.js';

/**
 * A company's own books in another currency: Northwind, 830 orders with 2,155 lines of 91 customers; and a register of
 * complaints, 4,969 service requests of New York City. The data are not in the repository: NORTHWIND_DIR and NYC311_DIR
 * say where they are, and beside the latter what others counted in them.
 */
const register = process.env['NYC311_DIR'];
const folder = process.env['NORTHWIND_DIR'];
/** The demonstration comes by way of PostgreSQL, so by way of Kafka, where it is at hand, is enough on every change. */
const eventLogs = folder && (await kafkaAtHand()) ? depth(['kafka'], ['postgres', 'kafka']) : ['postgres'];
const described = folder ? describe : describe.skip;
if (!folder) process.stdout.write('skipped: NORTHWIND_DIR is not set, so there is nothing to import\n');

described.each(eventLogs)('Northwind, events read from %s', (eventLog) => {
  let data: string;
  let brokerData: string;
  let stack: Stack;
  let kafka: RunningKafka | undefined;
  beforeAll(async () => {
    [data, brokerData] = [await newFolder(), await newFolder()];
    if (eventLog === 'kafka') kafka = await startKafka({ folder: brokerData });
    stack = await startStack(data, ['--empty'], {
      CURRENCY: 'USD',
      EVENT_LOG: eventLog,
      KAFKA_BROKERS: kafka?.broker ?? '',
    });
  }, 180_000);
  afterAll(async () => {
    await stack?.stop();
    await kafka?.stop();
    await Promise.all([remove(data), remove(brokerData)]);
  });

  /** The SQL behind "Net sales", for all of the nineties. */
  const netSales = (basis: string) => {
    const sales = dashboards('en').find(({ uid }) => uid === 'fenxiao-sales')!;
    const panel = sales.panels.find(({ title }) => title === 'Net sales')!;
    return expand(panel.targets[0]!.rawSql, {
      from: Date.parse('1990-01-01'),
      to: Date.parse('1999-12-31'),
      intervalMs: 86_400_000,
      variables: choices(sales, { basis }, () => true),
    });
  };
  const load = async (from = folder!, mappingName = 'northwind') => {
    const cli = join(root, 'services', 'console', 'dist', 'import', 'cli.js');
    const mapping = join(root, 'services', 'console', 'mappings', `${mappingName}.yaml`);
    const { stdout } = await promisify(execFile)(process.execPath, [cli, from, '--mapping', mapping, '--data', data], {
      maxBuffer: 1e7,
      env: { ...process.env, INIT_CWD: data },
    });
    return stdout;
  };
  const postgres = async <Row extends object>(query: string): Promise<Row[]> => {
    const { postgres: roles } = await readSecrets(data);
    const port = (await readRunning(data))!.ports['postgresql'];
    const client = new Client(`postgres://postgres:${roles.superuser}@127.0.0.1:${port}/fenxiao`);
    await client.connect();
    const { rows } = await client.query<Row>(query);
    await client.end();
    return rows;
  };
  const clickhouse = async (query: string, user: 'analytics' | 'viewer' = 'analytics'): Promise<unknown[][]> => {
    const { clickhouse: passwords } = await readSecrets(data);
    const port = (await readRunning(data))!.ports['clickhouse'];
    const answer = await fetch(
      `http://127.0.0.1:${port}/?default_format=JSONCompact&query=${encodeURIComponent(query)}`,
      { headers: { 'x-clickhouse-user': user, 'x-clickhouse-key': passwords[user] } },
    );
    if (!answer.ok) throw new Error(await answer.text());
    return ((await answer.json()) as { data: unknown[][] }).data;
  };
  /** The same figure four ways: PostgreSQL, the facts, the rollup, and the panel's own SQL. */
  const figures = async (basis: 'order' | 'ship') => {
    const [row] = await postgres<{ net: string }>(
      basis === 'order'
        ? 'SELECT sum(net)::text AS net FROM orders.order_line'
        : `SELECT sum(l.net)::text AS net FROM orders.shipment_line l`,
    );
    const first = async (query: string, user?: 'viewer') => String((await clickhouse(query, user))[0]?.[0]);
    return [
      row!.net,
      await first(`SELECT toString(sum(net)) FROM fenxiao.sales_facts WHERE basis = '${basis}'`),
      await first(`SELECT toString(sum(net)) FROM fenxiao.sales_by_day WHERE basis = '${basis}'`),
      await first(netSales(basis), 'viewer'),
    ];
  };

  it('comes in whole, to the fen, by order basis and by ship basis', async () => {
    const started = performance.now();
    process.stdout.write(await load());
    await until('the order basis everywhere', async () =>
      (await figures('order')).every((net) => net === '1265793.29'),
    );
    await until('the ship basis everywhere', async () => (await figures('ship')).every((net) => net === '1239855.85'));
    const seconds = (performance.now() - started) / 1000;
    process.stdout.write(`Northwind by way of ${eventLog}: ${seconds.toFixed(1)} s from command to panel\n`);
  }, 120_000);

  it('changes nothing when it is imported again', async () => {
    const report = await load();
    expect(report).toMatch(/orders\s+830\s+0\s+0\s+830/);
    expect(new Set(await figures('order'))).toEqual(new Set(['1265793.29']));
  }, 120_000);

  (register ? it : it.skip)(
    'takes a register of complaints: what others counted in it is what PostgreSQL, ClickHouse and the panels say',
    async () => {
      const answers = async (name: string) => {
        const text = await readFile(join(register!, '..', 'answers', `nyc311_${name}.json`), 'utf8');
        return (JSON.parse(text) as { rows: Record<string, string | number>[] }).rows;
      };
      const board = dashboards('en').find(({ uid }) => uid === 'fenxiao-complaints')!;
      const panel = (title: string) =>
        expand(board.panels.find((one) => one.title === title)!.targets[0]!.rawSql, {
          from: Date.parse('2024-12-31T16:00:00Z'),
          to: Date.parse('2025-12-31T15:59:59Z'),
          intervalMs: 86_400_000,
          variables: choices(board, {}, () => true),
        });
      expect(await load(register, 'nyc311')).toMatch(/complaints\s+4,969\s+4,969\s+0/);
      await until(
        'all of them in the store',
        async () => Number((await clickhouse('SELECT count() FROM fenxiao.complaints'))[0]![0]) === 4969,
      );

      const byType = new Map((await answers('by_type')).map((row) => [row['complaint_type'], row]));
      const medians = new Map((await answers('median_hours_to_close_by_type')).map((row) => [row['g'], row['median']]));
      const expected = [...byType].map(([type, row]) => [type, row['requests'], row['closed'], medians.get(type)]);
      const kept = await postgres<Record<string, string | number>>(
        `SELECT defect, count(*)::int AS n, count(closed_at)::int AS closed,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM closed_at - received_at)) / 3600 AS hours
         FROM complaints.complaint WHERE historic GROUP BY defect`,
      );
      const stored = await clickhouse(
        `SELECT defect, count(), countIf(closed_at IS NOT NULL), quantileExactInclusiveIf(0.5)(dateDiff('second', received_at, assumeNotNull(closed_at)), closed_at IS NOT NULL) / 3600
         FROM fenxiao.complaints GROUP BY defect`,
      );
      const shown = await clickhouse(panel('Defects and how fast they are closed'), 'viewer');
      for (const rows of [kept.map((row) => Object.values(row)), stored, shown.map((row) => row.slice(0, 4))])
        expect(comparable(rows)).toEqual(comparable(expected));

      const months = (await answers('by_month')).map((row) => [`${row['month']}`, row['requests']]);
      const keptByMonth = await postgres<Record<string, string | number>>(
        `SELECT to_char(received_on, 'YYYY-MM') AS month, count(*)::int AS n FROM complaints.complaint WHERE historic GROUP BY 1`,
      );
      const shownByMonth = (await clickhouse(panel('Complaints by month'), 'viewer')).map(([time, n]) => [
        new Date(`${String(time).replace(' ', 'T')}Z`)
          .toLocaleDateString('sv', { timeZone: 'Asia/Shanghai' })
          .slice(0, 7),
        n,
      ]);
      for (const rows of [keptByMonth.map((row) => Object.values(row)), shownByMonth])
        expect(comparable(rows)).toEqual(comparable(months));

      const names = { Closed: 'archived', 'In Progress': 'logged' } as const;
      const states = (await answers('by_status')).map((row) => [
        names[row['status'] as keyof typeof names],
        row['requests'],
      ]);
      const keptByState = await postgres<Record<string, string | number>>(
        'SELECT state, count(*)::int AS n FROM complaints.complaint WHERE historic GROUP BY state',
      );
      const storedByState = await clickhouse('SELECT state, count() FROM fenxiao.complaints GROUP BY state');
      for (const rows of [keptByState.map((row) => Object.values(row)), storedByState])
        expect(comparable(rows)).toEqual(comparable(states));
    },
    120_000,
  );
});

/** Rows in one order and spelling: numbers to the millionth. */
const comparable = (rows: readonly (readonly unknown[])[]) =>
  rows
    .map(([name, ...figures]) => [String(name), ...figures.map((figure) => Math.round(Number(figure) * 1e6) / 1e6)])
    .toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1));
