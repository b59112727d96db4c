/** Closes of day worked out by hand: what customers had used of their limits, and what lay in stock and left it. */
import type { TestEvent } from './engine.js';
import { customer, event, id } from './orders-data.js';

const credit = (n: number, on: string, used: readonly [customer: number, exposure: string, limit: string][]) =>
  event('orders.credit-position.recorded', id(80_000 + n), on, {
    on,
    currency: 'CNY',
    positions: used.map(([who, exposure, limit]) => ({ ...customer(who), exposure, limit })),
  });
const lying = (stone: string) => [
  { warehouse: 'W1', family: 'tiles', quantity: '100.000', value: '1000.00', uncosted: '0.000' },
  // ten of them without a standard cost
  { warehouse: 'W1', family: 'stone', quantity: '30.000', value: '300.00', uncosted: '10.000' },
  { warehouse: 'W2', family: 'stone', quantity: '20.000', value: stone, uncosted: '0.000' },
];
const left = (family: string, quantity: string, cost: string) => ({ family, quantity, cost, uncosted: '0.000' });
const stock = (n: number, on: string, data: object) =>
  event('orders.stock-position.recorded', id(80_100 + n), on, { on, currency: 'CNY', ...data });

/**
 * On the last of June 435.00 of 600.00 are used, one of four customers is over; written down twice it is the same. Of three
 * days 100.00 went out of a stock of 1,400.00 on the mean, known of two: 42 days of stock.
 */
export const positionEvents: TestEvent[] = [
  credit(1, '2026-04-30', [[0, '50.00', '100.00']]),
  credit(2, '2026-06-29', [
    [0, '99.00', '100.00'],
    [1, '120.00', '100.00'],
  ]),
  ...[3, 4].map((n) =>
    credit(n, '2026-06-30', [
      [0, '85.00', '100.00'],
      [1, '150.00', '200.00'],
    ]),
  ),
  credit(5, '2026-06-30', [
    [2, '210.00', '200.00'],
    [3, '-10.00', '100.00'],
  ]),
  stock(1, '2026-06-28', { stock: lying('50.00'), issued: [left('tiles', '3.000', '30.00')] }),
  stock(2, '2026-06-29', { stock: lying('150.00'), issued: [] }),
  stock(3, '2026-06-30', { issued: [left('tiles', '6.000', '60.00'), left('stone', '1.000', '10.00')] }),
];
