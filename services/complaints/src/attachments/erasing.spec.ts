import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { clause } from '@fenxiao/testing/clause';
import type { Member } from '@fenxiao/testing/harness';
import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { company, type Company } from '../../test/after-sales.js';
import { jpeg, plainPng } from '../../test/photographs.js';

let c: Company;
let [seller, gm]: Member[] = [];
beforeAll(async () => {
  c = await company();
  seller = await c.h.staff('sales-manager');
  gm = await c.h.staff('general-manager');
}, 60_000);
afterAll(() => c?.close());

const place = '张三家厨房';
const name = '李四13812345678.jpg';
/** A case with a photograph, closed. */
const closed = async () => {
  const form = { distributorCode: c.customer.code, description: 'Tiles come loose', contact: '张三' };
  const { body } = await c.distributor.post('/after-sales-cases', form);
  const path = `/after-sales-cases/${body.id}/attachments`;
  const headers = { 'idempotency-key': `photo-${body.id}` };
  const kept = await c.upload(c.distributor, path, jpeg(), { name, fields: { place }, headers });
  await c.h.pool.query(`UPDATE after_sales_case SET state = 'closed' WHERE id = $1`, [body.id]);
  return {
    id: body.id as string,
    path,
    sha256: kept.body.sha256 as string,
    folder: join(c.folder, 'after-sales-case', body.id),
  };
};
const ask = async (subjectId: string) => {
  const form = { procedure: 'after-sales-case', subjectId, ground: 'purpose-ended' };
  return (await seller!.post('/erasures', form)).body.id as string;
};
/** every table of the service that says this of the subject, or anybody */
const holding = async (text: string) => {
  const { rows } = await c.h.pool.query<{ table: string }>(
    `SELECT format('%I.%I', schemaname, tablename) AS "table" FROM pg_tables WHERE schemaname IN ('complaints', 'event_log')`,
  );
  const found: string[] = [];
  for (const { table } of rows) {
    const { rowCount } = await c.h.pool.query(`SELECT FROM ${table} t WHERE position($1 IN t::text) > 0 LIMIT 1`, [
      text,
    ]);
    if (rowCount) found.push(table);
  }
  return found;
};

describe('erasing what is attached', () => {
  clause(
    'X-20',
    'allowed',
    'the file, its name and its place go with the person; that there was one stays',
    async () => {
      const [one, other] = [await closed(), await closed()];
      expect(await holding(place)).toEqual(['complaints.attachment']);
      expect((await gm!.post(`/erasures/${await ask(one.id)}/approve`)).status).toBe(200);
      expect(await readdir(one.folder)).toEqual([]);
      expect(await readdir(other.folder)).toEqual([other.sha256]);
      const [item] = (await c.manager.get(one.path)).body.items;
      expect(item).toMatchObject({
        n: 1,
        sha256: one.sha256,
        takenAt: null,
        place: null,
        latitude: null,
        longitude: null,
      });
      expect(item.name).not.toContain('李四');
      expect(item.erasedAt).toBe(c.h.time.now().toISOString());
      const gone = await c.download(c.distributor, `${one.path}/1`);
      expect([gone.status, JSON.parse(String(gone.bytes)).code]).toEqual([409, 'confidentiality.erased']);
      expect((await c.download(c.distributor, `${other.path}/1`)).bytes).toEqual(jpeg());
      const { rows } = await c.h.pool.query('SELECT subject FROM attachment WHERE place = $1 OR name = $2', [
        place,
        name,
      ]);
      expect(rows).toEqual([{ subject: other.id }]);
    },
  );

  clause(
    'X-20',
    'boundary',
    'the answer to an upload is kept under the key of its subject, and is given again',
    async () => {
      const { id, path } = await closed();
      await c.h.pool.query(`UPDATE after_sales_case SET state = 'reported' WHERE id = $1`, [id]);
      const headers = { 'idempotency-key': `photo-${id}` };
      const again = await c.upload(c.distributor, path, jpeg(), { name, fields: { place }, headers });
      expect(again).toMatchObject({ status: 201, body: { n: 1, name, place } });
      expect(await holding('13812345678')).toEqual(['complaints.attachment']);
    },
  );

  clause(
    'X-20',
    'refused',
    'erasing where the store does not let go of the file; and a file for what was erased',
    async () => {
      const { id, path, folder, sha256 } = await closed();
      // a folder where the file was: it can not be unlinked
      await rm(join(folder, sha256));
      await mkdir(join(folder, sha256));
      const erasure = await ask(id);
      expect((await gm!.post(`/erasures/${erasure}/approve`)).body).toMatchObject({
        status: 503,
        code: 'complaints.attachment.store-away',
      });
      expect((await c.manager.get(path)).body.items).toMatchObject([{ name, place, erasedAt: null }]);
      await rm(join(folder, sha256), { recursive: true });
      await writeFile(join(folder, sha256), jpeg());
      expect((await gm!.post(`/erasures/${erasure}/approve`)).status).toBe(200);
      expect(await readdir(folder)).toEqual([]);
      await c.h.pool.query(`UPDATE after_sales_case SET state = 'reported' WHERE id = $1`, [id]);
      for (const bytes of [jpeg(), plainPng])
        expect((await c.upload(c.distributor, path, bytes)).body).toMatchObject({
          status: 409,
          code: 'confidentiality.erased',
        });
      expect(await readdir(folder)).toEqual([]);
    },
  );
});
