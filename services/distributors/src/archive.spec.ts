import { createHash } from 'node:crypto';
import { documentEvents } from '@fenxiao/contracts/platform';
import { movesFrom, leaves, type Move, type Procedure } from '@fenxiao/procedures/procedure';
import { canonical, endStates } from '@fenxiao/service-kit/archive';
import { migrateService } from '@fenxiao/service-kit/migrate';
import { clause } from '@fenxiao/testing/clause';
import { harness, type Harness, type Member } from '@fenxiao/testing/harness';
import { until } from '@fenxiao/testing/wait';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { custody } from './custody.js';
import { procedures } from './procedures.js';
import { distributors } from './service.js';

let h: Harness;
let clerk: Member;
let salesManager: Member;
let auditor: Member;
let manager: Member;
let deputy: Member;
beforeAll(async () => {
  h = await harness(distributors, { now: '2026-03-10T02:00:00Z', env: { RETENTION_YEARS: '{"custody": 3}' } });
  clerk = await h.staff('sales-support-clerk');
  salesManager = await h.staff('sales-manager');
  auditor = await h.staff('auditor');
  deputy = await h.staff('deputy-general-manager-sales');
  const head = await h.staff('salesperson');
  const { body: east } = await deputy.post('/regions', { code: 'EAST', name: 'EAST', managerId: head.id });
  await deputy.post('/regions', { code: 'WEST', name: 'WEST', managerId: head.id });
  await h.settle();
  manager = await h.staff('regional-manager', { regionId: east.id });
}, 60_000);
afterAll(() => h?.close());

/** An item kept and handed back: closed, so sealed. */
async function returned(): Promise<{ subject: string; document: string }> {
  const { body } = await clerk.post('/custody', { item: 'umbrella', place: 'lobby' });
  expect((await clerk.get(`/archive?subject=${body.id}`)).body.items).toEqual([]);
  await clerk.post(`/custody/${body.id}/return`, { receivedBy: 'owner' });
  const { items } = (await clerk.get(`/archive?subject=${body.id}`)).body;
  return { subject: body.id, document: items[0].id };
}

async function terminated(regionCode: string): Promise<string> {
  const master = {
    code: `T-${regionCode}`,
    name: 'Dealer',
    licence: `L-${regionCode}`,
    segment: 'regional-distributor',
  };
  const { body } = await salesManager.post('/distributors', { ...master, regionCode });
  for (const move of ['qualify', 'start-trial', 'activate'])
    await salesManager.post(`/distributors/${body.id}/${move}`);
  expect((await deputy.post(`/distributors/${body.id}/terminate`, { reason: 'closed the shop' })).status).toBe(200);
  return (await auditor.get(`/archive?subject=${body.id}`)).body.items[0].id;
}

