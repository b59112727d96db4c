import { Percent, PositiveAmount, QuantityText } from '@fenxiao/contracts/wire';
import { baseConfig } from '@fenxiao/service-kit/config';
import type { Work } from '@fenxiao/service-kit/work';
import { z } from 'zod';

/** What the regulations leave blank in orders. */
export const ordersConfig = baseConfig.extend({
  /** tax of a product that has no rate of its own, in percent (O-51) */
  STANDARD_TAX_RATE: Percent.default('13'),
  /** days after the due date before an open invoice holds orders (D-21) */
  CREDIT_GRACE_DAYS: z.coerce.number().int().min(0).default(15),
  /** promise of an order that names none, from its confirmation (O-02) */
  PROMISE_WORKING_DAYS: z.coerce.number().int().min(1).default(5),
  /** how long goods are set aside for a draft, in hours (O-06) */
  DRAFT_RESERVATION_HOURS: z.coerce.number().int().min(1).default(72),
  /** limits of a large order for families without orders enough to compute them (O-03), and how many are enough */
  LARGE_ORDER_QUANTITY: QuantityText.default('1000'),
  LARGE_ORDER_VALUE: PositiveAmount.default('100000'),
  LARGE_ORDER_MIN_DEMANDS: z.coerce.number().int().min(1).default(20),
  /** days after which a sample is due back where its issue names no day (O-30) */
  SAMPLE_RETURN_DAYS: z.coerce.number().int().min(1).default(30),
  /** months from its launch in which a product is new (O-40) */
  PRODUCT_NEW_MONTHS: z.coerce.number().int().min(1).default(12),
  /** how long a short price cut may hold, in days; longer is a change of the list (O-14) */
  PRICE_CUT_MAX_DAYS: z.coerce.number().int().min(2).max(366).default(60),
  /** how far a year-end count may be moved, in working days (O-24) */
  STOCKTAKE_MOVE_WORKING_DAYS: z.coerce.number().int().min(1).max(60).default(10),
  /** a count farther from the books than this, in percent of the quantity or in money, is made again (O-24) */
  STOCKTAKE_RECOUNT_PERCENT: Percent.default('1'),
  STOCKTAKE_RECOUNT_AMOUNT: PositiveAmount.default('500'),
});
export type OrdersConfig = z.infer<typeof ordersConfig>;

export const settings = (work: Work): OrdersConfig => work.config as OrdersConfig;
