import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { alertProvisioning, alerts } from '../src/alerts.js';
import { afterSalesEvents } from './after-sales-data.js';
import { complaintEvents } from './complaints-data.js';
import { startEngine, type TestEngine } from './engine.js';
import { id } from './orders-data.js';

let engine: TestEngine;
beforeAll(async () => {
  engine = await startEngine();
}, 120_000);
afterAll(async () => engine?.close());

/** The alerts that Grafana's user would see: names of the row, for every number above the limit. */
async function firing(): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {};
  for (const { uid, sql, above } of alerts) {
    const { columns, rows } = await engine.query('dashboards', sql);
    const kinds = columns.map(({ type }) =>
      /^Nullable\(Float64\)$|^Float64$/.test(type) ? 'number' : type.replace(/^LowCardinality\((.*)\)$/, '$1'),
    );
    // Grafana takes text columns for names, and wants one number
    expect([uid, kinds]).toEqual([uid, [...kinds.slice(0, -1).map(() => 'String'), 'number']]);
    found[uid] = rows.filter((row) => Number(row.at(-1)) > above).map((row) => row.slice(0, -1).join(' '));
  }
  return found;
}

const insert = (...values: string[]) =>
  engine.execute(
    'INSERT INTO reconciliation (checked_at, check, topic, basis, day, expected, actual) VALUES ' + values.join(),
  );

it('rules are quiet while all is well, and fire for what each is about', async () => {
  await insert(
    "(now64(3) - 60, 'completeness', 'fenxiao.orders', '', NULL, 5, 5)",
    "(now64(3) - 60, 'facts', 'sales_facts', '', NULL, 3, 3)",
    "(now64(3) - 60, 'money', '', 'ship', today(), 10.5, 10.5)",
  );
  const quiet = {
    'fenxiao-sink-lag': [],
    'fenxiao-sink-silent': [],
    'fenxiao-dead-letters': [],
    'fenxiao-reconciliation': [],
    'fenxiao-complaint-spike': [],
    'fenxiao-complaints-overdue': [],
  };
  expect(await firing()).toEqual(quiet);

  await engine.execute(
    "INSERT INTO dead_letters (consumer, reason, type, time) VALUES ('orders', 'malformed', 'x', now64(3)), ('orders', 'malformed', 'x', now64(3) - 864000)",
  );
  await insert(
    "(now64(3), 'completeness', 'fenxiao.orders', '', NULL, 7, 5)",
    "(now64(3), 'money', '', 'ship', today(), 10.5, 10.49)",
  );
  expect(await firing()).toEqual({
    ...quiet,
    'fenxiao-sink-lag': ['fenxiao.orders'],
    'fenxiao-dead-letters': ['orders malformed'],
    'fenxiao-reconciliation': ['money'],
  });

  await engine.execute('TRUNCATE TABLE reconciliation');
  await insert("(now64(3) - 3600, 'completeness', 'fenxiao.orders', '', NULL, 5, 5)");
  expect((await firing())['fenxiao-sink-silent']).toEqual(['']);
}, 60_000);

it('C-19, C-03, C-10: a defect far more frequent than usual, and cases past their limit with nothing done since', async () => {
  const [sample] = complaintEvents.filter(({ type }) => type === 'fenxiao.complaints.complaint.logged.v1');
  const clock = complaintEvents.findLast(({ type }) => type === 'fenxiao.complaints.inquiry.clock-breached.v1')!;
  const overdueNotice = afterSalesEvents.find(
    ({ type }) => type === 'fenxiao.complaints.after-sales-case.clock-breached.v1',
  )!;
  const ago = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString();
  const received = (n: number, defect: string, days: number) => ({
    ...sample!,
    subject: id(60_000 + n),
    time: ago(days),
    data: { ...sample!.data, defect, receivedAt: ago(days), distributorCode: `D${n % 5}` },
  });
  await engine.publish([
    ...Array.from({ length: 9 }, (_, n) => received(50 + 5 * n, 'of one customer', 1)),
    ...Array.from({ length: 6 }, (_, n) => received(n, 'chipped', 1)),
    ...Array.from({ length: 6 }, (_, n) => received(10 + n, 'colour', 1)),
    ...Array.from({ length: 24 }, (_, n) => received(20 + n, 'colour', 10 + n)),
    { ...clock, subject: id(61_000), time: ago(2) },
    { ...overdueNotice, subject: id(61_001), time: ago(2) },
  ]);
  expect(await firing()).toMatchObject({
    'fenxiao-complaint-spike': ['chipped'],
    'fenxiao-complaints-overdue': expect.arrayContaining(['inquiry', 'after-sales-case']),
  });
}, 60_000);

it('C-03: a case is overdue until the move waited for is made or its states are left, whatever else is done', async () => {
  const minute = (n: number) => new Date(Date.now() - 3_600_000 + n * 60_000).toISOString();
  const about = (n: number, fact: string, at: number, data: object, move?: object) => ({
    type: `fenxiao.complaints.complaint.${fact}.v1`,
    subject: id(62_000 + n),
    time: minute(at),
    data: {
      meta: {
        actor: 'system',
        role: 'system',
        rule: 'C-03',
        ...(move ? { move: { procedure: 'complaint', ...move } } : {}),
      },
      ...data,
    },
  });
  const breached = (n: number, move: string, state: string) =>
    about(n, 'clock-breached', 0, { procedure: 'complaint', move, state, startedAt: minute(-60), dueAt: minute(0) });
  const made = (n: number, at: number, name: string, from: string, to = from) =>
    about(n, 'told', at, {}, { name, from, to });
  const overdue = async () =>
    (await engine.query('dashboards', "SELECT cases FROM overdue_complaints WHERE procedure = 'complaint'")).rows.map(
      ([cases]) => Number(cases),
    );
  // what keeps the state ends nothing; a clock over two states goes on in the second
  await engine.publish([
    breached(1, 'confirm-cause', 'notified'),
    made(1, 1, 'notify-further', 'notified'),
    made(2, -10, 'answer', 'acknowledged', 'answered'),
    breached(3, 'answer', 'notified'),
    made(3, 1, 'acknowledge', 'notified', 'acknowledged'),
  ]);
  expect(await overdue()).toEqual([2]);
  // made at last; left by another way; the state kept by the very move waited for
  await engine.publish([
    made(1, 2, 'confirm-cause', 'notified', 'cause-confirmed'),
    made(3, 2, 'withdraw', 'acknowledged', 'withdrawn'),
    breached(4, 'inform-customer', 'resolved'),
    made(4, 1, 'inform-customer', 'resolved'),
  ]);
  expect(await overdue()).toEqual([]);
}, 60_000);

it('the file that Grafana reads is the one that is checked in', () => {
  const file = new URL('../provisioning/alerting/fenxiao.json', import.meta.url);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(JSON.parse(JSON.stringify(alertProvisioning())));
});
