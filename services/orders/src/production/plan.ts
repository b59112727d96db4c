import { productionPlanEvents, productionPlanForm } from '@fenxiao/contracts/production';
import { domainError } from '@fenxiao/domain/domain-error';
import { Quantity } from '@fenxiao/domain/quantity';
import { approval } from '@fenxiao/procedures/approval';
import { headOffice } from '@fenxiao/procedures/powers';
import { procedure } from '@fenxiao/procedures/procedure';
import { bindForm } from '@fenxiao/service-kit/forms';
import type { Work } from '@fenxiao/service-kit/work';
import type { z } from 'zod';

/**
 * O-33 Order and production plan 订货排产计划: drawn up by the sales manager, agreed by three, each for their own part: deputy
 * general manager for sales, branch general manager, head of the technical department; then issued.
 */
export const productionPlan = bindForm(
  procedure({
    name: 'production-plan',
    clause: 'O-33',
    class: 'confidential',
    events: productionPlanEvents,
    states: ['drafted', 'agreed', 'rejected', 'issued'],
    read: { ...headOffice, 'production-department': 'all', 'technical-department': 'all' },
    page: {
      title: 'production-plan',
      columns: { lines: ['requestNumber', 'quantity', 'plannedOn'] },
      sign: ['deputy-general-manager-sales', 'branch-general-manager', 'technical-department'],
    },
    start: {
      move: 'draft',
      to: 'drafted',
      by: { 'sales-manager': 'all' },
      form: productionPlanForm,
      fact: 'drafted',
    },
    moves: {
      ...approval({
        in: 'drafted',
        steps: [
          {
            name: 'agreement',
            slots: [
              { 'deputy-general-manager-sales': 'all' },
              { 'branch-general-manager': 'all' },
              { 'technical-department': 'all' },
            ],
          },
        ],
        approved: 'agreed',
        rejected: 'rejected',
        facts: { step: 'signed', approved: 'agreed', rejected: 'rejected' },
      }),
      issue: { from: 'agreed', to: 'issued', by: { 'sales-manager': 'all' }, fact: 'issued', daily: true },
    },
  }),
  { series: 'JH', region: () => null, onOpen: (form, work) => requireSound(form, work) },
);

/** @throws outsidePeriod, nothingPlanned, unknownRequest, each naming its field */
async function requireSound({ validFrom, validTo, lines }: z.infer<typeof productionPlanForm>, work: Work) {
  if (validTo < validFrom) throw outsidePeriod({ date: validTo }, { field: 'validTo' });
  const numbers = lines.map(({ requestNumber }) => requestNumber);
  const rows = await work.query<{ number: string }>(
    `SELECT number FROM production_request WHERE number = ANY($1) AND state IN ('requested', 'acknowledged', 'scheduled', 'in-production')`,
    [numbers],
  );
  const open = new Set(rows.map(({ number }) => number));
  lines.forEach(({ requestNumber, quantity, plannedOn }, i) => {
    const at = (field: string) => ({ field: `lines.${i}.${field}` });
    if (!open.has(requestNumber) || numbers.indexOf(requestNumber) < i)
      throw unknownRequest({ number: requestNumber }, at('requestNumber'));
    if (!Quantity.of(quantity).isPositive()) throw nothingPlanned({}, at('quantity'));
    if (plannedOn < validFrom || plannedOn > validTo) throw outsidePeriod({ date: plannedOn }, at('plannedOn'));
  });
}

const unknownRequest = domainError({
  code: 'orders.production-plan.unknown-request',
  kind: 'unprocessable',
  rule: 'O-33',
  en: 'No production request {number} is open, or the plan names it twice.',
  zh: '没有未完成的排产申请{number}，或计划中重复列出。',
});
const nothingPlanned = domainError({
  code: 'orders.production-plan.nothing-planned',
  kind: 'unprocessable',
  rule: 'O-33',
  en: 'The quantity planned must be above zero.',
  zh: '计划数量必须大于零。',
});
const outsidePeriod = domainError({
  code: 'orders.production-plan.outside-period',
  kind: 'unprocessable',
  rule: 'O-33',
  en: '{date} lies outside the period of the plan.',
  zh: '{date}不在计划期间之内。',
});
