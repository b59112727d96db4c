import { setTimeout as delay } from 'node:timers/promises';
import { Refused, type Api } from './api.js';
import { forSale, type Goods, type Market } from './day-market.js';
import type { Random } from './random.js';

/** The usual business of the day: orders from everywhere, some below the list price, decided on and shipped. */
interface Subject {
  readonly id: string;
  readonly state: string;
}
interface Exception extends Subject {
  readonly orderId: string;
  readonly approver: string;
}

/** What one may give away is little; what others may, is asked for. */
const discounts = ['0', '1.5', '2.5', '4', '6.5', '9'];
const discountWeights = [70, 8, 9, 7, 4, 2];
const carriers = ['渝运物流', '南方快运', '长江货运'];

export class Sales {
  readonly counts = new Map<string, number>();
  readonly #placed: string[] = [];

  constructor(
    private readonly api: Api,
    private readonly market: Market,
    private readonly random: Random,
  ) {}

  async run(orders: number): Promise<void> {
    await this.#sell(orders);
    await this.#decide();
    // what was approved goes on by events
    await delay(500);
    await this.#ship();
  }

  async #sell(orders: number): Promise<void> {
    const { random } = this;
    const { goods, customers } = forSale(this.market);
    for (let i = 0; i < orders; i++) {
      const { code, seller: usual } = random.pick(customers);
      const seller = usual === 'order-clerk' ? random.pick(['order-clerk', 'sales-manager']) : usual;
      const form = { distributorCode: code, lines: this.#lines(goods) };
      const order = await this.#ask<Subject>(seller, 'orders/orders', form, `order-${i}`);
      if (!order) continue;
      this.#count('orders');
      // a few are still being written
      if (random.chance(0.05)) continue;
      if (await this.#ask(seller, `orders/orders/${order.id}/submit`, {})) this.#placed.push(order.id);
    }
  }

  #lines(goods: readonly Goods[]) {
    const { random } = this;
    const chosen = new Set(Array.from({ length: random.int(1, 4) }, () => random.pick(goods)));
    return [...chosen].map(({ productCode, free }) => {
      const discount = random.weighted(discounts, discountWeights);
      const some = Math.max(1, Math.floor(free * random.between(0.01, 0.05)));
      return { productCode, quantity: String(some), ...(discount === '0' ? {} : { discount }) };
    });
  }

  /** Superiors look at what was asked of them: most is approved, some is not, the rest can wait. */
  async #decide(): Promise<void> {
    const asked = await this.api.list<Exception>('general-manager', 'orders/price-exceptions?state=requested');
    const asking = new Map(asked.map((exception) => [exception.orderId, exception]));
    for (const { id, approver } of this.#placed.flatMap((order) => asking.get(order) ?? [])) {
      const chance = this.random.float();
      const about = `orders/price-exceptions/${id}`;
      if (chance < 0.6 && (await this.#ask(approver, `${about}/approve`, {}))) this.#count('approved');
      const reason = '毛利过低，请按价目表报价';
      if (chance > 0.85 && (await this.#ask(approver, `${about}/reject`, { reason }))) this.#count('rejected');
    }
  }

  async #ship(): Promise<void> {
    const { random } = this;
    for (const id of this.#placed) {
      // drawn whether they are needed or not, so that one order does not change what becomes of the next
      const [issued, leaves, arrives] = [random.chance(0.7), random.chance(0.8), random.chance(0.4)];
      const load = { carrier: random.pick(carriers), freight: String(random.int(80, 900)) };
      if (!issued) continue;
      const order = await this.#ask<Subject>('order-clerk', `orders/orders/${id}`);
      if (order?.state !== 'allocated') continue;
      const shipment = await this.#ask<Subject>('order-clerk', 'orders/shipments', { orderId: id }, `shipment-${id}`);
      if (!shipment || !leaves) continue;
      const about = `orders/shipments/${shipment.id}`;
      await this.#ask('finished-goods-keeper', `${about}/pick`, {});
      if (!(await this.#ask('finished-goods-keeper', `${about}/dispatch`, load))) continue;
      this.#count('shipped');
      if (arrives && (await this.#ask('order-clerk', `${about}/sign`, {}))) this.#count('signed');
    }
  }

  /** @returns undefined when a rule refuses: not everybody may sell everything to everyone */
  async #ask<T>(login: string, path: string, form?: object, key?: string): Promise<T | undefined> {
    try {
      return await this.api.ask<T>(login, path, form, key);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.#count(`refused (${error.code})`);
      return undefined;
    }
  }

  #count(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  }
}
