import { createHash } from 'node:crypto';
import { formEvents, type EventContract } from '@fenxiao/contracts/event';
import { bulkReadEvents, exportEvents, noticeEvents } from '@fenxiao/contracts/platform';
import { Amount, BankAccount, IdNumber, Line, PersonName, Telephone } from '@fenxiao/contracts/wire';
import { approval } from '@fenxiao/procedures/approval';
import { procedure } from '@fenxiao/procedures/procedure';
import { clause } from '@fenxiao/testing/clause';
import { harness, type Harness, type Member } from '@fenxiao/testing/harness';
import { until } from '@fenxiao/testing/wait';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { BulkReads } from './bulk-reads.js';
import { baseConfig } from './config.js';
import { bindForm } from './forms.js';
import { listQuery } from './reads.js';

/** A register of visitors: who came, for whom, and what is owed. */
const form = z.object({
  item: Line,
  itemOwner: PersonName.optional(),
  telephone: Telephone.optional(),
  bankAccount: BankAccount.optional(),
  idNumber: IdNumber.optional(),
  amount: Amount.optional(),
});
const events = formEvents('distributors', 'custody', form, {
  held: {},
  notified: {},
  signed: {},
  approved: {},
  rejected: {},
  returned: {},
});
const custody = procedure({
  name: 'custody',
  path: 'custody',
  clause: 'D-35',
  events,
  states: ['held', 'approved', 'rejected', 'returned'],
  read: { 'sales-manager': 'all', 'regional-manager': 'region', salesperson: 'own', finance: 'all', importer: 'all' },
  reveal: { 'sales-manager': 'all' },
  export: { 'sales-manager': 'all', 'regional-manager': 'region' },
  start: { move: 'hold', to: 'held', by: { salesperson: 'own', 'regional-manager': 'region' }, form, fact: 'held' },
  moves: {
    notify: {
      from: 'held',
      by: { 'regional-manager': 'region', finance: 'all' },
      form: z.object({ telephone: Telephone }),
      fact: 'notified',
    },
    ...approval({
      in: 'held',
      steps: [{ name: 'finance', slots: [{ finance: 'all' }] }],
      approved: 'approved',
      rejected: 'rejected',
      returned: 'returned',
      facts: { step: 'signed', approved: 'approved', rejected: 'rejected', returned: 'returned' },
    }),
  },
});
const notice = procedure({
  name: 'promotion',
  clause: 'P-20',
  class: 'secret',
  events: formEvents('distributors', 'promotion', z.object({ text: Line }), { submitted: {} }),
  states: ['submitted'],
  read: { 'sales-manager': 'all', salesperson: 'own', distributor: 'all' },
  start: {
    move: 'submit',
    to: 'submitted',
    by: { salesperson: 'own' },
    form: z.object({ text: Line }),
    fact: 'submitted',
  },
  moves: {},
});

let h: Harness;
let east: string;
let west: string;
let salesManager: Member;
let eastManager: Member;
let westManager: Member;
let seller: Member;
let finance: Member;
beforeAll(async () => {
  h = await harness(
    { name: 'distributors', config: baseConfig, procedures: [bindForm(custody), bindForm(notice)], migrations: [] },
    { now: '2026-03-10T02:00:00Z', env: { BULK_READ_LIMIT: '20' } },
  );
  [east, west] = [await h.region('EAST'), await h.region('WEST')];
  salesManager = await h.staff('sales-manager');
  eastManager = await h.staff('regional-manager', { regionId: east });
  westManager = await h.staff('regional-manager', { regionId: west });
  seller = await h.staff('salesperson', { regionId: east });
  finance = await h.staff('finance');
}, 60_000);
afterAll(() => h?.close());

const clear = {
  item: 'umbrella',
  itemOwner: '张三丰',
  telephone: '13800001234',
  bankAccount: '6222020000001111',
  idNumber: '500101190001010018',
  amount: '12.50',
};
const hold = async (by: Member, over: object = {}) =>
  (await by.post('/custody', { ...clear, ...over })).body as { id: string; form: typeof clear };
const covered = {
  ...clear,
  itemOwner: '张****',
  telephone: '138****1234',
  bankAccount: '****1111',
  idNumber: '5****8',
};

