import { formEvents } from '@fenxiao/contracts/event';
import { noticeEvents } from '@fenxiao/contracts/platform';
import { Line } from '@fenxiao/contracts/wire';
import { hours } from '@fenxiao/domain/business-calendar';
import { approval } from '@fenxiao/procedures/approval';
import { procedure } from '@fenxiao/procedures/procedure';
import { clause } from '@fenxiao/testing/clause';
import { harness, type Harness, type Member } from '@fenxiao/testing/harness';
import { until } from '@fenxiao/testing/wait';
import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { z } from 'zod';
import { baseConfig } from './config.js';
import { bindForm } from './forms.js';

/** Who is asked and told, as the service publishes it; delivering it is the console's part. */

const form = z.object({ item: Line });
const waiver = procedure({
  name: 'promotion',
  clause: 'P-20',
  events: formEvents(
    'planning',
    'waiver',
    form,
    { submitted: {}, signed: {}, edited: {}, approved: {}, rejected: {} },
    { clocks: true },
  ),
  states: ['submitted', 'approved', 'rejected'],
  read: { 'regional-manager': 'region', 'sales-manager': 'all', 'sales-general-manager': 'all' },
  start: {
    move: 'submit',
    to: 'submitted',
    by: { salesperson: 'own', 'regional-manager': 'region' },
    form,
    fact: 'submitted',
  },
  moves: {
    edit: { from: 'submitted', by: { salesperson: 'own' }, form, fact: 'edited' },
    ...approval({
      in: 'submitted',
      steps: [
        { name: 'region', slots: [{ 'regional-manager': 'region' }] },
        { name: 'heads', slots: [{ 'sales-manager': 'all' }, { finance: 'all' }] },
      ],
      approved: 'approved',
      rejected: 'rejected',
      facts: { step: 'signed', approved: 'approved', rejected: 'rejected' },
    }),
    reject: {
      from: 'submitted',
      to: 'rejected',
      by: { 'regional-manager': 'region', system: 'all' },
      fact: 'rejected',
      clock: { within: hours(8), escalateTo: 'sales-general-manager' },
    },
  },
});

let h: Harness;
let seller: Member;
let manager: Member;
let region: string;
beforeAll(async () => {
  h = await harness({ name: 'planning', config: baseConfig, procedures: [bindForm(waiver)], migrations: [] });
  region = await h.region('south');
  seller = await h.staff('salesperson', { regionId: region });
  manager = await h.staff('regional-manager', { regionId: region });
}, 60_000);
afterAll(() => h?.close());

const submit = async (): Promise<string> => (await seller.post('/promotions', { item: 'poster' })).body.id;
const noticesOf = async (id: string) =>
  (await h.events(noticeEvents('planning').requested))
    .map(({ data }) => data as unknown as { kind: string; about: string; to: Record<string, never>; dueAt?: string })
    .filter(({ about }) => about === id);

describe('asking for signatures', () => {
  clause('X-06', 'allowed', 'asks those who may sign the open step, then those of the next', async () => {
    const id = await submit();
    const asked = { kind: 'approval', procedure: 'promotion', path: 'promotions', about: id, move: 'approve' };
    const first = { ...asked, to: { powers: { 'regional-manager': 'region' }, region, except: [seller.id] } };
    expect(await noticesOf(id)).toMatchObject([first]);
    expect((await manager.post(`/promotions/${id}/approve`)).status).toBe(200);
    const next = { powers: { 'sales-manager': 'all', finance: 'all' }, except: [seller.id, manager.id] };
    expect(await noticesOf(id)).toMatchObject([first, { ...asked, to: next }]);
  });

  clause('X-06', 'boundary', 'asks nobody again for an edit, a second signature of a step, or the last', async () => {
    const id = await submit();
    await seller.post(`/promotions/${id}/edit`, { item: 'banner' });
    await manager.post(`/promotions/${id}/approve`);
    await (await h.staff('finance')).post(`/promotions/${id}/approve`);
    expect(await noticesOf(id)).toHaveLength(2);
    const done = await (await h.staff('sales-manager')).post(`/promotions/${id}/approve`);
    expect(done.body.state).toBe('approved');
    expect(await noticesOf(id)).toHaveLength(2);
  });
});

clause('X-13', 'allowed', 'a warning reminds whoever may act, a breach tells the role above as well', async () => {
  const id = await submit();
  const told = async (kind: string) =>
    until(`a ${kind}`, async () => (await noticesOf(id)).find((notice) => notice.kind === kind), 10_000);
  const [clock] = (await h.pool.query('SELECT warnings, due_at FROM clock WHERE subject = $1', [id])).rows;
  h.time.set(clock.warnings[0]);
  const reminder = await told('reminder');
  expect(reminder).toMatchObject({ move: 'reject', to: { region }, dueAt: clock.due_at.toISOString() });
  expect(reminder.to['powers']).toEqual({ 'regional-manager': 'region' });
  h.time.set(clock.due_at);
  expect((await told('breach')).to['powers']).toEqual({
    'regional-manager': 'region',
    'sales-general-manager': 'all',
  });
});
