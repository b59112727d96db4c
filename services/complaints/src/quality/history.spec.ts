import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { complaintEvents } from '@fenxiao/contracts/complaints';
import { newId } from '@fenxiao/domain/id';
import { clause } from '@fenxiao/testing/clause';
import { harness, type Harness, type Member } from '@fenxiao/testing/harness';
import { complaints } from '../service.js';

let h: Harness;
let importer: Member;
let manager: Member;
let region: string;
beforeAll(async () => {
  h = await harness(complaints, { now: '2026-03-10T02:00:00Z' });
  region = await h.region('WEST');
  importer = await h.staff('importer');
  manager = await h.staff('sales-manager');
}, 60_000);
afterAll(() => h?.close());

const row = { number: 'A-1', receivedAt: '2025-01-31T23:30', regionCode: 'WEST', defect: 'colour', source: 'books' };
const load = (...rows: object[]) => importer.post('/imports/complaints', { importId: newId(), rows });
const find = async (number: string) => (await manager.get(`/complaints?number=${number}`)).body.items[0];

describe('complaints of another register', () => {
  clause('C-01', 'allowed', 'enter with their times, and what is open goes on here', async () => {
    const { body } = await load(row, { ...row, number: 'A-2', closedAt: '2025-02-01T01:00', severity: 'serious' });
    expect(body.results).toMatchObject([{ outcome: 'created' }, { outcome: 'created' }]);
    expect(await find('A-1')).toMatchObject({
      state: 'logged',
      receivedOn: '2025-01-31',
      receivedAt: '2025-01-31T15:30:00.000Z',
      handlerId: manager.id,
      historic: true,
      purchasedOn: null,
      region,
      deadlines: [],
    });
    expect(await find('A-2')).toMatchObject({ state: 'archived', closedAt: '2025-01-31T17:00:00.000Z' });
    const events = await h.events(complaintEvents.recorded);
    // each is of its own subject, so they may come in any order
    const recorded = events.toSorted((a, b) => String(a.data.number).localeCompare(String(b.data.number)));
    expect(recorded.map(({ data }) => data)).toMatchObject([
      { number: 'A-1', state: 'logged', source: 'books', defect: 'colour', regionId: region },
      { number: 'A-2', closedAt: '2025-01-31T17:00:00.000Z', severity: 'serious', state: 'archived' },
    ]);
    for (const { data } of recorded)
      expect(Object.keys(data)).not.toEqual(expect.arrayContaining(['grade', 'quantity']));
    const { status } = await manager.post(`/complaints/${(await find('A-1')).id}/acknowledge`);
    expect(status).toBe(200);
    expect((await load(row)).body.results).toMatchObject([{ outcome: 'unchanged' }]);
  });

  clause(
    'C-01',
    'refused',
    'not with a region nobody knows, closed before it came, or under another content',
    async () => {
      const { body } = await load(
        { ...row, number: 'B-1', regionCode: 'NOWHERE' },
        { ...row, number: 'B-2', productCode: 'NOTHING' },
        { ...row, number: 'B-3', closedAt: '2025-01-31T23:29' },
        { ...row, number: 'A-2' },
        { ...row, number: 'B-4', receivedAt: '2025-02-30T10:00' },
      );
      expect(body.results.map(({ errors }: { errors: { code: string }[] }) => errors[0]!.code)).toEqual([
        'complaints.region.unknown',
        'complaints.product.unknown',
        'complaints.complaint.closed-before-received',
        'import.recorded-otherwise',
        'request.invalid_format',
      ]);
      const { status } = await manager.post('/imports/complaints', { importId: newId(), rows: [row] });
      expect(status).toBe(403);
    },
  );

  clause('C-01', 'refused', 'a number of our own series, and a time that is still to come', async () => {
    const { body } = await load(
      { ...row, number: 'TS-2026-000001' },
      { ...row, number: 'D-1', receivedAt: '2026-03-10T10:01' },
      { ...row, number: 'D-2', closedAt: '2026-03-10T10:01' },
      // now is 10:00 in Shanghai; the old register may have had a like series
      { ...row, number: 'TS-2026-00001', receivedAt: '2026-03-10T10:00', closedAt: '2026-03-10T10:00' },
    );
    const results = body.results as { outcome: string; errors?: { code: string; field: string }[] }[];
    expect(results.map(({ outcome, errors }) => [errors?.[0]?.code ?? outcome, errors?.[0]?.field])).toEqual([
      ['complaints.complaint.own-series', 'number'],
      ['complaints.complaint.time-to-come', 'receivedAt'],
      ['complaints.complaint.time-to-come', 'closedAt'],
      ['created', undefined],
    ]);
  });

  clause('C-01', 'boundary', 'what is closed in the minute it came was closed', async () => {
    const { body } = await load(
      { ...row, number: 'C-1', closedAt: row.receivedAt },
      { ...row, number: 'C-1', source: 'elsewhere' },
    );
    expect(body.results.map(({ outcome }: { outcome: string }) => outcome)).toEqual(['created', 'rejected']);
    expect(await find('C-1')).toMatchObject({ state: 'archived' });
  });
});
