import { penaltyEvents } from '@fenxiao/contracts/service-complaints';
import { newId } from '@fenxiao/domain/id';
import { clause } from '@fenxiao/testing/clause';
import type { Member, Reply } from '@fenxiao/testing/harness';
import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { company, justified, type Company } from '../../test/company.js';
import { factsOf, movePenalty, pathOf, versionOf } from '../../test/penalties.js';

let c: Company;
beforeAll(async () => {
  c = await company();
}, 60_000);
afterAll(() => c?.close());

const move = (penalty: Reply, name: string, by: Member, form?: object) => movePenalty(c, penalty, name, by, form);
const read = async (penalty: Reply) => (await c.hr.get(pathOf(penalty))).body;
const namesOf = (penalty: Reply) => factsOf(c, penalty);

describe('C-15 quality fault 《考核方案》', () => {
  const forQuality = (complaintId: string, extra: object, by = c.salesManager) =>
    by.post('/penalties', { fault: 'quality', complaintId, criticism: 'Mixed two batches.', ...extra });
  const record = (penalty: Reply, finding: string, by = c.deputy) =>
    move(penalty, 'record-finding', by, { finding, evidence: 'As the report says.' });

  clause(
    'C-15',
    'allowed',
    'a notice of criticism of the person and of the department, each a matter of its own',
    async () => {
      const complaintId = await justified(c, 'partly');
      const person = await forQuality(complaintId, { personId: c.accused.id });
      const department = await forQuality(complaintId, { unit: 'warehouse' });
      expect(person.body).toMatchObject({ personId: c.accused.id, unit: 'warehouse', fine: null, dismissal: false });
      expect(department.body).toMatchObject({ personId: null, unit: 'warehouse', fine: null });
      expect((await forQuality(complaintId, { unit: 'warehouse' })).body).toMatchObject({
        status: 409,
        code: 'complaints.penalty.already',
      });
      expect((await forQuality(complaintId, { unit: 'warehuose' })).body).toMatchObject({
        status: 422,
        code: 'complaints.penalty.unknown-unit',
      });
      await move(department, 'approve', c.hr);
      // the department's head appeals for it, whoever else works there does not
      expect((await move(department, 'appeal', c.colleague, { grounds: 'x' })).status).toBe(403);
      expect((await move(department, 'appeal', c.head, { grounds: 'x' })).body.state).toBe('appealed');
      const [proposal] = (await c.h.events(penaltyEvents.proposed)).filter(
        ({ subject }) => subject === department.body.id,
      );
      expect(proposal!.data).toMatchObject({ fault: 'quality', unit: 'warehouse', complaintId, findings: [] });
      expect(proposal!.data).not.toHaveProperty('fine');
    },
  );

  clause(
    'C-15',
    'refused',
    'a fine without a scheme in force (A-02), before the verdict, for nobody, by the office',
    async () => {
      const complaintId = await justified(c);
      const person = { personId: c.accused.id };
      expect((await forQuality(complaintId, { ...person, fine: '50' })).body).toMatchObject({
        status: 422,
        code: 'complaints.penalty.no-scheme',
        rule: 'A-02',
        field: 'fine',
      });
      const open = await justified(c, '');
      expect((await forQuality(open, person)).body).toMatchObject({
        status: 409,
        code: 'complaints.penalty.not-justified',
        rule: 'C-15',
      });
      expect((await forQuality(complaintId, {})).body).toMatchObject({ status: 422, field: 'personId' });
      expect((await forQuality(complaintId, { ...person, unit: 'sales' })).body).toMatchObject({ field: 'unit' });
      expect((await forQuality(complaintId, person, c.office)).body).toMatchObject({ status: 403, rule: 'C-15' });
      expect((await forQuality(complaintId, { personId: c.salesManager.id })).status).toBe(403);
      expect((await forQuality(newId(), person)).status).toBe(404);
    },
  );

  clause('C-15', 'allowed', 'of the department of personnel decided by who does not work in it', async () => {
    const theirs = await c.h.staff('human-resources', { unit: 'personnel' });
    const penalty = await forQuality(await justified(c), { unit: 'personnel' });
    expect((await move(penalty, 'approve', theirs)).body).toMatchObject({ status: 403, code: 'procedure.own-matter' });
    const head = await c.h.staff('sales-general-manager');
    expect((await move(penalty, 'approve', head)).body.state).toBe('approved');
  });

  clause('C-15', 'refused', 'T12: dismissal on two of the three findings, whichever two', async () => {
    const all = ['very-serious', 'bad-consequences', 'no-remorse'];
    for (const missing of all) {
      const penalty = await forQuality(await justified(c), { personId: c.accused.id });
      for (const finding of all) if (finding !== missing) expect((await record(penalty, finding)).status).toBe(200);
      const { body } = await move(penalty, 'propose-dismissal', c.deputy);
      expect(body).toMatchObject({ status: 422, code: 'complaints.penalty.findings-missing', rule: 'C-15' });
      expect(body.detail).toContain(missing);
      expect((await read(penalty)).dismissal).toBe(false);
    }
    const complaintId = await justified(c);
    const straight = await forQuality(complaintId, { personId: c.accused.id, dismissal: true });
    expect(straight.body).toMatchObject({ status: 422, field: 'dismissal' });
    const department = await forQuality(complaintId, { unit: 'warehouse' });
    expect((await record(department, 'very-serious')).body).toMatchObject({
      status: 409,
      code: 'complaints.penalty.persons-only',
    });
  });

  clause('C-15', 'boundary', 'with the third finding it is proposed; none counts twice', async () => {
    const penalty = await forQuality(await justified(c), { personId: c.accused.id });
    await record(penalty, 'very-serious');
    await record(penalty, 'no-remorse');
    expect((await record(penalty, 'no-remorse')).body).toMatchObject({ status: 409, field: 'finding' });
    expect((await move(penalty, 'propose-dismissal', c.deputy)).status).toBe(422);
    await record(penalty, 'bad-consequences');
    expect((await move(penalty, 'propose-dismissal', c.deputy)).body).toMatchObject({ dismissal: true });
    expect((await read(penalty)).findings).toMatchObject([
      { finding: 'very-serious', person: c.deputy.id, evidence: 'As the report says.' },
      { finding: 'no-remorse' },
      { finding: 'bad-consequences' },
    ]);
    expect(await namesOf(penalty)).toEqual(['proposed', ...Array(3).fill('finding-recorded'), 'dismissal-proposed']);
    await move(penalty, 'approve', c.hr);
    expect((await record(penalty, 'very-serious')).status).toBe(409);
  });

  clause(
    'C-15',
    'refused',
    'approved by who recorded a finding or proposed the dismissal, or not as it was read',
    async () => {
      const both = await c.h.staff(['office', 'human-resources']);
      const [recorder, proposer] = [
        await forQuality(await justified(c), { personId: c.accused.id }),
        await proposedBy(both),
      ];
      await record(recorder, 'very-serious', both);
      for (const penalty of [recorder, proposer])
        for (const [name, form] of [
          ['approve', {}],
          ['reject', { reason: 'x' }],
        ] as const)
          expect((await move(penalty, name, both, form)).body).toMatchObject({
            status: 403,
            code: 'procedure.own-matter',
          });
      expect((await move(proposer, 'propose-dismissal', c.deputy)).body).toMatchObject({
        status: 409,
        code: 'complaints.penalty.dismissal-proposed',
      });
      // nor do they judge the appeal
      await move(proposer, 'approve', c.hr);
      await move(proposer, 'appeal', c.accused, { grounds: 'x' });
      expect((await move(proposer, 'dismiss-appeal', both, { reason: 'x' })).body.code).toBe('procedure.own-matter');

      const sign = (headers: Record<string, string>) => c.hr.post(`${pathOf(recorder)}/approve`, {}, headers);
      const seen = { 'if-match': await versionOf(c, recorder) };
      await record(recorder, 'no-remorse');
      expect([(await sign({})).status, (await sign(seen)).status]).toEqual([428, 412]);
      expect((await move(recorder, 'approve', c.hr)).body.state).toBe('approved');
    },
  );

  /** the three findings are the deputy's, the dismissal is proposed by somebody else */
  async function proposedBy(who: Member): Promise<Reply> {
    const penalty = await forQuality(await justified(c), { personId: c.accused.id });
    for (const finding of ['very-serious', 'bad-consequences', 'no-remorse']) await record(penalty, finding);
    await move(penalty, 'propose-dismissal', who);
    return penalty;
  }
});
