import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { calendarDayEvents } from '@fenxiao/contracts/appraisals';
import { formEvents } from '@fenxiao/contracts/event';
import { Line } from '@fenxiao/contracts/wire';
import {
  BusinessCalendar,
  days,
  hours,
  minutes,
  months,
  workingDays,
  type Limit,
} from '@fenxiao/domain/business-calendar';
import { chinaHolidays, firstThatKnows, holidaysFromFile } from '@fenxiao/domain/holidays';
import { newId } from '@fenxiao/domain/id';
import { procedure, type Clock } from '@fenxiao/procedures/procedure';
import { clause } from '@fenxiao/testing/clause';
import { harness, type Harness, type Member } from '@fenxiao/testing/harness';
import { until } from '@fenxiao/testing/wait';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { z } from 'zod';
import { instants } from './clocks.js';
import { baseConfig } from './config.js';
import { bindForm } from './forms.js';
import { CALENDAR, startService, type RunningService, type ServiceDefinition } from './service.js';

const form = z.object({ item: Line });
const clerks = { 'sales-support-clerk': 'all' } as const;

/** One limit of eight working hours. */
const custody = procedure({
  name: 'custody',
  path: 'custody',
  clause: 'D-35',
  events: formEvents('distributors', 'custody', form, { held: {}, notified: {} }, { clocks: true }),
  states: ['held', 'notified'],
  read: clerks,
  start: { move: 'hold', to: 'held', by: clerks, form, fact: 'held' },
  moves: { notify: { from: 'held', to: 'notified', by: clerks, fact: 'notified', clock: { within: hours(8) } } },
});

/** Many limits at once, drawn by fast-check. */
const count = (max: number) => fc.integer({ min: 1, max });
const anyLimit: fc.Arbitrary<Limit> = fc.oneof(
  count(2000).map(minutes),
  count(80).map(hours),
  count(30).map(workingDays),
  count(60).map(days),
  count(3).map(months),
);
const anyClock: fc.Arbitrary<Clock> = fc.record(
  { within: anyLimit, remindDaysBefore: fc.constant([30, 7, 1]) },
  { requiredKeys: ['within'] },
);
const clocks = fc.sample(anyClock, { numRuns: 24, seed: 13 });
const timed = procedure({
  name: 'promotion',
  clause: 'P-20',
  events: formEvents('distributors', 'promotion', form, { submitted: {}, approved: {} }, { clocks: true }),
  states: ['submitted', 'approved'],
  read: clerks,
  start: { move: 'submit', to: 'submitted', by: clerks, form, fact: 'submitted' },
  moves: Object.fromEntries(
    clocks.map((clock, i) => [
      `approve${i}`,
      { from: 'submitted', to: 'approved', by: clerks, fact: 'approved', clock } as const,
    ]),
  ),
});

const definition: ServiceDefinition = {
  name: 'distributors',
  config: baseConfig,
  procedures: [bindForm(custody), bindForm(timed)],
  migrations: [],
};

let h: Harness;
let clerk: Member;
beforeAll(async () => {
  h = await harness(definition);
  clerk = await h.staff('sales-support-clerk');
}, 60_000);
afterAll(() => h?.close());
beforeEach(() => h.time.set('2026-03-10T02:00:00Z')); // Tuesday 10:00

const declare = async (date: string, kind: 'holiday' | 'make-up-day' = 'holiday') => {
  const id = newId();
  const content = { form: { date, kind, name: 'Founding day' } };
  await h.publish(calendarDayEvents.approved, id, { state: 'in-force', ...content });
  return () => h.publish(calendarDayEvents.withdrawn, id, { state: 'withdrawn', ...content }, 2);
};
const hold = async () => (await clerk.post('/custody', { item: 'umbrella' })).body.id as string;
const deadlineOf = async (id: string) => (await clerk.get(`/custody/${id}`)).body.deadlines[0];
const due = (id: string, at: string) =>
  until(`the deadline ${at}`, async () => ((await deadlineOf(id)) as { dueAt: string }).dueAt === at, 10_000);
const facts = async (id: string) =>
  (await h.events()).filter(({ subject }) => subject === id).map(({ type }) => type.split('.').at(-2));
/** Everything that runs is of the present calendar. */
const recomputed = async () => {
  await h.settle();
  await until('all deadlines to be of the present calendar', async () => {
    const { rows } = await h.pool.query(
      'SELECT FROM clock, calendar_revision WHERE next_at IS NOT NULL AND calendar < revision LIMIT 1',
    );
    return rows.length === 0;
  });
};