describe('X-14 archive', () => {
  clause(
    'X-14',
    'allowed',
    'what is closed is sealed in the same transaction, with its moves and its hash',
    async () => {
      const { subject, document } = await returned();
      const { body } = await clerk.get(`/archive/${document}`);
      expect(body).toMatchObject({
        procedure: 'custody',
        subject,
        version: 1,
        retainUntil: '2029-03-10',
        verified: true,
        holders: [{ holder: 'sales-support-clerk', kind: 'original' }],
        content: {
          state: 'returned',
          record: { form: { item: 'umbrella', receivedBy: '***' } }, // nothing sealed can be erased
          moves: [{ move: 'hold' }, { move: 'return' }],
        },
        copies: [],
      });
      expect(createHash('sha256').update(canonical(body.content)).digest('hex')).toBe(body.hash);
      const [sealed] = (await h.events(documentEvents('distributors').sealed)).filter(
        (event) => event.subject === document,
      );
      expect(sealed!.data).toMatchObject({ about: subject, hash: body.hash, meta: { rule: 'X-14' } });
      expect((await clerk.get(`/custody/${subject}/page`, { 'accept-language': 'zh' })).body).toContain(body.hash);
    },
  );

  clause(
    'X-14',
    'refused',
    'a move on what is closed; changing or deleting what is sealed, as the serving role',
    async () => {
      const { subject, document } = await returned();
      for (const move of ['notify', 'return', 'dispose'])
        expect(
          (
            await (move === 'dispose' ? salesManager : clerk).post(`/custody/${subject}/${move}`, {
              reason: 'again',
              receivedBy: 'x',
            })
          ).status,
        ).not.toBe(200);
      const role = `serving_${process.pid}`;
      await h.pool.query(`CREATE ROLE ${role} LOGIN PASSWORD 'serving'`);
      try {
        await migrateService(h.databaseUrl, 'distributors', distributors.migrations, role);
        const client = new Client({ connectionString: h.databaseUrl });
        await client.connect();
        await client.query(`SET ROLE ${role}`);
        for (const text of [
          `UPDATE distributors.archive_document SET content = '{}' WHERE id = '${document}'`,
          `DELETE FROM distributors.archive_document`,
          `DELETE FROM distributors.archive_copy`,
          `UPDATE distributors.archive_return SET at = now()`,
          `TRUNCATE distributors.archive_return`,
        ])
          await expect(client.query(text)).rejects.toMatchObject({ code: '42501' });
        await client.end();
      } finally {
        // The topic is the owner's again.
        await migrateService(h.databaseUrl, 'distributors', distributors.migrations);
        await h.pool.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
      }
    },
  );

  it('shows when somebody changed a document past the service', async () => {
    const { document } = await returned();
    await h.pool.query(`UPDATE archive_document SET content = replace(content, 'umbrella', 'watch') WHERE id = $1`, [
      document,
    ]);
    expect((await clerk.get(`/archive/${document}`)).body.verified).toBe(false);
  });

  clause('X-14', 'refused', "T32: another region's document; the auditor sees all", async () => {
    const [own, other] = [await terminated('EAST'), await terminated('WEST')];
    expect((await manager.get(`/archive/${own}`)).status).toBe(200);
    expect(await manager.get(`/archive/${other}`)).toMatchObject({
      status: 403,
      body: { code: 'procedure.outside-scope', rule: 'X-14' },
    });
    const listed = (await manager.get('/archive?procedure=distributor')).body.items;
    expect(listed.map(({ id }: { id: string }) => id)).toEqual([own]);
    expect((await auditor.get(`/archive/${other}`)).status).toBe(200);
    expect((await (await h.staff('trainer')).get(`/archive/${own}`)).body).toMatchObject({
      status: 403,
      code: 'procedure.no-power',
    });
  });

  clause(
    'X-14',
    'boundary',
    'kept through the last day of its time; a copy comes back once, the original is one',
    async () => {
      const { document } = await returned();
      const over = async () =>
        (await auditor.get('/archive?pastRetention=true&limit=200')).body.items.map(({ id }: { id: string }) => id);
      h.time.set('2029-03-10T15:59:59Z');
      expect(await over()).not.toContain(document);
      h.time.set('2029-03-10T16:00:00Z');
      expect(await over()).toContain(document);
      h.time.set('2026-03-10T02:00:00Z');

      const lent = await clerk.post(`/archive/${document}/copies`, {
        holder: 'finance',
        kind: 'original',
        where: 'room 3',
      });
      expect(lent.status).toBe(201);
      const again = { holder: 'office', kind: 'original', where: 'room 4' };
      expect((await clerk.post(`/archive/${document}/copies`, again)).body).toMatchObject({
        status: 409,
        code: 'archive.original-out',
        rule: 'X-14',
      });
      expect((await clerk.post(`/archive/${document}/copies/${lent.body.id}/return`)).status).toBe(201);
      expect((await clerk.post(`/archive/${document}/copies/${lent.body.id}/return`)).body).toMatchObject({
        status: 409,
        code: 'archive.already-returned',
        rule: 'X-14',
      });
      expect((await clerk.post(`/archive/${document}/copies`, again)).status).toBe(201);
      expect((await salesManager.post(`/archive/${document}/copies`, again)).body).toMatchObject({
        status: 403,
        rule: 'X-14',
      });
      const told = (await h.events()).filter(({ subject }) => subject === document);
      expect(told.map(({ type, sequence }) => [type.split('.')[3], sequence])).toEqual([
        ['sealed', 1],
        ['copied', 2],
        ['copied', 3],
        ['copied', 4],
      ]);
    },
  );

  clause(
    'X-14',
    'refused',
    'an export without a reason, or by who has no power; with one it is whole and audited',
    async () => {
      expect((await auditor.get('/archive/export')).body).toMatchObject({
        status: 422,
        code: 'archive.export-needs-reason',
        rule: 'X-14',
      });
      expect((await clerk.get('/archive/export?reason=x')).body).toMatchObject({ status: 403, rule: 'X-14' });
      await returned();
      const { headers, body } = await auditor.get(
        '/archive/export?from=2026-03-10&to=2026-03-10&reason=yearly%20audit',
      );
      expect(headers.get('content-type')).toContain('application/x-ndjson');
      const lines = (body as string)
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { hash: string; documents?: number });
      const manifest = lines.pop()!;
      expect(manifest.documents).toBe(lines.length);
      expect(
        createHash('sha256')
          .update(lines.map(({ hash }) => hash).join('\n'))
          .digest('hex'),
      ).toBe(manifest.hash);
      const { rows } = await h.pool.query(`SELECT reason FROM audit WHERE move = 'export' AND outcome = 'done'`);
      expect(rows).toEqual([{ reason: 'yearly audit' }]);
      const left = async () => (await h.events()).filter(({ type }) => type.includes('.data.'));
      await until('the end to be written down', async () => (await left()).length === 2);
      expect((await left()).map(({ type, data }) => [type.split('.')[3], data])).toMatchObject([
        ['exported', { procedure: 'document', meta: { rule: 'X-14', reason: 'yearly audit' } }],
        ['export-ended', { procedure: 'document', rows: lines.length, complete: true }],
      ]);
      expect((await auditor.get('/archive/export?from=2026-03-11&reason=none')).body.trim().split('\n')).toHaveLength(
        1,
      );
    },
  );

  it('no move leaves an end, and what ends is what the regulations say', () => {
    const all = procedures.map(({ procedure }) => procedure as Procedure);
    for (const procedure of all)
      for (const state of endStates(procedure)) {
        expect(movesFrom(procedure, state)).toEqual([]);
        expect(Object.values<Move>(procedure.moves).some((move) => leaves(move, state))).toBe(false);
      }
    expect(endStates(custody.procedure as unknown as Procedure)).toEqual(['returned', 'disposed']);
  });
});
