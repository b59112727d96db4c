import { invoicingTermsEvents, invoicingTermsForm } from '@fenxiao/contracts/goods';
import { Money } from '@fenxiao/domain/money';
import { approval } from '@fenxiao/procedures/approval';
import { procedure } from '@fenxiao/procedures/procedure';
import { open } from '@fenxiao/service-kit/engine';
import { bindForm, type FormDocument } from '@fenxiao/service-kit/forms';
import type { Job } from '@fenxiao/service-kit/jobs';
import type { Work } from '@fenxiao/service-kit/work';
import type { z } from 'zod';
import { distributorOf, lockAccount } from './distributor.js';
import { goodsOf, invoice } from './invoice.js';
import { salesReaders } from './readers.js';
import { Shipment } from './shipment-tables.js';

/**
 * O-50 Consolidated invoices 汇总开票: a customer may be invoiced at the end of each month for all that was shipped to it
 * in the month, instead of shipment by shipment. Until then what was shipped counts towards its exposure.
 */
export const invoicingTerms = bindForm(
  procedure({
    name: 'invoicing-terms',
    path: 'invoicing-terms',
    clause: 'O-50',
    class: 'confidential',
    events: invoicingTermsEvents,
    states: ['proposed', 'in-force', 'rejected'],
    read: salesReaders,
    page: { title: 'invoicing-terms', sign: ['finance', 'sales-manager'] },
    start: { move: 'propose', to: 'proposed', by: { finance: 'all' }, form: invoicingTermsForm, fact: 'proposed' },
    moves: approval({
      in: 'proposed',
      steps: [{ name: 'invoicing', slots: [{ 'sales-manager': 'all', 'deputy-general-manager-sales': 'all' }] }],
      approved: 'in-force',
      rejected: 'rejected',
      facts: { approved: 'approved', rejected: 'rejected' },
    }),
  }),
  {
    series: 'KP',
    region: async ({ distributorId }, work) => (await distributorOf(work, { id: distributorId })).region,
    effects: { approve: (document, _, work) => setTerms(document, work) },
  },
);

/** The latest approval holds. What waits already is invoiced at the end of the month whatever was changed. */
async function setTerms({ form }: FormDocument, work: Work): Promise<void> {
  const { distributorId, invoicing } = form as z.infer<typeof invoicingTermsForm>;
  await lockAccount(work, distributorId);
  const change =
    invoicing === 'monthly'
      ? 'INSERT INTO monthly_invoicing (distributor) VALUES ($1) ON CONFLICT DO NOTHING'
      : 'DELETE FROM monthly_invoicing WHERE distributor = $1';
  await work.query(change, [distributorId]);
}

/** Bills what has just been shipped, or lets it wait for the month's invoice. What costs nothing is not billed. */
export async function bill(work: Work, subject: Shipment): Promise<void> {
  if (subject.gross.isZero()) return;
  const [monthly] = await work.query('SELECT FROM monthly_invoicing WHERE distributor = $1', [subject.distributor]);
  if (!monthly) return issue(work, [subject], subject.shippedOn!);
  await work.query('INSERT INTO awaiting_invoice (shipment, distributor, shipped_on, gross) VALUES ($1, $2, $3, $4)', [
    subject.id,
    subject.distributor,
    subject.shippedOn,
    String(subject.gross),
  ]);
}

/** Issues one invoice for shipments of one customer, salesperson, segment and channel. */
async function issue(work: Work, shipments: readonly Shipment[], invoicedOn: string): Promise<void> {
  const [first] = shipments as [Shipment];
  const sum = (part: 'net' | 'tax' | 'gross') => String(Money.sum(shipments.map((shipment) => shipment[part])));
  const lines = shipments.flatMap((shipment) => goodsOf(shipment).lines).map((line, i) => ({ ...line, line: i + 1 }));
  const billed = shipments.map(({ id, orderId, number }) => ({ orderId, shipmentId: id, shipmentNumber: number }));
  const form = {
    orderId: first.orderId,
    shipmentId: first.id,
    distributorId: first.distributor,
    regionId: first.region!,
    invoicedOn,
    net: sum('net'),
    tax: sum('tax'),
    gross: sum('gross'),
    ...goodsOf(first),
    lines,
    ...(shipments.length > 1 ? { shipments: billed } : {}),
  };
  await open(work, invoice, { form, bySystem: true });
}

/** At the end of the month, late in the evening: what is shipped after that is in next month's invoice. */
export const consolidateInvoices: Job = {
  name: 'consolidate-invoices',
  clause: 'O-50',
  due: (calendar, date) => (calendar.endOfMonth(date) === date ? '23:30' : undefined),
  run: async (work, { date }) => {
    const customers = await work.query<{ distributor: string }>(
      'SELECT DISTINCT distributor FROM awaiting_invoice WHERE shipped_on <= $1 ORDER BY 1',
      [date],
    );
    // all accounts before the first number is taken: a dispatch holds its account and waits for one
    await work.query('SELECT FROM known_distributor WHERE id = ANY($1) ORDER BY id FOR UPDATE', [
      customers.map(({ distributor }) => distributor),
    ]);
    for (const { distributor } of customers) {
      await consolidate(work, distributor, date);
      // let go of what is written: each flush looks at all there is
      await work.em.flush();
      work.em.clear();
      work.locked.clear();
    }
  },
};

async function consolidate(work: Work, distributor: string, date: string): Promise<void> {
  await lockAccount(work, distributor);
  const waiting = await work.query<{ shipment: string }>(
    'DELETE FROM awaiting_invoice WHERE distributor = $1 AND shipped_on <= $2 RETURNING shipment',
    [distributor, date],
  );
  const ids = waiting.map(({ shipment }) => shipment);
  const found = await work.em.find(
    Shipment,
    { id: { $in: ids } },
    { populate: ['lines'], orderBy: { shippedOn: 'asc', id: 'asc' } },
  );
  const together = Map.groupBy(found, ({ owner, segment, channel }) => JSON.stringify([owner, segment, channel]));
  for (const shipments of together.values()) await issue(work, shipments, date);
}