describe('X-13 deadlines follow the working calendar', () => {
  clause('X-13', 'allowed', 'a deadline moves over a declared holiday, and back when it is withdrawn', async () => {
    const id = await hold();
    expect(await deadlineOf(id)).toEqual({ move: 'notify', dueAt: '2026-03-11T02:00:00.000Z', clause: 'D-35' });
    const begun = Date.now();
    const withdraw = await declare('2026-03-11');
    await due(id, '2026-03-12T02:00:00.000Z');
    process.stdout.write(`a declared day is in the deadlines shown after ${Date.now() - begun} ms\n`);
    const listed = (await clerk.get('/custody')).body.items as { id: string; deadlines: unknown }[];
    expect(listed.find((item) => item.id === id)!.deadlines).toEqual([await deadlineOf(id)]);
    await withdraw();
    await due(id, '2026-03-11T02:00:00.000Z');
    const { rows } = await h.pool.query(
      `SELECT rule, actor, before, after FROM audit WHERE subject = $1 AND move = 'notify' AND rule = 'X-13' ORDER BY id`,
      [id],
    );
    const [early, late] = ['2026-03-11T02:00:00.000Z', '2026-03-12T02:00:00.000Z'];
    expect(rows).toEqual([
      { rule: 'X-13', actor: 'system', before: { dueAt: early }, after: { dueAt: late } },
      { rule: 'X-13', actor: 'system', before: { dueAt: late }, after: { dueAt: early } },
    ]);
  });

  clause('X-13', 'boundary', 'only what moves is touched, and the rule that set it stays', async () => {
    const [before, after] = [await hold(), await hold()];
    await clerk.post(`/custody/${after}/notify`);
    const of = async (id: string) =>
      (await h.pool.query('SELECT rule, started_at, due_at, stopped_at FROM clock WHERE subject = $1', [id])).rows;
    const seen = [await of(before), await of(after)];
    const withdraw = await declare('2026-03-12'); // the day after the last of them
    await recomputed();
    expect([await of(before), await of(after)]).toEqual(seen);
    const audited = await h.pool.query(`SELECT FROM audit WHERE rule = 'X-13' AND subject = ANY($1)`, [
      [before, after],
    ]);
    expect(audited.rows).toEqual([]);
    await withdraw();
    await recomputed();
  });

  clause('X-13', 'refused', 'what has been published is not repeated: a warning once, and a breach stays', async () => {
    const id = await hold();
    const tick = (fact: string) =>
      until(fact, async () => (await h.service.clocks.tick(), (await facts(id)).includes(fact)));
    h.time.set('2026-03-10T09:24:00Z');
    await tick('clock-warned');
    const withdraw = await declare('2026-03-11');
    await due(id, '2026-03-12T02:00:00.000Z');
    expect(await deadlineOf(id)).toMatchObject({ warned: true });
    h.time.set('2026-03-12T01:59:59Z');
    await h.service.clocks.tick();
    expect(await facts(id)).toEqual(['held', 'clock-warned']);
    h.time.set('2026-03-12T02:00:00Z');
    await tick('clock-breached');
    await withdraw();
    await declare('2026-03-13').then((undo) => undo());
    await recomputed();
    await h.service.clocks.tick();
    expect(await facts(id)).toEqual(['held', 'clock-warned', 'clock-breached']);
    expect(await deadlineOf(id)).toEqual({
      move: 'notify',
      dueAt: '2026-03-12T02:00:00.000Z',
      clause: 'D-35',
      warned: true,
      breached: true,
    });
  });

  it('shows the deadlines of every row of a page, and describes them in OpenAPI', async () => {
    const { body } = await h.request('GET', '/openapi.json');
    const item = body.paths['/custody/{id}'].get.responses['200'].content['application/json'].schema;
    expect(item.properties.deadlines.items.required).toEqual(['move', 'dueAt', 'clause']);
    for (let i = 0; i < 3; i++) await hold();
    const items = (await clerk.get('/custody?limit=3')).body.items as { deadlines: unknown[] }[];
    expect(items.map(({ deadlines }) => deadlines.length)).toEqual([1, 1, 1]);
  });
});

