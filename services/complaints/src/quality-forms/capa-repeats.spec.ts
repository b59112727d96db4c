import { capaEvents } from '@fenxiao/contracts/quality-forms';
import { system } from '@fenxiao/service-kit/actor';
import { clause } from '@fenxiao/testing/clause';
import { harness, type Harness, type Member } from '@fenxiao/testing/harness';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { aComplaint } from '../../test/a-complaint.js';
import { complaints } from '../service.js';
import { capaFor } from './capa.js';

const START = '2026-03-10T02:00:00Z';
let h: Harness;
let quality: Member, technical: Member, sales: Member, production: Member, manager: Member;
let east: string;
beforeAll(async () => {
  h = await harness(complaints, { now: START });
  east = await h.region('EAST');
  [quality, technical] = [await h.staff('quality-control'), await h.staff('technical-department')];
  [sales, production] = [await h.staff('sales-manager'), await h.staff('production-department')];
  manager = await h.staff('regional-manager', { regionId: east });
}, 60_000);
afterAll(() => h?.close());
beforeEach(() => h.time.set(START));

type Severity = 'minor' | 'medium' | 'serious' | 'grave';
/** What the decision on a complaint does. @returns the complaint */
const decided = async (
  productCode: string,
  over: { severity?: Severity; repeat?: number; defect?: string; criteria?: string[] } = {},
) => {
  const { severity = 'minor', repeat = 1, defect = 'crack', criteria = [] } = over;
  const complaint = await aComplaint(h, {
    severity,
    productCode,
    defect,
    repeat,
    region: east,
    state: 'resolving',
    criteria,
  });
  await h.pool.query(`UPDATE complaint SET verdict = 'justified' WHERE id = $1`, [complaint.id]);
  const about = { ...complaint, severity, repeat };
  await h.service.transactions.run(system, (work) => capaFor(work, about));
  return { ...complaint, again: () => h.service.transactions.run(system, (work) => capaFor(work, about)) };
};
const capasOf = async (productCode: string) =>
  (await quality.get(`/capas?productCode=${productCode}`)).body.items as {
    id: string;
    state: string;
    trigger: string;
  }[];
const move = async (id: string, name: string, body: object, by = quality) => {
  const { status, body: answer } = await by.post(`/capas/${id}/${name}`, body);
  expect([name, status, answer.detail]).toEqual([name, 200, undefined]);
};
/** From its opening to D7 at once. */
const worked = async (id: string) => {
  await move(id, 'name-team', {
    leaderId: quality.id,
    members: [
      { personId: sales.id, department: 'sales' },
      { personId: technical.id, department: 'technical' },
      { personId: production.id, department: 'production' },
      { personId: quality.id, department: 'quality' },
    ],
  });
  const text = Object.fromEntries(
    ['what', 'where', 'when', 'who', 'why', 'how', 'howMany', 'is', 'isNot'].map((q) => [q, 'x']),
  );
  await move(id, 'describe-problem', text);
  await move(id, 'contain', { stock: 'x', transit: 'x', customerProtection: 'x' });
  await move(id, 'confirm-containment', { effectChecked: 'x' });
  await move(id, 'find-cause', {
    occurrenceCause: 'x',
    occurrenceMethod: 'five-why',
    occurrenceEvidence: 'x',
    escapeCause: 'x',
    escapeMethod: 'fishbone',
    escapeEvidence: 'x',
  });
  await move(id, 'choose-action', { correctiveAction: 'x' });
  await move(id, 'verify-action', { testResult: 'x', passed: true });
  await move(id, 'carry-out', { carriedOutOn: '2026-03-10', measure: 'x', before: '2', after: '1' }, production);
  await move(id, 'prevent', { changedDocument: 'x', training: 'x', sameRiskElsewhere: 'x' });
};
const closed = async (id: string) => {
  await worked(id);
  h.time.set('2026-05-11T02:00:00Z');
  await move(id, 'verify', { effective: true, effectEvidence: 'x' }, technical);
  await move(id, 'close', { thanks: 'x' });
};

