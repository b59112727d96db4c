import { complaintReturnRequestEvents, Remedy } from '@fenxiao/contracts/goods';
import { Id, Line, Note, QuantityText } from '@fenxiao/contracts/wire';
import type { BusinessCalendar } from '@fenxiao/domain/business-calendar';
import { hours } from '@fenxiao/domain/business-calendar';
import { procedure } from '@fenxiao/procedures/procedure';
import { bind, open, type Bound } from '@fenxiao/service-kit/engine';
import type { Work } from '@fenxiao/service-kit/work';
import { z } from 'zod';
import { settings } from '../config.js';
import { ReturnRequest } from './complaint-tables.js';
import { handlers } from './handler.js';

/** C-06, O-07 Return for a complaint 投诉退货申请: asked of orders by a fact, its answer awaited under a clock. */
const system = { system: 'all' } as const;
const known = z.object({ returnId: Id.optional(), returnNumber: Line.optional() });

export const returnRequestProcedure = procedure({
  name: 'return-request',
  clause: 'C-06',
  events: complaintReturnRequestEvents,
  states: ['requested', 'granted', 'declined', 'settled'],
  read: {
    salesperson: 'own',
    'regional-manager': 'region',
    'sales-administrator': 'all',
    'sales-support-clerk': 'all',
    'order-clerk': 'all',
    ...handlers,
    'sales-general-manager': 'all',
    'general-manager': 'all',
    'quality-control': 'all',
    finance: 'all',
    auditor: 'all',
  },
  start: {
    move: 'request',
    to: 'requested',
    by: system,
    form: z.object({
      complaintId: Id,
      complaintNumber: Line,
      shipmentId: Id,
      lines: z
        .array(z.object({ shipmentLine: z.int().positive(), quantity: QuantityText }))
        .min(1)
        .max(1000),
      remedy: Remedy,
      cause: Note,
    }),
    fact: 'requested',
  },
  moves: {
    grant: {
      from: 'requested',
      to: 'granted',
      by: system,
      form: known.extend({ remedy: Remedy }),
      fact: 'granted',
      clock: {
        within: ({ enteredAt, answerHours }: ReturnRequest, calendar: BusinessCalendar) =>
          calendar.due(enteredAt, hours(answerHours)),
        warnAt: ({ enteredAt, answerHours }: ReturnRequest, calendar: BusinessCalendar) => {
          const limit = hours(answerHours);
          return calendar.warnAt(enteredAt, calendar.due(enteredAt, limit), limit);
        },
        tell: () => handlers,
        escalateTo: 'deputy-general-manager-sales',
        keptBy: ['settle', 'decline'],
      },
    },
    changeRemedy: { from: 'granted', by: system, form: z.object({ remedy: Remedy }), fact: 'remedy-changed' },
    settle: {
      from: ['requested', 'granted'],
      to: 'settled',
      by: system,
      form: z.object({ outcome: z.enum(['credited', 'replaced']) }),
      fact: 'settled',
    },
    decline: {
      from: ['requested', 'granted'],
      to: 'declined',
      by: system,
      form: known.extend({ refusal: Note }),
      fact: 'declined',
    },
  },
});

export const returnRequest: Bound<ReturnRequest, typeof returnRequestProcedure> = bind(returnRequestProcedure, {
  entity: ReturnRequest,
  create: ({ complaintId, shipmentId, ...form }, work, base) => {
    const { region, owner } = work.locked.get(complaintId) as { region: string | null; owner: string | null };
    return work.em.create(ReturnRequest, {
      ...base,
      ...form,
      region,
      owner,
      complaint: complaintId,
      shipment: shipmentId,
      answerHours: settings(work).RETURN_ANSWER_HOURS,
      returnId: null,
      returnNumber: null,
      refusal: null,
    });
  },
  effects: {
    grant: (subject, form) => {
      Object.assign(subject, form);
    },
    changeRemedy: (subject, { remedy }) => {
      subject.remedy = remedy;
    },
    decline: (subject, form) => {
      Object.assign(subject, form);
    },
  },
  facts: {
    requested: asked,
    granted: answered,
    'remedy-changed': answered,
    settled: (subject, { outcome }) => ({ ...answered(subject), outcome }),
    declined: (subject, { refusal }) => ({ ...answered(subject), refusal }),
  },
  view: (subject) => ({
    complaintId: subject.complaint,
    complaintNumber: subject.complaintNumber,
    region: subject.region,
    shipmentId: subject.shipment,
    lines: subject.lines,
    remedy: subject.remedy,
    cause: subject.cause,
    returnId: subject.returnId,
    returnNumber: subject.returnNumber,
    refusal: subject.refusal,
  }),
  filters: { complaintId: 'complaint', returnId: 'returnId' },
});

/** Asks orders for the return; the subject of the fact is the request. */
export const askReturn = (work: Work, form: z.infer<typeof returnRequestProcedure.start.form>) =>
  open(work, returnRequest, { form, bySystem: true });

function asked(subject: ReturnRequest) {
  return {
    complaintId: subject.complaint,
    complaintNumber: subject.complaintNumber,
    shipmentId: subject.shipment,
    lines: subject.lines,
    remedy: subject.remedy,
    cause: subject.cause,
  };
}
function answered(subject: ReturnRequest) {
  const { returnId, returnNumber } = subject;
  return { ...asked(subject), ...(returnId ? { returnId } : {}), ...(returnNumber ? { returnNumber } : {}) };
}
