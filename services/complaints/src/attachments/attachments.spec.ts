import { createHash } from 'node:crypto';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { attachmentEvents } from '@fenxiao/contracts/after-sales';
import { readConfig } from '@fenxiao/service-kit/config';
import { clause } from '@fenxiao/testing/clause';
import type { Member } from '@fenxiao/testing/harness';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { company, type Company } from '../../test/after-sales.js';
import {
  heic,
  jpeg,
  maker,
  page,
  pdf,
  placedPng,
  placedWebp,
  plainJpeg,
  plainPng,
  plainWebp,
  when,
  where,
} from '../../test/photographs.js';
import { complaintsConfig } from '../config.js';

let c: Company;
beforeAll(async () => {
  c = await company({ ATTACHMENT_MAX_BYTES: '2048', ATTACHMENTS_MOST: '3' });
}, 60_000);
afterAll(() => c?.close());
beforeEach(() => c.h.time.set('2026-03-10T02:00:00Z'));

/** A new case of the distributor's; the path of its attachments. */
const reported = async (by: Member = c.distributor, extra: object = {}) => {
  const form = { distributorCode: c.customer.code, description: 'Tiles come loose', ...extra };
  const { body } = await by.post('/after-sales-cases', form);
  const id = body.id as string;
  return { id, path: `/after-sales-cases/${id}/attachments` };
};
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const filesOf = async (id: string) => readdir(join(c.folder, 'after-sales-case', id)).catch(() => []);

