import { erasureEvents } from '@fenxiao/contracts/powers';
import { startService } from '@fenxiao/service-kit/service';
import { clause } from '@fenxiao/testing/clause';
import { harness, type Harness, type Member } from '@fenxiao/testing/harness';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { distributors } from './service.js';

/** what tells of a distributor's people, from the form to its erasure. */
let h: Harness;
let [clerk, manager, gm, deputy]: Member[] = [];
let made = 0;
beforeAll(async () => {
  h = await harness(distributors);
  clerk = await h.staff('sales-support-clerk');
  manager = await h.staff('sales-manager');
  gm = await h.staff('general-manager');
  deputy = await h.staff('deputy-general-manager-sales');
  const { id: managerId } = await h.staff('salesperson');
  await deputy.post('/regions', { code: 'EAST', name: 'EAST', managerId });
  await h.settle();
}, 60_000);
afterAll(() => h?.close());

const people = { contactName: '甲乙丙', telephone: '13800001234', address: '重庆市某某区某某路一号' };
const create = (headers?: Record<string, string>, n = ++made) => {
  const form = { code: `D${n}`, name: `D${n}`, licence: `L${n}`, regionCode: 'EAST', segment: 'regional-distributor' };
  return clerk!.post('/distributors', { ...form, ...people }, headers);
};
const terminate = (id: string) => deputy!.post(`/distributors/${id}/terminate`, { reason: 'no longer a customer' });
const ask = (id: string, extra: object = {}, by = manager!) =>
  by.post('/erasures', { procedure: 'distributor', subjectId: id, ground: 'purpose-ended', ...extra });
const erase = async (id: string) => {
  await terminate(id);
  const { body } = await ask(id);
  return gm!.post(`/erasures/${body.id}/approve`);
};

/** Every text in every column of the service and the log, searched for a text. */
async function holding(text: string): Promise<string[]> {
  const { rows } = await h.pool.query<{ table: string; column: string }>(
    `SELECT format('%I.%I', table_schema, table_name) AS "table", column_name AS "column" FROM information_schema.columns
     JOIN information_schema.tables USING (table_schema, table_name)
     WHERE table_schema IN ('distributors', 'event_log') AND table_type = 'BASE TABLE'`,
  );
  const found: string[] = [];
  for (const { table, column } of rows) {
    const { rowCount } = await h.pool.query(
      `SELECT FROM ${table} WHERE position($1 in "${column}"::text) > 0 OR position($2 in "${column}"::text) > 0 LIMIT 1`,
      [text, Buffer.from(text).toString('hex')],
    );
    if (rowCount) found.push(`${table}.${column}`);
  }
  return found;
}

describe('X-20 what tells of people is kept under a key of its own', () => {
  clause('X-20', 'allowed', 'whole to who deals with them, masked to others, and in no table in clear', async () => {
    const { body } = await create({ 'idempotency-key': 'people-1' });
    expect(body).toMatchObject(people);
    expect((await manager!.get(`/distributors/${body.id}`)).body).toMatchObject(people);
    expect((await gm!.get(`/distributors/${body.id}`)).body).toMatchObject({ telephone: '138****1234' });
    const listed = (await manager!.get('/distributors')).body.items.find(({ id }: { id: string }) => id === body.id);
    expect(listed).toMatchObject(people);
    await h.settle();
    for (const text of Object.values(people)) expect(await holding(text)).toEqual([]);
    expect(await holding(body.code as string)).not.toEqual([]); // such a search finds what is there
  });

  it('answers again from a kept answer, which is sealed too', async () => {
    const first = await create({ 'idempotency-key': 'people-2' });
    const again = await create({ 'idempotency-key': 'people-2' }, made);
    expect([again.status, again.body]).toEqual([201, first.body]);
  });

  it('seals a change under the same key, and a form-with-states as well', async () => {
    const { body, headers } = await create();
    const change = { name: 'changed', segment: 'regional-distributor', ...people, telephone: '13900005678' };
    const changed = await clerk!.post(`/distributors/${body.id}/change`, change, { 'if-match': headers.get('etag')! });
    expect(changed.body).toMatchObject({ telephone: '13900005678', contactName: people.contactName });
    const held = await clerk!.post('/custody', { item: 'umbrella', place: 'hall', itemOwner: '丁戊己' });
    expect((await clerk!.post(`/custody/${held.body.id}/return`, { receivedBy: '庚辛壬' })).body).toMatchObject({
      form: { itemOwner: '丁戊己', receivedBy: '庚辛壬' },
    });
    for (const text of ['13900005678', '丁戊己', '庚辛壬']) expect(await holding(text)).toEqual([]);
  });

  it('opens nothing that was moved to another subject or another field, and goes on', async () => {
    const [one, other] = [(await create()).body.id, (await create()).body.id];
    await h.pool.query(
      `UPDATE distributor d SET telephone = replace(s.telephone, s.id::text, d.id::text), address = d.contact_name
       FROM distributor s WHERE d.id = $1 AND s.id = $2`,
      [one, other],
    );
    expect((await manager!.get(`/distributors/${one}`)).body).toMatchObject({
      contactName: people.contactName,
      telephone: '〔无法读取 unreadable〕',
      address: '〔无法读取 unreadable〕',
    });
  });
});