describe('C-09 what opens an 8D, and what opens it again', () => {
  clause(
    'C-09',
    'allowed',
    'opened by the system from severity serious or grave, in the region of its complaint',
    async () => {
      const [first] = [await decided('S1', { severity: 'serious' }), await decided('S2', { severity: 'grave' })];
      const [[serious], [grave]] = [await capasOf('S1'), await capasOf('S2')];
      expect([serious, grave]).toMatchObject([
        { state: 'opened', trigger: 'severity', complaintId: first.id, complaintNumber: first.number, region: east },
        { state: 'opened', trigger: 'severity' },
      ]);
      const [fact] = (await h.events(capaEvents.opened)).filter(({ subject }) => subject === serious!.id);
      expect(fact!.data).toMatchObject({
        complaintId: first.id,
        regionId: east,
        severity: 'serious',
        meta: { role: 'system', rule: 'C-09' },
      });
      expect((await manager.get(`/capas/${serious!.id}`)).status).toBe(200);
      await decided('S3', { criteria: ['safety'] });
      expect(await capasOf('S3')).toMatchObject([{ trigger: 'safety' }]);
      await first.again();
      expect(await capasOf('S1')).toHaveLength(1);
    },
  );

  clause('C-09', 'boundary', 'from the third repeat of product and defect, not from the second', async () => {
    await decided('R1', { repeat: 2 });
    expect(await capasOf('R1')).toEqual([]);
    await decided('R1', { repeat: 3 });
    expect(await capasOf('R1')).toMatchObject([{ trigger: 'repeat', repeat: 3 }]);
    const fourth = await decided('R1', { repeat: 4 });
    expect(await capasOf('R1')).toMatchObject([{ complaints: [{}, { id: fourth.id }] }]);
    await decided('R1', { repeat: 3, defect: 'other' });
    expect(await capasOf('R1')).toHaveLength(2);
  });

  clause(
    'C-09',
    'refused',
    'minor and medium complaints open none of themselves; one opened by hand joins no second',
    async () => {
      const complaint = await decided('H1', { severity: 'medium' });
      expect(await capasOf('H1')).toEqual([]);
      const opened = await sales.post('/capas', { complaintId: complaint.id, urgentResponse: 'Stopped the batch' });
      expect(opened.body).toMatchObject({
        productCode: 'H1',
        defect: 'crack',
        severity: 'medium',
        trigger: 'judgement',
      });
      expect((await sales.post('/capas', { complaintId: complaint.id })).body.code).toBe(
        'complaints.capa.runs-already',
      );
      expect((await sales.post('/capas', { complaintId: opened.body.id })).status).toBe(404);
    },
  );

  clause(
    'C-09',
    'boundary',
    'a repeat on the 90th day after the close opens it again at D4; the day after it is another',
    async () => {
      await decided('B1', { severity: 'serious' });
      const [first] = await capasOf('B1');
      await closed(first!.id);
      h.time.set('2026-08-09T02:00:00Z');
      const repeat = await decided('B1');
      expect(await capasOf('B1')).toMatchObject([{ id: first!.id, state: 'contained', round: 2 }]);
      const [fact] = await h.events(capaEvents.reopened);
      expect(fact!.data).toMatchObject({
        joinedId: repeat.id,
        round: 2,
        steps: [{ step: 'root-cause' }, {}, {}, {}, {}],
      });
      h.time.set(START);
      await decided('B2', { severity: 'serious' });
      const [other] = await capasOf('B2');
      await closed(other!.id);
      h.time.set('2026-08-09T16:00:00Z');
      await decided('B2');
      expect(await capasOf('B2')).toMatchObject([{ id: other!.id, state: 'closed' }]);
    },
  );

  it('opens again at D4 what was carried out and has not helped', async () => {
    await decided('C1', { severity: 'serious' });
    const [first] = await capasOf('C1');
    await worked(first!.id);
    await decided('C1');
    expect(await capasOf('C1')).toMatchObject([{ state: 'contained', round: 2, complaints: [{}, {}] }]);
  });

  it('two complaints of the same goods at once make one 8D', async () => {
    await Promise.all(Array.from({ length: 6 }, () => decided('X1', { severity: 'serious' })));
    const found = await capasOf('X1');
    expect(found).toHaveLength(1);
    expect((found[0] as never as { complaints: object[] }).complaints).toHaveLength(6);
  });
});
