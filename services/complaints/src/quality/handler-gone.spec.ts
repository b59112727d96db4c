import { personEvents, positionEvents } from '@fenxiao/contracts/appraisals';
import { complaintEvents } from '@fenxiao/contracts/complaints';
import { clause } from '@fenxiao/testing/clause';
import type { Member } from '@fenxiao/testing/harness';
import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { qualityWorld, type Bought, type QualityWorld } from '../../test/quality.js';

let w: QualityWorld;
let bought: Bought;
beforeAll(async () => {
  w = await qualityWorld();
  bought = await w.bought(await w.customer());
}, 60_000);
afterAll(() => w?.close());
/** by then the first manager is gone */
const thursday = '2026-03-12T02:00:00Z';

const logged = async (): Promise<string> => (await w.log(bought, { quantity: '1' })).body.id;
const handlerOf = async (id: string) => {
  const { handlerId, handlerRole } = await w.read(id);
  return { handlerId, handlerRole };
};
async function endPosition(of: Member, validTo: string): Promise<void> {
  const { rows } = await w.h.pool.query<{ id: string }>('SELECT id FROM known_position WHERE person = $1', [of.id]);
  await w.h.publish(positionEvents.ended, rows[0]!.id, { personId: of.id, validTo }, 2);
  await w.h.settle();
}

describe('C-01 the handler of a quality complaint leaves the position', () => {
  clause(
    'C-01',
    'boundary',
    'in hand to the last day, and the deputy general manager’s on the morning after',
    async () => {
      const id = await logged();
      const done = await logged();
      await w.upTo(done, 'resolved');
      await endPosition(w.manager, '2026-03-10');
      expect((await w.manager.post(`/complaints/${id}/acknowledge`)).status).toBe(200);
      expect(await handlerOf(id)).toEqual({ handlerId: w.manager.id, handlerRole: 'sales-manager' });
      w.h.time.set('2026-03-10T22:00:00Z'); // Wednesday, six in the morning
      await w.h.service.jobs.run('reassign-complaints', '2026-03-11');
      expect(await handlerOf(id)).toEqual({ handlerId: w.deputy.id, handlerRole: 'deputy-general-manager-sales' });
      const assigned = (await w.h.events(complaintEvents.assigned)).filter(({ subject }) => subject === id);
      expect(assigned.at(-1)!.data).toMatchObject({
        handlerRole: 'deputy-general-manager-sales',
        meta: { rule: 'C-01', role: 'system', reason: expect.stringContaining('离岗') },
      });
      // what is resolved is nobody's any more
      expect((await handlerOf(done)).handlerId).toBe(w.manager.id);
      w.h.time.set(thursday);
      await w.h.service.jobs.run('reassign-complaints', '2026-03-12');
      expect((await w.h.events(complaintEvents.assigned)).filter(({ subject }) => subject === id)).toHaveLength(2);
    },
  );

  clause(
    'C-01',
    'allowed',
    'at once where the position ends today or the person has left: the other manager has it',
    async () => {
      w.h.time.set(thursday);
      const [first, second] = [await w.h.staff('sales-manager'), await w.h.staff('sales-manager')];
      const id = await logged();
      expect((await handlerOf(id)).handlerId).toBe(first.id);
      await endPosition(first, '2026-03-11');
      expect(await handlerOf(id)).toEqual({ handlerId: second.id, handlerRole: 'sales-manager' });
      await w.h.publish(personEvents.left, second.id, { staffNumber: 'S9', lastDay: '2026-03-12' }, 2);
      await w.h.settle();
      expect((await handlerOf(id)).handlerId).toBe(w.deputy.id);
    },
  );

  clause('C-01', 'refused', 'whoever has left handles it no more, and the deputy does', async () => {
    w.h.time.set(thursday);
    const manager = await w.h.staff('sales-manager');
    const id = await logged();
    await endPosition(manager, '2026-03-11');
    const acknowledge = (by: Member) => by.post(`/complaints/${id}/acknowledge`);
    expect((await acknowledge(manager)).status).toBe(403);
    expect((await acknowledge(w.deputy)).status).toBe(200);
  });
});