describe('X-20 erasing', () => {
  clause('X-20', 'allowed', 'destroys the key: whoever reads, sees that it was erased; all else stays', async () => {
    const { id } = (await create()).body;
    const before = await holding(id as string);
    const done = await erase(id as string);
    expect(done.body).toMatchObject({ state: 'approved' });
    const { body } = await manager!.get(`/distributors/${id}`);
    const gone = '〔已删除 erased〕';
    expect(body).toMatchObject({ state: 'terminated', contactName: gone, telephone: gone, address: gone });
    expect((await gm!.get(`/distributors/${id}`)).body).toMatchObject({ telephone: gone });
    expect((await manager!.get(`/distributors/${id}/page`)).body).toContain(gone);
    const { rows } = await h.pool.query('SELECT wrapped, destroyed_at FROM personal_key WHERE subject = $1', [id]);
    expect(rows).toEqual([{ wrapped: null, destroyed_at: expect.any(Date) }]);
    expect(await holding(id as string)).toEqual(expect.arrayContaining(before));
    const [event] = (await h.events(erasureEvents('distributors').approved)).slice(-1);
    expect(event!.data).toMatchObject({ form: { procedure: 'distributor', subjectId: id, ground: 'purpose-ended' } });
    const auditor = await h.staff('auditor');
    const sealed = (await auditor.get(`/archive?subject=${id}`)).body.items[0];
    expect((await auditor.get(`/archive/${sealed.id}`)).body).toMatchObject({ verified: true });
  });

  clause(
    'X-20',
    'refused',
    'of a customer one still has, of what keeps nothing personal, twice, or alone',
    async () => {
      const { id } = (await create()).body;
      expect((await ask(id)).body).toMatchObject({ status: 409, code: 'confidentiality.still-needed' });
      await terminate(id);
      expect((await ask(id, { procedure: 'guarantee' })).body).toMatchObject({ field: 'procedure', status: 422 });
      expect((await ask(made as unknown as string)).status).toBe(400);
      expect((await ask('01a22117-a274-73bc-89c3-bfdcc9a52eaf')).body).toMatchObject({
        field: 'subjectId',
        status: 422,
      });
      expect((await ask(id, {}, clerk)).body).toMatchObject({ status: 403, rule: 'X-20' });
      const { body } = await ask(id);
      expect((await manager!.post(`/erasures/${body.id}/approve`)).status).toBe(403);
      const twice = await ask(id);
      expect((await gm!.post(`/erasures/${body.id}/approve`)).status).toBe(200);
      expect((await gm!.post(`/erasures/${twice.body.id}/approve`)).body).toMatchObject({
        status: 409,
        code: 'confidentiality.already-erased',
      });
      expect((await ask(id)).body).toMatchObject({ code: 'confidentiality.already-erased' });
    },
  );

  clause('X-20', 'boundary', 'a kept answer is erased with the rest, and no key is made anew', async () => {
    const { id } = (await create({ 'idempotency-key': 'people-3' })).body;
    await erase(id as string);
    expect((await create({ 'idempotency-key': 'people-3' }, made)).body).toMatchObject({
      status: 409,
      code: 'confidentiality.erased',
    });
  });
});

it('X-20: a new key of the installation takes over what the old one wrapped; another is refused', async () => {
  const { id } = (await create()).body;
  const [before, next] = [h.environment['PERSONAL_DATA_KEY']!, Buffer.alloc(32, 7).toString('base64')];
  const start = (env: Record<string, string>) => startService(distributors, { ...h.environment, ...env }, h.time);
  const changing = await start({ PERSONAL_DATA_KEY: next, PERSONAL_DATA_KEY_PREVIOUS: before });
  await changing.close();
  const changed = await start({ PERSONAL_DATA_KEY: next });
  const token = await h.token(manager!.subject);
  const read = await fetch(`${changed.url}/distributors/${id}`, { headers: { authorization: `Bearer ${token}` } });
  expect(await read.json()).toMatchObject(people);
  await changed.close();
  await expect(start({})).rejects.toThrow('PERSONAL_DATA_KEY is not the key');
});
