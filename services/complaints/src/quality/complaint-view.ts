import { Code, Line } from '@fenxiao/contracts/wire';
import { Severity } from '@fenxiao/contracts/complaints';
import { hasRole, type Actor } from '@fenxiao/service-kit/actor';
import type { Filter } from '@fenxiao/service-kit/filters';
import type { Complaint } from './complaint-tables.js';
import { distributorUnits } from '../purchases.js';

/** What a reader gets of a complaint: the customer what was said, how far it is and what came out; our people all of it. */
export function complaintView(subject: Complaint, actor: Actor): Record<string, unknown> {
  if (distributorUnits(actor.positions)) return { ...said(subject), ...outcome(subject) };
  const superior = hasRole(actor, { 'deputy-general-manager-sales': 'all', 'general-manager': 'all' });
  return {
    ...said(subject),
    ...outcome(subject),
    ...inside(subject),
    ...(superior && subject.against ? { against: subject.against } : {}),
    closedAt: subject.closedAt,
    historic: subject.historic,
  };
}

const said = (subject: Complaint) => ({
  number: subject.number,
  channel: subject.channel,
  severity: subject.severity,
  receivedAt: subject.receivedAt,
  receivedOn: subject.receivedOn,
  handlerId: subject.handler,
  handlerRole: subject.handlerRole,
  region: subject.region,
  distributorId: subject.distributor,
  distributorCode: subject.distributorCode,
  customer: subject.customer,
  telephone: subject.telephone,
  receipt: subject.receipt,
  orderNumber: subject.orderNumber,
  shipmentId: subject.shipment,
  shipmentLine: subject.shipmentLine,
  productId: subject.product,
  productCode: subject.productCode,
  family: subject.family,
  productName: subject.productName,
  specification: subject.specification,
  grade: subject.grade,
  colourNumber: subject.colourNumber,
  batch: subject.batch,
  quantity: subject.quantity,
  purchasedOn: subject.purchasedOn,
  mismatches: subject.mismatches,
  defect: subject.defect,
  description: subject.description,
  wanted: subject.wanted,
});

const outcome = (subject: Complaint) => ({
  ...(subject.waitingIn ? { waitingIn: subject.waitingIn, question: subject.question } : {}),
  verdict: subject.verdict,
  judgedOn: subject.judgedOn,
  furtherRoutes: subject.furtherRoutes,
  remedy: subject.remedy,
  informedOn: subject.informedOn,
  informedBy: subject.informedBy,
  followUpOn: subject.followUpOn,
  satisfied: subject.satisfied,
  score: subject.score,
});

const inside = (subject: Complaint) => ({
  criteria: subject.criteria,
  areas: subject.areas,
  cause: subject.cause,
  finding: subject.finding,
  ...(subject.visit ? { visit: subject.visit } : {}),
  evidence: subject.evidence,
  proposedRemedy: subject.proposedRemedy,
  proposedCost: subject.proposedCost,
  estimatedCost: subject.estimatedCost,
  actualCost: subject.actualCost,
  ...(subject.spent?.isPositive() ? { spent: subject.spent } : {}),
  repeat: subject.repeat,
  ...(subject.answer ? { answer: subject.answer } : {}),
  ...(subject.followUpNote ? { followUpNote: subject.followUpNote } : {}),
  waitedMinutes: Math.floor(subject.waitedSeconds / 60),
  responseMinutes: subject.responseMinutes,
  resolutionMinutes: subject.resolutionMinutes,
  ...(subject.returnRequest
    ? {
        returnRequestId: subject.returnRequest,
        returnState: subject.returnState,
        returnNumber: subject.returnNumber,
        returnRefusal: subject.returnRefusal,
      }
    : {}),
});

/** Each has its index in `0002-complaint.sql`. */
export const complaintFilters = {
  number: { column: 'number', prefix: true },
  receivedOn: 'receivedOn',
  severity: { form: Severity, where: (severity) => ({ severity }) },
  handlerId: 'handler',
  distributorId: 'distributor',
  receipt: 'receipt',
  productCode: { form: Code, where: (productCode) => ({ productCode }) },
  defect: { form: Line, where: (defect) => ({ defect }) },
  batch: { form: Code, where: (batch) => ({ batch }) },
  verdict: 'verdict',
} satisfies Record<string, Filter>;
