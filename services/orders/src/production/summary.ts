import { productionSummaryEvents, productionSummaryForm } from '@fenxiao/contracts/production';
import { Note } from '@fenxiao/contracts/wire';
import { procedure } from '@fenxiao/procedures/procedure';
import { onWorkingDays } from '@fenxiao/service-kit/due';
import { open } from '@fenxiao/service-kit/engine';
import { bindForm } from '@fenxiao/service-kit/forms';
import type { Job } from '@fenxiao/service-kit/jobs';
import type { Work } from '@fenxiao/service-kit/work';
import { headOffice } from '@fenxiao/procedures/powers';
import { z } from 'zod';

/**
 * O-33 Order and production summary 《订货排产情况汇总表》: every working day all open large orders against production's
 * schedule, drawn up by the system, checked and issued by the sales manager.
 */
export const productionSummary = bindForm(
  procedure({
    name: 'production-summary',
    path: 'production-summaries',
    clause: 'O-33',
    class: 'confidential',
    events: productionSummaryEvents,
    states: ['generated', 'issued'],
    read: { ...headOffice, 'production-department': 'all', 'technical-department': 'all' },
    page: {
      title: 'production-summary',
      columns: {
        lines: [
          'orderNumber',
          'distributorCode',
          'productCode',
          'orderedQuantity',
          'missing',
          'needDate',
          'promisedOn',
          'requestNumber',
          'requestState',
          'scheduledOn',
          'scheduledQuantity',
          'late',
        ],
      },
      sign: ['sales-manager', 'deputy-general-manager-sales', 'production-department'],
    },
    start: {
      move: 'generate',
      to: 'generated',
      by: { system: 'all' },
      form: productionSummaryForm,
      fact: 'generated',
    },
    moves: {
      issue: {
        from: 'generated',
        to: 'issued',
        by: { 'sales-manager': 'all' },
        form: z.object({ remarks: Note.optional() }),
        fact: 'issued',
        daily: true,
      },
    },
  }),
  { series: 'HZ', region: () => null },
);

/** What fits on the sheet; above that the most urgent. */
const MOST_LINES = 2000;

interface SummaryRow {
  readonly [column: string]: string | boolean | null;
}

async function linesOn(work: Work, date: string) {
  const rows = await work.query<SummaryRow>(
    `SELECT o.number AS "orderNumber", o.distributor_code AS "distributorCode", l.product_code AS "productCode",
       l.quantity::text AS "orderedQuantity", l.missing::text AS missing, r.need_date::text AS "needDate",
       o.promised_on::text AS "promisedOn", o.first_promised_on::text AS "firstPromisedOn", r.number AS "requestNumber",
       r.state AS "requestState", r.scheduled_on::text AS "scheduledOn", r.scheduled_quantity::text AS "scheduledQuantity",
       coalesce(l.missing > 0 AND (r.scheduled_on > r.need_date OR coalesce(r.scheduled_on, r.need_date, o.promised_on) < $1), false) AS late
     FROM "order" o
     JOIN LATERAL (SELECT product, product_code, sum(quantity) AS quantity, sum(quantity - dropped - allocated - shipped) AS missing
       FROM order_line WHERE order_id = o.id GROUP BY product, product_code) l ON true
     LEFT JOIN LATERAL (SELECT * FROM production_request WHERE order_id = o.id AND product = l.product AND state <> 'withdrawn'
       ORDER BY id DESC LIMIT 1) r ON true
     WHERE o.large AND o.state IN ('on-hold', 'backordered', 'allocated', 'partially-shipped', 'partially-delivered')
     ORDER BY coalesce(r.need_date, o.promised_on), o.id, l.product_code LIMIT $2`,
    [date, MOST_LINES],
  );
  return rows.map((row) => Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)));
}

export const summariseProduction: Job = {
  name: 'summarise-production',
  clause: 'O-33',
  due: onWorkingDays('08:00'),
  missed: 'latest',
  run: async (work, { date }) => {
    await open(work, productionSummary, { form: { date, lines: await linesOn(work, date) }, bySystem: true });
  },
};