describe('files of a case', () => {
  clause('C-10', 'allowed', 'a photograph is kept as it came, with its hash, time and place', async () => {
    const { id, path } = await reported();
    const kept = await c.upload(c.distributor, path, jpeg(), { name: 'C:\\mine\\厨房.JPG', fields: { place: '厨房' } });
    expect(kept.status).toBe(201);
    expect(kept.body).toMatchObject({
      n: 1,
      name: '厨房.JPG',
      type: 'image/jpeg',
      size: jpeg().length,
      sha256: sha256(jpeg()),
      takenAt: when,
      place: '厨房',
      ...where,
      uploadedBy: c.distributor.id,
      uploadedAt: '2026-03-10T02:00:00.000Z',
    });
    const [file] = await filesOf(id);
    expect(await readFile(join(c.folder, 'after-sales-case', id, file!))).toEqual(jpeg());
    const { rows } = await c.h.pool.query(
      `SELECT actor, role, rule, after FROM audit WHERE subject = $1 AND move = 'attach'`,
      [id],
    );
    expect(rows).toMatchObject([{ actor: c.distributor.id, role: 'distributor', rule: 'C-10', after: { n: 1 } }]);
    const [stored] = (await c.h.events(attachmentEvents.stored)).filter(
      ({ data }) => (data as never as { about: string }).about === id,
    );
    expect(stored!.data).toMatchObject({
      procedure: 'after-sales-case',
      n: 1,
      digest: sha256(jpeg()),
      regionId: c.east,
    });
    expect(JSON.stringify(stored)).not.toContain('厨房');
  });

  clause('C-10', 'boundary', 'the same file twice is kept once; the same key answers as before', async () => {
    const { id, path } = await reported();
    const headers = { 'idempotency-key': 'once' };
    const first = await c.upload(c.distributor, path, jpeg(), { headers });
    const again = await c.upload(c.distributor, path, jpeg(), { headers });
    expect([first.status, again.status, again.body.n]).toEqual([201, 201, 1]);
    expect(await filesOf(id)).toHaveLength(1);
    const other = await c.upload(c.distributor, path, plainJpeg, { headers });
    expect(other.body).toMatchObject({ status: 422, code: 'request.idempotency-key-reused' });
    const twice = await c.upload(c.administrator, path, jpeg(), { name: 'copy.jpg' });
    expect(twice.body).toMatchObject({ n: 1, name: 'photo.jpg', uploadedBy: c.distributor.id });
    expect(twice.status).toBe(200);
    expect((await c.manager.get(path)).body.items).toHaveLength(1);
    // another case has its own
    const second = await reported();
    expect((await c.upload(c.distributor, second.path, jpeg())).status).toBe(201);
    const both = await Promise.all([1, 2].map(() => c.upload(c.distributor, second.path, plainJpeg)));
    expect(new Set(both.map(({ status }) => status))).toEqual(new Set([200, 201]));
  });

  clause('C-10', 'refused', 'what is no photograph and no PDF by its content, whatever it is called', async () => {
    const { id, path } = await reported();
    for (const bytes of [page, Buffer.from('MZ'), Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>')])
      expect((await c.upload(c.distributor, path, bytes)).body).toMatchObject({
        status: 422,
        code: 'complaints.attachment.not-taken',
        field: 'file',
      });
    const named = await c.upload(c.distributor, path, plainPng, { name: '../../x.html' });
    expect(named.body).toMatchObject({ name: 'x.html.png', type: 'image/png' });
    expect(await filesOf(id)).toHaveLength(1);
  });

  clause(
    'C-10',
    'boundary',
    'exactly as large as it may be, and a byte more; as many as there may be, and one more',
    async () => {
      const { path } = await reported();
      const sized = (size: number, fill: number) =>
        Buffer.concat([plainJpeg, Buffer.alloc(size - plainJpeg.length, fill)]);
      expect((await c.upload(c.distributor, path, sized(2048, 1))).status).toBe(201);
      expect((await c.upload(c.distributor, path, sized(2049, 1))).body).toMatchObject({
        status: 413,
        code: 'complaints.attachment.too-large',
      });
      for (const fill of [2, 3]) expect((await c.upload(c.distributor, path, sized(2000, fill))).status).toBe(201);
      expect((await c.upload(c.distributor, path, sized(2000, 4))).body).toMatchObject({
        status: 422,
        code: 'complaints.attachment.too-many',
      });
      expect((await c.upload(c.distributor, path, sized(2000, 3))).status).toBe(200);
    },
  );

  it('refuses what is no upload, two files, none, and fields it does not know', async () => {
    const { path } = await reported();
    expect((await c.distributor.post(path, { file: 'x' })).body).toMatchObject({
      status: 400,
      code: 'complaints.attachment.one-file',
    });
    expect((await c.upload(c.distributor, path, Buffer.alloc(0))).body).toMatchObject({
      code: 'complaints.attachment.one-file',
    });
    const two = new FormData();
    for (const bytes of [plainJpeg, plainPng]) two.append('file', new Blob([new Uint8Array(bytes)]), 'a.jpg');
    const authorization = `Bearer ${await c.h.token(c.distributor.subject)}`;
    const response = await fetch(`${c.h.url}${path}`, { method: 'POST', headers: { authorization }, body: two });
    expect(await response.json()).toMatchObject({ status: 400, code: 'complaints.attachment.one-file' });
    expect((await c.upload(c.distributor, path, plainJpeg, { fields: { latitude: '1' } })).body).toMatchObject({
      status: 400,
      field: 'latitude',
    });
    const future = { takenAt: '2026-03-10T02:00:01Z' };
    expect((await c.upload(c.distributor, path, plainJpeg, { fields: future })).body).toMatchObject({
      status: 422,
      field: 'takenAt',
    });
    expect((await c.distributor.get(path)).body.items).toEqual([]);
  });
});

it('takes those of a quality complaint as well: a scanned fax, a photograph', async () => {
  const logged = await c.administrator.post('/complaints', {
    channel: 'fax',
    distributorCode: c.customer.code,
    receipt: 'R1',
    productName: 'Tile',
    specification: '600×600',
    quantity: '1',
    grade: 'A',
    colourNumber: 'C1',
    purchasedOn: '2026-03-01',
    defect: 'crack',
    description: 'A crack',
  });
  expect(logged.status).toBe(201);
  const path = `/complaints/${logged.body.id}/attachments`;
  expect((await c.upload(c.administrator, path, pdf, { name: 'fax.pdf' })).body).toMatchObject({
    n: 1,
    name: 'fax.pdf',
  });
  expect((await c.download(c.manager, `${path}/1`)).bytes).toEqual(pdf);
  expect((await c.download(c.westManager, `${path}/1`)).status).toBe(403);
});

describe('who sees a file', () => {
  const shared = { fields: { forCustomer: 'true' } };

  clause('X-20', 'allowed', 'staff see where it was taken; a distributor gets the picture alone', async () => {
    const { path } = await reported(c.administrator, { reporterId: c.distributor.id });
    for (const bytes of [jpeg({ turned: 6 }), placedPng, placedWebp])
      await c.upload(c.administrator, path, bytes, { fields: { ...shared.fields, place: '仓库' } });
    const all = (await c.manager.get(path)).body.items;
    expect(all).toMatchObject([
      { n: 1, type: 'image/jpeg', takenAt: when, ...where },
      { n: 2, type: 'image/png', ...where },
      { n: 3, type: 'image/webp', takenAt: when, ...where },
    ]);
    const unplaced = { latitude: null, longitude: null, place: null, takenAt: null };
    expect((await c.distributor.get(path)).body.items).toMatchObject([unplaced, unplaced, unplaced]);
    expect((await c.download(c.manager, `${path}/1`)).bytes).toEqual(jpeg({ turned: 6 }));
    const shown = await Promise.all(
      [1, 2, 3].map(async (n) => (await c.download(c.distributor, `${path}/${n}`)).bytes),
    );
    for (const bytes of shown) expect(bytes.includes(maker)).toBe(false);
    expect(shown[1]).toEqual(plainPng);
    expect(shown[2]).toEqual(plainWebp);
    // but for which way up it is
    expect(shown[0]!.length).toBe(plainJpeg.length + 36);
    expect(shown[0]!.subarray(0, 20)).toEqual(plainJpeg.subarray(0, 20));
    expect(shown[0]!.subarray(56)).toEqual(plainJpeg.subarray(20));
    expect(shown[0]!.readUInt16LE(48)).toBe(6);
  });

  clause('X-20', 'refused', 'a distributor gets what others uploaded of a kind that can not be cleaned', async () => {
    const { path } = await reported(c.administrator, { reporterId: c.distributor.id });
    for (const bytes of [heic, pdf]) expect((await c.upload(c.administrator, path, bytes, shared)).status).toBe(201);
    for (const n of [1, 2]) {
      const refused = await c.download(c.distributor, `${path}/${n}`);
      expect(refused.status).toBe(403);
      expect(JSON.parse(String(refused.bytes))).toMatchObject({ code: 'complaints.attachment.withheld', rule: 'X-20' });
      expect((await c.download(c.manager, `${path}/${n}`)).status).toBe(200);
    }
    // a damaged photograph may hold anything anywhere
    const damaged = Buffer.concat([jpeg().subarray(0, 40), Buffer.alloc(20)]);
    expect((await c.upload(c.administrator, path, damaged, shared)).status).toBe(201);
    expect((await c.download(c.distributor, `${path}/3`)).status).toBe(403);
  });

  clause(
    'X-20',
    'boundary',
    'who uploaded it has it as it was; somebody who is distributor as well sees no more',
    async () => {
      const { path } = await reported();
      await c.upload(c.distributor, path, jpeg());
      expect((await c.download(c.distributor, `${path}/1`)).bytes).toEqual(jpeg());
      expect((await c.distributor.get(path)).body.items).toMatchObject([where]);
      const both = await c.h.staff(['distributor', 'regional-manager'], { regionId: c.east });
      expect((await both.get(path)).body.items).toMatchObject([{ latitude: null, longitude: null }]);
      expect((await c.download(both, `${path}/1`)).bytes).toEqual(plainJpeg);
    },
  );

  clause('X-20', 'refused', 'a distributor sees nothing of what our people attached for ourselves', async () => {
    const { id, path } = await reported();
    await c.upload(c.distributor, path, plainPng);
    expect((await c.upload(c.technical, path, plainJpeg, { name: '李四.jpg' })).body).toMatchObject({
      n: 2,
      forCustomer: false,
    });
    expect((await c.distributor.get(path)).body.items).toMatchObject([{ n: 1, forCustomer: true }]);
    expect((await c.download(c.distributor, `${path}/2`)).status).toBe(404);
    expect((await c.manager.get(path)).body.items).toHaveLength(2);
    // shown once somebody of ours marks it
    expect((await c.upload(c.manager, path, plainJpeg, shared)).body).toMatchObject({ n: 2, forCustomer: true });
    expect((await c.download(c.distributor, `${path}/2`)).bytes).toEqual(plainJpeg);
    const { rows } = await c.h.pool.query(
      `SELECT actor FROM audit WHERE subject = $1 AND after->>'forCustomer' = 'true'`,
      [id],
    );
    expect(rows).toEqual([{ actor: c.manager.id }]);
    // and where the customer has the same file
    await c.upload(c.technical, path, jpeg());
    expect((await c.upload(c.distributor, path, jpeg())).body).toMatchObject({ n: 3, place: null, latitude: null });
    expect((await c.distributor.get(path)).body.items).toHaveLength(3);
  });

  clause('X-20', 'refused', 'T32: the manager of another region, and whoever may not read the case', async () => {
    const { id, path } = await reported();
    await c.upload(c.distributor, path, jpeg());
    const stranger = await c.h.staff('distributor', { regionId: c.east });
    const trainer = await c.h.staff('trainer');
    for (const other of [c.westManager, stranger, trainer]) {
      expect((await other.get(path)).status).toBe(403);
      expect((await c.download(other, `${path}/1`)).status).toBe(403);
      expect((await c.upload(other, path, plainJpeg)).status).toBe(403);
    }
    const { rows } = await c.h.pool.query(
      `SELECT count(*)::int AS refused FROM audit WHERE subject = $1 AND move = 'attach' AND outcome = 'refused'`,
      [id],
    );
    expect(rows).toEqual([{ refused: 3 }]);
    // who reads and has nothing to do with it adds nothing
    expect((await c.upload(c.salesGm, path, plainJpeg)).body).toMatchObject({
      status: 403,
      code: 'procedure.no-power',
    });
    expect((await c.h.request('GET', `${path}/1`)).status).toBe(401);
    expect((await c.download(c.manager, `${path}/2`)).status).toBe(404);
    const nowhere = '/after-sales-cases/0198a2b0-0000-7000-8000-000000000000/attachments';
    expect((await c.upload(c.administrator, nowhere, plainJpeg)).status).toBe(404);
  });

  it('is never handed out as something a browser runs', async () => {
    const { path } = await reported();
    await c.upload(c.distributor, path, jpeg(), { name: '照片 1.html' });
    const { headers } = await c.download(c.manager, `${path}/1`);
    expect(headers.get('content-type')).toBe('application/octet-stream');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('cache-control')).toBe('private, no-store');
    expect(headers.get('content-disposition')).toBe(
      `attachment; filename*=UTF-8''${encodeURIComponent('照片 1.html.jpg')}`,
    );
  });
});

describe('the store', () => {
  it('says when a file is lost or another than was uploaded', async () => {
    const { id, path } = await reported();
    await c.upload(c.distributor, path, jpeg());
    const file = join(c.folder, 'after-sales-case', id, sha256(jpeg()));
    await writeFile(file, plainJpeg);
    const changed = await c.download(c.manager, `${path}/1`);
    expect([changed.status, JSON.parse(String(changed.bytes)).code]).toEqual([
      503,
      'complaints.attachment.file-changed',
    ]);
    await rm(file);
    const lost = await c.download(c.manager, `${path}/1`);
    expect([lost.status, JSON.parse(String(lost.bytes)).code]).toEqual([503, 'complaints.attachment.file-lost']);
  });

  clause('X-14', 'refused', 'a case that is closed takes no more files', async () => {
    const { id, path } = await reported();
    await c.upload(c.distributor, path, jpeg());
    await c.h.pool.query(`UPDATE after_sales_case SET state = 'closed' WHERE id = $1`, [id]);
    expect((await c.upload(c.distributor, path, plainJpeg)).body).toMatchObject({
      status: 409,
      code: 'complaints.attachment.closed',
    });
    expect((await c.download(c.distributor, `${path}/1`)).status).toBe(200);
  });

  it('does not start with S3 set by half', () => {
    const env = { ...c.h.environment, ATTACHMENT_S3_ENDPOINT: 'http://127.0.0.1:9000' };
    expect(() => readConfig(complaintsConfig, env)).toThrow('ATTACHMENT_S3_BUCKET');
    const whole = { ATTACHMENT_S3_BUCKET: 'b', ATTACHMENT_S3_ACCESS_KEY: 'k', ATTACHMENT_S3_SECRET_KEY: 's' };
    expect(readConfig(complaintsConfig, { ...env, ...whole }).ATTACHMENT_S3_REGION).toBe('us-east-1');
  });
});
