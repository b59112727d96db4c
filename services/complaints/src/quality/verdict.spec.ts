import { complaintEvents } from '@fenxiao/contracts/complaints';
import { clause } from '@fenxiao/testing/clause';
import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { qualityWorld, tuesday, type Bought, type QualityWorld } from '../../test/quality.js';

describe('a complaint is found justified, or not', () => {
  let w: QualityWorld;
  let bought: Bought;
  beforeAll(async () => {
    w = await qualityWorld();
    bought = await w.bought(await w.customer());
  });
  afterAll(() => w.close());
  const found = async (extra: object = {}) => {
    w.h.time.set(tuesday);
    const { id } = (await w.log(bought, extra)).body;
    await w.upTo(id, 'cause-confirmed');
    return id as string;
  };
  const move = (id: string, name: string, form: object, by = w.manager) => by.post(`/complaints/${id}/${name}`, form);
  const last = async (contract: Parameters<typeof w.h.events>[0], id: string) =>
    (await w.h.events(contract)).findLast(({ subject }) => subject === id)!.data;
  const judged = { verdict: 'partly', evidence: 'Half of the samples differ.' };
  const rejected = {
    evidence: 'Within the standard.',
    furtherRoutes: 'The consumers association.',
    reason: 'Not a defect.',
  };

  clause('C-05', 'allowed', 'justified or partly, with the evidence, leads to the decision', async () => {
    for (const verdict of ['justified', 'partly']) {
      const id = await found();
      const { status, body } = await move(id, 'judge', { ...judged, verdict });
      expect([status, body]).toMatchObject([200, { state: 'decision', verdict, judgedOn: '2026-03-10' }]);
      expect(await last(complaintEvents.judged, id)).toMatchObject({ verdict, evidence: judged.evidence });
    }
  });

  clause(
    'C-05',
    'allowed',
    'not justified is said with the reason and the further ways, and may be opened again',
    async () => {
      const id = await found();
      const { status, body } = await move(id, 'reject', rejected);
      expect([status, body]).toMatchObject([
        200,
        { state: 'rejected', verdict: 'not-justified', furtherRoutes: 'The consumers association.' },
      ]);
      const fact = await last(complaintEvents.rejected, id);
      expect(fact).toMatchObject({ verdict: 'not-justified', meta: { reason: 'Not a defect.', rule: 'C-05' } });
      const again = await move(id, 'reopen', { reason: 'New samples came.' }, w.seller);
      expect([again.status, again.body]).toMatchObject([200, { state: 'reopened', verdict: null }]);
      expect((await move(id, 'judge', judged)).body).toMatchObject({ state: 'decision' });
    },
  );

  clause(
    'C-05',
    'allowed',
    'a visit: the manager with a head of department, what was found, signed by the customer',
    async () => {
      const id = await found();
      const persons = [w.manager.id, w.head.id];
      const planned = await move(id, 'plan-visit', { needed: true, plannedOn: '2026-03-11', persons });
      expect([planned.status, planned.body.visit]).toMatchObject([
        200,
        { needed: true, plannedOn: '2026-03-11', persons },
      ]);
      w.h.time.set('2026-03-11T06:00:00Z');
      const report = { visitedOn: '2026-03-11', persons, findings: 'Two shades on one floor.', signed: true };
      expect((await move(id, 'record-visit', report)).body.visit).toMatchObject(report);
      expect(await last(complaintEvents.visited, id)).toMatchObject({ visitedOn: '2026-03-11', signed: true });
      expect((await move(id, 'judge', judged)).status).toBe(200);
      // where none is needed, that is said
      const other = await found();
      expect((await move(other, 'plan-visit', { needed: false })).body.visit).toEqual({ needed: false });
      expect((await move(other, 'judge', judged)).status).toBe(200);
    },
  );

  clause(
    'C-05',
    'refused',
    'without evidence, reason or further ways, by whom does not handle it, before the cause',
    async () => {
      const id = await found();
      expect((await move(id, 'judge', { verdict: 'justified' })).body).toMatchObject({
        status: 400,
        field: 'evidence',
      });
      // not justified is a move of its own
      expect((await move(id, 'judge', { ...judged, verdict: 'not-justified' })).status).toBe(400);
      for (const field of ['evidence', 'furtherRoutes', 'reason'])
        expect((await move(id, 'reject', { ...rejected, [field]: undefined })).body).toMatchObject({
          status: 400,
          field,
        });
      for (const member of [w.seller, w.support, w.technical, w.gm])
        expect((await move(id, 'judge', judged, member)).body).toMatchObject({ status: 403, rule: 'C-05' });
      expect((await move(id, 'judge', judged, w.deputy)).body).toMatchObject({
        code: 'complaints.complaint.not-the-handler',
      });
      const early = (await w.log(bought)).body.id;
      expect((await move(early, 'judge', judged)).status).toBe(409);
    },
  );

  clause(
    'C-05',
    'refused',
    'a visit that is needed and has not been made, without a head, without signature or reason',
    async () => {
      const id = await found();
      const plan = (form: object) => move(id, 'plan-visit', { needed: true, plannedOn: '2026-03-10', ...form });
      expect((await plan({})).body).toMatchObject({ code: 'complaints.visit.incomplete' });
      expect((await plan({ persons: [w.head.id, w.technical.id] })).body).toMatchObject({
        code: 'complaints.visit.no-leader',
      });
      expect((await plan({ persons: [w.deputy.id, w.technical.id] })).body).toMatchObject({
        code: 'complaints.visit.no-head',
      });
      const report = { visitedOn: '2026-03-10', persons: [w.deputy.id, w.head.id], findings: 'Seen.', signed: false };
      expect((await move(id, 'record-visit', report)).body).toMatchObject({ code: 'complaints.visit.not-planned' });
      expect((await plan({ persons: report.persons })).status).toBe(200);
      expect((await move(id, 'judge', judged)).body).toMatchObject({ status: 409, code: 'complaints.visit.first' });
      expect((await move(id, 'reject', rejected)).body).toMatchObject({ code: 'complaints.visit.first' });
      expect((await move(id, 'record-visit', report)).body).toMatchObject({
        code: 'complaints.visit.unsigned',
        field: 'unsigned',
      });
      expect((await move(id, 'record-visit', { ...report, persons: [w.head.id] })).body.code).toBe(
        'complaints.visit.unsigned',
      );
      const unsigned = { ...report, unsigned: 'The customer was away.' };
      expect((await move(id, 'record-visit', { ...unsigned, persons: [w.head.id] })).body.code).toBe(
        'complaints.visit.no-leader',
      );
      expect((await move(id, 'record-visit', unsigned)).status).toBe(200);
      expect((await plan({ persons: report.persons })).body).toMatchObject({
        code: 'complaints.visit.visited-already',
      });
    },
  );

  clause(
    'C-05',
    'boundary',
    'one person is no company, even of both positions; a visit is today at the earliest and latest',
    async () => {
      const id = await found();
      const both = await w.h.staff(['sales-manager', 'head-of-department']);
      const plan = (plannedOn: string, persons: string[]) =>
        move(id, 'plan-visit', { needed: true, plannedOn, persons });
      expect((await plan('2026-03-10', [both.id])).body).toMatchObject({ code: 'complaints.visit.no-head' });
      expect((await plan('2026-03-09', [both.id, w.deputy.id])).body).toMatchObject({
        code: 'complaints.visit.not-that-day',
      });
      expect((await plan('2026-03-10', [both.id, w.deputy.id])).status).toBe(200);
      const report = { persons: [both.id, w.deputy.id], findings: 'Seen.', signed: true };
      expect((await move(id, 'record-visit', { ...report, visitedOn: '2026-03-11' })).body).toMatchObject({
        code: 'complaints.visit.not-that-day',
      });
      expect((await move(id, 'record-visit', { ...report, visitedOn: '2026-03-10' })).status).toBe(200);
    },
  );
});
