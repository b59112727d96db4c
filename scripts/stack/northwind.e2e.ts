import { execFile } from 'node:child_process';
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
 * A company's own books in another currency: Northwind, 830 orders with 2,155 lines of 91 customers. The data are not in
 * the repository: NORTHWIND_DIR says where they are.
 */
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
  const load = async () => {
    const cli = join(root, 'services', 'console', 'dist', 'import', 'cli.js');
    const mapping = join(root, 'services', 'console', 'mappings', 'northwind.yaml');
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [cli, folder!, '--mapping', mapping, '--data', data],
      { maxBuffer: 1e7, env: { ...process.env, INIT_CWD: data } },
    );
    return stdout;
  };
  /** The same figure four ways: PostgreSQL, the facts, the rollup, and the panel's own SQL. */
  const figures = async (basis: 'order' | 'ship') => {
    const running = (await readRunning(data))!;
    const secrets = await readSecrets(data);
    const client = new Client(
      `postgres://postgres:${secrets.postgres.superuser}@127.0.0.1:${running.ports['postgresql']}/fenxiao`,
    );
    await client.connect();
    const { rows } = await client.query<{ net: string }>(
      basis === 'order'
        ? 'SELECT sum(net)::text AS net FROM orders.order_line'
        : `SELECT sum(l.net)::text AS net FROM orders.shipment_line l`,
    );
    await client.end();
    const clickhouse = async (query: string, user: 'analytics' | 'viewer' = 'analytics') => {
      const answer = await fetch(
        `http://127.0.0.1:${running.ports['clickhouse']}/?default_format=TSV&query=${encodeURIComponent(query)}`,
        { headers: { 'x-clickhouse-user': user, 'x-clickhouse-key': secrets.clickhouse[user] } },
      );
      return (await answer.text()).trim().split('\t')[0];
    };
    return [
      rows[0]!.net,
      await clickhouse(`SELECT sum(net) FROM fenxiao.sales_facts WHERE basis = '${basis}'`),
      await clickhouse(`SELECT sum(net) FROM fenxiao.sales_by_day WHERE basis = '${basis}'`),
      await clickhouse(netSales(basis), 'viewer'),
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
});
