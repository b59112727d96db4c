import { z } from 'zod';
import { aggregate } from './event.js';
import { Amount, CalendarDate, Code, Currency, Id, Line, PositiveAmount, QuantityText } from './wire.js';

/** What stood at the close of a day, owned by orders: exposure against limit (D-21, K-C09), stock and what left it (O-52, K-O14). */

const position = z.object({
  distributorId: Id,
  distributorCode: Code,
  regionId: Id,
  /** below zero where more was paid, or guaranteed, than is owed */
  exposure: Amount,
  limit: PositiveAmount,
});
/** Every customer with a limit, some hundreds an event; `on` is the day that closed. */
export const creditPositionEvents = aggregate('orders', 'credit-position', {
  recorded: { on: CalendarDate, currency: Currency, positions: z.array(position).min(1) },
});

/** A quantity that is negative where more came back than left. */
const Signed = z
  .string()
  .regex(/^-?\d{1,11}(\.\d{1,3})?$/)
  .meta({ format: 'decimal', description: 'Quantity, signed, at most three decimals' });

/**
 * The whole stock of a day in one event, by family, never by product: its standard cost is confidential (O-52). `uncosted` is
 * what of a quantity has no standard cost and so no value.
 */
export const stockPositionEvents = aggregate('orders', 'stock-position', {
  recorded: {
    on: CalendarDate,
    currency: Currency,
    /** at the close; absent when it was written down too late to know */
    stock: z
      .array(
        z.object({
          warehouse: Code,
          family: Line,
          quantity: QuantityText,
          value: PositiveAmount,
          uncosted: QuantityText,
        }),
      )
      .optional(),
    /** shipped in the day less what was credited in it, at the standard cost of the day it was shipped on */
    issued: z.array(z.object({ family: Line, quantity: Signed, cost: Amount, uncosted: Signed })),
  },
});
