import { randomBytes } from 'node:crypto';
import { Money } from '@fenxiao/domain/money';
import { newId } from '@fenxiao/domain/id';
import { migrateService } from '@fenxiao/service-kit/migrate';
import { clause } from '@fenxiao/testing/clause';
import { createDatabase } from '@fenxiao/testing/database';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Client } from 'pg';
import { world, type World } from '../../test/world.js';
import { migrations } from '../migrations.js';

const START = '2026-03-10T02:00:00Z';
let w: World;
beforeAll(async () => {
  w = await world(START);
}, 60_000);
afterAll(() => w?.close());
beforeEach(() => w.h.time.set(START));

interface Entry {
  readonly id: string;
  readonly kind: string;
  readonly documentNumber: string;
  readonly bookedOn: string;
  readonly amount: string;
  readonly balance: string;
}
const ledger = async (id: string, query = '', by = w.finance) =>
  (await by.get(`/ledger?distributorId=${id}${query}`)).body;
/** A customer with goods at 100.00 before 13 % tax. */
const shop = async (options: Parameters<World['distributor']>[0] = {}) => {
  const [customer, tile] = [await w.distributor(options), await w.product('100')];
  await w.receive(tile.code, '100000');
  const order = async (quantity: string) => (await w.order(customer.code, [{ productCode: tile.code, quantity }])).body;
  const ship = async (orderId: string) => {
    const { body } = await w.clerk.post('/shipments', { orderId });
    return w.keeper.post(`/shipments/${body.id}/dispatch`);
  };
  const pay = (amount: string, extra: object = {}) =>
    w.finance.post('/payments', { distributorCode: customer.code, amount, ...extra });
  return { customer, order, ship, pay };
};