describe('X-20 fields that tell of a person', () => {
  clause(
    'X-20',
    'allowed',
    'are whole for the maker and for who deals with people, in one, in lists, in answers',
    async () => {
      const { id, form: answered } = await hold(seller);
      expect(answered).toEqual(clear);
      for (const reader of [seller, salesManager]) {
        expect((await reader.get(`/custody/${id}`)).body.form).toEqual(clear);
        expect((await reader.get('/custody')).body.items[0].form).toEqual(clear);
      }
    },
  );

  clause(
    'X-20',
    'refused',
    'are masked for every other reader: in one, in lists, in the answer to a move',
    async () => {
      const { id } = await hold(seller);
      for (const reader of [eastManager, finance]) {
        expect((await reader.get(`/custody/${id}`)).body.form).toEqual(covered);
        expect((await reader.get('/custody')).body.items[0].form).toEqual(covered);
      }
      const { body } = await finance.post(`/custody/${id}/notify`, { telephone: '023-6812-0000' });
      expect(body.form.telephone).toBe('023****0000');
    },
  );

  clause('X-20', 'boundary', 'what is too short to show a part shows none', async () => {
    const { id } = await hold(seller, { telephone: '68120000', itemOwner: '张', bankAccount: '12345678' });
    expect((await finance.get(`/custody/${id}`)).body.form).toMatchObject({
      telephone: '****',
      itemOwner: '****',
      bankAccount: '****',
    });
  });

  it('stand neither in events nor in the audit', async () => {
    const { id } = await hold(seller);
    await eastManager.post(`/custody/${id}/notify`, { telephone: '13900005678' });
    await finance.post(`/custody/${id}/approve`);
    const written = (await h.events()).filter(({ subject }) => subject === id);
    expect(written.map(({ type }) => type.split('.')[3])).toEqual(['held', 'notified', 'approved']);
    expect(written[0]!.data).toMatchObject({ form: { item: 'umbrella', telephone: '***', itemOwner: '***' } });
    const { rows } = await h.pool.query('SELECT * FROM audit WHERE subject = $1', [id]);
    expect(rows).toHaveLength(3);
    expect(rows[1].after.form.telephone).toBe('***');
    const kept = JSON.stringify([written, rows]);
    for (const value of ['张三丰', '13800001234', '13900005678', '6222020000001111', '500101190001010018'])
      expect(kept).not.toContain(value);
  });

  it('and the classes of all fields can be read from GET /procedures and OpenAPI', async () => {
    const [described, secret] = (await seller.get('/procedures')).body;
    expect(described).toMatchObject({
      class: 'confidential',
      reveal: { 'sales-manager': 'all' },
      export: { 'sales-manager': 'all', 'regional-manager': 'region' },
      start: {
        form: {
          properties: {
            telephone: { 'x-class': 'confidential', 'x-personal': 'telephone' },
            amount: { 'x-class': 'confidential' },
          },
        },
      },
    });
    // Distributors read all of it, and yet do not take it out.
    expect(secret).toMatchObject({ class: 'secret', export: { 'sales-manager': 'all' } });
    expect(secret.export).not.toHaveProperty('distributor');
    const { body } = await seller.get('/openapi.json');
    const { properties } = body.paths['/custody'].post.requestBody.content['application/json'].schema;
    expect(properties.telephone).toMatchObject({ 'x-class': 'confidential', 'x-personal': 'telephone' });
    expect(body.paths['/custody/export'].get.responses['200'].content).toHaveProperty('text/csv');
  });

  it('can not be searched for', () => {
    const searched = bindForm(custody, { filters: { telephone: 'telephone' } });
    expect(() => listQuery(searched)).toThrow("custody: telephone is masked, so it can't be searched for");
  });
});

const exported = (by: Member, query: string) => by.get(`/custody/export?reason=stocktaking&${query}`);
/** A file as it arrives. */
const file = async (by: Member, query: string) => {
  const authorization = `Bearer ${await h.token(by.subject)}`;
  return fetch(`${h.url}/custody/export?${query}`, { headers: { authorization } });
};
const lines = async (by: Member) =>
  (await (await file(by, 'reason=stocktaking&format=ndjson')).text()).trim().split('\n');
const logged = async (id: string) => (await h.pool.query('SELECT * FROM export_log WHERE id = $1', [id])).rows[0];
const ended = (id: string) => until('the export to end', async () => (await logged(id))?.ended_at);