describe('several processes of a service', () => {
  let other: RunningService;
  beforeAll(async () => {
    other = await startService(definition, h.environment, h.time);
  }, 60_000);
  afterAll(() => other?.close());

  clause('X-13', 'allowed', 'agree on the calendar within two seconds of the event', async () => {
    const calendars = [h.service, other].map(({ app }) => app.get<BusinessCalendar>(CALENDAR));
    const worked = () => calendars.map((calendar) => calendar.isWorkingDay('2026-03-11'));
    await until('what was declared before to be withdrawn for both', async () => worked().every((works) => works));
    const withdraw = await declare('2026-03-11');
    await until('both to know', async () => worked().every((works) => !works), 2000);
    await withdraw();
    await until('both to know again', async () => worked().every((works) => works), 2000);
  });

  clause('X-13', 'boundary', 'a clock started by a process that did not know yet is found', async () => {
    const withdraw = await declare('2026-03-11');
    await recomputed();
    const id = await hold();
    await due(id, '2026-03-12T02:00:00.000Z');
    // what a process with yesterday's calendar would have written
    await h.pool.query(
      `UPDATE clock SET due_at = '2026-03-11T02:00:00Z', next_at = '2026-03-11T02:00:00Z', calendar = calendar - 1 WHERE subject = $1`,
      [id],
    );
    await due(id, '2026-03-12T02:00:00.000Z');
    await withdraw();
    await recomputed();
  });

  clause('X-13', 'allowed', 'a process that starts with another holiday file moves what runs', async () => {
    const id = await hold();
    await due(id, '2026-03-11T02:00:00.000Z');
    const folder = await mkdtemp(join(tmpdir(), 'holidays-'));
    const file = join(folder, 'holidays.json');
    await writeFile(file, JSON.stringify({ holidays: ['2026-03-11'] }));
    const start = (environment: Record<string, string>) => startService(definition, environment, h.time);
    const moved = await start({ ...h.environment, HOLIDAYS_FILE: file });
    await due(id, '2026-03-12T02:00:00.000Z');
    await moved.close();
    const back = await start(h.environment);
    await recomputed();
    await due(id, '2026-03-11T02:00:00.000Z');
    await back.close();
    await rm(folder, { recursive: true });
  });

  it('computes again what a fresh computation gives, for any limits and days', async () => {
    const declared = new Map<string, { kind: 'holiday' | 'make-up-day'; withdraw: () => Promise<void> }>();
    const anyDay = fc.record({
      date: fc
        .integer({ min: 0, max: 120 })
        .map((n) => new Date(Date.UTC(2026, 2, 11) + n * 86_400_000).toISOString().slice(0, 10)),
      kind: fc.constantFrom('holiday', 'make-up-day'),
    });
    const anyStart = fc.integer({ min: 0, max: 24 * 60 - 1 }).map((n) => new Date(Date.UTC(2026, 2, 10) + n * 60_000));
    await fc.assert(
      fc.asyncProperty(anyStart, fc.array(anyDay, { minLength: 1, maxLength: 12 }), async (start, chosen) => {
        h.time.set(start.toISOString());
        const { id } = (await clerk.post('/promotions', { item: 'any' })).body as { id: string };
        for (const { date, kind } of chosen) {
          const before = declared.get(date);
          await before?.withdraw();
          declared.delete(date);
          if (before?.kind !== kind) declared.set(date, { kind, withdraw: await declare(date, kind) });
        }
        await recomputed();
        const of = (kind: string) => [...declared].filter(([, day]) => day.kind === kind).map(([date]) => date);
        const own = holidaysFromFile({ holidays: of('holiday'), workingDays: of('make-up-day') });
        const calendar = new BusinessCalendar({ holidays: firstThatKnows(own, chinaHolidays()) });
        const { rows } = await h.pool.query<{ move: string; due_at: Date; warnings: Date[]; next_at: Date }>(
          'SELECT move, due_at, warnings, next_at FROM clock WHERE subject = $1 AND next_at IS NOT NULL',
          [id],
        );
        expect(rows).toHaveLength(clocks.length);
        for (const { move, due_at: dueAt, warnings, next_at: next } of rows) {
          const fresh = instants(clocks[Number(move.slice('approve'.length))]!, {} as never, calendar, start)!;
          expect({ move, dueAt, warnings, next }).toEqual({ move, ...fresh, next: fresh.warnings[0] ?? fresh.dueAt });
        }
        await clerk.post(`/promotions/${id}/approve0`);
      }),
      { numRuns: 10 },
    );
    for (const { withdraw } of declared.values()) await withdraw();
  }, 120_000);
});
