import { regulationEvents } from '@fenxiao/contracts/regulations';
import { newId } from '@fenxiao/domain/id';
import { clause } from '@fenxiao/testing/clause';
import { harness, type Harness } from '@fenxiao/testing/harness';
import { until } from '@fenxiao/testing/wait';
import { afterAll, beforeAll, expect } from '@jest/globals';
import { planning } from './service.js';

let h: Harness;
beforeAll(async () => {
  h = await harness(planning);
}, 60_000);
afterAll(() => h?.close());

clause('X-10', 'boundary', 'another service learns from events what shuts the gate, and what opens it', async () => {
  const seller = await h.staff('salesperson');
  const status = async () => (await seller.post('/alerts', { title: 'x', detail: 'x' })).status;
  expect(await status()).toBe(201);
  const id = newId();
  const form = {
    code: 'SAFETY',
    version: 1,
    type: 'company-rule' as const,
    title: 'Safety',
    text: 'Read me',
    effectiveFrom: '2026-03-10',
    clauses: ['X-08'],
    mustBeReadFirst: true,
  };
  await h.publish(regulationEvents.effective, id, { state: 'effective', form });
  await until('the gate to shut', async () => (await status()) === 403);
  const refused = (await seller.post('/competitors', { code: 'A', name: 'A' })).body;
  expect(refused).toMatchObject({ code: 'work.reading-first', confirm: { body: { regulationId: id } } });
  await h.publish(regulationEvents.replaced, id, { state: 'replaced', form }, 2);
  await until('the gate to open', async () => (await status()) === 201);
});