describe('X-20 exports', () => {
  clause(
    'X-20',
    'allowed',
    'say who, when, why; audit and event tell of begin and end; the log has rows and digest',
    async () => {
      await hold(seller);
      const answer = await file(salesManager, 'reason=stocktaking&format=ndjson');
      const body = await answer.text();
      expect(answer.headers.get('content-disposition')).toMatch(/attachment; filename="custody-.*\.ndjson"/);
      const [mark, ...rows] = body
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
      expect(mark.export).toMatchObject({ at: '2026-03-10T02:00:00.000Z', reason: 'stocktaking' });
      expect(mark.export.person).toMatch(/^S\d+$/);
      expect(rows).toHaveLength(
        (await h.pool.query(`SELECT FROM form_document WHERE procedure = 'custody'`)).rowCount!,
      );
      const id = mark.export.export as string;
      await ended(id);
      expect(await logged(id)).toMatchObject({
        person: salesManager.id,
        procedure: 'custody',
        reason: 'stocktaking',
        rows: rows.length,
        complete: true,
        digest: createHash('sha256').update(body).digest('hex'),
      });
      const { exported: begun, 'export-ended': finished } = exportEvents('distributors');
      const of = async (contract: EventContract) => (await h.events(contract)).find(({ subject }) => subject === id);
      expect(await of(begun)).toMatchObject({
        sequence: 1,
        data: { procedure: 'custody', meta: { reason: 'stocktaking' } },
      });
      expect(await of(finished)).toMatchObject({ sequence: 2, data: { rows: rows.length, complete: true } });
      const audit = await h.pool.query('SELECT move, reason FROM audit WHERE subject = $1 ORDER BY id', [id]);
      expect(audit.rows).toEqual([
        { move: 'export', reason: 'stocktaking' },
        { move: 'export-ended', reason: null },
      ]);
    },
  );

  clause('X-20', 'refused', 'need a reason and a power, and the refusal is written down', async () => {
    expect((await salesManager.get('/custody/export')).body).toMatchObject({
      status: 422,
      code: 'confidentiality.reason-needed',
      rule: 'X-20',
    });
    expect((await salesManager.get('/custody/export?reason=%20')).body).toMatchObject({ status: 422 });
    for (const reader of [seller, finance])
      expect((await exported(reader, '')).body).toMatchObject({
        status: 403,
        code: 'procedure.no-power',
        rule: 'X-20',
      });
    expect((await exported(salesManager, 'format=xlsx')).body).toMatchObject({ status: 400 });
    const { rows } = await h.pool.query(`SELECT actor FROM audit WHERE move = 'export' AND outcome = 'refused'`);
    expect(rows.map(({ actor }) => actor)).toEqual([salesManager.id, salesManager.id, seller.id, finance.id]);
  });

  clause('X-20', 'boundary', 'hold the own region and no other, masked as in lists', async () => {
    const there = await hold(westManager, { item: 'hat of the west' });
    const mine = await lines(westManager);
    expect(mine).toHaveLength(2);
    expect(mine[1]).toContain(there.id);
    const other = (await lines(eastManager)).join();
    expect(other).not.toContain('hat of the west');
    expect(other).toContain('138****1234');
    expect(other).not.toContain('13800001234');
    const nowhere = await h.staff('regional-manager');
    expect((await nowhere.get('/custody')).body.items).toEqual([]);
    expect(await lines(nowhere)).toHaveLength(1);
  });

  it('as CSV open in a spreadsheet as they are: BOM, no formula, numbers stay numbers', async () => {
    await hold(seller, { item: '=HYPERLINK("http://x")', amount: '-12.50' });
    const answer = await file(salesManager, `reason=${encodeURIComponent('=1+1')}`);
    const bytes = Buffer.from(await answer.arrayBuffer());
    expect(bytes.subarray(0, 3)).toEqual(Buffer.from([0xef, 0xbb, 0xbf]));
    const [mark, header, first] = bytes.toString().slice(1).split('\n');
    expect(mark).toMatch(/^export,[0-9a-f-]{36},S\d+,2026-03-10T02:00:00.000Z,'=1\+1$/);
    expect(header).toContain('form.telephone');
    expect(first).toContain(`"'=HYPERLINK(""http://x"")"`);
    expect(first).toContain(',-12.50,');
  });

  it('that a client breaks off are told of all the same', async () => {
    await h.pool.query(
      `INSERT INTO form_document (id, procedure, form, state, version, events, created_by, region, created_at, entered_at, approvals)
       SELECT gen_random_uuid(), 'custody', jsonb_build_object('item', repeat('x', 8000)), 'held', 1, 1, 'system', $1, now(), now(), '[]'
       FROM generate_series(1, 5000)`,
      [west],
    );
    const stop = new AbortController();
    const answer = await fetch(`${h.url}/custody/export?reason=curious`, {
      headers: { authorization: `Bearer ${await h.token(westManager.subject)}` },
      signal: stop.signal,
    });
    await answer.body!.getReader().read();
    stop.abort();
    const [{ id }] = (await h.pool.query(`SELECT id FROM export_log WHERE reason = 'curious'`)).rows;
    await ended(id);
    const row = await logged(id);
    expect(row).toMatchObject({ complete: false });
    expect(row.rows).toBeLessThan(5000);
    const told = await h.events(exportEvents('distributors')['export-ended']);
    expect(told.find(({ subject }) => subject === id)).toMatchObject({ data: { complete: false } });
    await h.pool.query(`DELETE FROM form_document WHERE created_by = 'system'`);
  });
});

describe('X-20 bulk reading', () => {
  const flush = () => h.service.app.get(BulkReads).flush();
  const detected = async (person: string) =>
    (await h.events(bulkReadEvents('distributors').detected)).filter(
      ({ data }) => (data as { personId?: string }).personId === person,
    );
  const read = async (by: Member, times: number, id: string) => {
    for (let n = 0; n < times; n++) await by.get(`/custody/${id}`);
  };

  clause(
    'X-20',
    'boundary',
    'as many as the limit are nobody’s business; one more is told of, once an hour',
    async () => {
      const { id } = await hold(seller);
      const curious = await h.staff('finance');
      h.time.set('2026-03-10T05:00:00Z');
      await read(curious, 20, id);
      await flush();
      expect(await detected(curious.id)).toEqual([]);
      await read(curious, 1, id);
      await flush();
      expect(await detected(curious.id)).toMatchObject([{ data: { rows: 21, limit: 20, meta: { rule: 'X-20' } } }]);
      const notices = await h.events(noticeEvents('distributors').requested);
      expect(notices.at(-1)).toMatchObject({
        data: { kind: 'alert', about: curious.id, to: { powers: { auditor: 'all', 'system-administrator': 'all' } } },
      });
      await read(curious, 5, id);
      await flush();
      expect(await detected(curious.id)).toHaveLength(1);
      // An hour on, what was read then no longer counts.
      h.time.set('2026-03-10T06:00:00Z');
      await read(curious, 20, id);
      await flush();
      expect(await detected(curious.id)).toHaveLength(1);
      await read(curious, 1, id);
      await flush();
      expect(await detected(curious.id)).toHaveLength(2);
    },
  );

  clause(
    'X-20',
    'allowed',
    'lists and exports count by their rows, of all processes together; the import is not counted',
    async () => {
      const curious = await h.staff('sales-manager');
      const importer = await h.staff('importer');
      for (let n = 0; n < 12; n++) await hold(seller);
      await curious.get('/custody?limit=11');
      await importer.get('/custody?limit=200');
      await importer.get('/custody?limit=200');
      await flush();
      expect(await detected(curious.id)).toEqual([]);
      const elsewhere = new BulkReads(h.service.transactions, 20, () => {}, 'distributors');
      elsewhere.count({ person: curious.id, positions: [] }, 10);
      await elsewhere.flush();
      expect(await detected(curious.id)).toMatchObject([{ data: { rows: 21 } }]);
      expect(await detected(importer.id)).toEqual([]);
    },
  );

  it('that can not be written down is kept for the next time, and no request is lost', async () => {
    const { id } = await hold(seller);
    const curious = await h.staff('finance');
    await h.pool.query('ALTER TABLE bulk_read RENAME TO bulk_read_away');
    await read(curious, 21, id);
    await expect(flush()).rejects.toThrow('bulk_read');
    await h.pool.query('ALTER TABLE bulk_read_away RENAME TO bulk_read');
    await flush();
    expect(await detected(curious.id)).toMatchObject([{ data: { rows: 21 } }]);
  });
});
