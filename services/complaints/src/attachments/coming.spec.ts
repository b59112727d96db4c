import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { clause } from '@fenxiao/testing/clause';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { aComplaint } from '../../test/a-complaint.js';
import { company, type Company } from '../../test/after-sales.js';
import { jpeg, plainJpeg, plainPng, when, where } from '../../test/photographs.js';

let c: Company;
beforeAll(async () => {
  c = await company();
}, 60_000);
afterAll(() => c?.close());
beforeEach(() => c.h.time.set('2026-03-10T02:00:00Z'));

/** A new case of the distributor's; the path of its attachments. */
const reported = async () => {
  const form = { distributorCode: c.customer.code, description: 'Tiles come loose' };
  const id = (await c.distributor.post('/after-sales-cases', form)).body.id as string;
  return { id, path: `/after-sales-cases/${id}/attachments` };
};
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const filesOf = async (id: string) => readdir(join(c.folder, 'after-sales-case', id)).catch(() => []);

clause('C-01', 'refused', 'T27: the person complained of adds nothing to the complaint about them', async () => {
  const head = await c.h.staff('head-of-department');
  const { id } = await aComplaint(c.h, { against: head.id });
  const path = `/complaints/${id}/attachments`;
  expect((await c.upload(head, path, plainJpeg)).body).toMatchObject({
    status: 403,
    code: 'complaints.complaint.complained-of',
  });
  expect((await c.upload(c.administrator, path, plainJpeg)).status).toBe(201);
});

clause(
  'C-10',
  'boundary',
  'a camera that tells of days to come is not believed: who uploads it is, or nobody',
  async () => {
    c.h.time.set('2026-03-10T01:29:59Z');
    const { path } = await reported();
    const said = { takenAt: '2026-03-10T01:00:00.000Z' };
    expect((await c.upload(c.distributor, path, jpeg())).body).toMatchObject({ takenAt: null, ...where });
    expect((await c.upload(c.distributor, path, jpeg({ turned: 6 }), { fields: said })).body).toMatchObject(said);
    c.h.time.set(when);
    expect((await c.upload(c.distributor, path, jpeg({ turned: 3 }), { fields: said })).body).toMatchObject({
      takenAt: when,
    });
  },
);

describe('what nothing came of', () => {
  const sweep = () => c.h.service.jobs.run('sweep-attachments', c.h.time.now().toISOString().slice(0, 10));

  clause(
    'X-20',
    'boundary',
    'is taken out of the store after a time of grace, and what is attached stays',
    async () => {
      const { id, path } = await reported();
      await c.upload(c.distributor, path, jpeg());
      // put and then refused, since the key was used for another
      const headers = { 'idempotency-key': `sweep-${id}` };
      await c.upload(c.distributor, path, plainPng, { headers });
      expect((await c.upload(c.distributor, path, plainJpeg, { headers })).status).toBe(422);
      expect(await filesOf(id)).toHaveLength(3);
      c.h.time.set('2026-03-12T01:59:59Z');
      await sweep();
      expect(await filesOf(id)).toHaveLength(3);
      c.h.time.set('2026-03-13T02:00:00Z');
      await sweep();
      expect(new Set(await filesOf(id))).toEqual(new Set([jpeg(), plainPng].map(sha256)));
      const { rows } = await c.h.pool.query('SELECT FROM attachment_put WHERE subject = $1', [id]);
      expect(rows).toEqual([]);
      expect((await c.download(c.distributor, `${path}/1`)).bytes).toEqual(jpeg());
      expect((await c.upload(c.distributor, path, plainJpeg)).status).toBe(201);
    },
  );

  it('is put again within its time of grace: the file stays', async () => {
    const { id, path } = await reported();
    const headers = { 'idempotency-key': `again-${id}` };
    await c.upload(c.distributor, path, plainPng, { headers });
    for (const now of ['2026-03-10T02:00:00Z', '2026-03-13T01:00:00Z']) {
      c.h.time.set(now);
      expect((await c.upload(c.distributor, path, plainJpeg, { headers })).status).toBe(422);
    }
    c.h.time.set('2026-03-14T02:00:00Z');
    await sweep();
    expect(await filesOf(id)).toHaveLength(2);
  });
});

it('refuses a place that no table keeps, before anything is put into the store', async () => {
  const { id, path } = await reported();
  const answer = await c.upload(c.distributor, path, plainJpeg, { fields: { place: 'a\0b' } });
  expect(answer.body).toMatchObject({ status: 400, field: 'place' });
  expect(await filesOf(id)).toEqual([]);
});
