import { reconciliationEvents } from '@fenxiao/contracts/books';
import { newId } from '@fenxiao/domain/id';
import type { Member } from '@fenxiao/testing/harness';
import { clause } from '@fenxiao/testing/clause';
import { until } from '@fenxiao/testing/wait';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { world, type World } from '../../test/world.js';

/** Runs follow each other through 2026: every test has its own month. */
let w: World;
beforeAll(async () => {
  w = await world('2026-01-05T02:00:00Z');
}, 60_000);
afterAll(() => w?.close());

interface Row {
  distributorCode: string;
  document: string;
  bookedOn: string;
  amount: string;
  quantity?: string;
}
const shop = async () => {
  const [customer, tile] = [await w.distributor(), await w.product('100')];
  await w.receive(tile.code, '1000');
  /** @returns finance's row of the invoice, as finance should have it */
  const sell = async (quantity: string): Promise<Row> => {
    const { body } = await w.order(customer.code, [{ productCode: tile.code, quantity }]);
    const shipment = await w.clerk.post('/shipments', { orderId: body.id });
    await w.keeper.post(`/shipments/${shipment.body.id}/dispatch`);
    const { items } = (await w.finance.get(`/invoices?orderId=${body.id}`)).body;
    const { number, gross, invoicedOn } = items[0];
    return { distributorCode: customer.code, document: number, bookedOn: invoicedOn, amount: gross, quantity };
  };
  const pay = async (amount: string, receivedOn?: string): Promise<Row> => {
    const { body } = await w.finance.post('/payments', {
      distributorCode: customer.code,
      amount,
      ...(receivedOn ? { receivedOn } : {}),
    });
    return {
      distributorCode: customer.code,
      document: body.number,
      bookedOn: body.receivedOn,
      amount: `-${body.amount}`,
    };
  };
  return { customer, sell, pay };
};
const opened = async (day: string) => {
  w.h.time.set(`${day}T01:00:00Z`);
  await w.h.service.jobs.run('open-reconciliation', day);
  return (await w.clerk.get(`/reconciliations?dueOn=${day}`)).body.items[0];
};
const move = (id: string, name: string, body: object = {}, by: Member = w.finance) =>
  by.post(`/reconciliations/${id}/${name}`, body);
const file = (id: string, rows: Row[], extra: object = {}, by = w.finance) =>
  move(id, 'finance-file', { rows, ...extra }, by);
const differencesOf = async (id: string, query = '') =>
  (await w.clerk.get(`/reconciliations/${id}/differences?limit=200${query}`)).body.items as {
    line: number;
    document: string;
    code: string;
    difference: string;
    explanation: string | null;
  }[];
const factsOf = async (id: string) =>
  (await w.h.events())
    .filter(({ subject, type }) => subject === id && type.includes('.reconciliation.'))
    .map(({ type }) => type.split('.')[3]);

