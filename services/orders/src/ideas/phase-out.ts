import { domainError } from '@fenxiao/domain/domain-error';
import { Quantity } from '@fenxiao/domain/quantity';
import type { Work } from '@fenxiao/service-kit/work';
import type { Order } from '../order-tables.js';
import { lockFree } from '../stock.js';

/** O-40 Phase-out 逐步停产: what is left is sold, and nothing more is made. */

/** The products of an order that are being phased out. */
export async function phasedOut(work: Work, subject: Order): Promise<Set<string>> {
  const products = [...new Set(subject.lines.getItems().map(({ product }) => product))];
  const rows = await work.query<{ id: string }>(`SELECT id FROM product WHERE id = ANY($1) AND state = 'phase-out'`, [
    products,
  ]);
  return new Set(rows.map(({ id }) => id));
}

/** An order submitted takes no more of them than is free, or set aside for it. @throws onlyWhatIsLeft */
export async function requireStock(work: Work, subject: Order, products: ReadonlySet<string>): Promise<void> {
  const stock = await lockFree(work, [...products]);
  for (const product of products) {
    const lines = subject.lines.getItems().filter((line) => line.product === product);
    const wanted = Quantity.sum(lines.map(({ quantity, allocated }) => quantity.minus(allocated)));
    const free = Quantity.sum(stock.filter((item) => item.product === product).map((item) => item.free));
    if (free.minus(wanted).isNegative())
      throw onlyWhatIsLeft(
        { product: lines[0]!.productCode, free: String(free) },
        { field: `lines.${lines[0]!.line - 1}.quantity` },
      );
  }
}

const onlyWhatIsLeft = domainError({
  code: 'orders.product.only-what-is-left',
  kind: 'unprocessable',
  rule: 'O-40',
  en: 'Product {product} is being phased out: no more than the {free} in stock can be ordered.',
  zh: '产品{product}正逐步停产，仅可订购剩余库存{free}。',
});
