import type { Severity } from '@fenxiao/contracts/complaints';
import type { Complaint } from './complaint-tables.js';
import { totalCost } from './remedy.js';

/** Every fact of a complaint carries what is known by then: the latest says it all (K-Q01 to K-Q15). */

/** what a severity was, for the fact of its change */
export const severityBefore = new WeakMap<Complaint, Severity>();

/** What is known of a complaint; what is not known is left out. */
function known(subject: Complaint) {
  const cost = totalCost(subject);
  const minutes = subject.waitedSeconds > 0 ? Math.floor(subject.waitedSeconds / 60) : null;
  return {
    number: subject.number,
    channel: subject.channel,
    severity: subject.severity,
    receivedAt: subject.receivedAt.toISOString(),
    defect: subject.defect,
    ...given({
      receipt: subject.receipt,
      productName: subject.productName,
      specification: subject.specification,
      grade: subject.grade,
      colourNumber: subject.colourNumber,
      quantity: subject.quantity.isPositive() ? String(subject.quantity) : null,
      purchasedOn: subject.purchasedOn,
      handlerId: subject.handler,
      regionId: subject.region,
      distributorId: subject.distributor,
      distributorCode: subject.distributorCode,
      orderNumber: subject.orderNumber,
      shipmentId: subject.shipment,
      shipmentLine: subject.shipmentLine,
      productId: subject.product,
      productCode: subject.productCode,
      family: subject.family,
      batch: subject.batch,
      repeat: subject.repeat,
      cause: subject.cause,
      verdict: subject.verdict,
      remedy: subject.remedy,
      estimatedCost: subject.estimatedCost && String(subject.estimatedCost),
      actualCost: cost && String(cost),
      responseMinutes: subject.responseMinutes,
      resolutionMinutes: subject.resolutionMinutes,
      waitedMinutes: minutes,
      informedOn: subject.informedOn,
      satisfied: subject.satisfied,
      score: subject.score,
    }),
  };
}

type Given<T> = { [K in keyof T]?: NonNullable<T[K]> };
const given = <T extends object>(fields: T): Given<T> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== '')) as Given<T>;

const decision = (subject: Complaint) => ({
  verdict: subject.verdict!,
  remedy: subject.remedy!,
  estimatedCost: String(subject.estimatedCost),
});
const returned = (subject: Complaint) => ({
  ...known(subject),
  requestId: subject.returnRequest!,
  ...given({ returnNumber: subject.returnNumber }),
});

export const complaintFacts = {
  logged: (subject: Complaint) => ({ ...known(subject), mismatches: subject.mismatches }),
  assigned: (subject: Complaint) => ({ ...known(subject), handlerRole: subject.handlerRole }),
  acknowledged: known,
  'department-notified': (subject: Complaint) => ({ ...known(subject), areas: subject.areas }),
  'cause-found': (subject: Complaint) => ({ ...known(subject), cause: subject.cause!, finding: subject.finding! }),
  'waiting-for-customer': known,
  'customer-answered': (subject: Complaint) => ({
    ...known(subject),
    waitedMinutes: Math.floor(subject.waitedSeconds / 60),
  }),
  'severity-changed': (subject: Complaint) => ({
    ...known(subject),
    previousSeverity: severityBefore.get(subject)!,
    criteria: subject.criteria,
  }),
  'visit-planned': (subject: Complaint) => ({ ...known(subject), needed: subject.visit!.needed }),
  visited: (subject: Complaint) => ({
    ...known(subject),
    visitedOn: subject.visit!.visitedOn!,
    signed: subject.visit!.signed!,
  }),
  judged: (subject: Complaint) => ({ ...known(subject), verdict: subject.verdict!, evidence: subject.evidence! }),
  rejected: (subject: Complaint) => ({ ...known(subject), verdict: subject.verdict!, evidence: subject.evidence! }),
  'remedy-proposed': (subject: Complaint) => ({
    ...known(subject),
    proposedRemedy: subject.proposedRemedy!,
    proposedCost: String(subject.proposedCost),
  }),
  decided: (subject: Complaint) => ({ ...known(subject), ...decision(subject), evidence: subject.evidence! }),
  'return-requested': returned,
  'return-granted': returned,
  'return-settled': returned,
  'return-refused': (subject: Complaint) => ({ ...returned(subject), refusal: subject.returnRefusal! }),
  'remedy-changed': returned,
  resolved: (subject: Complaint) => ({
    ...known(subject),
    ...decision(subject),
    actualCost: String(totalCost(subject)),
    resolutionMinutes: subject.resolutionMinutes!,
  }),
  'customer-informed': (subject: Complaint) => ({
    ...known(subject),
    informedOn: subject.informedOn!,
    by: subject.informedBy!,
  }),
  'followed-up': (subject: Complaint) => ({ ...known(subject), satisfied: subject.satisfied! }),
  reopened: known,
  archived: known,
  /** by the import of history alone */
  recorded: (subject: Complaint) => ({
    ...known(subject),
    state: subject.state,
    source: subject.source!,
    ...(subject.closedAt ? { closedAt: subject.closedAt.toISOString() } : {}),
  }),
};