describe('O-22 the sales ledger', () => {
  clause('O-22', 'allowed', 'every document once, with what was owed after it, page by page', async () => {
    const { customer, order, ship, pay } = await shop();
    await ship((await order('2')).id);
    await pay('100');
    await ship((await order('1')).id);
    // dated earlier: it stands by its day
    await pay('26', { receivedOn: '2026-03-01' });
    const { items, next } = (await ledger(customer.id)) as { items: Entry[]; next: string | null };
    expect(next).toBeNull();
    expect(items.map(({ kind, amount, balance }) => [kind, amount, balance])).toEqual([
      ['receipt', '-26.00', '-26.00'],
      ['sale', '226.00', '200.00'],
      ['receipt', '-100.00', '100.00'],
      ['sale', '113.00', '213.00'],
    ]);
    const paged: Entry[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const page = (await ledger(customer.id, `&limit=1${cursor && `&cursor=${cursor}`}`)) as {
        items: Entry[];
        next: string | null;
      };
      paged.push(...page.items);
      cursor = page.next;
    }
    expect(paged).toEqual(items);
    expect((await ledger(customer.id, '&from=2026-03-02&to=2026-03-10')).items).toEqual(items.slice(1));
    expect((await ledger(customer.id, '&to=2026-03-09')).items).toEqual(items.slice(0, 1));
  });

  clause('O-22', 'refused', 'T32: another region reads it not, nor does anybody else; nobody writes it', async () => {
    const west = await w.distributor({ region: w.west });
    expect(await ledger(west.id, '', w.manager)).toMatchObject({ status: 403, rule: 'O-22' });
    expect(await ledger((await w.distributor()).id, '', w.manager)).toEqual({ items: [], next: null });
    expect((await ledger(west.id, '', w.seller)).status).toBe(403);
    expect((await w.finance.get('/ledger')).status).toBe(400);
    expect((await w.finance.post('/ledger', {})).status).toBe(405);
  });

  it('the serving role can only add to it', async () => {
    const role = `serving_${randomBytes(4).toString('hex')}`;
    const database = await createDatabase();
    await w.h.pool.query(`CREATE ROLE ${role} LOGIN PASSWORD 'secret'`);
    await migrateService(database.url, 'orders', migrations, role);
    const url = new URL(database.url);
    [url.username, url.password] = [role, 'secret'];
    const client = new Client({ connectionString: url.href, options: '-c search_path=orders' });
    await client.connect();
    try {
      await client.query(
        `INSERT INTO ledger_entry (distributor, region, kind, document_kind, document, document_number, booked_on, amount, booked_at, historic)
         VALUES ($1, $1, 'sale', 'invoice', $1, 'FP-1', '2026-03-10', 1, now(), false)`,
        [newId()],
      );
      for (const statement of [
        'UPDATE ledger_entry SET amount = 0',
        'DELETE FROM ledger_entry',
        'TRUNCATE ledger_entry',
      ])
        await expect(client.query(statement)).rejects.toMatchObject({ code: '42501' });
    } finally {
      await client.end();
      await database.drop();
      await w.h.pool.query(`DROP ROLE ${role}`);
    }
  });

  clause(
    'O-22',
    'allowed',
    'an adjustment is proposed by the order clerk, approved by finance, and then entered',
    async () => {
      const { customer } = await shop();
      const propose = (over: object = {}, by = w.clerk) =>
        by.post('/ledger-adjustments', {
          distributorId: customer.id,
          amount: '-12.34',
          document: 'FP-2025-000077',
          cause: 'invoiced twice last year',
          ...over,
        });
      expect((await propose({ amount: '0.00' })).body.code).toBe('orders.ledger-adjustment.nothing');
      expect((await propose({ distributorId: newId() })).status).toBe(422);
      expect((await propose({}, w.finance)).status).toBe(403);
      const { id, number } = (await propose()).body;
      expect((await ledger(customer.id)).items).toEqual([]);
      expect((await w.clerk.post(`/ledger-adjustments/${id}/approve`)).status).toBe(403);
      expect((await w.finance.post(`/ledger-adjustments/${id}/approve`)).body.state).toBe('approved');
      expect((await ledger(customer.id)).items).toMatchObject([
        { kind: 'adjustment', documentNumber: number, amount: '-12.34', balance: '-12.34' },
      ]);
      const both = await w.h.staff(['order-clerk', 'finance']);
      const own = (await propose({}, both)).body;
      expect((await both.post(`/ledger-adjustments/${own.id}/approve`)).status).toBe(403);
    },
  );

  it('says of every customer what its documents say, whatever happened in whatever order', async () => {
    const step = fc.oneof(
      fc.record({ act: fc.constant('order' as const), quantity: fc.integer({ min: 1, max: 50 }) }),
      fc.record({ act: fc.constant('ship' as const) }),
      fc.record({ act: fc.constant('pay' as const), fen: fc.integer({ min: 1, max: 1_000_000 }) }),
      fc.record({ act: fc.constant('adjust' as const), fen: fc.integer({ min: -10_000, max: -1 }) }),
    );
    const shops = [await shop({ limit: '100000000' }), await shop({ limit: '100000000' })];
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.nat(1), step), { minLength: 1, maxLength: 8 }), async (steps) => {
        const open: [string[], string[]] = [[], []];
        for (const [i, one] of steps) {
          const { customer, order, ship, pay } = shops[i]!;
          const waiting = open[i as 0 | 1];
          if (one.act === 'order') waiting.push((await order(String(one.quantity))).id);
          else if (one.act === 'pay') await pay(String(Money.fen(BigInt(one.fen))));
          else if (one.act === 'ship') {
            const next = waiting.shift();
            if (next) expect((await ship(next)).status).toBe(200);
          } else {
            const amount = String(Money.fen(BigInt(one.fen)));
            const about = { distributorId: customer.id, amount, document: 'X', cause: 'x' };
            const { id } = (await w.clerk.post('/ledger-adjustments', about)).body;
            await w.finance.post(`/ledger-adjustments/${id}/approve`);
          }
        }
        const { rows } = await w.h.pool.query(
          `SELECT (SELECT coalesce(sum(amount), 0) FROM ledger_entry WHERE distributor = d.id) AS ledger,
                  (SELECT coalesce(sum(gross), 0) FROM invoice WHERE distributor = d.id)
                  - (SELECT coalesce(sum(amount), 0) FROM payment WHERE distributor = d.id)
                  + (SELECT coalesce(sum((form->>'amount')::numeric), 0) FROM form_document
                     WHERE procedure = 'ledger-adjustment' AND state = 'approved' AND form->>'distributorId' = d.id::text) AS documents
           FROM known_distributor d`,
        );
        for (const row of rows) expect(Money.of(row.ledger)).toEqual(Money.of(row.documents));
      }),
      { numRuns: 10 },
    );
  }, 120_000);
});
