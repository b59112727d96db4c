import { createHash } from 'node:crypto';
import { exceptionLine, priceExceptionEvents } from '@fenxiao/contracts/prices';
import { Role } from '@fenxiao/contracts/roles';
import { Amount, Line, Percent, Ref } from '@fenxiao/contracts/wire';
import { workingDays } from '@fenxiao/domain/business-calendar';
import { Money } from '@fenxiao/domain/money';
import { Percentage } from '@fenxiao/domain/percentage';
import { approval } from '@fenxiao/procedures/approval';
import { procedure } from '@fenxiao/procedures/procedure';
import { columns, subjectColumns } from '@fenxiao/service-kit/columns';
import { bind, follow, lock, open } from '@fenxiao/service-kit/engine';
import type { Work } from '@fenxiao/service-kit/work';
import { defineEntity } from '@mikro-orm/core';
import { z } from 'zod';
import { keepApart } from './duties.js';
import type { OrderLine } from './order-tables.js';
import { approvers, type Approver } from './pricing.js';
import { salesReaders } from './readers.js';

/** O-11 Price approval 价格审批: asked for by an order outside its seller's band, of the lowest role whose band covers it. */
const PriceExceptionSchema = defineEntity({
  name: 'PriceException',
  tableName: 'price_exception',
  properties: (p) => ({
    ...subjectColumns,
    orderId: p.uuid(),
    orderNumber: p.text(),
    approver: p.text(),
    deviation: columns.percentage(),
    marginGivenAway: columns.money(),
    binding: p.text(),
    lines: p.json<z.infer<typeof exceptionLine>[]>(),
  }),
});
export class PriceException extends PriceExceptionSchema.class {}
PriceExceptionSchema.setClass(PriceException);

/** The order that asks; filled in by the order's own move, never by a person. */
const request = z.object({
  orderId: Ref('order'),
  orderNumber: Line,
  regionId: Ref('region').nullable(),
  salespersonId: Ref('person').nullable(),
  requestedBy: Line,
  approver: Role,
  deviation: Percent,
  marginGivenAway: Amount,
  binding: Line,
  lines: z.array(exceptionLine),
});
export type ExceptionRequest = z.infer<typeof request>;

/** A role and those above it. */
const andAbove = (role: string): readonly Approver[] => approvers.slice(approvers.indexOf(role as Approver));

export const priceException = bind(
  procedure({
    name: 'price-exception',
    clause: 'O-11',
    class: 'confidential',
    events: priceExceptionEvents,
    states: ['requested', 'approved', 'rejected', 'expired', 'voided', 'used'],
    read: salesReaders,
    page: { title: 'price-exception', total: 'marginGivenAway' },
    start: { move: 'request', to: 'requested', by: { system: 'all' }, form: request, fact: 'requested' },
    moves: {
      ...approval<
        'requested' | 'approved' | 'rejected' | 'expired',
        'approved' | 'rejected' | 'reassigned' | 'expired',
        PriceException
      >({
        in: 'requested',
        steps: [
          {
            name: 'price',
            // the role named or any above it: who may do more may do less
            slots: ({ approver }) => [Object.fromEntries(andAbove(approver).map((role) => [role, 'all']))],
            among: Object.fromEntries(approvers.map((role) => [role, 'all'])),
          },
        ],
        approved: 'approved',
        rejected: 'rejected',
        facts: { approved: 'approved', rejected: 'rejected', reassigned: 'reassigned', expired: 'expired' },
        expires: { within: workingDays(3), to: 'expired', escalateTo: 'deputy-general-manager-sales' },
      }),
      void: { from: ['requested', 'approved'], to: 'voided', by: { system: 'all' }, fact: 'voided' },
      use: { from: 'approved', to: 'used', by: { system: 'all' }, fact: 'used' },
    },
  }),
  {
    entity: PriceException,
    create: (
      { requestedBy: createdBy, regionId: region, salespersonId: owner, deviation, marginGivenAway, ...rest },
      work,
      base,
    ) =>
      work.em.create(PriceException, {
        ...base,
        ...rest,
        createdBy,
        region,
        owner,
        deviation: Percentage.of(deviation),
        marginGivenAway: Money.of(marginGivenAway),
      }),
    effects: {
      approve: ({ orderId }, _, work) => keepApart(work, 'price-exception.approve', [orderId]),
    },
    facts: {
      requested: fact,
      approved: fact,
      rejected: fact,
      reassigned: (exception, form, work) => ({ ...fact(exception, form, work), to: (form as { to: string }).to }),
      expired: fact,
      voided: fact,
      used: fact,
    },
    view: ({ orderId, orderNumber, approver, deviation, marginGivenAway, lines, approvals }) => ({
      orderId,
      orderNumber,
      approver,
      deviation,
      marginGivenAway,
      lines,
      approvals,
    }),
    filters: { orderId: 'orderId', approver: 'approver' },
  },
);

function fact(exception: PriceException, _: unknown, work: Work) {
  const { orderId, orderNumber, approver, deviation, marginGivenAway, lines } = exception;
  return {
    orderId,
    orderNumber,
    approver,
    deviation: String(deviation),
    marginGivenAway: String(marginGivenAway),
    currency: work.currency,
    lines,
  };
}

/** What an approval is for: exactly these products, quantities, prices and this date. Any change gives another. */
export function bindingOf(lines: readonly OrderLine[], orderedOn: string): string {
  const parts = lines.map(({ line, product, quantity, unitPrice, discount, gift }) => [
    line,
    product,
    String(quantity),
    String(unitPrice),
    String(discount),
    gift,
  ]);
  return createHash('sha256')
    .update(JSON.stringify([orderedOn, parts]))
    .digest('hex');
}

export const requestException = (work: Work, form: ExceptionRequest) =>
  open(work, priceException, { form, bySystem: true });

/** An approval of exactly this order as it stands, if one has been given and not used. */
export async function approvedFor(work: Work, orderId: string, binding: string): Promise<PriceException | undefined> {
  const [row] = await work.query<{ id: string }>(
    `SELECT id FROM price_exception WHERE order_id = $1 AND state = 'approved' AND binding = $2`,
    [orderId, binding],
  );
  return row && (await lock(work, priceException, row.id));
}

/** T23: what was asked or approved for the order as it was is void once it changes. */
export async function voidExceptions(work: Work, orderId: string): Promise<void> {
  const rows = await work.query<{ id: string }>(
    `SELECT id FROM price_exception WHERE order_id = $1 AND state IN ('requested', 'approved') ORDER BY id`,
    [orderId],
  );
  for (const { id } of rows) await follow(work, priceException, await lock(work, priceException, id), 'void');
}
