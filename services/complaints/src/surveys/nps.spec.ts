import { shipmentEvents } from '@fenxiao/contracts/orders';
import { newId } from '@fenxiao/domain/id';
import { clause } from '@fenxiao/testing/clause';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Customer } from '../../test/quality.js';
import { surveyWorld, type SurveyWorld } from '../../test/surveys.js';
import { halfYearBefore } from './nps.js';
import { isLow, scoresOf } from './scales.js';

describe('the half-yearly survey', () => {
  let w: SurveyWorld;
  beforeAll(async () => {
    w = await surveyWorld();
  }, 60_000);
  afterAll(() => w?.close());
  const buys = (customer: Customer, shippedOn: string) => {
    const money = { net: '1.00', tax: '0.00', gross: '1.00' };
    const goods = { productId: newId(), productCode: 'P', family: 'floor', grade: 'A', colourNumber: 'C', batch: 'B' };
    return w.h.publish(shipmentEvents.dispatched, newId(), {
      ...money,
      number: `CH-${shippedOn}`,
      orderId: newId(),
      orderNumber: 'DD',
      distributorId: customer.id,
      distributorCode: customer.code,
      regionId: customer.region,
      segment: 'regional-distributor',
      channel: 'telephone',
      currency: 'CNY',
      shippedOn,
      lines: [{ ...money, ...goods, line: 1, orderLine: 1, quantity: '1', unitPrice: '1' }],
    });
  };

  clause(
    'C-18',
    'boundary',
    'whoever bought from its first to its last day is asked, once; nobody else is',
    async () => {
      const days = ['2025-12-31', '2026-01-01', '2026-06-30', '2026-07-01'];
      const customers: Customer[] = [];
      for (const day of days) {
        const customer = await w.customer();
        customers.push(customer);
        await buys(customer, day);
      }
      await w.h.settle();
      // Wednesday, the first working day of the half-year
      w.h.time.set('2026-07-01T01:00:00Z');
      await w.h.service.jobs.run('issue-nps-surveys', '2026-07-01');
      const issued = await Promise.all(customers.map((customer) => w.issuedTo(customer)));
      expect(issued.map((some) => some.map(({ kind, period }) => [kind, period]))).toEqual([
        [],
        [['nps', '2026-H1']],
        [['nps', '2026-H1']],
        [],
      ]);
      await w.h.service.jobs.run('issue-nps-surveys', '2026-07-01');
      expect(await w.issuedTo(customers[1]!)).toHaveLength(1);
    },
  );

  clause('C-18', 'allowed', 'from 0 to 10, and a detractor’s reason is a criticism: 6 is, 7 is none', async () => {
    // a Sunday, worked in exchange for the holiday
    w.h.time.set('2026-01-04T01:00:00Z');
    const customers = [await w.customer(), await w.customer(), await w.customer()];
    for (const customer of customers) await buys(customer, '2025-09-01');
    await w.h.settle();
    await w.h.service.jobs.run('issue-nps-surveys', '2026-01-04');
    const opinions: number[] = [];
    for (const [i, score] of ['6', '7', '0'].entries()) {
      const [issued] = await w.issuedTo(customers[i]!);
      const { id } = issued!;
      const token = await w.tokenOf(id);
      expect((await w.page(`?token=${token}`)).text).toContain('How likely are you to recommend us');
      expect((await w.answer(token, { score: '11' })).status).toBe(400);
      expect((await w.answer(token, { score, comment: 'Because.' })).status).toBe(200);
      opinions.push((await w.gm.get(`/opinions?distributorId=${customers[i]!.id}`)).body.items.length);
    }
    expect(opinions).toEqual([1, 0, 1]);
  });

  it('C-18: every day lies in the half-year after the one that had ended', () => {
    fc.assert(
      fc.property(fc.date({ min: new Date('2000-01-01'), max: new Date('2100-01-01'), noInvalidDate: true }), (day) => {
        const date = day.toISOString().slice(0, 10);
        const { name, from, to } = halfYearBefore(date);
        expect(to < date && from < to).toBe(true);
        expect(name).toBe(`${from.slice(0, 4)}-H${from.endsWith('-01-01') ? 1 : 2}`);
        // at most a half-year ago
        expect(Date.parse(date) - Date.parse(to)).toBeLessThanOrEqual(184 * 86_400_000);
      }),
    );
  });

  it('C-18: scores run without a gap, and what is low is below what is not', () => {
    for (const kind of ['delivery', 'complaint', 'nps'] as const) {
      const scores = scoresOf(kind);
      expect(scores.map((score) => score - scores[0]!)).toEqual(scores.map((_, i) => i));
      expect(scores.filter((score) => isLow(kind, score))).toEqual(kind === 'nps' ? [0, 1, 2, 3, 4, 5, 6] : [1, 2]);
    }
  });
});
