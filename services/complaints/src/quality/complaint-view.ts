import { Code, Line } from '@fenxiao/contracts/wire';
import { Severity } from '@fenxiao/contracts/complaints';
import type { Filter } from '@fenxiao/service-kit/filters';
import { z } from 'zod';
import type { Complaint } from './complaint-tables.js';

/** What a reader gets of a complaint, and what the list of complaints is looked through by. */
export function complaintView(subject: Complaint): Record<string, unknown> {
  const { visit, waitingIn, returnRequest } = subject;
  return {
    number: subject.number,
    channel: subject.channel,
    severity: subject.severity,
    criteria: subject.criteria,
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
    areas: subject.areas,
    cause: subject.cause,
    finding: subject.finding,
    ...(visit ? { visit } : {}),
    verdict: subject.verdict,
    judgedOn: subject.judgedOn,
    evidence: subject.evidence,
    furtherRoutes: subject.furtherRoutes,
    proposedRemedy: subject.proposedRemedy,
    proposedCost: subject.proposedCost,
    remedy: subject.remedy,
    estimatedCost: subject.estimatedCost,
    actualCost: subject.actualCost,
    repeat: subject.repeat,
    ...(waitingIn ? { waitingIn, question: subject.question } : {}),
    waitedMinutes: Math.floor(subject.waitedSeconds / 60),
    responseMinutes: subject.responseMinutes,
    resolutionMinutes: subject.resolutionMinutes,
    informedOn: subject.informedOn,
    informedBy: subject.informedBy,
    followUpOn: subject.followUpOn,
    satisfied: subject.satisfied,
    score: subject.score,
    ...(returnRequest
      ? {
          returnRequestId: returnRequest,
          returnState: subject.returnState,
          returnNumber: subject.returnNumber,
          returnRefusal: subject.returnRefusal,
        }
      : {}),
    historic: subject.historic,
  };
}

/** Each has its index in `0002-complaint.sql`. */
export const complaintFilters = {
  number: { column: 'number', prefix: true },
  receivedOn: 'receivedOn',
  severity: { form: Severity as z.ZodType<string>, where: (severity) => ({ severity }) },
  handlerId: 'handler',
  distributorId: 'distributor',
  receipt: 'receipt',
  productCode: { form: Code, where: (productCode) => ({ productCode }) },
  defect: { form: Line, where: (defect) => ({ defect }) },
  batch: { form: Code, where: (batch) => ({ batch }) },
  verdict: 'verdict',
} satisfies Record<string, Filter>;