describe('O-22 reconciliation with finance', () => {
  clause('O-22', 'boundary', 'opened on the 25th at 09:00, or on the working day before it', async () => {
    // 25 January 2026 is a Sunday
    w.h.time.set('2026-01-23T00:59:59Z');
    await expect(w.h.service.jobs.run('open-reconciliation', '2026-01-23')).rejects.toMatchObject({
      code: 'job.not-due',
    });
    await expect(opened('2026-01-22')).rejects.toMatchObject({ code: 'job.not-due' });
    const run = await opened('2026-01-23');
    expect(run).toMatchObject({ state: 'opened', from: '2025-12-23', to: '2026-01-22', dueOn: '2026-01-23' });
    expect((await file(run.id, [])).body.state).toBe('opened');
    expect((await move(run.id, 'compare')).body.state).toBe('matched');
  });

  clause(
    'O-22',
    'allowed',
    'T16: what matches is signed by order clerk and finance, and closed on the day',
    async () => {
      w.h.time.set('2026-02-02T02:00:00Z');
      const { sell, pay } = await shop();
      const rows = [await sell('2'), await pay('100')];
      const { id, from } = await opened('2026-02-25');
      expect(from).toBe('2026-01-23');
      expect((await move(id, 'compare')).body).toMatchObject({ status: 409, code: 'orders.reconciliation.no-file' });
      await file(id, rows.slice(0, 1));
      await file(id, rows.slice(1));
      const { body } = await move(id, 'compare');
      expect(body).toMatchObject({
        state: 'matched',
        ledgerDocuments: 2,
        ledgerAmount: '126.00',
        financeDocuments: 2,
        financeAmount: '126.00',
        differences: 0,
      });
      expect((await move(id, 'sign', {}, w.clerk)).body.state).toBe('matched');
      expect((await move(id, 'sign')).body.state).toBe('agreed');
      expect((await move(id, 'close', {}, w.clerk)).body).toMatchObject({ state: 'closed', closedOn: '2026-02-25' });
      expect(await factsOf(id)).toEqual([
        'opened',
        'file-received',
        'file-received',
        'compared',
        'matched',
        'signed',
        'agreed',
        'closed',
      ]);
      const [agreed] = (await w.h.events(reconciliationEvents.agreed)).filter(({ subject }) => subject === id);
      expect(agreed!.data).toMatchObject({ clerkId: w.clerk.id, financeId: w.finance.id });
      const [closed] = (await w.h.events(reconciliationEvents.closed)).filter(({ subject }) => subject === id);
      expect(closed!.data).toMatchObject({ onTime: true, dueOn: '2026-02-25', closedOn: '2026-02-25' });
      expect((await w.clerk.get(`/reconciliations/${id}/page?language=zh`)).body).toContain('销售与财务对帐单');
    },
  );

  clause(
    'O-22',
    'refused',
    'T16: one person twice, also with both roles; one side for the other; closed unsigned',
    async () => {
      const { id } = await opened('2026-03-25');
      expect((await file(id, [], {}, w.clerk)).status).toBe(403);
      await file(id, []);
      await move(id, 'compare');
      const both = await w.h.staff(['order-clerk', 'finance']);
      expect((await move(id, 'sign', {}, both)).body.state).toBe('matched');
      expect((await move(id, 'sign', {}, both)).body).toMatchObject({ status: 409, code: 'approval.already-decided' });
      // the order clerk's place is taken, and finance's is not theirs to fill
      expect((await move(id, 'sign', {}, w.clerk)).body).toMatchObject({ status: 403, code: 'approval.not-your-step' });
      expect((await move(id, 'sign', {}, w.gm)).status).toBe(403);
      expect((await move(id, 'close')).body).toMatchObject({ status: 409, code: 'orders.reconciliation.not-agreed' });
      expect((await move(id, 'sign')).body.state).toBe('agreed');
      expect((await file(id, [])).status).toBe(409);
    },
  );

  it('finds timing, price, quantity, missing and duplicate; each is explained before both sign', async () => {
    w.h.time.set('2026-04-01T02:00:00Z');
    const { sell, pay } = await shop();
    const [same, dear, few, twice, lost] = [
      await sell('1'),
      await sell('2'),
      await sell('3'),
      await sell('4'),
      await sell('5'),
    ];
    w.h.time.set('2026-04-24T02:00:00Z');
    const late = await sell('6');
    w.h.time.set('2026-04-24T16:30:00Z'); // the 25th in Shanghai, a Saturday
    const next = await pay('7');
    const run = await opened('2026-04-24').catch(() => undefined);
    // opened on Friday the 24th, up to Thursday the 23rd
    expect(run).toMatchObject({ from: '2026-03-25', to: '2026-04-23' });
    const { id } = run;
    const foreign = { ...same, distributorCode: 'NOBODY', document: 'X-1' };
    const rows = [
      same,
      { ...dear, amount: '225.99' },
      { ...few, amount: '226.00', quantity: '2' },
      twice,
      twice,
      late,
      next,
      foreign,
    ];
    await file(id, rows);
    const { body } = await move(id, 'compare', {}, w.clerk);
    expect(body).toMatchObject({ state: 'differences', differences: 7, unexplained: 7 });
    const found = await differencesOf(id);
    const of = (document: string) => found.find((one) => one.document === document);
    expect(of(dear.document)).toMatchObject({ code: 'price', difference: '0.01' });
    expect(of(few.document)).toMatchObject({ code: 'quantity', ledgerQuantity: '3.000', financeQuantity: '2.000' });
    expect(of(twice.document)).toMatchObject({ code: 'duplicate', difference: '-452.00' });
    expect(of(lost.document)).toMatchObject({ code: 'missing', difference: '565.00', financeAmount: null });
    expect(of(late.document)).toMatchObject({ code: 'timing', difference: '-678.00', ledgerAmount: null });
    expect(of(next.document)).toMatchObject({ code: 'timing', difference: '7.00' });
    expect(of('X-1')).toMatchObject({ code: 'missing', distributorCode: 'NOBODY' });
    expect(await differencesOf(id, '&code=timing')).toHaveLength(2);
    const [event] = (await w.h.events(reconciliationEvents['difference-found'])).filter(
      ({ subject }) => subject === id,
    );
    expect(event!.data).toMatchObject({
      differences: 7,
      byCode: [
        { code: 'duplicate', differences: 1, amount: '452.00' },
        { code: 'missing', differences: 2 },
        { code: 'price', differences: 1, amount: '0.01' },
        { code: 'quantity', differences: 1, amount: '113.00' },
        { code: 'timing', differences: 2, amount: '685.00' },
      ],
    });

    const explain = (lines: number[], by = w.clerk) =>
      move(id, 'explain', { explanations: lines.map((line) => ({ line, explanation: 'looked into' })) }, by);
    expect((await explain([99])).body).toMatchObject({ status: 422, code: 'orders.reconciliation.unknown-line' });
    expect((await explain([1, 2, 3])).body).toMatchObject({ state: 'differences', unexplained: 4 });
    expect((await move(id, 'sign', {}, w.clerk)).status).toBe(409);
    expect(await differencesOf(id, '&explained=no')).toHaveLength(4);

    // finance hands in a better file: what is still so keeps its explanation
    await file(
      id,
      rows.filter(({ document }) => document !== 'X-1'),
    );
    expect((await move(id, 'compare')).body).toMatchObject({ state: 'differences', differences: 6 });
    const left = await differencesOf(id, '&explained=no');
    expect(left.length).toBeLessThan(6);
    expect(
      (
        await explain(
          left.map(({ line }) => line),
          w.finance,
        )
      ).body,
    ).toMatchObject({ state: 'explained', unexplained: 0 });
    await move(id, 'sign');
    expect((await move(id, 'sign', {}, w.clerk)).body.state).toBe('agreed');
  }, 60_000);

  it('what came too late for its run is in the next, and finance having had it before is timing', async () => {
    w.h.time.set('2026-05-26T02:00:00Z');
    const may = await opened('2026-05-25');
    expect(may).toMatchObject({ to: '2026-05-24' });
    w.h.time.set('2026-05-27T02:00:00Z');
    const { pay } = await shop();
    const late = await pay('11', '2026-05-20');
    await file(may.id, [late]);
    expect((await move(may.id, 'compare')).body.differences).toBeGreaterThan(0);
    expect((await differencesOf(may.id)).find(({ document }) => document === late.document)).toMatchObject({
      code: 'timing',
    });
    const june = await opened('2026-06-25');
    expect((await move(june.id, 'compare')).body.code).toBe('orders.reconciliation.no-file');
    await file(june.id, [{ ...late, document: 'X-2' }]);
    await move(june.id, 'compare');
    expect((await differencesOf(june.id)).find(({ document }) => document === late.document)).toMatchObject({
      code: 'timing',
      difference: '-11.00',
    });
  }, 60_000);

  clause('O-22', 'boundary', 'overdue at the end of the day, once, whatever state it is in', async () => {
    const { id } = await opened('2026-07-24');
    const overdue = async () => (await factsOf(id)).filter((fact) => fact === 'overdue').length;
    w.h.time.set('2026-07-24T15:59:59.998Z');
    await w.h.service.clocks.tick();
    expect(await overdue()).toBe(0);
    w.h.time.set('2026-07-24T15:59:59.999Z');
    await w.h.service.clocks.tick();
    await until('it to be overdue', async () => (await overdue()) === 1);
    await file(id, []);
    await move(id, 'compare');
    await w.h.service.clocks.tick();
    expect(await overdue()).toBe(1);
    for (const line of await differencesOf(id))
      await move(id, 'explain', { explanations: [{ line: line.line, explanation: 'x' }] });
    await move(id, 'sign', {}, w.clerk);
    await move(id, 'sign');
    w.h.time.set('2026-07-27T02:00:00Z');
    expect((await move(id, 'close')).body.state).toBe('closed');
    const [closed] = (await w.h.events(reconciliationEvents.closed)).filter(({ subject }) => subject === id);
    expect(closed!.data).toMatchObject({ onTime: false, closedOn: '2026-07-27' });
  });

  it('compares 100,000 documents', async () => {
    w.h.time.set('2026-08-03T02:00:00Z');
    const { customer } = await shop();
    await w.h.pool.query(
      `INSERT INTO ledger_entry (distributor, region, kind, document_kind, document, document_number, booked_on, amount, booked_at, historic)
       SELECT $1, $2, 'sale', 'invoice', gen_random_uuid(), 'N-' || n, '2026-08-10', n, '2026-08-10T02:00:00Z', false FROM generate_series(1, 100000) n`,
      [customer.id, w.east],
    );
    const { id } = await opened('2026-08-25');
    const rows = (from: number): Row[] =>
      Array.from({ length: 10_000 }, (_, i) => {
        const n = from + i + 1;
        return {
          distributorCode: customer.code,
          document: `N-${n}`,
          bookedOn: '2026-08-10',
          amount: String(n % 10 === 0 ? n + 1 : n),
        };
      });
    for (let from = 0; from < 100_000; from += 10_000) expect((await file(id, rows(from))).status).toBe(200);
    const begun = performance.now();
    const { body } = await move(id, 'compare');
    const took = performance.now() - begun;
    expect(body).toMatchObject({
      state: 'differences',
      ledgerDocuments: 100_000,
      financeDocuments: 100_000,
      differences: 10_000,
      differenceAmount: '10000.00',
    });
    expect(took).toBeLessThan(30_000);
    expect(await differencesOf(id, '&cursor=9990')).toHaveLength(10);
    expect((await w.clerk.get(`/reconciliations/${newId()}/differences`)).body).toEqual({ items: [], next: null });
  }, 180_000);
});

describe('O-22 the file of finance in parts', () => {
  clause('O-22', 'refused', 'a file of which parts are still to come is not compared; two do not mix', async () => {
    const { id } = await opened('2027-01-25');
    const row = { distributorCode: 'D-NONE', document: 'F-1', bookedOn: '2027-01-20', amount: '1' };
    const first = await file(id, [row], { startOver: true, more: true });
    expect((await move(id, 'compare')).body).toMatchObject({ status: 409, code: 'orders.reconciliation.more-to-come' });
    // another file begins
    await file(id, [row], { startOver: true, more: true });
    const version = first.headers.get('etag')!;
    const late = await w.finance.post(`/reconciliations/${id}/finance-file`, { rows: [row] }, { 'if-match': version });
    expect(late.body.status).toBe(412);
    expect((await file(id, [{ ...row, document: 'F-2' }])).body).toMatchObject({ financeDocuments: 2 });
    expect((await move(id, 'compare')).body).toMatchObject({ state: 'differences' });
  });
});
