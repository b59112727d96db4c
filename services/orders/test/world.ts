import { creditLimitEvents, distributorEvents } from '@fenxiao/contracts/distributors';
import type { BusinessCalendar } from '@fenxiao/domain/business-calendar';
import { newId } from '@fenxiao/domain/id';
import { CALENDAR } from '@fenxiao/service-kit/service';
import { harness, type Harness, type Member, type Reply } from '@fenxiao/testing/harness';
import { until } from '@fenxiao/testing/wait';
import { orders } from '../src/service.js';

/** A small company for tests: its people, a region, products with prices and stock, distributors. */
export interface World {
  readonly h: Harness;
  readonly east: string;
  readonly west: string;
  readonly seller: Member;
  readonly clerk: Member;
  readonly keeper: Member;
  readonly finance: Member;
  readonly manager: Member;
  readonly salesManager: Member;
  readonly deputy: Member;
  readonly gm: Member;
  distributor(options?: {
    limit?: string;
    region?: string;
    terms?: 'credit' | 'prepaid';
    state?: string;
    paymentDays?: number;
  }): Promise<{ id: string; code: string }>;
  product(
    price?: string,
    options?: { family?: string; grade?: string; taxIncluded?: boolean },
  ): Promise<{ id: string; code: string }>;
  receive(
    product: string,
    quantity: string,
    options?: { batch?: string; grade?: string; receivedOn?: string },
  ): Promise<Reply>;
  place(distributor: string, lines: object[], extra?: object, by?: Member): Promise<Reply>;
  /** places and submits; the answer of the submission */
  order(distributor: string, lines: object[], extra?: object, by?: Member): Promise<Reply>;
  read(id: string): Promise<Reply['body']>;
  /** reads an order until it is in a state */
  reaches(id: string, state: string): Promise<Reply['body']>;
  close(): Promise<void>;
}

/** What a price list is submitted with. */
export const evidence = {
  demand: 'Asked for at the fair.',
  competitors: [
    { competitor: 'Rival', product: 'Tile 600', price: '52', observedOn: '2026-01-15', source: 'their price list' },
  ],
};

export async function world(now = '2026-03-10T02:00:00Z'): Promise<World> {
  const h = await harness(orders, { now });
  const [east, west] = [await h.region('EAST'), await h.region('WEST')];
  const seller = await h.staff('salesperson', { regionId: east });
  const clerk = await h.staff('order-clerk');
  const keeper = await h.staff('finished-goods-keeper');
  const finance = await h.staff('finance');
  const manager = await h.staff('regional-manager', { regionId: east });
  const salesManager = await h.staff('sales-manager');
  const deputy = await h.staff('deputy-general-manager-sales');
  const gm = await h.staff('general-manager');
  let made = 0;

  const distributor: World['distributor'] = async ({
    limit = '1000000',
    region = east,
    terms = 'credit',
    state = 'active',
    paymentDays = 30,
  } = {}) => {
    const [id, code] = [newId(), `D${++made}`];
    const master = {
      code,
      name: code,
      licence: code,
      partnerType: 'distributor',
      segment: 'regional-distributor',
      class: 'B',
      regionId: region,
      terms,
      paymentDays,
    } as const;
    await h.publish(distributorEvents.recorded, id, { ...master, state });
    await h.publish(creditLimitEvents.changed, newId(), { distributorId: id, limit, currency: 'CNY' });
    await h.settle();
    return { id, code };
  };
  const product: World['product'] = async (
    price = '50',
    { family = 'floor', grade = 'A', taxIncluded = false } = {},
  ) => {
    const code = `P${++made}`;
    const created = await salesManager.post('/products', {
      code,
      name: `Tile ${code}`,
      specification: '600×600',
      grade,
      colourNumber: 'C1',
      family,
      unit: 'm²',
    });
    const drafted = await salesManager.post('/price-lists', {
      code: `L${made}`,
      // in Shanghai it may be tomorrow already
      validFrom: h.service.app.get<BusinessCalendar>(CALENDAR).dateOf(h.time.now()),
      taxIncluded,
      lines: [{ productCode: code, price }],
    });
    await salesManager.post(`/price-lists/${drafted.body.id}/submit`, evidence);
    await deputy.post(`/price-lists/${drafted.body.id}/approve`);
    return { id: created.body.id as string, code };
  };
  const place: World['place'] = (code, lines, extra = {}, by = seller) =>
    by.post('/orders', { distributorCode: code, lines, ...extra });
  const read: World['read'] = async (id) => (await gm.get(`/orders/${id}`)).body;
  return {
    h,
    east,
    west,
    seller,
    clerk,
    keeper,
    finance,
    manager,
    salesManager,
    deputy,
    gm,
    distributor,
    product,
    place,
    read,
    receive: (productCode, quantity, { batch = 'B1', grade, receivedOn } = {}) =>
      keeper.post('/goods-receipts', {
        productCode,
        warehouse: 'MAIN',
        batch,
        quantity,
        ...(grade ? { grade } : {}),
        ...(receivedOn ? { receivedOn } : {}),
      }),
    order: async (code, lines, extra = {}, by = seller) => {
      const placed = await place(code, lines, extra, by);
      return placed.status === 201 ? by.post(`/orders/${placed.body.id}/submit`) : placed;
    },
    reaches: (id, state) =>
      until(`order ${id} to be ${state}`, async () => {
        const body = await read(id);
        return body.state === state && body;
      }),
    close: () => h.close(),
  };
}
