import { Code } from '@fenxiao/contracts/wire';
import type { Filter } from '@fenxiao/service-kit/filters';
import { z } from 'zod';
import { distributorsLike } from './distributor.js';

/** What staff look for orders by, beside state and region. Each has its index in `0007-lists.sql`; `bench:lists` asks them all. */
export const orderFilters = {
  distributorId: 'distributor',
  customer: {
    form: z
      .string()
      .trim()
      .min(1)
      .max(200)
      .meta({ description: "part of the customer's name, or how its code begins" }),
    where: async (text, sql) => ({ distributor: { $in: await distributorsLike(sql, text) } }),
  },
  number: { column: 'number', prefix: true },
  reference: { column: 'reference', prefix: true },
  orderedOn: 'orderedOn',
  promisedOn: 'promisedOn',
  salespersonId: 'owner',
  channel: 'channel',
  productCode: { form: Code, where: (productCode) => ({ lines: { $some: { productCode } } }) },
  hold: {
    form: z.enum(['credit', 'price', 'stock', 'trial']).meta({ description: 'what an order is held for' }),
    where: (hold) => ({ state: 'on-hold', holds: { $contains: [hold] } }),
  },
} satisfies Record<string, Filter>;
