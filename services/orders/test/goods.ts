import type { Member, Reply } from '@fenxiao/testing/harness';
import type { World } from './world.js';

/** Those who deal with goods beside selling them, and what most tests of quality and returns begin with. */
export interface Goods {
  readonly quality: Member;
  readonly technical: Member;
  readonly afterSales: Member;
  /** a standard in force, for every family */
  readonly standardId: string;
  inspect(productCode: string, batch: string, verdict: 'pass' | 'hold' | 'fail', extra?: object): Promise<Reply>;
  /** an order of these lines, shipped whole; the shipping order and the invoice */
  shipped(
    distributor: string,
    lines: readonly object[],
  ): Promise<{
    orderId: string;
    id: string;
    number: string;
    net: string;
    gross: string;
    invoice: { id: string; number: string };
  }>;
  /** a return, authorised, received, inspected with these results (default: everything back into stock) */
  inspected(
    shipmentId: string,
    lines: readonly { shipmentLine: number; quantity: string }[],
    remedy: 'credit' | 'replacement',
    results?: readonly object[],
  ): Promise<Reply>;
}

export async function goods(w: World): Promise<Goods> {
  const quality = await w.h.staff('quality-control');
  const technical = await w.h.staff('technical-department');
  const afterSales = await w.h.staff('sales-administrator');
  const proposed = await quality.post('/quality-standards', {
    code: 'GB-T-4100',
    title: 'Ceramic tiles',
    characteristics: [{ characteristic: 'water absorption', limit: '≤ 0.5 %' }],
  });
  await technical.post(`/quality-standards/${proposed.body.id}/approve`);
  const standardId = proposed.body.id as string;

  const shipped: Goods['shipped'] = async (distributor, lines) => {
    const { body: order } = await w.order(distributor, [...lines]);
    const { body } = await w.clerk.post('/shipments', { orderId: order.id });
    await w.keeper.post(`/shipments/${body.id}/dispatch`);
    const invoices = await w.finance.get(`/invoices?orderId=${order.id}`);
    return { ...body, orderId: order.id, invoice: invoices.body.items[0] };
  };
  return {
    quality,
    technical,
    afterSales,
    standardId,
    shipped,
    inspect: (productCode, batch, verdict, extra = {}) =>
      quality.post('/inspections', {
        productCode,
        batch,
        standardId,
        inspected: '20',
        results: [{ characteristic: 'water absorption', measured: '0.4 %', within: verdict === 'pass' }],
        verdict,
        ...(verdict === 'pass' ? {} : { note: 'looks off' }),
        ...extra,
      }),
    inspected: async (shipmentId, lines, remedy, results) => {
      const asked = await afterSales.post('/returns', { shipmentId, lines, remedy, cause: 'colour differs' });
      if (asked.status !== 201) return asked;
      const path = `/returns/${asked.body.id}`;
      await w.salesManager.post(`${path}/authorise`);
      const { body } = await w.keeper.post(`${path}/receive`, { warehouse: 'MAIN' });
      const all = (body.lines as { line: number; quantity: string }[]).map(({ line, quantity }) => ({
        line,
        quantity,
        result: 'restock',
      }));
      return quality.post(`${path}/inspect`, { results: results ?? all });
    },
  };
}
